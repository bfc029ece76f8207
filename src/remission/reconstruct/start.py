"""Values to begin a search with: between the printed minimum, median and maximum of each child."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

import numpy as np

from remission.reconstruct.targets import Column, Summary, Target
from remission.reconstruct.windows import window
from remission.statistics.arrays import BoolArray, FloatArray

_SHARED = 0.8
"""Correlation of a child's values with the child's own level, which all columns share."""
_NOISE = 1e-6
"""Part of a step by which a computed limit may be off."""
_SKEW = 2.5
"""How much denser values are near the median than near the maximum."""


def limits(
    columns: Sequence[Column], targets: Sequence[Target], n: int
) -> tuple[FloatArray, FloatArray]:
    """Return (lowest, highest) (n × columns) of each value, by the column and printed ranges.

    Where printed ranges leave nothing, the column's own limits stand.
    """
    lows = np.column_stack([np.broadcast_to(np.asarray(column.low, float), n)
                            for column in columns])
    highs = np.column_stack([np.broadcast_to(np.asarray(column.high, float), n)
                             for column in columns])
    low, high = lows.copy(), highs.copy()
    for place, column in enumerate(columns):
        for summary in _of(column, targets):
            for part, given in summary.parts.items():
                if part == "minimum":
                    low[summary.rows, place] = np.maximum(
                        low[summary.rows, place], window(given).low)
                if part == "maximum":
                    high[summary.rows, place] = np.minimum(
                        high[summary.rows, place], window(given).high)
        low[:, place] = _snapped(low[:, place], column, up=True)
        high[:, place] = _snapped(high[:, place], column, up=False)
    empty = low > high
    low[empty], high[empty] = lows[empty], highs[empty]
    return low, high


def _snapped(ends: FloatArray, column: Column, *, up: bool) -> FloatArray:
    """Return the nearest values with the digits of a column that do not lie beyond the ends."""
    scale = 10.0**column.digits
    whole = np.ceil(ends * scale - _NOISE) if up else np.floor(ends * scale + _NOISE)
    return np.round(whole / scale, column.digits)


def _of(column: Column, targets: Sequence[Target]) -> list[Summary]:
    return [target for target in targets
            if isinstance(target, Summary) and target.of == column.name
            and target.paired_with is None]


def drawn(
    columns: Sequence[Column], targets: Sequence[Target], measured: BoolArray, random: Random
) -> FloatArray:
    """Return values (n × columns) drawn by the smallest summary each child is in; NaN elsewhere."""
    n = len(measured)
    low, high = limits(columns, targets, n)
    values = np.full(measured.shape, np.nan)
    levels = [random.gauss(0, 1) for _ in range(n)]
    for place, column in enumerate(columns):
        summaries = sorted(_of(column, targets), key=lambda one: int(one.rows.sum()))
        for child in range(n):
            share = _share(_SHARED * levels[child]
                           + math.sqrt(1 - _SHARED**2) * random.gauss(0, 1))
            if measured[child, place]:
                least, most = float(low[child, place]), float(high[child, place])
                values[child, place] = _between(least, _middle(summaries, child, least, most),
                                                most, share)
    return on_grid(values, columns, low, high)


def on_grid(
    values: FloatArray, columns: Sequence[Column], low: FloatArray, high: FloatArray
) -> FloatArray:
    """Return values to the digits of their columns and within their limits."""
    digits = [column.digits for column in columns]
    within = np.clip(values, low, high)
    return np.column_stack([np.round(within[:, place], decimals) + 0.0  # no negative zero
                            for place, decimals in enumerate(digits)])


def _share(deviation: float) -> float:
    return (1 + math.erf(deviation / math.sqrt(2))) / 2


def _middle(summaries: Sequence[Summary], child: int, low: float, high: float) -> float:
    for summary in summaries:
        if summary.rows[child] and "median" in summary.parts:
            return min(max(float(summary.parts["median"].value), low), high)
    return (low + high) / 2 if math.isfinite(high) else low + 1


def _between(low: float, middle: float, high: float, share: float) -> float:
    if share < 0.5:
        return middle - (middle - low) * (1 - 2 * share) if math.isfinite(low) else middle
    reach = high - middle if math.isfinite(high) else abs(middle) or 1.0
    return float(middle + reach * (2 * share - 1) ** _SKEW)
