"""The terminal as it is met: odd names, no UTF-8, closed pipes, full disks, wrong paths."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from remission.cli.system_errors import system_error
from tests.conftest import run

NASTY = "[b]x [red] :smile: é"


@pytest.fixture
def nasty(tmp_path: Path) -> Path:
    """A study whose file, column, site, subject and folder names look like commands."""
    source = tmp_path / f"{NASTY}.csv"
    source.write_text(f"id,[sheet] x,{NASTY},empty,void\n[/b],1,2,,\n", encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(
        f'site = "[/site]"\nsubject_id = {{ field = "id" }}\n[subject]\nsex = "F"\n'
        f'[unmapped]\n"{NASTY}" = "[/why] :smile:"\n', encoding="utf-8")
    (tmp_path / "study.toml").write_text(f'[study]\ntitle = "{NASTY}"\n', encoding="utf-8")
    return source


def imported(
    nasty: Path, *options: str, encoding: str = "utf-8"
) -> subprocess.CompletedProcess[str]:
    return said("import", nasty, "--mapping", nasty.with_name("mapping.toml"),
                "--to", nasty.with_name("[to]"), *options, encoding=encoding)


def said(*arguments: object, encoding: str = "utf-8") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "remission", *map(str, arguments)], capture_output=True,
        encoding=encoding, check=False,
        env={**os.environ, "PYTHONIOENCODING": f"{encoding}:strict"})


def test_names_are_shown_as_they_are(nasty: Path) -> None:
    done = imported(nasty)
    assert done.returncode == 0, done.stderr
    assert "  [sheet] x: no reason is given in the mapping\n" in done.stdout
    assert f"  {NASTY}: [/why] :smile:\n" in done.stdout
    assert "[to] · next: remission check" in done.stdout
    assert f"{NASTY}.csv" in done.stdout
    study = nasty.with_name("[to]")
    (study / "tables" / "follow_up.csv").write_text(
        "subject_id,last_contact_day,vital_status,death_day\n[/b],5,ALIVE,9\n", encoding="utf-8")
    done = said("check", study)
    assert done.returncode == 0, done.stderr
    assert "[/site]  [/b]" in done.stdout


def test_problems_show_names_as_they_are(nasty: Path) -> None:
    done = said("import", nasty, "--to", nasty.with_name("[to]"))
    assert done.returncode == 2
    assert NASTY in done.stderr
    assert "Traceback" not in done.stderr


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    done = said("check", f"{tmp_path}/a\x1b[31mb")
    assert "\x1b" not in done.stderr
    assert "a\ufffd[31mb" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_valid_and_people_are_answered_in_every_encoding(
    nasty: Path, encoding: str
) -> None:
    for options in ((), ("--json",)):
        done = imported(nasty, *options, encoding=encoding)
        assert done.returncode == 0, done.stderr
    assert NASTY in json.loads(done.stdout)["unmapped"]


def test_columns_without_values_are_counted_for_people_and_listed_for_scripts(nasty: Path) -> None:
    done = imported(nasty)
    assert "Not mapped (2 columns):" in done.stdout
    assert "  2 more hold no value\n" in done.stdout
    assert "void" not in done.stdout
    assert set(json.loads(imported(nasty, "--json").stdout)["unmapped"]) == {
        "[sheet] x", NASTY, "empty", "void"}


def test_a_reader_that_stops_reading_is_no_error(demo: Path, tmp_path: Path) -> None:
    for arguments in (["check", str(demo / "study"), "-o", str(tmp_path / "q")], ["--help"]):
        for options in ([], ["--json"] if arguments[0] == "check" else []):
            read, write = os.pipe()
            os.close(read)
            done = subprocess.run([sys.executable, "-m", "remission", *arguments, *options],
                                  stdout=write, stderr=subprocess.PIPE, text=True, check=False)
            os.close(write)
            assert done.returncode == 1
            assert "Traceback" not in done.stderr and "BrokenPipe" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_full_disk_is_a_problem_in_words(
    demo: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "remission", "check", demo / "study", "-o", tmp_path / "q",
             *options], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "There is no space left on the disk." in done.stderr
    assert "nothing was written" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
def test_a_closed_output_is_no_error(demo: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-m", "remission", "check",
         demo / "study", "-o", tmp_path / "q"], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "q" / "North.xlsx").exists()


def test_wrong_paths_are_problems_in_words(demo: Path, tmp_path: Path) -> None:
    file = tmp_path / "subject.csv"
    file.write_text("subject_id,site_id\nA,1\n", encoding="utf-8")
    study = demo / "study"
    for arguments, what in (
        (("report", file, "-o", tmp_path / "r"), "A file stands where a folder is needed"),
        (("report", study, "-o", file / "r"), "This is a file, not a folder"),
        (("report", study, "-o", tmp_path / "r", "--plan", tmp_path), "a file is needed"),
        (("check", study, "-o", file), "This is a file, not a folder"),
        (("derive", study, "-o", file), "This is a file, not a folder"),
        (("demo", "-o", file), "This is a file, not a folder"),
        (("init", file / "new"), "A file stands where a folder is needed"),
        (("import", file, "--to", tmp_path / "s", "--mapping", tmp_path), "a file is needed"),
        (("import", file, "--to", file), "A file stands where a folder is needed"),
        (("init", tmp_path / ("x" * 300)), "too long"),
    ):
        done = run(*arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert what in done.stderr, (arguments, done.stderr)
        assert "→" in done.stderr
        assert "Traceback" not in done.stderr
        shown = json.loads(run(*arguments, "--json").stdout)
        assert what in shown["problems"][0]["what"]
    assert [path.name for path in tmp_path.iterdir()] == ["subject.csv"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.EIO, None])
def test_every_refusal_of_the_system_has_words_and_a_cure(number: int | None) -> None:
    error = OSError("odd") if number is None else OSError(number, os.strerror(number), "a/b")
    (problem,) = system_error(error).problems
    assert problem.what and problem.cure
    assert problem.where == ("reading or writing" if number is None else "a/b")


def test_a_bug_still_shows_where_it_is() -> None:
    code = ("import sys; sys.argv=['remission', 'init', 'x']\n"
            "import remission.cli, remission.sources.template as template\n"
            "template.write_template = lambda folder: 1 / 0\n"
            "remission.cli.run()\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ZeroDivisionError" in done.stderr


def test_a_missing_mapping_is_not_told_to_begin_a_study(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n", encoding="utf-8")
    done = run("import", tmp_path / "a.csv", "--mapping", tmp_path / "no.toml",
               "--to", tmp_path / "s")
    assert "Check the path" in done.stderr
    assert "init" not in done.stderr


def test_a_demo_over_itself_is_the_same_and_over_anything_else_refused(tmp_path: Path) -> None:
    assert run("demo", "-o", tmp_path).returncode == 0
    results = (tmp_path / "report" / "results.json").read_bytes()
    assert run("demo", "-o", tmp_path).returncode == 0
    assert (tmp_path / "report" / "results.json").read_bytes() == results
    account = tmp_path / "study" / "imports" / "Mine.json"
    account.write_text('{"sites": ["Mine"], "files": []}', encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert run("demo", "-o", tmp_path).returncode == 2
    account.unlink()
    del before[account]
    plan = tmp_path / "study" / "study.toml"
    plan.write_text('[study]\ntitle = "Mine"\n', encoding="utf-8")
    done = run("demo", "-o", tmp_path)
    assert done.returncode == 2
    assert "not the study of an earlier demo" in done.stderr
    del before[plan]
    assert all(path.read_bytes() == was for path, was in before.items())


def test_init_fills_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("init", ".")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {
        "README.md", "records.xlsx", "study.toml", "tables"}
    assert openpyxl.load_workbook(tmp_path / "records.xlsx").sheetnames[0] == "READ ME"
