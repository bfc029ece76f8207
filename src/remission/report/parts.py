"""The parts a report is made of: frozen, and the same for html, Word and Excel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from remission.report.drawn import Drawn
from remission.report.spans import Number, Span
from remission.report.table_parts import Table


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


Part: TypeAlias = Table | Drawn | Paragraph | Refusal


@dataclass(frozen=True)
class Ending:
    """What another room ends a report with: further parts, and files by name with their text."""

    parts: tuple[Part, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A whole report in reading order."""

    title: str
    subtitle: str
    banner: str
    strip: tuple[KeyNumber, ...]
    parts: tuple[Part, ...]
    colophon: str
