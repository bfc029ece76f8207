"""One block of a mapping over one sheet: text cells become the typed rows of a table."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from remission import days
from remission.errors import Problem, did_you_mean
from remission.files import has_control_characters
from remission.records.column import SOURCE, Column
from remission.sources.anchors import Anchors
from remission.sources.dates import DateColumn, Days, dates_to_days, dates_to_shifted
from remission.sources.distinct import by_value, empty_column, repeated
from remission.sources.echo import echo, without_dates
from remission.sources.mapping import ANY, Block, Cell, Condition, SiteMapping
from remission.sources.sheet import Sheet
from remission.sources.typed import typed
from remission.sources.vault import Vault

NULLS, PARTIALS = "_nulls", "_partials"
"""Helper columns during import, each ``column=text`` joined by ``;``: why a cell is empty
(``REASON``), and what is known of a date without its day (``precision:earliest:latest``)."""

_TIME_UNITS = {"days": 1.0, "weeks": 7.0, "months": days.DAYS_PER_MONTH,
               "years": days.DAYS_PER_YEAR, "years of 365 days": 365.0}


@dataclass
class BlockRows:
    """The rows one block wrote, the sheet rows they came from, and what went wrong.

    ``masked`` counts, for each text column, the rows in which a date was taken out of the text.
    """

    frame: pl.DataFrame
    indices: pl.Series
    problems: list[Problem]
    vault: list[pl.DataFrame]
    masked: dict[str, int]


@dataclass(frozen=True)
class _Values:
    """A column of the table: its values, why a cell is empty, and what is known of its date."""

    values: pl.Series
    reasons: pl.Series
    partial: pl.Series


def build_rows(
    block: Block, sheet: Sheet, mapping: SiteMapping, anchors: Anchors, vault: Vault
) -> BlockRows:
    """Return the rows of ``block.table`` that the sheet gives, with their source and nulls."""
    builder = _Builder(block, sheet, mapping, anchors, vault)
    return BlockRows(
        builder.frame(), builder.indices, builder.problems, builder.vault, builder.masked)


class _Builder:
    """Builds the columns of one block; keeps problems and vault dates in passing."""

    def __init__(
        self, block: Block, sheet: Sheet, mapping: SiteMapping, anchors: Anchors, vault: Vault
    ) -> None:
        self.block, self.sheet, self.mapping = block, sheet, mapping
        self.anchors, self.secrets = anchors, vault
        self.indices = _applies(block.when, sheet).arg_true()
        self.problems: list[Problem] = []
        self.vault: list[pl.DataFrame] = []
        self.masked: dict[str, int] = {}
        self.subjects = self._subjects()

    def frame(self) -> pl.DataFrame:
        """Return the typed rows with ``_source`` and the helper columns."""
        found = {name: self._column(self.block.table.by_name[name], cell)
                 for name, cell in self.block.cells.items() if name != "subject_id"}
        columns = [self.subjects.alias("subject_id"), *(one.values for one in found.values())]
        if self.block.table.name == "subject" and "site_id" not in self.block.cells:
            columns.append(self._repeated(self.mapping.site).alias("site_id"))
        columns.append(self.sheet.source_column.gather(self.indices).alias(SOURCE))
        columns.append(self._joined({name: one.reasons for name, one in found.items()}, NULLS))
        columns.append(self._joined({name: one.partial for name, one in found.items()}, PARTIALS))
        return pl.DataFrame(columns)

    def _joined(self, told: dict[str, pl.Series], name: str) -> pl.Series:
        """Return ``column=text;column=text`` of each row; empty where nothing is told."""
        given = [f"{column}=" + texts for column, texts in told.items() if texts.count()]
        if not given:
            return self._repeated("").alias(name)
        return pl.select(
            pl.concat_str(given, separator=";", ignore_nulls=True).alias(name)).to_series()

    def _subjects(self) -> pl.Series:
        cell = self.block.cells.get("subject_id", self.mapping.subject_id)
        if cell.constant is not None:
            return self._repeated(cell.constant)
        subjects = self.sheet.subjects(cell).gather(self.indices)
        self.problems.extend(
            Problem(self._where(position, cell), "The subject's identifier is empty.",
                    "A row must belong to a child.", "Fill the identifier or delete the row.")
            for position in subjects.is_null().arg_true())
        unprintable = by_value(subjects, has_control_characters, pl.Boolean)
        self.problems.extend(
            Problem(self._where(position, cell), "The identifier holds control characters.",
                    "No file can show them.", "Type the identifier again.")
            for position in unprintable.fill_null(value=False).arg_true())
        return subjects

    def _column(self, column: Column, cell: Cell) -> _Values:
        """Return one typed column, filled from ``otherwise`` where its own cell is empty."""
        own = self._own_column(column, cell)
        if cell.otherwise is None:
            return own
        other = self._column(column, cell.otherwise).values
        is_filled = own.values.is_null() & other.is_not_null()
        return _Values(other.zip_with(is_filled, own.values), own.reasons.set(is_filled, None),
                       own.partial.set(is_filled, None))

    def _own_column(self, column: Column, cell: Cell) -> _Values:
        given, reasons = self._given(cell)
        texts = self._recoded(given, cell, column)
        partial = empty_column(len(texts), pl.String)
        if cell.date is not None:
            days = self._days(texts, cell, column)
            texts, partial = days.texts, days.partial
            reasons = reasons.zip_with(partial.is_null(), self._repeated("UNKNOWN"))
            self.vault.append(days.vault)
            self.problems.extend(days.problems)
        elif column.kind == "text" and cell.field is not None:
            texts, count = without_dates(texts)
            if count:
                self.masked[f"{self.block.table.name}.{column.name}"] = count
        factor, problems = _factor(column, cell, self.sheet)
        self.problems.extend(problems)
        read_as = column if factor == 1 else Column(column.name, "number", column.meaning)
        decimal, thousands = self._marks()
        if self.sheet.is_workbook and read_as.kind == "number":
            texts, decimal = _with_points(texts, decimal), "."
        series, problems = typed(
            texts, read_as, where=lambda position: self._where(position, cell),
            decimal=decimal, thousands=thousands, hidden=self.sheet.hides(cell.field))
        self.problems.extend(problems)
        if factor != 1:
            series = series * factor
            if column.kind in ("integer", "day"):
                series = series.round().cast(pl.Int64)
        return _Values(series.alias(column.name), reasons, partial)

    def _days(self, texts: pl.Series, cell: Cell, column: Column) -> Days:
        """Return what becomes of a column of dates: days, or dates moved where they are kept."""
        of = DateColumn(cell, column, self.block.table, self.sheet, self.indices)
        if f"{self.block.table.name}.{column.name}" in self.mapping.keep:
            return dates_to_shifted(texts, self.subjects, of, self.secrets)
        return dates_to_days(texts, self.subjects, of, self.anchors)

    def _marks(self) -> tuple[str, str]:
        """Return the decimal mark and that between thousands: the mapping's, else the file's."""
        decimal = self.mapping.decimal or self.sheet.decimal
        thousands = self.mapping.thousands or (
            self.sheet.thousands if decimal == self.sheet.decimal else "")
        return decimal, "" if thousands == decimal else thousands

    def _where(self, position: int, cell: Cell) -> str:
        return self.sheet.where(self.indices[position], cell.field)

    def _repeated(self, constant: object) -> pl.Series:
        return pl.repeat(str(constant), len(self.indices), dtype=pl.String, eager=True)

    def _raw(self, cell: Cell) -> pl.Series:
        if cell.constant is not None:
            return self._repeated(cell.constant)
        return self.sheet.subjects(cell).gather(self.indices)

    def _given(self, cell: Cell) -> tuple[pl.Series, pl.Series]:
        """Return (texts that are values, the reason of each empty one).

        Where the cell's own ``when`` does not hold the value does not apply: null, no reason.
        """
        raw = self._raw(cell)
        told = self.sheet.blanks.get(cell.field or "")
        blank = self._repeated(cell.blank)
        if told:
            blank = pl.select(pl.coalesce(
                pl.Series(told, dtype=pl.String).gather(self.indices), blank)).to_series()
        reasons = blank.set(raw.is_not_null(), None)
        if cell.null:
            reasons = by_value(raw, cell.null.get, pl.String).zip_with(raw.is_not_null(), blank)
        if cell.when is not None:
            is_asked = _applies((cell.when,), self.sheet).gather(self.indices)
            raw, reasons = raw.set(~is_asked, None), reasons.set(~is_asked, None)
        return raw.set(reasons.is_not_null(), None), reasons

    def _recoded(self, texts: pl.Series, cell: Cell, column: Column) -> pl.Series:
        """Return texts with the centre's codes turned into ours; an unnamed code is a problem.

        Several codes of one cell, as checked boxes give, are turned one by one.
        """
        if not cell.codes:
            return texts

        def recode(text: str) -> str | None:
            given = text.split("|") if column.kind == "codes" else [text]
            targets = [cell.codes.get(part.strip(), cell.codes.get(ANY)) for part in given]
            return None if None in targets else "|".join(map(str, targets))

        recoded = by_value(texts, recode, pl.String)
        for found in repeated(texts, texts.is_not_null() & recoded.is_null()):
            more = f" (and {found.count - 1} more rows)" if found.count > 1 else ""
            shown = echo(found.text, hidden=self.sheet.hides(cell.field))
            self.problems.append(Problem(
                f"{self._where(found.rows[0], cell)}{more}",
                f"The code {shown} is not in the mapping of {column.name}.",
                f"Named codes: {', '.join(cell.codes)}.",
                "Add it to codes with its meaning, or to null with the reason why it is missing.",
            ))
        return recoded


def _with_points(texts: pl.Series, decimal: str) -> pl.Series:
    """Return the numbers of a workbook with decimal points, as its own numbers come.

    Those typed as text may have a comma; with three digits after it they may be thousands, unless
    the mapping says that the comma is decimal.
    """
    has_comma = texts.str.contains(r"^[+-]?\d+,\d+$")
    if decimal != ",":
        has_comma &= ~texts.str.contains(r"^-?[1-9]\d{0,2},\d{3}$")
    return texts.str.replace(",", ".", literal=True).zip_with(has_comma, texts)


def _factor(column: Column, cell: Cell, sheet: Sheet) -> tuple[float, list[Problem]]:
    """Return the factor from the file's unit to the column's, and a problem when there is none."""
    if cell.unit is None or cell.unit == column.unit:
        return 1.0, []
    if column.is_percent and cell.unit == "fraction":
        return 100.0, []
    if column.unit == "days" and cell.unit in _TIME_UNITS:
        return _TIME_UNITS[cell.unit], []
    known = ["%", "fraction"] if column.is_percent else (
        list(_TIME_UNITS) if column.unit == "days" else [column.unit or "no unit"])
    return 1.0, [Problem(
        f"{sheet.file}, column {cell.field}",
        f"{column.name} cannot be read from the unit {cell.unit!r}.",
        f"It is kept in {column.unit or 'no unit'}; no conversion is known.",
        did_you_mean(cell.unit, known),
    )]


def _applies(conditions: tuple[Condition, ...], sheet: Sheet) -> pl.Series:
    """Return for each row of the sheet whether every condition holds."""
    holds = pl.repeat(True, len(sheet.cells), dtype=pl.Boolean, eager=True)
    for condition in conditions:
        holds &= _holds(condition, sheet.cells[condition.field])
    return holds


def _holds(condition: Condition, texts: pl.Series) -> pl.Series:
    if condition.given is not None:
        return texts.is_not_null() == condition.given
    if condition.is_ is not None:
        return texts.is_in(list(condition.is_)).fill_null(value=False)
    return ~texts.is_in(list(condition.is_not or ())) & texts.is_not_null()
