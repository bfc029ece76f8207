"""Calendar dates stop here: they become study days, and the dates themselves go to the vault."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from remission.days import parse_date, parse_partial_date
from remission.errors import Problem
from remission.records.column import Column, Table
from remission.sources.distinct import by_value, empty_column, repeated
from remission.sources.echo import echo
from remission.sources.mapping import AUTO_LAYOUT, Cell, SiteMapping
from remission.sources.sheet import Sheet, Source
from remission.sources.vault import Vault

ISO = "%Y-%m-%d"
_WHOLE = r"^-?[0-9]+$"
_DIGITS = {"%Y": "[0-9]{4}", **dict.fromkeys(("%m", "%d", "%H", "%M", "%S"), "[0-9]#")}
_SERIAL = re.compile(r"(\d{5})(\.\d+)?")
_SERIALS = range(10_000, 80_001)
_MS_OF_A_DAY = 86_400_000
_MOST_STUDY_DAYS = 20_000
"""More than 54 years from day 0: in a column that may hold dates, a date as Excel counts it."""


VAULT = pl.Schema({"subject_id": pl.String, "table": pl.String, "column": pl.String,
                   "source": pl.String, "date": pl.String})
"""One calendar date a row (YYYY-MM-DD, or as much of it as is known), kept nowhere else."""

_PARTIAL = pl.Struct({"precision": pl.String, "earliest": pl.Date, "latest": pl.Date})
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

    problems = [_no_anchor_date(found.text, anchor.date, found.places(where),
                                hidden=sheet.hides(anchor.field))
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
        sheet.source_column.filter(~others & rows["anchor"].is_not_null()),
        kept["anchor"].dt.to_string(ISO))
    return Anchors(kept.unique(maintain_order=True), vault, tuple(problems))


@dataclass
class Days:
    """What became of a column of dates: days as text, and beside them, row by row, the rest.

    ``partial`` is ``precision:earliest:latest`` where only the month or the year is known.
    """

    texts: pl.Series
    partial: pl.Series
    vault: pl.DataFrame
    problems: list[Problem]


@dataclass(frozen=True)
class DateColumn:
    """A column of dates of a sheet and of the table it is written into."""

    cell: Cell
    column: Column
    table: Table
    sheet: Sheet
    indices: pl.Series

    @property
    def layout(self) -> str:
        """The layout of its dates."""
        return self.cell.date or ISO

    def echo(self, text: str) -> str:
        """Return a cell as a message may repeat it."""
        return echo(text, hidden=self.sheet.hides(self.cell.field))

    def where(self, position: int) -> str:
        """Return the place of a row."""
        return self.sheet.where(self.indices[position], self.cell.field)

    def for_vault(self, subjects: pl.Series, written: pl.Series) -> pl.DataFrame:
        """Return the vault's rows of those dates that are there."""
        chosen = written.is_not_null() & subjects.is_not_null()
        return _vault(subjects.filter(chosen), self.table.name, self.column.name,
                      self.sheet.source_column.gather(self.indices.filter(chosen)),
                      written.filter(chosen))


def dates_to_days(
    texts: pl.Series, subjects: pl.Series, of: DateColumn, anchors: Anchors
) -> Days:
    """Return the days of a column of dates.

    A ``day`` column counts from the anchor to the date; a column of whole days that is not a
    day (an age) counts from the date to the anchor; any other integer column takes the year. Where
    only the month or the year is known, the day is null and its bounds are in ``partial``.
    """
    is_day = texts.str.contains(_WHOLE) if of.layout == AUTO_LAYOUT else texts.is_null()
    is_day = is_day.fill_null(value=False)
    written = texts.set(is_day, None)
    dates = read_dates(written, of.layout, of.sheet)
    left = written.set(dates.is_not_null(), None)
    partial = _read_partial(left, of)
    first, precision = partial["earliest"], partial["precision"]
    unread = left.is_not_null() & precision.is_null()
    given_days = texts.set(~is_day, None)
    problems = [
        *(_serial(of.echo(found.text), found.places(of.where)) for found in repeated(
            texts, given_days.cast(pl.Int64, strict=False).abs() > _MOST_STUDY_DAYS)),
        *(_unreadable(of.echo(found.text), of.layout, found.places(of.where))
          for found in repeated(texts, unread))]
    no_partial = empty_column(len(texts), pl.String)
    if of.column.kind == "integer" and of.column.unit != "days":
        years = pl.select(pl.coalesce(dates, first)).to_series().dt.year().cast(pl.String)
        empty = pl.DataFrame(schema=VAULT)
        return Days(years.zip_with(~is_day, texts), no_partial, empty, problems)
    anchor = anchors.dates(subjects)
    is_lost = (written.is_not_null() & ~unread & anchor.is_null() & subjects.is_not_null())
    problems.extend(_without_anchor(found.text, of.echo(texts[found.rows[0]]),
                                    found.places(of.where))
                    for found in repeated(subjects, is_lost))
    if of.column.name in of.table.key:
        problems.extend(_must_be_full(found.text, of, found.places(of.where))
                        for found in repeated(left, precision.is_not_null()))
    counted = (dates - anchor).dt.total_days() * (1 if of.column.kind == "day" else -1)
    bounds = [(day - anchor).dt.total_days().cast(pl.String)
              for day in (first, partial["latest"])]
    iso = dates.dt.to_string(ISO)
    known = first.dt.to_string("%Y-%m").zip_with(precision == "M", first.dt.to_string("%Y"))
    vault = pl.select(pl.coalesce(iso, known)).to_series().set(anchor.is_null(), None)
    return Days(
        counted.cast(pl.String).zip_with(~is_day, given_days),
        precision + ":" + bounds[0] + ":" + bounds[1] if precision.count() else no_partial,
        of.for_vault(subjects, vault), problems)


