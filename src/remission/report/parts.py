"""The parts a report is made of: frozen, and the same for html, Word and Excel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from remission.analyses.results import Result


def address(*parts: object) -> str:
    """Return the address of a number from its parts: ``t1.relapse.Y.ALL``, no spaces or quotes."""
    joined = ".".join(str(part) for part in parts if str(part))
    return "".join("_" if char.isspace() or char in "\"'#&<>" else char for char in joined)


@dataclass(frozen=True)
class Number:
    """A printed number that answers: its text, its address, and the results it shows.

    The first of ``results`` is the one that names the subjects.
    """

    text: str
    address: str
    results: tuple[Result, ...]


Span: TypeAlias = str | Number
"""A stretch of a sentence: words, or a live number."""

Cell: TypeAlias = str | Number
"""One cell of a table; an empty string where nothing stands."""


def plain(spans: Iterable[Span]) -> str:
    """Return spans as text."""
    return "".join(span.text if isinstance(span, Number) else span for span in spans)


def with_live(text: str, *numbers: Number) -> tuple[Span, ...]:
    """Return a text as spans in which each number, found in order, is live."""
    spans: list[Span] = []
    for number in numbers:
        before, found, after = text.partition(number.text)
        if found:
            spans += [before, number]
            text = after
    return (*spans, text)


@dataclass(frozen=True)
class Head:
    """The head of a column: its label, and what stands under it (n = 68)."""

    label: str
    under: Span = ""


@dataclass(frozen=True)
class Row:
    """A row of a table; ``level`` rows are indented under their variable."""

    label: str
    cells: tuple[Cell, ...]
    is_level: bool = False


@dataclass(frozen=True)
class Table:
    """A table as a journal sets it: caption, heads, rows, one note."""

    address: str
    number: int
    title: str
    subtitle: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    note: tuple[Span, ...]

    @property
    def caption(self) -> str:
        """``Table 1``."""
        return f"Table {self.number}"


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
class Figure:
    """A curve over time with numbers at risk; ``rising`` for incidence, falling for survival.

    ``estimates`` prints the same curve as numbers; ``test`` is written inside the axes.
    """

    address: str
    number: int
    title: str
    subtitle: str
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
    def caption(self) -> str:
        """``Figure 1``."""
        return f"Figure {self.number}"

    @property
    def file_name(self) -> str:
        """``figure-1``, without a suffix."""
        return f"figure-{self.number}"


@dataclass(frozen=True)
class Paragraph:
    """Sentences under a heading, in one or more blocks; numbers in them are live."""

    address: str
    heading: str
    blocks: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True)
class Refusal:
    """What was asked for and cannot be had: why, and what would make it possible."""

    address: str
    title: str
    reason: tuple[Span, ...]
    cure: str


@dataclass(frozen=True)
class KeyNumber:
    """One number of the strip at the top, with its caption."""

    number: Number
    caption: str


Part: TypeAlias = Table | Figure | Paragraph | Refusal


@dataclass(frozen=True)
class Document:
    """A whole report in reading order."""

    title: str
    subtitle: str
    banner: str
    strip: tuple[KeyNumber, ...]
    parts: tuple[Part, ...]
    colophon: str
