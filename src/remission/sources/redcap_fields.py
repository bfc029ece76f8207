"""What the REDCap dictionary says of each column, in the words every reader of files uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from remission.days import parse_date
from remission.sources.redcap_dictionary import (
    BOX,
    COMPLETE,
    EVENT,
    GROUP,
    INSTANCE,
    INSTRUMENT,
    RedcapField,
    completed,
    timestamp,
)
from remission.sources.redcap_missing import codes_for
from remission.sources.redcap_started import Project
from remission.sources.sheet import Field

_ORDERS = ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d")
_TIMES = ("", " %H:%M", " %H:%M:%S")
_ISO = {
    "%Y-%m-%d": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "%Y-%m-%d %H:%M": re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}"),
    "%Y-%m-%d %H:%M:%S": re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}"),
}


def key_fields(project: Project) -> dict[str, Field]:
    """Return what is known of the columns that name a row."""
    record = project.dictionary.fields[0]
    return {
        record.name: Field(record.name, record.label, "text", form=record.form,
                           note=_note(record), identifier=record.identifier),
        EVENT: Field(EVENT, "Event", "code", choices=project.settings.events),
        INSTRUMENT: Field(INSTRUMENT, "Repeating form", "text"),
        INSTANCE: Field(INSTANCE, "Instance of the repeating form or event", "number"),
        GROUP: Field(GROUP, "Data access group", "text"),
    }


def status_fields(form: str) -> dict[str, Field]:
    """Return what is known of the columns that REDCap itself adds to a form."""
    return {
        completed(form): Field(completed(form), "Complete?", "code", choices=COMPLETE, form=form),
        timestamp(form): Field(timestamp(form), "Survey sent in", "date", form=form,
                               date="%Y-%m-%d %H:%M:%S"),
    }


def field_of(entry: RedcapField, project: Project, cells: Iterable[str | None]) -> Field:
    """Return what is known of a field's own column; of a checkbox, the one of joined codes."""
    return Field(
        name=entry.name, label=entry.label, kind=_kind(entry), choices=entry.choices,
        missing=(codes_for(entry, project.settings.missing) if project.settings.missing else {}),
        date=date_layout(entry, cells) if entry.is_date else None,
        form=entry.form, note=_note(entry), identifier=entry.identifier)


def box_fields(entry: RedcapField, marks: Mapping[str, str]) -> dict[str, Field]:
    """Return what is known of the columns of single choices; ``marks`` are missing-data codes."""
    labels = {**{name: entry.choices[code] for name, code in entry.boxes.items()},
              **{name: marks[code] for name, code in entry.missing_boxes(marks).items()}}
    return {name: Field(name, f"{entry.label}: {label}", "code", choices=BOX, form=entry.form,
                        note=_note(entry), identifier=entry.identifier, repeats=entry.name)
            for name, label in labels.items()}


def iso_layout(entry: RedcapField) -> str:
    """Return the layout in which REDCap exports the dates of a field."""
    if not entry.validation.startswith("datetime"):
        return "%Y-%m-%d"
    return "%Y-%m-%d %H:%M:%S" if "seconds" in entry.validation else "%Y-%m-%d %H:%M"


def is_iso(entry: RedcapField, cells: Iterable[str | None]) -> bool:
    """Return whether all dates stand as REDCap exports them."""
    pattern = _ISO[iso_layout(entry)]
    return all(pattern.fullmatch(cell) for cell in set(cells) if cell is not None)


def date_layout(entry: RedcapField, cells: Iterable[str | None]) -> str:
    """Return the layout of a field's dates as they stand in the cells.

    REDCap always exports YYYY-MM-DD. Another program may have written them anew, in an order that
    only the cells can tell; where they do not tell it for certain it stays YYYY-MM-DD, so that the
    import refuses them.
    """
    texts = {cell for cell in cells if cell is not None}
    if is_iso(entry, texts):
        return iso_layout(entry)
    layouts = [f"{order}{time}" for order in _ORDERS for time in _TIMES]
    fits = {layout: sum(_fits(text, layout) for text in texts) for layout in layouts}
    best = [layout for layout in layouts if fits[layout] == max(fits.values())]
    return best[0] if len(best) == 1 else iso_layout(entry)


def _fits(text: str, layout: str) -> bool:
    try:
        parse_date(text, layout)
    except ValueError:
        return False
    return True


def _kind(entry: RedcapField) -> str:
    if entry.kind == "checkbox":
        return "checkbox"
    if entry.is_coded:
        return "code"
    if entry.is_date:
        return "date"
    if entry.is_number:
        return "number"
    return "" if entry.kind == "sql" else "text"


def _note(entry: RedcapField) -> str:
    return " · ".join(part for part in (entry.note, entry.annotation) if part)
