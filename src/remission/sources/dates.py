"""Calendar dates stop here: they become study days, and the dates themselves go to the vault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from remission.days import parse_date, study_day
from remission.errors import Problem
from remission.records.column import Column
from remission.sources.mapping import AUTO_LAYOUT, Cell, SiteMapping
from remission.sources.sheet import Sheet, Source

ISO = "%Y-%m-%d"
_MOST_STUDY_DAYS = 20_000
"""More than 54 years from day 0: in a column that may hold dates, a date as Excel counts it."""


@dataclass(frozen=True)
class VaultDate:
    """One calendar date, kept in the vault and nowhere else; as text where only a part is known."""

    subject_id: str
    table: str
    column: str
    source: str
    date: date | str


@dataclass(frozen=True)
class Anchors:
    """The calendar date of each subject's day 0."""

    of: Mapping[str, date] = field(default_factory=dict)
    vault: tuple[VaultDate, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_anchors(
    source: Source, mapping: SiteMapping, sheet_of: Callable[[str | None], Sheet]
) -> Anchors:
    """Return the anchor date of every subject; none when the mapping has no ``[anchor]``."""
    anchor = mapping.anchor
    if anchor is None:
        return Anchors()
    sheet = sheet_of(anchor.sheet)
    who = mapping.subject_id if anchor.subject is None else Cell(
        field=anchor.subject, width=mapping.subject_id.width)
    subjects = sheet.subjects(who)
    found: dict[str, date] = {}
    vault, problems = [], []
    for index, (subject, text) in enumerate(
        zip(subjects, sheet.columns[anchor.field], strict=True)
    ):
        if subject is None or text is None:
            continue
        day = _date_or_none(text, anchor.date, sheet)
        if day is None:
            problems.append(_unreadable(text, anchor.date, sheet.where(index, anchor.field)))
        elif found.get(subject, day) != day:
            problems.append(Problem(
                sheet.where(index, anchor.field),
                f"Subject {subject} has two anchor dates.", "Day 0 must be one day.",
                "Keep one of them.",
            ))
        else:
            found[subject] = day
            vault.append(VaultDate(subject, "subject", "anchor", sheet.sources[index], day))
    return Anchors(found, tuple(vault), tuple(problems))


def dates_to_days(
    texts: list[str | None], subjects: list[str | None], *, cell: Cell, column: Column,
    table: str, anchors: Anchors, sheet: Sheet, indices: list[int],
) -> tuple[list[str | None], list[VaultDate], list[Problem]]:
    """Return (whole days as text, dates for the vault, problems).

    A ``day`` column counts from the anchor to the date; a column of whole days that is not a
    day (an age) counts from the date to the anchor; any other integer column takes the year.
    """
    days: list[str | None] = []
    vault: list[VaultDate] = []
    problems: list[Problem] = []
    for position, (text, subject) in enumerate(zip(texts, subjects, strict=True)):
        where = sheet.where(indices[position], cell.field)
        if text is None or (cell.date == AUTO_LAYOUT and text.lstrip("-").isdigit()):
            days.append(text)
            if text is not None and abs(int(text)) > _MOST_STUDY_DAYS:
                problems.append(_serial(text, where))
            continue
        day = _date_or_none(text, ISO if cell.date == AUTO_LAYOUT else cell.date or ISO, sheet)
        anchor = anchors.of.get(subject or "")
        days.append(None)
        if day is None:
            problems.append(_unreadable(text, cell.date or ISO, where))
        elif column.kind == "integer" and column.unit != "days":
            days[-1] = str(day.year)
        elif anchor is None:
            problems.append(Problem(
                where, f"{text!r} is a date, but subject {subject} has no anchor date.",
                "Without day 0 it cannot become a study day.",
                "Name the column of the anchor date under [anchor] in the mapping "
                "(index_date in the template), or fill it for this subject.",
            ))
        else:
            count = study_day(day, anchor)
            days[-1] = str(count if column.kind == "day" else -count)
            vault.append(VaultDate(
                subject or "", table, column.name, sheet.sources[indices[position]], day))
    return days, vault, problems


def _date_or_none(text: str, layout: str, sheet: Sheet) -> date | None:
    """Return the date, read by its layout; in a workbook also YYYY-MM-DD, as its dates arrive."""
    for tried in (layout, ISO) if sheet.is_workbook else (layout,):
        try:
            return parse_date(text, tried)
        except ValueError:
            continue
    return None


def _serial(text: str, where: str) -> Problem:
    return Problem(
        where, f"{text} is no study day: it looks like a date as Excel counts it.",
        "Read as days it would put the event a lifetime away.",
        "Give the cell the format of a date in Excel, or write YYYY-MM-DD.")


def _unreadable(text: str, layout: str, where: str) -> Problem:
    return Problem(
        where, f"{text!r} is not a date of the layout {ISO if layout == AUTO_LAYOUT else layout}.",
        "A date that is read wrongly moves every interval.",
        "Correct the date, or the layout in the mapping (%d day, %m month, %Y year).",
    )
