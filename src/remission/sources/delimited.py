"""Delimited text: encoding, delimiter and decimal mark are sniffed, and said."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl

from remission.errors import InputError, Problem
from remission.sources.grid import Grid, grid_of_text
from remission.sources.sheet import AMBIGUOUS, Sheet, sheet_from_grid

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_COMMA_NUMBER = r"^-?\d+,\d+$"
_POINT_NUMBER = r"^-?\d+\.\d+$"
_MAYBE_THOUSANDS = r"^-?[1-9]\d{0,2}[.,]\d{3}$"
_LINES_SNIFFED = 50
_LETTERS_SNIFFED = 2**18
_DECIMALS = {".": "point", ",": "comma", AMBIGUOUS: "not clear"}


def read_delimited(path: Path, *, delimiter: str | None = None) -> tuple[Sheet, str]:
    """Return (sheet, what was sniffed) of one delimited file.

    ``delimiter`` overrides what is sniffed. Raises :class:`InputError` when the text cannot be
    decoded, has no header, or has rows of another length than the header.
    """
    delimiter = "\t" if delimiter in ("tab", "\\t") else delimiter
    if delimiter is not None and len(delimiter) != 1:
        raise InputError(Problem(
            path.name, f"{delimiter!r} is not a delimiter.", "A delimiter is one character.",
            "Leave it out, or write one of , ; | or the word tab."))
    text, encoding = _decode(path)
    used = delimiter or _sniff_delimiter(text)
    grid = _split(text, used, path)
    if delimiter is not None and grid.widths[0] == 1:
        _refuse_wrong_delimiter(text, delimiter, path)
    decimal = _sniff_decimal(grid, used)
    sheet = sheet_from_grid(grid, name=path.stem, file=path.name, decimal=decimal)
    how = "given" if delimiter else "sniffed"
    said = (
        f"{path.name}: {encoding}, {DELIMITERS.get(used, repr(used))} ({how}), "
        f"decimal {_DECIMALS[decimal]}, "
        f"{len(sheet.cells)} rows, {sheet.cells.width} columns"
    )
    return sheet, said


def _decode(path: Path) -> tuple[str, str]:
    data = path.read_bytes()
    if not data.strip():
        raise InputError(Problem(
            path.name, "The file is empty.", "There is nothing to read.",
            "Export it again; the first row holds the column names.",
        ))
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return _decoded(data, encoding, path), encoding.removesuffix("-sig")
    if b"\x00" in data:
        raise InputError(Problem(
            path.name, "The file holds zero bytes.", "It is not text, or UTF-16 without its mark.",
            "Save it again as CSV with the encoding UTF-8."))
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "cp1252 (not UTF-8: check accents)"


def _decoded(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(Problem(
            path.name, f"Marked as {encoding} but broken at byte {error.start}.",
            "The file was probably cut off.", "Export it again.")) from None


def _split(text: str, delimiter: str, path: Path) -> Grid:
    try:
        return grid_of_text(text, delimiter)
    except csv.Error as error:
        raise InputError(Problem(
            path.name, f"Not readable as delimited text: {error}.",
            "A quotation mark is opened and never closed, or a cell is over 131,072 letters long.",
            "Save the file again from the program it came from, as CSV.",
        )) from None


def _sniff_delimiter(text: str) -> str:
    """Return the delimiter that cuts the first lines into most, and equally many, cells."""
    lines = text[:_LETTERS_SNIFFED].splitlines()[:_LINES_SNIFFED]

    def evenness(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            return 0.0, 0
        if not widths or widths[0] == 1:
            return 0.0, 0
        return sum(width == widths[0] for width in widths) / len(widths), widths[0]

    return max(DELIMITERS, key=evenness)


def _sniff_decimal(grid: Grid, delimiter: str) -> str:
    """Return ',' when numbers are written with a decimal comma and never with a point.

    Where every one of them has three digits after its comma they may be thousands: ``?``. So may
    those with a point in a file cut by semicolons, as spreadsheets write where commas are decimal.
    """
    commas, points = _written(grid, _COMMA_NUMBER), _written(grid, _POINT_NUMBER)
    if delimiter == ";" and len(points) and not len(commas) and (
            points.str.contains(_MAYBE_THOUSANDS).all()):
        return AMBIGUOUS
    if not len(commas) or len(points):
        return "."
    if commas.str.contains(_MAYBE_THOUSANDS).all():
        return AMBIGUOUS
    return "." if delimiter == "," else ","


def _written(grid: Grid, pattern: str) -> pl.Series:
    """Return the cells below the header that are written so."""
    columns = [column.slice(1) for column in grid.trimmed]
    return pl.concat([column.filter(column.str.contains(pattern)) for column in columns])


def _refuse_wrong_delimiter(text: str, delimiter: str, path: Path) -> None:
    better = _sniff_delimiter(text)
    if better == delimiter or better not in text.splitlines()[0]:
        return
    raise InputError(Problem(
        path.name,
        f"With the delimiter {delimiter!r} the file has one column named "
        f"{text.splitlines()[0][:60]!r}.",
        f"It looks delimited by {better!r} ({DELIMITERS[better]}).",
        f"Leave the delimiter out, or write --delimiter '{better}'.",
    ))
