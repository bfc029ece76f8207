"""Forest plot: ratios with their intervals on a logarithmic axis, the numbers at the right."""

from __future__ import annotations

import math
from typing import Any

from remission.report.drawn import Forest, ForestRow
from remission.report.figures.lettering import fitted, shortened, width_of
from remission.report.figures.sheet import EDGE, PAPER_WIDTH, SMALL, TEXT
from remission.report.figures.style import INK, PAPER, SOFT, colour_of, new_figure, settings
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


def draw_forest(part: Forest, *, banner: str = "") -> Any:
    """Return the drawing of a forest plot; ``banner`` is written above it."""
    with settings():
        words = fitted(banner.upper(), PAPER_WIDTH - 4 * EDGE, SMALL, bold=True) if banner else ""
        above = _ABOVE + (_BANNER if words else 0.0)
        height = above + _ROW * len(part.rows) + _BELOW
        left, right = _left(part), _right(part)
        figure = new_figure(PAPER_WIDTH, height)
        axes = figure.add_axes((
            left / PAPER_WIDTH, _BELOW / height, (PAPER_WIDTH - left - right) / PAPER_WIDTH,
            _ROW * len(part.rows) / height))
        low, high = _limits(part)
        _frame(axes, part, low, high)
        for place, row in enumerate(part.rows):
            _draw_row(axes, row, place, low, high)
        _write_rows(figure, part, above, height, right)
        _write_sides(figure, part, left, right, height)
        write_banner(figure, words, EDGE, height)
    return figure


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


def _frame(axes: Any, part: Forest, low: float, high: float) -> None:
    axes.set_xlim(math.log(low), math.log(high))
    axes.set_ylim(len(part.rows), 0)
    ticks = _ticks(low, high)
    axes.set_xticks([math.log(tick) for tick in ticks], [f"{tick:g}" for tick in ticks])
    axes.set_yticks([])
    axes.set_xlabel(part.x_label, labelpad=16)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=3, width=0.8, pad=3)
    axes.plot([0, 0], [0, len(part.rows)], color=SOFT, linewidth=0.8, linestyle=(0, (2, 2)),
              clip_on=False)


def _ticks(low: float, high: float) -> list[float]:
    """Return the ticks of the axis: 1, 2 and 5 of each power on a short one, else the powers."""
    inside = [tick for tick in _TICKS if low * 0.999 <= tick <= high * 1.001]
    if len(inside) <= 7:
        return inside
    powers = [tick for tick in inside if abs(math.log10(tick) % 1) < 1e-6 or abs(
        math.log10(tick) % 1 - 1) < 1e-6]
    return powers if len(powers) > 2 else inside[::2]


def _draw_row(axes: Any, row: ForestRow, place: int, low: float, high: float) -> None:
    middle = place + 0.5
    if row.is_reference:
        axes.plot([0], [middle], marker="|", markersize=7, color=INK, linestyle="none")
    several = sum(mark is not None for mark in row.marks) > 1
    for series, mark in enumerate(row.marks):
        if mark is None:
            continue
        shift = (-_APART if series == 0 else _APART) / _ROW if several else 0.0
        _draw_mark(axes, mark, middle + shift, series, low, high)


def _draw_mark(  # noqa: PLR0917 - a mark, its place, its look and the axis
    axes: Any, mark: tuple[float, float, float], y: float, series: int, low: float, high: float
) -> None:
    """Draw one interval with its estimate; an arrow where it goes on beyond the axis."""
    colour = colour_of(series)
    estimate, lower, upper = mark
    begin, end = (math.log(min(max(bound, low), high)) for bound in (lower, upper))
    axes.plot([begin, end], [y, y], color=colour, linewidth=1.3, solid_capstyle="butt",
              clip_on=False)
    for beyond, at, arrow in ((lower < low, begin, "<"), (upper > high, end, ">")):
        if beyond:
            axes.plot([at], [y], marker=arrow, markersize=4, color=colour, clip_on=False)
    if low <= estimate <= high:
        axes.plot([math.log(estimate)], [y], marker="s" if series == 0 else "o", markersize=5,
                  markerfacecolor=colour if series == 0 else PAPER, markeredgecolor=colour,
                  markeredgewidth=1.1, clip_on=False)


def _write_rows(
    figure: Any, part: Forest, above: float, height: float, right: float
) -> None:
    """Write the labels at the left and the ratios at the right; each ratio can be chosen."""
    head = (height - above + 9) / height
    figure.text((PAPER_WIDTH - right + _GAP) / PAPER_WIDTH, head, part.text_label,
                fontsize=SMALL, weight="bold", va="center")
    for place, row in enumerate(part.rows):
        y = (height - above - _ROW * (place + 0.5)) / height
        name = _label(row)
        figure.text((EDGE + _indent(row)) / PAPER_WIDTH, y, name, fontsize=SMALL, va="center",
                    weight="bold" if row.is_head else "normal",
                    gid=f"{part.address}.row.{place + 1}",
                    label="" if name == row.label else row.label)
        text = row.text.text if isinstance(row.text, Number) else row.text
        if text:
            figure.text((PAPER_WIDTH - right + _GAP) / PAPER_WIDTH, y, text, fontsize=SMALL,
                        va="center", gid=row.text.address if isinstance(row.text, Number) else None,
                        color=INK if isinstance(row.text, Number) else SOFT)


def _write_sides(
    figure: Any, part: Forest, left: float, right: float, height: float
) -> None:
    """Write what lies on either side of 1 under the ticks."""
    y = (_BELOW - 25) / height
    room = (PAPER_WIDTH - left - right) / 2
    for words, x, side in ((f"← {part.fewer}", left, "left"),
                           (f"{part.more} →", PAPER_WIDTH - right, "right")):
        if width_of(words, TEXT - 1) <= room:
            figure.text(x / PAPER_WIDTH, y, words, fontsize=TEXT - 1, ha=side, va="center",
                        color=SOFT, style="italic")
