"""Children put together from tables of counts: one table after another, by what they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from remission.reconstruct.blueprint import MEETS
from remission.reconstruct.catalogue import CHILD, CYCLE, CYCLES, NUMBER
from remission.reconstruct.conditions import Cell, Predicate
from remission.reconstruct.counting import System

Levels: TypeAlias = tuple[str, ...]


def children_of(
    system: System, counts: Sequence[int], random: np.random.Generator
) -> tuple[Cell, ...]:
    """Return the facts of each child, in the order of the core; who of equals has which is drawn.
    """
    layout = system.layout
    children: list[dict[str, str]] = [{} for _ in range(system.most[0])]
    for place, table in enumerate(layout.tables):
        if table.of == CHILD:
            known = tuple(fact for fact in table.facts if fact in children[0])
            cells = _cells(system, counts, place, known)
            for levels, rows in _by(children, known).items():
                for row, at in zip(rows, random.permutation(len(rows)), strict=True):
                    row.update(cells[levels][at])
    return tuple(sorted(children, key=lambda child: [
        layout.resolver.levels(fact).index(child[fact]) for fact in layout.core]))


def cycles_of(
    system: System, counts: Sequence[int], children: Sequence[Cell],
    random: np.random.Generator,
) -> tuple[tuple[Cell, ...], ...]:
    """Return the facts of the cycles of each child, those of their children among them."""
    layout = system.layout
    own = [[{**child, NUMBER: number} for number in layout.numbers
            if CYCLES in child and int(number) <= int(child[CYCLES])] for child in children]
    slots = [slot for cycles in own for slot in cycles]
    for place, table in enumerate(layout.tables):
        if table.of == CYCLE and slots:
            known = tuple(fact for fact in table.facts if fact in slots[0])
            cells = _cells(system, counts, place, known)
            groups = list(layout.groups_of(table))
            owed = {id(slot): cycles for cycles in own for slot in cycles}
            # the first cycles come first, so that what is still owed is known
            for levels, rows in sorted(_by(slots, known).items(),
                                       key=lambda found: found[1][0][NUMBER]):
                drawn = [rows[at] for at in random.permutation(len(rows))]
                drawn.sort(key=_owed(groups, owed), reverse=True)
                dealt = [cells[levels][at] for at in random.permutation(len(rows))]
                dealt.sort(key=_paid(groups), reverse=True)
                for row, cell in zip(drawn, dealt, strict=True):
                    row.update(cell)
    return tuple(tuple(cycles) for cycles in own)


def _cells(
    system: System, counts: Sequence[int], place: int, known: Sequence[str]
) -> dict[Levels, list[Cell]]:
    """Return the cells of a table, each as often as it is counted, by what is known already."""
    found: dict[Levels, list[Cell]] = {}
    for variable, cell in system.cells[place]:
        found.setdefault(tuple(cell[fact] for fact in known), []).extend(
            [cell] * counts[variable])
    return found


def _by(rows: Sequence[dict[str, str]], known: Sequence[str]) -> dict[Levels, list[dict[str, str]]]:
    found: dict[Levels, list[dict[str, str]]] = {}
    for row in rows:
        found.setdefault(tuple(row[fact] for fact in known), []).append(row)
    return found


def _owed(
    groups: Sequence[tuple[str, Predicate]], cycles: dict[int, list[dict[str, str]]]
) -> Callable[[dict[str, str]], int]:
    """Return how many groups a child is in of which none of its cycles so far tells."""
    def owed(slot: dict[str, str]) -> int:
        return sum(slot[name] == MEETS and not any(
            who.facts <= other.keys() and who.holds(other) for other in cycles[id(slot)])
            for name, who in groups)
    return owed


def _paid(groups: Sequence[tuple[str, Predicate]]) -> Callable[[Cell], int]:
    """Return of how many groups a cycle tells."""
    def paid(cell: Cell) -> int:
        return sum(who.holds(cell) for _, who in groups)
    return paid
