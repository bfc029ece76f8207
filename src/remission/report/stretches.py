"""An axis of days in parts of one scale each: days around the treatment take the most room."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

NEAR, FAR = (-30, 180), (-120, 450)
"""A course that goes beyond ``FAR`` is drawn at one scale between ``NEAR`` only; what lies before
and after takes less room a day."""
_PAST, _FUTURE = 0.14, 0.3
_STEPS = (30, 60, 90, 180, 365, 730, 1461, 3652, 7305)
_CLOSE = 1.3
"""Room of a label, in least distances, so that a part is not full of them."""


@dataclass(frozen=True)
class Stretch:
    """A part of the axis with one scale."""

    first: float
    last: float
    left: float
    right: float

    def place(self, day: float) -> float:
        """Return where a day of this part lies."""
        share = (day - self.first) / (self.last - self.first)
        return self.left + share * (self.right - self.left)


def stretches(
    first: float, last: float, left: float, right: float, *, near_to: float = NEAR[1]
) -> list[Stretch]:
    """Return the parts of the axis from the first to the last day, from left to right.

    ``near_to`` is the last day of the treatment, where it goes beyond the usual.
    """
    first, last, near_to = min(first, 0), max(last, 30), max(near_to, NEAR[1])
    near_from = first if first >= FAR[0] else NEAR[0]
    near_to = last if last <= max(FAR[1], near_to + FAR[1] - NEAR[1]) else near_to
    room = right - left
    begin = left + (_PAST * room if first < near_from else 0)
    end = right - (_FUTURE * room if last > near_to else 0)
    found = [Stretch(near_from, near_to, begin, end)]
    if first < near_from:
        found.insert(0, Stretch(first, near_from, left, begin))
    if last > near_to:
        found.append(Stretch(near_to, last, end, right))
    return found


def place_of(day: float, parts: Sequence[Stretch]) -> float:
    """Return where a day lies on the axis."""
    return next((part for part in parts if day <= part.last), parts[-1]).place(day)


def labelled(parts: Sequence[Stretch], apart: float) -> list[tuple[int, float]]:
    """Return the days that are labelled with their places, at least so far ``apart``.

    Day 0 comes first, then whole steps of each part.
    """
    days = [0]
    for part in parts:
        room = max(1.0, (part.right - part.left) / (apart * _CLOSE))
        step = next((step for step in _STEPS if (part.last - part.first) / step <= room),
                    _STEPS[-1])
        low, high = math.ceil(part.first / step), math.floor(part.last / step)
        days += [number * step for number in range(low, high + 1)]
    found: list[tuple[int, float]] = []
    for day in dict.fromkeys(days):
        x = place_of(day, parts)
        if all(abs(x - other) >= apart for _, other in found):
            found.append((day, x))
    return found
