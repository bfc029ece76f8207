"""Column and Table: every field of a study declared once.

Reading, checking, templates, the data dictionary and later the virtual cohorts all read these
declarations; nothing about a column is said a second time elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Kind = Literal["text", "code", "codes", "integer", "number", "day"]
"""``day`` is a whole study day from the subject's anchor; ``codes`` is a set, joined by ``|``."""

SOURCE = "_source"
"""Name of the column that keeps where a row came from: ``file:row``."""


@dataclass(frozen=True)
class Column:
    """One field of a table.

    ``unit`` is the canonical unit of a number; ``codes`` maps each stable code to its label;
    ``minimum`` and ``maximum`` are inclusive limits outside which a value is queried, not
    refused; ``percent`` columns are also watched for fractions.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False

    @property
    def is_percent(self) -> bool:
        """Whether the column holds percentages (0 to 100)."""
        return self.unit == "%"


@dataclass(frozen=True)
class Table:
    """One table of a study: one row per thing that happened.

    ``key`` names the columns that identify a row (the subject first); ``numbered`` is the key
    column that is counted up for each subject when the source has no number of its own.
    """

    name: str
    meaning: str
    domain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def by_name(self) -> Mapping[str, Column]:
        """The columns by name."""
        return MappingProxyType({column.name: column for column in self.columns})

    @property
    def numbered(self) -> str | None:
        """The running number within a subject (``episode_no``, ``transplant_no`` …), if any."""
        last = self.key[-1]
        return last if last.endswith("_no") else None


MOST_DAYS = 40_000
"""No record lies further than 110 years from its anchor."""

YES_NO = MappingProxyType({"Y": "yes", "N": "no"})
YES_NO_UNKNOWN = MappingProxyType({"Y": "yes", "N": "no", "U": "unknown"})


def subject_id() -> Column:
    """Return the key column every table begins with."""
    return Column("subject_id", "text", "The study's own identifier of the child.", required=True)


def number_of(name: str, meaning: str) -> Column:
    """Return a running number within the subject, from 1."""
    return Column(name, "integer", meaning, minimum=1, required=True)


def day(name: str, meaning: str) -> Column:
    """Return a study-day column: whole days from the subject's anchor, which is day 0."""
    return Column(name, "day", meaning, unit="days", minimum=-MOST_DAYS, maximum=MOST_DAYS)


def yes_no(name: str, meaning: str, *, unknown: bool = True) -> Column:
    """Return a yes/no column, with ``U`` for asked-but-unknown unless switched off."""
    return Column(name, "code", meaning, codes=YES_NO_UNKNOWN if unknown else YES_NO)


def code(
    name: str, meaning: str, codes: Mapping[str, str], *, required: bool = False
) -> Column:
    """Return a coded column; ``codes`` maps stable code → label."""
    return Column(name, "code", meaning, codes=MappingProxyType(dict(codes)), required=required)


def percent(name: str, meaning: str) -> Column:
    """Return a percentage column (0 to 100)."""
    return Column(name, "number", meaning, unit="%", minimum=0, maximum=100)


def amount(
    name: str,
    meaning: str,
    unit: str | None = None,
    *,
    minimum: float | None = 0,
    maximum: float | None = None,
) -> Column:
    """Return a number column with its unit; not negative unless ``minimum`` says otherwise."""
    return Column(name, "number", meaning, unit=unit, minimum=minimum, maximum=maximum)


def text(name: str, meaning: str) -> Column:
    """Return a free-text column; free text never enters a report."""
    return Column(name, "text", meaning)
