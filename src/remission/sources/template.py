"""A study folder for a newcomer: commented plan, empty tables, a workbook with drop-downs."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from remission.errors import OutputError, Problem
from remission.files import put_in_place, staging
from remission.records.column import Column, Table
from remission.records.subject import FORM_STATUS
from remission.records.tables import CLINICAL_TABLES
from remission.sources.identity import BIRTH_DATE, CODES_SHEET, INDEX_DATE, NOTES_SHEET

_ROWS = 2000
"""Rows of each sheet that get drop-downs."""
_DATES = (
    (INDEX_DATE, "Date of day 0, YYYY-MM-DD. It goes to the vault and to no table."),
    (BIRTH_DATE, "Date of birth, YYYY-MM-DD; gives age_at_index_days. It goes to the vault."),
)
_TEMPLATE_TABLES = (*CLINICAL_TABLES, FORM_STATUS)


def write_template(folder: Path) -> list[Path]:
    """Write a new study folder; return its files.

    Raises :class:`~remission.errors.OutputError` when the folder exists and is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(Problem(
            str(folder), "There is something here already.",
            "A new study begins in a folder of its own, so that nothing is overwritten.",
            "Choose a folder that does not exist yet."))
    place = folder.resolve()
    with staging(place / "new") as scratch:
        staged = scratch / "new"
        _write_files(staged)
        put_in_place([(path, place / path.name) for path in staged.iterdir()], scratch)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write_files(folder: Path) -> None:
    """Write the plan, the page that explains it, the empty tables and the workbook."""
    (folder / "tables").mkdir(parents=True)
    template = files("remission.sources") / "template"
    for name in ("study.toml", "README.md"):
        _write_text((template / name).read_text("utf-8"), folder / name)
    for table in _TEMPLATE_TABLES:
        heads = ",".join(column.name for column in table.columns)
        _write_text(f"{heads}\n", folder / "tables" / f"{table.name}.csv")
    _write_workbook(folder / "records.xlsx")


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_workbook(path: Path) -> None:
    """Write one sheet a table: bold required heads, meanings as comments, drop-downs for codes."""
    from openpyxl import Workbook

    book = Workbook()
    notes: Any = book.worksheets[0]
    notes.title = NOTES_SHEET
    notes.append(["table", "meaning"])
    codes: Any = book.create_sheet(CODES_SHEET)
    for table in _TEMPLATE_TABLES:
        notes.append([table.name, table.meaning])
        _write_sheet(book.create_sheet(table.name), table, codes)
    notes.append([])
    notes.append(["", "Day columns: days from day 0, or dates when subject has index_date."])
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 20, 90
    book.move_sheet(codes, offset=len(_TEMPLATE_TABLES))
    codes.sheet_state = "hidden"
    book.save(path)


def _write_sheet(sheet: Any, table: Table, codes: Any) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font

    heads = [(column.name, _comment(column)) for column in table.columns]
    if table.name == "subject":
        heads[2:2] = _DATES
    required = {column.name for column in table.columns if column.required} | set(table.key)
    for position, (name, comment) in enumerate(heads, start=1):
        cell = sheet.cell(1, position, name)
        cell.font = Font(bold=name in required)
        cell.comment = Comment(comment, "remission")
        sheet.column_dimensions[cell.column_letter].width = max(11, len(name) + 2)
        column = table.by_name.get(name)
        if column is not None and column.kind == "code":
            _add_list(sheet, cell.column_letter, column, codes)
    sheet.freeze_panes = "B2"


def _add_list(sheet: Any, letter: str, column: Column, codes: Any) -> None:
    """Offer the codes of a column as a drop-down; the list stands in the hidden sheet."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    position = codes.max_column + (1 if codes.cell(1, 1).value is not None else 0)
    codes.cell(1, position, f"{sheet.title}.{column.name}")
    for row, code in enumerate(column.codes, start=2):
        codes.cell(row, position, code)
    at = get_column_letter(position)
    validation = DataValidation(
        type="list", formula1=f"{CODES_SHEET}!${at}$2:${at}${len(column.codes) + 1}",
        allow_blank=True, showErrorMessage=True, errorTitle=column.name,
        error="Choose one of the codes of the list.")
    sheet.add_data_validation(validation)
    validation.add(f"{letter}2:{letter}{_ROWS}")


def _comment(column: Column) -> str:
    unit = f" Unit: {column.unit}." if column.unit else ""
    listed = "".join(f"\n{code}: {label}" for code, label in list(column.codes.items())[:12])
    kind = {"day": " Days from day 0, or a date.", "codes": " Several codes joined by |."}
    return f"{column.meaning}{unit}{kind.get(column.kind, '')}{listed}"
