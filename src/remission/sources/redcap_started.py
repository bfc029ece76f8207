"""Which forms were opened: an export holds every form of a row, and its defaults where none was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from remission.sources.redcap_dictionary import (
    EVENT,
    GROUP,
    INSTANCE,
    INSTRUMENT,
    Dictionary,
    Settings,
    completed,
)
from remission.sources.redcap_export import Export
from remission.sources.redcap_missing import OFFERED


@dataclass(frozen=True)
class Project:
    """A REDCap project as it was exported: its dictionary, what else it says, its records."""

    dictionary: Dictionary
    settings: Settings
    export: Export

    @property
    def missing_marks(self) -> Mapping[str, str]:
        """The missing-data codes of which checkboxes may have a column: declared, else offered."""
        return self.settings.missing or OFFERED

    def columns_of(self, form: str) -> list[str]:
        """Return the columns of a form: all of the dictionary, of REDCap's own those exported."""
        of_dictionary = set(self.dictionary.columns_of(form)[1:])
        return [name for name in self.dictionary.columns_of(form, self.missing_marks)
                if name in of_dictionary or name in self.export.columns]

    @cached_property
    def started(self) -> Mapping[str, tuple[int, ...]]:
        """The rows of the export in which each form was opened.

        It was, where a field holds a value, a box is checked, or its status is no longer 0.
        """
        return {form: tuple(self._started(form)) for form in self.dictionary.forms}

    @cached_property
    def is_longitudinal(self) -> bool:
        """Whether rows belong to events."""
        return any(cell is not None for cell in self.export.column(EVENT))

    def _started(self, form: str) -> list[int]:
        found = [False] * len(self.export.row_numbers)
        with_default = self.boxes_and_status(form)
        for name in self.columns_of(form):
            nothing = "0" if name in with_default else None
            for index, cell in enumerate(self.export.column(name)):
                if cell is not None and cell != nothing:
                    found[index] = True
        return [index for index, is_started in enumerate(found) if is_started]

    def boxes_and_status(self, form: str) -> set[str]:
        """Return the columns that REDCap fills with 0 in a form that nobody opened."""
        names = {completed(form)}
        for entry in self.dictionary.forms[form]:
            names.update(entry.boxes, entry.missing_boxes(self.missing_marks))
        return names

    @cached_property
    def defaults_left_out(self) -> int:
        """How many cells hold nothing but the 0 of a form that was never opened."""
        count = 0
        for form in self.dictionary.forms:
            rows = self.started[form]
            for name in self.boxes_and_status(form):
                column = self.export.column(name)
                count += len(column) - column.count(None)
                count -= sum(column[row] is not None for row in rows)
        return count

    @cached_property
    def unassigned(self) -> list[str]:
        """The columns of the export that hold values and belong to no form."""
        known = {*self.dictionary.keys, GROUP}
        for form in self.dictionary.forms:
            known.update(self.columns_of(form))
        return [name for name, cells in self.export.columns.items()
                if name not in known and any(cell is not None for cell in cells)]

    @cached_property
    def repeating(self) -> set[str]:
        """The forms and events of which some record has instances."""
        events, forms, instances = (
            self.export.column(name) for name in (EVENT, INSTRUMENT, INSTANCE))
        return {form or event or "" for event, form, instance
                in zip(events, forms, instances, strict=True) if form or instance}
