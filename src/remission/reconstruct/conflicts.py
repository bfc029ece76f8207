"""Printed minima, medians and maxima that no values can have together, and the smallest such set.

How many children of each kind (in the same groups, with the same limits) have a value in each
interval between printed numbers are whole numbers, and what is printed bounds their sums. Where
these have no solution, the numbers contradict one another whatever the values::

    for conflict in conflicts(columns, targets, measured=measured):
        print(conflict)   # all: maximum 210; without ICANS: maximum 212
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from remission.reconstruct.targets import Column, Part, Summary, Target
from remission.reconstruct.windows import Window, window
from remission.statistics.arrays import BoolArray, FloatArray

_ORDERED: tuple[Part, ...] = ("minimum", "median", "maximum")

Claim: TypeAlias = tuple[Summary, Part]
Kind: TypeAlias = tuple[tuple[bool, ...], float, float]
"""Which summaries a child is in, and between which limits its value lies."""


@dataclass(frozen=True)
class Conflict:
    """Printed numbers that cannot all be true; without any one of them the others could be."""

    claims: tuple[Claim, ...]

    def __str__(self) -> str:
        """Return the numbers in one line."""
        return "; ".join(f"{summary.name or summary.of}: {part} {summary.parts[part]}"
                         for summary, part in self.claims)


def conflicts(
    columns: Sequence[Column], targets: Sequence[Target], *, measured: BoolArray
) -> Iterator[Conflict]:
    """Yield smallest sets of printed numbers of one column that no values have, one after another.

    ``measured`` (n × columns) says who has a value. Each set yielded is without its last number
    when the next is looked for, so that all are found that stand apart.
    """
    for place, column in enumerate(columns):
        summaries = [target for target in targets
                     if isinstance(target, Summary) and target.of == column.name
                     and target.paired_with is None]
        claims = [(summary, part) for summary in summaries for part in _ORDERED
                  if part in summary.parts]
        kinds = _kinds(column, summaries, measured[:, place])
        while not _can_be(claims, summaries, kinds):
            smallest = _smallest(claims, summaries, kinds)
            yield Conflict(tuple(smallest))
            claims = [claim for claim in claims if claim is not smallest[-1]]


def _kinds(
    column: Column, summaries: Sequence[Summary], measured: BoolArray
) -> list[tuple[Kind, int]]:
    """Return how many measured children there are of each kind."""
    n = len(measured)
    low, high = (np.broadcast_to(np.asarray(end, float), n) for end in (column.low, column.high))
    return sorted(Counter(
        (tuple(bool(summary.rows[child]) for summary in summaries), float(low[child]),
         float(high[child])) for child in np.flatnonzero(measured)).items())


def _smallest(
    claims: Sequence[Claim], summaries: Sequence[Summary], kinds: Sequence[tuple[Kind, int]]
) -> list[Claim]:
    """Return numbers in conflict of which none can be spared."""
    kept = list(claims)
    for claim in claims:
        without = [one for one in kept if one is not claim]
        if not _can_be(without, summaries, kinds):
            kept = without
    return kept


def _can_be(
    claims: Sequence[Claim], summaries: Sequence[Summary], kinds: Sequence[tuple[Kind, int]]
) -> bool:
    """Return whether counts of values in each interval exist that the numbers allow."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    if not claims or not kinds:
        return True
    intervals = _intervals([window(summary.parts[part]) for summary, part in claims]
                           + [Window(low, high, low, high) for (_, low, high), _ in kinds])
    shape = (len(kinds), len(intervals))
    most = np.array([[size if _within(interval, low, high) else 0 for interval in intervals]
                     for (_, low, high), size in kinds], dtype=np.float64)
    rows: list[FloatArray] = []
    least: list[float] = []
    greatest: list[float] = []
    for kind, (_, size) in enumerate(kinds):
        row = np.zeros(shape)
        row[kind] = 1
        rows.append(row.ravel())
        least.append(float(size))
        greatest.append(float(size))
    for summary, part in claims:
        member = np.array([groups[summaries.index(summary)] for (groups, _, _), _ in kinds])
        size = sum(size for (_, size), is_in in zip(kinds, member, strict=True) if is_in)
        for inside, low, high in _bounds(window(summary.parts[part]), part, intervals, size):
            rows.append((member[:, None] * inside).ravel().astype(np.float64))
            least.append(low)
            greatest.append(high)
    found = milp(np.zeros(most.size), integrality=np.ones(most.size),
                 bounds=Bounds(0, most.ravel()),
                 constraints=LinearConstraint(np.array(rows), np.array(least), np.array(greatest)))
    return bool(found.status != _INFEASIBLE)


_INFEASIBLE = 2
"""The status by which ``scipy.optimize.milp`` says that there is no solution."""


def _intervals(windows: Sequence[Window]) -> list[tuple[float, float]]:
    """Return the ends of all windows as points, and the open intervals beside them, in order."""
    ends = sorted({end for one in windows for end in (one.rounded_low, one.rounded_high)
                   if np.isfinite(end)})
    marks = [-np.inf, *ends, np.inf]
    found: list[tuple[float, float]] = []
    for low, high in pairwise(marks):
        found.append((low, high))
        if np.isfinite(high):
            found.append((high, high))
    return found


def _within(interval: tuple[float, float], low: float, high: float) -> bool:
    return low <= interval[0] and interval[1] <= high


def _bounds(
    aim: Window, part: Part, intervals: Sequence[tuple[float, float]], size: int
) -> Iterator[tuple[FloatArray, float, float]]:
    """Yield (intervals, least, most): how many values of a summary may lie in them."""
    below = np.array([high <= aim.rounded_low and low < aim.rounded_low
                      for low, high in intervals], dtype=np.float64)
    above = np.array([low >= aim.rounded_high and high > aim.rounded_high
                      for low, high in intervals], dtype=np.float64)
    if part == "median":  # the middle value, or at least one of the two
        yield below, 0, size // 2
        yield above, 0, size // 2
        return
    yield (below if part == "minimum" else above), 0, 0
    yield 1 - below - above, 1, size
