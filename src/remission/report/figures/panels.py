"""Panels of boxes: every value is drawn, pairs are joined, P stands over what it compares."""

from __future__ import annotations

import math

from remission.report.drawn import Box, Panel, Panels
from remission.report.figures.lettering import fitted, shortened, width_of
from remission.report.figures.paper import PAPER_WIDTH, SMALL, Paper
from remission.report.figures.plot import Plot, Scale, powers_of, round_ticks, tick_names
from remission.report.figures.sheet import EDGE
from remission.report.figures.style import PAPER, SOFT, colour_of
from remission.report.figures.words import write_banner

_COLUMNS = {2: 3, 4: 2}
"""How many panels stand side by side, by how many boxes they hold at most; one of more boxes."""
_PLOT, _ABOVE, _BELOW = 128.0, 46.0, 30.0
"""Height of a panel's plot, room above it for its title and P, and below it for the names."""
_LEFT, _GAP = 40.0, 12.0
_BANNER, _NAMES = 20.0, 16.0
_WIDTH = 0.5
"""Width of a box, the next box being 1 away."""
_SPREAD = 0.14
"""Half the width over which the values of a box without pairs are spread."""
_STEEP = 50.0
"""The largest value over the smallest from which the axis is logarithmic."""
_MARK = 17.0
_LETTER = 8.0
_TICKS = 5
"""Steps between the ticks of a panel, at most."""


def draw_panels(part: Panels, *, banner: str = "") -> Paper:
    """Return the drawing of a figure of panels; ``banner`` is written above it."""
    words = fitted(banner.upper(), PAPER_WIDTH - 4 * EDGE, SMALL, bold=True) if banner else ""
    columns = _columns(part)
    rows = math.ceil(len(part.panels) / columns)
    most = max((len(_levels(panel)) for panel in part.panels), default=0)
    high = _ABOVE + _MARK * max(0, most - 1) + _PLOT + _BELOW
    top = (_BANNER if words else 0.0) + (_NAMES if part.names else 0.0)
    paper = Paper(PAPER_WIDTH, top + rows * high + EDGE)
    width = (PAPER_WIDTH - EDGE) / columns
    for place, panel in enumerate(part.panels):
        row, column = divmod(place, columns)
        plot = _plot(paper, panel, column * width + _LEFT,
                     paper.height - top - (row + 1) * high + _BELOW, width - _LEFT - _GAP)
        _draw_panel(plot, panel, f"{part.address}.panel.{place + 1}")
    _write_names(paper, part, paper.height - (_BANNER if words else 0.0) - _NAMES / 2 - 2)
    write_banner(paper, words, EDGE)
    return paper


def _columns(part: Panels) -> int:
    most = max((len(panel.boxes) for panel in part.panels), default=0)
    return next((columns for boxes, columns in _COLUMNS.items() if most <= boxes), 1)


def _write_names(paper: Paper, part: Panels, y: float) -> None:
    """Write the names of the groups in their colours over all panels."""
    x = _LEFT
    for place, name in enumerate(part.names):
        paper.write(x, y, name, SMALL, colour_of(place), bold=True, up="center",
                    address=f"{part.address}.name.{place + 1}")
        x += width_of(name, SMALL, bold=True) + 2 * _GAP


def _plot(paper: Paper, panel: Panel, left: float, bottom: float, width: float) -> Plot:
    """Return the plot of a panel, the boxes 1 apart; far values lie on a logarithmic axis."""
    values = [value for box in panel.boxes for value in box.values]
    is_log = bool(values) and min(values) > 0 and max(values) / min(values) > _STEEP
    low, high = _limits(values, is_log=is_log)
    return Plot(paper, Scale(-0.6, len(panel.boxes) - 0.4, left, width),
                Scale(low, high, bottom, _PLOT, is_log))


def _draw_panel(plot: Plot, panel: Panel, address: str) -> None:
    for place, box in enumerate(panel.boxes):
        _draw_box(plot, box, place)
    if panel.paired:
        for first in range(0, len(panel.boxes) - 1, 2):
            _join(plot, panel.boxes[first], panel.boxes[first + 1], first)
    for place, box in enumerate(panel.boxes):
        _draw_values(plot, box, place, is_paired=panel.paired)
    _frame(plot, panel, address)
    _write_marks(plot, panel)


