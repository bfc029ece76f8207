"""Grade bars: one a term, as long as the share with any grade, darker where it is worse."""

from __future__ import annotations

from remission.report.drawn import Bar, Bars
from remission.report.figures.lettering import fitted, shortened, width_of
from remission.report.figures.paper import PAPER_WIDTH, SMALL, Paper
from remission.report.figures.plot import Plot, Scale
from remission.report.figures.sheet import EDGE
from remission.report.figures.style import PAPER, SOFT
from remission.report.figures.words import write_banner

SHADES = ("#cfdcea", "#94b4d4", "#4f84b8", "#0b5394", "#072f55")
"""Grade 1 to 5: one hue, each darker than the one before, apart in greyscale too."""

_ROW, _THICK = 19.0, 0.66
_INDENT, _GAP = 9.0, 10.0
_LABEL_LIMIT = 170.0
_BELOW, _ABOVE, _BANNER = 40.0, 26.0, 20.0
_KEY = 9.0


def draw_bars(part: Bars, *, banner: str = "") -> Paper:
    """Return the drawing of grade bars; ``banner`` is written above them."""
    words = fitted(banner.upper(), PAPER_WIDTH - 4 * EDGE, SMALL, bold=True) if banner else ""
    above = _ABOVE + (_BANNER if words else 0.0)
    room = _ROW * len(part.bars)
    paper = Paper(PAPER_WIDTH, above + room + _BELOW)
    left = EDGE + _GAP + max(
        width_of(_label(bar), SMALL, bold=bar.is_head) + _indent(bar) for bar in part.bars)
    right = EDGE + _GAP + max((width_of(bar.count.text, SMALL) for bar in part.bars
                               if bar.count is not None), default=0.0)
    top = _top_of(part)
    plot = Plot(paper, Scale(0, top, left, PAPER_WIDTH - left - right),
                Scale(len(part.bars), 0, _BELOW, room))
    for place, bar in enumerate(part.bars):
        _draw_bar(plot, bar, place)
        _write_row(plot, part, place)
    _frame(plot, part, top)
    _write_key(paper, part, left, paper.height - above + 12)
    write_banner(paper, words, EDGE)
    return paper


def _label(bar: Bar) -> str:
    return shortened(bar.label, _LABEL_LIMIT, SMALL, bold=bar.is_head)


def _indent(bar: Bar) -> float:
    return 0.0 if bar.is_head else _INDENT


def _top_of(part: Bars) -> float:
    longest = max((sum(bar.parts) for bar in part.bars), default=0.0)
    return next(top for top in (10.0, 20.0, 40.0, 60.0, 80.0, 100.0)
                if longest <= top + 1e-6 or top == 100.0)


def _frame(plot: Plot, part: Bars, top: float) -> None:
    ticks = [top * k / 4 for k in range(5)]
    plot.bottom_axis(ticks, [f"{tick:g}" for tick in ticks], part.x_label)
    plot.left_axis([], [])


def _draw_bar(plot: Plot, bar: Bar, place: int) -> None:
    start, thick = 0.0, _THICK * _ROW
    for shade, share in zip(SHADES, bar.parts, strict=False):
        if share <= 0:
            continue
        begin, middle = plot.at(start, place + 0.5)
        plot.paper.box(begin, middle - thick / 2, plot.x(start + share) - begin, thick, shade,
                       edge=PAPER, edge_width=0.6)
        start += share


def _write_row(plot: Plot, part: Bars, place: int) -> None:
    """Write the label at the left and the count at the right of one bar."""
    bar, y = part.bars[place], plot.y(place + 0.5)
    plot.paper.write(EDGE + _indent(bar), y, _label(bar), SMALL, bold=bar.is_head, up="center",
                     address=f"{part.address}.bar.{place + 1}", title=bar.label)
    if bar.count is not None:
        plot.paper.write(plot.x.end + _GAP, y, bar.count.text, SMALL, up="center",
                         address=bar.count.address)


def _write_key(paper: Paper, part: Bars, left: float, y: float) -> None:
    """Write which shade is which grade, over the bars."""
    x = left
    for shade, name in zip(SHADES, part.names, strict=True):
        paper.box(x, y - _KEY / 2, _KEY, _KEY, shade, edge=SOFT, edge_width=0.4)
        paper.write(x + _KEY + 4, y, name, SMALL, up="center")
        x += _KEY + 4 + width_of(name, SMALL) + _GAP
