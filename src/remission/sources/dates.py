"""Calendar dates stop here: they become study days, and the dates themselves go to the vault."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from remission.errors import Problem
from remission.records.column import Column, Table
from remission.sources.anchors import Anchors
from remission.sources.date_texts import ISO, read_dates, read_partial_dates, unreadable
from remission.sources.distinct import empty_column, repeated
from remission.sources.echo import echo
from remission.sources.mapping import AUTO_LAYOUT, Cell
from remission.sources.sheet import Sheet
from remission.sources.vault import DATES, Vault, dated

_WHOLE = r"^-?[0-9]+$"
_MS_OF_A_DAY = 86_400_000
_MOST_STUDY_DAYS = 20_000
"""More than 54 years from day 0: in a column that may hold dates, a date as Excel counts it."""


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
        return dated(subjects.filter(chosen), self.table.name, self.column.name,
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
    written, given_days = texts.set(is_day, None), texts.set(~is_day, None)
    dates = read_dates(written, of.layout, of.sheet)
    left = written.set(dates.is_not_null(), None)
    partial = read_partial_dates(
        left if of.cell.partial else empty_column(len(left), pl.String), of.layout, of.sheet)
    problems = _unread(given_days, left, partial["precision"], of)
    if of.column.kind == "integer" and of.column.unit != "days":
        years = pl.select(pl.coalesce(dates, partial["earliest"])).to_series().dt.year()
        return Days(years.cast(pl.String).zip_with(~is_day, given_days),
                    empty_column(len(texts), pl.String), pl.DataFrame(schema=DATES), problems)
    anchor = anchors.dates(subjects)
    is_read = dates.is_not_null() | partial["precision"].is_not_null()
    problems.extend(
        _without_anchor(found.text, of.echo(texts[found.rows[0]]), found.places(of.where))
        for found in repeated(subjects, is_read & anchor.is_null() & subjects.is_not_null()))
    counted = (dates - anchor).dt.total_days() * (1 if of.column.kind == "day" else -1)
    return Days(
        counted.cast(pl.String).zip_with(~is_day, given_days), _bounds(partial, anchor),
        of.for_vault(subjects, _as_known(dates, partial).set(anchor.is_null(), None)), problems)


def _unread(
    given_days: pl.Series, left: pl.Series, precision: pl.Series, of: DateColumn
) -> list[Problem]:
    """Return what is wrong with days that look like dates, and with dates that are not read."""
    too_many = given_days.cast(pl.Int64, strict=False).abs() > _MOST_STUDY_DAYS
    problems = [_serial(of.echo(found.text), found.places(of.where))
                for found in repeated(given_days, too_many)]
    problems.extend(unreadable(of.echo(found.text), of.layout, found.places(of.where))
                    for found in repeated(left, left.is_not_null() & precision.is_null()))
    if of.column.name in of.table.key:
        problems.extend(_must_be_full(found.text, of, found.places(of.where))
                        for found in repeated(left, precision.is_not_null()))
    return problems


def _bounds(partial: pl.DataFrame, anchor: pl.Series) -> pl.Series:
    """Return ``precision:earliest:latest`` in days from the anchor."""
    if not partial["precision"].count():
        return empty_column(len(partial), pl.String)
    first, last = ((partial[name] - anchor).dt.total_days().cast(pl.String)
                   for name in ("earliest", "latest"))
    return partial["precision"] + ":" + first + ":" + last


def _as_known(dates: pl.Series, partial: pl.DataFrame) -> pl.Series:
    """Return dates as YYYY-MM-DD, those known in part as YYYY-MM or YYYY."""
    first = partial["earliest"].dt
    known = first.to_string("%Y-%m").zip_with(partial["precision"] == "M", first.to_string("%Y"))
    return pl.select(pl.coalesce(dates.dt.to_string(ISO), known)).to_series()


def dates_to_shifted(
    texts: pl.Series, subjects: pl.Series, of: DateColumn, vault: Vault
) -> Days:
    """Return kept dates as YYYY-MM-DD, moved by the days of their subject (−182 to 182)."""
    dates = read_dates(texts, of.layout, of.sheet)
    problems = [unreadable(of.echo(found.text), of.layout, found.places(of.where))
                for found in repeated(texts, texts.is_not_null() & dates.is_null())]
    moved = dates + pl.Series(vault.shifts(subjects) * _MS_OF_A_DAY, dtype=pl.Duration("ms"))
    return Days(
        moved.dt.to_string(ISO), empty_column(len(texts), pl.String),
        of.for_vault(subjects, dates.dt.to_string(ISO)), problems)


def _must_be_full(text: str, of: DateColumn, where: str) -> Problem:
    return Problem(
        where, f"{of.echo(text)} is a date without its day, which {of.table.name}."
               f"{of.column.name} needs.",
        "The day tells the rows of this table apart.",
        "Write the whole date, or leave these rows out with when = … in the mapping.")


def _without_anchor(subject: str, shown: str, where: str) -> Problem:
    return Problem(
        where, f"{shown} is a date, but subject {subject} has no anchor date.",
        "Without day 0 it cannot become a study day.",
        "Name the column of the anchor date under [anchor] in the mapping "
        "(index_date in the template), or fill it for this subject.")


def _serial(shown: str, where: str) -> Problem:
    return Problem(
        where, f"{shown} is no study day: it looks like a date as Excel counts it.",
        "Read as days it would put the event a lifetime away.",
        "Give the cell the format of a date in Excel, or write YYYY-MM-DD.")
