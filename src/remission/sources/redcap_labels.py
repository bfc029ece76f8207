"""A label export is brought back to raw names and codes, by its dictionary, without guessing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from remission.errors import InputError, Problem, place
from remission.sources.redcap_dictionary import (
    BOX,
    COMPLETE,
    EVENT,
    GROUP,
    INSTANCE,
    INSTRUMENT,
    Dictionary,
    Settings,
    completed,
    timestamp,
)

_KEY_LABELS = {
    "Event Name": EVENT, "Repeat Instrument": INSTRUMENT, "Repeat Instance": INSTANCE,
    "Data Access Group": GROUP, "Survey Identifier": "redcap_survey_identifier",
}
_MOST_KEYS = 7
_TAG = re.compile(r"<[^<>]*>")
_SIGNS = re.compile(r"[^a-z0-9]+")


def is_labelled(header: Sequence[str], dictionary: Dictionary, settings: Settings) -> bool:
    """Return whether the names of an export's columns are labels rather than raw names."""
    as_raw, as_labels = _known_names(header, dictionary, settings)
    return as_labels > as_raw


def is_export_of(header: Sequence[str], dictionary: Dictionary, settings: Settings) -> bool:
    """Return whether a file has the record's identifier, and mostly columns of the project."""
    record = dictionary.fields[0]
    names = {record.name, record.label, _plain(record.label)}
    return not names.isdisjoint(header) and (
        max(_known_names(header, dictionary, settings)) >= len(header) / 2)


def raw_names(
    header: Sequence[str], dictionary: Dictionary, settings: Settings, file: str
) -> list[str]:
    """Return the raw name of each labelled column; a label that the dictionary lacks stays.

    Columns stand in the order of the dictionary, so equal labels ("Complete?") are told apart by
    their place. Raises :class:`InputError` where the place does not tell, as when a column between
    was left out of the export.
    """
    expected = _expected(dictionary, settings)
    known = {label for _, label in expected}
    names = list(header)
    open_columns = []
    for position, name in enumerate(header):
        plain = _plain(name)
        if position < _MOST_KEYS and plain in _KEY_LABELS and (
                _KEY_LABELS[plain] not in names):
            names[position] = _KEY_LABELS[plain]
        elif plain in known:
            open_columns.append(position)
    labels = [_plain(header[position]) for position in open_columns]
    earliest = _aligned(labels, expected)
    latest = [None if found is None else len(expected) - 1 - found
              for found in reversed(_aligned(labels[::-1], expected[::-1]))]
    problems = []
    for position, first, last in zip(open_columns, earliest, latest, strict=True):
        if first is None or first != last:
            problems.append(_unplaced(header[position], position, expected, file))
        else:
            names[position] = expected[first][0]
    if problems:
        raise InputError(problems)
    return names


def codes_of_labels(
    column: str, dictionary: Dictionary, settings: Settings
) -> Mapping[str, str]:
    """Return label → code of a raw column's cells; a label that two codes share is left out."""
    if column == EVENT:
        pairs = [(label, name) for name, label in settings.events.items()]
        pairs += [(f"{label} ({settings.arms.get(name, '')})", name)
                  for name, label in settings.events.items()]
    elif column == INSTRUMENT:
        pairs = [(settings.forms.get(form, form), form) for form in dictionary.forms]
    else:
        pairs = [(label, code) for code, label in _choices(column, dictionary).items()]
        pairs += [(label, code) for code, label in settings.missing.items()]
    codes: dict[str, set[str]] = {}
    for label, code in pairs:
        codes.setdefault(_plain(label), set()).add(code)
    return {label: next(iter(found)) for label, found in codes.items() if len(found) == 1}


def has_label_values(
    columns: Mapping[str, Sequence[str | None]], dictionary: Dictionary, settings: Settings
) -> bool:
    """Return whether coded cells hold labels rather than codes: whichever fits more of them."""
    as_codes = as_labels = 0
    for name, cells in columns.items():
        choices = {**_choices(name, dictionary), **settings.missing}
        if not _choices(name, dictionary):
            continue
        labels = {_plain(label) for label in choices.values()}
        for cell, count in Counter(cells).items():
            if cell is not None:
                as_codes += count * (cell in choices)
                as_labels += count * (_plain(cell) in labels)
    return as_labels > as_codes


