"""Hodges–Lehmann estimates: the middle of all pairwise sums, and order statistics around it.

The sums of two sorted rows of numbers stand in a table whose lines increase, so the k-th
smallest is found by counting, without building the table: a cohort of a million is as possible
as one of ten.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from remission.statistics.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Sums:
    """All sums ``lines[i] + columns[j]`` with j ≥ ``start[i]``; both sorted upwards."""

    lines: FloatArray
    columns: FloatArray
    start: IntArray

    @property
    def size(self) -> int:
        """Return how many sums there are."""
        return len(self.lines) * len(self.columns) - int(self.start.sum())

    def middle(self) -> float:
        """Return the median of all sums."""
        low, high = (self.size - 1) // 2, self.size // 2
        smaller = self.smallest(low)
        return smaller if low == high else (smaller + self.smallest(high)) / 2

    def smallest(self, k: int) -> float:
        """Return the sum with exactly k sums before it in ascending order (k from 0).

        Each round counts the sums around a pivot, the weighted median of the lines' middles,
        and drops at least a quarter of those left (Johnson & Mizoguchi 1978, SIAM J Comput
        7:147); the last few are sorted.
        """
        low, high = self.start.copy(), np.full_like(self.start, len(self.columns))
        while (left := int((high - low).sum())) > 4 * len(self.lines):
            pivot = self._pivot(low, high, left)
            above = self._first_column(low, high, pivot, or_equal=False)
            if k < int((above - self.start).sum()):
                high = above
                continue
            beyond = self._first_column(above, high, pivot, or_equal=True)
            if k < int((beyond - self.start).sum()):
                return pivot
            low = beyond
        width = high - low
        line = np.repeat(np.arange(len(self.lines)), width)
        column = np.arange(left) - np.repeat(np.cumsum(width) - width, width) + low[line]
        rest = k - int((low - self.start).sum())
        return float(np.partition(self.lines[line] + self.columns[column], rest)[rest])

    def _pivot(self, low: IntArray, high: IntArray, left: int) -> float:
        """Return the median of the lines' middle sums, each weighted by the sums it has left."""
        used = high > low
        middles = self.lines[used] + self.columns[(low[used] + high[used]) // 2]
        order = np.argsort(middles)
        heard = np.cumsum((high - low)[used][order])
        return float(middles[order[np.searchsorted(heard, (left + 1) // 2)]])

    def _first_column(
        self, low: IntArray, high: IntArray, pivot: float, *, or_equal: bool
    ) -> IntArray:
        """Return each line's first column whose sum is ≥ pivot (> with ``or_equal``).

        The sums themselves are compared, never pivot − line: only so is rounding consistent.
        """
        low, high = low.copy(), high.copy()
        while (is_open := low < high).any():
            middle = (low + high) // 2
            sums = self.lines + self.columns[np.minimum(middle, len(self.columns) - 1)]
            passed: BoolArray = sums <= pivot if or_equal else sums < pivot
            low = np.where(is_open & passed, middle + 1, low)
            high = np.where(is_open & ~passed, middle, high)
        return low


def differences(first: FloatArray, second: FloatArray) -> Sums:
    """Return all first − second."""
    return Sums(np.sort(first), np.sort(-second), np.zeros(len(first), dtype=np.int64))


def self_sums(values: FloatArray) -> Sums:
    """Return all values[i] + values[j] with i ≤ j: twice the Walsh averages."""
    ordered = np.sort(values)
    return Sums(ordered, ordered, np.arange(len(values), dtype=np.int64))


def order_from_shares(shares: FloatArray, level: float) -> int:
    """Return how far in from each end an exact interval's order statistic stands (0: nowhere).

    ``shares`` is the null distribution of the rank statistic from 0 up, without ties: the
    largest c with P(statistic < c) ≤ (1 − level)/2.
    """
    tail = (1 - level) / 2 * (1 + 1e-12)
    return int(np.searchsorted(np.cumsum(shares), tail, side="right"))


def order_from_normal(mean: float, sd: float, z: float) -> int:
    """Return the same by the normal approximation, rounded down (0: nowhere)."""
    return max(0, math.floor(mean - z * sd))


def interval_of(sums: Sums, order: int) -> tuple[float, float]:
    """Return the order-th smallest and largest sum, NaN where order is 0."""
    if order == 0:
        return math.nan, math.nan
    return sums.smallest(order - 1), sums.smallest(sums.size - order)
