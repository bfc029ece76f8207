"""What a workbook says of its sheets beside the cells: merged, hidden, calculated; and its size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

from remission.errors import InputError, Problem
from remission.sources.grid import MOST_COLUMNS

_TAG = rb"<(?:\w+:)?%s\b([^>]*)>"
_MERGED, _ROW, _COLUMN, _FORMULA = (
    re.compile(_TAG % name) for name in (b"mergeCell", b"row", b"col", b"f"))
_ATTRIBUTE = re.compile(rb'\b(\w+)="([^"]*)"')
_IS_TRUE = (b"1", b"true")
MOST_ROWS = 1_048_576
"""As many as a sheet of Excel has."""

_MOST_BYTES = 2**31
_SUSPICIOUS_BYTES, _SUSPICIOUS_RATIO = 2**27, 250
"""A workbook that unpacks to 128 MB is large; one that does so from half a megabyte is a trap."""

Range = tuple[int, int, int, int]
"""First column, first row, last column, last row, counted from 1."""


@dataclass(frozen=True)
class SheetParts:
    """Merged ranges, the numbers of hidden rows and columns, and whether there are formulas."""

    merged: tuple[Range, ...]
    hidden_rows: tuple[int, ...]
    hidden_columns: tuple[int, ...]
    has_formulas: bool


def refuse_bomb(path: Path) -> None:
    """Raise :class:`InputError` where a workbook would unpack to more than any records hold."""
    with ZipFile(path) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
        packed = max(1, sum(part.compress_size for part in archive.infolist()))
    is_trap = unpacked > _SUSPICIOUS_BYTES and unpacked > _SUSPICIOUS_RATIO * packed
    if unpacked > _MOST_BYTES or is_trap:
        raise InputError(Problem(
            path.name, f"The workbook unpacks to {unpacked / 1e9:,.1f} GB.",
            "No records are so large, and it would fill the memory.",
            "Delete the empty rows and columns to which formats were given, and save it again; or "
            "save each sheet as CSV."))


def read_parts(path: Path, part: str) -> SheetParts:
    """Return what one sheet of a workbook says of itself; ``part`` is its path in the archive."""
    with ZipFile(path) as archive:
        xml = archive.read(part.removeprefix("/"))
    rows = [_attributes(found) for found in _ROW.findall(xml)]
    columns = [_attributes(found) for found in _COLUMN.findall(xml)]
    return SheetParts(
        tuple(_range(_attributes(found)[b"ref"].decode()) for found in _MERGED.findall(xml)),
        tuple(int(row[b"r"]) for row in rows if b"r" in row and row.get(b"hidden") in _IS_TRUE),
        tuple(number for column in columns if column.get(b"hidden") in _IS_TRUE
              for number in range(int(column[b"min"]), int(column[b"max"]) + 1)),
        _FORMULA.search(xml) is not None)


def _attributes(text: bytes) -> dict[bytes, bytes]:
    return dict(_ATTRIBUTE.findall(text))


def _range(reference: str) -> Range:
    from openpyxl.utils.cell import range_boundaries

    left, top, right, bottom = range_boundaries(reference)
    return left or 1, top or 1, right or MOST_COLUMNS, bottom or MOST_ROWS


def filled(rows: list[list[str]], merged: tuple[Range, ...]) -> list[list[str]]:
    """Return the rows with the value of each merged range in all of its cells.

    One that spans the whole width is a title above the table and stays one cell.
    """
    width = max(map(len, rows), default=0)
    result = [[*row, *[""] * (width - len(row))] for row in rows]
    for left, top, right, bottom in merged:
        if (left == 1 and right >= width) or top > len(rows) or left > width:
            continue
        value = result[top - 1][left - 1]
        for row in result[top - 1:bottom]:
            row[left - 1:right] = [value] * (min(right, width) - left + 1)
    return result


def header_rows(merged: tuple[Range, ...], first: int, width: int) -> int:
    """Return how many rows name the columns: one more for each row with names merged across."""
    rows = 1
    while any(top <= first + rows <= bottom and left < right and not (left == 1 and right >= width)
              for left, top, right, bottom in merged):
        rows += 1
    return rows
