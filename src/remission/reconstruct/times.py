"""Search for days of events, deaths and last contact whose curves print as a paper prints them.

Usage::

    found = find_days(
        Course(failed, died, event=Window(1, 1200), death=Window(1, 1200), last=Window(270, 1280)),
        [Survived("efs", rr, at=365, estimate="73.3", se="8.1"),
         Survived("os", rr, at=365, estimate="93.3", se="4.6"),
         Differ("efs", (rr, others), p="0.0004")], seed=1)
    found.event, found.death, found.last   # days (n,) from the origin, NaN where there is none
    found.outcomes                         # each printed number, what was got

Who has an event and who dies is given; the days are free within their windows. A death is an event
too; where it is the first, ``by_death`` says so and both have one day. Whose event is not a death
may die later. The origin, diagnosis or first infusion, is the caller's: windows and times count
from the same day. Groups may overlap. The search is bounded by moves, so that one seed gives the
same days on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from remission.errors import NotEstimable
from remission.reconstruct.curves import log_rank_p, survival_at
from remission.reconstruct.follow_up import Course, CurveTarget, Differ
from remission.reconstruct.measures import MISSED, Window, deviations, deviations_of, miss, window
from remission.reconstruct.outcomes import AFRESH, Outcome, left_out
from remission.statistics import Outcome as FollowedUp
from remission.statistics import kaplan_meier, log_rank
from remission.statistics.arrays import BoolArray, FloatArray, IntArray

Days: TypeAlias = NDArray[np.int64]

MOST_MOVES = 20_000
"""Moves that are tried from each start."""
STARTS = 8
_WARM, _COLD = 0.4, 0.02
_A_PERCENT = 0.3
"""What a percent point costs by which survival or its error is off."""
_EVENTS = 0.5
"""How often an event is moved, and not any end of follow-up."""
_ANYWHERE, _BESIDE = 0.3, 0.4
"""How often a day goes anywhere in its window, and how often next to an event."""
_EVENT, _DEATH, _LAST = 0, 1, 2
_NUDGES = (1, 3, 10, 30, 100)
_EMPTY = 20.0


@dataclass(frozen=True, eq=False)
class FoundDays:
    """The best days found (n,), NaN where there is none, and what they print."""

    event: FloatArray
    death: FloatArray
    last: FloatArray
    outcomes: tuple[Outcome, ...]
    moves: int

    @property
    def complete(self) -> bool:
        """Whether every printed number is met."""
        return not self.unmet

    @property
    def unmet(self) -> tuple[Outcome, ...]:
        """The printed numbers that are not met."""
        return tuple(outcome for outcome in self.outcomes if not outcome.met)


def find_days(
    course: Course, targets: Sequence[CurveTarget], *, seed: int = 1,
    most_moves: int = MOST_MOVES, starts: int = STARTS,
) -> FoundDays:
    """Return days of events, deaths and last contacts that print as the targets do, or nearly.

    Raises ``ValueError`` for windows in which no days are possible.
    """
    best: FoundDays | None = None
    tried = 0
    for attempt in range(starts):
        random = Random(f"{seed}/{attempt}")
        given_up = () if best is None else left_out(targets, best.unmet, random)
        begin = None if best is None or attempt % AFRESH == 0 else best
        found = _Search(course, targets, random, begin).run(most_moves, given_up)
        tried += found.moves
        if best is None or _rank(found) < _rank(best):
            best = found
        if best.complete:
            break
    assert best is not None, "there is at least one start"
    return FoundDays(best.event, best.death, best.last, best.outcomes, tried)


def _rank(found: FoundDays) -> tuple[int, int]:
    return len(found.unmet), sum(not outcome.met_by_all for outcome in found.outcomes)


class _Days:
    """Days (n × event, death, last contact) within their windows, and when follow-up ended."""

    def __init__(self, course: Course, random: Random) -> None:
        self.course, self._random = course, random
        n = len(course.failed)
        windows = (course.event, course.death, course.last)
        self.first = np.column_stack([np.broadcast_to(one.first, n) for one in windows])
        self.final = np.column_stack([np.broadcast_to(one.last, n) for one in windows])
        self.has = np.column_stack([course.failed, course.died, ~course.died])
        self.days: Days = np.zeros((n, 3), dtype=np.int64)
        for child in range(n):
            self.days[child] = self._start(child)

    def had(self, endpoint: str) -> BoolArray:
        """Return who had the event of an endpoint (n,)."""
        return self.course.failed if endpoint == "efs" else self.course.died

    def ended(self, endpoint: str, child: int) -> int:
        """Return the day on which follow-up of a child for an endpoint ended."""
        return int(self.days[child, self.end_of(child, endpoint)])

    def end_of(self, child: int, endpoint: str) -> int:
        """Return what ends the follow-up of a child for an endpoint."""
        if endpoint == "efs" and self.has[child, _EVENT]:
            return _DEATH if self.course.by_death[child] else _EVENT
        return _DEATH if self.has[child, _DEATH] else _LAST

    def changed(self, child: int, what: int, day: int) -> Days | None:
        """Return the days of a child with one of them moved; None where that cannot be."""
        day = min(max(day, int(self.first[child, what])), int(self.final[child, what]))
        days = self.days[child].copy()
        days[what] = day
        if self.course.by_death[child]:
            days[_EVENT] = days[_DEATH] = day
        return days if self._can_be(child, days) else None

    def _can_be(self, child: int, days: Days) -> bool:
        has = self.has[child]
        within = (self.first[child] <= days) & (days <= self.final[child])
        if not within[has].all():
            return False
        end = days[_DEATH] if has[_DEATH] else days[_LAST]
        return not has[_EVENT] or bool(days[_EVENT] <= end)

    def _start(self, child: int) -> Days:
        for _ in range(1000):
            days = np.array([self._random.randint(int(first), max(int(first), int(final)))
                             for first, final in zip(self.first[child], self.final[child],
                                                     strict=True)])
            if self.course.by_death[child]:
                days[_EVENT] = days[_DEATH]
            if self._can_be(child, days):
                return days
        raise ValueError(f"No days of child {child} fit in its windows.")


class _Search:
    """One annealing of days."""

    def __init__(
        self, course: Course, targets: Sequence[CurveTarget], random: Random,
        begin: FoundDays | None,
    ) -> None:
        self._course, self._targets, self._random = course, targets, random
        self._days = _Days(course, random)
        if begin is not None:
            found = np.column_stack((begin.event, begin.death, begin.last))
            self._days.days = np.where(self._days.has, np.nan_to_num(found), 0).astype(np.int64)
        self._rows = [_places(target) for target in targets]
        self._had = {endpoint: self._days.had(endpoint) for endpoint in ("efs", "os")}
        self._events = [tuple(rows[self._had[target.endpoint][rows]] for rows in groups)
                        for target, groups in zip(targets, self._rows, strict=True)]
        self._members = [np.isin(np.arange(len(course.failed)), np.concatenate(rows)).tolist()
                         for rows in self._rows]

    def run(self, most_moves: int, given_up: Collection[int] = ()) -> FoundDays:
        """Return the best days of one annealing; some targets are not aimed at."""
        self._aimed = [place for place in range(len(self._targets)) if place not in given_up]
        self._ended = {endpoint: np.array([self._days.ended(endpoint, child)
                                           for child in range(len(self._course.failed))])
                       for endpoint in ("efs", "os")}
        self._costs = [self._cost(place) if place in self._aimed else 0.0
                       for place in range(len(self._targets))]
        best, lowest = self._days.days.copy(), sum(self._costs)
        moves = 0
        while moves < most_moves and lowest > 0:
            moves += 1
            self._step(_WARM * (_COLD / _WARM) ** (moves / most_moves))
            if sum(self._costs) < lowest - 1e-9:
                best, lowest = self._days.days.copy(), sum(self._costs)
        self._days.days = best
        return self._found(moves)

    def _step(self, warmth: float) -> None:
        missed = [place for place, cost in enumerate(self._costs) if cost > 0]
        if not missed:
            return
        child, what, day = self._proposed(self._random.choice(missed))
        days = self._days.changed(child, what, day)
        if days is None:
            return
        before = self._days.days[child].copy()
        self._put(child, days)
        touched = [place for place in self._aimed if self._members[place][child]]
        most = (sum(self._costs[place] for place in touched)
                - warmth * math.log(1 - self._random.random()))
        costs = []
        for place in touched:
            costs.append(self._cost(place))
            most -= costs[-1]
            if most < 0:
                self._put(child, before)
                return
        for place, cost in zip(touched, costs, strict=True):
            self._costs[place] = cost

    def _put(self, child: int, days: Days) -> None:
        self._days.days[child] = days
        for endpoint, ended in self._ended.items():
            ended[child] = self._days.ended(endpoint, child)

    def _proposed(self, place: int) -> tuple[int, int, int]:
        """Return (child, what, day): anywhere, next to an event, or a little moved."""
        endpoint = self._targets[place].endpoint
        rows, events = (np.concatenate(groups)
                        for groups in (self._rows[place], self._events[place]))
        among = events if len(events) and self._random.random() < _EVENTS else rows
        child = self._one(among)
        what = self._days.end_of(child, endpoint)
        way = self._random.random()
        if way < _ANYWHERE:
            first, final = (int(ends[child, what]) for ends in (self._days.first, self._days.final))
            return child, what, self._random.randint(first, max(first, final))
        if way < _ANYWHERE + _BESIDE and len(events):
            near = int(self._ended[endpoint][self._one(events)])
            return child, what, near + self._random.choice((-1, 0, 1))
        nudge = self._random.choice((-1, 1)) * self._random.choice(_NUDGES)
        return child, what, int(self._days.days[child, what]) + nudge

    def _one(self, of: IntArray) -> int:
        return int(of[self._random.randrange(len(of))])

    def _cost(self, place: int) -> float:
        target = self._targets[place]
        ended = self._ended[target.endpoint]
        groups = [(ended[rows].tolist(), ended[events].tolist())
                  for rows, events in zip(self._rows[place], self._events[place], strict=True)]
        if isinstance(target, Differ):
            p = log_rank_p(groups)
            if math.isnan(p):
                return _EMPTY
            missed = miss(deviations(p), deviations_of(target.printed))
            return missed if missed >= MISSED else 0.0
        got = survival_at(*groups[0], target.at)
        if math.isnan(got[0]):
            return _EMPTY
        return sum(_off(100 * value, window(given)) for value, given in zip(
            got, target.parts.values(), strict=False))

    def _found(self, moves: int) -> FoundDays:
        shown = np.where(self._days.has, self._days.days.astype(np.float64), np.nan)
        outcomes = tuple(outcome for place in range(len(self._targets))
                         for outcome in self._outcomes(place))
        return FoundDays(*shown.T, outcomes, moves)

    def _outcomes(self, place: int) -> Iterator[Outcome]:
        """Yield what became of a target, by the estimates that the analyses use."""
        target, groups = self._targets[place], self._rows[place]
        rows = np.concatenate(groups)
        followed = FollowedUp(
            time=[self._days.ended(target.endpoint, int(child)) for child in rows],
            event=self._had[target.endpoint][rows])
        if isinstance(target, Differ):
            labels = [number for number, group in enumerate(groups) for _ in group]
            try:
                p = log_rank(followed, labels).p
            except NotEstimable:
                p = math.nan
            yield Outcome(target, "p", target.printed, p)
            return
        point = kaplan_meier(followed).at([target.at])[0]
        for part, value in zip(target.parts, (point.survival, point.se), strict=False):
            yield Outcome(target, part, target.parts[part], 100 * value)


def _off(value: float, aim: Window) -> float:
    """Return what a percentage costs."""
    if aim.misses(value) < MISSED:
        return 0.0
    far = max(aim.rounded_low - value, value - aim.rounded_high)
    return MISSED + _A_PERCENT * min(far, 10.0)


def _places(target: CurveTarget) -> tuple[np.ndarray, ...]:
    groups = target.groups if isinstance(target, Differ) else (target.rows,)
    return tuple(np.flatnonzero(group) for group in groups)
