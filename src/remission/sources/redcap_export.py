"""The records of a REDCap project as one block: raw names, codes, and the row of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from remission.errors import InputError, Problem, did_you_mean, place
from remission.sources.delimited import read_rows
from remission.sources.redcap_dictionary import EVENT, INSTANCE, INSTRUMENT, Dictionary, Settings
from remission.sources.redcap_labels import (
    has_label_values,
    is_labelled,
    raw_names,
    with_codes,
)
from remission.sources.sheet import sheet_from_rows

_ROWS_NAMED = 5
_COLUMNS_OF_NA = 2


@dataclass(frozen=True)
class Export:
    """The block of a project's records: each column by its raw name, '' never but null.

    ``row_numbers`` are those of the file (lines, of an XML file); ``layout`` says how the file
    was written, ``notes`` what else a person should know of it.
    """

    file: str
    columns: Mapping[str, list[str | None]]
    row_numbers: tuple[int, ...]
    layout: str
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> list[str | None]:
        """Return the cells of a column, all null where the export does not have it."""
        return self.columns.get(name) or [None] * len(self.row_numbers)


def read_export(
    path: Path, dictionary: Dictionary, settings: Settings, *, delimiter: str | None = None
) -> Export:
    """Return the records of a delimited export, raw or as labels, brought to raw names and codes.

    Raises :class:`InputError` for a header that cannot be assigned and for rows that do not fit it.
    """
    if not path.read_bytes().strip():
        return Export(path.name, {dictionary.record_id: []}, (), "empty",
                      (f"{path.name} is empty: the project has no record yet",))
    rows, layout = read_rows(path, delimiter=delimiter)
    header = [cell.strip() for cell in rows[0]]
    has_labels = is_labelled(header, dictionary, settings)
    if has_labels:
        header = raw_names(header, dictionary, settings, path.name)
    sheet = sheet_from_rows([header, *rows[1:]], name=path.stem, file=path.name)
    columns, notes = _without_na(dict(sheet.columns), path.name)
    has_coded_labels = has_label_values(columns, dictionary, settings)
    if has_coded_labels:
        columns = with_codes(columns, dictionary, settings)
    names, values = ("labels" if it else "raw" for it in (has_labels, has_coded_labels))
    return Export(path.name, columns, tuple(sheet.row_numbers),
                  f"{layout}, column names {names}, values {values}", notes)


def _without_na(
    columns: dict[str, list[str | None]], file: str
) -> tuple[dict[str, list[str | None]], tuple[str, ...]]:
    """Return (columns, notes): in a file that R wrote, each empty cell holds NA, and none is empty.

    There NA says nothing, where REDCap's own missing-data code NA says "not applicable".
    """
    with_na = [name for name, cells in columns.items() if "NA" in cells]
    if len(with_na) < _COLUMNS_OF_NA or any(None in cells for cells in columns.values()):
        return columns, ()
    emptied = {name: [None if cell == "NA" else cell for cell in cells]
               for name, cells in columns.items()}
    return emptied, (f"{file}: no cell is empty and NA stands in {len(with_na)} columns, as R "
                     "writes it; NA is read as empty",)


def check_keys(export: Export, dictionary: Dictionary) -> None:
    """Refuse an export whose rows are not named by the four parts of their key.

    Raises :class:`InputError` for a missing column of identifiers, rows without one, and two rows
    with the same key.
    """
    record = dictionary.record_id
    if record not in export.columns:
        raise InputError(Problem(
            place(export.file), f"There is no column {record!r}, the record's identifier.",
            "Without it no row belongs to a child.",
            f"{did_you_mean(record, export.columns)} Export all fields, one row a record and "
            "event (not the EAV layout)."))
    problems = [
        Problem(place(export.file, export.row_numbers[index], record),
                "The record's identifier is empty.", "A row must belong to a child.",
                "Export the records again.")
        for index, cell in enumerate(export.columns[record]) if cell is None]
    rows: dict[tuple[str | None, ...], list[int]] = {}
    keys = [export.column(name) for name in (record, EVENT, INSTRUMENT, INSTANCE)]
    for index, key in enumerate(zip(*keys, strict=True)):
        rows.setdefault(key, []).append(export.row_numbers[index])
    for key, found in rows.items():
        if len(found) > 1 and key[0] is not None:
            named = ", ".join(part for part in key if part)
            shown = ", ".join(map(str, found[:_ROWS_NAMED]))
            problems.append(Problem(
                place(export.file, found[0]), f"{len(found)} rows have the same key ({named}).",
                f"Record, event, repeat instrument and instance name one row; these are rows "
                f"{shown}.", "Export the records again, and do not join files by hand."))
    if problems:
        raise InputError(problems)
