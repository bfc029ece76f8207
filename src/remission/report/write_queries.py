"""Queries → one Excel sheet a centre, which a coordinator can answer in its own language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

from remission.errors import Problem
from remission.files import printable, safe_name
from remission.own_files import (
    check_folder,
    index_of,
    own_files,
    refuse_others,
    rewritten,
)
from remission.plan import Language
from remission.records.checks import Query, worded
from remission.records.study import Study
from remission.report.answered import (
    SENT,
    Line,
    Returned,
    answered_files,
    read_returned,
)
from remission.report.answers import Answers, Kept, merged, read_answers, write_answers
from remission.report.query_words import ANSWER_COLUMN, WORDS, place_of
from remission.report.workbook_cells import put_row

_WIDTHS = (14, 10, 34, 52, 44, 44, 22, 34)
_INDEX = "queries.json"
_PAGE = "queries.html"
_ROWS_NAMED = 200
"""Rows of one query that are listed; a cell holds no more than some thousand."""


@dataclass(frozen=True)
class Asked:
    """What a run asked: the queries with their states, the files, and what is to be told."""

    queries: list[Query]
    files: list[Path]
    page: Path | None
    told: list[Problem]


@dataclass(frozen=True)
class _SheetLine:
    """A line of a sheet: a query with what is typed beside it."""

    line: Line
    answer: str = ""
    comment: str = ""


def write_queries(
    queries: Sequence[Query], study: Study, folder: Path, *, answers: Path | None = None,
    kept_in: Path | None = None, language: Language | None = None,
) -> Asked:
    """Write ``folder/<site>.xlsx`` for every centre that has queries, and ``queries.html``.

    What centres typed into earlier sheets in the folder, and into ``answers`` (a file or a
    folder), is read first and kept in ``kept_in`` (the folder itself when left out): what was
    confirmed or cannot be resolved is not asked again, and stands in a second sheet of the file.
    Earlier files are replaced, and removed when nothing is asked any more; other files in the
    folder stay. ``language`` replaces that of the plan. Raises
    :class:`~remission.errors.RemissionError`, before anything is written, when a file of
    somebody else has the name of ours, or a sheet cannot be read.
    """
    place = folder.resolve()
    check_folder(place)
    own = own_files(place, _INDEX)
    names = _file_names([*study.site_of.values(), *(query.site_id for query in queries)])
    inside = sorted(place / name for name in own if name.endswith(".xlsx"))
    handed_in = [] if answers is None else [
        path for path in answered_files(answers) if path.resolve() not in inside]
    known, told, returned = _all_answers(kept_in or folder, inside, handed_in, names)
    states = [known.of(query) for query in queries]
    sheets = _sheets(states, known, names, language, study)
    # The sheets of a centre that is no longer in the study stay as they were sent.
    stay = {one.file for one in returned if one.is_answered and one.file not in names.values()}
    pages = [_PAGE] if states else []
    asking = {query.site_id for query in states if query.is_asked}
    refuse_others(place, [_INDEX, *pages, *(names[site] for site in sheets)], own)
    if not sheets and not own and not states:
        return Asked(states, [], None, told)
    with rewritten(place, lambda: own - stay) as staged:
        for site, (words, asked, settled) in sheets.items():
            _write_site(asked, settled, site, words, staged / names[site])
        if states:
            from remission.report.queries_page.page import queries_html

            (staged / _PAGE).write_text(
                queries_html(states, study, language or _only_language(study)),
                encoding="utf-8", newline="\n")
        files = {*stay, *pages, *(names[site] for site in sheets)}
        if files:
            index = json.dumps(index_of([_INDEX, *files]), ensure_ascii=False, indent=2)
            (staged / _INDEX).write_text(f"{index}\n", encoding="utf-8", newline="\n")
        # If the sheets then cannot be put in place, the answers are still in the earlier ones.
        write_answers(known, kept_in or folder)
    return Asked(states, [folder / names[site] for site in names if site in asking],
                 folder / _PAGE if states else None, told)


def _all_answers(
    kept_in: Path, inside: Sequence[Path], handed_in: Sequence[Path], names: Mapping[str, str]
) -> tuple[Answers, list[Problem], list[Returned]]:
    """Return every answer there is: kept, then typed in our folder, then handed in."""
    site_of = {name: site for site, name in names.items()}
    typed, given = read_returned(inside), read_returned(handed_in)
    known, told = merged(read_answers(kept_in), typed, site_of)
    known, more = merged(known, given, site_of)
    return known, [*told, *more], [*typed, *given]


def language_of(study: Study, site: str) -> Language:
    """Return the language of a centre; English where the plan says nothing."""
    chosen = study.plan.sites.get(site)
    return "en" if chosen is None else chosen.language


def _only_language(study: Study) -> Language:
    """Return the language of all centres if it is one, else English."""
    spoken = {language_of(study, site) for site in study.site_of.values()}
    return spoken.pop() if len(spoken) == 1 else "en"


_Sheets = dict[str, tuple[Language, list[_SheetLine], list[_SheetLine]]]


def _sheets(
    queries: Sequence[Query], known: Answers, names: Mapping[str, str],
    language: Language | None, study: Study,
) -> _Sheets:
    """Return, for each centre with anything to say, its language, what is asked, what is settled.

    Settled is what was answered and is not asked any more, then the centre's remarks.
    """
    asked: dict[str, list[Query]] = {}
    for query in queries:
        if query.is_asked:
            asked.setdefault(query.site_id, []).append(query)
    open_ids = {query.id for of_site in asked.values() for query in of_site}
    settled: dict[str, list[Kept]] = {}
    for number, kept in known.kept.items():
        if number not in open_ids:
            settled.setdefault(kept.site, []).append(kept)
    sheets: _Sheets = {}
    for site in names:
        spoken = language or language_of(study, site)
        states = WORDS[spoken].states
        remarks = [_SheetLine(Line("", "", "", "", "", ""), comment=text)
                   for of, text in known.remarks if of == site]
        lines = [_SheetLine(kept.line, states[kept.state], kept.comment)
                 for kept in settled.get(site, ())]
        if site in asked or lines or remarks:
            sheets[site] = (spoken, [_asked_line(query, spoken) for query in asked.get(site, ())],
                            [*lines, *remarks])
    return sheets


def _file_names(sites: Iterable[str]) -> dict[str, str]:
    """Return the file of each centre; no two share one, even where capitals do not count."""
    names: dict[str, str] = {}
    for site in dict.fromkeys(sites):
        taken = [name.removesuffix(".xlsx") for name in names.values()]
        names[site] = f"{safe_name(site or 'all-centres', taken=taken)}.xlsx"
    return names


def _asked_line(query: Query, language: Language) -> _SheetLine:
    words, said = WORDS[language], worded(query, language)
    rows = [place_of(row, language) for row in query.rows]
    if len(rows) > _ROWS_NAMED:
        rows[_ROWS_NAMED:] = [words.more.format(count=len(rows) - _ROWS_NAMED)]
    what = f"{said.what} {words.again}" if query.state == "corrected" else said.what
    texts = (query.id, query.subject_id, "\n".join(rows), what, said.why, said.cure)
    return _SheetLine(Line(*map(printable, texts)), comment=query.comment)


def _write_site(
    asked: Sequence[_SheetLine], settled: Sequence[_SheetLine], site: str, language: Language,
    path: Path,
) -> None:
    """Write one centre's file: what is asked, what was answered, and all as it was sent."""
    from openpyxl import Workbook

    words = WORDS[language]
    book = Workbook()
    first: Any = book.worksheets[0]
    first.title = words.queries
    _write_lines(first, asked, language)
    if settled:
        _write_lines(book.create_sheet(words.answered), settled, language)
    sent: Any = book.create_sheet(SENT)
    sent.sheet_state = "veryHidden"
    put_row(sent, 1, [site])
    rows = [(sheet, number, line) for sheet, lines in (
        (words.queries, asked), (words.answered, settled))
        for number, line in enumerate(lines, start=2)]
    for place, (sheet, number, line) in enumerate(rows, start=2):
        texts = line.line if line.line.number else replace(line.line, what=line.comment)
        put_row(sent, place, [sheet, number, *astuple(texts)])
    title = words.title.format(site=site) if site else words.queries
    book.properties.title = printable(title)
    book.save(path)


def _write_lines(sheet: Any, lines: Sequence[_SheetLine], language: Language) -> None:
    from openpyxl.styles import Alignment, Font

    put_row(sheet, 1, WORDS[language].heads)
    for number, line in enumerate(lines, start=2):
        put_row(sheet, number, [text or None for text in (
            *astuple(line.line), line.answer, line.comment)])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDEFGH", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    _offer_answers(sheet, len(lines), language)


def _offer_answers(sheet: Any, lines: int, language: Language) -> None:
    """Offer the answers as a drop-down beside each query."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    if lines:
        words, column = WORDS[language], get_column_letter(ANSWER_COLUMN)
        answers = DataValidation(
            type="list", formula1=f'"{",".join(words.states.values())}"', allow_blank=True,
            showErrorMessage=True, error=words.choose, errorTitle=words.answer)
        sheet.add_data_validation(answers)
        answers.add(f"{column}2:{column}{lines + 1}")
