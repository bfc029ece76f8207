"""A REDCap project over its API, read into memory as if its files had been exported.

The address and the token come from the environment only; neither is ever printed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

from remission.errors import InputError, Problem
from remission.records.study import InputFile
from remission.sources.redcap import sheets_of
from remission.sources.redcap_dictionary import (
    Dictionary,
    Settings,
    choices_of,
    dictionary_of,
)
from remission.sources.redcap_export import Export
from remission.sources.redcap_started import Project
from remission.sources.sheet import Source

ADDRESS = "redcap:"
"""Given as the source of an import, it means the project of the environment."""

URL, TOKEN = "REDCAP_API_URL", "REDCAP_API_TOKEN"
BATCH = 100
"""Records asked for at once: a server gives up on thousands of them with all their fields."""

_NAME = "REDCap API"
_TOKEN_LENGTH = 32

Rows = Sequence[Mapping[str, Any]]


class RemoteProject(Protocol):
    """What is asked of a project; PyCap's ``Project`` answers it."""

    def export_metadata(self) -> Any:
        """Return the dictionary's rows."""

    def export_project_info(self) -> Any:
        """Return what the project says of itself."""

    def export_events(self) -> Any:
        """Return its events."""

    def export_arms(self) -> Any:
        """Return its arms."""

    def export_instruments(self) -> Any:
        """Return its forms with their labels."""

    def export_instrument_event_mappings(self) -> Any:
        """Return which forms are filled in which event."""

    def export_records(self, **options: Any) -> Any:
        """Return records, one mapping a row."""


def read_api(project: RemoteProject | None = None) -> Source:
    """Return the sheets of the project that the environment names, or of ``project``.

    Raises :class:`InputError` when the environment is not set, PyCap is not installed, or the
    server refuses or cannot be reached; its message holds neither address nor token.
    """
    remote = connected() if project is None else project
    try:
        metadata = _rows(remote.export_metadata())
        info = cast("Mapping[str, Any]", remote.export_project_info())
        dictionary = dictionary_of([_texts(row) for row in metadata], _NAME)
        settings = _settings(remote, info)
        rows = list(_records(remote, dictionary))
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - PyCap passes on whatever requests and json raise
        raise _refused(error) from None
    sheets, said = sheets_of(Project(dictionary, settings, _export(rows, dictionary, settings)))
    content = json.dumps([metadata, rows], sort_keys=True, default=str).encode()
    return Source(sheets, tuple(said),
                  (InputFile(_NAME, hashlib.sha256(content).hexdigest()),))


def connected() -> RemoteProject:
    """Return the project that ``REDCAP_API_URL`` and ``REDCAP_API_TOKEN`` name.

    Raises :class:`InputError` when one of them is not set, or PyCap is not installed.
    """
    url, token = (os.environ.get(name, "").strip() for name in (URL, TOKEN))
    problems = []
    if not url.startswith("https://") or not url.endswith("/api/"):
        problems.append(Problem(
            URL, "This variable of the environment is not set, or is no address of an API.",
            "Records are read over an encrypted connection only.",
            "Set it to the address that REDCap shows under API: https://…/api/"))
    if len(token) != _TOKEN_LENGTH:
        problems.append(Problem(
            TOKEN, "This variable of the environment is not set, or holds no token.",
            f"A token of REDCap has {_TOKEN_LENGTH} characters.",
            "Ask for a token under API in REDCap, and set it in the environment, never on the "
            "command line."))
    if problems:
        raise InputError(problems)
    try:
        from redcap.project import Project as PyCap
    except ImportError:
        raise InputError(Problem(
            ADDRESS, "Reading from a REDCap server needs PyCap, which is not installed.", "",
            "Run: pip install 'remission[redcap]'; or export the files from REDCap and import "
            "these.")) from None
    return cast("RemoteProject", PyCap(url, token))


def _records(remote: RemoteProject, dictionary: Dictionary) -> Iterable[Mapping[str, str]]:
    """Yield the rows of all records, asked for in batches of the ids that the project has."""
    listed = _rows(remote.export_records(fields=[dictionary.record_id], format_type="json"))
    records = list(dict.fromkeys(str(row[dictionary.record_id]) for row in listed))
    for start in range(0, len(records), BATCH):
        for row in _rows(remote.export_records(
                records=records[start:start + BATCH], format_type="json", raw_or_label="raw",
                event_name="unique", export_survey_fields=True,
                export_data_access_groups=True)):
            yield _texts(row)


def _export(
    rows: Sequence[Mapping[str, str]], dictionary: Dictionary, settings: Settings
) -> Export:
    """Return the block of the rows: the columns of the dictionary, and what any batch had more."""
    names = dict.fromkeys(dictionary.keys)
    for form in dictionary.forms:
        names |= dict.fromkeys(dictionary.columns_of(form, settings.missing)[1:])
    for row in rows:
        names |= dict.fromkeys(row)
    return Export(_NAME, {name: [row.get(name) or None for row in rows] for name in names},
                  tuple(range(1, len(rows) + 1)), "over the API, raw values")


def _settings(remote: RemoteProject, info: Mapping[str, Any]) -> Settings:
    forms = {row["instrument_name"]: row["instrument_label"]
             for row in map(_texts, _rows(remote.export_instruments()))}
    events: dict[str, str] = {}
    arms: dict[str, str] = {}
    forms_of: dict[str, frozenset[str]] = {}
    if str(info.get("is_longitudinal", "0")) == "1":
        names = {row["arm_num"]: row["name"] for row in map(_texts, _rows(remote.export_arms()))}
        for row in map(_texts, _rows(remote.export_events())):
            name, number = row["unique_event_name"], row["arm_num"]
            events[name] = row["event_name"]
            arms[name] = f"Arm {number}: {names.get(number, '')}"
        for row in map(_texts, _rows(remote.export_instrument_event_mappings())):
            event = row["unique_event_name"]
            forms_of[event] = forms_of.get(event, frozenset()) | {row["form"]}
    return Settings(events, arms, forms, choices_of(str(info.get("missing_data_codes") or "")),
                    forms_of)


def _rows(given: Any) -> Rows:
    if not isinstance(given, list):
        raise InputError(Problem(
            _NAME, "The server answered with something else than rows.", "",
            "Check that the token has the rights to export data and the dictionary."))
    return given


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: "" if cell is None else str(cell).strip() for name, cell in row.items()}


def _refused(error: Exception) -> InputError:
    """Return what to tell of a failure; the error's own words may hold the address or the token."""
    return InputError(Problem(
        _NAME, f"The server could not be asked ({type(error).__name__}).",
        "It refused, cannot be reached, or answered in another form than the API's.",
        "Check REDCAP_API_URL, the token and its rights to export; or export the files by hand."))
