"""What the report of one analysis is made from, and what number its tables and figures bear."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from remission.analyses.results import Result, Results
from remission.definitions.cohort import Cohort
from remission.plan import Plan
from remission.report import formats
from remission.report.parts import Part
from remission.report.spans import Number, Span, address

AnalysisT_co = TypeVar("AnalysisT_co", covariant=True)


@dataclass(frozen=True)
class Asking(Generic[AnalysisT_co]):
    """One analysis with its own rows of the results."""

    name: str
    analysis: AnalysisT_co
    rows: Results
    cohort: Cohort

    @property
    def plan(self) -> Plan:
        """The plan of the study."""
        return self.cohort.plan

    def p_value(self, row: Result) -> str:
        """Return a P as it stands in a table; a dash where there is none."""
        return formats.EN_DASH if row.value is None else formats.p_value(
            row.number, significance=self.plan.study.significance)

    def p_statement(self, row: Result) -> str:
        """Return ``P = 0.013``."""
        return formats.p_statement(row.number, significance=self.plan.study.significance)


class Places:
    """The numbers that tables and figures bear, in reading order."""

    def __init__(self) -> None:
        """Begin at 1."""
        self._tables = self._figures = 0

    def table(self) -> int:
        """Return the number of the next table."""
        self._tables += 1
        return self._tables

    def figure(self) -> int:
        """Return the number of the next figure."""
        self._figures += 1
        return self._figures


def _silent(_: Asking[Any]) -> Iterator[str]:
    """Yield nothing."""
    yield from ()


Say: TypeAlias = Callable[[Number, Cohort], Iterator[str]]
"""What yields the sentences of a live number."""


@dataclass(frozen=True)
class Kind:
    """How a kind of analysis is reported: its parts, its sentence, its methods.

    ``says`` gives the sentences of a live number by the statistic of its first result; ``topic``
    is what its sentence is about, of which the results in words have a paragraph.
    """

    parts: Callable[[Asking[Any], Places], Iterator[Part]]
    sentence: Callable[[Asking[Any]], Iterator[Span]] = _silent
    methods: Callable[[Asking[Any]], Iterator[str]] = _silent
    says: Mapping[str, Say] = field(default_factory=dict)
    topic: str = ""


def live(text: str, *rows: Result, at: str = "text") -> Number:
    """Return a live number of a sentence, its address made from its first result."""
    return Number(text, address(at, rows[0].id), rows)


def sentences(*spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return sentences as one note, a space between them."""
    return tuple(span for sentence in spans for span in (*sentence, " "))[:-1]


def joined(entries: Sequence[Sequence[Span]]) -> Iterator[Span]:
    """Yield entries as a list in words: ``a, b and c``."""
    for position, entry in enumerate(entries):
        yield "" if not position else " and " if position == len(entries) - 1 else ", "
        yield from entry
