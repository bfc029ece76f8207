"""Study folders: keys, merging of centres, and outputs that appear whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from remission.errors import InputError
from remission.sources.importing import import_site
from remission.sources.mapping import read_mapping
from remission.sources.read_source import read_source
from remission.sources.study_folder import read_study
from remission.sources.write_import import write_import

PLAN = '[study]\ntitle = "A study"\n'


def folder_of(tmp_path: Path, plan: str = PLAN, **tables: str) -> Path:
    """Return a study folder with tables given as CSV text."""
    (tmp_path / "tables").mkdir(parents=True, exist_ok=True)
    (tmp_path / "study.toml").write_text(plan, encoding="utf-8")
    for name, text in tables.items():
        (tmp_path / "tables" / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def problems_of(folder: Path) -> str:
    with pytest.raises(InputError) as error:
        read_study(folder)
    assert all(problem.cure and problem.where for problem in error.value.problems)
    return "\n".join(str(problem) for problem in error.value.problems)


def test_rows_remember_their_file(tmp_path: Path) -> None:
    study = read_study(folder_of(tmp_path, subject="subject_id,site_id\nA,1\nB,1\n"))
    assert study.table("subject")["_source"].to_list() == ["subject.csv:2", "subject.csv:3"]
    assert len(study.table("gvhd")) == 0
    assert study.inputs[0].name == "subject.csv"


def test_all_problems_of_plan_and_tables_are_told_together(tmp_path: Path) -> None:
    text = problems_of(folder_of(
        tmp_path, plan='[study]\ntitel = "x"\n',
        subject="subject_id,site_id,sx\nA,1,F\n", follow_up="subject_id,last_contact_day\nA,12.5\n",
        follow_ups="subject_id\nA\n"))
    assert "titel" in text and "Did you mean 'title'" in text
    assert "no column 'sx'" in text
    assert "last_contact_day is 12.5, not a whole number" in text
    assert "no table 'follow_ups'" in text


def test_two_follow_ups_for_one_child(tmp_path: Path) -> None:
    text = problems_of(folder_of(
        tmp_path, subject="subject_id,site_id\nA,1\n",
        follow_up="subject_id,last_contact_day\nA,5\nA,9\n"))
    assert "follow_up.csv, row 2 and follow_up.csv, row 3" in text
    assert "A child has one follow-up row" in text


def test_duplicate_keys_strangers_and_missing_keys(tmp_path: Path) -> None:
    text = problems_of(folder_of(
        tmp_path, subject="subject_id,site_id\nA,1\nA,1\nB,\n",
        transplant="subject_id,transplant_no,day\nZ,1,0\nA,,3\n"))
    assert "subject has 2 rows for subject_id A" in text
    assert "subject.site_id is empty" in text
    assert "transplant has rows for Z, who is not in subject" in text
    assert "transplant.transplant_no is empty" in text


def test_an_empty_study_says_what_is_missing(tmp_path: Path) -> None:
    assert "The study has no subject" in problems_of(folder_of(tmp_path, subject="subject_id\n"))


def test_a_folder_that_is_no_study(tmp_path: Path) -> None:
    text = problems_of(tmp_path)
    assert "remission init" in text and "There is no folder 'tables'" in text


MAPPING = """
site = "{site}"
subject_id = {{ field = "id" }}
[subject]
[follow_up]
last_contact_day = {{ field = "d" }}
[[laboratory]]
test = "WEIGHT"
day = 0
value = {{ field = "w" }}
unit = "kg"
"""


def bring(
    tmp_path: Path, to: Path, site: str, text: str, *, replace: Sequence[str] = ()
) -> tuple[str, ...]:
    """Import a small file of one site; return the children that are no longer there."""
    source = tmp_path / f"{site}.csv"
    source.write_text(text, encoding="utf-8")
    mapping = tmp_path / f"{site}.toml"
    mapping.write_text(MAPPING.format(site=site), encoding="utf-8")
    (tmp_path / "study.toml").write_text(PLAN, encoding="utf-8")
    found = read_source(source)
    return write_import(to, import_site(found, read_mapping(mapping)), files=found.files,
                        plan=tmp_path / "study.toml", replace=replace)


def test_sites_merge_and_a_second_import_replaces_the_first(tmp_path: Path) -> None:
    to = tmp_path / "study"
    bring(tmp_path, to, "N", "id,d,w\nN1,10,20\nN2,20,\n")
    bring(tmp_path, to, "S", "id,d,w\nS1,30,31\n")
    assert read_study(to).subjects == ("N1", "N2", "S1")
    assert len(read_study(to).table("null_reason")) == 1
    bring(tmp_path, to, "N", "id,d,w\nN3,11,22\n")
    study = read_study(to)
    assert study.subjects == ("S1", "N3")
    assert len(study.table("null_reason")) == 0
    assert {file.name for file in study.inputs} >= {"N.csv", "S.csv", "subject.csv"}


def test_colliding_children_stop_the_import_and_change_nothing(tmp_path: Path) -> None:
    to = tmp_path / "study"
    bring(tmp_path, to, "N", "id,d,w\nX,10,20\n")
    before = {path: path.read_bytes() for path in to.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match="subject has 2 rows for subject_id X"):
        bring(tmp_path, to, "S", "id,d,w\nX,30,31\n")
    assert {path: path.read_bytes() for path in to.rglob("*") if path.is_file()} == before
    assert not list(tmp_path.glob(".remission-*"))


def test_an_import_touches_only_what_an_import_wrote(tmp_path: Path) -> None:
    to = tmp_path / "study"
    bring(tmp_path, to, "N", "id,d,w\nN1,10,20\n")
    kept = ["vault/key.csv", "tables/notes.md", "tables/more/x.txt", "imports/letter.txt"]
    for name in kept:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_text(name, encoding="utf-8")
    bring(tmp_path, to, "S", "id,d,w\nS1,30,31\n")
    assert [(to / name).read_text(encoding="utf-8") for name in kept] == kept


def test_a_table_kept_by_hand_stays_when_its_centre_is_imported_again(tmp_path: Path) -> None:
    to = tmp_path / "study"
    (to / "tables").mkdir(parents=True)
    by_hand = "subject_id,form,status\nN1,RELAPSE,COMPLETE\n"
    (to / "tables" / "form_status.csv").write_text(by_hand, encoding="utf-8")
    for _ in range(2):
        bring(tmp_path, to, "N", "id,d,w\nN1,10,20\n")
        assert read_study(to).table("form_status")["status"].to_list() == ["COMPLETE"]
    # What an earlier import wrote goes with it: laboratory rows are not kept twice.
    assert len(read_study(to).table("laboratory")) == 1


def test_children_who_are_no_longer_there_are_named(tmp_path: Path) -> None:
    to = tmp_path / "study"
    bring(tmp_path, to, "N", "id,d,w\nN1,10,20\nN2,20,21\n")
    bring(tmp_path, to, "S", "id,d,w\nS1,30,31\n")
    assert bring(tmp_path, to, "N", "id,d,w\nN2,20,21\nN3,11,22\n") == ("N1",)
    assert bring(tmp_path, to, "T", "id,d,w\nS1,30,31\n", replace=["S"]) == ()
    assert sorted(path.name for path in (to / "imports").iterdir()) == ["N.json", "T.json"]
    with pytest.raises(InputError, match="no such centre"):
        bring(tmp_path, to, "T", "id,d,w\nS1,30,31\n", replace=["X"])


def test_an_account_that_cannot_be_read_stops_the_import(tmp_path: Path) -> None:
    to = tmp_path / "study"
    bring(tmp_path, to, "N", "id,d,w\nN1,10,20\n")
    (to / "imports" / "N.json").write_text("{broken", encoding="utf-8")
    with pytest.raises(InputError, match=r"imports/N\.json"):
        bring(tmp_path, to, "S", "id,d,w\nS1,30,31\n")
    assert (to / "imports" / "N.json").read_text(encoding="utf-8") == "{broken"


def test_reasons_belong_to_children_whose_identifier_holds_the_mark_between_keys(
    tmp_path: Path
) -> None:
    to = tmp_path / "study"
    bring(tmp_path, to, "N", "id,d,w\na/b,10,\n")
    bring(tmp_path, to, "S", "id,d,w\nS1,30,31\n")
    assert read_study(to).table("null_reason")["key"].to_list() == ["a/b/WEIGHT/0/1"]


def test_the_account_of_an_import_is_kept(tmp_path: Path) -> None:
    to = tmp_path / "study"
    bring(tmp_path, to, "N", "id,d,w\nN1,10,20\n")
    account = json.loads((to / "imports" / "N.json").read_text(encoding="utf-8"))
    assert account["rows_read"] == {"N": 1}
    assert account["rows_written"] == {"subject": 1, "follow_up": 1, "laboratory": 1}
    assert len(account["files"][0]["sha256"]) == 64


def test_laboratory_values_are_read_in_their_canonical_unit(tmp_path: Path) -> None:
    study = read_study(folder_of(
        tmp_path, subject="subject_id,site_id\nA,1\n",
        laboratory="subject_id,test,day,sequence,value,unit\n"
                   "A,ANC,1,1,500,cells/uL\nA,ANC,2,1,0.4,10*9/L\nA,ANC,3,1,7,\n"))
    laboratory = study.table("laboratory")
    assert laboratory["value"].to_list() == [0.5, 0.4, 7.0]
    assert laboratory["unit"].to_list() == ["10*9/L", "10*9/L", None]
    assert laboratory["source_value"].to_list() == [500.0, None, None]
