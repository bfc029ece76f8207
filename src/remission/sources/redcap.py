"""A REDCap project, from whichever of its files there are, becomes the sheets of a source."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from remission.errors import InputError, Problem
from remission.sources.delimited import read_rows
from remission.sources.redcap_dictionary import (
    GROUP,
    Dictionary,
    Settings,
    choices_of,
    read_dictionary,
)
from remission.sources.redcap_export import check_keys, read_export
from remission.sources.redcap_forms import form_sheets
from remission.sources.redcap_recognise import (
    ARMS,
    EVENTS,
    FORM_LABELS,
    MAPPING,
    MISSING,
    Files,
)
from remission.sources.redcap_started import Project
from remission.sources.redcap_xml import XmlProject, read_project_xml
from remission.sources.sheet import Sheet, sheet_from_rows


def read_redcap(
    files: Files, *, delimiter: str | None = None
) -> tuple[dict[str, Sheet], list[str]]:
    """Return (sheets, what was sniffed) of a REDCap project.

    Records come from the delimited export where there is one, else from the XML file; the
    dictionary likewise. Raises :class:`InputError` with what keeps the files from being read.
    """
    xml = None if files.xml is None else read_project_xml(files.xml)
    settings = _settings(files.others, xml)
    dictionary = _dictionary(files, xml)
    notes = []
    if files.data is not None:
        export = read_export(files.data, dictionary, settings, delimiter=delimiter)
        if xml is not None and xml.export.row_numbers:
            notes.append(f"{xml.export.file}: its settings are read, its records are not, as "
                         f"{files.data.name} holds them")
    elif xml is not None:
        export = xml.export
    else:
        raise InputError(Problem(
            dictionary.file, "There is no export of the records.", "There is nothing to import.",
            "Export the records from REDCap as CSV."))
    sheets, said = sheets_of(Project(dictionary, settings, export))
    return sheets, [*said, *notes]


def sheets_of(project: Project) -> tuple[dict[str, Sheet], list[str]]:
    """Return (sheets, what a person should know of them) of a project already read."""
    check_keys(project.export, project.dictionary)
    found = form_sheets(project)
    return dict(found.sheets), [_summary(project), *project.export.notes, *found.notes]


def _dictionary(files: Files, xml: XmlProject | None) -> Dictionary:
    if files.dictionary is not None:
        return read_dictionary(files.dictionary)
    if xml is None:
        raise InputError(Problem(
            ", ".join(path.name for path in files.all), "There is no REDCap dictionary.",
            "Forms, codes and branching logic are not known.",
            "Download it in REDCap (Designer, Download the current Data Dictionary)."))
    return xml.dictionary


def _settings(others: tuple[Path, ...], xml: XmlProject | None) -> Settings:
    """Return what the other files of a project say, on top of its XML file."""
    base = Settings() if xml is None else xml.settings
    rows = [row for path in others for row in _table(path)]
    events = [row for row in rows if row.keys() >= EVENTS]
    arms = {row["arm_num"]: row["name"] for row in rows if row.keys() == ARMS}
    forms_of: dict[str, frozenset[str]] = {}
    for row in rows:
        if row.keys() >= MAPPING:
            event = row["unique_event_name"]
            forms_of[event] = forms_of.get(event, frozenset()) | {row["form"]}
    missing = {code: label for row in rows if row.keys() >= MISSING
               for code, label in choices_of(row["missing_data_codes"]).items()}
    return Settings(
        events={**base.events,
                **{row["unique_event_name"]: row["event_name"] for row in events}},
        arms={**base.arms, **{
            row["unique_event_name"]: f"Arm {number}: {arms.get(number, '')}"
            for row in events for number in [row.get("arm_num", "")]}},
        forms={**base.forms, **{row["instrument_name"]: row["instrument_label"]
                                for row in rows if row.keys() >= FORM_LABELS}},
        missing={**base.missing, **missing}, forms_of={**base.forms_of, **forms_of})


def _table(path: Path) -> list[Mapping[str, str]]:
    rows, _ = read_rows(path)
    cells = sheet_from_rows(rows, name=path.stem, file=path.name).cells
    return [{name: text or "" for name, text in row.items()}
            for row in cells.iter_rows(named=True)]


def _summary(project: Project) -> str:
    """Return what kind of export was found, in one line."""
    export, dictionary = project.export, project.dictionary
    records = len(set(export.column(dictionary.record_id)))
    parts = [export.layout, f"{records} records in {len(export.row_numbers)} rows"]
    events = project.settings.events
    if project.is_longitudinal or events:
        parts.append(f"longitudinal ({len(events) or 'unnamed'} events)")
    else:
        parts.append("not longitudinal")
    repeating = sorted(project.repeating)
    parts.append(f"repeating: {', '.join(repeating)}" if repeating else "nothing repeats")
    if GROUP in export.columns:
        groups = set(export.column(GROUP)) - {None}
        parts.append(f"{len(groups)} data access groups")
    return (f"REDCap export {export.file} with the dictionary {dictionary.file} "
            f"({len(dictionary.forms)} forms, {len(dictionary.fields)} fields): {', '.join(parts)}")


