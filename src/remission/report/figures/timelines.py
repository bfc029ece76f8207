"""Timelines: for each child lanes of what happened, MRD on a log axis, and counts, over days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from remission.report.drawn import TimelineChild, TimelineLane, Timelines
from remission.report.figures.lettering import fitted, width_of
from remission.report.figures.paper import PAPER_WIDTH, SMALL, Frame, Paper
from remission.report.figures.plot import Plot, Scale, powers_of, tick_names
from remission.report.figures.sheet import EDGE
from remission.report.figures.style import INK, PALETTE, PAPER, SOFT, colour_of
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
_WIDTH = PAPER_WIDTH - _LEFT - 2 * EDGE


def draw_timelines(part: Timelines, *, banner: str = "") -> Paper:
    """Return the drawing of timelines; ``banner`` is written above it."""
    words = fitted(banner.upper(), PAPER_WIDTH - 4 * EDGE, SMALL, bold=True) if banner else ""
    key = _key_rows(part)
    above = EDGE + (_BANNER if words else 0.0) + _KEY_ROW * len(key)
    panels = (_MRD, _COUNTS) if len(part.children) <= _FEW else (_SMALL_MRD, _SMALL_COUNTS)
    heights = [_height(child, *panels) for child in part.children]
    paper = Paper(PAPER_WIDTH, above + sum(heights) + _BELOW)
    axis = stretches(part.first, part.limit, 0.0, 1.0, near_to=part.near_to)
    _write_key(paper, key, paper.height - EDGE - (_BANNER if words else 0.0))
    top = paper.height - above
    for child, room in zip(part.children, heights, strict=True):
        _draw_child(_Course(paper, top, axis, part.limit), child, panels)
        top -= room
    _axis_of_days(paper, part, axis)
    write_banner(paper, words, EDGE)
    return paper


@dataclass
class _Course:
    """Where the next lanes of a child go, from above, over the axis of its days."""

    paper: Paper
    top: float
    axis: Sequence[Stretch]
    limit: float

    def plot(self, room: float, low: float, high: float, *, is_log: bool = False) -> Plot:
        """Return a plot of so many points, below what was placed before."""
        self.top -= room
        return Plot(self.paper, Scale(0, 1, _LEFT, _WIDTH),
                    Scale(low, high, self.top, room, is_log))

    def place(self, day: float) -> float:
        """Return where a day lies across a plot, from 0 to 1."""
        return place_of(day, self.axis)

    def draw_turns(self, plot: Plot) -> None:
        """Draw day 0, and a dashed line where the scale changes."""
        for x, dash in ((self.place(0), ()), *((part.left, (3, 3)) for part in self.axis[1:])):
            plot.paper.line([(plot.x(x), plot.y.begin), (plot.x(x), plot.y.end)], SOFT, 0.6,
                            dash=dash)


def _height(child: TimelineChild, mrd: float, counts: float) -> float:
    panels = [room for room, points in ((mrd, child.mrd), (counts, child.counts)) if points]
    return _NAME + _LANE * len(child.lanes) + sum(room + _BETWEEN for room in panels) + _APART


def _draw_child(course: _Course, child: TimelineChild, panels: tuple[float, float]) -> None:
    course.top -= _NAME
    course.paper.write(EDGE, course.top + 4, child.label.text, SMALL, bold=True,
                       address=child.label.address)
    plot = course.plot(_LANE * len(child.lanes), len(child.lanes), 0)
    course.draw_turns(plot)
    plot.left_axis([place + 0.5 for place in range(len(child.lanes))],
                   [lane.name for lane in child.lanes], size=_LETTER, tick=0, has_line=False)
    last = course.limit if child.end is None else min(child.end, course.limit)
    for place, lane in enumerate(child.lanes):
        plot.line([(0, place + 0.5), (course.place(last), place + 0.5)], SOFT, 0.4, alpha=0.5)
        _draw_stretches(plot, course, lane, place + 0.5)
        _draw_signs(plot, course, lane, place + 0.5)
    for room, name, lines in ((panels[0], "MRD, %", (("", child.mrd),)),
                              (panels[1], "Counts", child.counts)):
        if any(points for _, points in lines):
            course.top -= _BETWEEN
            _draw_values(course, room, name, lines)


def _draw_stretches(plot: Plot, course: _Course, lane: TimelineLane, y: float) -> None:
    """Draw bars; the words of harm stand behind them, and not over each other."""
    is_harm = lane.name == _HARM
    free_from = -1.0
    for first, last, kind in sorted(lane.stretches):
        if first > course.limit:
            continue
        begin, end = course.place(first), course.place(min(last + 1, course.limit))
        plot.line([(begin, y), (end, y)], PALETTE[1] if is_harm else PALETTE[0],
                  3.4 if is_harm else 5.6, alpha=0.75)
        if is_harm and begin >= free_from:
            plot.paper.write(*plot.at(end + 0.004, y), kind, _TINY, up="center")
            free_from = end + 0.004 + width_of(kind, _TINY) / (PAPER_WIDTH - _LEFT)


def _draw_signs(plot: Plot, course: _Course, lane: TimelineLane, y: float) -> None:
    """Draw signs; words stand where there are any, and not over each other."""
    is_harm = lane.name == _HARM
    free_from = -1.0
    for day, kind, words in sorted(lane.marks):
        x = course.place(day)
        if day > course.limit:
            continue
        if not words:
            shape, colour = _SIGNS[kind]
            plot.signs([(x, y - (0.32 if is_harm else 0.0))], shape, 3.2 if is_harm else 4.8,
                       colour, edge=PAPER, edge_width=0.0 if is_harm else 0.4)
        elif x >= free_from:
            plot.paper.write(*plot.at(x, y), words, _TINY, up="center", frame=Frame(0.6))
            free_from = x + width_of(words, _TINY) / (PAPER_WIDTH - _LEFT)


def _draw_values(
    course: _Course, room: float, name: str,
    lines: Sequence[tuple[str, Sequence[tuple[float, float, bool]]]],
) -> None:
    """Draw values on a log axis; what is 0 stands on its lower end."""
    seen = [(label, [point for point in points if point[0] <= course.limit])
            for label, points in lines]
    values = [value for _, points in seen for _, value, _ in points if value > 0]
    low, high = (min(values), max(values)) if values else (0.1, 1.0)
    plot = course.plot(room, low / 1.6, high * 1.6, is_log=True)
    course.draw_turns(plot)
    ticks = powers_of(plot.y.low, plot.y.high)
    plot.left_axis(ticks, tick_names(ticks), size=_TINY, tick=2, width=0.6, pad=2)
    for place, (label, points) in enumerate(seen):
        colour = colour_of(place) if label else INK
        placed = [(course.place(day), max(value, plot.y.low)) for day, value, _ in points]
        if placed:
            plot.line(placed, colour, 0.7, alpha=0.8, is_long=True)
        for point, (_, _, is_limit) in zip(placed, points, strict=True):
            plot.signs([point], "o", 2.0 if label else 3.2, PAPER if is_limit else colour,
                       edge=colour, edge_width=0.6)
    plot.paper.write(EDGE, plot.y.begin + 0.98 * room, name, _LETTER, up="top")
    for place, (label, _) in enumerate(seen):
        plot.paper.write(EDGE, plot.y.begin + (0.72 - 0.25 * place) * room, label, _TINY,
                         colour_of(place), up="top")


def _axis_of_days(paper: Paper, part: Timelines, axis: Sequence[Stretch]) -> None:
    plot = Plot(paper, Scale(0, 1, _LEFT, _WIDTH), Scale(0, 1, _BELOW - 4, 1))
    days = sorted(labelled(axis, _LABELS / _WIDTH))
    plot.bottom_axis([x for _, x in days], tick_names([day for day, _ in days]), part.x_label,
                     _LETTER, 2, 2, label_size=SMALL)


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


def _write_key(paper: Paper, rows: Sequence[Sequence[str]], top: float) -> None:
    for number, row in enumerate(rows):
        x, y = EDGE + 3, top - _KEY_ROW * (number + 0.5)
        for kind in row:
            shape, colour = _SIGNS[kind]
            paper.signs([(x, y)], shape, 5.5 if shape == "." else 4.6, colour)
            paper.write(x + 6, y, kind, _LETTER, up="center")
            x += 20 + width_of(kind, _LETTER)