def _limits(values: list[float], *, is_log: bool) -> tuple[float, float]:
    """Return the ends of the value axis, with air on both sides; a rise from 0 begins there."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if is_log:
        return low / 1.5, high * 1.5
    air = 0.06 * ((high - low) or abs(high) or 1.0)
    return (-air / 2 if low >= 0 and low < 0.4 * high else low - air), high + air


def _frame(plot: Plot, panel: Panel, address: str) -> None:
    room = plot.x.room / len(panel.boxes)
    names = [(fitted if " " in box.label else shortened)(box.label, room, SMALL)
             for box in panel.boxes]
    plot.bottom_axis(range(len(names)), names, size=SMALL, pad=2, tick=0)
    low, high = plot.y.low, plot.y.high
    ticks = powers_of(low, high) if plot.y.is_log else round_ticks(low, high, _TICKS)
    plot.left_axis(ticks, tick_names(ticks), size=_LETTER + 0.3, pad=2)
    title = f"{panel.title}, {panel.unit}" if panel.unit else panel.title
    plot.paper.write(
        plot.x.begin - _LEFT + _GAP, plot.y.end + 12 + _MARK * len(_levels(panel)),
        shortened(title, plot.x.room + _LEFT, SMALL, bold=True), SMALL, bold=True, up="bottom",
        address=address, title=title)


def _join(plot: Plot, before: Box, after: Box, place: int) -> None:
    """Draw a line for each pair, from the value before to the value after."""
    inside = _WIDTH / 2 + 0.04
    for one, other in zip(before.values, after.values, strict=True):
        plot.line([(place + inside, one), (place + 1 - inside, other)], colour_of(before.colour),
                  0.5, alpha=0.45)


def _draw_box(plot: Plot, box: Box, place: int) -> None:
    """Draw the box and whiskers that are known."""
    colour = colour_of(box.colour)
    low, first, middle, third, high = box.five
    left, right = place - _WIDTH / 2, place + _WIDTH / 2
    if first is not None and third is not None:
        corners = [(left, first), (right, first), (right, third), (left, third), (left, first)]
        plot.paper.area([plot.at(*corner) for corner in corners[:-1]], colour, alpha=0.13)
        plot.line(corners, colour, 0.8, is_long=True)
        for end, quartile in ((low, first), (high, third)):
            if end is not None:
                plot.line([(place, quartile), (place, end)], colour, 0.8, is_long=True)
    if middle is not None:
        plot.line([(left, middle), (right, middle)], colour, 1.8)


def _draw_values(plot: Plot, box: Box, place: int, *, is_paired: bool) -> None:
    """Draw every value; a limit is an open dot."""
    colour = colour_of(box.colour)
    spread = 0.0 if is_paired else _SPREAD
    for is_limit in (False, True):
        chosen = [(place + spread * _jitter(number), value)
                  for number, (value, limit) in enumerate(
                      zip(box.values, box.is_limit, strict=True)) if limit is is_limit]
        plot.signs(chosen, "o", 2.6, PAPER if is_limit else colour, edge=colour, edge_width=0.6,
                   alpha=0.85)


def _jitter(number: int) -> float:
    """Return where a value stands across its box, from −1 to 1: the golden ratio's multiples."""
    return 2 * ((number * 0.6180339887498949) % 1) - 1


def _levels(panel: Panel) -> list[list[int]]:
    """Return the marks by height over the plot: those that would cross stand over each other."""
    levels: list[list[int]] = []
    for number, (first, last, _, _) in enumerate(panel.marks):
        free = next((level for level in levels if all(
            last < panel.marks[other][0] or first > panel.marks[other][1] for other in level)),
            None)
        if free is None:
            levels.append([number])
        else:
            free.append(number)
    return levels


def _write_marks(plot: Plot, panel: Panel) -> None:
    """Write each comparison over a bracket: the stars, and P beside them."""
    for height, level in enumerate(_levels(panel)):
        y = plot.y.end + 5 + _MARK * height
        for number in level:
            first, last, stars, p = panel.marks[number]
            begin, end = plot.x(first), plot.x(last)
            if last > first:
                plot.paper.line([(begin, y - 3), (begin, y), (end, y), (end, y - 3)], SOFT, 0.7,
                                is_long=True)
            plot.paper.write((begin + end) / 2, y + 1.5, f"{stars}  {p.text}".strip(), _LETTER,
                             across="center", up="bottom", address=p.address)
