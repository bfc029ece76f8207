"""Curves over time: lines that pale where few remain, their bands and their censor ticks."""

from __future__ import annotations

from bisect import bisect_right
from itertools import groupby, pairwise
from typing import TypeAlias

from remission.report.drawn import Figure, Line
from remission.report.figures.paper import PAPER_WIDTH, Dash, Paper
from remission.report.figures.plot import Plot
from remission.report.figures.sheet import Sheet, end_of, sheet_of, tick_label
from remission.report.figures.style import BAND, PALE, colour_of, dash_of
from remission.report.figures.words import (
    label_ends,
    write_banner,
    write_risk_numbers,
    write_test,
)

_Step: TypeAlias = tuple[float, float, float | None, float | None]

_FEW_LINES = 4
"""With more lines than this the bands are half as strong, so that the lines stay readable."""


def draw_curves(part: Figure, *, banner: str = "") -> Paper:
    """Return the drawing of a curve figure: survival falls from 100 %, incidence rises from 0.

    ``banner`` is written over the plot, where there are no data.
    """
    sheet = sheet_of(part, banner)
    paper = Paper(PAPER_WIDTH, sheet.height)
    plot = sheet.plot_on(paper)
    _frame(plot, part, sheet)
    axes = len(paper.marks)
    for position, line in enumerate(part.lines):
        for between, strength in _stretches(line, part):
            _draw_band(plot, line, between, colour_of(position),
                       strength * (BAND if len(part.lines) <= _FEW_LINES else BAND / 2))
    label_ends(plot, part, sheet)
    for position, line in enumerate(part.lines):
        for between, strength in _stretches(line, part):
            _draw_stretch(plot, line, between, dash_of(position), colour_of(position), strength)
    write_test(plot, part, paper.marks[axes:])
    write_risk_numbers(paper, part, sheet)
    write_banner(paper, sheet.banner, sheet.left)
    return paper


def _frame(plot: Plot, part: Figure, sheet: Sheet) -> None:
    days = [part.ticks[index] for index in sheet.shown]
    plot.bottom_axis(days, [tick_label(day, part) for day in days], part.x_label)
    percents = [sheet.top_step * k for k in range(int(sheet.top / sheet.top_step) + 1)]
    plot.left_axis(percents, [f"{percent:g}" for percent in percents], sheet.y_label, outward=4.0)


def _stretches(line: Line, part: Figure) -> list[tuple[tuple[float, float], float]]:
    """Return the days between which a line is drawn, and how strong: pale where few remain."""
    end = end_of(line, part)
    full = end if line.few_from is None else min(line.few_from, end)
    found = [((begin, stop), strength)
             for begin, stop, strength in ((0.0, full, 1.0), (full, end, PALE)) if begin < stop]
    return found or [((0.0, 0.0), 1.0)]


def _draw_stretch(  # noqa: PLR0917 - a line, where, and its look
    plot: Plot, line: Line, between: tuple[float, float], dash: Dash, colour: str, alpha: float
) -> None:
    """Draw the step line and the censorings between two days, over the axis."""
    corners = [corner[:2] for corner in _corners(line, between)]
    plot.line(corners, colour, 1.5, dash=dash, alpha=alpha)
    days = [step[0] for step in line.steps]
    after, until = between[0] or -1.0, between[1]  # day 0 itself belongs to the first stretch
    marks = [(day, line.steps[bisect_right(days, day) - 1][1])
             for day in line.censored if after < day <= until]
    plot.signs(marks, "|", 5, colour, edge_width=0.8, alpha=alpha)


def _draw_band(
    plot: Plot, line: Line, between: tuple[float, float], colour: str, alpha: float
) -> None:
    """Fill the interval between two days; nothing where there is no interval."""
    for is_known, corners in groupby(_corners(line, between), _has_interval):
        if is_known:
            known = list(corners)
            there = [plot.at(day, lower) for day, _, lower, _ in known if lower is not None]
            back = [plot.at(day, upper) for day, _, _, upper in known if upper is not None]
            plot.paper.area([*there, *reversed(back)], colour, alpha=alpha)


def _has_interval(corner: _Step) -> bool:
    return corner[2] is not None and corner[3] is not None


def _corners(line: Line, between: tuple[float, float]) -> list[_Step]:
    """Return the corners of the step line between two days: each value holds until the next."""
    begin, stop = between
    days = [step[0] for step in line.steps]
    first = 0 if begin == 0 else bisect_right(days, begin) - 1
    inside = line.steps[first:bisect_right(days, stop)]
    steps = [(begin, *inside[0][1:]), *inside[1:], (stop, *inside[-1][1:])]
    return [corner for step, later in pairwise(steps)
            for corner in (step, (later[0], *step[1:]))]
