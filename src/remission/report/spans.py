"""Text in which numbers answer: spans, live numbers and their addresses."""

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

Cell: TypeAlias = Span | tuple[Span, ...]
"""One cell of a table, with one live number or several; an empty string where nothing stands."""


def spans_of(cell: Cell) -> tuple[Span, ...]:
    """Return a cell as spans."""
    return cell if isinstance(cell, tuple) else (cell,)


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
