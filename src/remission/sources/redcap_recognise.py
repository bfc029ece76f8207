"""Which files of a folder make up a REDCap project: told by what they hold, not by their names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from remission.errors import InputError, Problem
from remission.sources.delimited import read_rows
from remission.sources.redcap_dictionary import (
    HEADERS,
    Settings,
    is_dictionary,
    read_dictionary,
)
from remission.sources.redcap_labels import is_export_of
from remission.sources.redcap_xml import read_project_xml

_TEXT = {".csv", ".tsv", ".txt"}
_FIRST_BYTES = 4096
_XML_MARK = b"https://projectredcap.org"

EVENTS = {"event_name", "unique_event_name"}
ARMS = {"arm_num", "name"}
FORM_LABELS = {"instrument_name", "instrument_label"}
MAPPING = {"arm_num", "unique_event_name", "form"}
REPEATING = {"form_name", "custom_form_label"}
MISSING = {"missing_data_codes"}
"""Columns by which the other files of a project are known, as the API and the site export them."""


@dataclass(frozen=True)
class Files:
    """The files of a REDCap project; ``others`` only say more of it."""

    dictionary: Path | None
    data: Path | None
    xml: Path | None
    others: tuple[Path, ...] = ()

    @property
    def all(self) -> tuple[Path, ...]:
        """Every file that is read."""
        return tuple(path for path in (self.data, self.dictionary, self.xml, *self.others)
                     if path is not None)


def find_redcap(path: Path, *, dictionary: Path | None = None) -> Files | None:
    """Return the files of the REDCap project at ``path``, or None where there is none.

    Raises :class:`InputError` where a folder holds several dictionaries, none or several exports.
    """
    if dictionary is not None and not dictionary.is_file():
        raise InputError(Problem(
            str(dictionary), "There is no such file.", "It was given as REDCap's dictionary.",
            "Check the path."))
    if path.is_file():
        return _of_file(path, dictionary)
    files = sorted(file for file in path.iterdir()
                   if file.is_file() and not file.name.startswith((".", "~$")))
    texts = [file for file in files if file.suffix.lower() in _TEXT]
    projects = [file for file in files if is_project_xml(file)]
    if dictionary is None:
        found = [file for file in texts if _is_dictionary(file)]
    else:
        found = [file for file in files if file.samefile(dictionary)] or [dictionary]
    if not found and not projects:
        return None
    _refuse_several(path, "REDCap dictionaries", found)
    _refuse_several(path, "REDCap projects", projects)
    chosen, xml = (next(iter(listed), None) for listed in (found, projects))
    if chosen is not None and is_project_xml(chosen):
        chosen, xml = None, chosen
    others = tuple(file for file in texts if file not in found and _is_setting(file))
    data = _data(path, [file for file in texts if file not in found and file not in others],
                 chosen, xml)
    return Files(chosen, data, xml, others)


def is_project_xml(path: Path) -> bool:
    """Return whether a file is a project as REDCap writes it to XML."""
    return path.suffix.lower() == ".xml" and _XML_MARK in _beginning(path)


def hint_of_redcap(file: str, header: Iterable[str]) -> list[str]:
    """Return what to say of a file that looks like an export of REDCap without its dictionary."""
    marks = [name for name in header if name.startswith("redcap_") or "___" in name]
    return [f"{file} looks like an export of REDCap ({', '.join(marks[:3])}). With its data "
            "dictionary (--redcap-dictionary, or import the folder that holds both) forms, codes "
            "and the reasons of empty cells are read too"] if marks else []


def _of_file(path: Path, dictionary: Path | None) -> Files | None:
    if is_project_xml(path):
        return Files(dictionary, None, path)
    if dictionary is None:
        return None
    if is_project_xml(dictionary):
        return Files(None, path, dictionary)
    return Files(dictionary, path, None)


def _is_dictionary(path: Path) -> bool:
    beginning = _beginning(path).decode("utf-8", errors="replace")
    if not any(name in beginning for name in ("field_name", HEADERS["field_name"])):
        return False
    rows, _ = read_rows(path)
    return bool(rows) and is_dictionary(cell.strip() for cell in rows[0])


def _is_setting(path: Path) -> bool:
    header = set(_header(path))
    return any(header.issuperset(names)
               for names in (EVENTS, FORM_LABELS, MAPPING, REPEATING, MISSING)) or header == ARMS


def _header(path: Path) -> list[str]:
    if not path.read_bytes().strip():
        return []
    try:
        rows, _ = read_rows(path)
    except InputError:
        return []
    return [cell.strip() for cell in rows[0]] if rows else []


def _data(
    folder: Path, texts: Sequence[Path], dictionary: Path | None, xml: Path | None
) -> Path | None:
    """Return the one file that holds the records; an XML project may hold them itself."""
    known = read_dictionary(dictionary) if dictionary is not None else (
        read_project_xml(xml).dictionary if xml is not None else None)
    fitting = [file for file in texts if known and is_export_of(_header(file), known, Settings())]
    if not fitting and xml is None:
        fitting = [file for file in texts if not file.read_bytes().strip()]
    _refuse_several(folder, "exports of the REDCap dictionary", fitting)
    if not fitting and xml is None:
        raise InputError(Problem(
            str(folder), "There is a REDCap dictionary, but no export of its records.",
            "None of the other files has the record's identifier and mostly fields of the "
            "dictionary.",
            "Export the records from REDCap (Data Exports, all data, CSV) into this folder."))
    return fitting[0] if fitting else None


def _refuse_several(folder: Path, what: str, found: Sequence[Path]) -> None:
    if len(found) > 1:
        raise InputError(Problem(
            str(folder), f"There are several {what}: {', '.join(file.name for file in found)}.",
            "It is not clear which belongs to the study.",
            "Keep one in the folder; import exports of other projects from folders of their own."))


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_FIRST_BYTES).replace(b"\x00", b"")  # as UTF-16 has between its letters
