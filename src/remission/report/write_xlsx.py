"""Document → a workbook: one sheet a table as printed, and all results as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import wrap

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
_NOTE = Look(italic=True, colour="55554F", horizontal="left", vertical="top", wrap=True)
_OVER = Look(bold=True, horizontal="center")
_LEAST, _TEXT = 12, 40
"""Widths of columns, in characters: the least, and that of words, which are wrapped."""
_INDENT = 2
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
    widths = list(_widths(table))
    for column, width in enumerate(widths, start=1):
        sheet.widen(column, width)
    below = "" if table.rows else _THICK
    heads = list(map(_words, table.heads))
    sheet.write(top, [None, *heads], [
        Look(top="" if below else _THICK, bottom=below or _THIN),
        *(replace(_look_of_head(head), top="" if below else _THICK, bottom=below or _THIN)
          for head in table.heads)], lines=_lines(heads, widths[1:]))
    last = top + len(table.rows)
    for number, row in enumerate(table.rows, start=top + 1):
        rule, texts = _THICK if number == last else "", _texts(row)
        indent = _INDENT if row.is_level else 0
        sheet.write(number, [row.label, *map(_value, texts)], [
            Look(indent=indent, horizontal="left", vertical="top", wrap=True, bottom=rule),
            *(replace(_look_of_cell(head), bottom=rule) for head in table.heads)],
            lines=_lines([row.label, *texts], [widths[0] - indent, *widths[1:]]))
    _write_note(sheet, plain(table.note) if note is None else note, last + 2, widths)
    sheet.frozen = (top, 1)


def _widths(table: Table) -> Iterator[int]:
    """Yield the width of each column: numbers are never cut off, words are wrapped."""
    labels = (len(row.label) + (_INDENT if row.is_level else 0) for row in table.rows)
    yield min(max(_LEAST, *labels, 0) + 1, _TEXT)
    rows = [_texts(row) for row in table.rows]
    for place, head in enumerate(table.heads):
        texts = [_words(head), *(row[place] for row in rows if place < len(row))]
        longest = max((len(line) for text in texts for line in text.splitlines()), default=0)
        yield _TEXT if head.is_text else max(_LEAST, longest + 2)


def _lines(texts: Sequence[str], widths: Sequence[int]) -> int:
    """Return how many lines the fullest of some cells takes."""
    return max((sum(len(wrap(line, width)) or 1 for line in text.splitlines())
                for text, width in zip(texts, widths, strict=False)), default=1)


def _write_note(sheet: Sheet, note: str, row: int, widths: Sequence[int]) -> None:
    """Write the note over all columns, with room for its lines."""
    sheet.write(row, [note], [_NOTE], lines=_lines([note], [sum(widths)]))
    if len(widths) > 1:
        sheet.join(row, 1, len(widths))


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
