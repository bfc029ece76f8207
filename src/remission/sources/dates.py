"""Calendar dates stop here: they become study days, and the dates themselves go to the vault."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from remission.days import parse_date
from remission.errors import Problem
from remission.records.column import Column
from remission.sources.distinct import by_value, repeated
from remission.sources.mapping import AUTO_LAYOUT, Cell, SiteMapping
from remission.sources.sheet import Sheet, Source

ISO = "%Y-%m-%d"
_WHOLE = r"^-?[0-9]+$"
_DIGITS = {"%Y": "[0-9]{4}", **dict.fromkeys(("%m", "%d", "%H", "%M", "%S"), "[0-9]#")}
_MOST_STUDY_DAYS = 20_000
"""More than 54 years from day 0: in a column that may hold dates, a date as Excel counts it."""


VAULT = pl.Schema({"subject_id": pl.String, "table": pl.String, "column": pl.String,
                   "source": pl.String, "date": pl.Date})
"""One calendar date a row, kept in the vault and nowhere else."""

_ANCHORS = pl.Schema({"subject_id": pl.String, "anchor": pl.Date})


@dataclass(frozen=True)
class Anchors:
    """The calendar date of each subject's day 0: ``subject_id, anchor``."""

    of: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_ANCHORS))
    vault: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=VAULT))
    problems: tuple[Problem, ...] = ()

    def dates(self, subjects: pl.Series) -> pl.Series:
        """Return the anchor date of each subject; null for one who has none."""
        return pl.DataFrame({"subject_id": subjects}).join(
            self.of, on="subject_id", how="left", maintain_order="left")["anchor"]


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
    subjects = sheet.subjects(who).alias("subject_id")
    texts = sheet.cells[anchor.field].set(subjects.is_null(), None)
    dates = read_dates(texts, anchor.date, sheet)

    def where(index: int) -> str:
        return sheet.where(index, anchor.field)

    problems = [_unreadable(found.text, anchor.date, found.places(where))
                for found in repeated(texts, texts.is_not_null() & dates.is_null())]
    rows = pl.DataFrame([subjects, dates.alias("anchor")]).with_columns(
        first=pl.col("anchor").drop_nulls().first().over("subject_id"))
    others = rows["anchor"].is_not_null() & (rows["anchor"] != rows["first"])
    problems.extend(
        Problem(found.places(where), f"Subject {found.text} has two anchor dates.",
                "Day 0 must be one day.", "Keep one of them.")
        for found in repeated(subjects, others))
    kept = rows.select("subject_id", "anchor").filter(~others & rows["anchor"].is_not_null())
    vault = _vault(
        kept["subject_id"], "subject", "anchor",
        sheet.source_column.filter(~others & rows["anchor"].is_not_null()), kept["anchor"])
    return Anchors(kept.unique(maintain_order=True), vault, tuple(problems))


def dates_to_days(
    texts: pl.Series, subjects: pl.Series, *, cell: Cell, column: Column,
    table: str, anchors: Anchors, sheet: Sheet, indices: pl.Series,
) -> tuple[pl.Series, pl.DataFrame, list[Problem]]:
    """Return (whole days as text, dates for the vault, problems).

    A ``day`` column counts from the anchor to the date; a column of whole days that is not a
    day (an age) counts from the date to the anchor; any other integer column takes the year.
    """
    layout = cell.date or ISO
    is_day = texts.str.contains(_WHOLE) if layout == AUTO_LAYOUT else texts.is_null()
    written = texts.set(is_day, None)
    dates = read_dates(written, layout, sheet)
    anchor = anchors.dates(subjects)
    is_year = column.kind == "integer" and column.unit != "days"
    if is_year:
        counted = dates.dt.year()
    else:
        counted = (dates - anchor).dt.total_days() * (1 if column.kind == "day" else -1)
    days = texts.set(~is_day, None).zip_with(is_day.fill_null(value=False), counted.cast(pl.String))

    def where(position: int) -> str:
        return sheet.where(indices[position], cell.field)

    given_days = texts.set(~is_day, None).cast(pl.Int64, strict=False)
    serials = given_days.abs() > _MOST_STUDY_DAYS
    problems = [_serial(found.text, found.places(where)) for found in repeated(texts, serials)]
    problems.extend(_unreadable(found.text, layout, found.places(where))
                    for found in repeated(texts, written.is_not_null() & dates.is_null()))
    if is_year:
        return days, pl.DataFrame(schema=VAULT), problems
    is_lost = dates.is_not_null() & anchor.is_null() & subjects.is_not_null()
    problems.extend(_without_anchor(found.text, texts[found.rows[0]], found.places(where))
                    for found in repeated(subjects, is_lost))
    is_kept = dates.is_not_null() & anchor.is_not_null()
    vault = _vault(subjects.filter(is_kept), table, column.name,
                   sheet.source_column.gather(indices.filter(is_kept)), dates.filter(is_kept))
    return days, vault, problems


def _vault(
    subjects: pl.Series, table: str, column: str, sources: pl.Series, dates: pl.Series
) -> pl.DataFrame:
    return pl.select(
        subject_id=subjects, table=pl.lit(table), column=pl.lit(column), source=sources,
        date=dates).cast(VAULT) if len(subjects) else pl.DataFrame(schema=VAULT)


def read_dates(texts: pl.Series, layout: str, sheet: Sheet) -> pl.Series:
    """Return the dates of a column, read by their layout; null where a text is not such a date.

    In a workbook also YYYY-MM-DD is read, as its dates arrive.
    """
    layouts = [ISO if layout == AUTO_LAYOUT else layout]
    if sheet.is_workbook:
        layouts.append(ISO)

    def read(text: str) -> date | None:
        for tried in layouts:
            with suppress(ValueError):
                return parse_date(text, tried)
        return None

    read_at_once = _plain_dates(texts, layouts[0])
    left = texts.set(read_at_once.is_not_null(), None)
    if not left.count():
        return read_at_once
    return pl.select(pl.coalesce(read_at_once, by_value(left, read, pl.Date))).to_series()


def _plain_dates(texts: pl.Series, layout: str) -> pl.Series:
    """Return the dates that digits alone tell, read as a whole column; null for all others."""
    pieces = re.split(r"(%.)", layout)
    codes, between = pieces[1::2], pieces[2:-1:2]
    if set(codes) - set(_DIGITS) or len(set(codes)) < len(codes):
        return pl.Series([None] * len(texts), dtype=pl.Date)
    digits = "{1,2}" if all(between) else "{2}"
    pattern = "".join(_DIGITS.get(piece, re.escape(piece)).replace("#", digits)
                      for piece in pieces)
    plain = texts.set(~texts.str.contains(f"^{pattern}$"), None)
    if set(codes) <= {"%Y", "%m", "%d"}:
        return plain.str.to_date(layout, strict=False)
    return plain.str.to_datetime(layout, strict=False, time_unit="us").dt.date()


def _without_anchor(subject: str, text: str, where: str) -> Problem:
    return Problem(
        where, f"{text!r} is a date, but subject {subject} has no anchor date.",
        "Without day 0 it cannot become a study day.",
        "Name the column of the anchor date under [anchor] in the mapping "
        "(index_date in the template), or fill it for this subject.")


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
