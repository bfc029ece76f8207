"""Days of events, deaths and last contacts within their windows and in their order."""

from __future__ import annotations

from random import Random
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from remission.reconstruct.follow_up import Course
from remission.statistics.arrays import BoolArray

Days: TypeAlias = NDArray[np.int64]

EVENT, DEATH, LAST = 0, 1, 2
"""Places of a child's days."""
_DRAWS = 1000
"""Draws after which the windows of a child are taken to exclude one another."""


class DaysOfChildren:
    """Days (n × event, death, last contact) within their windows, and when follow-up ended."""

    def __init__(self, course: Course, random: Random) -> None:
        """Draw days within the windows; raises ``ValueError`` where a child can have none."""
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
        if endpoint == "efs" and self.has[child, EVENT]:
            return DEATH if self.course.by_death[child] else EVENT
        return DEATH if self.has[child, DEATH] else LAST

    def changed(self, child: int, what: int, day: int) -> Days | None:
        """Return the days of a child with one of them moved; None where that cannot be."""
        days = self.days[child].copy()
        days[what] = day
        if self.course.by_death[child]:
            days[EVENT] = days[DEATH] = day
        return days if self._can_be(child, days) else None

    def _can_be(self, child: int, days: Days) -> bool:
        has = self.has[child]
        within = (self.first[child] <= days) & (days <= self.final[child])
        if not within[has].all():
            return False
        end = days[DEATH] if has[DEATH] else days[LAST]
        return not has[EVENT] or bool(days[EVENT] <= end)

    def _start(self, child: int) -> Days:
        for _ in range(_DRAWS):
            days = np.array([self._random.randint(int(first), max(int(first), int(final)))
                             for first, final in zip(self.first[child], self.final[child],
                                                     strict=True)])
            if self.course.by_death[child]:
                days[EVENT] = days[DEATH]
            if self._can_be(child, days):
                return days
        raise ValueError(f"No days of child {child} fit in its windows.")
