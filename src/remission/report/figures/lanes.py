"""Swimmer plot and courses of the marrow: every child by its study number, nobody summarised."""

from __future__ import annotations

from remission.days import DAYS_PER_UNIT
from remission.report.drawn import Courses, Lane, Lanes
from remission.report.figures.lettering import fitted, width_of
from remission.report.figures.paper import PAPER_WIDTH, SMALL, Paper
from remission.report.figures.plot import Plot, Scale, powers_of, round_ticks, tick_names
from remission.report.figures.sheet import EDGE
from remission.report.figures.style import INK, PALETTE, PAPER, SOFT, colour_of
from remission.report.figures.words import write_banner

_MARKERS = {"remission": ("o", PALETTE[2]), "transplant": ("^", PALETTE[3]),
            "relapse": ("X", PALETTE[1]), "death": ("s", INK), "last contact": (">", SOFT)}
_LANE, _BELOW, _ABOVE, _BANNER, _NAMES, _GAP = 11.0, 40.0, 24.0, 20.0, 16.0, 10.0
_LETTER = 8.0
_PLOT, _PLOT_LEFT = 210.0, 60.0
_TICKS = 8
"""Steps between the ticks of the value axis, at most."""


def draw_lanes(part: Lanes, *, banner: str = "") -> Paper:
    """Return the drawing of a swimmer plot; ``banner`` is written above it."""
    words, above = _heading(banner, part.names)
    above += _ABOVE
    room = _LANE * len(part.lanes)
    paper = Paper(PAPER_WIDTH, above + room + _BELOW)
    left = EDGE + _GAP + max((width_of(lane.label.text, _LETTER) for lane in part.lanes),
                             default=0.0)
    plot = Plot(paper, Scale(0, part.limit, left, PAPER_WIDTH - left - 3 * EDGE),
                Scale(len(part.lanes), 0, _BELOW, room))
    _time_axis(plot, part)
    plot.left_axis([], [])
    for place, lane in enumerate(part.lanes):
        _draw_lane(plot, lane, place + 0.5)
    _key(paper, part, left, paper.height - above + 10)
    _finish(paper, part, words, left)
    return paper


def _draw_lane(plot: Plot, lane: Lane, y: float) -> None:
    limit, colour = plot.x.high, colour_of(lane.colour)
    plot.line([(0, y), (min(lane.end, limit), y)], colour, 1.0, alpha=0.6, is_long=True)
    for begin, end in lane.stretches:
        if begin < limit:
            plot.line([(begin, y), (min(end, limit), y)], colour, 4.6)
    for day, kind in lane.marks:
        if day <= limit:
            shape, own = _MARKERS[kind]
            plot.signs([(day, y)], shape, 4.6, own, edge=PAPER, edge_width=0.4)
    plot.paper.write(plot.x.begin - _GAP, plot.y(y), lane.label.text, _LETTER, across="right",
                     up="center", address=lane.label.address)


def draw_courses(part: Courses, *, banner: str = "") -> Paper:
    """Return the drawing of the marrow over time; ``banner`` is written above it."""
    words, above = _heading(banner, part.names)
    paper = Paper(PAPER_WIDTH, above + EDGE + _PLOT + _BELOW)
    seen = [(course, [point for point in course.points if point[0] <= part.limit and (
        point[1] > 0 or not part.is_log)]) for course in part.courses]
    points = [point for _, of_course in seen for point in of_course]
    first = min((day for day, _, _ in points), default=0.0)
    low, high = _limits([value for _, value, _ in points], is_log=part.is_log)
    plot = Plot(paper, Scale(min(0.0, first), part.limit, _PLOT_LEFT,
                             PAPER_WIDTH - _PLOT_LEFT - 3 * EDGE),
                Scale(low, high, _BELOW, _PLOT, part.is_log))
    _time_axis(plot, part)
    ticks = powers_of(low, high) if part.is_log else round_ticks(low, high, _TICKS)
    plot.left_axis(ticks, tick_names(ticks), part.y_label)
    for course, of_course in seen:
        colour = colour_of(course.colour)
        if of_course:
            plot.line([point[:2] for point in of_course], colour, 0.8, alpha=0.55, is_long=True)
    for course, of_course in seen:
        colour = colour_of(course.colour)
        for day, value, is_limit in of_course:
            plot.signs([(day, value)], "o", 3.2, PAPER if is_limit else colour, edge=colour,
                       edge_width=0.7)
    _finish(paper, part, words, _PLOT_LEFT)
    return paper


def _limits(values: list[float], *, is_log: bool) -> tuple[float, float]:
    """Return the ends of the value axis, a twentieth of its length away from the values."""
    if not values:
        return (0.1, 1.0) if is_log else (0.0, 1.0)
    low, high = min(values), max(values)
    if is_log:
        air = (high / low) ** 0.05 if high > low else 2.0
        return low / air, high * air
    air = 0.05 * ((high - low) or abs(high) or 1.0)
    return low - air, high + air


def _heading(banner: str, names: tuple[str, ...]) -> tuple[str, float]:
    """Return the banner as it fits, and the room that it and the names of groups take."""
    words = fitted(banner.upper(), PAPER_WIDTH - 4 * EDGE, SMALL, bold=True) if banner else ""
    return words, EDGE + (_BANNER if words else 0.0) + (_NAMES if names else 0.0)


def _time_axis(plot: Plot, part: Lanes | Courses) -> None:
    size = DAYS_PER_UNIT[part.unit.removesuffix("s")]
    plot.bottom_axis(part.ticks, [f"{day / size:g}" for day in part.ticks], part.x_label)


def _key(paper: Paper, part: Lanes, left: float, y: float) -> None:
    """Write which mark is what, over the lanes; only of the marks that are there."""
    x = left
    present = {kind for lane in part.lanes for _, kind in lane.marks}
    for kind in (kind for kind in part.marks if kind in present):
        shape, colour = _MARKERS[kind]
        paper.signs([(x, y)], shape, 4.6, colour)
        paper.write(x + 7, y, kind, SMALL, up="center")
        x += 7 + width_of(kind, SMALL) + 1.4 * _GAP


def _finish(paper: Paper, part: Lanes | Courses, words: str, left: float) -> None:
    """Write the names of the groups in their colours, and the banner."""
    x, y = left, paper.height - EDGE / 2 - (_BANNER if words else 0.0) - _NAMES / 2
    for place, name in enumerate(part.names):
        paper.write(x, y, name, SMALL, colour_of(place), bold=True, up="center",
                    address=f"{part.address}.name.{place + 1}")
        x += width_of(name, SMALL, bold=True) + 2 * _GAP
    write_banner(paper, words, EDGE)
