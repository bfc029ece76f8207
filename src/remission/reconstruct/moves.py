"""Changes to a few values that may bring them nearer to what shall print."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import TypeAlias

import numpy as np

from remission.reconstruct.measures import (
    Compared,
    Described,
    part_cost,
    part_of,
)
from remission.reconstruct.targets import MOMENTS, Change, Column, Quantity
from remission.statistics.arrays import FloatArray, IntArray

Move: TypeAlias = list[tuple[int, int, float]]
"""(child, column, value); NaN is not measured."""

_TO_THE_NUMBER = 0.5
"""How often a value goes to the printed number itself, and not to that of another child."""
_SWAPS, _SUMMARY_SWAPS = 0.3, 0.15
_ONE_COLUMN, _ONE_SET = 0.25, 0.5
"""How often only what is tested is exchanged, and how often the columns bound to one of its."""
_NUDGES = 0.35
_URGED = 0.8
"""How often a value is changed the way that brings a test nearer, and not either way."""
_TIES = 0.35
"""How often a value is tied with the next one, which moves ranks the least."""
_SCALES = (1, 3, 10, 40)
"""Steps by which a value is nudged."""
_TOGETHER = 0.2
"""How often equal values are moved together, so that a number that prints keeps one of them."""
_PARTED = (1, 3)
"""Steps by which a value leaves one it is tied with."""


class Mover:
    """Draws moves for the targets of one problem; every value it draws is one that can be."""

    def __init__(
        self, columns: Sequence[Column], limits: tuple[FloatArray, FloatArray], random: Random,
        bound: Sequence[Sequence[int]],
    ) -> None:
        """Keep the columns, the limits (n × columns), and what each column is bound to."""
        self._names = [column.name for column in columns]
        self._digits = [column.digits for column in columns]
        self._steps = [10.0**-digits for digits in self._digits]
        self._low, self._high = limits
        self._random = random
        self._bound = bound

    def for_summary(self, measure: Described, values: FloatArray) -> Move:
        """Return a move for one part of a summary that is not met."""
        own = measure.amounts(values)
        here = np.flatnonzero(own == own)  # noqa: PLR0124 - NaN is not itself
        if not len(here):
            return []
        ordered = np.sort(own[here])
        missed = [part for part, aim in measure.windows.items()
                  if part_cost(ordered, part, aim) > 0]
        if not missed:
            return []
        if self._is_bound(measure.columns) and self._random.random() < _SUMMARY_SWAPS:
            return self._exchanged(values, int(measure.rows[self._one(here)]), measure.columns)
        part = self._random.choice(missed)
        aim, got = measure.windows[part], part_of(ordered, part)
        goal = float(measure.target.parts[part].value)
        if part in MOMENTS:
            child = self._one(here)
            size = self._random.choice(_SCALES) * self._steps[measure.columns[0]]
            outward = 1 if part == "mean" else self._away(own, child)
            wanted = own[child] + (size if got < aim.low else -size) * outward
        elif got < aim.low:
            child, wanted = self._across(own, here[own[here] < aim.low], here[own[here] >= aim.low],
                                         goal, ordered)
        else:
            child, wanted = self._across(own, here[own[here] > aim.high],
                                         here[own[here] <= aim.high], goal, ordered)
        return self._set(values, int(measure.rows[child]), measure.columns, measure.target.of,
                         float(wanted))

    def for_test(self, measure: Compared, values: FloatArray) -> Move:
        """Return a move of a value of one group, or an exchange between two children."""
        rows = measure.rows
        own = values[:, measure.place][rows]
        here = np.flatnonzero(own == own)  # noqa: PLR0124 - NaN is not itself
        if len(here) < 2:
            return []
        first = self._one(here)
        if self._random.random() < _SWAPS:
            return self._exchanged(values, int(rows[first]), measure.columns)
        is_urged = self._random.random() < _URGED and self._is_bound(measure.columns)
        way = measure.urge(values) if is_urged else 0
        if first >= len(measure.groups[0]):
            way = -way
        return self._set(values, int(rows[first]), measure.columns, measure.target.of,
                         self._urged(own[here], float(own[first]), measure.columns[0], way))

    def parted(self, measure: Compared, child: int, values: FloatArray) -> Move:
        """Return a move of a quantity of a child by a few of its last digits."""
        column = self._random.choice(measure.columns)
        by = self._random.choice((-1, 1)) * self._random.choice(_PARTED) * self._steps[column]
        return self._set(values, child, measure.columns, measure.target.of,
                         float(values[child, measure.place]) + by)

    def anywhere(self, values: FloatArray, column: int) -> Move:
        """Return a nudge of any value of a column."""
        child = self._random.randrange(values.shape[0])
        if np.isnan(values[child, column]):
            return []
        return self._value(child, column, values[child, column] + self._nudge(column))

    def apart(self, values: FloatArray, column: int) -> Move:
        """Return a move of one of many equal values, or of two of a column, to values that fewer
        have; of all of them but one to a number beside it; or of two neighbouring values.

        They go anywhere within the limits, on a logarithmic scale where they are above 0.
        """
        own = values[:, column]
        here = np.flatnonzero(own == own)  # noqa: PLR0124 - NaN is not itself
        if len(here) < 2:
            return []
        if self._random.random() < _TOGETHER:
            way = self._beside if self._random.random() < 0.5 else self._with_the_next
            return way(values, column, self._one(here))
        found: Move = []
        for child in {self._one(here) for _ in range(self._random.choice((1, 2)))}:
            value = self._drawn(values, child, column)
            shared, new = (int((own == one).sum()) for one in (own[child], value))
            if new + 1 >= shared:
                return []
            found.append((child, column, value))
        return found

    def _beside(self, values: FloatArray, column: int, child: int) -> Move:
        """Return a move of all who have the value of a child, but itself, towards the next one."""
        own = values[:, column]
        others = [int(one) for one in np.flatnonzero(own == own[child]) if one != child]
        ordered = np.unique(own[own == own])  # noqa: PLR0124 - NaN is not itself
        beside = int(ordered.searchsorted(own[child])) + self._random.choice((-1, 1))
        if not others or not 0 <= beside < len(ordered):
            return []
        low, high = sorted((float(own[child]), float(ordered[beside])))
        value = round(self._between(low, high), self._digits[column])
        can_be = low < value < high and all(
            self._low[one, column] <= value <= self._high[one, column] for one in others)
        return [(one, column, value) for one in others] if can_be else []

    def _with_the_next(self, values: FloatArray, column: int, child: int) -> Move:
        """Return an exchange of the value of a child with the next one, of all who have them."""
        own = values[:, column]
        ordered = np.unique(own[own == own])  # noqa: PLR0124 - NaN is not itself
        place = int(ordered.searchsorted(own[child]))
        beside = place + self._random.choice((-1, 1))
        if not 0 <= beside < len(ordered):
            return []
        found = [(int(one), column, float(ordered[other]))
                 for value, other in ((place, beside), (beside, place))
                 for one in np.flatnonzero(own == ordered[value])]
        can_be = all(self._low[one, column] <= value <= self._high[one, column]
                     for one, _, value in found)
        return found if can_be else []

    def _between(self, low: float, high: float) -> float:
        """Return a number drawn between two, on a logarithmic scale where they are above 0."""
        if low > 0:
            return math.exp(self._random.uniform(math.log(low), math.log(max(low, high))))
        return self._random.uniform(low, max(low, high))

    def _drawn(self, values: FloatArray, child: int, column: int) -> float:
        """Return a value that a child can have, between the least and the greatest of all."""
        own = values[:, column]
        low = max(float(self._low[child, column]), float(np.nanmin(own)))
        high = min(float(self._high[child, column]), float(np.nanmax(own)))
        drawn = self._between(low, high)
        return round(min(max(drawn, low), high), self._digits[column]) + 0.0

    def _is_bound(self, columns: tuple[int, ...]) -> bool:
        """Return whether relations bind the columns, so that a value is hard to change alone."""
        return len(self._bound[columns[0]]) > 1

    def _exchanged(self, values: FloatArray, child: int, columns: tuple[int, ...]) -> Move:
        """Return an exchange with any other child: of these columns, of a bound set, of all."""
        way = self._random.random()
        if way < _ONE_COLUMN:
            exchanged: Sequence[int] = columns
        elif way < _ONE_COLUMN + _ONE_SET:
            exchanged = self._bound[self._random.choice(columns)]
        else:
            exchanged = range(len(self._names))
        return self._exchange(values, child, self._random.randrange(len(values)), exchanged)

    def _urged(self, own: FloatArray, value: float, column: int, way: int) -> float:
        """Return another value: above where ``way`` is 1, below where it is -1, either with 0."""
        way = way or self._random.choice((-1, 1))
        draw = self._random.random()
        if draw < _NUDGES:
            return value + way * abs(self._nudge(column))
        beyond = own[own > value] if way > 0 else own[own < value]
        if not len(beyond):
            return value + way * abs(self._nudge(column))
        if draw < _NUDGES + _TIES:
            return float(beyond.min() if way > 0 else beyond.max())
        return float(beyond[self._random.randrange(len(beyond))])

    def _one(self, of: IntArray) -> int:
        return int(of[self._random.randrange(len(of))])

    def _nudge(self, column: int) -> float:
        sign = self._random.choice((-1, 1))
        return sign * self._random.choice(_SCALES) * self._steps[column] * self._random.random()

    @staticmethod
    def _away(own: FloatArray, child: int) -> int:
        return 1 if own[child] >= np.nanmean(own) else -1

    def _across(
        self, own: FloatArray, wrong: IntArray, right: IntArray, goal: float, ordered: FloatArray
    ) -> tuple[int, float]:
        """Return a child on the wrong side of a number, and a value on its right side."""
        child = self._one(wrong)
        if not len(right) or self._random.random() < _TO_THE_NUMBER:
            return child, goal
        return child, float(own[self._one(right)])

    def _set(
        self, values: FloatArray, child: int, columns: tuple[int, ...], of: Quantity, wanted: float
    ) -> Move:
        """Return the move that gives a quantity of a child a value, by one of its columns."""
        if len(columns) == 1:
            return self._value(child, columns[0], wanted)
        is_first = self._random.random() < 0.5
        if isinstance(of, Change):
            half = len(columns) // 2
            after, before = columns[:half], columns[half:]
            if is_first:
                least = self._amount(values, child, before)
                return self._set(values, child, after, of.after, least + wanted)
            most = self._amount(values, child, after)
            return self._set(values, child, before, of.before, most - wanted)
        first, second = values[child, columns[0]], values[child, columns[1]]
        if is_first or wanted <= 0:
            return self._value(child, columns[0], wanted * second)
        return self._value(child, columns[1], first / wanted)

    @staticmethod
    def _amount(values: FloatArray, child: int, columns: tuple[int, ...]) -> float:
        """Return a column of a child, or the ratio of two."""
        if len(columns) == 1:
            return float(values[child, columns[0]])
        above, below = (float(values[child, column]) for column in columns)
        return above / below if below else math.nan

    def _value(self, child: int, column: int, wanted: float) -> Move:
        """Return the move to the nearest value that can be."""
        low, high = self._low[child, column], self._high[child, column]
        value = round(float(min(max(wanted, low), high)), self._digits[column])
        return [(child, column, value + 0.0)] if value == value else []  # noqa: PLR0124

    def _exchange(
        self, values: FloatArray, first: int, second: int, columns: Sequence[int]
    ) -> Move:
        """Return the move that exchanges the values of two children, where each can have them."""
        moves = [(child, column, float(values[other, column])) for column in columns
                 for child, other in ((first, second), (second, first))]
        are_known = all((values[first, column] == values[first, column])
                        == (values[second, column] == values[second, column])
                        for column in columns)
        can_be = are_known and all(
            not (value < self._low[child, column] or value > self._high[child, column])
            for child, column, value in moves)
        return [(child, column, value) for child, column, value in moves
                if value == value] if can_be else []  # noqa: PLR0124 - NaN is not itself
