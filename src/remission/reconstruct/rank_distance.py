"""Rank tests as distances from their mean, fast, and what a distance costs beside a printed P."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from remission.audit.printed import Printed
from remission.reconstruct.windows import MISSED, Window, window
from remission.statistics.arrays import FloatArray
from remission.statistics.exact_ranks import rank_sum_shares

_A_DEVIATION = 4.0
"""What a whole standard deviation costs by which a test statistic is off."""
_LAST_STEP, _NEAR = 1.0, 0.02
"""What is added by the root of a small deviation, so that the last step is worth taking."""


def miss(z: float, aim: Window) -> float:
    """Return what a test statistic costs."""
    missed = aim.misses(z)
    if missed < MISSED:
        return missed
    far = aim.rounded_low - z if z < aim.rounded_low else z - aim.rounded_high
    return MISSED + _A_DEVIATION * far + _LAST_STEP * math.sqrt(min(far, _NEAR))


def deviations_of(p: Printed) -> Window:
    """Return the standard deviations that a printed P value stands for."""
    found = window(p)
    return Window(*(deviations(end) for end in (
        found.high, found.low, found.rounded_high, found.rounded_low)))


def deviations(p: float) -> float:
    """Return how many standard deviations from the mean a two-sided P value is."""
    return -NormalDist().inv_cdf(min(max(p, 1e-300), 1.0) / 2) if p < 1 else 0.0


def rank_sum_z(first: FloatArray, second: FloatArray) -> float | None:
    """Return the distance of a rank sum from its mean, ties and continuity corrected."""
    n, m = len(first), len(second)
    if not n or not m:
        return None
    pooled = np.concatenate((first, second))
    ordered = np.sort(pooled)
    left, right = ordered.searchsorted(pooled, "left"), ordered.searchsorted(pooled, "right")
    size, tied = n + m, right - left
    rank_sum = (float((left[:n] + right[:n]).sum()) + n) / 2
    ties = 1.0 - (float(tied @ tied) - size) / (size**3 - size)
    if ties <= 0:
        return None
    gap = max(abs(rank_sum - n * (size + 1) / 2) - 0.5, 0.0)
    return gap / math.sqrt(n * m * (size + 1) / 12 * ties)


def exact_rank_sum_z(first: FloatArray, second: FloatArray) -> float | None:
    """Return the deviations that the exact P value of a rank sum stands for."""
    if not len(first) or not len(second):
        return None
    pooled = np.concatenate((first, second))
    ordered = np.sort(pooled)
    if ordered[0] == ordered[-1]:
        return None
    ranks = ordered.searchsorted(pooled, "left") + ordered.searchsorted(pooled, "right") + 1
    n = len(first)
    fewer = ranks[:n] if 2 * n <= len(ranks) else ranks[n:]
    return _exact_z(np.sort(ranks).tobytes(), len(fewer), int(fewer.sum()))


@lru_cache(maxsize=200_000)
def _exact_z(ordered_ranks: bytes, n: int, rank_sum: int) -> float:
    """Return deviations by the doubled midranks of all, and the sum of those of n values."""
    total, shares = _sums(ordered_ranks, n)
    size = len(ordered_ranks) // 8
    distance = np.abs(np.arange(len(shares)) * size - n * total)
    return deviations(float(shares[distance >= abs(rank_sum * size - n * total)].sum()))


@lru_cache(maxsize=5_000)
def _sums(ordered_ranks: bytes, n: int) -> tuple[int, FloatArray]:
    """Return the sum of the doubled midranks, and how likely each sum of n of them is."""
    ranks = np.frombuffer(ordered_ranks, dtype=np.int64)
    return int(ranks.sum()), rank_sum_shares(ranks, n)


def signed_rank_z(changes: FloatArray) -> float | None:
    """Return the distance of the sum of signed ranks from 0, with its sign; zeros by Pratt's rule.
    """
    size = np.abs(changes)
    ordered = np.sort(size)
    if not len(ordered) or not ordered[-1]:
        return None
    ranks = (ordered.searchsorted(size, "left") + ordered.searchsorted(size, "right") + 1) / 2
    signed = np.sign(changes) * ranks * (size > 0)
    total = float(signed.sum())
    distance = max(abs(total) / 2 - 0.5, 0.0)
    return math.copysign(distance / math.sqrt(float(signed @ signed) / 4), total)
