"""A dictionary held against the one before: what may mislead a mapping stops, the rest is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from remission.errors import InputError
from remission.sources.dictionary_change import account_of, changes_since, problem_of
from remission.sources.importing import import_site
from remission.sources.mapping import read_mapping
from remission.sources.read_source import read_source
from remission.sources.sheet import Field
from remission.sources.write_import import dictionary_changes, write_import
from tests.conftest import run
from tests.unit.redcap_files import put, read

SEX = Field("sex", "Sex", "code", choices={"1": "Male", "2": "Female"})
BEFORE = {"enrolment": {"sex": SEX, "born": Field("born", "Born", "date", date="%Y-%m-%d")},
          "visit": {"weight": Field("weight", "Weight", "number", unit="kg")}}


def changes(now: dict[str, dict[str, Field]]) -> list[tuple[str, bool]]:
    before = json.loads(json.dumps(account_of(BEFORE)))
    return [(str(change), change.stops) for change in changes_since(before, account_of(now))]


def with_field(sheet: str, name: str, field: Field) -> dict[str, dict[str, Field]]:
    return {**BEFORE, sheet: {**BEFORE[sheet], name: field}}


def test_the_same_dictionary_is_no_change() -> None:
    assert changes({name: dict(fields) for name, fields in BEFORE.items()}) == []


@pytest.mark.parametrize(("field", "what"), [
    (replace(SEX, choices={"1": "Female", "2": "Female"}), "code 1 was 'Male', is 'Female'"),
    (replace(SEX, choices={"1": "Male"}), "code 2 (Female) is gone"),
    (replace(SEX, choices={**SEX.choices, "3": "Other"}), "code 3 (Other) is new"),
    (replace(SEX, missing={"9": "Unknown"}), "missing-data code 9 (Unknown) is new"),
    (replace(SEX, kind="text"), "its type was code, is text"),
    (replace(SEX, unit="kg"), "its unit was not said, is kg"),
])
def test_codes_and_types_stop(field: Field, what: str) -> None:
    assert changes(with_field("enrolment", "sex", field)) == [
        (f"enrolment, field sex: {what}", True)]


def test_the_layout_of_dates_stops() -> None:
    assert changes(with_field("enrolment", "born", replace(
        BEFORE["enrolment"]["born"], date="%d/%m/%Y"))) == [
        ("enrolment, field born: its layout of dates was %Y-%m-%d, is %d/%m/%Y", True)]


def test_labels_and_new_fields_are_told_and_do_not_stop() -> None:
    assert changes(with_field("enrolment", "sex", replace(SEX, label="Gender"))) == [
        ("enrolment, field sex: its label was 'Sex', is 'Gender'", False)]
    assert changes(with_field("enrolment", "age", Field("age"))) == [
        ("enrolment, field age: it is new", False)]
    assert changes({**BEFORE, "death": {"day": Field("day")}}) == [
        ("death: it is new, with 1 fields", False)]
    assert changes(with_field("enrolment", "sex", replace(SEX, identifier=True))) == [
        ("enrolment, field sex: it is now marked as naming a person", False)]


def test_removed_and_moved_fields_stop() -> None:
    assert changes({**BEFORE, "enrolment": {"sex": SEX}}) == [
        ("enrolment, field born: it is gone", True)]
    assert changes({"enrolment": BEFORE["enrolment"]}) == [
        ("visit: it is gone, with 1 fields", True)]
    moved = {"enrolment": {"sex": SEX}, "visit": {**BEFORE["visit"], "born": Field(
        "born", "Born", "date", date="%Y-%m-%d")}}
    assert ("enrolment, field born: it is gone from here and stands in visit", True) in (
        changes(moved))


def test_a_source_that_lost_its_dictionary_stops() -> None:
    assert changes({"enrolment": {}}) == [
        ("enrolment, visit: the source came with a dictionary at the last import, and comes "
         "without it now", True)]


def test_without_a_dictionary_before_there_is_nothing_to_hold_against() -> None:
    assert changes_since({}, account_of(BEFORE)) == ()
    assert changes_since(account_of({"x": {}}), account_of(BEFORE)) == ()


def test_the_same_change_in_several_sheets_is_told_once() -> None:
    event = Field("event", choices={"a": "A"})
    before = account_of({"x": {"event": event}, "y": {"event": event}})
    after = replace(event, choices={"a": "B"})
    found = changes_since(before, account_of({"x": {"event": after}, "y": {"event": after}}))
    assert list(map(str, found)) == ["x, y, field event: code a was 'A', is 'B'"]
    assert "--accept-dictionary" in problem_of(found[0]).cure


def test_a_checkbox_says_the_change_of_its_boxes_once() -> None:
    def boxes(*codes: str) -> dict[str, Field]:
        joined = Field("race", kind="checkbox", choices={code: code for code in codes})
        return {"race": joined, **{f"race___{code}": Field(f"race___{code}", repeats="race")
                                  for code in codes}}

    found = changes_since(account_of({"x": boxes("1", "2")}), account_of({"x": boxes("1")}))
    assert list(map(str, found)) == ["x, field race: code 2 (2) is gone"]


ID = ("record_id", "enrolment", "text", "Record")
MAPPING = """site = "S"
subject_id = { field = "record_id" }
[subject]
sheet = "enrolment"
sex = { field = "sex", codes = { 1 = "M", 2 = "F" } }
"""


def import_into(folder: Path, *entries: tuple[str, ...]) -> None:
    (folder / "m.toml").write_text(MAPPING, encoding="utf-8")
    source = read(folder / "in", "record_id,sex\n1,1\n", ID, *entries)
    imported = import_site(source, read_mapping(folder / "m.toml"))
    write_import(folder / "study", imported, files=source.files, plan=None)


def sex(*more: str) -> tuple[str, ...]:
    return ("sex", "enrolment", "radio", *more)


def test_all_changes_are_told_together_and_nothing_is_written(tmp_path: Path) -> None:
    import_into(tmp_path, sex("Sex", "1, Male | 2, Female"), ("a", "enrolment", "text", "A"))
    before = {path: path.read_bytes() for path in (tmp_path / "study").rglob("*")
              if path.is_file()}
    with pytest.raises(InputError) as error:
        import_into(tmp_path, sex("Sex", "1, Male | 2, Woman"))
    assert {problem.where for problem in error.value.problems} == {
        "enrolment, field sex", "enrolment, field a"}
    assert {path: path.read_bytes() for path in (tmp_path / "study").rglob("*")
            if path.is_file()} == before


def test_what_only_is_to_be_known_does_not_stop(tmp_path: Path) -> None:
    import_into(tmp_path, sex("Sex", "1, Male | 2, Female"))
    source = read(tmp_path / "in", "record_id,sex\n1,1\n", ID,
                  sex("Gender", "1, Male | 2, Female"))
    imported = import_site(source, read_mapping(tmp_path / "m.toml"))
    assert list(map(str, dictionary_changes(tmp_path / "study", imported))) == [
        "enrolment, field sex: its label was 'Sex', is 'Gender'"]
    write_import(tmp_path / "study", imported, files=source.files, plan=None)
    assert dictionary_changes(tmp_path / "study", imported) == ()


def test_the_account_keeps_the_dictionary_and_no_value_of_a_child(tmp_path: Path) -> None:
    import_into(tmp_path, sex("Sex", "1, Male | 2, Female"))
    account = json.loads((tmp_path / "study" / "imports" / "S.json").read_text(encoding="utf-8"))
    assert len(account["dictionary"]["sha256"]) == 64
    assert account["dictionary"]["sheets"]["enrolment"]["sex"] == {
        "label": "Sex", "kind": "code", "choices": {"1": "Male", "2": "Female"}}


def test_files_without_a_dictionary_have_none_in_their_account(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MAPPING.replace("enrolment", "x"), encoding="utf-8")
    (tmp_path / "x.csv").write_text("record_id,sex\n1,1\n", encoding="utf-8")
    source = read_source(tmp_path / "x.csv")
    write_import(tmp_path / "study", import_site(source, read_mapping(tmp_path / "m.toml")),
                 files=source.files, plan=None)
    assert "dictionary" not in json.loads(
        (tmp_path / "study" / "imports" / "S.json").read_text(encoding="utf-8"))


def test_the_command_line_stops_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")

    def bring(choices: str, *options: str) -> tuple[int, str]:
        put(tmp_path / "in", "record_id,sex\n1,1\n", ID, sex("Sex", choices))
        done = run("import", tmp_path / "in" / "first.csv", "--redcap-dictionary",
                   tmp_path / "in" / "second.csv", "--mapping", tmp_path / "m.toml",
                   "--to", tmp_path / "study", *options)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    assert bring("1, Male | 2, Female")[0] == 0
    status, said = bring("1, Male | 2, Woman")
    assert status != 0 and "code 2 was 'Female', is 'Woman'" in said
    assert "--accept-dictionary" in said
    status, said = bring("1, Male | 2, Woman", "--accept-dictionary")
    assert status == 0, said
    assert "The dictionary changed since the last import: enrolment, field sex: code 2" in said
