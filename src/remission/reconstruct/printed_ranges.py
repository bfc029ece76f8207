"""Printed ranges that no column alone shows: of changes, of ratios, of those with both values.

What is printed as the least and the greatest of a group holds in each of its children, so that a
search need not look where one of them lies beyond.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

import numpy as np

from remission.reconstruct.quantities import places
from remission.reconstruct.targets import Change, Quantity, Ratio, Summary, Target
from remission.reconstruct.windows import window

Fix: TypeAlias = tuple[int, float]
"""(column, value) that lets a child keep what binds its values."""

OFTEN, SOMETIMES, SELDOM = 8, 2, 1
"""How often one of several fixes is taken."""
_NOISE = 1e-9


@dataclass(eq=False)
class PrintedRange:
    """A quantity of the columns ``one`` and ``other``, and the ends of each child (n,)."""

    of: Quantity
    one: int
    other: int
    low: list[float]
    high: list[float]

    @property
    def columns(self) -> tuple[int, ...]:
        """Places of the columns whose values it binds."""
        return (self.one,) if isinstance(self.of, str) else (self.one, self.other)

    def is_kept(self, child: int, row: Sequence[float]) -> bool:
        """Return whether a child is within its range, or has no such quantity."""
        amount = self._amount(row)
        return not (amount < self.low[child] - _NOISE or amount > self.high[child] + _NOISE)

    def fixes(
        self, child: int, row: Sequence[float], random: Random
    ) -> Iterator[tuple[int, Fix]]:
        """Yield values of one column each, with how often each is wanted."""
        del random
        one, other = row[self.one], row[self.other]
        within = min(max(self._amount(row), self.low[child]), self.high[child])
        if isinstance(self.of, Change):
            yield SOMETIMES, (self.one, other + within)
            yield SOMETIMES, (self.other, one - within)
        elif isinstance(self.of, Ratio):
            yield SOMETIMES, (self.one, other * within)
            if within:
                yield SOMETIMES, (self.other, one / within)
        else:
            yield SOMETIMES, (self.one, within)

    def _amount(self, row: Sequence[float]) -> float:
        one, other = row[self.one], row[self.other]
        if isinstance(self.of, Change):
            return one - other
        if isinstance(self.of, Ratio):
            return one / other if other else np.nan
        return one if other == other else np.nan  # noqa: PLR0124 - NaN is not itself


def printed_ranges(
    targets: Sequence[Target], names: Sequence[str], n: int
) -> list[PrintedRange]:
    """Return the ranges that summaries of n children print of what two columns give."""
    found: dict[tuple[Quantity, str | None], PrintedRange] = {}
    for target in targets:
        if not isinstance(target, Summary):
            continue
        columns = places(target.of, names)
        if target.paired_with is not None:
            columns = (*columns, names.index(target.paired_with))
        if len(columns) != 2:  # a column alone has limits, a change of ratios binds four
            continue
        key = target.of, target.paired_with
        if key not in found:
            found[key] = PrintedRange(target.of, *columns, [-np.inf] * n, [np.inf] * n)
        low, high = found[key].low, found[key].high
        for child in np.flatnonzero(target.rows):
            if "minimum" in target.parts:
                low[child] = max(low[child], window(target.parts["minimum"]).low)
            if "maximum" in target.parts:
                high[child] = min(high[child], window(target.parts["maximum"]).high)
    return list(found.values())
