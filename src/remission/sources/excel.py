"""Excel workbooks: one sheet a table, cells as the text a person would type."""

from __future__ import annotations

import warnings
import zlib
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from remission.errors import InputError, Problem, raise_if_any
from remission.sources.sheet import Sheet, sheet_from_rows

_OLD_EXCEL = bytes.fromhex("D0CF11E0A1B11AE1")
_BROKEN = (BadZipFile, KeyError, ValueError, TypeError, SyntaxError, EOFError, zlib.error)
"""What openpyxl and the XML readers under it raise for files that are not workbooks."""


def read_excel(path: Path) -> tuple[dict[str, Sheet], list[str]]:
    """Return ({sheet name: sheet}, what was found); sheets without any cell are passed over.

    Raises :class:`InputError` when the file is not an Excel workbook (``.xlsx``), or a sheet
    has no header or rows of another length.
    """
    book = open_workbook(path, read_only=True, data_only=True)
    has_percent = _has_percent_cells(book)
    found = {worksheet.title: _trimmed(_rows(worksheet, path, has_percent=has_percent))
             for worksheet in book.worksheets}
    book.close()
    _refuse_uncalculated(path)
    sheets: dict[str, Sheet] = {}
    said = []
    for name, rows in found.items():
        if not rows:
            continue
        sheets[name] = sheet_from_rows(rows, name=name, file=f"{path.name}[{name}]",
                                       is_workbook=True)
        said.append(f"{path.name}, sheet {name!r}: {len(sheets[name].cells)} rows, "
                    f"{sheets[name].cells.width} columns")
    return sheets, said


def open_workbook(path: Path, *, read_only: bool = False, data_only: bool = False) -> Any:
    """Return a workbook as openpyxl opens it.

    Raises :class:`InputError` with what the file seems to be when it is not a workbook.
    """
    import openpyxl

    try:
        with warnings.catch_warnings():
            # What a workbook holds beside its cells (drop-downs, print settings) is not read.
            warnings.simplefilter("ignore", UserWarning)
            return openpyxl.load_workbook(path, read_only=read_only, data_only=data_only)
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


def _rows(worksheet: Any, path: Path, *, has_percent: bool) -> list[list[str]]:
    """Return the cells as text; where some are shown as percent, every format is looked at."""
    try:
        if has_percent:
            return [[_as_shown(cell) for cell in row] for row in worksheet.iter_rows()]
        return [[as_text(cell) for cell in row] for row in worksheet.iter_rows(values_only=True)]
    except _BROKEN as error:
        raise InputError(_not_a_workbook(path)) from error


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
    import openpyxl

    with ZipFile(path) as archive:
        parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        if not any(b"<f>" in (xml := archive.read(name)) or b"<f " in xml for name in parts):
            return
    formulas = openpyxl.load_workbook(path, read_only=True)
    results = openpyxl.load_workbook(path, read_only=True, data_only=True)
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


def _as_shown(cell: Any) -> str:
    """Return a cell as text; a number shown as percent as the person reads it: 0.85 is 85."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool) and (
            "%" in (cell.number_format or "")):
        return as_text(float(f"{100 * value:.12g}"))
    return as_text(value)


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
