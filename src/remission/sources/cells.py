"""One block of a mapping over one sheet: text cells become the typed rows of a table."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from remission import days
from remission.errors import Problem, did_you_mean
from remission.files import has_control_characters
from remission.records.column import SOURCE, Column
from remission.sources.dates import Anchors, VaultDate, dates_to_days
from remission.sources.mapping import ANY, Block, Cell, Condition, SiteMapping
from remission.sources.sheet import Sheet
from remission.sources.typed import typed

NULLS = "_nulls"
"""Helper column during import: ``column=REASON`` of each empty cell, joined by ``;``."""

_TIME_UNITS = {"days": 1.0, "weeks": 7.0, "months": days.DAYS_PER_MONTH,
               "years": days.DAYS_PER_YEAR, "years of 365 days": 365.0}


@dataclass
class BlockRows:
    """The rows one block wrote, the sheet rows they came from, and what went wrong."""

    frame: pl.DataFrame
    indices: list[int]
    problems: list[Problem]
    vault: list[VaultDate]


def build_rows(
    block: Block, sheet: Sheet, mapping: SiteMapping, anchors: Anchors
) -> BlockRows:
    """Return the rows of ``block.table`` that the sheet gives, with their source and nulls."""
    builder = _Builder(block, sheet, mapping, anchors)
    return BlockRows(builder.frame(), builder.indices, builder.problems, builder.vault)


class _Builder:
    """Builds the columns of one block; keeps problems, vault dates and null reasons in passing."""

    def __init__(
        self, block: Block, sheet: Sheet, mapping: SiteMapping, anchors: Anchors
    ) -> None:
        self.block, self.sheet, self.mapping, self.anchors = block, sheet, mapping, anchors
        self.indices = [i for i in range(len(sheet.cells)) if _applies(block.when, sheet, i)]
        self.problems: list[Problem] = []
        self.vault: list[VaultDate] = []
        self.reasons: list[list[str]] = [[] for _ in self.indices]
        self.subjects = self._subjects()

    def frame(self) -> pl.DataFrame:
        """Return the typed rows with ``_source`` and the helper column of null reasons."""
        columns = [pl.Series("subject_id", self.subjects, dtype=pl.String)]
        columns.extend(
            self._column(self.block.table.by_name[name], cell)
            for name, cell in self.block.cells.items() if name != "subject_id")
        if self.block.table.name == "subject" and "site_id" not in self.block.cells:
            columns.append(pl.Series("site_id", [self.mapping.site] * len(self.indices),
                                     dtype=pl.String))
        sources = self.sheet.sources
        columns.append(pl.Series(SOURCE, [sources[i] for i in self.indices], dtype=pl.String))
        columns.append(pl.Series(NULLS, [";".join(listed) for listed in self.reasons],
                                 dtype=pl.String))
        return pl.DataFrame(columns)

    def _subjects(self) -> list[str | None]:
        cell = self.block.cells.get("subject_id", self.mapping.subject_id)
        if cell.constant is not None:
            return [str(cell.constant)] * len(self.indices)
        of_row = self.sheet.subjects(cell)
        subjects = [of_row[index] for index in self.indices]
        self.problems.extend(
            Problem(self._where(position, cell), "The subject's identifier is empty.",
                    "A row must belong to a child.", "Fill the identifier or delete the row.")
            for position, subject in enumerate(subjects) if subject is None)
        self.problems.extend(
            Problem(self._where(position, cell), "The identifier holds control characters.",
                    "No file can show them.", "Type the identifier again.")
            for position, subject in enumerate(subjects)
            if subject is not None and has_control_characters(subject))
        return subjects

    def _column(self, column: Column, cell: Cell) -> pl.Series:
        """Return one typed column, filled from ``otherwise`` where its own cell is empty."""
        series = self._own_column(column, cell)
        if cell.otherwise is None:
            return series
        before = [list(listed) for listed in self.reasons]
        other = self._column(column, cell.otherwise)
        filled = series.is_null() & other.is_not_null()
        for position, is_filled in enumerate(filled.to_list()):
            kept = before[position]
            self.reasons[position] = [
                reason for reason in kept
                if not (is_filled and reason.startswith(f"{column.name}="))]
        return series.fill_null(other)

    def _own_column(self, column: Column, cell: Cell) -> pl.Series:
        texts = self._recoded(self._given(cell, column), cell, column)
        if cell.date is not None:
            texts, dates, problems = dates_to_days(
                texts, self.subjects, cell=cell, column=column, table=self.block.table.name,
                anchors=self.anchors, sheet=self.sheet, indices=self.indices)
            self.vault.extend(dates)
            self.problems.extend(problems)
        factor, problems = _factor(column, cell, self.sheet)
        self.problems.extend(problems)
        read_as = column if factor == 1 else Column(column.name, "number", column.meaning)
        series, problems = typed(
            pl.Series(column.name, texts, dtype=pl.String), read_as,
            where=lambda position: self._where(position, cell),
            decimal=self.mapping.decimal or self.sheet.decimal)
        self.problems.extend(problems)
        if factor != 1:
            series = series * factor
            if column.kind in ("integer", "day"):
                series = series.round().cast(pl.Int64)
        return series.alias(column.name)

    def _where(self, position: int, cell: Cell) -> str:
        return self.sheet.where(self.indices[position], cell.field)

    def _raw(self, cell: Cell) -> list[str | None]:
        if cell.row:
            return [str(i + 1).zfill(cell.width) for i in self.indices]
        if cell.constant is not None:
            return [str(cell.constant)] * len(self.indices)
        values = self.sheet.columns[cell.field or ""]
        picked = [values[i] for i in self.indices]
        return [text.zfill(cell.width) if text and cell.width else text for text in picked]

    def _given(self, cell: Cell, column: Column) -> list[str | None]:
        """Return the texts that are values; where one is null, its reason is kept.

        Where the cell's own ``when`` does not hold the value does not apply: null, no reason.
        """
        conditions = (cell.when,) if cell.when is not None else ()
        told = self.sheet.blanks.get(cell.field or "")
        kept: list[str | None] = []
        for position, text in enumerate(self._raw(cell)):
            if not _applies(conditions, self.sheet, self.indices[position]):
                kept.append(None)
                continue
            why_blank = (told[self.indices[position]] if told else None) or cell.blank
            reason = why_blank if text is None else cell.null.get(text)
            if reason is not None:
                self.reasons[position].append(f"{column.name}={reason}")
            kept.append(None if reason is not None else text)
        return kept

    def _recoded(
        self, texts: list[str | None], cell: Cell, column: Column
    ) -> list[str | None]:
        """Return texts with the centre's codes turned into ours; an unnamed code is a problem."""
        if not cell.codes:
            return texts
        unknown: dict[str, list[int]] = {}
        recoded: list[str | None] = []
        for position, text in enumerate(texts):
            target = None if text is None else cell.codes.get(text, cell.codes.get(ANY))
            if text is not None and target is None:
                unknown.setdefault(text, []).append(position)
            recoded.append(None if target is None else str(target))
        for text, found in unknown.items():
            more = f" (and {len(found) - 1} more rows)" if len(found) > 1 else ""
            self.problems.append(Problem(
                f"{self._where(found[0], cell)}{more}",
                f"The code {text!r} is not in the mapping of {column.name}.",
                f"Named codes: {', '.join(cell.codes)}.",
                "Add it to codes with its meaning, or to null with the reason why it is missing.",
            ))
        return recoded


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


def _applies(conditions: tuple[Condition, ...], sheet: Sheet, index: int) -> bool:
    return all(_holds(condition, sheet.columns[condition.field][index]) for condition in conditions)


def _holds(condition: Condition, text: str | None) -> bool:
    if condition.given is not None:
        return (text is not None) == condition.given
    if condition.is_ is not None:
        return text in condition.is_
    return text is not None and text not in (condition.is_not or ())
