"""Random draws that are the same on every machine: one stream, inverse transforms only."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from statistics import NormalDist
from typing import TypeVar

Item = TypeVar("Item")


class Draws:
    """A stream of draws from a seed.

    Only ``random.Random.random`` is used: its sequence is promised never to change, which is
    not so for the distributions of any library.
    """

    def __init__(self, seed: int) -> None:
        """Begin the stream."""
        self._random = random.Random(seed)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """Return a uniform draw."""
        return low + (high - low) * self._random.random()

    def chance(self, probability: float) -> bool:
        """Return True with a probability."""
        return self._random.random() < probability

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, items: Sequence[Item], weights: Sequence[float] | None = None) -> Item:
        """Return one of the items, by weight."""
        shares = weights or [1.0] * len(items)
        target = self._random.random() * sum(shares)
        for item, share in zip(items, shares, strict=True):
            target -= share
            if target < 0:
                return item
        return items[-1]

    def normal(self, mean: float, sd: float) -> float:
        """Return a normal draw."""
        return mean + sd * NormalDist().inv_cdf(min(max(self._random.random(), 1e-12), 1 - 1e-12))

    def log_normal(self, median: float, spread: float) -> float:
        """Return a log-normal draw with a median and a spread of the logarithm."""
        return median * math.exp(self.normal(0.0, spread))

    def waiting(self, rate: float) -> float:
        """Return an exponential waiting time in days, of a rate a day."""
        return -math.log(1 - self._random.random()) / rate
