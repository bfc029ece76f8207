"""A sheet of paper and what stands on it, in points from its lower left corner.

Whatever is put on it later covers what was put there before. SVG (``svg.py``) and PNG
(``painted.py``) are made of the same marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from remission.report.figures.style import INK, PAPER

Point: TypeAlias = tuple[float, float]
Dash: TypeAlias = tuple[float, ...]
"""Drawn and left out by turns, in widths of the line; empty for a line without gaps."""

Across: TypeAlias = Literal["left", "center", "right"]
Up: TypeAlias = Literal["bottom", "baseline", "center", "figures", "top"]
"""What of the words stands on their point: ``figures`` is the middle of a digit."""

PAPER_WIDTH = 475.2
"""6.6 inches, printed at 15.5 cm: 8.5 points come out as 7.9."""
TEXT, SMALL = 9.0, 8.5
LINE_SPACING = 1.2


@dataclass(frozen=True)
class Stroke:
    """A line through points. ``is_long`` lets its ends stand out by half of its width."""

    points: tuple[Point, ...]
    colour: str
    width: float
    dash: Dash = ()
    alpha: float = 1.0
    is_long: bool = False


@dataclass(frozen=True)
class Area:
    """A filled shape within its corners, with an edge where it has a colour."""

    corners: tuple[Point, ...]
    colour: str
    alpha: float = 1.0
    edge: str = ""
    edge_width: float = 0.0


@dataclass(frozen=True)
class Signs:
    """The same sign at several points; ``face`` is empty where only its edge is drawn."""

    points: tuple[Point, ...]
    shape: str
    size: float
    face: str
    edge: str
    edge_width: float
    alpha: float = 1.0


@dataclass(frozen=True)
class Frame:
    """A rectangle around words, so far from them; without ``edge`` it only covers what is below."""

    pad: float
    edge: str = ""
    edge_width: float = 0.0


@dataclass(frozen=True)
class Words:
    """Words at a point, of one line or more; ``is_turned`` ones are read from below.

    ``address`` is their id in the page; ``title`` their full text, where they are shortened.
    """

    x: float
    y: float
    text: str
    size: float = TEXT
    colour: str = INK
    bold: bool = False
    italic: bool = False
    across: Across = "left"
    up: Up = "baseline"
    is_turned: bool = False
    spacing: float = LINE_SPACING
    address: str = ""
    title: str = ""
    frame: Frame | None = None


Mark: TypeAlias = Stroke | Area | Signs | Words


@dataclass
class Paper:
    """A sheet of a size in points, and its marks in the order in which they are drawn."""

    width: float
    height: float
    marks: list[Mark] = field(default_factory=list)

    def line(
        self, points: Sequence[Point], colour: str, width: float, *, dash: Dash = (),
        alpha: float = 1.0, is_long: bool = False,
    ) -> None:
        """Draw a line through points."""
        self.marks.append(Stroke(tuple(points), colour, width, dash, alpha, is_long))

    def area(
        self, corners: Sequence[Point], colour: str, *, alpha: float = 1.0, edge: str = "",
        edge_width: float = 0.0,
    ) -> None:
        """Fill a shape."""
        self.marks.append(Area(tuple(corners), colour, alpha, edge, edge_width))

    def box(
        self, left: float, bottom: float, width: float, height: float, colour: str = PAPER, *,
        edge: str = "", edge_width: float = 0.0, alpha: float = 1.0,
    ) -> None:
        """Fill a rectangle."""
        right, top = left + width, bottom + height
        self.area([(left, bottom), (right, bottom), (right, top), (left, top)], colour,
                  alpha=alpha, edge=edge, edge_width=edge_width)

    def signs(
        self, points: Sequence[Point], shape: str, size: float, colour: str, *,
        edge: str | None = None, edge_width: float = 1.0, alpha: float = 1.0,
    ) -> None:
        """Draw a sign at each point, filled with a colour; its edge has the same unless told."""
        if points:
            self.marks.append(Signs(tuple(points), shape, size, colour,
                                    colour if edge is None else edge, edge_width, alpha))

    def write(
        self, x: float, y: float, text: str, size: float = TEXT, colour: str = INK, *,
        bold: bool = False, italic: bool = False, across: Across = "left", up: Up = "baseline",
        is_turned: bool = False, spacing: float = LINE_SPACING, address: str = "",
        title: str = "", frame: Frame | None = None,
    ) -> None:
        """Write words; ``title`` is kept only where the words do not say it all."""
        whole = "" if title == text.replace("\n", " ") else title
        self.marks.append(Words(x, y, text, size, colour, bold, italic, across, up, is_turned,
                                spacing, address, whole, frame))
