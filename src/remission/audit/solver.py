"""Which tables, made from a printed one, and which tests give the P value that is printed.

The search goes from the least to the most: the table as it stands by other tests; one change (two
neighbouring categories taken together, one category left out, one group against the others); then
every way to put rows and columns into groups. It is bounded, and it counts what it tried, because
the more is tried, the more fits by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from remission.audit.printed import Printed
from remission.audit.say import is_rounded
from remission.audit.tests_of_tables import Order, Table, Tested, tests_of

Grouping: TypeAlias = tuple[tuple[int, ...], ...]
"""Which rows, or which columns, are taken together; one that is in none is left out."""

MOST_TABLES = 2_000
"""Tables that are tried in one search."""
_MOST_FOUND = 6
"""Readings that are kept."""
ONE_CHANGE, ANY_GROUPING = 1, 2
"""How far a reading is from the table as it stands."""


@dataclass(frozen=True)
class Reading:
    """A table and a test that give the printed P value; ``steps`` is how far from the print."""

    says: str
    tested: Tested
    steps: int


@dataclass(frozen=True)
class Search:
    """What a search found, how many P values it computed, and whether it saw everything."""

    readings: tuple[Reading, ...]
    tried: int
    is_complete: bool


@dataclass(frozen=True)
class Labelled:
    """A table with the words of its rows and columns."""

    table: Table
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    order: Order


def by_chance(tried: int, given: Printed) -> float:
    """Return how many of the tried P values would print so if all p were equally likely."""
    low, high = given.bounds()
    return tried * (min(1.0, high) - max(0.0, low))


def search(labelled: Labelled, given: Printed, tests: Sequence[str]) -> Search:
    """Return the readings of a table that print ``given``, the nearest to the print only."""
    seen: set[Table] = {labelled.table}
    tried = tables = 0
    for steps in (ONE_CHANGE, ANY_GROUPING):
        found: list[Reading] = []
        for says, table in _tables(labelled, steps):
            if table in seen:
                continue
            if tables == MOST_TABLES:
                return Search(tuple(found), tried, is_complete=False)
            seen.add(table)
            tables += 1
            tested = tests_of(table, labelled.order, tests, searching=True)
            tried += len(tested)
            found += [Reading(says, one, steps) for one in tested if is_rounded(one.rules(given))]
        if found:
            return Search(tuple(found[:_MOST_FOUND]), tried, is_complete=True)
    return Search((), tried, is_complete=True)


def _tables(labelled: Labelled, steps: int) -> Iterator[tuple[str, Table]]:
    """Yield tables made from a labelled one, with what was done, in words."""
    rows = tuple((row,) for row in range(len(labelled.rows)))
    columns = tuple((column,) for column in range(len(labelled.columns)))
    if steps == ONE_CHANGE:
        pairs: Iterable[tuple[Grouping, Grouping]] = (
            *((rows, grouping) for grouping in _one_change(columns, labelled.order.columns)),
            *((grouping, columns) for grouping in _one_change(rows, labelled.order.rows)))
    else:
        pairs = _all_groupings(labelled)
    for row_groups, column_groups in pairs:
        table = tuple(tuple(sum(labelled.table[row][column] for row in rows for column in columns)
                            for columns in column_groups) for rows in row_groups)
        yield _in_words(labelled, row_groups, column_groups), table


def _one_change(single: Grouping, is_ordered: bool) -> Iterator[Grouping]:
    """Yield groupings one change away: cut in two, one left out, two taken together."""
    places = [place for (place,) in single]
    if len(places) < 3:
        return
    for cut in range(1, len(places)):
        yield tuple(places[:cut]), tuple(places[cut:])
    for left_out in places:
        yield tuple((place,) for place in places if place != left_out)
    if not is_ordered:
        for place in places:
            yield (place,), tuple(other for other in places if other != place)
    for first, second in combinations(places, 2):
        if second == first + 1 or not is_ordered:
            kept = [(place,) for place in places if place not in (first, second)]
            yield tuple(sorted([*kept, (first, second)]))
    if len(places) > 3:
        for pair in combinations(places, 2):
            yield tuple((place,) for place in pair)


def _all_groupings(labelled: Labelled) -> Iterator[tuple[Grouping, Grouping]]:
    """Yield every grouping of columns, then of rows, then of both into two by two."""
    rows = list(_groupings(len(labelled.rows), is_ordered=labelled.order.rows))
    columns = list(_groupings(len(labelled.columns), is_ordered=labelled.order.columns))
    all_rows = tuple((row,) for row in range(len(labelled.rows)))
    all_columns = tuple((column,) for column in range(len(labelled.columns)))
    yield from ((all_rows, grouping) for grouping in columns)
    yield from ((grouping, all_columns) for grouping in rows)
    yield from ((row_groups, column_groups) for row_groups in rows if len(row_groups) == 2
                for column_groups in columns if len(column_groups) == 2)


def _groupings(size: int, *, is_ordered: bool) -> Iterator[Grouping]:
    """Yield every way to put 0 to size − 1 into two or more groups, some left out."""
    def grow(place: int, groups: list[list[int]]) -> Iterator[Grouping]:
        if place == size:
            if len(groups) > 1:
                yield tuple(tuple(group) for group in groups)
            return
        yield from grow(place + 1, groups)
        for number, group in enumerate(groups):
            if not is_ordered or number == len(groups) - 1:
                yield from grow(place + 1, [
                    [*other, place] if other is group else other for other in groups])
        yield from grow(place + 1, [*groups, [place]])

    return grow(0, [])


def _in_words(labelled: Labelled, rows: Grouping, columns: Grouping) -> str:
    """Return what is compared: ``G0 against G1-2 + G3-4``."""
    changed = []
    for labels, groups in ((labelled.columns, columns), (labelled.rows, rows)):
        if groups != tuple((place,) for place in range(len(labels))):
            changed.append(" against ".join(
                " + ".join(labels[place] for place in group) for group in groups))
    return ", in ".join(changed)
