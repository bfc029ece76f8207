"""A REDCap project as XML (CDISC ODM with REDCap's extensions): dictionary, settings, records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from remission.errors import InputError, Problem, place
from remission.sources.redcap_dictionary import (
    EVENT,
    INSTANCE,
    INSTRUMENT,
    Dictionary,
    Settings,
    choices_of,
    dictionary_of,
)
from remission.sources.redcap_export import Export
from remission.sources.xml_tree import Element, read_xml

_BINARY = "ItemDataBase64Binary"
Key = tuple[str, str | None, str | None, str | None]


@dataclass(frozen=True)
class XmlProject:
    """What a project's XML file says; ``export`` holds no row where it was written without data."""

    dictionary: Dictionary
    settings: Settings
    export: Export


def read_project_xml(path: Path) -> XmlProject:
    """Return dictionary, settings and records of a project's XML file.

    A record's line is that of its first form in an event. Raises :class:`InputError` where the
    file is not well-formed or has no fields.
    """
    root = read_xml(path)
    study = next((child for child in root.children if child.name == "Study"), root)
    entries = list(_entries(study))
    if not entries:
        raise InputError(Problem(
            place(path.name), "This XML file defines no field.", "There is nothing to read.",
            "Export the project from REDCap: Other functionality, Download metadata and data."))
    dictionary = dictionary_of(entries, path.name)
    return XmlProject(dictionary, _settings(study), _export(root, study, dictionary, path.name))


def _entries(study: Element) -> Iterator[dict[str, str]]:
    """Yield each field once, in the words of the dictionary's columns and the order of forms."""
    items = {item.get("OID"): item for item in study.all("ItemDef")}
    groups = {group.get("OID"): group for group in study.all("ItemGroupDef")}
    lists = {found.get("OID"): found for found in study.all("CodeList")}
    record = next((found.get("RecordIdField") for found in study.all("MetaDataVersion")), "")
    seen: set[str] = set()
    for form in study.all("FormDef"):
        name = form.get("FormName")
        for group in form.all("ItemGroupRef"):
            named = groups.get(group.get("ItemGroupOID"))
            for reference in () if named is None else named.all("ItemRef"):
                variable = reference.get("Variable") or reference.get("ItemOID")
                item = items.get(reference.get("ItemOID"))
                is_own = item is None or not item.get("FieldType") or (
                    variable == f"{name}_complete")
                if variable in seen or item is None or (is_own and variable != record):
                    continue
                seen.add(variable)
                yield _entry(item, variable, name, lists)


def _entry(
    item: Element, variable: str, form: str, lists: dict[str, Element]
) -> dict[str, str]:
    question = next(item.all("TranslatedText"), None)
    reference = next(item.all("CodeListRef"), None)
    codes = None if reference is None else lists.get(reference.get("CodeListOID"))
    return {
        "field_name": variable, "form_name": form,
        "field_type": item.get("FieldType") or "text",
        "field_label": "" if question is None else question.text,
        "select_choices_or_calculations": "" if codes is None else _choices(codes),
        "field_note": item.get("FieldNote"),
        "text_validation_type_or_show_slider_number": item.get("TextValidationType"),
        "identifier": item.get("Identifier"),
        "branching_logic": item.get("BranchingLogic"),
        "field_annotation": item.get("FieldAnnotation"),
    }


def _choices(codes: Element) -> str:
    """Return the choices as a dictionary writes them; a checkbox lists those of all its boxes."""
    return codes.get("CheckboxChoices") or " | ".join(
        f"{item.get('CodedValue')}, {''.join(text.text for text in item.all('TranslatedText'))}"
        for item in codes.all("CodeListItem"))


def _settings(study: Element) -> Settings:
    events = {event.get("UniqueEventName"): event for event in study.all("StudyEventDef")
              if event.get("UniqueEventName")}
    missing = next((found.text for found in study.all("MissingDataCodes")), "")
    return Settings(
        events={name: event.get("EventName") for name, event in events.items()},
        arms={name: f"Arm {event.get('ArmNum')}: {event.get('ArmName')}"
              for name, event in events.items()},
        forms={form.get("FormName"): form.get("Name") for form in study.all("FormDef")},
        missing=choices_of(missing.strip()),
        forms_of={name: frozenset(form.get("FormOID").removeprefix("Form.")
                                  for form in event.all("FormRef"))
                  for name, event in events.items()})


@dataclass(frozen=True)
class _Form:
    """One form of a record: where it stands, and its values."""

    record: str
    event: str
    event_instance: str
    form: str
    instance: str
    element: Element


def _export(root: Element, study: Element, dictionary: Dictionary, file: str) -> Export:
    """Return the records as one block of rows, as a delimited export would hold them."""
    forms = list(_forms(root))
    repeats = {(found.get("UniqueEventName"), found.get("RepeatInstrument"))
               for found in study.all("RepeatingInstrument")}
    repeats |= {(form.event, form.form) for form in forms if form.instance != "1"}
    repeating_events = {found.get("UniqueEventName") for found in study.all("RepeatingEvent")}
    repeating_events |= {form.event for form in forms if form.event_instance != "1"}
    rows: dict[Key, dict[str, str]] = {}
    lines: dict[Key, int] = {}
    for form in forms:
        instrument = instance = None
        if (form.event, form.form) in repeats:
            instrument, instance = form.form, form.instance
        elif form.event in repeating_events:
            instance = form.event_instance
        key = (form.record, form.event or None, instrument, instance)
        lines.setdefault(key, form.element.line)
        rows.setdefault(key, {}).update(_values(form.element))
    files = sum(1 for form in forms for _ in form.element.all(_BINARY))
    notes = (f"{files} uploaded files: their names are read, not their contents",)
    return Export(file, _columns(rows, dictionary), tuple(lines.values()),
                  "REDCap project XML, raw values", notes if files else ())


def _forms(root: Element) -> Iterator[_Form]:
    """Yield each form of the records in order."""
    for subject in root.all("SubjectData"):
        for child in subject.children:
            is_event = child.name == "StudyEventData"
            event = child.get("UniqueEventName") if is_event else ""
            times = (child.get("StudyEventRepeatKey") if is_event else "") or "1"
            for form in child.children if is_event else [child]:
                if form.name == "FormData":
                    yield _Form(subject.get("SubjectKey"), event, times,
                                form.get("FormOID").removeprefix("Form."),
                                form.get("FormRepeatKey") or "1", form)


def _values(form: Element) -> dict[str, str]:
    """Return the value of each item of a form; of an uploaded file its name."""
    values = {item.get("ItemOID"): item.get("Value").strip() for item in form.all("ItemData")}
    values |= {item.get("ItemOID"): item.get("DocName") or "[document]"
               for item in form.all(_BINARY)}
    return {name: text for name, text in values.items() if text}


def _columns(
    rows: dict[Key, dict[str, str]], dictionary: Dictionary
) -> dict[str, list[str | None]]:
    columns: dict[str, list[str | None]] = {
        name: [key[part] for key in rows] for part, name in enumerate(
            (dictionary.record_id, EVENT, INSTRUMENT, INSTANCE))}
    names = dict.fromkeys(name for form in dictionary.forms
                          for name in dictionary.columns_of(form)[1:])
    for row in rows.values():
        names.update(dict.fromkeys(row))
    for name in names:
        if name != dictionary.record_id:
            columns[name] = [row.get(name) for row in rows.values()]
    return columns
