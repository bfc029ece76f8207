"""Excel workbooks: one sheet a table, cells as the text a person would type."""

from __future__ import annotations

import re
import struct
import warnings
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from remission.errors import InputError, Problem, raise_if_any
from remission.sources.excel_parts import (
    MOST_ROWS,
    filled,
    header_rows,
    read_parts,
    refuse_bomb,
)
from remission.sources.grid import grid_of_rows
from remission.sources.layout import Layout, find_layout
from remission.sources.sheet import Sheet, sheet_from_grid, told
from remission.sources.typed import EXCEL_ERRORS

_OLD_EXCEL = bytes.fromhex("D0CF11E0A1B11AE1")
_BROKEN = (BadZipFile, LookupError, ValueError, TypeError, AttributeError, ArithmeticError,
           RuntimeError, AssertionError, SyntaxError, EOFError, zlib.error, struct.error)
"""What openpyxl and the readers under it raise for files that are not workbooks."""

_EPOCHS = {1899: date(1899, 12, 30), 1904: date(1904, 1, 1)}
"""The day from which the dates of a workbook count; later ones from Macintosh count from 1904."""
_TEXT_NUMBER = re.compile(r"\s*[+-]?\d+([.,]\d+)?\s*")
_SHOWN = 6
_MOST_CELLS = 30_000_000


def read_excel(path: Path) -> tuple[dict[str, Sheet], list[str]]:
    """Return ({sheet name: sheet}, what was found); sheets without any cell are passed over.

    Raises :class:`InputError` when the file is not an Excel workbook (``.xlsx``), or a sheet
    has no header or rows of another length.
    """
    book = open_workbook(path, read_only=True, data_only=True)
    with _of_a_workbook(path):
        has_percent = _has_percent_cells(book)
        found = [_Found(worksheet, path, has_percent=has_percent) for worksheet in book.worksheets]
        epoch = book.epoch.date()
        book.close()
        if any(sheet.parts.has_formulas for sheet in found):
            _refuse_uncalculated(path)
    sheets: dict[str, Sheet] = {}
    said: list[str] = []
    problems: list[Problem] = []
    for sheet in found:
        if not sheet.rows:
            continue
        try:
            sheets[sheet.name], line = sheet.read(path, epoch)
        except InputError as error:
            problems.extend(error.problems)
            continue
        said.append(line)
    raise_if_any(problems)
    return sheets, said


class _Found:
    """One sheet of a workbook: its cells as text, merged ones filled, and what is told of it."""

    def __init__(self, worksheet: Any, path: Path, *, has_percent: bool) -> None:
        self.name: str = worksheet.title
        self.is_hidden = worksheet.sheet_state != "visible"
        self.values = _values(worksheet, path, has_percent=has_percent)
        self.parts = read_parts(path, worksheet._worksheet_path)
        rows = _trimmed([[as_text(value) for value in row] for row in self.values])
        self.rows = filled(rows, self.parts.merged)

    def read(self, path: Path, epoch: date) -> tuple[Sheet, str]:
        """Return the sheet and what is said of it."""
        grid = grid_of_rows(self.rows)
        first = find_layout(grid).header.start
        names = header_rows(self.parts.merged, first, grid.cells.width)
        layout = find_layout(grid, header_rows=names)
        sheet = sheet_from_grid(grid, layout, name=self.name, file=f"{path.name}[{self.name}]",
                                is_workbook=True, epoch=_EPOCHS[epoch.year])
        said = (f"{path.name}, sheet {self.name!r}: {len(sheet.cells)} rows, "
                f"{sheet.cells.width} columns")
        return sheet, "; ".join([said, *told(layout), *self._told(layout)])

    def _told(self, layout: Layout) -> Iterator[str]:
        """Yield what a person may not see when looking at the sheet."""
        if self.is_hidden:
            yield "the sheet is hidden, and is read"
        for what, hidden in (("row", self.parts.hidden_rows),
                             ("column", self.parts.hidden_columns)):
            inside = [number for number in hidden
                      if number <= (len(self.rows) if what == "row" else len(self.rows[0]))]
            if inside:
                yield f"hidden {what}s are read: {_listed(inside)}"
        merged = [top for _, top, _, bottom in self.parts.merged
                  if layout.header.stop < bottom <= len(self.rows)]
        if merged:
            yield f"merged cells are read in each of their rows: from row {_listed(merged)}"
        texts = [(row, value) for row, cells in enumerate(self.values, start=1)
                 for value in cells if isinstance(value, str)]
        numbers = [row for row, text in texts if _TEXT_NUMBER.fullmatch(text)]
        if numbers:
            yield f"numbers typed as text are read as they stand: row {_listed(numbers)}"
        errors = [row for row, text in texts if text in EXCEL_ERRORS]
        if errors:
            yield f"cells hold an Excel error: row {_listed(errors)}"


def _listed(numbers: Iterable[int]) -> str:
    """Return the first numbers, each once, and how many more there are."""
    once = list(dict.fromkeys(numbers))
    more = f" and {len(once) - _SHOWN} more" if len(once) > _SHOWN else ""
    return ", ".join(map(str, once[:_SHOWN])) + more


