"""Curves over time: bands, censor ticks, direct labels, and the numbers at risk under the axis."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from remission.days import DAYS_PER_UNIT
from remission.report.figures.style import BAND, INK, SOFT, colour_of, dash_of, new_figure
from remission.report.parts import Figure, Line

_WIDTH = 6.6
_PLOT_HEIGHT = 2.9
_TOP, _AXIS_ROOM, _RISK_ROW = 0.22, 0.62, 0.21
_LEFT, _LABEL_ROOM = 1.28, 1.18
_CLOSEST_LABELS = 6.0
"""Labels at the line ends stay this many percentage points apart."""


def draw_curves(part: Figure, *, banner: str = "") -> Any:
    """Return the drawing of a curve figure: survival falls from 100 %, incidence rises from 0.

    ``banner`` is written in a corner where cropping by habit does not reach.
    """
    below = _AXIS_ROOM + _RISK_ROW * (len(part.lines) + 1) + 0.06
    height = _TOP + _PLOT_HEIGHT + below
    figure = new_figure(_WIDTH, height)
    axes = figure.add_axes((
        _LEFT / _WIDTH, below / height,
        (_WIDTH - _LEFT - _LABEL_ROOM) / _WIDTH, _PLOT_HEIGHT / height,
    ))
    top = _top_of(part)
    _frame(axes, part, top)
    for position, line in enumerate(part.lines):
        _draw_line(axes, line, position, part)
    _label_ends(axes, part, top)
    if part.test:
        axes.text(0.02, 0.05 if not part.rising else 0.93, part.test,
                  transform=axes.transAxes, fontsize=8.5)
    _risk_numbers(axes, part, height, below)
    if banner:
        axes.text(0.5, 0.5, banner.upper(), transform=axes.transAxes, fontsize=8.5,
                  color="#7c4307", ha="center", va="center", alpha=0.85, weight="bold",
                  bbox={"facecolor": "white", "edgecolor": "#7c4307", "linewidth": 0.6,
                        "alpha": 0.8, "pad": 3})
    return figure


def _top_of(part: Figure) -> float:
    """Return the end of the y axis: 100 for survival, a round figure above the data else."""
    if not part.rising:
        return 100.0
    highest = max((upper if upper is not None else value
                   for line in part.lines for _, value, _, upper in line.steps), default=0.0)
    return next((top for top in (20.0, 40.0, 60.0, 80.0) if highest <= top), 100.0)


def _frame(axes: Any, part: Figure, top: float) -> None:
    size = DAYS_PER_UNIT[part.unit.removesuffix("s")]
    axes.set_xlim(0, part.limit)
    axes.set_ylim(0, top)
    axes.set_xticks(part.ticks, [f"{day / size:g}" for day in part.ticks])
    axes.set_yticks([top * k / 4 for k in range(5)])
    axes.set_ylabel(part.y_label, labelpad=4)
    axes.set_xlabel(part.x_label, labelpad=3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_position(("outward", 4))
    axes.tick_params(length=3, width=0.8, pad=3)


def _draw_line(axes: Any, line: Line, position: int, part: Figure) -> None:
    colour, dash = colour_of(position), dash_of(position)
    days = [step[0] for step in line.steps]
    values = [step[1] for step in line.steps]
    end = min(line.end, part.limit)
    _band(axes, line, end, colour)
    full = end if line.few_from is None else min(line.few_from, end)
    for begin, stop, alpha in ((0.0, full, 1.0), (full, end, 0.35)):
        if stop > begin:
            axes.step(*_cut(days, values, begin, stop), where="post", color=colour,
                      linestyle=dash, linewidth=1.5, alpha=alpha, solid_capstyle="butt",
                      clip_on=False)
    marks = [day for day in line.censored if day <= end]
    heights = [_height(days, values, day) for day in marks]
    axes.plot(marks, heights, linestyle="none", marker="|", markersize=5, markeredgewidth=0.8,
              color=colour, clip_on=False)


def _band(axes: Any, line: Line, end: float, colour: str) -> None:
    """Fill the interval as rectangles between steps; nothing where there is no interval."""
    edges = [*(step[0] for step in line.steps), end]
    for (begin, stop), (_, _, lower, upper) in zip(pairwise(edges), line.steps, strict=True):
        if lower is not None and upper is not None and stop > begin:
            axes.fill_between([begin, stop], [lower] * 2, [upper] * 2, color=colour,
                              alpha=BAND, linewidth=0)


def _cut(
    days: list[float], values: list[float], begin: float, stop: float
) -> tuple[list[float], list[float]]:
    """Return the step line between two days."""
    inside = [(day, value) for day, value in zip(days, values, strict=True) if begin < day < stop]
    points = [(begin, _height(days, values, begin)), *inside, (stop, _height(days, values, stop))]
    return [day for day, _ in points], [value for _, value in points]


def _height(days: list[float], values: list[float], day: float) -> float:
    """Return the value of the step line just after a day."""
    return next(value for at, value in zip(reversed(days), reversed(values), strict=True)
                if at <= day)


def _label_ends(axes: Any, part: Figure, top: float) -> None:
    """Write each group's name at the end of its line, kept apart and in the order of the lines."""
    if len(part.lines) == 1:
        return
    gap = _CLOSEST_LABELS * top / 100
    ends = [(_height([s[0] for s in line.steps], [s[1] for s in line.steps],
                     min(line.end, part.limit)), position)
            for position, line in enumerate(part.lines)]
    placed: list[tuple[float, int]] = []
    for value, position in sorted(ends):
        lowest = placed[-1][0] + gap if placed else 0.0
        placed.append((max(value, lowest), position))
    for value, position in placed:
        line = part.lines[position]
        axes.annotate(
            line.label, (min(line.end, part.limit), value), xytext=(7, 0),
            textcoords="offset points", va="center", fontsize=9, weight="bold",
            color=colour_of(position), annotation_clip=False,
        )


def _risk_numbers(axes: Any, part: Figure, height: float, below: float) -> None:
    """Write the numbers at risk under the ticks, each group in its colour; each can be chosen."""
    figure = axes.figure
    bottom = below / height

    def y_of(row: int) -> float:
        return bottom - (_AXIS_ROOM + _RISK_ROW * row) / height

    left = 0.10 / _WIDTH
    figure.text(left, y_of(0), "Number at risk", fontsize=8.5, style="italic", color=SOFT,
                va="center")
    for row, line in enumerate(part.lines, start=1):
        colour = colour_of(row - 1)
        if len(part.lines) > 1:
            figure.text(left, y_of(row), line.label, fontsize=8.5, weight="bold", color=colour,
                        va="center")
        for day, number in zip(part.ticks, line.at_risk, strict=True):
            x = axes.transData.transform((day, 0))[0] / figure.bbox.width
            figure.text(x, y_of(row), number.text, fontsize=8.5, ha="center", va="center",
                        color=colour if len(part.lines) > 1 else INK, gid=number.address)
