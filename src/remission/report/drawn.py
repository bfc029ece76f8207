"""What a figure is made of, before it is drawn: frozen, and without a drawing library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from remission.report.spans import Number, Span
from remission.report.table_parts import Table


@dataclass(frozen=True)
class Line:
    """One drawn group: step points (day, percent, lower, upper), censorings, risk numbers.

    ``few_from`` is the day after which few remain at risk (the tail is drawn pale); bounds are
    None where there is no interval.
    """

    label: str
    steps: tuple[tuple[float, float, float | None, float | None], ...]
    censored: tuple[float, ...]
    at_risk: tuple[Number, ...]
    end: float
    few_from: float | None


@dataclass(frozen=True)
class Captioned:
    """What every figure has: where it stands, its number and its title."""

    address: str
    number: int
    title: str
    subtitle: str

    @property
    def caption(self) -> str:
        """``Figure 1``."""
        return f"Figure {self.number}"

    @property
    def file_name(self) -> str:
        """``figure-1``, without a suffix."""
        return f"figure-{self.number}"


@dataclass(frozen=True)
class Figure(Captioned):
    """A curve over time with numbers at risk; ``rising`` for incidence, falling for survival.

    ``estimates`` prints the same curve as numbers; ``test`` is written inside the axes.
    """

    y_label: str
    x_label: str
    unit: str
    limit: float
    ticks: tuple[float, ...]
    lines: tuple[Line, ...]
    rising: bool
    test: str
    estimates: Table
    note: tuple[Span, ...]

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The live numbers of the drawing."""
        return tuple(number for line in self.lines for number in line.at_risk)

    @property
    def alternative(self) -> str:
        """What is drawn, in words, for readers who do not see it."""
        return f"{self.title}: {self.y_label}, by {self.x_label.lower()}."


@dataclass(frozen=True)
class ForestRow:
    """A row of a forest plot: a label, and for each series (estimate, lower, upper) or None.

    ``head`` rows only name what follows, ``level`` rows stand under one; ``text`` is written at
    the right.
    """

    label: str
    marks: tuple[tuple[float, float, float] | None, ...] = ()
    text: Span = ""
    is_head: bool = False
    is_level: bool = False
    is_reference: bool = False


@dataclass(frozen=True)
class Forest(Captioned):
    """Ratios with their intervals on a logarithmic axis; ``series`` name the marks of a row.

    A bound may be 0 or infinite. ``fewer`` and ``more`` say what lies on either side of 1.
    """

    x_label: str
    fewer: str
    more: str
    text_label: str
    series: tuple[str, ...]
    rows: tuple[ForestRow, ...]
    note: tuple[Span, ...]
    estimates: Table | None = None

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The live numbers of the drawing."""
        return tuple(row.text for row in self.rows if isinstance(row.text, Number))

    @property
    def alternative(self) -> str:
        """What is drawn, in words, for readers who do not see it."""
        return f"{self.title}: {self.x_label.lower()} of each factor with its interval."


@dataclass(frozen=True)
class Box:
    """The values of one moment or group in a panel, with its box; ``colour`` is a place.

    ``five`` are minimum, lower quartile, median, upper quartile and maximum, None where only a
    bound is known. ``is_limit`` values are drawn open.
    """

    label: str
    colour: int
    values: tuple[float, ...]
    is_limit: tuple[bool, ...]
    five: tuple[float | None, ...]


@dataclass(frozen=True)
class Panel:
    """One measure of a figure of panels: its boxes, and which of them are joined by pairs.

    ``marks`` are (from box, to box, stars, P) of each comparison.
    """

    title: str
    unit: str
    boxes: tuple[Box, ...]
    paired: bool
    marks: tuple[tuple[int, int, str, Number], ...]


@dataclass(frozen=True)
class Panels(Captioned):
    """Panels side by side, one a measure: boxes, every value, and lines between pairs."""

    panels: tuple[Panel, ...]
    names: tuple[str, ...]
    note: tuple[Span, ...]
    estimates: Table | None = None

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The live numbers of the drawing."""
        return tuple(mark[3] for panel in self.panels for mark in panel.marks)

    @property
    def alternative(self) -> str:
        """What is drawn, in words, for readers who do not see it."""
        measures = ", ".join(panel.title for panel in self.panels)
        return f"{self.title}: every value with its box, a panel each for {measures}."


@dataclass(frozen=True)
class Bar:
    """A bar of a figure of grades: the percent of each grade, and the count at its end."""

    label: str
    parts: tuple[float, ...] = ()
    count: Number | None = None
    is_head: bool = False


