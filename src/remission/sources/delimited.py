"""Delimited text: encoding, delimiter and decimal mark are sniffed, and said."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import polars as pl

from remission.errors import InputError, Problem
from remission.sources.encodings import decode
from remission.sources.grid import Grid, grid_of_text
from remission.sources.layout import find_layout
from remission.sources.sheet import AMBIGUOUS, Sheet, sheet_from_grid, told

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "^": "caret",
              "~": "tilde", "\x1f": "unit separator"}
_NAMED_DELIMITER = re.compile("sep=(.)\r?\n", re.IGNORECASE)
"""A first line by which Excel is told the delimiter."""
_SPACES = " \u00a0\u202f'’"
_ANY_NUMBER = rf"^[+-]?\d+[.,{_SPACES}][\d.,{_SPACES}]*$"
_SPACED = rf"^[+-]?\d{{1,3}}([{_SPACES}]\d{{3}})+([.,]\d+)?$"
_GROUPED = {".": r"^[+-]?\d{1,3}(,\d{3})+\.\d+$|^[+-]?\d{1,3}(,\d{3}){2,}$",
            ",": r"^[+-]?\d{1,3}(\.\d{3})+,\d+$|^[+-]?\d{1,3}(\.\d{3}){2,}$"}
"""Decimal mark → numbers in which the other mark certainly parts thousands."""
_THOUSANDS = {",": "comma", ".": "point", **dict.fromkeys(_SPACES, "space or apostrophe")}
_COMMA_NUMBER = r"^-?\d+,\d+$"
_POINT_NUMBER = r"^-?\d+\.\d+$"
_MAYBE_THOUSANDS = r"^-?[1-9]\d{0,2}[.,]\d{3}$"
_LINES_SNIFFED = 50
_LETTERS_SNIFFED = 2**18
_DECIMALS = {".": "point", ",": "comma", AMBIGUOUS: "not clear"}


def read_delimited(
    path: Path, *, delimiter: str | None = None, encoding: str | None = None
) -> tuple[Sheet, str]:
    """Return (sheet, what was sniffed) of one delimited file.

    ``delimiter`` and ``encoding`` override what is sniffed. Raises :class:`InputError` when the
    text cannot be decoded, has no header, or has rows of another length than the header.
    """
    delimiter = "\t" if delimiter in ("tab", "\\t") else delimiter
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise InputError(Problem(
            path.name, f"{delimiter!r} is not a delimiter.", "A delimiter is one character.",
            "Leave it out, or write one of , ; | or the word tab."))
    text, used_encoding = decode(path.read_bytes(), path.name, encoding=encoding)
    named = _NAMED_DELIMITER.match(text)
    used = delimiter or (named[1] if named else _sniff_delimiter(text))
    grid = _split(text, used, path)
    if delimiter is not None and grid.widths[0] == 1:
        _refuse_wrong_delimiter(text, delimiter, path)
    layout = find_layout(grid)
    decimal, thousands = _sniff_decimal(grid, used)
    sheet = sheet_from_grid(grid, layout, name=path.stem, file=path.name, decimal=decimal,
                            thousands=thousands)
    how = "given" if delimiter else ("named in the file" if named else "sniffed")
    said = (
        f"{path.name}: {used_encoding}, {DELIMITERS.get(used, repr(used))} ({how}), "
        f"decimal {_DECIMALS[decimal]}, "
        + (f"thousands {_THOUSANDS[thousands]}, " if thousands else "")
        + f"{len(sheet.cells)} rows, {sheet.cells.width} columns"
    )
    return sheet, "; ".join([said, *told(layout)])


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
    lines = [line for line in text[:_LETTERS_SNIFFED].splitlines() if line.strip()]

    def evenness(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(lines[:_LINES_SNIFFED], delimiter=delimiter)]
        except csv.Error:
            return 0.0, 0
        wide = [width for width in widths if width > 1]
        if not wide:
            return 0.0, 0
        usual = max(wide, key=lambda width: (wide.count(width), width))
        return wide.count(usual) / len(widths), usual

    return max(DELIMITERS, key=evenness)


def _sniff_decimal(grid: Grid, delimiter: str) -> tuple[str, str]:
    """Return (decimal mark, mark between thousands or '' where there is none).

    The decimal mark is ',' when numbers are written with a decimal comma and never with a point.
    Where every one of them has three digits after its comma they may be thousands: ``?``. So may
    those with a point in a file cut by semicolons, as spreadsheets write where commas are decimal.
    One number with both marks (1,234.5) tells which is which.
    """
    numbers = _written(grid, _ANY_NUMBER)
    spaced = numbers.filter(numbers.str.contains(_SPACED)).str.extract(rf"([{_SPACES}])", 1)
    if len(spaced):
        decimal, _ = _decimal_of(numbers.str.replace_all(rf"[{_SPACES}]", ""), delimiter)
        return decimal, spaced[0]
    return _decimal_of(numbers, delimiter)


def _decimal_of(numbers: pl.Series, delimiter: str) -> tuple[str, str]:
    is_grouped = {decimal: bool(numbers.str.contains(pattern).any())
                  for decimal, pattern in _GROUPED.items()}
    if sum(is_grouped.values()) == 1:
        return (".", ",") if is_grouped["."] else (",", ".")
    commas = numbers.filter(numbers.str.contains(_COMMA_NUMBER))
    points = numbers.filter(numbers.str.contains(_POINT_NUMBER))
    if delimiter == ";" and len(points) and not len(commas) and (
            points.str.contains(_MAYBE_THOUSANDS).all()):
        return AMBIGUOUS, ""
    if not len(commas) or len(points):
        return ".", ""
    if commas.str.contains(_MAYBE_THOUSANDS).all():
        return AMBIGUOUS, ""
    return ("." if delimiter == "," else ","), ""


def _written(grid: Grid, pattern: str) -> pl.Series:
    """Return the cells below the header that are written so."""
    written = grid.trimmed.slice(1).select(
        pl.all().filter(pl.all().str.contains(pattern)).implode())
    return pl.concat([column.explode() for column in written]).drop_nulls()


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


def read_rows(path: Path, *, delimiter: str | None = None) -> tuple[list[list[str]], str]:
    """Return (rows as they stand, encoding and delimiter) of a file whose header may repeat names.

    Raises :class:`InputError` when the text cannot be decoded or cut.
    """
    text, encoding = decode(path.read_bytes(), path.name)
    used = "\t" if delimiter in ("tab", "\\t") else delimiter or _sniff_delimiter(text)
    grid = _split(text, used, path)
    return ([grid.row(number) for number in range(len(grid))],
            f"{encoding}, {DELIMITERS.get(used, repr(used))}")
