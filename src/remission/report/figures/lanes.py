"""Swimmer plot and courses of the marrow: every child by its study number, nobody summarised."""

from __future__ import annotations

from typing import Any

from remission.days import DAYS_PER_UNIT
from remission.report.drawn import Courses, Lanes
from remission.report.figures.lettering import fitted, width_of
from remission.report.figures.panels import show_powers
from remission.report.figures.sheet import EDGE, PAPER_WIDTH, SMALL
from remission.report.figures.style import (
    INK,
    PALETTE,
    PAPER,
    SOFT,
    colour_of,
    new_figure,
    settings,
)
from remission.report.figures.words import write_banner

_MARKERS = {"remission": ("o", PALETTE[2]), "transplant": ("^", PALETTE[3]),
            "relapse": ("X", PALETTE[1]), "death": ("s", INK), "last contact": (">", SOFT)}
_LANE, _BELOW, _ABOVE, _BANNER, _NAMES, _GAP = 11.0, 40.0, 24.0, 20.0, 16.0, 10.0
_LETTER = 8.0
_PLOT = 210.0


def draw_lanes(part: Lanes, *, banner: str = "") -> Any:
    """Return the drawing of a swimmer plot; ``banner`` is written above it."""
    with settings():
        words, above = _heading(banner, part.names)
        above += _ABOVE
        height = above + _LANE * len(part.lanes) + _BELOW
        left = EDGE + _GAP + max((width_of(lane.label.text, _LETTER) for lane in part.lanes),
                                 default=0.0)
        figure, axes = _sheet(height, left, _LANE * len(part.lanes))
        axes.set_ylim(len(part.lanes), 0)
        axes.set_yticks([])
        _time_axis(axes, part)
        for place, lane in enumerate(part.lanes):
            y = place + 0.5
            axes.plot([0, min(lane.end, part.limit)], [y, y], color=colour_of(lane.colour),
                      linewidth=1.0, alpha=0.6, clip_on=False)
            for begin, end in lane.stretches:
                axes.plot([begin, min(end, part.limit)], [y, y], color=colour_of(lane.colour),
                          linewidth=4.6, solid_capstyle="butt")
            for day, kind in lane.marks:
                if day <= part.limit:
                    marker, colour = _MARKERS[kind]
                    axes.plot([day], [y], marker=marker, markersize=4.6, color=colour,
                              markeredgecolor=PAPER, markeredgewidth=0.4, clip_on=False)
            figure.text((left - _GAP) / PAPER_WIDTH, (height - above - _LANE * y) / height,
                        lane.label.text, fontsize=_LETTER, ha="right", va="center",
                        gid=lane.label.address)
        _key(figure, part, left, height - above + 10, height)
        _finish(figure, part, words, left, height)
    return figure


def draw_courses(part: Courses, *, banner: str = "") -> Any:
    """Return the drawing of the marrow over time; ``banner`` is written above it."""
    with settings():
        words, above = _heading(banner, part.names)
        height = above + EDGE + _PLOT + _BELOW
        left = 60.0
        figure, axes = _sheet(height, left, _PLOT)
        _time_axis(axes, part)
        first = min((point[0] for course in part.courses for point in course.points), default=0.0)
        axes.set_xlim(min(0.0, first), part.limit)
        if part.is_log:
            axes.set_yscale("log")
        axes.set_ylabel(part.y_label, labelpad=4)
        for course in part.courses:
            seen = [point for point in course.points if point[0] <= part.limit and (
                point[1] > 0 or not part.is_log)]
            axes.plot([point[0] for point in seen], [point[1] for point in seen],
                      color=colour_of(course.colour), linewidth=0.8, alpha=0.55)
            for day, value, is_limit in seen:
                axes.plot([day], [value], marker="o", markersize=3.2, linestyle="none",
                          markerfacecolor=PAPER if is_limit else colour_of(course.colour),
                          markeredgecolor=colour_of(course.colour), markeredgewidth=0.7,
                          clip_on=False)
        if part.is_log:
            show_powers(axes)
        _finish(figure, part, words, left, height)
    return figure


def _heading(banner: str, names: tuple[str, ...]) -> tuple[str, float]:
    """Return the banner as it fits, and the room that it and the names of groups take."""
    words = fitted(banner.upper(), PAPER_WIDTH - 4 * EDGE, SMALL, bold=True) if banner else ""
    return words, EDGE + (_BANNER if words else 0.0) + (_NAMES if names else 0.0)


def _sheet(height: float, left: float, plot: float) -> tuple[Any, Any]:
    figure = new_figure(PAPER_WIDTH, height)
    axes = figure.add_axes((left / PAPER_WIDTH, _BELOW / height,
                            (PAPER_WIDTH - left - 3 * EDGE) / PAPER_WIDTH, plot / height))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=3, width=0.8, pad=3)
    return figure, axes


def _time_axis(axes: Any, part: Lanes | Courses) -> None:
    axes.set_xlim(0, part.limit)
    size = DAYS_PER_UNIT[part.unit.removesuffix("s")]
    axes.set_xticks(list(part.ticks), [f"{day / size:g}" for day in part.ticks])
    axes.set_xlabel(part.x_label, labelpad=3)


def _key(figure: Any, part: Lanes, left: float, y: float, height: float) -> None:
    """Write which mark is what, over the lanes; only of the marks that are there."""
    from matplotlib.lines import Line2D

    x = left
    present = {kind for lane in part.lanes for _, kind in lane.marks}
    for kind in (kind for kind in part.marks if kind in present):
        marker, colour = _MARKERS[kind]
        figure.add_artist(Line2D([x / PAPER_WIDTH], [y / height], marker=marker, markersize=4.6,
                                 color=colour, linestyle="none", transform=figure.transFigure))
        figure.text((x + 7) / PAPER_WIDTH, y / height, kind, fontsize=SMALL, va="center")
        x += 7 + width_of(kind, SMALL) + 1.4 * _GAP


def _finish(figure: Any, part: Lanes | Courses, words: str, left: float, height: float) -> None:
    """Write the names of the groups in their colours, and the banner."""
    x, y = left, height - EDGE / 2 - (_BANNER if words else 0.0) - _NAMES / 2
    for place, name in enumerate(part.names):
        figure.text(x / PAPER_WIDTH, y / height, name, fontsize=SMALL, weight="bold",
                    color=colour_of(place), va="center", gid=f"{part.address}.name.{place + 1}")
        x += width_of(name, SMALL, bold=True) + 2 * _GAP
    write_banner(figure, words, EDGE, height)
