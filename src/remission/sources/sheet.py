"""What every reader gives: named sheets of text cells that remember their file and row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Protocol

import polars as pl

from remission.errors import InputError, Problem, place
from remission.records.column import SOURCE
from remission.records.study import InputFile
from remission.sources.distinct import by_value
from remission.sources.echo import names_a_person
from remission.sources.grid import Grid, grid_of_rows
from remission.sources.layout import Layout, find_layout, joined_names, unit_of

AMBIGUOUS = "?"
"""As a decimal mark: the file does not tell decimal commas from thousands."""

ROW = "row"
"""The name of a column that only counts the rows and has none."""


class SubjectCell(Protocol):
    """What says where the identifier of a row's subject stands."""

    @property
    def field(self) -> str | None:
        """The column, if it is one."""

    @property
    def row(self) -> bool:
        """Whether the row's number serves."""

    @property
    def width(self) -> int:
        """The width to which zeros are put in front."""


@dataclass(frozen=True)
class Field:
    """What a source itself says of one of its columns, beside the values.

    ``choices`` maps each code that stands in the cells to its label; ``missing`` does so for the
    codes by which the source marks a missing value. ``kind`` is one of ``text``, ``number``,
    ``date``, ``code``, ``checkbox`` or empty where the source does not say; ``date`` is the layout
    of a date as it stands in the cells. ``identifier`` marks what names a person; ``repeats`` names
    the column whose values this one only holds once more (one choice of a checkbox field).
    """

    name: str
    label: str = ""
    kind: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    unit: str | None = None
    date: str | None = None
    form: str = ""
    note: str = ""
    identifier: bool = False
    repeats: str = ""


@dataclass(frozen=True)
class Sheet:
    """One rectangle of text cells; an empty cell is null.

    ``row_numbers`` holds, for each row of ``cells``, its number in the file as a person
    counts it (the header is row 1). ``decimal`` is the decimal mark, or ``?`` where commas may
    also part thousands. ``fields`` says what the source's own dictionary says of its columns;
    ``blanks`` holds, for a column, the reason of each empty cell where the source tells it
    (a code of ``null_reason``, else null). ``thousands`` is the mark between thousands, if any;
    ``epoch`` the day from which a workbook counts its dates; ``set_aside`` holds the number of each
    row that holds something and is no row of the table, and what it is. ``alias`` stands in the
    study for the name of the file and the sheet, where these stay in the vault.
    """

    name: str
    file: str
    cells: pl.DataFrame
    row_numbers: Sequence[int]
    decimal: str = "."
    is_workbook: bool = False
    fields: Mapping[str, Field] = field(default_factory=dict)
    blanks: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)
    thousands: str = ""
    epoch: date | None = None
    set_aside: Mapping[int, str] = field(default_factory=dict)
    alias: str = ""

    def hides(self, column: str | None) -> bool:
        """Return whether a column names persons, so that no message repeats its cells."""
        return column is not None and (
            (column in self.fields and self.fields[column].identifier) or names_a_person(column))

    def subjects(self, cell: SubjectCell) -> pl.Series:
        """Return the subject of every row: from a field, or the row's number, padded with zeros."""
        if cell.row:
            texts = pl.int_range(1, len(self.cells) + 1, eager=True).cast(pl.String)
        else:
            texts = self.cells[cell.field or ""]
        return padded(texts, cell.width)

    @property
    def shown(self) -> str:
        """What the sheet is called in the study: its name, or its alias."""
        return self.alias or self.name

    def where(self, index: int, column: str | None = None) -> str:
        """Return ``file, row 12, column X`` for the row at ``index``."""
        return place(self.file, self.row_numbers[index], column)

    @cached_property
    def source_column(self) -> pl.Series:
        """``file:row`` of every row, as a column."""
        numbers = pl.Series(SOURCE, self.row_numbers, dtype=pl.Int64).cast(pl.String)
        return (f"{self.alias or self.file}:" + numbers).alias(SOURCE)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """``file:row`` of every row: fast to read one by one."""
        return tuple(self.source_column)

    @cached_property
    def columns(self) -> Mapping[str, list[str | None]]:
        """The cells of every column as a list: fast to read one by one."""
        return {name: self.cells[name].to_list() for name in self.cells.columns}


def padded(texts: pl.Series, width: int) -> pl.Series:
    """Return texts with zeros put in front up to a width; an empty one stays empty."""
    if not width:
        return texts
    return by_value(texts, lambda text: text.zfill(width), pl.String)


@dataclass(frozen=True)
class Source:
    """The sheets of one file or folder, what was sniffed, and the fingerprints of the files."""

    sheets: Mapping[str, Sheet]
    sniffed: tuple[str, ...]
    files: tuple[InputFile, ...]

    def only_sheet(self) -> str | None:
        """Return the name of the sheet when there is just one."""
        return next(iter(self.sheets)) if len(self.sheets) == 1 else None


