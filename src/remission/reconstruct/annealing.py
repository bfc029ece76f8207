"""One search: values that are changed a few at a time, and what each printed number then costs.

What lowers the cost is kept, and now and then what raises it a little (simulated annealing:
Kirkpatrick 1983, Science 220:671). Where relations bind columns, what stays unmet weighs more and
more (Morris 1993, Proc AAAI 40), since one child then takes part in many printed numbers.
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
from remission.reconstruct.outcomes import Outcome
from remission.reconstruct.quantities import Quantities, places
from remission.reconstruct.sizes import chosen, is_kept
from remission.reconstruct.start import drawn, limits, on_grid
from remission.reconstruct.stretched import stretched
from remission.reconstruct.targets import Column, Panel, Relation, Summary, Target
from remission.reconstruct.windows import MISSED
from remission.statistics.arrays import BoolArray, FloatArray

_WARM, _COLD = 0.4, 0.02
"""What a move may cost at the beginning and at the end, about."""
_WARM_BOUND, _COLD_BOUND = 0.6, 0.02
"""The same where relations bind columns, so that a move changes several values."""
_REHEATED = 0.2
"""What it may cost at the beginning where a search of columns that nothing binds goes on."""
_WEIGHED = 1_000
"""Moves after which targets are weighed anew, where relations bind columns."""
_HEAVIER, _LIGHTER, _HEAVIEST = 1.02, 0.995, 30.0
"""By how much an unmet target then weighs more, and what a met one keeps of its weight over 1."""
_PARTINGS, _A_TIE = 400, (1e-6, 0.01, 0.3)
"""How often all ties of a test are tried to be parted at the end, and what one of them may cost."""
_A_MISS = 2.0
"""What each target that is missed adds to the cost by which bound values are kept as the best."""
_ROUNDS_APART, _APART = 3, 1_500
"""How often equal values are drawn apart and all in their order at the end; moves a column."""
_NOISE = 1e-9
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


class Search:
    """One annealing: the values as they are, and what each target costs with them."""

    def __init__(  # noqa: PLR0917 - a problem is all of these
        self, columns: Sequence[Column], targets: Sequence[Target],
        relations: Sequence[Relation], panels: Sequence[Panel], n: int, random: Random,
        given_up: Collection[int],
    ) -> None:
        """Compile the targets, but for those at the places that are given up."""
        self._columns, self._targets, self._random = columns, targets, random
        names = [column.name for column in columns]
        self._limits = limits(columns, targets, n)
        self._bonds = Bonds(relations, columns, self._limits, random, targets)
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
        """Return the best values of one annealing.

        It is less warm where it goes on with its start and nothing binds the columns.
        """
        warm, cold = (_WARM_BOUND, _COLD_BOUND) if self._bonds else (_WARM, _COLD)
        if is_going_on and not self._bonds:
            warm = _REHEATED
        if start is None:
            names = [column.name for column in self._columns]
            measured = chosen(measured, self._panels, names, self._targets, self._random)
            self._values = drawn(self._columns, self._targets, measured, self._random)
        else:
            self._values = on_grid(start, self._columns, *self._limits)
        self._values = self._quantities.widened(self._bonds.brought(self._values))
        self._costs = [measure.cost(self._values) for measure in self._measures]
        self._weights = [1.0] * len(self._costs)
        best, lowest = self._values.copy(), math.inf
        since = moves = 0
        while moves < most_moves:
            moves += 1
            self._step(warm * (cold / warm) ** (moves / most_moves))
            if moves % _CONFIRMED == 1:
                self._stands()
            if self._bonds and not moves % _WEIGHED:
                self._weigh()
            if self._is_below(lowest) and (
                    max(self._costs, default=0.0) >= MISSED or self._stands()):
                best, lowest, since = self._values.copy(), self._total(), 0
            since += lowest < MISSED
            if lowest == 0 or since > _POLISHED:
                break
        if self._bonds and lowest >= MISSED:
            best = self._parted(best)
        return self._found(best, moves)

    def finished(self, found: Found) -> Found:
        """Return values of which fewer are equal, while no more is missed.

        A search leaves many values where they were last pushed: at a limit, at a printed number.
        Where relations bind columns, only ties of tests that are missed are parted.
        """
        if self._bonds:
            return self._found(self._parted(self._quantities.widened(found.values)), found.moves)
        self._values = self._quantities.widened(found.values)
        self._costs = [measure.cost(self._values) for measure in self._measures]
        self._weights = [1.0] * len(self._costs)
        self._stands()
        for _ in range(_ROUNDS_APART):
            self._drawn_apart()
            self._drawn_in_order()
        return self._found(self._values, found.moves)

    def _drawn_apart(self) -> None:
        """Move some of many equal values elsewhere, one after another, while no more is missed."""
        kept, costs = self._values.copy(), list(self._costs)
        for number in range(1, _APART * len(self._columns) + 1):
            column = self._random.randrange(len(self._columns))
            self._take(self._mover.apart(self._values, column), _NOISE, each=True)
            if number % _CONFIRMED == 0:
                kept = self._kept(kept, costs)

    def _drawn_in_order(self) -> None:
        """Draw the values of one column after another anew in their order."""
        for column in range(len(self._columns)):
            kept, costs = self._values.copy(), list(self._costs)
            self._values[:, column] = self._stretched(column)
            self._quantities.compute(self._values)
            self._costs = [measure.cost(self._values) for measure in self._measures]
            self._kept(kept, costs)

    def _kept(self, before: FloatArray, costs: Sequence[float]) -> FloatArray:
        """Return the values as they are, or go back where by the exact tests more is missed."""
        self._stands()
        if any(cost > least + _NOISE for cost, least in zip(self._costs, costs, strict=True)):
            self._values = before.copy()
            self._costs = [measure.cost(self._values) for measure in self._measures]
            self._stands()
        return self._values.copy()

    def _stretched(self, column: int) -> FloatArray:
        """Return the values of a column drawn anew in their order, but for those that print."""
        printing: set[float] = set()
        for measure in self._measures:
            if isinstance(measure, Described) and measure.place == column:
                printing |= measure.printing(self._values)
        low, high = (ends[:, column] for ends in self._limits)
        return stretched(self._values[:, column], low, high, printing,
                         self._columns[column].digits, self._random)

    def _total(self) -> float:
        total = sum(self._costs)
        if self._bonds:
            total += _A_MISS * sum(cost >= MISSED for cost in self._costs)
        return total

    def _is_below(self, lowest: float) -> bool:
        return self._total() < lowest - _NOISE

    def _weigh(self) -> None:
        """Let targets that stay unmet weigh more, and those that are met less again."""
        self._weights = [
            min(weight * _HEAVIER, _HEAVIEST) if cost >= MISSED else 1 + (weight - 1) * _LIGHTER
            for weight, cost in zip(self._weights, self._costs, strict=True)]

    def _parted(self, best: FloatArray) -> FloatArray:
        """Return values with ties parted in tests that are missed, where more is met then.

        With many ties there are P values that cannot be.
        """
        self._values, self._weights = best.copy(), [1.0] * len(self._measures)
        self._costs = [measure.cost(best) for measure in self._measures]
        self._stands()
        lowest = self._total()
        for _ in range(_PARTINGS):
            for place, measure in enumerate(self._measures):
                if self._costs[place] < MISSED or not isinstance(measure, Compared):
                    continue
                costs, most_more = list(self._costs), self._random.choice(_A_TIE)
                for child in measure.tied(self._values):
                    move = self._mover.parted(measure, child, self._values)
                    self._take(self._carried(move), most_more)
                if self._is_below(lowest) and self._stands() and self._is_below(lowest):
                    best, lowest = self._values.copy(), self._total()
                else:
                    self._values, self._costs = best.copy(), costs
        return best

    def _allowed(self, warmth: float) -> float:
        """Return by how much a move may raise the cost."""
        return -warmth * math.log(1 - self._random.random())

    def _step(self, warmth: float) -> None:
        self._take(self._carried(self._proposed()), self._allowed(warmth))

    def _take(self, move: Move, most_more: float, *, each: bool = False) -> None:
        """Make a move, unless it raises what is weighed by more than that; or ``each`` cost."""
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
        most = sum(self._weights[place] * self._costs[place] for place in touched) + most_more
        costs = []
        for place in touched:  # tests, which take longest, stand last
            costs.append(self._measures[place].cost(self._values))
            most -= self._weights[place] * costs[-1]
            if most < 0 or (each and costs[-1] > self._costs[place] + _NOISE):
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
