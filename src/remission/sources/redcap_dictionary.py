"""The REDCap data dictionary: fields, forms, choices, and the columns an export has of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from remission.errors import InputError, Problem, place
from remission.sources.delimited import read_rows
from remission.sources.sheet import sheet_from_rows

HEADERS = {
    "field_name": "Variable / Field Name",
    "form_name": "Form Name",
    "section_header": "Section Header",
    "field_type": "Field Type",
    "field_label": "Field Label",
    "select_choices_or_calculations": "Choices, Calculations, OR Slider Labels",
    "field_note": "Field Note",
    "text_validation_type_or_show_slider_number": "Text Validation Type OR Show Slider Number",
    "text_validation_min": "Text Validation Min",
    "text_validation_max": "Text Validation Max",
    "identifier": "Identifier?",
    "branching_logic": "Branching Logic (Show field only if...)",
    "required_field": "Required Field?",
    "custom_alignment": "Custom Alignment",
    "question_number": "Question Number (surveys only)",
    "matrix_group_name": "Matrix Group Name",
    "matrix_ranking": "Matrix Ranking?",
    "field_annotation": "Field Annotation",
}
"""The 18 columns of a dictionary: the name in the API and the label in the downloaded file."""

_NEEDED = ("field_name", "form_name", "field_type", "field_label")

EVENT, INSTRUMENT, INSTANCE = (
    "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")
GROUP = "redcap_data_access_group"
COMPLETE = {"0": "Incomplete", "1": "Unverified", "2": "Complete"}
BOX = {"0": "Unchecked", "1": "Checked"}

_FIXED_CHOICES = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
_CODED = {"radio", "dropdown", "yesno", "truefalse"}
_SAME_TYPE = {"select": "dropdown", "textarea": "notes"}
_SAME_VALIDATION = {"int": "integer", "float": "number"}
_SIGN = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True)
class RedcapField:
    """One field of the dictionary, in REDCap's own words.

    ``kind`` is its type (text, notes, radio, dropdown, yesno, truefalse, checkbox, calc, slider,
    file, sql, descriptive), ``branching`` the logic that shows it, ``annotation`` its action tags.
    """

    name: str
    form: str
    kind: str
    label: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    validation: str = ""
    branching: str = ""
    note: str = ""
    annotation: str = ""
    identifier: bool = False

    @property
    def is_coded(self) -> bool:
        """Whether its cells hold one of its choices."""
        return self.kind in _CODED

    @property
    def is_number(self) -> bool:
        """Whether REDCap lets only numbers in."""
        return self.kind in ("calc", "slider") or self.validation.startswith(("number", "integer"))

    @property
    def is_date(self) -> bool:
        """Whether REDCap lets only dates in, with a time or without."""
        return self.validation.startswith("date")

    @cached_property
    def boxes(self) -> dict[str, str]:
        """The column of each choice of a checkbox field, mapped to the code; else nothing."""
        if self.kind != "checkbox":
            return {}
        return {box_column(self.name, code): code for code in self.choices}

    def missing_boxes(self, missing: Iterable[str]) -> dict[str, str]:
        """Return the column of each missing-data code of a checkbox field, mapped to the code."""
        columns = {box_column(self.name, code): code for code in missing}
        return {column: code for column, code in columns.items()
                if self.kind == "checkbox" and column not in self.boxes}


@dataclass(frozen=True)
class Settings:
    """What a project says beside its dictionary, where the files tell.

    ``events`` maps the unique name of each event to its label, ``arms`` to the label of its arm
    (number and name), ``forms`` the name of a form to its label; ``missing`` the missing-data codes
    to theirs; ``forms_of`` an event to the forms that are filled in it.
    """

    events: Mapping[str, str] = field(default_factory=dict)
    arms: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    forms_of: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Dictionary:
    """The fields of a project in order; the first is the record's identifier."""

    file: str
    fields: tuple[RedcapField, ...]

    @property
    def record_id(self) -> str:
        """The name of the field that names the record."""
        return self.fields[0].name

    @cached_property
    def forms(self) -> dict[str, tuple[RedcapField, ...]]:
        """The fields of each form that hold values, without the record's identifier."""
        forms: dict[str, list[RedcapField]] = {entry.form: [] for entry in self.fields}
        for entry in self.fields[1:]:
            if entry.kind != "descriptive":
                forms[entry.form].append(entry)
        return {form: tuple(listed) for form, listed in forms.items()}

    @cached_property
    def by_name(self) -> dict[str, RedcapField]:
        """The fields by their names."""
        return {entry.name: entry for entry in self.fields}

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that together name a row of an export."""
        return (self.record_id, EVENT, INSTRUMENT, INSTANCE)

    def columns_of(self, form: str, missing: Iterable[str] = ()) -> list[str]:
        """Return the columns an export has of a form; ``missing`` are the missing-data codes."""
        columns = [timestamp(form)]
        for entry in self.forms[form]:
            if entry.kind == "checkbox":
                columns.extend((*entry.boxes, *entry.missing_boxes(missing)))
            else:
                columns.append(entry.name)
        return [*columns, completed(form)]


def box_column(name: str, code: str) -> str:
    """Return the column of one choice: ``x___2``, and ``x____99`` for the code -99."""
    return f"{name}___{_SIGN.sub('_', code.lower())}"


def completed(form: str) -> str:
    """Return the column that says whether a form is complete."""
    return f"{form}_complete"


def timestamp(form: str) -> str:
    """Return the column of the time at which a survey was sent in."""
    return f"{form}_timestamp"


def is_dictionary(header: Iterable[str]) -> bool:
    """Return whether these are the column names of a data dictionary, raw or as labels."""
    given = set(header)
    return any(given.issuperset(names) for names in (
        _NEEDED, [HEADERS[name] for name in _NEEDED]))


def read_dictionary(path: Path) -> Dictionary:
    """Return the dictionary of a file with the 18 columns.

    Raises :class:`InputError` naming every row without a name or a form, every name that stands
    twice, and every two choices of a checkbox whose columns bear the same name.
    """
    rows, _ = read_rows(path)
    if not rows or not is_dictionary(cell.strip() for cell in rows[0]):
        raise InputError(Problem(
            path.name, "This is no REDCap data dictionary.",
            f"It needs at least the columns {', '.join(HEADERS[name] for name in _NEEDED)}.",
            "Download it in REDCap: Designer, Download the current Data Dictionary."))
    raw = {label: name for name, label in HEADERS.items()}
    header = [raw.get(cell.strip(), cell.strip()) for cell in rows[0]]
    sheet = sheet_from_rows([header, *rows[1:]], name=path.stem, file=path.name)
    entries = [{name: cell or "" for name, cell in row.items()}
               for row in sheet.cells.iter_rows(named=True)]
    return dictionary_of(entries, path.name, sheet.row_numbers)


def dictionary_of(
    entries: Sequence[Mapping[str, str]], file: str, rows: Sequence[int] | None = None
) -> Dictionary:
    """Return the dictionary of entries that bear the raw names of the 18 columns.

    Raises :class:`InputError` as :func:`read_dictionary` does.
    """
    numbers = rows or range(2, len(entries) + 2)
    fields = tuple(_field(entry) for entry in entries)
    problems = list(_unfit(fields, numbers, file))
    if not fields:
        problems.append(Problem(file, "The dictionary holds no field.", "There is nothing to read.",
                                "Download it again from REDCap."))
    if problems:
        raise InputError(problems)
    return Dictionary(file, fields)


def choices_of(text: str) -> dict[str, str]:
    """Return code → label of choices written as ``1, Male | 2, Female``."""
    choices = {}
    for part in text.replace("\n", "|").split("|"):
        code, comma, label = (piece.strip() for piece in part.partition(","))
        if code or label:
            choices[code] = label if comma else code
    return choices


def _field(entry: Mapping[str, str]) -> RedcapField:
    kind = entry["field_type"].strip().lower()
    kind = _SAME_TYPE.get(kind, kind)
    validation = entry.get("text_validation_type_or_show_slider_number", "").strip().lower()
    choices = _FIXED_CHOICES.get(kind, {})
    if kind in ("radio", "dropdown", "checkbox"):
        choices = choices_of(entry.get("select_choices_or_calculations", ""))
    return RedcapField(
        name=entry["field_name"].strip(), form=entry["form_name"].strip(), kind=kind,
        label=entry["field_label"].strip(), choices=choices,
        validation=_SAME_VALIDATION.get(validation, validation) if kind == "text" else "",
        branching=entry.get("branching_logic", "").strip(),
        note=entry.get("field_note", "").strip(),
        annotation=entry.get("field_annotation", "").strip(),
        identifier=entry.get("identifier", "").strip().lower() == "y",
    )


def _unfit(
    fields: Sequence[RedcapField], rows: Sequence[int], file: str
) -> Iterator[Problem]:
    seen: set[str] = set()
    for entry, row in zip(fields, rows, strict=True):
        where = place(file, row)
        if not entry.name or not entry.form:
            yield Problem(where, "This field has no name or no form.",
                          "Its column could not be found in the export.",
                          "Download the dictionary again from REDCap.")
        if entry.name and entry.name in seen:
            yield Problem(where, f"The field {entry.name!r} stands twice.",
                          "It is not clear which is meant.", "Remove one of the two rows.")
        seen.add(entry.name)
        if len(entry.boxes) < (len(entry.choices) if entry.kind == "checkbox" else 0):
            yield Problem(where, f"Two choices of {entry.name!r} have the same column.",
                          "REDCap writes capitals small and every sign as _ in names of columns.",
                          "Give the choices codes that stay apart.")