def dates_to_shifted(
    texts: pl.Series, subjects: pl.Series, of: DateColumn, vault: Vault
) -> Days:
    """Return kept dates as YYYY-MM-DD, moved by the days of their subject (−182 to 182)."""
    dates = read_dates(texts, of.layout, of.sheet)
    problems = [_unreadable(of.echo(found.text), of.layout, found.places(of.where))
                for found in repeated(texts, texts.is_not_null() & dates.is_null())]
    moved = dates + pl.Series(vault.shifts(subjects) * _MS_OF_A_DAY, dtype=pl.Duration("ms"))
    return Days(
        moved.dt.to_string(ISO), empty_column(len(texts), pl.String),
        of.for_vault(subjects, dates.dt.to_string(ISO)), problems)


def _read_partial(texts: pl.Series, of: DateColumn) -> pl.DataFrame:
    """Return ``earliest, latest, precision`` of the dates known only in part; null for others."""
    layout = ISO if of.layout == AUTO_LAYOUT else of.layout

    def read(text: str) -> dict[str, object] | None:
        for tried in (layout, ISO) if of.sheet.is_workbook else (layout,):
            found = parse_partial_date(text, tried)
            if found is not None:
                return vars(found)
        return None

    if not of.cell.partial or not texts.count():
        return empty_column(len(texts), _PARTIAL).struct.unnest()
    return by_value(texts, read, _PARTIAL).struct.unnest()


def _must_be_full(text: str, of: DateColumn, where: str) -> Problem:
    return Problem(
        where, f"{of.echo(text)} is a date without its day, which {of.table.name}."
               f"{of.column.name} needs.",
        "The day tells the rows of this table apart.",
        "Write the whole date, or leave these rows out with when = … in the mapping.")


def _vault(
    subjects: pl.Series, table: str, column: str, sources: pl.Series, dates: pl.Series
) -> pl.DataFrame:
    return pl.select(
        subject_id=subjects, table=pl.lit(table), column=pl.lit(column), source=sources,
        date=dates).cast(VAULT) if len(subjects) else pl.DataFrame(schema=VAULT)


def read_dates(texts: pl.Series, layout: str, sheet: Sheet) -> pl.Series:
    """Return the dates of a column, read by their layout; null where a text is not such a date.

    In a workbook also YYYY-MM-DD is read, as its dates arrive, and the count of days by which Excel
    keeps a date in a cell that has lost its format.
    """
    layouts = [ISO if layout == AUTO_LAYOUT else layout]
    if sheet.is_workbook:
        layouts.append(ISO)

    def read(text: str) -> date | None:
        for tried in layouts:
            with suppress(ValueError):
                return parse_date(text, tried)
        return _counted_by_excel(text, sheet.epoch)

    read_at_once = _plain_dates(texts, layouts[0])
    left = texts.set(read_at_once.is_not_null(), None)
    if not left.count():
        return read_at_once
    return pl.select(pl.coalesce(read_at_once, by_value(left, read, pl.Date))).to_series()


def _counted_by_excel(text: str, epoch: date | None) -> date | None:
    """Return the date that Excel counts as a number of days, between the years 1927 and 2119."""
    match = _SERIAL.fullmatch(text)
    if epoch is None or match is None or int(match[1]) not in _SERIALS:
        return None
    return epoch + timedelta(int(match[1]))


def _plain_dates(texts: pl.Series, layout: str) -> pl.Series:
    """Return the dates that digits alone tell, read as a whole column; null for all others."""
    pieces = re.split(r"(%.)", layout)
    codes, between = pieces[1::2], pieces[2:-1:2]
    if set(codes) - set(_DIGITS) or len(set(codes)) < len(codes):
        return empty_column(len(texts), pl.Date)
    digits = "{1,2}" if all(between) else "{2}"
    pattern = "".join(_DIGITS.get(piece, re.escape(piece)).replace("#", digits)
                      for piece in pieces)
    plain = texts.set(~texts.str.contains(f"^{pattern}$"), None)
    if set(codes) <= {"%Y", "%m", "%d"}:
        return plain.str.to_date(layout, strict=False)
    return plain.str.to_datetime(layout, strict=False, time_unit="us").dt.date()


def _without_anchor(subject: str, shown: str, where: str) -> Problem:
    return Problem(
        where, f"{shown} is a date, but subject {subject} has no anchor date.",
        "Without day 0 it cannot become a study day.",
        "Name the column of the anchor date under [anchor] in the mapping "
        "(index_date in the template), or fill it for this subject.")


def _no_anchor_date(text: str, layout: str, where: str, *, hidden: bool) -> Problem:
    shown = echo(text, hidden=hidden)
    if parse_partial_date(text, layout) is None:
        return _unreadable(shown, layout, where)
    return Problem(where, f"{shown} is a date without its day.",
                   "Day 0 must be known to the day: every other day counts from it.",
                   "Write the whole date.")


def _serial(shown: str, where: str) -> Problem:
    return Problem(
        where, f"{shown} is no study day: it looks like a date as Excel counts it.",
        "Read as days it would put the event a lifetime away.",
        "Give the cell the format of a date in Excel, or write YYYY-MM-DD.")


def _unreadable(shown: str, layout: str, where: str) -> Problem:
    return Problem(
        where, f"{shown} is not a date of the layout {ISO if layout == AUTO_LAYOUT else layout}.",
        "A date that is read wrongly moves every interval.",
        "Correct the date, or the layout in the mapping (%d day, %m month, %Y year).",
    )
