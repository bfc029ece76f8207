"""A workbook to be filled: a sheet a table, with the codes of each column as a drop-down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from remission.plan import Language
from remission.records.column import Column, Table
from remission.records.labels import VAULT_DATE_LABELS, code_labels, label, table_label
from remission.records.tables import ENTERED_TABLES
from remission.sources.identity import CODES_SHEET, NOTES_SHEET
from remission.sources.template_guide import COLOURS, GUIDES, STEPS, in_order

_ROWS = 2000
"""Rows of each sheet that get drop-downs."""
_MOST_LISTED = 12
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "table": "table", "meaning": "meaning", "unit": "Unit", "step": "when",
        "gives": "gives",
        "index_date": "YYYY-MM-DD. It goes to the vault and to no table.",
        "birth_date": "YYYY-MM-DD; gives age_at_index_days. It goes to the vault.",
        "day": "Days from day 0, or a date.", "codes": "Several codes joined by |.",
        "days": "Day columns: days from day 0, or dates when subject has index_date.",
        "choose": "Choose one of the codes of the list.",
    },
    "es": {
        "table": "tabla", "meaning": "significado", "unit": "Unidad", "step": "cuándo",
        "gives": "",
        "index_date": "AAAA-MM-DD. Va a la bóveda y a ninguna tabla.",
        "birth_date": "AAAA-MM-DD; da age_at_index_days. Va a la bóveda.",
        "day": "Días desde el día 0, o una fecha.", "codes": "Varios códigos unidos con |.",
        "days": "Columnas de día: días desde el día 0, o fechas si subject tiene index_date.",
        "choose": "Elija uno de los códigos de la lista.",
    },
    "zh": {
        "table": "表", "meaning": "含义", "unit": "单位", "step": "顺序", "gives": "",
        "index_date": "YYYY-MM-DD。仅保存在本中心，不进入任何表。",
        "birth_date": "YYYY-MM-DD；用于计算 age_at_index_days，仅保存在本中心。",
        "day": "自第0天起的天数，或日期。", "codes": "多个编码以 | 连接。",
        "days": "日期列：填自第0天起的天数；subject 表填写 index_date 时也可填日期。",
        "choose": "请从列表中选择编码。",
    },
}


def write_workbook(path: Path, *, language: Language = "en") -> None:
    """Write the workbook: bold required heads, meanings as comments, drop-downs for codes.

    The first sheet says which tables come first, and the colour of each tab does too.

    Heads and codes are those of the data model in every language; what explains them is not.
    """
    from openpyxl import Workbook

    words = _WORDS[language]
    book = Workbook()
    notes: Any = book.worksheets[0]
    notes.title = NOTES_SHEET
    notes.append([words[head] for head in ("table", "meaning", "step", "gives")])
    codes: Any = book.create_sheet(CODES_SHEET)
    for table in in_order():
        guide, is_english = GUIDES[table.name], language == "en"
        notes.append([table.name,
                      table.meaning if is_english else table_label(table.name, language),
                      STEPS[language][guide.step], guide.gives if is_english else ""])
        sheet = book.create_sheet(table.name)
        sheet.sheet_properties.tabColor = COLOURS[guide.step]
        _write_sheet(sheet, table, codes, language)
    notes.append([])
    notes.append(["", words["days"]])
    for column, width in zip("ABCD", (20, 78, 18, 62), strict=True):
        notes.column_dimensions[column].width = width
    book.move_sheet(codes, offset=len(ENTERED_TABLES))
    codes.sheet_state = "hidden"
    book.save(path)


def _write_sheet(sheet: Any, table: Table, codes: Any, language: Language) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font

    heads = [(column.name, _comment(table, column, language)) for column in table.columns]
    if table.name == "subject":
        heads[2:2] = [(name, f"{labels[language]}. {_WORDS[language][name]}")
                      for name, labels in VAULT_DATE_LABELS.items()]
    required = {column.name for column in table.columns if column.required} | set(table.key)
    for position, (name, comment) in enumerate(heads, start=1):
        cell = sheet.cell(1, position, name)
        cell.font = Font(bold=name in required)
        cell.comment = Comment(comment, "remission")
        sheet.column_dimensions[cell.column_letter].width = max(11, len(name) + 2)
        column = table.by_name.get(name)
        if column is not None and column.kind == "code":
            _add_list(sheet, cell.column_letter, column, codes, _WORDS[language]["choose"])
    sheet.freeze_panes = "B2"


def _add_list(sheet: Any, letter: str, column: Column, codes: Any, choose: str) -> None:
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
        allow_blank=True, showErrorMessage=True, errorTitle=column.name, error=choose)
    sheet.add_data_validation(validation)
    validation.add(f"{letter}2:{letter}{_ROWS}")


def _comment(table: Table, column: Column, language: Language) -> str:
    words = _WORDS[language]
    meaning = column.meaning if language == "en" else label(table.name, column.name, language)
    unit = f" {words['unit']}: {column.unit}." if column.unit else ""
    labels = list(code_labels(table.name, column.name, language).items())
    listed = "".join(f"\n{code}: {text}" for code, text in labels[:_MOST_LISTED])
    kind = f" {words[column.kind]}" if column.kind in ("day", "codes") else ""
    return f"{meaning}{unit}{kind}{listed}"
