"""The columns of a search, and beside them what is computed of them: changes and ratios."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import TypeAlias

import numpy as np

from remission.reconstruct.targets import Change, Quantity, Ratio
from remission.statistics.arrays import FloatArray

_EXACT = 9
"""Decimals of a change, more than any value has: equal changes are tied, as in the analyses."""

_Side: TypeAlias = tuple[int, bool, int, int]
"""(place, whether it is a change, the places of what it is computed of)."""


def places(of: Quantity, names: Sequence[str]) -> tuple[int, ...]:
    """Return the places of the columns of a quantity: of a change, after and before."""
    if isinstance(of, Change):
        return *places(of.after, names), *places(of.before, names)
    if isinstance(of, Ratio):
        return names.index(of.above), names.index(of.below)
    return (names.index(of),)


class Quantities:
    """Which column of the wide values (n × columns and computed ones) holds which quantity."""

    def __init__(self, names: Sequence[str], described: Iterable[Quantity]) -> None:
        """Give each quantity that is no column a place after the columns."""
        self._names = list(names)
        computed = [one for one in dict.fromkeys(described) if not isinstance(one, str)]
        inner = [side for one in computed if isinstance(one, Change)
                 for side in (one.after, one.before) if isinstance(side, Ratio)]
        self._computed = sorted(dict.fromkeys([*computed, *inner]),
                                key=lambda one: isinstance(one, Change))  # of ratios computed
        self._place: dict[Quantity, int] = {
            one: place for place, one in enumerate([*self._names, *self._computed])}
        self._sides = [(place, isinstance(one, Change), *self._two(one))
                       for place, one in enumerate(self._computed, len(self._names))]
        self._from = [[side for side, one in zip(self._sides, self._computed, strict=True)
                       if column in places(one, self._names)]
                      for column in range(len(self._names))]
        self._known: dict[tuple[int, ...], tuple[_Side, ...]] = {}

    def place(self, of: Quantity) -> int:
        """Return the column of the wide values that holds a quantity."""
        return self._place[of]

    def widened(self, values: FloatArray) -> FloatArray:
        """Return values (n × columns) with all computed ones beside them."""
        wide = np.asfortranarray(np.column_stack(
            [values, np.full((len(values), len(self._sides)), np.nan)]))
        self.compute(wide)
        return wide

    def compute(self, wide: FloatArray) -> None:
        """Compute anew all that is computed, of every child."""
        for child in range(len(wide)):
            self._compute(wide, child, self._sides)

    def follow(self, wide: FloatArray, child: int, changed: Iterable[int]) -> None:
        """Compute anew what is computed of some columns of a child."""
        key = tuple(changed)
        if key not in self._known:
            self._known[key] = tuple(sorted({
                side for column in key for side in self._from[column]}))
        self._compute(wide, child, self._known[key])

    def _two(self, one: Quantity) -> tuple[int, int]:
        if isinstance(one, Change):
            return self._place[one.after], self._place[one.before]
        assert isinstance(one, Ratio), "there is no other computed quantity"
        return self._place[one.above], self._place[one.below]

    @staticmethod
    def _compute(
        wide: FloatArray, child: int, sides: Collection[_Side]
    ) -> None:
        row = wide[child].tolist() if sides else []
        for place, is_change, one, other in sides:
            first, second = row[one], row[other]
            if is_change:
                row[place] = round(first - second, _EXACT)
            else:
                row[place] = first / second if second else math.nan
            wide[child, place] = row[place]
