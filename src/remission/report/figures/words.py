"""The words of a curve figure: names at the line ends, test, banner, and the numbers at risk."""

from __future__ import annotations

from typing import Any

from remission.report.drawn import Figure
from remission.report.figures.lettering import kept_apart, shortened, width_of
from remission.report.figures.sheet import (
    AXIS_ROOM,
    EDGE,
    GUTTER,
    HEADING,
    PAPER_WIDTH,
    ROW,
    SMALL,
    TEXT,
    UNDER_NAME,
    Sheet,
    end_of,
    height_of,
)
from remission.report.figures.style import INK, PAPER, SOFT, WARNING, colour_of

_NEAR = 7.0
"""A label no further than this from the end of its line needs no leader, in points."""

_FRAME = 3.0
"""Between the words of the banner and the line around them, in points."""


def label_ends(axes: Any, part: Figure, sheet: Sheet) -> None:
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
        words, name = sheet.labels[position], part.lines[position].label
        place = (sheet.span, centre * sheet.percent)
        axes.annotate(
            words, place, xytext=(GUTTER, 0), textcoords="offset points", va="center",
            fontsize=SMALL, weight="bold", linespacing=1.15, color=colour_of(position),
            annotation_clip=False, gid=f"{part.address}.label.{position + 1}",
            label="" if words.replace("\n", " ") == name else name,
        )
        _leader(axes, ends[position], place, colour_of(position), sheet)


def _end(position: int, part: Figure) -> tuple[float, float]:
    """Return the day and the value at which a line ends."""
    line = part.lines[position]
    day = end_of(line, part)
    return day, next(step[1] for step in reversed(line.steps) if step[0] <= day)


def _leader(
    axes: Any, end: tuple[float, float], place: tuple[float, float], colour: str, sheet: Sheet
) -> None:
    """Draw a dotted hairline from the end of a line to its label where that stands away from it."""
    from matplotlib.collections import LineCollection

    sideways, upwards = place[0] - end[0], abs(place[1] - end[1])
    if sideways <= _NEAR * sheet.day and upwards <= _NEAR * sheet.percent:
        return
    air = 2 * sheet.day
    points = [(end[0] + air, end[1]), (place[0] + GUTTER * sheet.day - air, place[1])]
    axes.add_collection(LineCollection([points], colors=colour, linewidths=0.7,
                                       linestyles=[(0, (1, 2))], clip_on=False), autolim=False)


def write_test(axes: Any, part: Figure, sheet: Sheet) -> None:
    """Write the test into a corner that no line crosses and few bands reach, else over the plot."""
    if not part.test:
        return
    lowest_first = not part.rising
    corners = [("left", lowest_first), ("right", not lowest_first),
               ("right", lowest_first), ("left", not lowest_first)]
    crossed, _, place = min(
        (*_in_the_way(axes, _corner(part.test, side, sheet, low=low)), index)
        for index, (side, low) in enumerate(corners))
    side, low = corners[place]
    day = EDGE * sheet.day if side == "left" else sheet.span - EDGE * sheet.day
    value = EDGE * sheet.percent if low else sheet.top - EDGE * sheet.percent
    up = "bottom" if low else "top"
    if crossed:
        side, day, value, up = "left", 0.0, sheet.top + EDGE / 2 * sheet.percent, "bottom"
    axes.text(day, value, part.test, fontsize=SMALL, ha=side, va=up)


def _corner(words: str, side: str, sheet: Sheet, *, low: bool) -> Any:
    """Return the box of a corner with words in it, in days and percent."""
    from matplotlib.transforms import Bbox

    width = (width_of(words, SMALL) + 2 * EDGE) * sheet.day
    height = (TEXT + 2 * EDGE) * sheet.percent
    left = 0.0 if side == "left" else sheet.span - width
    bottom = 0.0 if low else sheet.top - height
    return Bbox.from_bounds(left, bottom, width, height)


def _in_the_way(axes: Any, box: Any) -> tuple[int, int]:
    """Return how many lines and leaders cross a box, and how many bands reach into it."""
    from matplotlib.collections import LineCollection

    drawn = [line.get_path() for line in axes.lines if line.get_linestyle() != "None"]
    areas: list[Any] = []
    for collection in axes.collections:
        (drawn if isinstance(collection, LineCollection) else areas).extend(collection.get_paths())
    return (sum(path.intersects_bbox(box, filled=False) for path in drawn),
            sum(path.intersects_bbox(box, filled=True) for path in areas))


def write_banner(figure: Any, words: str, left: float, height: float) -> None:
    """Write the banner over the plot, where there are no data; at the left, which a phone shows."""
    if words:
        figure.text(
            (left + _FRAME) / PAPER_WIDTH, 1 - EDGE / height, words,
            fontsize=SMALL, weight="bold", color=WARNING, va="top", linespacing=1.15,
            bbox={"facecolor": PAPER, "edgecolor": WARNING, "linewidth": 0.6, "pad": _FRAME})


def write_risk_numbers(figure: Any, part: Figure, sheet: Sheet) -> None:
    """Write the numbers at risk under the ticks, each group in its colour; each can be chosen."""
    y = sheet.below - AXIS_ROOM

    def write(x: float, words: str, **look: Any) -> None:
        figure.text(x / PAPER_WIDTH, y / sheet.height, words, fontsize=SMALL, va="center", **look)

    write(EDGE, HEADING, style="italic", color=SOFT)
    for position, line in enumerate(part.lines):
        colour = colour_of(position) if sheet.is_named else INK
        if sheet.is_named:
            y -= ROW
            name = shortened(line.label, PAPER_WIDTH - 2 * EDGE, SMALL, bold=True)
            write(EDGE, name, weight="bold", color=colour,
                  gid=f"{part.address}.name.{position + 1}",
                  label="" if name == line.label else line.label)
        if sheet.names_above:
            y -= UNDER_NAME
        for index in sheet.shown:
            number = line.at_risk[index]
            write(sheet.left + part.ticks[index] / sheet.day, number.text, ha="center",
                  color=colour, gid=number.address)
