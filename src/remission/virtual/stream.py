"""Columns of random draws that are the same on every machine: uniform draws, inverse transforms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Shape = int | tuple[int, ...]

_CHAPTERS = ("people", "toxicity", "treatment", "course", "transplant", "laboratory", "recording")


class Stream:
    """A stream of draws of one chapter of one block of subjects.

    Only uniform draws are taken from the generator; its other distributions may change with the
    version of the library. Every chapter has a stream of its own, so that a new draw in one
    changes nothing in another.
    """

    def __init__(self, chapter: str, seed: int, replicate: int, block: int) -> None:
        """Begin the stream of a chapter (``people``, ``treatment`` …) of a block."""
        key = (replicate, block, _CHAPTERS.index(chapter))
        self._random = np.random.Generator(np.random.PCG64(
            np.random.SeedSequence(seed, spawn_key=key)))

    def uniform(self, shape: Shape, low: Any = 0.0, high: Any = 1.0) -> Floats:
        """Return uniform draws between two ends, which may be arrays of the shape."""
        return np.asarray(low + (np.asarray(high) - low) * self._random.random(shape))

    def chance(self, probability: Any, shape: Shape) -> Flags:
        """Return True with a probability, which may be an array of the shape."""
        return np.asarray(self._random.random(shape) < probability)

    def whole(self, shape: Shape, low: Any, high: Any) -> Ints:
        """Return whole numbers from low to high, both included."""
        span = np.asarray(high) - low + 1
        return np.asarray(low + np.floor(self._random.random(shape) * span), dtype=np.int64)

    def pick(self, shares: Floats, shape: Shape) -> Ints:
        """Return positions by their shares (levels,), which add up to 1."""
        found = np.searchsorted(np.cumsum(shares), self._random.random(shape), side="right")
        return np.asarray(np.minimum(found, len(shares) - 1), dtype=np.int64)

    def pick_of(self, shares: Floats, group: Ints) -> Ints:
        """Return positions by the shares of each one's group; ``shares`` is groups × levels."""
        drawn = self._random.random(group.shape)
        found = (drawn[..., None] >= np.cumsum(shares, axis=1)[group]).sum(axis=-1)
        return np.asarray(np.minimum(found, shares.shape[1] - 1), dtype=np.int64)

    def normal(self, shape: Shape) -> Floats:
        """Return standard normal draws."""
        from scipy.special import ndtri

        return np.asarray(ndtri(np.clip(self._random.random(shape), 1e-12, 1 - 1e-12)))

    def log_normal(self, shape: Shape, median: Any, spread: Any) -> Floats:
        """Return log-normal draws with a median and a spread of the logarithm."""
        return np.asarray(median * np.exp(spread * self.normal(shape)))

    def waiting(
        self, rates: Sequence[float], breaks: Sequence[float], log_hazard: Floats
    ) -> Floats:
        """Return piecewise-exponential waiting times in days (n,); infinite without a hazard.

        ``rates`` are events a day from each of ``breaks`` (days, the first 0) on; each subject's
        hazard is multiplied by the exponential of its ``log_hazard`` (n,).
        """
        target = -np.log1p(-self._random.random(len(log_hazard))) / np.exp(log_hazard)
        begins, rate = np.asarray(breaks, dtype=float), np.asarray(rates, dtype=float)
        reached = np.concatenate([[0.0], np.cumsum(rate[:-1] * np.diff(begins))])
        piece = np.searchsorted(reached, target, side="right") - 1
        with np.errstate(divide="ignore"):
            return np.asarray(begins[piece] + (target - reached[piece]) / rate[piece])
