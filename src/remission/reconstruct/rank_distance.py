"""Rank tests as distances from their mean, fast, and what a distance costs beside a printed P."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from remission.audit.printed import Printed
from remission.reconstruct.windows import MISSED, Window, window
from remission.statistics.arrays import FloatArray

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


def signed_rank_z(changes: FloatArray) -> float | None:
    """Return the distance of the sum of positive ranks from its mean; zeros by Pratt's rule."""
    size = np.round(np.abs(changes), 9)
    if not size.any():
        return None
    ordered = np.sort(size)
    ranks = (ordered.searchsorted(size, "left") + ordered.searchsorted(size, "right") + 1) / 2
    signed = np.sign(changes) * ranks * (size > 0)
    distance = max(abs(float(signed.sum())) / 2 - 0.5, 0.0)
    return distance / math.sqrt(float((signed**2).sum()) / 4)
