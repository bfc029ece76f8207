"""What every reader gives: named sheets of text cells that remember their file and row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import polars as pl

from remission.errors import InputError, Problem, place
from remission.records.study import InputFile

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
    (a code of ``null_reason``, else null).
    """

    name: str
    file: str
    cells: pl.DataFrame
    row_numbers: tuple[int, ...]
    decimal: str = "."
    is_workbook: bool = False
    fields: Mapping[str, Field] = field(default_factory=dict)
    blanks: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)

    def subjects(self, cell: SubjectCell) -> list[str | None]:
        """Return the subject of every row: from a field, or the row's number, padded with zeros."""
        if cell.row:
            return [str(number + 1).zfill(cell.width) for number in range(len(self.cells))]
        return [text.zfill(cell.width) if text else None
                for text in self.columns[cell.field or ""]]

    def where(self, index: int, column: str | None = None) -> str:
        """Return ``file, row 12, column X`` for the row at ``index``."""
        return place(self.file, self.row_numbers[index], column)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """``file:row`` of every row."""
        return tuple(f"{self.file}:{number}" for number in self.row_numbers)

    @cached_property
    def columns(self) -> Mapping[str, list[str | None]]:
        """The cells of every column as a list: fast to read one by one."""
        return {name: self.cells[name].to_list() for name in self.cells.columns}


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
    """Return a sheet from rows of text whose first row is the header.

    Raises :class:`InputError` naming every row that is longer or shorter than the header and
    every column name that is empty above values or stands twice. Blank rows are passed over. A
    first column without a name that only counts the rows, as R writes it, is called ``row``.
    """
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise InputError(Problem(
            file, "There is no header row.", "Columns are found by their names.",
            "Put one row of column names first, with nothing above it.",
        ))
    header = [cell.strip() for cell in rows[0]]
    numbered = [
        (number, [cell.strip() for cell in row])
        for number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
    ]
    problems = _ragged(numbered, len(header), file)
    if not header[0] and ROW not in header and _counts([row[0] for _, row in numbered if row]):
        header[0] = ROW
    if not problems:
        problems = _bad_names(header, numbered, file)
    if problems:
        raise InputError(problems)
    kept = [position for position, column in enumerate(header) if column]
    cells = pl.DataFrame(
        {header[i]: [row[i] or None for _, row in numbered] for i in kept},
        schema={header[i]: pl.String for i in kept},
    )
    return Sheet(name, file, cells, tuple(number for number, _ in numbered), decimal, is_workbook)


def _counts(cells: list[str]) -> bool:
    """Return whether cells are 1, 2, 3 and so on."""
    return bool(cells) and cells == [str(number) for number in range(1, len(cells) + 1)]


def _ragged(numbered: list[tuple[int, list[str]]], width: int, file: str) -> list[Problem]:
    return [
        Problem(
            place(file, number), f"{len(row)} cells under {width} column names.",
            "Every cell after the gap would slide into another column.",
            "Put quotes around text that contains the delimiter, or add the missing cells.",
        )
        for number, row in numbered
        if len(row) != width
    ]


def _bad_names(
    header: list[str], numbered: list[tuple[int, list[str]]], file: str
) -> list[Problem]:
    problems = []
    for position, column in enumerate(header):
        if not column and any(row[position] for _, row in numbered):
            problems.append(Problem(
                place(file, 1), f"Column {position + 1} holds values but has no name.",
                "It could not be mapped or listed.", "Write its name in the first row.",
            ))
        if column and header.index(column) != position:
            problems.append(Problem(
                place(file, 1, column), "This column name stands twice.",
                "It is not clear which is meant.", "Rename one of the two columns.",
            ))
    return problems
