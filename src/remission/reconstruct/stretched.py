"""Values drawn anew in their order: ranks, ties and what prints of a column stay as they are."""

from __future__ import annotations

import math
from collections.abc import Collection
from itertools import pairwise
from random import Random

import numpy as np

from remission.statistics.arrays import BoolArray, FloatArray

_TRIES = 20


def stretched(  # noqa: PLR0917 - a column with what it may be
    values: FloatArray, low: FloatArray, high: FloatArray, fixed: Collection[float], digits: int,
    random: Random,
) -> FloatArray:
    """Return values (n,) with those between two ``fixed`` ones drawn anew, in the same order.

    Equal values stay equal, and each within the limits ``low`` and ``high`` (n,) of the children
    that have it. Above 0 they are drawn on a logarithmic scale.
    """
    found = values.copy()
    ordered = sorted({float(value) for value in values[~np.isnan(values)]})
    ends = [place for place, value in enumerate(ordered)
            if value in fixed or place in (0, len(ordered) - 1)]
    for first, last in pairwise(ends):
        between = ordered[first + 1:last]
        for _ in range(_TRIES if between else 0):
            drawn = _drawn(ordered[first], ordered[last], len(between), digits, random)
            if drawn is not None and all(
                    _may_have(values == old, low, high, new)
                    for old, new in zip(between, drawn, strict=True)):
                for old, new in zip(between, drawn, strict=True):
                    found[values == old] = new
                break
    return found


def _drawn(
    low: float, high: float, count: int, digits: int, random: Random
) -> list[float] | None:
    """Return so many different values between two, in order; None where they are not different."""
    if low > 0:
        drawn = [math.exp(random.uniform(math.log(low), math.log(high))) for _ in range(count)]
    else:
        drawn = [random.uniform(low, high) for _ in range(count)]
    found = sorted({round(value, digits) for value in drawn} - {low, high})
    return found if len(found) == count else None


def _may_have(who: BoolArray, low: FloatArray, high: FloatArray, value: float) -> bool:
    """Return whether some children can all have a value."""
    return not bool(((value < low[who]) | (value > high[who])).any())
