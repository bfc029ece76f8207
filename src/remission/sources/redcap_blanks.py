"""Why a cell of a started form is empty: hidden by branching logic, or marked as missing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from remission.sources.redcap_branching import EVENT_NAME, Reference, is_shown
from remission.sources.redcap_dictionary import (
    EVENT,
    INSTANCE,
    INSTRUMENT,
    RedcapField,
    box_column,
    timestamp,
)
from remission.sources.redcap_fields import is_iso
from remission.sources.redcap_missing import codes_for, reason_of
from remission.sources.redcap_started import Project

Cells = list[str | None]
NOT_APPLICABLE, NOT_ASKED, PENDING = "NOT_APPLICABLE", "NOT_ASKED", "PENDING"
UNSENT = "[not completed]"
"""In the place of a time: a survey that was begun and not sent in."""


class Blanks:
    """Tells the cells of a field from the reasons of those that are empty."""

    def __init__(self, project: Project) -> None:
        """Keep the project; ``assumed`` counts marks taken for missing-data codes undeclared."""
        self.project = project
        self.assumed: dict[str, int] = {}
        self.declared: dict[str, int] = {}
        self.export = project.export
        self.started = {form: set(rows) for form, rows in project.started.items()}

    def plain(self, entry: RedcapField) -> tuple[Cells, Cells]:
        """Return (cells, reasons) of a field with one column, a value for each started row."""
        rows = self.project.started[entry.form]
        codes = codes_for(entry, self.project.settings.missing)
        column = self.export.column(entry.name)
        cells: Cells = []
        reasons: Cells = []
        for row in rows:
            cell = column[row]
            if cell is not None and cell in codes:
                self._count(cell)
                cells.append(None)
                reasons.append(reason_of(codes[cell]))
            else:
                cells.append(cell)
                reasons.append(self._hidden(entry, row) if cell is None else None)
        return cells, reasons

    def sent(self, form: str) -> tuple[Cells, Cells]:
        """Return (times, reasons) of when a survey was sent in."""
        column = self.export.column(timestamp(form))
        given = [column[row] for row in self.project.started[form]]
        return ([None if cell == UNSENT else cell for cell in given],
                [PENDING if cell == UNSENT else None for cell in given])

    def boxes(self, entry: RedcapField) -> tuple[Cells, Cells, dict[str, Cells]]:
        """Return (joined codes, reasons, cells of each box) of a checkbox field.

        Where nothing is checked and branching logic hides the field, its zeros are no answers:
        the boxes are empty too.
        """
        rows = self.project.started[entry.form]
        missing = entry.missing_boxes(self.project.missing_marks)
        columns = {name: self.export.column(name) for name in (*entry.boxes, *missing)
                   if name in entry.boxes or name in self.export.columns}
        joined: Cells = []
        reasons: Cells = []
        cells: dict[str, Cells] = {name: [] for name in columns}
        for row in rows:
            codes = [code for name, code in entry.boxes.items() if columns[name][row] == "1"]
            marks = [code for name, code in missing.items()
                     if name in columns and columns[name][row] == "1"]
            reason = None
            if marks:
                self._count(marks[0])
                reason = reason_of(self.project.missing_marks[marks[0]])
            elif all(column[row] in (None, "0") for column in columns.values()):
                reason = self._hidden(entry, row)
            joined.append("|".join(codes) or None)
            reasons.append(None if codes else reason)
            for name, column in columns.items():
                cells[name].append(None if reason == NOT_APPLICABLE and not marks
                                   else column[row])
        return joined, reasons, cells

    def _count(self, code: str) -> None:
        counts = self.declared if self.project.settings.missing else self.assumed
        counts[code] = counts.get(code, 0) + 1

    def _hidden(self, entry: RedcapField, row: int) -> str | None:
        """Return NOT_APPLICABLE where branching logic certainly hides a field in a row."""
        if not entry.branching:
            return None
        shown = is_shown(entry.branching, lambda asked: self._value(asked, entry.form, row))
        return NOT_APPLICABLE if shown is False else None

    def _value(self, asked: Reference, form: str, row: int) -> str | None:
        """Return what a field that logic asks for holds: '' where blank, None where not known."""
        if asked.field == EVENT_NAME:
            return self.export.column(EVENT)[row]
        name, entry = self._asked_column(asked)
        target = None if entry is None else self._row_of(asked, entry.form, form, row)
        if entry is None or target is None:
            return None
        cell = self.export.column(name)[target] if target >= 0 else None
        if cell is None and target >= 0 and self._may_be_of_another_event(asked, entry, target):
            return None
        if cell is None:
            return "" if asked.code is None else "0"
        return cell if asked.code is not None else self._as_redcap_has_it(entry, cell)

    def _as_redcap_has_it(self, entry: RedcapField, cell: str) -> str | None:
        """Return the text that logic compares; None where another program wrote it otherwise."""
        if cell in codes_for(entry, self.project.settings.missing):
            return cell
        if entry.is_number:
            return cell.replace(",", ".")
        is_other = (entry.is_coded and cell not in entry.choices) or (
            entry.is_date and not is_iso(entry, [cell]))
        return None if is_other else cell

    def _asked_column(self, asked: Reference) -> tuple[str, RedcapField | None]:
        """Return (column, field) that logic asks for; no field where the export has none."""
        name = asked.field if asked.code is None else box_column(asked.field, asked.code)
        entry = self.project.dictionary.by_name.get(asked.field)
        is_fit = entry is not None and (entry.kind == "checkbox") == (asked.code is not None)
        return name, entry if is_fit and name in self.export.columns else None

    def _may_be_of_another_event(
        self, asked: Reference, entry: RedcapField, target: int
    ) -> bool:
        """Return whether a field is blank perhaps only because its form is none of this event."""
        if not self.project.is_longitudinal or asked.event is not None or (
                target in self.started[entry.form]):
            return False
        known = self.project.settings.forms_of.get(self._keys[target][1] or "", frozenset())
        return entry.form not in known

    def _row_of(self, asked: Reference, asked_form: str, form: str, row: int) -> int | None:
        """Return the row in which to look, -1 where the event was never reached, None if unclear.

        A form that repeats is only seen from within its own instance.
        """
        record, event, instrument, _ = self._keys[row]
        other = asked.event if asked.event != event else None
        is_own = asked_form == form or asked.field == self.project.dictionary.record_id
        if other is None and is_own:
            return row
        if asked_form in self.project.repeating:
            return None
        if other is None:
            return row if instrument is None else self._bases.get((record, event))
        if other in self.project.repeating or other not in self._events:
            return None
        return self._bases.get((record, other), -1)

    @cached_property
    def _keys(self) -> list[tuple[str | None, ...]]:
        record = self.project.dictionary.record_id
        return list(zip(*(self.export.column(name) for name in (
            record, EVENT, INSTRUMENT, INSTANCE)), strict=True))

    @cached_property
    def _events(self) -> set[str | None]:
        return {key[1] for key in self._keys}

    @cached_property
    def _bases(self) -> Mapping[tuple[str | None, str | None], int]:
        """The row of each record and event that is no instance of anything."""
        return {(record, event): row for row, (record, event, instrument, instance)
                in enumerate(self._keys) if instrument is None and instance is None}
