"""Grade bars: one a term, as long as the share with any grade, darker where it is worse."""

from __future__ import annotations

from typing import Any

from remission.report.drawn import Bar, Bars
from remission.report.figures.lettering import fitted, shortened, width_of
from remission.report.figures.sheet import EDGE, PAPER_WIDTH, SMALL
from remission.report.figures.style import INK, PAPER, SOFT, new_figure, settings
from remission.report.figures.words import write_banner

SHADES = ("#cfdcea", "#94b4d4", "#4f84b8", "#0b5394", "#072f55")
"""Grade 1 to 5: one hue, each darker than the one before, apart in greyscale too."""

_ROW, _THICK = 19.0, 0.66
_INDENT, _GAP = 9.0, 10.0
_LABEL_LIMIT = 170.0
_BELOW, _ABOVE, _BANNER = 40.0, 26.0, 20.0
_KEY = 9.0


def draw_bars(part: Bars, *, banner: str = "") -> Any:
    """Return the drawing of grade bars; ``banner`` is written above them."""
    with settings():
        words = fitted(banner.upper(), PAPER_WIDTH - 4 * EDGE, SMALL, bold=True) if banner else ""
        above = _ABOVE + (_BANNER if words else 0.0)
        height = above + _ROW * len(part.bars) + _BELOW
        left = EDGE + _GAP + max(
            width_of(_label(bar), SMALL, bold=bar.is_head) + _indent(bar) for bar in part.bars)
        right = EDGE + _GAP + max((width_of(bar.count.text, SMALL) for bar in part.bars
                                   if bar.count is not None), default=0.0)
        figure = new_figure(PAPER_WIDTH, height)
        width = PAPER_WIDTH - left - right
        axes = figure.add_axes((left / PAPER_WIDTH, _BELOW / height, width / PAPER_WIDTH,
                                _ROW * len(part.bars) / height))
        top = _top_of(part)
        _frame(axes, part, top)
        for place, bar in enumerate(part.bars):
            _draw_bar(axes, bar, place)
            _write_row(figure, part, place, (height - above - _ROW * (place + 0.5)) / height,
                       PAPER_WIDTH - right + _GAP)
        _write_key(figure, part, left, height - above + 12, height)
        write_banner(figure, words, EDGE, height)
    return figure


def _label(bar: Bar) -> str:
    return shortened(bar.label, _LABEL_LIMIT, SMALL, bold=bar.is_head)


def _indent(bar: Bar) -> float:
    return 0.0 if bar.is_head else _INDENT


def _top_of(part: Bars) -> float:
    longest = max((sum(bar.parts) for bar in part.bars), default=0.0)
    return next(top for top in (10.0, 20.0, 40.0, 60.0, 80.0, 100.0)
                if longest <= top + 1e-6 or top == 100.0)


def _frame(axes: Any, part: Bars, top: float) -> None:
    axes.set_xlim(0, top)
    axes.set_ylim(len(part.bars), 0)
    axes.set_yticks([])
    axes.set_xticks([top * k / 4 for k in range(5)])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel(part.x_label, labelpad=3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=3, width=0.8, pad=3)


def _draw_bar(axes: Any, bar: Bar, place: int) -> None:
    start = 0.0
    for shade, share in zip(SHADES, bar.parts, strict=False):
        if share <= 0:
            continue
        axes.barh([place + 0.5], [share], left=[start], height=_THICK, color=shade,
                  edgecolor=PAPER, linewidth=0.6)
        start += share


def _write_row(figure: Any, part: Bars, place: int, y: float, right: float) -> None:
    """Write the label at the left and the count at the right of one bar."""
    bar = part.bars[place]
    name = _label(bar)
    figure.text((EDGE + _indent(bar)) / PAPER_WIDTH, y, name, fontsize=SMALL, va="center",
                weight="bold" if bar.is_head else "normal", gid=f"{part.address}.bar.{place + 1}",
                label="" if name == bar.label else bar.label)
    if bar.count is not None:
        figure.text(right / PAPER_WIDTH, y, bar.count.text, fontsize=SMALL, va="center",
                    color=INK, gid=bar.count.address)


def _write_key(figure: Any, part: Bars, left: float, y: float, height: float) -> None:
    """Write which shade is which grade, over the bars."""
    from matplotlib.patches import Rectangle

    x = left
    for shade, name in zip(SHADES, part.names, strict=True):
        figure.add_artist(Rectangle(
            (x / PAPER_WIDTH, (y - _KEY / 2) / height), _KEY / PAPER_WIDTH, _KEY / height,
            facecolor=shade, edgecolor=SOFT, linewidth=0.4, transform=figure.transFigure))
        figure.text((x + _KEY + 4) / PAPER_WIDTH, y / height, name, fontsize=SMALL, va="center")
        x += _KEY + 4 + width_of(name, SMALL) + _GAP