def with_codes(
    columns: Mapping[str, list[str | None]], dictionary: Dictionary, settings: Settings
) -> dict[str, list[str | None]]:
    """Return the columns of a label export with codes in their cells."""
    coded = {}
    for name, cells in columns.items():
        codes = codes_of_labels(name, dictionary, settings)
        code_of = {cell: cell if cell is None else codes.get(_plain(cell), cell)
                   for cell in set(cells)}
        coded[name] = [code_of[cell] for cell in cells]
    if INSTRUMENT in coded:
        by_sign = {_SIGNS.sub("_", form): form for form in dictionary.forms}
        coded[INSTRUMENT] = [
            cell if cell is None or cell in dictionary.forms
            else by_sign.get(_SIGNS.sub("_", cell.lower()).strip("_"), cell)
            for cell in coded[INSTRUMENT]]
    return coded


def _choices(column: str, dictionary: Dictionary) -> Mapping[str, str]:
    """Return code → label of what a raw column may hold, where it is coded."""
    name, is_box, _ = column.partition("___")
    entry = dictionary.by_name.get(column)
    if entry is not None:
        return entry.choices if entry.is_coded else {}
    if is_box and dictionary.by_name.get(name) is not None:
        return BOX
    if any(column == completed(form) for form in dictionary.forms):
        return COMPLETE
    return {}


def _known_names(
    header: Sequence[str], dictionary: Dictionary, settings: Settings
) -> tuple[int, int]:
    """Return how many columns bear raw names of the project, and how many its labels."""
    raw = {*dictionary.keys, GROUP}
    for form in dictionary.forms:
        raw.update(dictionary.columns_of(form, settings.missing))
    labels = {*_KEY_LABELS, *(label for _, label in _expected(dictionary, settings))}
    return (sum(name in raw or name.startswith("redcap_") for name in header),
            sum(_plain(name) in labels for name in header))


def _expected(dictionary: Dictionary, settings: Settings) -> list[tuple[str, str]]:
    """Return (raw name, label) of every column of an export in order, without the keys."""
    record = dictionary.fields[0]
    expected = [(record.name, _plain(record.label))]
    for form, fields in dictionary.forms.items():
        expected.append((timestamp(form), "Survey Timestamp"))
        for entry in fields:
            if entry.kind == "checkbox":
                boxes = {**entry.boxes, **entry.missing_boxes(settings.missing)}
                expected.extend(
                    (box, _plain(f"{entry.label} (choice="
                                 f"{entry.choices.get(code) or settings.missing.get(code)})"))
                    for box, code in boxes.items())
            else:
                expected.append((entry.name, _plain(entry.label)))
        expected.append((completed(form), "Complete?"))
    return expected


def _aligned(labels: Sequence[str], expected: Sequence[tuple[str, str]]) -> list[int | None]:
    """Return the earliest place of each label in order; None from the first that has none."""
    places: list[int | None] = []
    at = 0
    for label in labels:
        found = next((place for place in range(at, len(expected))
                      if expected[place][1] == label), None)
        places.append(found)
        at = at if found is None else found + 1
    return places


def _unplaced(
    label: str, position: int, expected: Sequence[tuple[str, str]], file: str
) -> Problem:
    names = list(dict.fromkeys(_names_with(_plain(label), expected)))
    return Problem(
        place(file, 1, f"{position + 1} ({label})"),
        f"This label belongs to several fields, or stands out of order: {', '.join(names)}.",
        "It is not clear which of them the column holds.",
        "Export the raw data instead of the labels.")


def _names_with(label: str, expected: Sequence[tuple[str, str]]) -> Iterator[str]:
    return (name for name, known in expected if known == label)


def _plain(text: str) -> str:
    """Return a label as REDCap writes it into an export: without tags and line breaks."""
    bare = " ".join(_TAG.sub(" ", text).split())
    return re.sub(r"\(choice='(.*)'\)$", r"(choice=\1)", bare)
