"""The tables as one linear system of whole numbers: variables, and the rows that bind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from remission.reconstruct.blueprint import MEETS
from remission.reconstruct.catalogue import CHILD, CYCLE, CYCLES, NUMBER
from remission.reconstruct.conditions import Cell, Predicate
from remission.reconstruct.layout import Layout


@dataclass(frozen=True)
class Row:
    """A linear form of variables with its limits, both counted in."""

    terms: tuple[tuple[int, int], ...]
    low: int
    high: int


@dataclass
class System:
    """Variables from 0 to ``most``, and the rows that bind them.

    ``cells`` are the variables of each table, with the cell that each counts.
    """

    layout: Layout
    most: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    cells: list[list[tuple[int, Cell]]] = field(default_factory=list)

    def counted(self, who: Predicate) -> list[int]:
        """Return the variables that make up the count of a predicate."""
        table = self.layout.table_for(who)
        return [variable for variable, cell in self.cells[table] if who.holds(cell)]

    def margin(self, table: int, facts: Sequence[str]) -> dict[tuple[str, ...], list[int]]:
        """Return the variables of a table by the levels of some of its facts."""
        found: dict[tuple[str, ...], list[int]] = {}
        for variable, cell in self.cells[table]:
            found.setdefault(tuple(cell[fact] for fact in facts), []).append(variable)
        return found

    def same(self, one: Sequence[int], other: Sequence[int]) -> None:
        """Bind two sums to be the same."""
        self.rows.append(Row((*((name, 1) for name in one), *((name, -1) for name in other)), 0, 0))


def system_of(layout: Layout, children: int) -> System:
    """Return the linear system of some children; the demands are not yet in it."""
    system = System(layout)
    for table in layout.tables:
        begin = len(system.most)
        system.most += [children] * len(table.cells)
        system.cells.append([(begin + place, cell) for place, cell in enumerate(table.cells)])
    first = system.cells[0]
    system.rows.append(Row(tuple((name, 1) for name, _ in first), children, children))
    for place, table in enumerate(layout.tables):
        if table.parent is not None:
            _agree(system, place, table.parent)
        if table.of == CYCLE:
            _give_cycles(system, place)
            _meet_groups(system, place)
    for one in layout.blueprint.chosen:
        names = system.counted(layout.resolver.predicate(one.who))
        system.rows.append(Row(tuple((name, 1) for name in names), one.least,
                               min(one.most, children * max(1, len(layout.numbers)))))
    return system


def _agree(system: System, one: int, other: int) -> None:
    """Bind two tables to the same counts of what they share."""
    tables = system.layout.tables
    shared = tuple(fact for fact in tables[one].facts if fact in tables[other].facts)
    ours, theirs = system.margin(one, shared), system.margin(other, shared)
    for levels in sorted(ours.keys() | theirs.keys()):
        system.same(ours.get(levels, []), theirs.get(levels, []))


def _give_cycles(system: System, place: int) -> None:
    """Bind the cycles of a number to the children who were given as many."""
    layout = system.layout
    owner = layout.of_owner(layout.tables[place].facts)
    children = layout.holding(CHILD, {*owner, CYCLES})
    of_cycles = system.margin(place, (*owner, NUMBER))
    of_children: dict[tuple[str, ...], list[int]] = {}
    for variable, cell in system.cells[children]:
        for number in layout.numbers:
            if int(number) <= int(cell[CYCLES]):
                key = (*(cell[fact] for fact in owner), number)
                of_children.setdefault(key, []).append(variable)
    for levels in sorted(of_cycles.keys() | of_children.keys()):
        system.same(of_cycles.get(levels, []), of_children.get(levels, []))


def _meet_groups(system: System, place: int) -> None:
    """Bind children of a group over some cycle to have as many such cycles at least.

    They are told apart by how many cycles they were given, so that each can have one.
    """
    layout = system.layout
    table = layout.tables[place]
    owner = layout.of_owner(table.facts)
    for name, who in layout.groups_of(table):
        children = system.margin(layout.holding(CHILD, owner), owner)
        cycles: dict[tuple[str, ...], list[int]] = {}
        for variable, cell in system.cells[place]:
            if who.holds(cell):
                cycles.setdefault(tuple(cell[fact] for fact in owner), []).append(variable)
        for levels, variables in children.items():
            if levels[owner.index(name)] == MEETS:
                own = cycles.get(levels, [])
                system.rows.append(Row((*((one, 1) for one in own),
                                        *((one, -1) for one in variables)),
                                       0, len(layout.numbers) * system.most[0]))


def matrix(rows: Sequence[Row], columns: int) -> Any:
    """Return the terms of rows as a sparse matrix (rows, columns)."""
    from scipy.sparse import csr_array

    data, places, ends = [], [], [0]
    for row in rows:
        places += [name for name, _ in row.terms]
        data += [float(times) for _, times in row.terms]
        ends.append(len(data))
    return csr_array((data, places, ends), shape=(len(rows), columns))
