"""The API through a project made for the test: no server is asked, and no secret is told."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from remission.errors import InputError
from remission.sources import redcap_api
from remission.sources.redcap_api import connected, read_api
from tests.conftest import run
from tests.unit.redcap_files import cells, reasons

SECRET = "0123456789ABCDEF0123456789ABCDEF"
FIELDS = [
    {"field_name": "record_id", "form_name": "enrolment", "field_type": "text",
     "field_label": "Record"},
    {"field_name": "sex", "form_name": "enrolment", "field_type": "radio", "field_label": "Sex",
     "select_choices_or_calculations": "1, Male | 2, Female"},
    {"field_name": "race", "form_name": "enrolment", "field_type": "checkbox",
     "field_label": "Race", "select_choices_or_calculations": "1, One | 2, Two"},
]
ROW = {"redcap_repeat_instrument": "", "redcap_repeat_instance": "", "race___2": "0"}


class Fake:
    """Answers as a server does, and remembers what it was asked for."""

    def __init__(self, records: list[dict[str, Any]], **info: Any) -> None:
        self.records, self.info = records, {"is_longitudinal": 1, **info}
        self.asked: list[dict[str, Any]] = []

    def export_metadata(self) -> Any:
        return FIELDS

    def export_project_info(self) -> Any:
        return self.info

    def export_events(self) -> Any:
        return [{"event_name": "Start", "arm_num": 1, "unique_event_name": "start_arm_1"}]

    def export_arms(self) -> Any:
        return [{"arm_num": 1, "name": "A"}]

    def export_instruments(self) -> Any:
        return [{"instrument_name": "enrolment", "instrument_label": "Enrolment"}]

    def export_instrument_event_mappings(self) -> Any:
        return [{"arm_num": 1, "unique_event_name": "start_arm_1", "form": "enrolment"}]

    def export_records(self, **options: Any) -> Any:
        self.asked.append(options)
        wanted = options.get("records")
        return [row for row in self.records if wanted is None or row["record_id"] in wanted]


RECORDS = [
    {"record_id": "1", "redcap_event_name": "start_arm_1", "sex": "2", "race___1": "1",
     "enrolment_complete": "2", **ROW},
    {"record_id": "2", "redcap_event_name": "start_arm_1", "sex": "-7", "race___1": "0",
     "enrolment_complete": "0", **ROW},
]


def test_records_are_read_as_from_files() -> None:
    source = read_api(Fake(RECORDS, missing_data_codes="-7, Not asked"))
    assert cells(source, "enrolment", "record_id", "redcap_event_name", "sex", "race") == [
        ("1", "start_arm_1", "2", "1"), ("2", "start_arm_1", None, None)]
    assert reasons(source, "enrolment", "sex") == (None, "NOT_ASKED")
    assert source.sheets["enrolment"].fields["redcap_event_name"].choices == {
        "start_arm_1": "Start"}
    assert source.sheets["enrolment"].where(0) == "REDCap API[enrolment], row 1"


def test_records_come_in_batches_of_the_ids_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redcap_api, "BATCH", 1)
    project = Fake(RECORDS)
    assert len(read_api(project).sheets["records"].cells) == 2
    assert [options.get("records", options.get("fields")) for options in project.asked] == [
        ["record_id"], ["1"], ["2"]]


def test_the_fingerprint_is_that_of_what_was_read() -> None:
    first, again = (read_api(Fake(RECORDS)).files for _ in range(2))
    other = read_api(Fake(RECORDS[:1])).files
    assert first == again != other


def test_no_socket_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    read_api(Fake(RECORDS))


def test_a_refusal_names_neither_address_nor_token(monkeypatch: pytest.MonkeyPatch) -> None:
    project = Fake(RECORDS)

    def refuse(**_: object) -> None:
        raise OSError(f"https://redcap.example/api/ refused {SECRET}")

    monkeypatch.setattr(project, "export_records", refuse)
    with pytest.raises(InputError, match=r"could not be asked \(OSError\)") as error:
        read_api(project)
    assert SECRET not in str(error.value) and "example" not in str(error.value)
    assert error.value.__cause__ is None and error.value.__suppress_context__


@pytest.mark.parametrize(("url", "token", "wanted"), [
    ("", "", {"REDCAP_API_URL", "REDCAP_API_TOKEN"}),
    ("http://redcap.example/api/", SECRET, {"REDCAP_API_URL"}),
    ("https://redcap.example/", SECRET, {"REDCAP_API_URL"}),
    ("https://redcap.example/api/", SECRET[:-1], {"REDCAP_API_TOKEN"}),
])
def test_address_and_token_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, url: str, token: str, wanted: set[str]
) -> None:
    monkeypatch.setenv("REDCAP_API_URL", url)
    monkeypatch.setenv("REDCAP_API_TOKEN", token)
    with pytest.raises(InputError) as error:
        connected()
    assert {problem.where for problem in error.value.problems} == wanted
    assert not token or token not in str(error.value)


def test_a_project_is_made_without_asking_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("redcap", reason="PyCap is an extra: pip install remission[redcap]")
    monkeypatch.setenv("REDCAP_API_URL", "https://redcap.example/api/")
    monkeypatch.setenv("REDCAP_API_TOKEN", SECRET)
    assert connected().__class__.__name__ == "Project"


def test_the_command_line_asks_for_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.delenv("REDCAP_API_URL", raising=False)
    monkeypatch.setenv("REDCAP_API_TOKEN", SECRET[:-2])
    done = run("import", "redcap:", "--to", tmp_path)
    assert done.returncode != 0
    assert "REDCAP_API_URL" in done.stderr and SECRET[:-2] not in done.stdout + done.stderr
