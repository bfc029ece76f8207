"""Folders written again: what an earlier run wrote is replaced, anything else is never touched."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from remission.definitions.cohort import derive_cohort
from remission.errors import OutputError
from remission.files import SCRATCH, printable, put_in_place, safe_name, staging
from remission.own_files import check_folder, index_of, own_files, rewritten
from remission.report.write_cohort import write_cohort
from remission.report.write_report import check_target
from tests.conftest import run, study_of


def text(path: Path, words: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(words, encoding="utf-8")
    return path


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# Names and placing.

@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "CON", "lpt1", "", "ä" * 90, "a\x00b",
                                  "x\udcff"])
def test_a_name_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    safe = safe_name(name)
    assert safe != name
    text(tmp_path / f"{safe}.xlsx", "x")
    assert len(list(tmp_path.iterdir())) == 1


def test_names_that_differ_only_in_capitals_are_told_apart() -> None:
    assert safe_name("North", taken=["South"]) == "North"
    assert safe_name("north", taken=["North"]).startswith("north-")


def test_printable_replaces_what_no_file_format_holds() -> None:
    assert printable("a\x07b\ud800c\nd") == "a\ufffdb\ufffdc\nd"


def test_when_one_file_cannot_be_placed_all_are_put_back(tmp_path: Path) -> None:
    old, gone = text(tmp_path / "old.txt", "old"), text(tmp_path / "gone.txt", "gone")
    with staging(tmp_path / "x") as scratch, pytest.raises(OSError, match="missing"):
        put_in_place([(text(scratch / "a", "new"), old),
                      (text(scratch / "b", "new"), tmp_path / "new.txt"),
                      (scratch / "missing", tmp_path / "never.txt")], scratch, remove=[gone])
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {
        "old.txt": "old", "gone.txt": "gone"}


def test_a_scratch_folder_takes_the_folders_made_for_it_along(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), staging(tmp_path / "a" / "b" / "x"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


# The index.

def test_only_files_of_the_index_are_replaced_or_removed(tmp_path: Path) -> None:
    for words in ("first", "second"):
        with rewritten(tmp_path, lambda: own_files(tmp_path, "index.json")) as staged:
            text(staged / "figures" / f"{words}.svg", words)
            text(staged / "index.json",
                 json.dumps(index_of(["index.json", f"figures/{words}.svg"])))
        text(tmp_path / "mine.txt", "mine")
    assert files_in(tmp_path) == {"index.json", "figures/second.svg", "mine.txt"}


@pytest.mark.parametrize("index", [
    "not json", "[]", '{"files": ["mine.txt"]}', '{"written_by": "remission"}',
    '{"written_by": "remission", "files": [["mine.txt"]]}',
    '{"written_by": "remission", "files": ["../mine.txt", "/mine.txt", "sub/../mine.txt"]}'])
def test_an_index_that_is_not_ours_or_leads_outside_gives_no_file(
    tmp_path: Path, index: str
) -> None:
    text(tmp_path / "mine.txt", "mine")
    text(tmp_path / "sub" / "mine.txt", "mine")
    text(tmp_path / "index.json", index)
    assert own_files(tmp_path, "index.json") == set()


def test_a_linked_folder_inside_is_a_stranger(tmp_path: Path) -> None:
    text(tmp_path / "elsewhere" / "figure-1.svg", "theirs")
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "figures").symlink_to(tmp_path / "elsewhere")
    text(tmp_path / "report" / "manifest.json",
         json.dumps(index_of(["manifest.json", "figures/figure-1.svg"])))
    with pytest.raises(OutputError, match=r"not an earlier report: figures\."):
        check_target(tmp_path / "report")


def test_a_folder_that_cannot_be_written_is_refused_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = text(tmp_path / "file", "x")
    with pytest.raises(OutputError, match="This is a file, not a folder"):
        check_folder(file / "report")
    # Whoever runs the tests may be allowed everything.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="read-only for you"):
        check_folder(tmp_path / "new" / "report")


# The report.

def test_strangers_are_named_up_to_five(tmp_path: Path) -> None:
    for number in range(7):
        text(tmp_path / f"mine-{number}.txt", "mine")
    with pytest.raises(OutputError, match=r"mine-0\.txt, .*mine-4\.txt and more\.") as error:
        check_target(tmp_path)
    assert "mine-5" not in str(error.value)


def test_what_a_crash_left_behind_is_no_stranger(tmp_path: Path) -> None:
    text(tmp_path / f"{SCRATCH}abc" / "x", "x")
    assert check_target(tmp_path) == set()


def test_a_manifest_of_somebody_else_does_not_open_the_folder(tmp_path: Path) -> None:
    text(tmp_path / "manifest.json", '{"files": []}')
    with pytest.raises(OutputError, match=r"manifest\.json"):
        check_target(tmp_path)


def test_a_report_lists_its_files(demo: Path) -> None:
    manifest = json.loads((demo / "report" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["written_by"] == "remission"
    assert set(manifest["files"]) == files_in(demo / "report")
    assert manifest["files"] == sorted(manifest["files"])


def test_a_report_goes_through_a_link_and_into_the_working_folder(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert run("report", demo / "study", "-o", tmp_path / "link").returncode == 0
    assert (tmp_path / "link").is_symlink()
    before = (tmp_path / "real").stat().st_ino
    monkeypatch.chdir(tmp_path / "real")
    assert run("report", demo / "study", "-o", ".").returncode == 0
    assert (tmp_path / "real").stat().st_ino == before
    assert files_in(tmp_path / "real") == files_in(demo / "report")


def test_a_report_may_stand_in_its_study_but_not_in_its_place(demo: Path, tmp_path: Path) -> None:
    study = tmp_path / "study"
    shutil.copytree(demo / "study", study)
    for _ in range(2):
        assert run("report", study, "-o", study / "report").returncode == 0
    done = run("report", study, "-o", study)
    assert done.returncode == 2
    assert "study.toml" in done.stderr


# The cohort.

@pytest.fixture
def cohort() -> object:
    return derive_cohort(study_of(subject="subject_id | site_id | sex\nA | 1 | F"))


def test_a_cohort_replaces_its_own_files_and_leaves_others(cohort: object, tmp_path: Path) -> None:
    text(tmp_path / "mine.txt", "mine")
    for _ in range(2):
        written = write_cohort(cohort, tmp_path)  # type: ignore[arg-type]  # any such object will do
    assert {path.name for path in written} | {"mine.txt"} == files_in(tmp_path)


def test_a_cohort_does_not_write_over_a_file_of_somebody_else(
    cohort: object, tmp_path: Path
) -> None:
    text(tmp_path / "subject.csv", "mine")
    with pytest.raises(OutputError, match="not written by an earlier run"):
        write_cohort(cohort, tmp_path)  # type: ignore[arg-type]  # any such object will do
    assert files_in(tmp_path) == {"subject.csv"}


def test_a_cohort_stays_out_of_the_records(tmp_path: Path) -> None:
    assert run("init", tmp_path / "study").returncode == 0
    for folder in (tmp_path / "study", tmp_path / "study" / "tables"):
        before = files_in(folder)
        done = run("derive", tmp_path / "study", "-o", folder)
        assert done.returncode == 2
        assert "holds the records of a study" in done.stderr
        assert files_in(folder) == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupt_waits_until_files_are_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.replace

    def interrupted(path: Path, target: Path) -> Path:
        signal.raise_signal(signal.SIGINT)
        return rename(path, target)

    with staging(tmp_path / "x") as scratch:
        pairs = [(text(scratch / name, name), tmp_path / name) for name in "ab"]
        monkeypatch.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            put_in_place(pairs, scratch)
    assert files_in(tmp_path) == {"a", "b"}
