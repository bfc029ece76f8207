"""A plot on the paper: values become points; its axes are drawn as far as they are asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from remission.report.figures.lettering import box_of
from remission.report.figures.paper import TEXT, Paper, Point, Words
from remission.report.figures.style import INK

AXIS = 0.8
"""Width of axes and their ticks."""
TICK = 3.0


@dataclass(frozen=True)
class Scale:
    """Values from ``low``, which may be the larger, to ``high`` over ``room`` points.

    Where both are the same, as in a cohort that nobody followed, that value lies at the beginning.
    """

    low: float
    high: float
    begin: float
    room: float
    is_log: bool = False

    def __call__(self, value: float) -> float:
        """Return where a value lies."""
        low, high = self.low, self.high
        if self.is_log:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        return self.begin + (value - low) / ((high - low) or 1.0) * self.room

    @property
    def end(self) -> float:
        """Where the highest value lies."""
        return self.begin + self.room


@dataclass(frozen=True)
class Plot:
    """A rectangle of the paper with a scale across and one up."""

    paper: Paper
    x: Scale
    y: Scale

    def at(self, x: float, y: float) -> Point:
        """Return the point of two values."""
        return self.x(x), self.y(y)

    def line(self, points: Sequence[Point], colour: str, width: float, **look: Any) -> None:
        """Draw a line through points in values; what has no place, NaN, parts it."""
        for stretch in _unbroken(points):
            self.paper.line([self.at(x, y) for x, y in stretch], colour, width, **look)

    def signs(
        self, points: Sequence[Point], shape: str, size: float, colour: str, **look: Any
    ) -> None:
        """Draw a sign at each point in values."""
        self.paper.signs([self.at(x, y) for x, y in points], shape, size, colour, **look)

    def bottom_axis(  # noqa: PLR0917 - what an axis has
        self, ticks: Sequence[float], names: Sequence[str], label: str = "", size: float = TEXT,
        pad: float = 3.0, label_pad: float = 3.0, *, tick: float = TICK, has_line: bool = True,
        label_size: float = TEXT,
    ) -> None:
        """Draw the axis under the plot, its ticks with their names, and its label under these."""
        bottom, paper = self.y.begin, self.paper
        if has_line:
            paper.line([(self.x.begin, bottom), (self.x.end, bottom)], INK, AXIS, is_long=True)
        lowest = bottom - tick - pad
        for value, name in zip(ticks, names, strict=True):
            place = self.x(value)
            if tick:
                paper.line([(place, bottom), (place, bottom - tick)], INK, AXIS)
            paper.write(place, bottom - tick - pad, name, size, across="center", up="top")
            lowest = min(lowest, box_of(_last_words(paper))[1])
        if label:
            paper.write(self.x.begin + self.x.room / 2, lowest - label_pad, label, label_size,
                        across="center", up="top")

    def left_axis(  # noqa: PLR0917 - what an axis has
        self, ticks: Sequence[float], names: Sequence[str], label: str = "", size: float = TEXT,
        pad: float = 3.0, label_pad: float = 4.0, *, tick: float = TICK, width: float = AXIS,
        outward: float = 0.0, has_line: bool = True,
    ) -> None:
        """Draw the axis at the left of the plot, ``outward`` of it, in the same way."""
        left, paper = self.x.begin - outward, self.paper
        if has_line:
            paper.line([(left, self.y.begin), (left, self.y.end)], INK, AXIS, is_long=True)
        outmost = left - tick - pad
        for value, name in zip(ticks, names, strict=True):
            place = self.y(value)
            if tick:
                paper.line([(left, place), (left - tick, place)], INK, width)
            paper.write(left - tick - pad, place, name, size, across="right", up="figures")
            outmost = min(outmost, box_of(_last_words(paper))[0])
        if label:
            paper.write(outmost - label_pad, self.y.begin + self.y.room / 2, label,
                        across="center", up="bottom", is_turned=True)


def powers_of(low: float, high: float) -> list[float]:
    """Return the ticks of a logarithmic axis: powers of ten, 2 and 5 of each where they are few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks: list[float] = []
    for bases in ((1,), (1, 2, 5)):
        ticks = [base * 10.0**power for power in powers for base in bases
                 if low <= base * 10.0**power <= high]
        if len(ticks) > 1:
            break
    return ticks


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """Return round values within two ends, evenly apart: 1, 2, 2.5 or 5 of a power of ten."""
    if not high > low:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(base * power for base in (1, 2, 2.5, 5, 10, 20)
                if math.floor(high / (base * power) + 1e-9)
                - math.ceil(low / (base * power) - 1e-9) <= most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def tick_names(ticks: Sequence[float]) -> list[str]:
    """Return ticks as they are printed, with the sign of minus."""
    return [f"{round(tick, 10):g}".replace("-", "−") for tick in ticks]


def _last_words(paper: Paper) -> Words:
    words = paper.marks[-1]
    assert isinstance(words, Words)
    return words


def _unbroken(points: Sequence[Point]) -> list[list[Point]]:
    """Return the stretches of points between those that have no place."""
    stretches: list[list[Point]] = [[]]
    for point in points:
        if math.isnan(point[0]) or math.isnan(point[1]):
            stretches.append([])
        else:
            stretches[-1].append(point)
    return [stretch for stretch in stretches if stretch]