def open_workbook(path: Path, *, read_only: bool = False, data_only: bool = False) -> Any:
    """Return a workbook as openpyxl opens it.

    Raises :class:`InputError` with what the file seems to be when it is not a workbook.
    """
    import openpyxl

    with _of_a_workbook(path), warnings.catch_warnings():
        # What a workbook holds beside its cells (drop-downs, print settings) is not read.
        warnings.simplefilter("ignore", UserWarning)
        refuse_bomb(path)
        # From memory, so that no file stays open where a damaged part ends the reading.
        return openpyxl.load_workbook(
            BytesIO(path.read_bytes()), read_only=read_only, data_only=data_only)


@contextmanager
def _of_a_workbook(path: Path) -> Iterator[None]:
    """Raise :class:`InputError` with what the file seems to be where its parts cannot be read."""
    try:
        yield
    except _BROKEN as error:
        raise InputError(_not_a_workbook(path)) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise InputError(_not_a_workbook(path)) from error


def _has_percent_cells(book: Any) -> bool:
    """Return whether any format of the workbook shows a number as percent."""
    builtin = {9, 10}
    own = {164 + number for number, text in enumerate(book._number_formats) if "%" in text}
    return any(style.numFmtId in builtin | own for style in book._cell_styles)


def _values(worksheet: Any, path: Path, *, has_percent: bool) -> list[tuple[Any, ...]]:
    """Return the values of the cells; where some are shown as percent, as they are shown."""
    # What a workbook says of its own size may be wrong.
    worksheet.reset_dimensions()
    rows, cells = [], 0
    for row in worksheet.iter_rows(max_row=MOST_ROWS, values_only=not has_percent):
        rows.append(tuple(map(_as_shown, row)) if has_percent else row)
        cells += len(row)
        if cells > _MOST_CELLS:
            raise InputError(_too_many_cells(path, worksheet.title))
    return rows


def _too_many_cells(path: Path, sheet: str) -> Problem:
    return Problem(
        f"{path.name}[{sheet}]", f"The sheet has more than {_MOST_CELLS:,} cells.",
        "Most of them are empty, and they would fill the memory.",
        "Delete the empty rows and columns below and beside the table, and save it again; or save "
        "the sheet as CSV.")


def _not_a_workbook(path: Path) -> Problem:
    """Return what a file that cannot be opened as a workbook seems to be, and what to do."""
    with path.open("rb") as file:
        begin = file.read(len(_OLD_EXCEL))
    if not begin:
        return Problem(path.name, "The file is empty.", "There is no workbook in it.",
                       "Copy or export it again.")
    if begin == _OLD_EXCEL:
        return Problem(
            path.name, "An old Excel file (.xls), or a workbook locked by a password.",
            "Neither can be read here.",
            "Open it in Excel or LibreOffice and save it as .xlsx without a password.")
    if not begin.startswith(b"PK"):
        return Problem(
            path.name, "Not an Excel workbook in the .xlsx format.",
            "Its content is something else, whatever its name says.",
            "If it is text, name it .csv; else open it in Excel or LibreOffice and save it as "
            ".xlsx.")
    return Problem(
        path.name, "Not an Excel workbook, or a damaged one.",
        "It is an archive as .xlsx files are, but its sheets cannot be read.",
        "Open it in Excel or LibreOffice, which may repair it, and save it as .xlsx; or copy it "
        "again from where it came.")


def _refuse_uncalculated(path: Path) -> None:
    """Refuse formulas whose result is not in the file: their cells would read as empty."""
    formulas = open_workbook(path, read_only=True)
    results = open_workbook(path, read_only=True, data_only=True)
    problems: list[Problem] = []
    for sheet in formulas.worksheets:
        for row, values in zip(sheet.iter_rows(), results[sheet.title].iter_rows(), strict=False):
            problems.extend(
                Problem(
                    f"{path.name}[{sheet.title}], cell {cell.coordinate}",
                    f"The formula {cell.value} has no result in the file.",
                    "Its value would read as an empty cell.",
                    "Open the file in Excel or LibreOffice and save it, so that results are kept.")
                for cell, value in zip(row, values, strict=False)
                if cell.data_type == "f" and value.value is None)
    formulas.close()
    results.close()
    raise_if_any(problems)


def _as_shown(cell: Any) -> Any:
    """Return the value of a cell; a number shown as percent as the person reads it: 85."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and (
            "%" in (cell.number_format or "")):
        return float(f"{100 * value:.12g}")
    return value


def as_text(cell: object) -> str:
    """Return an Excel cell as text: whole numbers without a point, dates as YYYY-MM-DD."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _trimmed(rows: list[list[str]]) -> list[list[str]]:
    """Return rows cut to the last used column and row, padded to one width."""
    used = [index for index, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not used:
        return []
    rows = rows[: used[-1] + 1]
    width = max(
        (index + 1 for row in rows for index, cell in enumerate(row) if cell.strip()), default=0
    )
    return [(row + [""] * width)[:width] for row in rows]
