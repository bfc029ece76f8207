"""Intervals from bootstrap replicates: percentile, and bias-corrected and accelerated (BCa)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from remission.statistics.arrays import FloatArray, IntArray

_AS_LARGE = 1e-10
"""A replicate this near the estimate, relative to the spread of all, equals it."""

_EXTREME = "a bound is the most extreme replicate: more replicates are needed"


@dataclass(frozen=True)
class Bounds:
    """An interval; ``note`` says why its bounds are NaN, or what must be said with them."""

    lower: float
    upper: float
    note: str = ""


def percentile_bounds(replicates: FloatArray, *, level: float) -> Bounds:
    """Return the percentile interval of finite replicates (B,). Efron 1979, Ann Stat 7:1."""
    return _between(replicates, (1 - level) / 2, (1 + level) / 2)


def bca_bounds(
    estimate: float, replicates: FloatArray, acceleration: float, *, level: float
) -> Bounds:
    """Return the BCa interval of finite replicates (B,).

    The bias correction counts a replicate equal to the estimate as half below it; without such
    ties it is that of Efron 1987, J Am Stat Assoc 82:171.
    """
    near = _AS_LARGE * float(np.ptp(replicates))
    below = float((replicates < estimate - near).mean())
    equal = float((np.abs(replicates - estimate) <= near).mean())
    share = below + equal / 2
    if not 0 < share < 1:
        return Bounds(math.nan, math.nan,
                      "all replicates lie on one side of the estimate: BCa has no bias correction")
    if not math.isfinite(acceleration):
        return Bounds(math.nan, math.nan, "leaving any subject out changes nothing or cannot be "
                      "computed: BCa has no acceleration")
    bias = NormalDist().inv_cdf(share)
    shares = []
    for tail in ((1 - level) / 2, (1 + level) / 2):
        shifted = bias + NormalDist().inv_cdf(tail)
        if acceleration * shifted >= 1:
            return Bounds(math.nan, math.nan, "the acceleration is too large for this level")
        shares.append(NormalDist().cdf(bias + shifted / (1 - acceleration * shifted)))
    return _between(replicates, *shares)


def acceleration_of(left_out: FloatArray, stratum: IntArray) -> float:
    """Return the BCa acceleration from the statistic without each subject (n,), NaN if undefined.

    ``stratum`` (n,) numbers each subject's stratum from 0; influence is measured within it.
    Davison & Hinkley 1997, Bootstrap Methods and their Application, chapter 5.
    """
    cubes = squares = 0.0
    for place in range(int(stratum.max()) + 1):
        values = left_out[stratum == place]
        n = len(values)
        if n < 2:  # the only member of its stratum is always drawn
            continue
        influence = (n - 1) * (values.mean() - values)
        cubes += float((influence**3).sum()) / n**3
        squares += float((influence**2).sum()) / n**2
    scale = float(np.abs(left_out).max())
    if not math.isfinite(squares) or squares <= (_AS_LARGE * scale) ** 2:
        return math.nan
    return cubes / (6 * math.pow(squares, 1.5))


def _between(replicates: FloatArray, low: float, high: float) -> Bounds:
    ordered = np.sort(replicates)
    reach = (len(ordered) + 1) * min(low, 1 - high)
    extreme = reach < 1 - 1e-9
    return Bounds(_quantile(ordered, low), _quantile(ordered, high), _EXTREME if extreme else "")


def _quantile(ordered: FloatArray, share: float) -> float:
    """Return the (B + 1) share-th replicate, between two interpolated on the normal scale.

    Davison & Hinkley 1997, chapter 5.
    """
    count = len(ordered)
    position = (count + 1) * share
    whole = round(position)
    if abs(position - whole) < 1e-9 and 1 <= whole <= count:
        return float(ordered[whole - 1])
    below = int(position)
    if below < 1 or below >= count:
        return float(ordered[0] if below < 1 else ordered[-1])
    normal = NormalDist().inv_cdf
    start, end = normal(below / (count + 1)), normal((below + 1) / (count + 1))
    part = (normal(share) - start) / (end - start)
    return float(ordered[below - 1] + part * (ordered[below] - ordered[below - 1]))
