"""A REDCap project becomes sheets: one a form with the rows in which it was opened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from remission.sources.redcap_blanks import NOT_APPLICABLE, NOT_ASKED, Blanks, Cells
from remission.sources.redcap_dictionary import (
    EVENT,
    GROUP,
    INSTANCE,
    INSTRUMENT,
    RedcapField,
    completed,
    timestamp,
)
from remission.sources.redcap_fields import (
    box_fields,
    field_of,
    is_iso,
    iso_layout,
    key_fields,
    status_fields,
)
from remission.sources.redcap_started import Project
from remission.sources.sheet import Field, Sheet

RECORDS, STRANGERS = "records", "not_in_dictionary"
"""The sheet of all records, and that of columns which no form of the dictionary has."""

_COMMA_NUMBER = re.compile(r"-?\d*,\d+")
_POINT_NUMBER = re.compile(r"-?\d*\.\d+")


@dataclass
class _Columns:
    """The columns of one sheet while it is put together."""

    cells: dict[str, Cells] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    blanks: dict[str, Cells] = field(default_factory=dict)

    def add(
        self, name: str, cells: Cells, known: Field | None, reasons: Cells | None = None
    ) -> None:
        self.cells[name] = cells
        if known is not None:
            self.fields[name] = known
        if reasons is not None and any(reason is not None for reason in reasons):
            self.blanks[name] = reasons

    def sheet(self, name: str, project: Project, rows: Iterable[int], decimal: str) -> Sheet:
        numbers = project.export.row_numbers
        return Sheet(
            name, f"{project.export.file}[{name}]",
            pl.DataFrame(self.cells, schema=dict.fromkeys(self.cells, pl.String)),
            tuple(numbers[row] for row in rows), decimal, fields=self.fields,
            blanks={column: tuple(reasons) for column, reasons in self.blanks.items()})


@dataclass(frozen=True)
class FormSheets:
    """The sheets of a project, and what a person should know of how they came about."""

    sheets: Mapping[str, Sheet]
    notes: tuple[str, ...]


def form_sheets(project: Project) -> FormSheets:
    """Return one sheet a form, the sheet of all records, and one of columns without a form.

    Every sheet begins with the record's identifier, the event, the repeating form and its
    instance (the four parts of a row's key), and the data access group where there are groups.
    """
    blanks = Blanks(project)
    sheets, notes = {}, []
    for form in project.dictionary.forms:
        sheets[form], said = _form_sheet(form, project, blanks)
        notes.extend(said)
    records, strangers = (name if name not in sheets else f"redcap_{name}"
                          for name in (RECORDS, STRANGERS))
    sheets = {records: _records(records, project), **sheets}
    if project.unassigned:
        sheets[strangers] = _strangers(strangers, project)
        notes.append(f"Columns that no form of the dictionary has, in the sheet {strangers}: "
                     f"{', '.join(project.unassigned)}")
    return FormSheets(sheets, (*notes, *_notes(project, blanks)))


def _keys(project: Project, rows: Iterable[int]) -> _Columns:
    columns = _Columns()
    names = [*project.dictionary.keys]
    if GROUP in project.export.columns:
        names.append(GROUP)
    known = key_fields(project)
    for name in names:
        column = project.export.column(name)
        cells = [column[row] for row in rows]
        of_key = name in (EVENT, INSTRUMENT, INSTANCE)
        columns.add(name, cells, known[name], [
            NOT_APPLICABLE if cell is None and of_key else None for cell in cells])
    return columns


def _form_sheet(form: str, project: Project, blanks: Blanks) -> tuple[Sheet, list[str]]:
    rows = project.started[form]
    columns, status = _keys(project, rows), status_fields(form)
    if timestamp(form) in project.export.columns:
        sent, pending = blanks.sent(form)
        columns.add(timestamp(form), sent, status[timestamp(form)], pending)
    notes = []
    for entry in project.dictionary.forms[form]:
        if entry.kind == "checkbox":
            _add_checkbox(columns, entry, project, blanks)
        else:
            cells, reasons = blanks.plain(entry)
            columns.add(entry.name, cells, field_of(entry, project, cells), reasons)
            notes.extend(_other_dates(columns.fields[entry.name], entry, cells))
    _add_as_exported(columns, completed(form), status[completed(form)], project, rows)
    decimal, said = _one_decimal_mark(form, project, columns)
    return columns.sheet(form, project, rows, decimal), [*notes, *said]


def _add_checkbox(
    columns: _Columns, entry: RedcapField, project: Project, blanks: Blanks
) -> None:
    """Add the column of joined codes, and after it one for each choice."""
    joined, reasons, boxes = blanks.boxes(entry)
    columns.add(entry.name, joined, field_of(entry, project, joined), reasons)
    known = box_fields(entry, project.missing_marks)
    for name, cells in boxes.items():
        columns.add(name, cells, known[name], [
            reason if cell is None else None
            for cell, reason in zip(cells, reasons, strict=True)])


def _other_dates(known: Field, entry: RedcapField, cells: Cells) -> list[str]:
    """Return a note where dates are not written as REDCap exports them."""
    if not entry.is_date or is_iso(entry, cells):
        return []
    how = ("are read as YYYY-MM-DD, and any other is refused" if known.date == iso_layout(entry)
           else f"are read by the layout {known.date}")
    return [f"{entry.name}: not all dates are written as REDCap exports them; they {how}"]


def _add_as_exported(
    columns: _Columns, name: str, known: Field | None, project: Project, rows: Iterable[int]
) -> None:
    column = project.export.column(name)
    columns.add(name, [column[row] for row in rows], known)


def _one_decimal_mark(
    form: str, project: Project, columns: _Columns
) -> tuple[str, list[str]]:
    """Return (the decimal mark of a form, what to say); two marks in one form become points.

    Fields in which REDCap lets nothing but numbers stand have no thousands: their comma is one.
    """
    fields = project.dictionary.forms[form]
    numbers = [entry.name for entry in fields if entry.is_number]
    with_comma = [name for name in numbers if _has(_COMMA_NUMBER, columns.cells[name])]
    if not with_comma:
        return ".", []
    typed = [entry.name for entry in fields
             if entry.is_number or (entry.kind == "text" and not entry.is_date)]
    if not any(_has(_POINT_NUMBER, columns.cells[name]) for name in typed):
        return ",", []
    for name in with_comma:
        columns.cells[name] = [
            cell.replace(",", ".") if cell and _COMMA_NUMBER.fullmatch(cell) else cell
            for cell in columns.cells[name]]
    return ".", [f"{form}: decimal commas are read as points in {', '.join(with_comma)}"]


def _has(pattern: re.Pattern[str], cells: Cells) -> bool:
    return any(cell is not None and pattern.fullmatch(cell) for cell in cells)


def _records(name: str, project: Project) -> Sheet:
    """Return one row a record, the first of each in the export, with its data access group.

    Of each form whose status was exported it says how far the record's least complete one is;
    empty where the record has none.
    """
    record_id = project.dictionary.record_id
    of_row = project.export.column(record_id)
    first: dict[str | None, int] = {}
    for row, record in enumerate(of_row):
        first.setdefault(record, row)
    columns, known = _Columns(), key_fields(project)
    columns.add(record_id, list(first), known[record_id])
    if GROUP in project.export.columns:
        groups = _least(project.export.column(GROUP), of_row, range(len(of_row)))
        columns.add(GROUP, [groups.get(record) for record in first], known[GROUP])
    for form, rows in project.started.items():
        status = completed(form)
        if status not in project.export.columns:
            continue
        least = _least([cell or "0" for cell in project.export.column(status)], of_row, rows)
        cells = [least.get(record) for record in first]
        known_status = replace(status_fields(form)[status], repeats=f"{form}.{status}")
        columns.add(status, cells, known_status,
                    [NOT_ASKED if cell is None else None for cell in cells])
    return columns.sheet(name, project, first.values(), ".")


def _least(cells: Cells, records: Cells, rows: Iterable[int]) -> dict[str | None, str]:
    """Return the least cell of each record in some rows."""
    least: dict[str | None, str] = {}
    for row in rows:
        cell, record = cells[row], records[row]
        if cell is not None:
            least[record] = min(cell, least.get(record, cell))
    return least


def _stranger_rows(project: Project) -> list[int]:
    cells = [project.export.column(column) for column in project.unassigned]
    return [row for row in range(len(project.export.row_numbers))
            if any(column[row] is not None for column in cells)]


def _strangers(name: str, project: Project) -> Sheet:
    """Return the rows in which a column without a form holds a value."""
    rows = _stranger_rows(project)
    columns = _keys(project, rows)
    for column in project.unassigned:
        _add_as_exported(columns, column, None, project, rows)
    return columns.sheet(name, project, rows, ".")


def _notes(project: Project, blanks: Blanks) -> list[str]:
    """Return what was assumed, left out or found strange."""
    notes = []
    for counts, how in ((blanks.declared, "declared by the project"),
                        (blanks.assumed, "assumed, as REDCap offers them")):
        if counts:
            listed = ", ".join(f"{code} ({count})" for code, count in sorted(counts.items()))
            notes.append(f"Missing-data codes, {how}: {listed}")
    if not (blanks.declared or blanks.assumed):
        notes.append("Missing-data codes: none found")
    if project.defaults_left_out:
        notes.append(f"Left out: {project.defaults_left_out} zeros of forms that nobody opened "
                     "(unchecked boxes, status incomplete)")
    empty = len(project.export.row_numbers) - len({
        *(row for rows in project.started.values() for row in rows), *_stranger_rows(project)})
    if empty:
        notes.append(f"Rows in which no form was opened, of which only the record is kept: {empty}")
    absent = [name for form in project.dictionary.forms for name in project.columns_of(form)
              if name not in project.export.columns]
    if absent:
        notes.append(f"In the dictionary, but not in the export: {', '.join(absent)}")
    return notes + _not_among_choices(project)


def _not_among_choices(project: Project) -> list[str]:
    """Return a note on each coded field that holds what is none of its choices."""
    notes = []
    marks = project.settings.missing or project.missing_marks
    for entry in project.dictionary.fields:
        if entry.is_coded:
            odd = {cell for cell in project.export.column(entry.name)
                   if cell is not None and cell not in entry.choices and cell not in marks}
            if odd:
                notes.append(f"{entry.name} holds what is none of its choices: "
                             f"{', '.join(sorted(odd)[:5])}{' …' if len(odd) > 5 else ''}")
    return notes
