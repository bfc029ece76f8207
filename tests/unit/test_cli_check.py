"""remission check as a coordinator meets it: sheets out, answers back, what the report says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.conftest import run


@pytest.fixture
def study(demo: Path, tmp_path: Path) -> Path:
    """A copy of the demo study, whose queries may be answered."""
    return Path(shutil.copytree(demo / "study", tmp_path / "study"))


def check(study: Path, *options: object) -> dict[str, Any]:
    done = run("check", study, "--json", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


def answer(path: Path, child: str, words: str, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    book = openpyxl.load_workbook(path)
    for row in book.worksheets[0].iter_rows(min_row=2):
        if row[1].value == child:
            row[6].value = words
    book.save(folder / path.name)


def test_answers_come_back_and_are_kept_with_the_study(study: Path, tmp_path: Path) -> None:
    check(study)
    answer(study / "queries" / "North.xlsx", "N003", "cannot be resolved", tmp_path / "back")
    answer(study / "queries" / "South.xlsx", "S040", "confirmed", tmp_path / "back")
    checked = check(study, "--answers", tmp_path / "back")
    assert checked["states"] == {"open": 2, "corrected": 0, "confirmed": 1, "unresolved": 1}
    assert checked["told"] == []
    kept = json.loads((study / "queries" / "answers.json").read_text(encoding="utf-8"))
    assert {item["line"]["child"]: item["state"] for item in kept["answers"]} == {
        "N003": "unresolved", "S040": "confirmed"}
    shown = run("check", study)
    assert "2 queries to 2 centres" in shown.stdout
    assert "Answers: 2 open, 1 confirmed, 1 cannot be resolved" in shown.stdout

    report = json.loads(run("report", study, "-o", tmp_path / "report", "--json").stdout)
    assert report["open_queries"] == 2
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert ("1 query about the records could not be resolved by the centres, and the values "
            "stand as recorded (laboratory values above what is compatible with life: 1).") in page


def test_sheets_and_terminal_speak_the_language_that_is_asked_for(study: Path) -> None:
    shown = run("check", study, "--language", "es")
    assert shown.returncode == 0, shown.stderr
    assert "Se registró enfermedad" in shown.stdout and "renglón 21" in shown.stdout
    assert openpyxl.load_workbook(study / "queries" / "North.xlsx").sheetnames[0] == "Consultas"
    assert '<html lang="es">' in (study / "queries" / "queries.html").read_text(encoding="utf-8")
    assert run("check", study, "--language", "de").returncode == 2


def test_the_plan_says_which_language_a_centre_speaks(study: Path) -> None:
    plan = study / "study.toml"
    plan.write_text(plan.read_text(encoding="utf-8")
                    + '\n[sites.South]\nlanguage = "es"\n[sites.Nort]\nlanguage = "zh"\n',
                    encoding="utf-8")
    checked = check(study)
    assert checked["unknown_sites"] == ["Nort"]
    names = {site: openpyxl.load_workbook(study / "queries" / f"{site}.xlsx").sheetnames[0]
             for site in ("North", "South")}
    assert names == {"North": "Queries", "South": "Consultas"}
    assert "the centre 'Nort', to which no child belongs" in run("check", study).stdout


def test_the_answers_are_one_memory_wherever_the_sheets_go(study: Path, tmp_path: Path) -> None:
    check(study, "-o", tmp_path / "sheets")
    answer(tmp_path / "sheets" / "South.xlsx", "S040", "confirmed", tmp_path / "back")
    check(study, "-o", tmp_path / "sheets", "--answers", tmp_path / "back")
    assert (study / "queries" / "answers.json").exists()
    assert not (tmp_path / "sheets" / "answers.json").exists()
    assert check(study)["states"]["confirmed"] == 1


def test_strict_is_content_when_everything_is_answered(study: Path, tmp_path: Path) -> None:
    check(study)
    for site, children in (("North", ("N003", "N005")), ("South", ("S039", "S040"))):
        source = study / "queries" / f"{site}.xlsx"
        for child in children:
            answer(source, child, "confirmed", tmp_path / "back")
            source = tmp_path / "back" / f"{site}.xlsx"
    assert run("check", study, "--strict").returncode == 1
    done = run("check", study, "--strict", "--answers", tmp_path / "back")
    assert done.returncode == 0
    assert "No open queries: what was found has been answered." in done.stdout


def test_an_answer_file_that_is_none_is_refused_before_anything_is_written(
    study: Path, tmp_path: Path
) -> None:
    other = openpyxl.Workbook()
    other.worksheets[0]["A1"] = "groceries"
    other.save(tmp_path / "list.xlsx")
    done = run("check", study, "--answers", tmp_path / "list.xlsx")
    assert done.returncode == 2
    assert "This is not a sheet of queries" in done.stderr
    assert not (study / "queries").exists()
