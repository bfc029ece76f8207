"""Document → a workbook: one sheet a table as printed, and all results as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from remission.analyses.results import Results
from remission.report.outline import figures_of, tables_of
from remission.report.parts import Document
from remission.report.spans import plain, spans_of
from remission.report.table_parts import Table
from remission.report.workbook_cells import put, put_row

_CURVE = ("curve", "curve_lower", "curve_upper", "censored", "curve_end", "curve_few", "axis_end",
          "last_follow_up")
_RESULT_HEADS = ("analysis", "population", "group", "variable", "level", "at (days)", "statistic",
                 "value", "unit", "base", "base of", "method", "note")


def write_xlsx(document: Document, results: Results, path: Path) -> None:
    """Write every table of a report, the estimates under each figure, and the results."""
    from openpyxl import Workbook

    book = Workbook()
    for sheet in list(book.worksheets):
        book.remove(sheet)
    for table in tables_of(document):
        name = table.caption if table.number else table.address.replace("_", " ").capitalize()
        _write_table(book.create_sheet(name), table, table.title, document.banner)
    for figure in figures_of(document):
        if figure.estimates is None:
            continue
        _write_table(book.create_sheet(figure.caption), figure.estimates, figure.title,
                     document.banner, note=plain(figure.note))
    _write_results(book.create_sheet("Results"), results)
    book.save(path)


def _write_table(
    sheet: Any, table: Table, title: str, banner: str, note: str | None = None
) -> None:
    from openpyxl.styles import Alignment, Border, Font, Side

    heading = put(sheet, 1, 1, f"{table.caption}. {title}" if table.number else title)
    heading.font = Font(bold=True, size=12)
    if banner:
        put(sheet, 2, 1, banner.upper()).font = Font(bold=True, color="7C4307")
    top = sheet.max_row + 2
    _write_over(sheet, table, top)
    top += 1 if table.spans else 0
    for position, head in enumerate(table.heads, start=2):
        text = "\n".join(filter(None, (head.label, plain([head.under]))))
        cell = put(sheet, top, position, text)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(horizontal="left" if head.is_text else "right",
                                   vertical="bottom", wrap_text=True)
    for number, row in enumerate(table.rows, start=top + 1):
        label = put(sheet, number, 1, row.label)
        label.alignment = Alignment(indent=2 if row.is_level else 0, vertical="top")
        for position, value in enumerate(row.cells, start=2):
            shown = plain(spans_of(value))
            cell = put(sheet, number, position, int(shown) if shown.isdecimal() else shown)
            is_text = table.heads[position - 2].is_text
            cell.alignment = Alignment(horizontal="left" if is_text else "right",
                                       vertical="top", wrap_text=is_text)
    last = top + len(table.rows)
    thick, thin = Side(style="medium"), Side(style="thin")
    for column in range(1, len(table.heads) + 2):
        sheet.cell(top, column).border = Border(top=thick, bottom=thin)
        sheet.cell(last, column).border = Border(bottom=thick)
    below = put(sheet, last + 2, 1, note if note is not None else plain(table.note))
    below.font = Font(italic=True, color="55554F")
    sheet.column_dimensions["A"].width = 34
    for column, head in enumerate(table.heads, start=2):
        letter = sheet.cell(top, column).column_letter
        sheet.column_dimensions[letter].width = 40 if head.is_text else 20
    sheet.freeze_panes = sheet.cell(top + 1, 2)


def _write_over(sheet: Any, table: Table, row: int) -> None:
    """Write what stands over several heads into cells that reach over their columns."""
    from openpyxl.styles import Alignment, Font

    column = 2
    for words, columns in table.spans:
        cell = put(sheet, row, column, words)
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center")
        if columns > 1:
            sheet.merge_cells(start_row=row, end_row=row, start_column=column,
                              end_column=column + columns - 1)
        column += columns


def _write_results(sheet: Any, results: Results) -> None:
    from openpyxl.styles import Font

    put_row(sheet, 1, _RESULT_HEADS)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    printed = (row for row in results if row.statistic not in _CURVE)
    for number, row in enumerate(printed, start=2):
        base = (row.base.n, row.base.of) if row.base else (None, None)
        value = None if isinstance(row.value, float) and row.value != row.value else row.value
        put_row(sheet, number, [
            row.analysis, row.population, row.group, row.variable, row.level, row.at,
            row.statistic, value, row.unit, *base, row.method, row.note])
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