@dataclass(frozen=True)
class Bars(Captioned):
    """Bars of parts, one a term; ``names`` say what the parts are."""

    x_label: str
    names: tuple[str, ...]
    bars: tuple[Bar, ...]
    note: tuple[Span, ...]
    estimates: Table | None = None

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The live numbers of the drawing."""
        return tuple(bar.count for bar in self.bars if bar.count is not None)

    @property
    def alternative(self) -> str:
        """What is drawn, in words, for readers who do not see it."""
        return f"{self.title}: {self.x_label.lower()}, a bar for each term."


@dataclass(frozen=True)
class Lane:
    """One child in a swimmer plot: stretches of treatment, and (day, what) of each mark."""

    label: Number
    colour: int
    end: float
    stretches: tuple[tuple[float, float], ...]
    marks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Lanes(Captioned):
    """A swimmer plot, in days; ``names`` are the groups, ``marks`` what may be marked."""

    x_label: str
    unit: str
    limit: float
    ticks: tuple[float, ...]
    names: tuple[str, ...]
    marks: tuple[str, ...]
    lanes: tuple[Lane, ...]
    note: tuple[Span, ...]
    estimates: Table | None = None

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The study numbers, each with the course behind it."""
        return tuple(lane.label for lane in self.lanes)

    @property
    def alternative(self) -> str:
        """What is drawn, in words, for readers who do not see it."""
        return f"{self.title}: a lane for each of {len(self.lanes)}, by study number."


@dataclass(frozen=True)
class Course:
    """One child's values over time: (day, value, whether it is a limit) of each."""

    label: str
    colour: int
    points: tuple[tuple[float, float, bool], ...]


@dataclass(frozen=True)
class Courses(Captioned):
    """Values over time, a line a child, in days; ``is_log`` for a logarithmic axis."""

    y_label: str
    x_label: str
    unit: str
    limit: float
    ticks: tuple[float, ...]
    names: tuple[str, ...]
    courses: tuple[Course, ...]
    is_log: bool
    note: tuple[Span, ...]
    estimates: Table | None = None

    @property
    def numbers(self) -> tuple[Number, ...]:
        """None: the values are in the results."""
        return ()

    @property
    def alternative(self) -> str:
        """What is drawn, in words, for readers who do not see it."""
        return f"{self.title}: {self.y_label} over time, a line for each of {len(self.courses)}."


@dataclass(frozen=True)
class TimelineLane:
    """A lane of one child: stretches (first day, last day, kind) and marks (day, kind, words).

    A mark with words says them instead of a sign, as a grade or a percentage.
    """

    name: str
    stretches: tuple[tuple[float, float, str], ...]
    marks: tuple[tuple[float, str, str], ...]


@dataclass(frozen=True)
class TimelineChild:
    """One child: its last day, its lanes, its MRD, and each count (day, value, whether a limit).

    ``end`` is None where the last contact is not known.
    """

    label: Number
    end: float | None
    lanes: tuple[TimelineLane, ...]
    mrd: tuple[tuple[float, float, bool], ...]
    counts: tuple[tuple[str, tuple[tuple[float, float, bool], ...]], ...]


@dataclass(frozen=True)
class Timelines(Captioned):
    """One child or a few over days, one under the other, from ``first`` to ``limit``.

    ``near_to`` is the last day of the treatment; what lies after it may take less room a day.
    """

    x_label: str
    first: float
    limit: float
    near_to: float
    children: tuple[TimelineChild, ...]
    note: tuple[Span, ...]
    estimates: Table | None = None

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The study numbers, each with the course behind it."""
        return tuple(child.label for child in self.children)

    @property
    def alternative(self) -> str:
        """What is drawn, in words, for readers who do not see it."""
        return (f"{self.title}: treatment, harm, transplant, disease, MRD and counts by day, of "
                f"{len(self.children)}, by study number.")


@dataclass(frozen=True)
class FlowBox:
    """A box of a flow chart: its words, its number, and the place of the box it came from."""

    label: str
    depth: int
    count: Number
    parent: int | None


@dataclass(frozen=True)
class Flow(Captioned):
    """A flow chart, read from above; each step stands one further in."""

    boxes: tuple[FlowBox, ...]
    note: tuple[Span, ...]
    estimates: Table | None = None

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers in the boxes."""
        return tuple(box.count for box in self.boxes)

    @property
    def alternative(self) -> str:
        """What is drawn, in words, for readers who do not see it."""
        return f"{self.title}: a chart of {len(self.boxes)} boxes; the numbers are in its table."


Drawn: TypeAlias = Figure | Forest | Panels | Bars | Lanes | Courses | Timelines | Flow
"""Every kind of figure: captioned and numbered, drawn, with the numbers behind it."""

DRAWN = (Figure, Forest, Panels, Bars, Lanes, Courses, Timelines, Flow)
