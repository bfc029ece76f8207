"""What a centre typed into a sheet of queries, in whatever language it was sent.

Beside the queries a file holds a hidden sheet with every line as it was sent, so that deleted
lines, added lines and changed texts can be told from what was not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from remission.errors import InputError, OutputError, Problem, RemissionError, place
from remission.records.checks import State
from remission.report.query_words import COLUMN_OF, COLUMNS, SHEETS, STATE_OF, WORDS

SENT = "sent"
"""The hidden sheet: the centre, then every line as it was sent."""
SENT_COLUMNS = ("sheet", "row", "number", "child", "rows", "what", "why", "cure")
_TEXTS = ("child", "rows", "what", "why", "cure")
_NEEDED = {"number", "what", "answer", "comment"}


@dataclass(frozen=True)
class Line:
    """A query as it stands in a sheet."""

    number: str
    child: str
    rows: str
    what: str
    why: str
    cure: str


@dataclass(frozen=True)
class Answer:
    """What a centre typed beside one query; ``state`` is None for a comment alone."""

    line: Line
    state: State | None
    comment: str
    where: str


@dataclass
class Returned:
    """What came back in one file: answers, remarks beside no query, and what is to be told.

    ``known`` are the remarks that stood in it when it was sent.
    """

    file: str
    site: str = ""
    known: set[str] = field(default_factory=set)
    answers: list[Answer] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    told: list[Problem] = field(default_factory=list)

    @property
    def is_answered(self) -> bool:
        """Whether the centre typed anything."""
        return bool(self.answers or self.remarks)


def answered_files(given: Path) -> list[Path]:
    """Return the sheets that a person hands in: one file, or every workbook of a folder.

    Raises :class:`~remission.errors.InputError` when there is none.
    """
    if given.is_dir():
        found = sorted(path for path in given.glob("*.xlsx")
                       if not path.name.startswith(("~$", ".")))
        if found:
            return found
        raise InputError(Problem(
            str(given), "There is no answered sheet (.xlsx) in this folder.", "",
            "Give the folder in which the sheets of the centres are, or one of them."))
    if not given.is_file():
        raise InputError(Problem(
            str(given), "This file is not there.", "", "Give the sheet a centre sent back."))
    return [given]


def read_returned(paths: Iterable[Path]) -> list[Returned]:
    """Return what was typed into each file.

    Raises :class:`~remission.errors.OutputError` with every file that is open in a spreadsheet
    program, cannot be read, or was changed so that what was typed would be lost.
    """
    found: list[Returned] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            found.append(_read(path))
        except OutputError as error:
            problems.extend(error.problems)
    if problems:
        raise OutputError(problems)
    return found


def _read(path: Path) -> Returned:
    from remission.sources.excel import open_workbook

    _refuse_open(path)
    try:
        book = open_workbook(path)
    except RemissionError as error:
        raise OutputError(Problem(
            str(path), f"The sheet cannot be read. {error.problems[0].what}",
            "Answers in it would be lost.",
            "Repair it or move it elsewhere, then check again.")) from None
    returned = Returned(path.name)
    sent = _sent(book, returned)
    seen: dict[str, str] = {}
    for sheet in book.worksheets:
        if sheet.title != SENT:
            for where, line, cells in _lines(sheet, path):
                _take(line, cells, returned, where=where, sent=sent, seen=seen)
    if sent is not None:
        returned.told.extend(_deleted(path.name, sent, seen))
    elif returned.is_answered:
        returned.told.append(Problem(
            path.name, f"The hidden sheet {SENT!r} is gone.",
            "Deleted lines and changed texts cannot be told.",
            "Answer in the file that was sent, not in a copy of its cells."))
    return returned


def _refuse_open(path: Path) -> None:
    """Refuse a file that Excel or LibreOffice holds open: it would write over ours."""
    for lock in (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")):
        if lock.exists():
            raise OutputError(Problem(
                str(path), "The sheet is open in a spreadsheet program.",
                "Answers that are not saved yet would be lost.",
                f"Save and close it, then check again. If nobody has it open, remove {lock.name}."))


def _sent(book: Any, returned: Returned) -> dict[str, tuple[str, Line]] | None:
    """Return id → (where it stood, the line as it was sent); None without the hidden sheet."""
    from remission.sources.excel import as_text

    if SENT not in book.sheetnames:
        return None
    (site, *_), *rows = ([as_text(cell) for cell in row]
                         for row in book[SENT].iter_rows(values_only=True))
    returned.site = site
    returned.known = {row[5] for row in rows if not row[2]}
    return {row[2]: (f"{row[0]}, row {row[1]}", Line(*row[2:len(SENT_COLUMNS)]))
            for row in rows if row[2]}


Cells = Mapping[str, str]


def _lines(sheet: Any, path: Path) -> Iterator[tuple[str, Line | None, Cells]]:
    """Yield (where, the query or None, the typed cells) of every line with anything in it.

    Text in columns that a centre added, and notes on cells, go to the end of the comment.
    """
    from remission.sources.excel import as_text

    rows = list(sheet.iter_rows())
    if not any(cell.value is not None for row in rows for cell in row):
        return
    heads = [as_text(cell.value).strip() for cell in rows[0]]
    ours = {COLUMN_OF[head]: place for place, head in enumerate(heads) if head in COLUMN_OF}
    if sheet.title not in SHEETS or not set(ours) >= _NEEDED:
        raise OutputError(Problem(
            f"{path}, sheet {sheet.title}", "This is not a sheet of queries with its columns.",
            "What was written in it would be lost.",
            f"Move it to another file, or name the columns again: "
            f"{', '.join(WORDS['en'].heads)}."))
    for number, row in enumerate(rows[1:], start=2):
        cells = {column: as_text(row[place].value).strip() for column, place in ours.items()}
        added = [f"{head}: {as_text(row[place].value)}".removeprefix(": ")
                 for place, head in enumerate(heads)
                 if place not in ours.values() and row[place].value is not None]
        notes = [cell.comment.text for cell in row if cell.comment]
        cells["comment"] = "\n".join(filter(None, (cells["comment"], *added, *notes)))
        line = Line(*(cells.get(one.name, "") for one in fields(Line)))
        if any(cells.values()):
            yield (place_in(path.name, sheet.title, number), line if line.number else None, cells)


def place_in(file: str, sheet: str, row: int) -> str:
    """Return ``file, sheet, row 3``."""
    return place(f"{file}, {sheet}", row)


def _take(
    line: Line | None, cells: Cells, returned: Returned, *, where: str,
    sent: Mapping[str, tuple[str, Line]] | None, seen: dict[str, str],
) -> None:
    """Put one line where it belongs: an answer, a remark, or something to be told."""
    if line is None or (sent is not None and line.number not in sent):
        words = "\n".join(text for column in COLUMNS if (text := cells.get(column, "")))
        if words not in returned.known:
            returned.remarks.append(words)
            returned.told.append(Problem(
                where, "This line was added.", "It belongs to no query.",
                "It is kept as a remark; answers belong in the lines that were sent."))
        return
    if line.number in seen:
        returned.told.append(Problem(
            where, f"Query {line.number} stands twice, first in {seen[line.number]}.",
            "One of the two lines was copied.", "The first line counts; remove the other."))
        return
    seen[line.number] = where
    comment = cells["comment"]
    if sent is not None:
        changed = _changed(line, sent[line.number][1])
        line = sent[line.number][1]
        if changed:
            heads = ", ".join(repr(getattr(WORDS["en"], name)) for name in changed)
            returned.told.append(Problem(
                where, f"The text of {heads} was changed.",
                "The query itself stays as it was asked.",
                "What was written there is kept in the comment."))
            comment = "\n".join(filter(None, (comment, *changed.values())))
    state = _state(cells["answer"], returned, where)
    if state is None and cells["answer"]:
        comment = "\n".join(filter(None, (comment, cells["answer"])))
    if state is not None or comment:
        returned.answers.append(Answer(line, state, comment, where))


def _changed(line: Line, sent: Line) -> dict[str, str]:
    """Return the texts that are not as they were sent; white space does not count."""
    return {name: getattr(line, name) for name in _TEXTS
            if getattr(line, name).split() != getattr(sent, name).split()}


def _state(typed: str, returned: Returned, where: str) -> State | None:
    """Return the state that an answer means; what is none of the answers is told."""
    state = STATE_OF.get(" ".join(typed.split()).casefold())
    if typed and state is None:
        known = ", ".join(WORDS["en"].states.values())
        returned.told.append(Problem(
            where, f"{typed!r} is not one of the answers.", f"They are: {known}.",
            "The query stays open, and what was typed is kept in the comment."))
    return state


def _deleted(
    file: str, sent: Mapping[str, tuple[str, Line]], seen: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield the lines that were sent and did not come back."""
    for number, (where, line) in sent.items():
        if number not in seen:
            child = f" about {line.child}" if line.child else ""
            yield Problem(
                f"{file}, {where}", f"The line of query {number}{child} was deleted.",
                "A query that is deleted is not answered.",
                "It keeps the state it had; answer it in the next sheet.")
