"""The sheet a curve figure is drawn on: what stands where, and the room that the words need.

All lengths are in points. The settings of the figures must be in force (``style.settings``).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from remission.analyses.results import ALL
from remission.days import DAYS_PER_UNIT
from remission.report.drawn import Figure, Line
from remission.report.figures.lettering import fitted, width_of
from remission.report.figures.paper import PAPER_WIDTH, SMALL, TEXT, Paper
from remission.report.figures.plot import Plot, Scale

EDGE = 7.0
AXIS_ROOM, ROW, UNDER_NAME = 45.0, 15.0, 12.0
"""From the axis to the first row under it, from row to row, and from a name to its numbers."""

GUTTER = 12.0
"""Between the plot and the labels at the line ends."""

HEADING = "Number at risk"

_PLOT_HEIGHT = 209.0
_ABOVE = 16.0
_GAP = 9.0
_LINE_HEIGHT, _NEXT_LINE = 13.0, 10.5
_NAME_LIMIT, _LABEL_LIMIT = 100.0, 112.0
_TOPS = ((10, 2), (20, 5), (40, 10), (60, 20), (80, 20), (100, 25))
"""The ends that a y axis may have, and the steps between its ticks, in percent."""


@dataclass(frozen=True)
class Sheet:
    """The plot, its margins, its scales, and the words as they fit.

    ``span`` days and ``top`` percent fill the plot; ``shown`` are the ticks that have room.
    ``labels`` are empty for the one line of all children. With ``names_above`` the names stand
    over their numbers at risk, because the longest leaves no room for a plot beside it.
    """

    left: float
    right: float
    above: float
    below: float
    plot_height: float
    span: float
    top: float
    top_step: float
    shown: range
    y_label: str
    banner: str
    labels: tuple[str, ...]
    names_above: bool

    @property
    def height(self) -> float:
        """The height of the paper."""
        return self.above + self.plot_height + self.below

    @property
    def plot_width(self) -> float:
        """The width of the plot."""
        return PAPER_WIDTH - self.left - self.right

    @property
    def day(self) -> float:
        """The days that a point is wide."""
        return self.span / self.plot_width

    @property
    def percent(self) -> float:
        """The percent that a point is high."""
        return self.top / self.plot_height

    def plot_on(self, paper: Paper) -> Plot:
        """Return the plot, in days and percent."""
        return Plot(paper, Scale(0, self.span, self.left, self.plot_width),
                    Scale(0, self.top, self.below, self.plot_height))

    @property
    def is_named(self) -> bool:
        """Whether the lines are groups."""
        return any(self.labels)


def sheet_of(part: Figure, banner: str) -> Sheet:
    """Return the sheet with room for every word; the plot takes what they leave."""
    names = _names(part)
    labels = tuple(fitted(name, _LABEL_LIMIT, SMALL, bold=True) for name in names)
    y_label = fitted(part.y_label, _PLOT_HEIGHT, TEXT)
    widest = max((width_of(name, SMALL, bold=True) for name in names), default=0.0)
    names_above = widest > _NAME_LIMIT
    left = _left_room(part, y_label, 0.0 if names_above else widest, is_named=any(names))
    right = _right_room(part, labels)
    words = fitted(banner.upper(), PAPER_WIDTH - left - 2 * EDGE, SMALL, bold=True)
    span = max(part.limit, part.ticks[-1]) or 1.0
    top, top_step = _top_of(part)
    rows = ROW + (UNDER_NAME if names_above else 0.0)
    return Sheet(
        left=left, right=right,
        above=_ABOVE + (height_of(words) + EDGE if words else 0.0),
        below=AXIS_ROOM + ROW + (len(names) * rows if any(names) else 0.0),
        plot_height=max(_PLOT_HEIGHT, sum(map(height_of, labels))),
        span=span, top=top, top_step=top_step,
        shown=_readable_ticks(part, (PAPER_WIDTH - left - right) / span),
        y_label=y_label, banner=words, labels=labels, names_above=names_above,
    )


def end_of(line: Line, part: Figure) -> float:
    """Return the day to which a line is drawn."""
    return min(line.end, part.limit)


def tick_label(day: float, part: Figure) -> str:
    """Return a day as the axis shows it, in its unit."""
    return f"{day / DAYS_PER_UNIT[part.unit.removesuffix('s')]:g}"


def height_of(words: str) -> float:
    """Return the height of a label of one or more lines, with the air around it."""
    return _LINE_HEIGHT + _NEXT_LINE * words.count("\n")


def _names(part: Figure) -> tuple[str, ...]:
    """Return the names of the groups; none for the one line of all children."""
    names = tuple(line.label for line in part.lines)
    return ("",) if names == (ALL,) else names


def _left_room(part: Figure, y_label: str, names: float, *, is_named: bool) -> float:
    """Return the room for the y axis, or for the names beside the first numbers at risk."""
    number = max((width_of(line.at_risk[0].text, SMALL) for line in part.lines), default=0.0)
    axis = width_of("100", TEXT) + 2 * _GAP + height_of(y_label)
    beside = names if is_named else width_of(HEADING, SMALL)
    return EDGE + max(axis, (beside + _GAP if beside else 0.0) + number / 2)


def _right_room(part: Figure, labels: tuple[str, ...]) -> float:
    """Return the room for the labels at the line ends, or for half of the last number."""
    label = max((width_of(line, SMALL, bold=True)
                 for words in labels for line in words.split("\n")), default=0.0)
    number = max((width_of(line.at_risk[-1].text, SMALL) for line in part.lines), default=0.0)
    return EDGE + max(GUTTER + label if label else 0.0, number / 2)


def _top_of(part: Figure) -> tuple[float, float]:
    """Return the end of the y axis and the step of its ticks: 100 for survival, else as needed."""
    if not part.rising:
        return _TOPS[-1]
    highest = max((value if upper is None else upper
                   for line in part.lines for day, value, _, upper in line.steps
                   if day <= end_of(line, part)), default=0.0)
    return next((top for top in _TOPS if highest <= top[0]), _TOPS[-1])


def _readable_ticks(part: Figure, point: float) -> range:
    """Return which ticks are shown, a day being ``point`` wide: no number touches the next."""
    words = [tick_label(day, part) for day in part.ticks]
    words += [number.text for line in part.lines for number in line.at_risk]
    widest = max(width_of(word, TEXT) for word in words)
    closest = min((later - day for day, later in pairwise(part.ticks)), default=1.0)
    return range(0, len(part.ticks), ceil((widest + _GAP / 2) / (closest * point)))
