"""The words of a curve figure: names at the line ends, test, banner, and the numbers at risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from remission.report.drawn import Figure
from remission.report.figures.lettering import kept_apart, shortened, width_of
from remission.report.figures.paper import (
    PAPER_WIDTH,
    SMALL,
    TEXT,
    Across,
    Area,
    Frame,
    Mark,
    Paper,
    Point,
    Stroke,
    Up,
)
from remission.report.figures.plot import Plot
from remission.report.figures.sheet import (
    AXIS_ROOM,
    EDGE,
    GUTTER,
    HEADING,
    ROW,
    UNDER_NAME,
    Sheet,
    end_of,
    height_of,
)
from remission.report.figures.style import INK, SOFT, WARNING, colour_of

_NEAR = 7.0
"""A label no further than this from the end of its line needs no leader, in points."""

_FRAME = 3.0
"""Between the words of the banner and the line around them, in points."""
_CLOSE = 1.15
"""Spacing of the lines of a name, and of the banner."""


def label_ends(plot: Plot, part: Figure, sheet: Sheet) -> None:
    """Write each group's name beside the end of its line: kept apart, in the order of the ends."""
    if not sheet.is_named:
        return
    ends = [_end(position, part) for position in range(len(part.lines))]
    # Of lines that end together the first stands highest, as in the rows under the axis.
    order = sorted(range(len(ends)), key=lambda position: (ends[position][1], -position))
    centres = kept_apart([ends[position][1] / sheet.percent for position in order],
                         [height_of(sheet.labels[position]) for position in order],
                         sheet.plot_height)
    for position, centre in zip(order, centres, strict=True):
        place = (plot.x.end + GUTTER, plot.y.begin + centre)
        plot.paper.write(
            *place, sheet.labels[position], SMALL, colour_of(position), bold=True, up="center",
            spacing=_CLOSE, address=f"{part.address}.label.{position + 1}",
            title=part.lines[position].label)
        _leader(plot, plot.at(*ends[position]), place, colour_of(position))


def _end(position: int, part: Figure) -> tuple[float, float]:
    """Return the day and the value at which a line ends."""
    line = part.lines[position]
    day = end_of(line, part)
    return day, next(step[1] for step in reversed(line.steps) if step[0] <= day)


def _leader(plot: Plot, end: Point, label: Point, colour: str) -> None:
    """Draw a dotted hairline from the end of a line to its label where that stands away from it."""
    sideways, upwards = label[0] - GUTTER - end[0], abs(label[1] - end[1])
    if sideways <= _NEAR and upwards <= _NEAR:
        return
    air = 2.0
    plot.paper.line([(end[0] + air, end[1]), (label[0] - air, label[1])], colour, 0.7, dash=(1, 2))


def write_test(plot: Plot, part: Figure, data: Sequence[Mark]) -> None:
    """Write the test into a corner that no line crosses and few bands reach, else over the plot.

    ``data`` are the marks of lines and bands, without the axes.
    """
    if not part.test:
        return
    lowest_first = not part.rising
    corners: list[tuple[Across, bool]] = [
        ("left", lowest_first), ("right", not lowest_first),
        ("right", lowest_first), ("left", not lowest_first)]
    crossed, _, place = min(
        (*_in_the_way(data, _corner(part.test, side, plot, low=low)), index)
        for index, (side, low) in enumerate(corners))
    side, low = corners[place]
    x = plot.x.begin + EDGE if side == "left" else plot.x.end - EDGE
    y = plot.y.begin + EDGE if low else plot.y.end - EDGE
    up: Up = "bottom" if low else "top"
    if crossed:
        side, x, y, up = "left", plot.x.begin, plot.y.end + EDGE / 2, "bottom"
    plot.paper.write(x, y, part.test, SMALL, across=side, up=up)


@dataclass(frozen=True)
class Room:
    """A rectangle of the paper."""

    left: float
    bottom: float
    right: float
    top: float

    def is_crossed(self, one: Point, other: Point) -> bool:
        """Return whether the line between two points meets the room (Liang and Barsky 1984)."""
        begin, end = 0.0, 1.0
        for start, step, low, high in (
                (one[0], other[0] - one[0], self.left, self.right),
                (one[1], other[1] - one[1], self.bottom, self.top)):
            if step == 0:
                if not low <= start <= high:
                    return False
                continue
            enters, leaves = sorted(((low - start) / step, (high - start) / step))
            begin, end = max(begin, enters), min(end, leaves)
        return begin <= end


def _corner(words: str, side: str, plot: Plot, *, low: bool) -> Room:
    """Return the room of a corner with words in it."""
    width, height = width_of(words, SMALL) + 2 * EDGE, TEXT + 2 * EDGE
    left = plot.x.begin if side == "left" else plot.x.end - width
    bottom = plot.y.begin if low else plot.y.end - height
    return Room(left, bottom, left + width, bottom + height)


def _in_the_way(data: Sequence[Mark], room: Room) -> tuple[int, int]:
    """Return how many lines cross a room, and how many bands reach into it."""
    lines = [mark.points for mark in data if isinstance(mark, Stroke)]
    bands = [mark.corners for mark in data if isinstance(mark, Area)]
    return (sum(any(map(room.is_crossed, line, line[1:])) for line in lines),
            sum(_reaches(band, room) for band in bands))


def _reaches(band: tuple[Point, ...], room: Room) -> bool:
    """Return whether a band, from its lower side there to its upper side back, meets a room."""
    half = len(band) // 2
    lower, upper = band[:half], band[:half - 1:-1]
    return any(
        lower[k][0] <= room.right and lower[k + 1][0] >= room.left
        and lower[k][1] <= room.top and upper[k][1] >= room.bottom
        for k in range(half - 1))


def write_banner(paper: Paper, words: str, left: float) -> None:
    """Write the banner over the plot, where there are no data; at the left, which a phone shows."""
    if words:
        paper.write(left + _FRAME, paper.height - EDGE, words, SMALL, WARNING, bold=True, up="top",
                    spacing=_CLOSE, frame=Frame(_FRAME, WARNING, 0.6))


def write_risk_numbers(paper: Paper, part: Figure, sheet: Sheet) -> None:
    """Write the numbers at risk under the ticks, each group in its colour; each can be chosen."""
    y = sheet.below - AXIS_ROOM

    def write(x: float, words: str, colour: str, **look: Any) -> None:
        paper.write(x, y, words, SMALL, colour, up="center", **look)

    write(EDGE, HEADING, SOFT, italic=True)
    for position, line in enumerate(part.lines):
        colour = colour_of(position) if sheet.is_named else INK
        if sheet.is_named:
            y -= ROW
            name = shortened(line.label, PAPER_WIDTH - 2 * EDGE, SMALL, bold=True)
            write(EDGE, name, colour, bold=True, address=f"{part.address}.name.{position + 1}",
                  title=line.label)
        if sheet.names_above:
            y -= UNDER_NAME
        for index in sheet.shown:
            number = line.at_risk[index]
            write(sheet.left + part.ticks[index] / sheet.day, number.text, colour,
                  across="center", address=number.address)
