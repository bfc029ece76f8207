"""Small REDCap exports in words, for the tests of their reading."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from remission.sources.read_source import read_source
from remission.sources.redcap_dictionary import HEADERS
from remission.sources.sheet import Source

Entry = tuple[str, ...] | dict[str, str]
_SHORT = ("field_name", "form_name", "field_type", "field_label",
          "select_choices_or_calculations", "branching_logic")


def dictionary_text(*entries: Entry, labels: bool = True, delimiter: str = ",") -> str:
    """Return a dictionary as CSV; an entry is (name, form, type, label, choices, branching)."""
    rows = [dict(zip(_SHORT, entry, strict=False)) if isinstance(entry, tuple) else entry
            for entry in entries]
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerow(HEADERS.values() if labels else HEADERS)
    writer.writerows([row.get(name, "") for name in HEADERS] for row in rows)
    return file.getvalue()


def put(folder: Path, data: str, *entries: Entry, **others: str) -> Path:
    """Write an export, its dictionary and other files (name=text) into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "first.csv").write_text(data, encoding="utf-8")
    (folder / "second.csv").write_text(dictionary_text(*entries), encoding="utf-8")
    for name, text in others.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def read(folder: Path, data: str, *entries: Entry, **others: str) -> Source:
    """Return the source of a small export; an entry is a field of its dictionary."""
    return read_source(put(folder, data, *entries, **others))


def cells(source: Source, sheet: str, *columns: str) -> list[tuple[str | None, ...]]:
    """Return the rows of some columns of a sheet."""
    return source.sheets[sheet].cells.select(columns).rows()


def reasons(source: Source, sheet: str, column: str) -> Sequence[str | None]:
    """Return why each cell of a column is empty, where that is told."""
    found = source.sheets[sheet]
    return found.blanks.get(column, (None,) * len(found.cells))
