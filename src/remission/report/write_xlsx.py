"""Document → a workbook: one sheet a table as printed, and all results as numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from remission.analyses.results import Results
from remission.report.outline import figures_of, tables_of
from remission.report.parts import Document
from remission.report.spans import plain, spans_of
from remission.report.table_parts import Head, Row, Table
from remission.report.workbook import Look, Sheet, Value, Workbook

_CURVE = ("curve", "curve_lower", "curve_upper", "censored", "curve_end", "curve_few", "axis_end",
          "last_follow_up")
_RESULT_HEADS = ("analysis", "population", "group", "variable", "level", "at (days)", "statistic",
                 "value", "unit", "base", "base of", "method", "note")
_BOLD = Look(bold=True)
_TITLE = Look(bold=True, size=12)
_BANNER = Look(bold=True, colour="7C4307")
_NOTE = Look(italic=True, colour="55554F")
_OVER = Look(bold=True, horizontal="center")
_THICK, _THIN = "medium", "thin"


def write_xlsx(document: Document, results: Results, path: Path) -> None:
    """Write every table of a report, the estimates under each figure, and the results."""
    book = Workbook()
    for table in tables_of(document):
        name = table.caption if table.number else table.address.replace("_", " ").capitalize()
        _write_table(book.add(name), table, table.title, document.banner)
    for figure in figures_of(document):
        if figure.estimates is None:
            continue
        _write_table(book.add(figure.caption), figure.estimates, figure.title,
                     document.banner, note=plain(figure.note))
    _write_results(book.add("Results"), results)
    book.save(path)


def _write_table(
    sheet: Sheet, table: Table, title: str, banner: str, note: str | None = None
) -> None:
    sheet.write(1, [f"{table.caption}. {title}" if table.number else title], [_TITLE])
    if banner:
        sheet.write(2, [banner.upper()], [_BANNER])
    top = 4 if banner else 3
    if table.spans:
        _write_over(sheet, table, top)
        top += 1
    below = "" if table.rows else _THICK
    sheet.write(top, [None, *map(_words, table.heads)], [
        Look(top="" if below else _THICK, bottom=below or _THIN),
        *(replace(_look_of_head(head), top="" if below else _THICK, bottom=below or _THIN)
          for head in table.heads)])
    last = top + len(table.rows)
    for number, row in enumerate(table.rows, start=top + 1):
        rule = _THICK if number == last else ""
        sheet.write(number, [row.label, *map(_value, _texts(row))], [
            Look(indent=2 if row.is_level else 0, vertical="top", bottom=rule),
            *(replace(_look_of_cell(head), bottom=rule) for head in table.heads)])
    sheet.write(last + 2, [note if note is not None else plain(table.note)], [_NOTE])
    sheet.widen(1, 34)
    for column, head in enumerate(table.heads, start=2):
        sheet.widen(column, 40 if head.is_text else 20)
    sheet.frozen = (top, 1)


def _words(head: Head) -> str:
    return "\n".join(filter(None, (head.label, plain([head.under]))))


def _texts(row: Row) -> list[str]:
    return [plain(spans_of(cell)) for cell in row.cells]


def _value(shown: str) -> Value:
    return int(shown) if shown.isdecimal() else shown


def _look_of_head(head: Head) -> Look:
    return Look(bold=True, horizontal="left" if head.is_text else "right", vertical="bottom",
                wrap=True)


def _look_of_cell(head: Head) -> Look:
    return Look(horizontal="left" if head.is_text else "right", vertical="top", wrap=head.is_text)


def _write_over(sheet: Sheet, table: Table, row: int) -> None:
    """Write what stands over several heads into cells that reach over their columns."""
    values: list[Value] = [None]
    for words, columns in table.spans:
        if columns > 1:
            sheet.join(row, len(values) + 1, len(values) + columns)
        values += [words, *[None] * (columns - 1)]
    sheet.write(row, values, [Look() if value is None else _OVER for value in values])


def _write_results(sheet: Sheet, results: Results) -> None:
    sheet.write(1, _RESULT_HEADS, [_BOLD] * len(_RESULT_HEADS))
    printed = (row for row in results if row.statistic not in _CURVE)
    for number, row in enumerate(printed, start=2):
        base = (row.base.n, row.base.of) if row.base else (None, None)
        value = None if isinstance(row.value, float) and row.value != row.value else row.value
        sheet.write(number, [
            row.analysis, row.population, row.group, row.variable, row.level, row.at,
            row.statistic, value, row.unit, *base, row.method, row.note])
    sheet.frozen = (1, 0)
    sheet.has_filter = True
