"""What a centre typed into an earlier sheet of queries, so that a new sheet keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remission.errors import OutputError, Problem, RemissionError

QUERIES, ANSWERED = "Queries", "Answered"
"""The sheets of a file: what is asked, and what was answered to questions that are gone."""

NUMBER, CHILD, ROWS, WHAT, WHY, CURE, ANSWER, COMMENT = HEADS = (
    "Query", "Child", "Rows", "What is wrong", "Why it matters", "What to do", "Answer", "Comment")
_TYPED = (ANSWER, COMMENT)
_KEY = (CHILD, WHAT)
_NEEDED = (CHILD, ROWS, WHAT, ANSWER, COMMENT)


@dataclass(frozen=True)
class Entry:
    """One line of a sheet by its heads; ``answer`` and ``comment`` are the centre's."""

    cells: Mapping[str, str]

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same query in a later run; rows may have moved since."""
        return tuple(" ".join(self.cells.get(head, "").split()) for head in _KEY)

    @property
    def is_answered(self) -> bool:
        """Whether the centre typed anything."""
        return any(self.cells.get(head, "").strip() for head in _TYPED)


def read_answers(path: Path) -> list[Entry]:
    """Return every line of an earlier file into which a centre typed something.

    Text in columns that a centre added, and notes on cells, go to the end of the comment. Raises
    :class:`~remission.errors.OutputError` when the file is open somewhere, cannot be read, or
    was changed so that what was typed would be lost.
    """
    from remission.sources.excel import open_workbook

    _refuse_open(path)
    try:
        book = open_workbook(path)
    except RemissionError as error:
        raise OutputError(Problem(
            str(path), f"The earlier sheet cannot be read. {error.problems[0].what}",
            "Answers in it would be lost.",
            "Repair it or move it elsewhere, then check again.")) from None
    entries: list[Entry] = []
    for sheet in book.worksheets:
        entries.extend(_entries(sheet, path))
    return [entry for entry in entries if entry.is_answered]


def _refuse_open(path: Path) -> None:
    """Refuse a file that Excel or LibreOffice holds open: it would write over ours."""
    for lock in (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")):
        if lock.exists():
            raise OutputError(Problem(
                str(path), "The sheet is open in a spreadsheet program.",
                "Answers that are not saved yet would be lost.",
                f"Save and close it, then check again. If nobody has it open, remove {lock.name}."))


def _entries(sheet: Any, path: Path) -> Iterator[Entry]:
    """Yield the lines of one sheet, whatever the order of its columns."""
    from remission.sources.excel import as_text

    rows = list(sheet.iter_rows())
    if not any(cell.value is not None for row in rows for cell in row):
        return
    heads = [as_text(cell.value).strip() for cell in rows[0]]
    if sheet.title not in (QUERIES, ANSWERED) or not {*_NEEDED} <= set(heads):
        raise OutputError(Problem(
            f"{path}, sheet {sheet.title}", "This is not a sheet of queries with its columns.",
            "What was written in it would be lost.",
            f"Move it to another file, or name the columns again: {', '.join(HEADS)}."))
    ours = {head: heads.index(head) for head in HEADS if head in heads}
    for row in rows[1:]:
        cells = {head: as_text(row[position].value) for head, position in ours.items()}
        added = [f"{head}: {as_text(row[position].value)}".removeprefix(": ")
                 for position, head in enumerate(heads)
                 if position not in ours.values() and row[position].value is not None]
        notes = [cell.comment.text for cell in row if cell.comment]
        if not cells.get(NUMBER, ""):
            # A line that we did not write: whatever was typed into it is a remark.
            added = [*(cells[head] for head in HEADS if cells.get(head)), *added]
            cells = {**dict.fromkeys(HEADS, ""), CHILD: cells.get(CHILD, "")}
        cells[COMMENT] = "\n".join(filter(None, (cells[COMMENT], *added, *notes)))
        yield Entry(cells)
