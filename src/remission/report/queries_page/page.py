"""Queries → one self-contained page: works offline, on paper, on a phone, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files

from remission.files import printable
from remission.plan import Language
from remission.records.checks import RULES, Query, Wording, title_of, worded
from remission.records.checks.names import code_name, column_name, table_name
from remission.records.checks.rule import STATES, At
from remission.records.column import SOURCE, Column
from remission.records.study import Study
from remission.records.tables import TABLES
from remission.report.answers import counts_of
from remission.report.queries_page.course import Courses
from remission.report.queries_page.timeline import timeline_svg
from remission.report.queries_page.words import WORDS, PageWords
from remission.report.query_words import WORDS as SHEET_WORDS
from remission.report.query_words import place_of

_MOST_QUERIES = 1000
_MOST_ROWS = 12
"""Queries of a page, and rows of a query, that are shown; the sheets hold the others."""
_NO_FREE_TEXT = frozenset((
    "subject_id", "site_id", "country", "term", "drug", "unit", "source_unit", "field", "of",
    "expected", "table", "key", "column"))
"""Text columns that hold names of things, and not what somebody wrote."""


@dataclass(frozen=True)
class Cell:
    """One value of a row: what its column is called, what it holds, whether it is at fault."""

    name: str
    value: str
    is_at_fault: bool
    is_value: bool


@dataclass(frozen=True)
class Record:
    """A row as recorded: its table, where it stands, its cells."""

    table: str
    place: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Entry:
    """One query as it stands on the page."""

    query: Query
    words: Wording
    records: tuple[Record, ...]
    rows_left: int


@dataclass(frozen=True)
class Section:
    """The queries about one child, or about a whole centre when ``subject`` is empty."""

    site: str
    subject: str
    drawing: str
    entries: tuple[Entry, ...]


def queries_html(queries: Sequence[Query], study: Study, language: Language) -> str:
    """Return the page of queries, with their states, in a language."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    words = WORDS[language]
    here, report = files("remission.report") / "queries_page", files("remission.report") / "page"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True)
    environment.filters["svg"] = Markup
    style = "".join((folder / name).read_text("utf-8") for folder, name in (
        (report, "report.css"), (here, "queries.css")))
    shown = queries[:_MOST_QUERIES]
    page = environment.from_string((here / "queries.html").read_text("utf-8")).render(
        words=words, answers=SHEET_WORDS[language].states, study=study.plan.study,
        banner=words.banners[study.plan.study.origin],
        sections=list(_sections(shown, study, language)), counts=counts_of(queries),
        states=[state for state in STATES if counts_of(queries)[state]],
        sites=list(dict.fromkeys(query.site_id for query in shown)),
        rules={name: title_of(RULES[name], language)
               for name in sorted({query.rule for query in shown})},
        left=len(queries) - len(shown), style=Markup(style),
        script=Markup((here / "queries.js").read_text("utf-8")))
    return printable(page)


def _sections(
    queries: Sequence[Query], study: Study, language: Language
) -> Iterator[Section]:
    """Yield the queries by child, in their order."""
    words = WORDS[language]
    courses = Courses(study, words)
    by_child: dict[tuple[str, str], list[Query]] = {}
    for query in queries:
        by_child.setdefault((query.site_id, query.subject_id), []).append(query)
    for (site, subject), of_child in by_child.items():
        asked = frozenset((at.table, at.row) for query in of_child for at in query.at)
        drawing = timeline_svg(
            courses.marks(subject, asked), words, subject) if subject else ""
        yield Section(site, subject, drawing, tuple(
            _entry(query, study, language, words) for query in of_child))


def _entry(query: Query, study: Study, language: Language, words: PageWords) -> Entry:
    record = partial(_record, study=study, language=language, words=words)
    return Entry(query, worded(query, language), tuple(map(record, query.at[:_MOST_ROWS])),
                 max(0, len(query.at) - _MOST_ROWS))


def _record(at: At, study: Study, language: Language, words: PageWords) -> Record:
    """Return a row as recorded: what it holds, and what is empty where that is the fault."""
    row = study.table(at.table).row(at.row)
    values = dict(zip(study.table(at.table).columns, row, strict=True))
    cells = []
    for column in TABLES[at.table].columns:
        value, is_at_fault = values[column.name], column.name in at.columns
        if value is not None or is_at_fault:
            cells.append(Cell(
                column_name(at.table, column.name, language),
                _shown(value, column, at.table, language, words), is_at_fault,
                value is not None))
    return Record(table_name(at.table, language), place_of(str(values[SOURCE]), language),
                  tuple(cells))


def _shown(
    value: object, column: Column, table: str, language: Language, words: PageWords
) -> str:
    """Return one value as it stands on the page."""
    if value is None:
        return words.empty
    if column.kind == "text" and column.name not in _NO_FREE_TEXT:
        return words.hidden
    if column.kind == "code":
        return code_name(table, column.name, str(value), language)
    return f"{value:.10g}" if isinstance(value, float) else str(value)
