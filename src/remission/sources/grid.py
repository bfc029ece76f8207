"""What stands in a file before anything is known of it: rows of text cells, each with its width."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Any

import numpy as np
import polars as pl

Letters = np.ndarray[tuple[int], Any]
_QUOTE, _NEWLINE, _RETURN = ord('"'), ord("\n"), ord("\r")
MOST_COLUMNS = 16_384
"""As many as a sheet of Excel has."""

_ODD_SPACES = re.compile(rb"[\x1c-\x1f]")
"""What Python takes for a space and polars does not."""


@dataclass(frozen=True)
class Grid:
    """The rows of a file, a column a position; ``widths`` holds how many cells each row has.

    Cells are null where a row is shorter than the longest one.
    """

    cells: pl.DataFrame
    widths: pl.Series

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.widths)

    def row(self, number: int) -> list[str]:
        """Return the trimmed cells of a row, as many as it has."""
        return [(cell or "").strip() for cell in self.cells.row(number)][: self.widths[number]]

    @cached_property
    def trimmed(self) -> pl.DataFrame:
        """The cells without the spaces around them; an empty one is null."""
        stripped = pl.all().str.strip_chars()
        return self.cells.select(pl.when(stripped != "").then(stripped))

    @cached_property
    def is_blank(self) -> pl.Series:
        """Whether a row holds nothing."""
        return self.trimmed.select(pl.all_horizontal(pl.all().is_null()).alias("")).to_series()


def grid_of_rows(rows: Sequence[Sequence[str]]) -> Grid:
    """Return rows of text as a grid."""
    columns = list(zip_longest(*rows))
    cells = pl.DataFrame([pl.Series(str(number), column, dtype=pl.String)
                          for number, column in enumerate(columns)])
    stripped = cells.select(pl.all().map_batches(_python_strip, return_dtype=pl.String))
    return Grid(stripped, pl.Series([len(row) for row in rows], dtype=pl.Int64))


def grid_of_text(text: str, delimiter: str) -> Grid:
    """Return delimited text as a grid.

    Text that is quoted as the standard says (RFC 4180) or not at all is cut in columns; all other
    text as Python's reader does. Raises ``csv.Error`` where a quotation mark is never closed.
    """
    grid = _cut_in_columns(text, delimiter)
    if grid is not None:
        return grid
    rows = _cut_in_rows(text, delimiter)
    if max(map(len, rows), default=0) > MOST_COLUMNS:
        raise csv.Error(f"a row has more than {MOST_COLUMNS:,} cells")
    return grid_of_rows(rows)


def _cut_in_rows(text: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _python_strip(column: pl.Series) -> pl.Series:
    return pl.Series(column.name, [cell and cell.strip() for cell in column], dtype=pl.String)


def _cut_in_columns(text: str, delimiter: str) -> Grid | None:
    """Return the grid where the whole text can be cut at once and surely the same way, else None.

    A delimiter or line break outside quotation marks has an even number of them before it; that
    holds where every mark stands at the edge of a cell or is doubled within one.
    """
    data = text.encode()
    if len(delimiter.encode()) != 1 or delimiter in '"\n\r ' or _ODD_SPACES.search(data):
        return None
    if b"\r" in data:
        if not _has_plain_returns(data, delimiter):
            return None
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not data.endswith(b"\n"):
        data += b"\n"
    letters = np.frombuffer(data, np.uint8)
    is_end, is_cut = letters == _NEWLINE, letters == ord(delimiter)
    is_quoted = b'"' in data
    if is_quoted:
        is_open = _inside_quotes(letters, delimiter)
        if is_open is None:
            return None
        is_end, is_cut = is_end & ~is_open, is_cut & ~is_open
    widths = _widths(np.flatnonzero(is_end), np.flatnonzero(is_cut))
    if widths.max() > MOST_COLUMNS:
        return None
    # How many columns there are, polars takes from the first row.
    full_row = delimiter.encode() * int(widths.max() - 1) + b"\n"
    cells = pl.read_csv(
        io.BytesIO(full_row + data), has_header=False, separator=delimiter, infer_schema=False,
        quote_char='"' if is_quoted else None,
        schema={str(number): pl.String for number in range(max(1, widths.max()))}).slice(1)
    # As a list: to take an array polars loads all of numpy.ma, longer than a small table is read.
    return Grid(cells, pl.Series(widths.tolist(), dtype=pl.Int64)) if (
        len(cells) == len(widths)) else None


def _has_plain_returns(data: bytes, delimiter: str) -> bool:
    """Return whether every carriage return ends a row, so that it may stand as a line break."""
    if b'"' not in data:
        return True
    letters = np.frombuffer(data, np.uint8)
    is_open = _inside_quotes(letters, delimiter)
    return is_open is not None and not (is_open & (letters == _RETURN)).any()


def _widths(ends: Letters, cuts: Letters) -> Letters:
    """Return how many cells each row has; an empty line has none."""
    widths = np.diff(np.searchsorted(cuts, ends), prepend=0) + 1
    widths[np.diff(ends, prepend=-1) == 1] = 0
    return widths


def _inside_quotes(letters: Letters, delimiter: str) -> Letters | None:
    """Return for each letter whether it is quoted; None where a mark stands within a cell."""
    is_mark = letters == _QUOTE
    marks = np.flatnonzero(is_mark)
    if len(marks) % 2:
        return None
    padded = np.concatenate([[_NEWLINE], letters, [_NEWLINE]])
    edges = np.array([_QUOTE, _NEWLINE, _RETURN, ord(delimiter)], np.uint8)
    before, after = padded[marks[::2]], padded[marks[1::2] + 2]
    if not (np.isin(before, edges).all() and np.isin(after, edges).all()):
        return None
    return np.logical_xor.accumulate(is_mark)
