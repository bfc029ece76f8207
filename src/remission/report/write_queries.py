"""Queries → one Excel sheet a centre, which a coordinator can answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from remission.errors import OutputError, Problem
from remission.files import printable, safe_name
from remission.own_files import (
    check_folder,
    index_of,
    own_files,
    refuse_others,
    rewritten,
)
from remission.records.checks import Query
from remission.records.study import Study
from remission.report.answered import (
    ANSWER,
    ANSWERED,
    CHILD,
    COMMENT,
    CURE,
    HEADS,
    QUERIES,
    ROWS,
    WHAT,
    WHY,
    Entry,
    read_answers,
)
from remission.report.workbook_cells import put_row

_WIDTHS = (8, 10, 34, 52, 44, 44, 22, 34)
_INDEX = "queries.json"
_ROWS_NAMED = 200
"""Rows of one query that are listed; a cell holds no more than some thousand."""
ANSWERS = ("corrected", "confirmed", "cannot be resolved")


def write_queries(queries: Sequence[Query], study: Study, folder: Path) -> list[Path]:
    """Write ``folder/<site>.xlsx`` for every centre that has queries; return the files.

    Earlier sheets are replaced, and removed when nothing is asked any more. What a centre typed
    stays: beside the query while it is asked, in the sheet ``Answered`` afterwards. Other files
    in the folder stay too. Raises :class:`~remission.errors.OutputError`, before anything is
    written, when a file of somebody else has the name of a sheet, or an earlier sheet cannot be
    read.
    """
    place = folder.resolve()
    check_folder(place)
    own = own_files(place, _INDEX)
    by_site: dict[str, list[Query]] = {}
    for query in queries:
        by_site.setdefault(query.site_id, []).append(query)
    names = _file_names([*study.site_of.values(), *by_site])
    refuse_others(place, [_INDEX, *(names[site] for site in by_site)], own)
    typed = _typed(place, own - {_INDEX})
    # The answers of a centre that is no longer in the study stay as they were sent.
    kept = {name for name in typed if name not in names.values()}
    asked = [site for site in names if site in by_site or names[site] in typed]
    if not asked and not own:
        return []
    with rewritten(place, lambda: own - kept) as staged:
        for site in asked:
            _write_site(by_site.get(site, []), typed.get(names[site], []), site,
                        staged / names[site])
        files = {*kept, *(names[site] for site in asked)}
        if files:
            index = json.dumps(index_of([_INDEX, *files]), ensure_ascii=False, indent=2)
            (staged / _INDEX).write_text(f"{index}\n", encoding="utf-8", newline="\n")
    return [folder / names[site] for site in names if site in by_site]


def _file_names(sites: Iterable[str]) -> dict[str, str]:
    """Return the file of each centre; no two share one, even where capitals do not count."""
    names: dict[str, str] = {}
    for site in dict.fromkeys(sites):
        taken = [name.removesuffix(".xlsx") for name in names.values()]
        names[site] = f"{safe_name(site or 'all-centres', taken=taken)}.xlsx"
    return names


def _typed(folder: Path, names: Iterable[str]) -> dict[str, list[Entry]]:
    """Return what centres typed into each earlier file; raises every file's problems together."""
    found: dict[str, list[Entry]] = {}
    problems: list[Problem] = []
    for name in sorted(names):
        try:
            entries = read_answers(folder / name)
        except OutputError as error:
            problems.extend(error.problems)
            continue
        if entries:
            found[name] = entries
    if problems:
        raise OutputError(problems)
    return found


def _write_site(
    queries: Sequence[Query], typed: Sequence[Entry], site: str, path: Path
) -> None:
    """Write one centre's file: what is asked with its answers, and the answers to what is gone."""
    from openpyxl import Workbook

    waiting = list(typed)
    lines = [_with_answer(_line(query), waiting) for query in queries]
    book = Workbook()
    asked: Any = book.worksheets[0]
    asked.title = QUERIES
    _write_lines(asked, lines)
    _offer_answers(asked, len(lines))
    if waiting:
        _write_lines(book.create_sheet(ANSWERED), waiting)
    book.properties.title = printable(f"Queries to {site}" if site else "Queries to all centres")
    book.save(path)


def _line(query: Query) -> Entry:
    rows = list(dict.fromkeys(row.replace(":", " row ") for row in query.rows))
    if len(rows) > _ROWS_NAMED:
        rows[_ROWS_NAMED:] = [f"and {len(rows) - _ROWS_NAMED} more rows"]
    texts = {CHILD: query.subject_id, ROWS: "\n".join(rows), WHAT: query.what, WHY: query.why,
             CURE: query.cure}
    return Entry({head: printable(text) for head, text in texts.items()})


def _with_answer(line: Entry, waiting: list[Entry]) -> Entry:
    """Return a line with the answer given to the same query earlier, taken out of ``waiting``.

    Rows move when a centre adds one above; an answer that also names the same rows goes first.
    """
    same = [entry for entry in waiting if entry.key == line.key]
    if not same:
        return line
    entry = min(same, key=lambda entry: entry.cells[ROWS] != line.cells[ROWS])
    waiting.remove(entry)
    return Entry({**line.cells, ANSWER: entry.cells[ANSWER], COMMENT: entry.cells[COMMENT]})


def _write_lines(sheet: Any, lines: Sequence[Entry]) -> None:
    from openpyxl.styles import Alignment, Font

    put_row(sheet, 1, HEADS)
    for number, line in enumerate(lines, start=1):
        put_row(sheet, number + 1, [number, *(line.cells.get(head) for head in HEADS[1:])])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDEFGH", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"


def _offer_answers(sheet: Any, lines: int) -> None:
    """Offer the usual answers as a drop-down beside each query."""
    from openpyxl.worksheet.datavalidation import DataValidation

    if lines:
        answers = DataValidation(type="list", formula1=f'"{",".join(ANSWERS)}"', allow_blank=True)
        sheet.add_data_validation(answers)
        answers.add(f"G2:G{lines + 1}")
