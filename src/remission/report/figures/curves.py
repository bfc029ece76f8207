"""Curves over time: lines that pale where few remain, their bands and their censor ticks."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import nan
from typing import Any, TypeAlias

from remission.report.drawn import Figure, Line
from remission.report.figures.sheet import PAPER_WIDTH, Sheet, end_of, sheet_of, tick_label
from remission.report.figures.style import BAND, PALE, colour_of, dash_of, new_figure, settings
from remission.report.figures.words import (
    label_ends,
    write_banner,
    write_risk_numbers,
    write_test,
)

_Step: TypeAlias = tuple[float, float, float | None, float | None]

_FEW_LINES = 4
"""With more lines than this the bands are half as strong, so that the lines stay readable."""


def draw_curves(part: Figure, *, banner: str = "") -> Any:
    """Return the drawing of a curve figure: survival falls from 100 %, incidence rises from 0.

    ``banner`` is written over the plot, where there are no data.
    """
    with settings():
        sheet = sheet_of(part, banner)
        figure = new_figure(PAPER_WIDTH, sheet.height)
        axes = figure.add_axes((
            sheet.left / PAPER_WIDTH, sheet.below / sheet.height,
            sheet.plot_width / PAPER_WIDTH, sheet.plot_height / sheet.height,
        ))
        _frame(axes, part, sheet)
        for position, line in enumerate(part.lines):
            _draw_line(axes, line, position, part)
        label_ends(axes, part, sheet)
        write_test(axes, part, sheet)
        write_risk_numbers(figure, part, sheet)
        write_banner(figure, sheet.banner, sheet.left, sheet.height)
    return figure


def _frame(axes: Any, part: Figure, sheet: Sheet) -> None:
    axes.set_xlim(0, sheet.span)
    axes.set_ylim(0, sheet.top)
    days = [part.ticks[index] for index in sheet.shown]
    axes.set_xticks(days, [tick_label(day, part) for day in days])
    axes.set_yticks([sheet.top_step * k for k in range(int(sheet.top / sheet.top_step) + 1)])
    axes.set_ylabel(sheet.y_label, labelpad=4)
    axes.set_xlabel(part.x_label, labelpad=3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_position(("outward", 4))
    axes.tick_params(length=3, width=0.8, pad=3)


def _draw_line(axes: Any, line: Line, position: int, part: Figure) -> None:
    """Draw a line with its band and its censorings; pale from the day after which few remain."""
    end = end_of(line, part)
    full = end if line.few_from is None else min(line.few_from, end)
    stretches = [(begin, stop, strength)
                 for begin, stop, strength in ((0.0, full, 1.0), (full, end, PALE)) if begin < stop]
    for begin, stop, strength in stretches or [(0.0, 0.0, 1.0)]:
        _draw_stretch(axes, line, (begin, stop), dash_of(position),
                      color=colour_of(position), alpha=strength)
        _draw_band(axes, line, (begin, stop), color=colour_of(position),
                   alpha=strength * (BAND if len(part.lines) <= _FEW_LINES else BAND / 2))


def _draw_stretch(
    axes: Any, line: Line, between: tuple[float, float], dash: Any, **look: Any
) -> None:
    """Draw the step line and the censorings between two days.

    They stand over the axis (zorder 3) and are not clipped, so that a line at 0 or 100 is whole.
    """
    corners = _corners(line, between)
    axes.plot([corner[0] for corner in corners], [corner[1] for corner in corners],
              linestyle=dash, linewidth=1.5, solid_capstyle="butt", zorder=3, clip_on=False, **look)
    days = [step[0] for step in line.steps]
    after, until = between[0] or -1.0, between[1]  # day 0 itself belongs to the first stretch
    marks = [day for day in line.censored if after < day <= until]
    heights = [line.steps[bisect_right(days, day) - 1][1] for day in marks]
    if marks:
        axes.plot(marks, heights, linestyle="none", marker="|", markersize=5, markeredgewidth=0.8,
                  zorder=3, clip_on=False, **look)


def _draw_band(axes: Any, line: Line, between: tuple[float, float], **look: Any) -> None:
    """Fill the interval between two days; nothing where there is no interval."""
    corners = _corners(line, between)
    lower, upper = ([nan if corner[side] is None else corner[side] for corner in corners]
                    for side in (2, 3))
    axes.fill_between([corner[0] for corner in corners], lower, upper, linewidth=0, **look)


def _corners(line: Line, between: tuple[float, float]) -> list[_Step]:
    """Return the corners of the step line between two days: each value holds until the next."""
    begin, stop = between
    days = [step[0] for step in line.steps]
    first = 0 if begin == 0 else bisect_right(days, begin) - 1
    inside = line.steps[first:bisect_right(days, stop)]
    steps = [(begin, *inside[0][1:]), *inside[1:], (stop, *inside[-1][1:])]
    return [corner for step, later in pairwise(steps)
            for corner in (step, (later[0], *step[1:]))]