def fingerprint(path: Path) -> InputFile:
    """Return a file's name and the SHA-256 of its bytes."""
    return InputFile(path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def sheet_from_rows(
    rows: list[list[str]], *, name: str, file: str, decimal: str = ".", is_workbook: bool = False
) -> Sheet:
    """Return a sheet from rows of text, as from a grid of them."""
    grid = grid_of_rows(rows)
    return sheet_from_grid(grid, find_layout(grid), name=name, file=file, decimal=decimal,
                           is_workbook=is_workbook)


def sheet_from_grid(
    grid: Grid, layout: Layout, *, name: str, file: str, decimal: str = ".", thousands: str = "",
    is_workbook: bool = False, epoch: date | None = None,
) -> Sheet:
    """Return the sheet of the table that stands in a grid.

    Raises :class:`InputError` naming every row that is longer or shorter than the header and
    every column name that is empty above values or stands twice. Blank rows are passed over. A
    first column without a name that only counts the rows, as R writes it, is called ``row``.
    """
    header = joined_names([grid.row(row) for row in layout.header])
    if not any(header):
        raise InputError(Problem(
            file, "There is no header row.", "Columns are found by their names.",
            "Put one row of column names first, with nothing above it.",
        ))
    rows = pl.int_range(len(grid), eager=True)
    is_row = ~grid.is_blank & (rows >= layout.header.stop) & ~rows.is_in(list(layout.set_aside))
    problems = _ragged(grid, is_row, len(header), file)
    cells = grid.trimmed.filter(is_row)
    if not header[0] and ROW not in header and _counts(cells):
        header[0] = ROW
    if not problems:
        problems = _bad_names(header, cells, layout.header.stop, file)
    if problems:
        raise InputError(problems)
    cells = pl.DataFrame([cells.to_series(position).alias(column)
                          for position, column in enumerate(header) if column])
    units = {column: found for column in cells.columns if (found := unit_of(column))}
    return Sheet(
        name, file, cells, _numbers(is_row, layout.header.stop), decimal, is_workbook,
        fields={column: Field(column, label=label, unit=unit)
                for column, (label, unit) in units.items()},
        thousands=thousands, epoch=epoch,
        set_aside={row + 1: what for row, what in layout.set_aside.items()})


def _counts(cells: pl.DataFrame) -> bool:
    """Return whether the first column is 1, 2, 3 and so on."""
    return len(cells) > 0 and cells.to_series().equals(
        pl.int_range(1, len(cells) + 1, eager=True).cast(pl.String))


def told(layout: Layout) -> list[str]:
    """Return what is to be said of a table and what lies around it; never what stands there."""
    said = []
    for what in dict.fromkeys(layout.set_aside.values()):
        rows = [str(row + 1) for row, found in layout.set_aside.items() if found == what]
        said.append(f"set aside as {what}: row{'s' if len(rows) > 1 else ''} {', '.join(rows)}")
    return [*said, *layout.told]


def _numbers(is_row: pl.Series, begin: int) -> Sequence[int]:
    """Return the rows as a person counts them, from 1."""
    if is_row[begin:].all():
        return range(begin + 1, len(is_row) + 1)
    return tuple((is_row.arg_true() + 1).to_list())


def _ragged(grid: Grid, is_row: pl.Series, width: int, file: str) -> list[Problem]:
    """Return a problem for each row that is shorter, or holds something beyond the header."""
    beyond = grid.trimmed.select(
        pl.any_horizontal(pl.lit(False), pl.nth(range(width, grid.trimmed.width)).is_not_null())
    ).to_series() if grid.trimmed.width > width else pl.Series([False])
    found = (is_row & ((grid.widths < width) | beyond)).arg_true()
    return [
        Problem(
            place(file, number + 1), f"{grid.widths[number]} cells under {width} column names.",
            "Every cell after the gap would slide into another column.",
            "Put quotes around text that contains the delimiter, or add the missing cells.",
        )
        for number in found
    ]


def _bad_names(
    header: list[str], cells: pl.DataFrame, row: int, file: str
) -> list[Problem]:
    problems = []
    for position, column in enumerate(header):
        if not column and cells.to_series(position).count():
            problems.append(Problem(
                place(file, row), f"Column {position + 1} holds values but has no name.",
                "It could not be mapped or listed.", f"Write its name in row {row}.",
            ))
        if column and header.index(column) != position:
            problems.append(Problem(
                place(file, row, column), "This column name stands twice.",
                "It is not clear which is meant.", "Rename one of the two columns.",
            ))
    return problems
