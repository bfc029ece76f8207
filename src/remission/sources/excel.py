"""Excel workbooks: one sheet a table, cells as the text a person would type."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from remission.errors import InputError, Problem, raise_if_any
from remission.sources.sheet import Sheet, sheet_from_rows


def read_excel(path: Path) -> tuple[dict[str, Sheet], list[str]]:
    """Return ({sheet name: sheet}, what was found); sheets without any cell are passed over.

    Raises :class:`InputError` when the file is not an Excel workbook (``.xlsx``), or a sheet
    has no header or rows of another length.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError):
        raise InputError(Problem(
            path.name, "Not an Excel workbook in the .xlsx format.",
            "Older .xls files and renamed text files cannot be read.",
            "Open it in Excel or LibreOffice and save it as .xlsx, or as CSV.",
        )) from None
    _refuse_uncalculated(path)
    sheets: dict[str, Sheet] = {}
    said = []
    for worksheet in book.worksheets:
        rows = _trimmed([
            [as_text(cell) for cell in row] for row in worksheet.iter_rows(values_only=True)
        ])
        if not rows:
            continue
        name = worksheet.title
        sheets[name] = sheet_from_rows(rows, name=name, file=f"{path.name}[{name}]")
        said.append(f"{path.name}, sheet {name!r}: {len(sheets[name].cells)} rows, "
                    f"{sheets[name].cells.width} columns")
    book.close()
    return sheets, said


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
