"""Forest plot: ratios with their intervals on a logarithmic axis, the numbers at the right."""

from __future__ import annotations

import math

from remission.report.drawn import Forest, ForestRow
from remission.report.figures.lettering import fitted, shortened, width_of
from remission.report.figures.paper import PAPER_WIDTH, SMALL, TEXT, Across, Paper
from remission.report.figures.plot import Plot, Scale
from remission.report.figures.sheet import EDGE
from remission.report.figures.style import INK, PAPER, SOFT, colour_of
from remission.report.figures.words import write_banner
from remission.report.spans import Number

_ROW = 17.0
_INDENT = 9.0
_LABEL_LIMIT = 170.0
_BELOW = 54.0
_ABOVE = 22.0
_BANNER = 20.0
_GAP = 10.0
_TICKS = tuple(base * 10.0**power for power in range(-3, 4) for base in (1, 2, 5))
_WIDEST = 100.0
"""A bound beyond this ratio, or its inverse, is drawn as an arrow."""
_APART = 3.2
"""Between the two marks of a row, from its middle, in points."""


def draw_forest(part: Forest, *, banner: str = "") -> Paper:
    """Return the drawing of a forest plot; ``banner`` is written above it."""
    words = fitted(banner.upper(), PAPER_WIDTH - 4 * EDGE, SMALL, bold=True) if banner else ""
    above = _ABOVE + (_BANNER if words else 0.0)
    room = _ROW * len(part.rows)
    left, right = _left(part), _right(part)
    paper = Paper(PAPER_WIDTH, above + room + _BELOW)
    low, high = _limits(part)
    plot = Plot(paper, Scale(low, high, left, PAPER_WIDTH - left - right, is_log=True),
                Scale(len(part.rows), 0, _BELOW, room))
    _frame(plot, part)
    for place, row in enumerate(part.rows):
        _draw_row(plot, row, place)
        _write_row(plot, part, place)
    paper.write(plot.x.end + _GAP, plot.y.end + 9, part.text_label, SMALL, bold=True, up="center")
    _write_sides(plot, part)
    write_banner(paper, words, EDGE)
    return paper


def _left(part: Forest) -> float:
    widest = max((width_of(_label(row), SMALL, bold=row.is_head) + _indent(row)
                  for row in part.rows), default=0.0)
    return EDGE + widest + _GAP


def _right(part: Forest) -> float:
    texts = [row.text.text if isinstance(row.text, Number) else row.text for row in part.rows]
    widest = max(width_of(text, SMALL) for text in [*texts, part.text_label])
    return EDGE + widest + _GAP


def _label(row: ForestRow) -> str:
    return shortened(row.label, _LABEL_LIMIT, SMALL, bold=row.is_head)


def _indent(row: ForestRow) -> float:
    return _INDENT if row.is_level else 0.0


def _limits(part: Forest) -> tuple[float, float]:
    """Return the ends of the axis as ratios: what the bounds need, 1 within, arrows beyond."""
    ends = [end for row in part.rows for mark in row.marks if mark for end in mark]
    within = [min(max(end, 1 / _WIDEST), _WIDEST) for end in ends]
    low, high = min([*within, 0.5]), max([*within, 2.0])
    return (max(tick for tick in _TICKS if tick <= low * 1.001),
            min(tick for tick in _TICKS if tick >= high * 0.999))


def _frame(plot: Plot, part: Forest) -> None:
    ticks = _ticks(plot.x.low, plot.x.high)
    plot.bottom_axis(ticks, [f"{tick:g}" for tick in ticks], part.x_label, label_pad=16)
    plot.line([(1, 0), (1, len(part.rows))], SOFT, 0.8, dash=(2, 2))


def _ticks(low: float, high: float) -> list[float]:
    """Return the ticks of the axis: 1, 2 and 5 of each power on a short one, else the powers."""
    inside = [tick for tick in _TICKS if low * 0.999 <= tick <= high * 1.001]
    if len(inside) <= 7:
        return inside
    powers = [tick for tick in inside if abs(math.log10(tick) % 1) < 1e-6 or abs(
        math.log10(tick) % 1 - 1) < 1e-6]
    return powers if len(powers) > 2 else inside[::2]


def _draw_row(plot: Plot, row: ForestRow, place: int) -> None:
    middle = place + 0.5
    if row.is_reference:
        plot.signs([(1, middle)], "|", 7, INK)
    several = sum(mark is not None for mark in row.marks) > 1
    for series, mark in enumerate(row.marks):
        if mark is not None:
            shift = (-_APART if series == 0 else _APART) / _ROW if several else 0.0
            _draw_mark(plot, mark, middle + shift, series)


def _draw_mark(plot: Plot, mark: tuple[float, float, float], y: float, series: int) -> None:
    """Draw one interval with its estimate; an arrow where it goes on beyond the axis."""
    colour, low, high = colour_of(series), plot.x.low, plot.x.high
    estimate, lower, upper = mark
    begin, end = (min(max(bound, low), high) for bound in (lower, upper))
    plot.line([(begin, y), (end, y)], colour, 1.3)
    for beyond, at, arrow in ((lower < low, begin, "<"), (upper > high, end, ">")):
        if beyond:
            plot.signs([(at, y)], arrow, 4, colour)
    if low <= estimate <= high:
        plot.signs([(estimate, y)], "s" if series == 0 else "o", 5,
                   colour if series == 0 else PAPER, edge=colour, edge_width=1.1)


def _write_row(plot: Plot, part: Forest, place: int) -> None:
    """Write the label at the left and the ratio at the right, which can be chosen."""
    row, y = part.rows[place], plot.y(place + 0.5)
    plot.paper.write(EDGE + _indent(row), y, _label(row), SMALL, bold=row.is_head, up="center",
                     address=f"{part.address}.row.{place + 1}", title=row.label)
    x = plot.x.end + _GAP
    if isinstance(row.text, Number):
        plot.paper.write(x, y, row.text.text, SMALL, up="center", address=row.text.address)
    elif row.text:
        plot.paper.write(x, y, row.text, SMALL, SOFT, up="center")


def _write_sides(plot: Plot, part: Forest) -> None:
    """Write what lies on either side of 1 under the ticks."""
    sides: tuple[tuple[str, float, Across], ...] = (
        (f"← {part.fewer}", plot.x.begin, "left"), (f"{part.more} →", plot.x.end, "right"))
    for words, x, side in sides:
        if width_of(words, TEXT - 1) <= plot.x.room / 2:
            plot.paper.write(x, _BELOW - 25, words, TEXT - 1, SOFT, italic=True, across=side,
                             up="center")
