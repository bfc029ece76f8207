"""What binds the columns of a child to one another, and values that keep it.

A value that is changed takes others with it: with the count of CD3+ cells goes their percentage.
So every value that a search looks at is one that can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from remission.reconstruct.printed_ranges import (
    OFTEN,
    SELDOM,
    SOMETIMES,
    Fix,
    PrintedRange,
    printed_ranges,
)
from remission.reconstruct.targets import AtMost, Column, Relation, Target
from remission.statistics.arrays import FloatArray

_MOST_FIXES = 24
_TRIES, _MOST_FIRST_FIXES = 60, 400
"""How often a child whose first values break a relation is tried to be brought to keep it."""
_NOISE = 1e-9


@dataclass(eq=False)
class _Sum:
    """A sum of columns that is at most another, or a number, and not further below it.

    The whole is ``number`` and the column ``whole``, where there is one.
    """

    parts: tuple[int, ...]
    whole: int | None
    number: float
    short: float

    @property
    def columns(self) -> tuple[int, ...]:
        return self.parts if self.whole is None else (*self.parts, self.whole)

    def is_kept(self, child: int, row: Sequence[float]) -> bool:
        del child
        below = self._below(row)
        return not (below < -_NOISE or below > self.short + _NOISE)

    def _below(self, row: Sequence[float]) -> float:
        below = self.number if self.whole is None else row[self.whole]
        for part in self.parts:
            below -= row[part]
        return below

    def fixes(
        self, child: int, row: Sequence[float], random: Random
    ) -> Iterator[tuple[int, Fix]]:
        """Yield values of one column each, with how often each is wanted."""
        del child, random
        below = self._below(row)
        excess = -below if below < 0 else self.short - below
        if self.whole is not None:
            yield SOMETIMES, (self.whole, row[self.whole] + excess)
        for part in self.parts:
            yield SELDOM, (part, row[part] - excess)


@dataclass(eq=False)
class _Share:
    """A percentage, and the counts that it is of; these are as exact as half their last digit."""

    percent: int
    part: int
    whole: int
    half_part: float
    half_whole: float
    within: float

    @property
    def columns(self) -> tuple[int, ...]:
        return self.percent, self.part, self.whole

    def is_kept(self, child: int, row: Sequence[float]) -> bool:
        del child
        share = row[self.percent] / 100
        off = abs(share * row[self.whole] - row[self.part])
        return not off > (self.half_part + share * self.half_whole
                          + self.within / 100 * row[self.whole] + _NOISE)

    def fixes(
        self, child: int, row: Sequence[float], random: Random
    ) -> Iterator[tuple[int, Fix]]:
        """Yield values of one column each, with how often each is wanted."""
        del child
        part = max(row[self.part] + self.half_part * random.uniform(-1, 1), 0.0)
        whole = row[self.whole] + self.half_whole * random.uniform(-1, 1)
        share = row[self.percent] / 100
        if whole > 0:
            yield OFTEN, (self.percent, 100 * part / whole)
        yield SOMETIMES, (self.part, share * row[self.whole])
        if share > 0:
            yield SELDOM, (self.whole, part / share)


_Bond: TypeAlias = _Sum | _Share | PrintedRange


class Bonds:
    """The relations of all children, with the limits of their values."""

    def __init__(
        self, relations: Sequence[Relation], columns: Sequence[Column],
        limits: tuple[FloatArray, FloatArray], random: Random, targets: Sequence[Target] = (),
    ) -> None:
        """Keep relations by the columns they bind; ``limits`` are (n × columns).

        With them go the ranges that ``targets`` print of changes, of ratios and of pairs.
        """
        names = [column.name for column in columns]
        self._digits = [column.digits for column in columns]
        self._bonds = [_compiled(relation, names, self._digits) for relation in relations]
        self._ranges = printed_ranges(targets, names, len(limits[0])) if relations else []
        self._of = [[bond for bond in (*self._bonds, *self._ranges) if place in bond.columns]
                    for place in range(len(columns))]
        self._counts = [self._counted_with(place) for place in range(len(columns))]
        self._low, self._high = (ends.tolist() for ends in limits)
        self._random = random

    def scaled(self, row: Sequence[float], column: int, value: float) -> dict[int, float]:
        """Return the counts that a count is bound to, all by the same factor more or fewer."""
        if not row[column] or value <= 0:
            return {column: value}
        factor = value / row[column]
        return {place: round(row[place] * factor, self._digits[place])
                for place in self._counts[column]} | {column: value}

    def sets(self) -> list[list[int]]:
        """Return for each column those that relations bind to it, itself among them."""
        return [self._bound_to(place) for place in range(len(self._of))]

    def _bound_to(self, column: int) -> list[int]:
        found = [column]
        for place in found:
            found += dict.fromkeys(
                one for bond in self._of[place] if not isinstance(bond, PrintedRange)
                for one in bond.columns if one not in found)
        return found

    def __bool__(self) -> bool:
        """Return whether anything is bound."""
        return bool(self._bonds)

    def _counted_with(self, column: int) -> list[int]:
        """Return the columns of counts that sums and shares bind to a column."""
        found = [column]
        for place in found:
            for bond in self._of[place]:
                if isinstance(bond, PrintedRange):
                    continue
                if isinstance(bond, _Sum):
                    bound = () if bond.whole is None else bond.columns
                else:
                    bound = bond.columns[1:] if place in bond.columns[1:] else ()
                found += [one for one in bound if one not in found]
        return found

    def carried(
        self, child: int, row: Sequence[float], changes: Mapping[int, float],
        fixed: frozenset[int],
    ) -> dict[int, float] | None:
        """Return changes of a child with those that they bring about; None where they cannot be.

        The columns that are ``fixed`` are not changed for that.
        """
        return self._settled(child, list(row), dict(changes), fixed,
                             [bond for place in changes for bond in self._of[place]])

    def brought(self, values: FloatArray) -> FloatArray:
        """Return values (n × columns) in which children keep all relations, as far as found."""
        result = values.copy()
        for child, row in enumerate(values.tolist()):
            for _ in range(_TRIES):
                changes = self._settled(child, list(row), {}, frozenset(),
                                        [*self._bonds, *self._ranges], _MOST_FIRST_FIXES)
                if changes is not None:
                    for place, value in changes.items():
                        result[child, place] = value
                    break
        return result

    def kept(self, values: FloatArray) -> tuple[bool, ...]:
        """Return of each relation whether all children keep it."""
        rows = values.tolist()
        return tuple(all(bond.is_kept(child, row) for child, row in enumerate(rows))
                     for bond in self._bonds)

    def _settled(  # noqa: PLR0917 - a child with what is changed in it
        self, child: int, row: list[float], changes: dict[int, float], fixed: frozenset[int],
        open_bonds: list[_Bond], most: int = _MOST_FIXES,
    ) -> dict[int, float] | None:
        for place, value in changes.items():
            low, high = self._low[child][place], self._high[child][place]
            if value == value:  # noqa: PLR0124 - NaN is not itself
                changes[place] = row[place] = min(max(value, low), high)
        pending = dict.fromkeys(open_bonds)
        while pending:
            bond = next(iter(pending))
            del pending[bond]
            if bond.is_kept(child, row):
                continue
            most -= 1
            fixes = [fix for often, fix in bond.fixes(child, row, self._random)
                     if fix[0] not in fixed for _ in range(often)]
            if not fixes or most < 0:
                return None
            place, wanted = fixes[int(self._random.random() * len(fixes))]
            low, high = self._low[child][place], self._high[child][place]
            changes[place] = row[place] = round(min(max(wanted, low), high), self._digits[place])
            pending.update(dict.fromkeys(self._of[place]))
        return changes


def _compiled(
    relation: Relation, names: Sequence[str], digits: Sequence[int]
) -> _Sum | _Share:
    if isinstance(relation, AtMost):
        parts, whole = tuple(map(names.index, relation.parts)), relation.whole
        if isinstance(whole, str):
            return _Sum(parts, names.index(whole), 0.0, relation.short)
        return _Sum(parts, None, whole, relation.short)
    percent, part, whole = map(names.index, (relation.column, relation.part, relation.whole))
    return _Share(percent, part, whole, 0.5 * 10.0**-digits[part], 0.5 * 10.0**-digits[whole],
                  relation.within)
