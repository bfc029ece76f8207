"""Search for values of children that print as a paper prints them.

Usage::

    found = find_values(
        [Column("cd3.before"), Column("cd3.after")],
        [Summary("cd3.before", everyone, median="0.96", minimum="0.03", maximum="3.79"),
         Summary(Change("cd3.after", "cd3.before"), positive, median="0.57"),
         Test(Change("cd3.after", "cd3.before"), (positive, negative), p="0.047")],
        measured=measured, relations=[AtMost(("cd4.before", "cd8.before"), "cd3.before")], seed=1)
    found.values      # children × columns, NaN where not measured
    found.outcomes    # each printed number, what was got, by which rules it prints so
    found.complete    # whether all of them are met

Columns that share no target are taken in one after another, so that each search is short; those
that relations bind together, and tests last. Relations hold in every child all the time. A search
changes a few values at a time and keeps what lowers the cost, or now and then what
raises it a little (simulated annealing: Kirkpatrick 1983, Science 220:671). It is bounded by moves
and not by time, so that one seed gives the same values on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from remission.reconstruct.bonds import Bonds
from remission.reconstruct.measures import Compared, Described, Measure
from remission.reconstruct.moves import Move, Mover
from remission.reconstruct.outcomes import AFRESH, Outcome, left_out
from remission.reconstruct.quantities import Quantities, places
from remission.reconstruct.sizes import chosen, is_kept
from remission.reconstruct.start import drawn, limits, on_grid
from remission.reconstruct.targets import (
    Column,
    Panel,
    Relation,
    Summary,
    Target,
    Test,
)
from remission.reconstruct.windows import MISSED
from remission.statistics.arrays import BoolArray, FloatArray

MOVES_A_COLUMN = 10_000
"""Moves of each search, for each of the columns that share targets."""
STARTS = 12
_WARM, _COLD = 0.4, 0.02
"""What a move may cost at the beginning and at the end, about."""
_WARM_BOUND, _COLD_BOUND = 0.6, 0.02
"""The same where relations bind columns, so that a move changes several values."""
_REHEATED, _REHEATED_BOUND = 0.2, 0.3
"""What it may cost at the beginning where a search goes on."""
_TRIES = 3
"""Searches for the columns that share targets, before the next columns are taken in."""
_FIRST = 10
"""By how much the search without tests is shorter, where relations bind columns."""
_AT_RANDOM = 0.05
_SCALED = 0.3
"""How often all counts of a child are changed with one of them."""
_CONFIRMED = 500
"""Moves after which the fast statistics are held against the exact ones."""
_POLISHED = 4_000
"""Moves after which values that print so by rounding are good enough."""


@dataclass(frozen=True, eq=False)
class Found:
    """The best values found (children × columns, NaN where not measured), and what they print."""

    values: FloatArray
    outcomes: tuple[Outcome, ...]
    kept: tuple[bool, ...]
    """Whether each relation, then each panel, is kept."""
    moves: int

    @property
    def complete(self) -> bool:
        """Whether every printed number is met and every relation and panel kept."""
        return all(outcome.met for outcome in self.outcomes) and all(self.kept)

    @property
    def unmet(self) -> tuple[Outcome, ...]:
        """The printed numbers that are not met."""
        return tuple(outcome for outcome in self.outcomes if not outcome.met)


def find_values(
    columns: Sequence[Column], targets: Sequence[Target], *, measured: BoolArray | None = None,
    start: FloatArray | None = None, relations: Sequence[Relation] = (),
    panels: Sequence[Panel] = (), seed: int = 1, most_moves: int | None = None,
    starts: int = STARTS,
) -> Found:
    """Return values (children × columns) that print as the targets do, or the nearest found.

    ``start`` (n × columns) is what the search begins with, NaN where not measured; otherwise
    values are drawn where ``measured`` (n × columns) says so. Values have the digits of their
    column and lie within its limits. The same seed gives the same values. Raises ``ValueError``
    when neither says who has a value.
    """
    if start is not None:
        measured = ~np.isnan(start)
    if measured is None:
        raise ValueError("Either `start` or `measured` says who has a value.")
    moves = most_moves or MOVES_A_COLUMN * max(map(len, _blocks(columns, targets)))
    best: Found | None = None
    tried = 0
    stages = _stages(columns, targets, is_bound=bool(relations))
    for attempt in range(max(starts, 1)):
        random = Random(f"{seed}/{attempt}")
        is_afresh = best is None or attempt % AFRESH == 0
        given_up = set() if best is None else left_out(targets, best.unmet, random)
        values = start if is_afresh or best is None else best.values
        for stage, put_off in enumerate(stages if is_afresh else (set(),)):
            is_first = bool(relations) and is_afresh and not stage
            for more in range(1 if relations or not is_afresh or len(stages) == 1 else _TRIES):
                search = _Search(columns, targets, relations, panels, len(measured), random,
                                 given_up | put_off)
                found = search.run(values, measured, moves // _FIRST if is_first else moves,
                                   is_going_on=values is not None and bool(more or relations))
                values, tried = found.values, tried + found.moves
                if best is None or _rank(found) < _rank(best):
                    best = found
                if not any(search.misses(found)):
                    break
        if best is not None and best.complete:
            break
    assert best is not None, "there is at least one start"
    return Found(best.values, best.outcomes, best.kept, tried)


def _blocks(columns: Sequence[Column], targets: Sequence[Target]) -> list[set[str]]:
    """Return the columns in sets that share no target, in the order of the columns."""
    blocks = [{column.name} for column in columns]
    names = [column.name for column in columns]
    for target in targets:
        own = {names[place] for place in places(target.of, names)}
        if isinstance(target, Summary) and target.paired_with is not None:
            own.add(target.paired_with)
        together = [block for block in blocks if block & own]
        merged = set().union(*together)
        blocks = [merged if block is together[0] else block for block in blocks
                  if block is together[0] or block not in together]
    return blocks


def _stages(
    columns: Sequence[Column], targets: Sequence[Target], *, is_bound: bool
) -> list[set[int]]:
    """Return the targets that are put off at each stage.

    Where relations bind the columns, tests come after all that is described: a child whose values
    fit together is hard to find again. Otherwise those of the blocks still to come.
    """
    if is_bound:
        return [{place for place, one in enumerate(targets) if isinstance(one, Test)}, set()]
    names = [column.name for column in columns]
    blocks = _blocks(columns, targets)
    return [{place for place, target in enumerate(targets)
             if any(names[places(target.of, names)[0]] in block for block in blocks[stage + 1:])}
            for stage in range(len(blocks))]


def _rank(found: Found) -> tuple[int, int]:
    return (len(found.unmet) + found.kept.count(False),
            sum(not outcome.met_by_all for outcome in found.outcomes))


class _Search:
    """One annealing: the values as they are, and what each target costs with them."""

    def __init__(  # noqa: PLR0917 - a problem is all of these
        self, columns: Sequence[Column], targets: Sequence[Target],
        relations: Sequence[Relation], panels: Sequence[Panel], n: int, random: Random,
        given_up: Collection[int],
    ) -> None:
        self._columns, self._targets, self._random = columns, targets, random
        names = [column.name for column in columns]
        self._limits = limits(columns, targets, n)
        self._bonds = Bonds(relations, columns, self._limits, random)
        self._mover = Mover(columns, self._limits, random, self._bonds.sets())
        self._panels = panels
        self._quantities = Quantities(names, [target.of for target in targets])
        self._compiled = [_compiled(target, names, self._quantities.place(target.of))
                          for target in targets]
        aimed = [one for place, one in enumerate(self._compiled) if place not in given_up]
        self._measures: list[Measure] = sorted(
            aimed, key=lambda measure: isinstance(measure, Compared))
        self._looking = [[place for place, measure in enumerate(self._measures)
                          if column in measure.columns] for column in range(len(names))]
        self._members = [np.isin(np.arange(n), measure.rows).tolist()
                         for measure in self._measures]

    def misses(self, found: Found) -> Iterator[bool]:
        """Yield whether each target that was aimed at is missed."""
        for measure in self._measures:
            yield measure.cost(self._quantities.widened(found.values)) >= MISSED

    def run(
        self, start: FloatArray | None, measured: BoolArray, most_moves: int, *,
        is_going_on: bool,
    ) -> Found:
        """Return the best values of one annealing, less warm where it goes on with its start."""
        warm, cold = (_WARM_BOUND, _COLD_BOUND) if self._bonds else (_WARM, _COLD)
        if is_going_on:
            warm = _REHEATED_BOUND if self._bonds else _REHEATED
        if start is None:
            names = [column.name for column in self._columns]
            measured = chosen(measured, self._panels, names, self._targets, self._random)
            self._values = drawn(self._columns, self._targets, measured, self._random)
        else:
            self._values = on_grid(start, self._columns, *self._limits)
        self._values = self._quantities.widened(self._bonds.brought(self._values))
        self._costs = [measure.cost(self._values) for measure in self._measures]
        best, lowest = self._values.copy(), math.inf
        since = moves = 0
        while moves < most_moves:
            moves += 1
            self._step(warm * (cold / warm) ** (moves / most_moves))
            if moves % _CONFIRMED == 1:
                self._stands()
            total = sum(self._costs)
            if total < lowest - 1e-9 and (
                    max(self._costs, default=0.0) >= MISSED or self._stands()):
                best, lowest, since = self._values.copy(), sum(self._costs), 0
            since += lowest < MISSED
            if lowest == 0 or since > _POLISHED:
                break
        return self._found(best, moves)

    def _step(self, warmth: float) -> None:
        move = self._carried(self._proposed())
        if not move:
            return
        touched = sorted({place for child, column, _ in move for place in self._looking[column]
                          if self._members[place][child]})
        of_children: dict[int, list[int]] = {}
        for child, column, _ in move:
            of_children.setdefault(child, []).append(column)
        before = {child: self._values[child].copy() for child in of_children}
        for child, column, value in move:
            self._values[child, column] = value
        for child, columns in of_children.items():
            self._quantities.follow(self._values, child, columns)
        most = (sum(self._costs[place] for place in touched)
                - warmth * math.log(1 - self._random.random()))
        costs = []
        for place in touched:  # tests, which take longest, stand last
            costs.append(self._measures[place].cost(self._values))
            most -= costs[-1]
            if most < 0:
                for child, row in before.items():
                    self._values[child] = row
                return
        for place, cost in zip(touched, costs, strict=True):
            self._costs[place] = cost

    def _proposed(self) -> Move:
        """Return a move for one of the targets that are not met, each as likely as another."""
        open_ones = [place for place, cost in enumerate(self._costs) if cost > 0]
        if not open_ones:
            return []
        measure = self._measures[self._random.choice(open_ones)]
        if self._random.random() < _AT_RANDOM:
            return self._mover.anywhere(self._values, self._random.choice(measure.columns))
        if isinstance(measure, Described):
            return self._mover.for_summary(measure, self._values)
        assert isinstance(measure, Compared), "there is no other measure"
        return self._mover.for_test(measure, self._values)

    def _carried(self, move: Move) -> Move:
        """Return a move with what it brings about in the same children; nothing where it cannot."""
        if not self._bonds:
            return move
        of_children: dict[int, dict[int, float]] = {}
        for child, column, value in move:
            of_children.setdefault(child, {})[column] = value
        whole: Move = []
        for child, changes in of_children.items():
            row = self._values[child].tolist()
            if len(changes) == 1 and self._random.random() < _SCALED:
                ((column, value),) = changes.items()
                scaled = self._bonds.scaled(row, column, value)
                carried = self._bonds.carried(child, row, scaled, frozenset())
            else:
                carried = self._bonds.carried(child, row, changes, frozenset(changes))
            if carried is None:
                return []
            whole += [(child, column, value) for column, value in carried.items()]
        return whole

    def _stands(self) -> bool:
        """Return whether all fast statistics stand by the exact ones; corrects their costs."""
        stands = True
        for place, measure in enumerate(self._measures):
            if isinstance(measure, Compared) and not measure.confirm(self._values):
                self._costs[place] = measure.cost(self._values)
                stands = False
        return stands

    def _found(self, values: FloatArray, moves: int) -> Found:
        names = [column.name for column in self._columns]
        kept = (*self._bonds.kept(values), *(is_kept(panel, names, values)
                                             for panel in self._panels))
        outcomes = tuple(outcome for measure in self._compiled
                         for outcome in measure.outcomes(values))
        return Found(values[:, :len(names)], outcomes, kept, moves)


def _compiled(target: Target, names: Sequence[str], place: int) -> Measure:
    columns = places(target.of, names)
    if isinstance(target, Summary):
        partner = None if target.paired_with is None else names.index(target.paired_with)
        return Described(target, columns, place, np.flatnonzero(target.rows), partner)
    return Compared(target, columns, place, tuple(np.flatnonzero(rows) for rows in target.groups))
