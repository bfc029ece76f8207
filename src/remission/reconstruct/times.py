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
from the same day, but for targets that have an origin of their own for each child. Groups may
overlap. The search is bounded by moves, so that one seed gives the same days on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from remission.errors import NotEstimable
from remission.reconstruct.curves import log_rank_p, survival_at
from remission.reconstruct.days_of_children import LAST, Days, DaysOfChildren
from remission.reconstruct.follow_up import Course, CurveTarget, Differ
from remission.reconstruct.outcomes import AFRESH, Outcome, left_out
from remission.reconstruct.rank_distance import deviations, deviations_of, miss
from remission.reconstruct.windows import MISSED, Window, window
from remission.statistics import Outcome as FollowedUp
from remission.statistics import kaplan_meier, log_rank
from remission.statistics.arrays import FloatArray, IntArray

MOST_MOVES = 20_000
"""Moves that are tried from each start."""
STARTS = 8
_WARM, _COLD = 0.4, 0.02
_A_PERCENT = 0.3
"""What a percent point costs by which survival or its error is off."""
_A_TEST = 0.3
"""Share of its usual cost that a log-rank test has, lest it pulls days away from survival."""
_EVENTS = 0.5
"""How often an event is moved, and not any end of follow-up."""
_IN_ORDER, _ANYWHERE, _BESIDE = 0.2, 0.4, 0.75
"""Up to which share of moves an event is put after a last contact, a day goes anywhere in its
window, or next to an event; the rest are small."""
_EARLY = 4
"""Draws of which the earliest last contact is taken."""
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


class _Search:
    """One annealing of days."""

    def __init__(
        self, course: Course, targets: Sequence[CurveTarget], random: Random,
        begin: FoundDays | None,
    ) -> None:
        self._course, self._targets, self._random = course, targets, random
        self._days = DaysOfChildren(course, random)
        if begin is not None:
            found = np.column_stack((begin.event, begin.death, begin.last))
            self._days.days = np.where(self._days.has, np.nan_to_num(found), 0).astype(np.int64)
        self._rows = [_places(target) for target in targets]
        self._origins = [np.zeros(len(course.failed), dtype=np.int64) if target.origin is None
                         else target.origin for target in targets]
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
        before = []
        for child, what, day in self._proposed(self._random.choice(missed)):
            days = self._days.changed(child, what, day)
            if days is not None:
                before.append((child, self._days.days[child].copy()))
                self._put(child, days)
        moved = [child for child, _ in before]
        touched = [place for place in self._aimed if any(
            self._members[place][child] for child in moved)]
        most = (sum(self._costs[place] for place in touched)
                - warmth * math.log(1 - self._random.random()))
        costs = []
        for place in touched:
            costs.append(self._cost(place))
            most -= costs[-1]
            if most < 0:
                for child, days in reversed(before):
                    self._put(child, days)
                return
        for place, cost in zip(touched, costs, strict=True):
            self._costs[place] = cost

    def _put(self, child: int, days: Days) -> None:
        self._days.days[child] = days
        for endpoint, ended in self._ended.items():
            ended[child] = self._days.ended(endpoint, child)

    def _proposed(self, place: int) -> list[tuple[int, int, int]]:
        """Return (child, what, day): anywhere, next to an event, a little moved; or an order."""
        endpoint = self._targets[place].endpoint
        rows, events = (np.concatenate(groups)
                        for groups in (self._rows[place], self._events[place]))
        way = self._random.random()
        if way < _IN_ORDER and 0 < len(events) < len(rows):
            return self._in_order(endpoint, rows, events)
        among = events if len(events) and self._random.random() < _EVENTS else rows
        child = self._one(among)
        what = self._days.end_of(child, endpoint)
        if way < _ANYWHERE:
            return [(child, what, self._anywhere(child, what, -1))]
        if way < _BESIDE and len(events):
            other, origin = self._one(events), self._origins[place]
            near = int(self._ended[endpoint][other] - origin[other] + origin[child])
            return [(child, what, near + self._random.choice((-1, 0, 1)))]
        nudge = self._random.choice((-1, 1)) * self._random.choice(_NUDGES)
        return [(child, what, int(self._days.days[child, what]) + nudge)]

    def _in_order(
        self, endpoint: str, rows: IntArray, events: IntArray
    ) -> list[tuple[int, int, int]]:
        """Return a last contact, moved or not, and an event after it: survival then falls more."""
        leaver = self._one(rows[~self._had[endpoint][rows]])
        child = self._one(events)
        moves, day = [], int(self._ended[endpoint][leaver])
        if self._random.random() < 0.5:
            day = min(self._anywhere(leaver, LAST, -1) for _ in range(_EARLY))
            moves = [(leaver, LAST, day)]
        what = self._days.end_of(child, endpoint)
        return [*moves, (child, what, self._anywhere(child, what, day))]

    def _anywhere(self, child: int, what: int, after: int) -> int:
        """Return a day within a window, if possible after another day."""
        first, final = (int(ends[child, what]) for ends in (self._days.first, self._days.final))
        first = max(first, after + 1)
        return self._random.randint(first, max(first, final))

    def _one(self, of: IntArray) -> int:
        return int(of[self._random.randrange(len(of))])

    def _cost(self, place: int) -> float:
        target = self._targets[place]
        ended = self._ended[target.endpoint] - self._origins[place]
        groups = [(ended[rows].tolist(), ended[events].tolist())
                  for rows, events in zip(self._rows[place], self._events[place], strict=True)]
        if isinstance(target, Differ):
            p = log_rank_p(groups)
            if math.isnan(p):
                return _EMPTY
            missed = miss(deviations(p), deviations_of(target.printed))
            return 0.0 if missed < MISSED else MISSED + min(_A_TEST * (missed - MISSED), 1.0)
        got = survival_at(*groups[0], target.at)
        if math.isnan(got[0]):
            return _EMPTY
        return sum(_off(100 * value, window(given)) for value, given in zip(
            got, target.parts.values(), strict=False))

    def _found(self, moves: int) -> FoundDays:
        event, death, last = np.where(
            self._days.has, self._days.days.astype(np.float64), np.nan).T
        outcomes = tuple(outcome for place in range(len(self._targets))
                         for outcome in self._outcomes(place))
        return FoundDays(event, death, last, outcomes, moves)

    def _outcomes(self, place: int) -> Iterator[Outcome]:
        """Yield what became of a target, by the estimates that the analyses use."""
        target, groups = self._targets[place], self._rows[place]
        rows = np.concatenate(groups)
        followed = FollowedUp(
            time=[self._days.ended(target.endpoint, int(child)) - self._origins[place][child]
                  for child in rows],
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
