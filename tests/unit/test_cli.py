"""The command line: help, JSON for scripts, exit statuses, and errors a person can act on."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import run


def test_help_lists_every_verb() -> None:
    done = run("--help")
    assert done.returncode == 0
    for verb in ("demo", "init", "import", "check", "derive", "report", "dose"):
        assert f" {verb} " in done.stdout


def test_the_version() -> None:
    assert run("--version").stdout.startswith("remission 0.")


def test_heavy_libraries_are_not_loaded_for_help() -> None:
    code = ("import sys; sys.argv=['remission', '--help']\n"
            "import remission.cli\n"
            "remission.cli.run()\n"
            "heavy = {'numpy', 'polars', 'matplotlib', 'scipy', 'docx', 'openpyxl', 'pydantic'}\n"
            "print(sorted(heavy & set(sys.modules)), file=sys.stderr)")
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_nothing_loads_scipy_stats(demo: Path, tmp_path: Path) -> None:
    code = ("import sys\nfrom pathlib import Path\nimport remission\n"
            f"study = remission.read(Path({str(demo / 'study')!r}))\n"
            "queries = remission.check(study)\ncohort = remission.derive(study)\n"
            "results = remission.analyse(cohort)\n"
            f"remission.write_report(cohort, results, queries, Path({str(tmp_path / 'r')!r}))\n"
            "assert 'scipy.stats' not in sys.modules\nassert 'pandas' not in sys.modules\n")
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "r" / "report.html").exists()


def test_the_public_words() -> None:
    import remission

    assert {word for word in remission.__all__ if callable(getattr(remission, word))} == {
        "read", "check", "derive", "analyse", "write_report"}
    with pytest.raises(AttributeError, match="it has read, check"):
        _ = remission.publish


def test_every_command_speaks_json(demo: Path, tmp_path: Path) -> None:
    study = demo / "study"
    checked = json.loads(run("check", study, "-o", tmp_path / "q", "--json").stdout)
    queries = checked["queries"]
    assert checked["states"] == {"open": 4, "corrected": 0, "confirmed": 0, "unresolved": 0}
    assert {query["rule"] for query in queries} == {
        "impossible_value", "after_last_contact", "testis_in_a_girl", "hla_matches_exceed"}
    assert set(queries[0]) == {
        "id", "site", "subject", "rule", "rows", "what", "why", "do", "state"}
    derived = json.loads(run("derive", study, "-o", tmp_path / "d", "--json").stdout)
    assert derived["subjects"] == 64
    report = json.loads(run("report", study, "-o", tmp_path / "r", "--json").stdout)
    assert report["open_queries"] == 4
    assert Path(report["report"]).exists()
    made = json.loads(run("init", tmp_path / "new", "--json").stdout)
    assert any(file.endswith("study.toml") for file in made["files"])


def test_check_is_strict_when_asked(demo: Path, tmp_path: Path) -> None:
    assert run("check", demo / "study", "-o", tmp_path / "q").returncode == 0
    assert run("check", demo / "study", "-o", tmp_path / "q", "--strict").returncode == 1
    assert {path.name for path in (tmp_path / "q").iterdir()} == {
        "North.xlsx", "South.xlsx", "queries.html", "queries.json"}


def test_what_was_not_derived_is_not_described(demo: Path, tmp_path: Path) -> None:
    done = run("derive", demo / "study", "--only", "response", "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    variables = json.loads((tmp_path / "variables.json").read_text(encoding="utf-8"))
    assert {"response", "sex"} <= set(variables)
    assert "neutrophil_recovery" not in variables
    assert f"{len(variables)} variables" in done.stdout


def test_rates_of_faults_need_faults(tmp_path: Path) -> None:
    done = run("simulate", "--n", 5, "--fault", "date=0.1", "-o", tmp_path / "new")
    assert done.returncode == 2
    assert "Add --dirty" in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_study_without_a_plan_says_where_one_comes_from(tmp_path: Path) -> None:
    study, records = tmp_path / "study", tmp_path / "subject.csv"
    records.write_text("subject_id,site_id,sex\nA,North,F\nB,North,M\n", encoding="utf-8")
    done = run("import", records, "--to", study)
    assert done.returncode == 0, done.stderr
    assert "remission init" in done.stdout
    assert "remission init" in run("check", study).stderr


def test_derive_writes_the_cohort_and_what_each_column_means(demo: Path, tmp_path: Path) -> None:
    assert run("derive", demo / "study", "-o", tmp_path).returncode == 0
    variables = json.loads((tmp_path / "variables.json").read_text(encoding="utf-8"))
    recovery = variables["neutrophil_recovery"]
    assert recovery["set"] == "astct_ebmt_2024"
    assert "Sureda 2024" in recovery["reference"]
    header = (tmp_path / "subject.csv").read_text(encoding="utf-8").split("\n")[0]
    assert "neutrophil_recovery_source" in header.split(",")


def test_derived_parquet_files_say_what_their_columns_mean(demo: Path, tmp_path: Path) -> None:
    assert run("derive", demo / "study", "-o", tmp_path).returncode == 0
    file = tmp_path / "subject.parquet"
    meant = json.loads(pl.read_parquet_metadata(file)["remission"])
    frame = pl.read_parquet(file)
    assert set(meant) <= set(frame.columns)
    assert meant["neutrophil_recovery_day"]["unit"] == "days"
    assert meant["age_years"]["label"] == "Age"
    assert "Sureda 2024" in meant["neutrophil_recovery"]["reference"]
    assert meant["neutrophil_recovery_source"] == {"of": "neutrophil_recovery", "part": "source"}
    written = pl.read_csv(tmp_path / "subject.csv", infer_schema=False)
    assert written.columns == frame.columns
    assert written["subject_id"].to_list() == frame["subject_id"].to_list()


def test_only_the_named_definitions_are_derived(demo: Path, tmp_path: Path) -> None:
    done = run("derive", demo / "study", "--only", "age_group", "--only", "crs_grade",
               "-o", tmp_path / "two")
    assert done.returncode == 0, done.stderr
    header = (tmp_path / "two/subject.csv").read_text(encoding="utf-8").split("\n")[0].split(",")
    assert "age_group" in header
    assert "neutrophil_recovery" not in header
    assert "crs_grade" in (tmp_path / "two/cycle.csv").read_text(encoding="utf-8")
    refused = run("derive", demo / "study", "--only", "age_grop", "--only", "x", "-o",
                  tmp_path / "none")
    assert refused.returncode == 2
    assert "There is no definition 'age_grop'" in refused.stderr
    assert "There is no definition 'x'" in refused.stderr
    assert not (tmp_path / "none").exists()


def test_compare_shows_who_changes_under_which_set(demo: Path) -> None:
    done = run("derive", demo / "study", "--compare", "neutrophil_recovery", "--json")
    assert done.returncode == 0, done.stderr
    (compared,) = json.loads(done.stdout)
    assert compared["chosen"] == "astct_ebmt_2024"
    assert list(compared["sets"]) == ["astct_ebmt_2024", "cibmtr", "olaya_2025"]
    for change in compared["changed"]:
        answers = change["answers"].values()
        assert len({(answer["value"], answer["day"]) for answer in answers}) > 1
        assert all(answer["row"] for answer in answers)
    shown = run("derive", demo / "study", "--compare", "neutrophil_recovery").stdout
    assert f"{len(compared['changed'])} of {compared['compared']} transplants change" in shown
    first = compared["changed"][0]
    assert first["subject_id"] in shown
    assert first["answers"]["olaya_2025"]["row"].replace(":", " row ") in shown


@pytest.mark.parametrize(("words", "says"), [
    (["--compare", "neutrophil"], "There is no definition 'neutrophil'"),
    (["--compare", "acute_gvhd_2_4"], "'acute_gvhd_2_4' has no two sets to compare"),
    (["--compare", "neutrophil_recovery", "--only", "age_group"], "leave out --only"),
    ([], "Give a folder to write into"),
])
def test_compare_refuses_what_it_cannot_compare(demo: Path, words: list[str], says: str) -> None:
    done = run("derive", demo / "study", *words)
    assert done.returncode == 2
    assert says in " ".join(done.stderr.replace("│", " ").split())


def test_errors_say_what_where_why_and_what_to_do(tmp_path: Path) -> None:
    done = run("report", tmp_path / "nowhere", "-o", tmp_path / "r")
    assert done.returncode == 2
    assert "2 problems; nothing was written." in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "r").exists()


def test_errors_are_json_when_asked(tmp_path: Path) -> None:
    done = run("check", tmp_path / "nowhere", "--json")
    assert done.returncode == 2
    found = json.loads(done.stdout)
    assert {"where", "what", "why", "cure"} == set(found["problems"][0])


def test_a_missing_source_and_mapping(tmp_path: Path) -> None:
    done = run("import", tmp_path / "no.csv", "--to", tmp_path / "s")
    assert done.returncode == 2
    assert "There is no such file or folder" in done.stderr
    (tmp_path / "a.csv").write_text("id\n1\n", encoding="utf-8")
    done = run("import", tmp_path / "a.csv", "--mapping", tmp_path / "no.toml",
               "--to", tmp_path / "s")
    assert "This file does not exist" in done.stderr
    assert not (tmp_path / "s").exists()
