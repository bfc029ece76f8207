"""Timelines: for each child lanes of what happened, MRD on a log axis, and counts, over days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from remission.report.drawn import TimelineChild, TimelineLane, Timelines
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
from remission.report.stretches import Stretch, labelled, place_of, stretches

_SIGNS = {
    "transplant": ("^", PALETTE[3]), "cell therapy": ("D", PALETTE[3]),
    "neutrophil recovery": ("o", PALETTE[0]), "platelet recovery": ("o", PALETTE[1]),
    "remission": ("o", PALETTE[2]), "relapse": ("X", PALETTE[1]), "death": ("s", INK),
    "last contact": (">", SOFT), "fever": (".", PALETTE[1]), "hypotension": (".", PALETTE[3]),
    "oxygen": (".", PALETTE[0]), "neurological sign": (".", INK)}
_KEY = tuple(_SIGNS)
_HARM = "Harm"
_NAME, _LANE, _MRD, _COUNTS, _BETWEEN, _APART = 13.0, 11.0, 46.0, 52.0, 7.0, 12.0
_SMALL_MRD, _SMALL_COUNTS = 30.0, 36.0
_FEW = 2
"""Children up to which the panels are high."""
_LEFT, _BELOW, _BANNER, _KEY_ROW = 84.0, 34.0, 20.0, 13.0
_LETTER, _TINY = 7.5, 6.5
_LABELS = 26.0


def draw_timelines(part: Timelines, *, banner: str = "") -> Any:
    """Return the drawing of timelines; ``banner`` is written above it."""
    with settings():
        words = fitted(banner.upper(), PAPER_WIDTH - 4 * EDGE, SMALL, bold=True) if banner else ""
        key = _key_rows(part)
        above = EDGE + (_BANNER if words else 0.0) + _KEY_ROW * len(key)
        panels = (_MRD, _COUNTS) if len(part.children) <= _FEW else (_SMALL_MRD, _SMALL_COUNTS)
        heights = [_height(child, *panels) for child in part.children]
        height = above + sum(heights) + _BELOW
        figure = new_figure(PAPER_WIDTH, height)
        axis = stretches(part.first, part.limit, 0.0, 1.0, near_to=part.near_to)
        _write_key(figure, key, height - EDGE - (_BANNER if words else 0.0), height)
        top = height - above
        for child, room in zip(part.children, heights, strict=True):
            _draw_child(figure, child, axis, _Sheet(height, top, part.limit), panels)
            top -= room
        _axis_of_days(figure, part, axis, height)
        write_banner(figure, words, EDGE, height)
    return figure


class _Sheet:
    """Where on the paper axes are placed, from above, in points."""

    def __init__(self, height: float, top: float, limit: float) -> None:
        self.height, self.top, self.limit = height, top, limit

    def axes(self, figure: Any, room: float) -> Any:
        """Return axes over the days of so many points, below what was placed before."""
        self.top -= room
        axes = figure.add_axes((_LEFT / PAPER_WIDTH, self.top / self.height,
                                (PAPER_WIDTH - _LEFT - 2 * EDGE) / PAPER_WIDTH,
                                room / self.height))
        axes.set_xlim(0, 1)
        axes.set_xticks([])
        for side in ("top", "right", "bottom"):
            axes.spines[side].set_visible(False)
        return axes


def _height(child: TimelineChild, mrd: float, counts: float) -> float:
    panels = [room for room, points in ((mrd, child.mrd), (counts, child.counts)) if points]
    return _NAME + _LANE * len(child.lanes) + sum(room + _BETWEEN for room in panels) + _APART


def _draw_child(
    figure: Any, child: TimelineChild, axis: Sequence[Stretch], sheet: _Sheet,
    panels: tuple[float, float],
) -> None:
    sheet.top -= _NAME
    figure.text(EDGE / PAPER_WIDTH, (sheet.top + 4) / sheet.height, child.label.text,
                fontsize=SMALL, weight="bold", gid=child.label.address)
    axes = sheet.axes(figure, _LANE * len(child.lanes))
    axes.set_ylim(len(child.lanes), 0)
    axes.set_yticks([place + 0.5 for place in range(len(child.lanes))],
                    [lane.name for lane in child.lanes], fontsize=_LETTER)
    axes.tick_params(length=0, pad=3)
    axes.spines["left"].set_visible(False)
    _turns(axes, axis)
    last = sheet.limit if child.end is None else min(child.end, sheet.limit)
    end = place_of(last, axis)
    for place, lane in enumerate(child.lanes):
        axes.plot([0, end], [place + 0.5] * 2, color=SOFT, linewidth=0.4, alpha=0.5)
        _draw_lane(axes, lane, place + 0.5, axis, sheet.limit)
    for room, name, lines in ((panels[0], "MRD, %", (("", child.mrd),)),
                              (panels[1], "Counts", child.counts)):
        if any(points for _, points in lines):
            sheet.top -= _BETWEEN
            _draw_lines(sheet.axes(figure, room), name, lines, axis, sheet.limit)
    sheet.top -= _APART


def _draw_lane(
    axes: Any, lane: TimelineLane, y: float, axis: Sequence[Stretch], limit: float
) -> None:
    """Draw bars, then signs; words stand where there are any, and not over each other."""
    is_harm = lane.name == _HARM
    free_from = -1.0
    for first, last, kind in sorted(lane.stretches):
        if first > limit:
            continue
        begin, end = place_of(first, axis), place_of(min(last + 1, limit), axis)
        axes.plot([begin, end], [y, y], color=PALETTE[1] if is_harm else PALETTE[0],
                  linewidth=3.4 if is_harm else 5.6, solid_capstyle="butt", alpha=0.75)
        if is_harm and begin >= free_from:
            axes.text(end + 0.004, y, kind, fontsize=_TINY, va="center")
            free_from = end + 0.004 + width_of(kind, _TINY) / (PAPER_WIDTH - _LEFT)
    free_from = -1.0
    for day, kind, words in sorted(lane.marks):
        x = place_of(day, axis)
        if day > limit:
            continue
        if not words:
            marker, colour = _SIGNS[kind]
            lifted = -0.32 if is_harm else 0.0
            axes.plot([x], [y + lifted], marker=marker, markersize=3.2 if is_harm else 4.8,
                      color=colour, markeredgecolor=PAPER, markeredgewidth=0.0 if is_harm else 0.4,
                      clip_on=False)
        elif x >= free_from:
            axes.text(x, y, words, fontsize=_TINY, va="center", ha="left", color=INK,
                      bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6})
            free_from = x + width_of(words, _TINY) / (PAPER_WIDTH - _LEFT)


def _draw_lines(
    axes: Any, name: str, lines: Sequence[tuple[str, Sequence[tuple[float, float, bool]]]],
    axis: Sequence[Stretch], limit: float,
) -> None:
    """Draw values on a log axis; what is 0 stands on its lower end."""
    seen = [(label, [point for point in points if point[0] <= limit]) for label, points in lines]
    values = [value for _, points in seen for _, value, _ in points if value > 0]
    low, high = (min(values), max(values)) if values else (0.1, 1.0)
    axes.set_yscale("log")
    axes.set_ylim(low / 1.6, high * 1.6)
    for place, (label, points) in enumerate(seen):
        colour = colour_of(place) if label else INK
        xs = [place_of(day, axis) for day, _, _ in points]
        ys = [max(value, low / 1.6) for _, value, _ in points]
        axes.plot(xs, ys, color=colour, linewidth=0.7, alpha=0.8)
        for x, y, (_, _, is_limit) in zip(xs, ys, points, strict=True):
            axes.plot([x], [y], marker="o", markersize=2.0 if label else 3.2, color=colour,
                      markerfacecolor=PAPER if is_limit else colour, markeredgewidth=0.6,
                      clip_on=False)
    show_powers(axes)
    axes.tick_params(axis="y", length=2, width=0.6, pad=2, labelsize=_TINY)
    _turns(axes, axis)
    axes.text(-(_LEFT - EDGE) / (PAPER_WIDTH - _LEFT - 2 * EDGE), 0.98, name, fontsize=_LETTER,
              transform=axes.transAxes, va="top")
    for place, (label, _) in enumerate(seen):
        axes.text(-(_LEFT - EDGE) / (PAPER_WIDTH - _LEFT - 2 * EDGE), 0.72 - 0.25 * place, label,
                  fontsize=_TINY, color=colour_of(place), transform=axes.transAxes, va="top")


def _turns(axes: Any, axis: Sequence[Stretch]) -> None:
    """Draw day 0, and a dashed line where the scale changes."""
    axes.axvline(place_of(0, axis), color=SOFT, linewidth=0.6)
    for part in axis[1:]:
        axes.axvline(part.left, color=SOFT, linewidth=0.6, linestyle=(0, (3, 3)))


def _axis_of_days(figure: Any, part: Timelines, axis: Sequence[Stretch], height: float) -> None:
    width = PAPER_WIDTH - _LEFT - 2 * EDGE
    axes = figure.add_axes((_LEFT / PAPER_WIDTH, (_BELOW - 4) / height, width / PAPER_WIDTH,
                            1 / height))
    axes.set_xlim(0, 1)
    axes.set_yticks([])
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    days = sorted(labelled(axis, _LABELS / width))
    axes.set_xticks([x for _, x in days], [f"{day}".replace("-", "−") for day, _ in days],
                    fontsize=_LETTER)
    axes.tick_params(length=3, width=0.8, pad=2)
    axes.set_xlabel(part.x_label, labelpad=2, fontsize=SMALL)


def _key_rows(part: Timelines) -> list[list[str]]:
    """Return the signs that are drawn, in rows that fit the paper."""
    present = {kind for child in part.children for lane in child.lanes
               for _, kind, words in lane.marks if not words}
    rows: list[list[str]] = [[]]
    x = 0.0
    for kind in (kind for kind in _KEY if kind in present):
        room = 20 + width_of(kind, _LETTER)
        if x + room > PAPER_WIDTH - 2 * EDGE:
            rows.append([])
            x = 0.0
        rows[-1].append(kind)
        x += room
    return [row for row in rows if row]


def _write_key(figure: Any, rows: Sequence[Sequence[str]], top: float, height: float) -> None:
    from matplotlib.lines import Line2D

    for number, row in enumerate(rows):
        x, y = EDGE + 3, top - _KEY_ROW * (number + 0.5)
        for kind in row:
            marker, colour = _SIGNS[kind]
            figure.add_artist(Line2D(
                [x / PAPER_WIDTH], [y / height], marker=marker, color=colour, linestyle="none",
                markersize=5.5 if marker == "." else 4.6, transform=figure.transFigure))
            figure.text((x + 6) / PAPER_WIDTH, y / height, kind, fontsize=_LETTER, va="center")
            x += 20 + width_of(kind, _LETTER)
