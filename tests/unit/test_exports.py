"""The study for other programs: ADaM, SDTM, Parquet and CSV say what was recorded and derived."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest

from remission.definitions.cohort import Cohort, derive_cohort
from remission.errors import OutputError
from remission.exports import write_export as writing
from remission.exports.adam import adam_of
from remission.exports.dataset import Dataset
from remission.exports.sdtm import Sdtm, sdtm_of
from remission.exports.write_export import FORMS, write_export
from remission.records.storage import METADATA
from remission.sources.study_folder import read_study
from tests.conftest import run, study_of

PLAN = {"endpoints": {"os": {"label": "Overall survival", "events": ["death"]},
                      "cir": {"label": "Relapse", "events": ["relapse"], "competing": ["death"],
                              "origin": "transplant"}},
        "records": {"absent_means_none": ["RELAPSE"]}}


@pytest.fixture(scope="module")
def cohort(demo: Path) -> Cohort:
    return derive_cohort(read_study(demo / "study"))


@pytest.fixture(scope="module")
def sdtm(cohort: Cohort) -> Sdtm:
    return sdtm_of(cohort.study)


@pytest.fixture(scope="module")
def adam(cohort: Cohort, sdtm: Sdtm) -> dict[str, Dataset]:
    return {data.name: data for data in adam_of(cohort, sdtm)}


@pytest.fixture(scope="module")
def exported(cohort: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "out"
    write_export(cohort, folder, FORMS)
    return folder


def small() -> dict[str, Dataset]:
    """The ADaM of three children, worked by hand."""
    study = study_of(
        PLAN,
        subject="""
            subject_id | site_id | age_at_index_days
            A          | X       | 2000
            B          | X       |
            C          | X       | 100
        """,
        exposure="""
            subject_id | cycle_no | segment_no | start_day | end_day
            A          | 1        | 1          | 0         | 6
            A          | 1        | 2          | 7         | 27
            B          | 1        | 1          | 0         |
        """,
        transplant="subject_id|transplant_no|day\nA|1|100\nB|1|50",
        disease_episode="subject_id|episode_no|phase|start_day\nA|1|RELAPSE|150",
        follow_up="""
            subject_id | last_contact_day | vital_status | death_day
            A          | 400              | ALIVE        |
            B          | 60               | DEAD         | 60
            C          | 10               | ALIVE        |
        """,
        adverse_event="""
            subject_id | event_no | term  | group | start_day | grade
            A          | 1        | Fever | OTHER | -1        | 1
            A          | 2        | CRS   | CRS   | 0         | 2
            A          | 3        | Rash  | OTHER |           | 1
        """,
        laboratory="""
            subject_id | test | day | sequence | value | sign | unit
            A          | ANC  | -3  | 1        | 2.0   |      | 10*9/L
            A          | ANC  | 0   | 1        | 1.6   |      | 10*9/L
            A          | ANC  | 5   | 1        | 0.4   |      | 10*9/L
            A          | ANC  | 6   | 1        | 0.1   | <    | 10*9/L
        """)
    made = derive_cohort(study)
    return {data.name: data for data in adam_of(made, sdtm_of(study))}


@pytest.fixture(scope="module")
def by_hand() -> dict[str, Dataset]:
    return small()


def rows(data: Dataset, *columns: str) -> list[tuple[Any, ...]]:
    return data.frame.select(columns).rows()


def test_subjects_their_treatment_and_flags(by_hand: dict[str, Dataset]) -> None:
    """Days 0 to 27 are study days 1 to 28; a segment without end leaves the duration open."""
    adsl = by_hand["ADSL"]
    assert rows(adsl, "USUBJID", "TRTSDY", "TRTEDY", "TRTDURD", "SAFFL") == [
        ("A", 1, 28, 28, "Y"), ("B", 1, None, None, "Y"), ("C", None, None, None, "N")]
    assert rows(adsl, "AGE", "AGEU", "DTHFL", "DTHADY", "LSTALVDY") == [
        (2000, "DAYS", None, None, 401), (None, None, "Y", 61, 61), (100, "DAYS", None, None, 11)]


def test_times_events_and_where_they_come_from(by_hand: dict[str, Dataset]) -> None:
    """Relapse counts from the transplant on day 100 (study day 101); B died 10 days after hers."""
    assert rows(by_hand["ADTTE"], "USUBJID", "PARAMCD", "AVAL", "CNSR", "EVNTDESC", "STARTDY",
                "ADY") == [
        ("A", "OS", 400.0, 1, "last contact", 1, 401),
        ("B", "OS", 60.0, 0, "death", 1, 61),
        ("C", "OS", 10.0, 1, "last contact", 1, 11),
        ("A", "CIR", 50.0, 0, "relapse", 101, 151),
        ("B", "CIR", 10.0, 2, "death", 51, 61)]
    assert rows(by_hand["ADTTE"], "SRCDOM", "SRCVAR", "SRCSEQ", "SRCROW")[3:] == [
        ("CE", "CESTDY", 1, "disease_episode:2"), ("DS", "DSSTDY", 1, "follow_up:3")]


def test_adverse_events_from_the_first_infusion_on_are_emergent(
    by_hand: dict[str, Dataset]
) -> None:
    assert rows(by_hand["ADAE"], "AETERM", "ASTDY", "TRTEMFL", "ATOXGR", "ACYCLE") == [
        ("Fever", -1, "N", 1, None), ("CRS", 1, "Y", 2, 1), ("Rash", None, None, 1, None)]


def test_laboratory_baseline_change_and_grade(by_hand: dict[str, Dataset]) -> None:
    """The baseline is the value of day 0. CTCAE 5: ANC below 0.5 is grade 4; above 1.5 the grade
    hangs on the lower limit of normal, which is not there.
    """
    assert rows(by_hand["ADLB"], "ADY", "AVAL", "ABLFL", "BASE", "CHG", "ATOXGR") == [
        (-3, 2.0, None, 1.6, None, None), (1, 1.6, "Y", 1.6, None, None),
        (6, 0.4, None, 1.6, pytest.approx(-1.2), "4"), (7, 0.1, None, 1.6, None, "4")]


def test_a_grade_is_against_the_child_s_own_baseline() -> None:
    """CTCAE 5, ALT: from a normal baseline 100 is 2.5 times the upper limit, grade 1 (to 3 times);
    from an abnormal one 160 is 1.6 times that baseline, grade 1 (1.5 to 3 times).
    """
    study = study_of(
        PLAN,
        subject="subject_id|site_id\nA|X\nB|X",
        exposure="subject_id|cycle_no|segment_no|start_day|end_day\nA|1|1|0|27\nB|1|1|0|27",
        laboratory="""
            subject_id | test | day | sequence | value | unit | upper_limit
            A          | ALT  | -1  | 1        | 30    | U/L  | 40
            A          | ALT  | 5   | 1        | 100   | U/L  | 40
            B          | ALT  | -1  | 1        | 100   | U/L  | 40
            B          | ALT  | 5   | 1        | 160   | U/L  | 40
        """)
    made = {data.name: data for data in adam_of(derive_cohort(study), sdtm_of(study))}
    later = made["ADLB"].frame.filter(pl.col("ADY") == 6)
    assert later.select("USUBJID", "BASE", "ATOXGR").rows() == [("A", 30.0, "1"), ("B", 100.0, "1")]


def test_every_time_is_that_of_the_cohort(cohort: Cohort, adam: dict[str, Dataset]) -> None:
    for name in cohort.plan.endpoints:
        ours = [time for time in cohort.column(f"endpoint_{name}_time") if time is not None]
        code = adam["ADTTE"].frame.filter(
            (pl.col("PARAMCD") == name.upper()[:8]) & pl.col("AVAL").is_not_null())
        assert sorted(code["AVAL"].to_list()) == sorted(ours)


def test_the_source_of_each_time_is_a_row_of_sdtm_on_its_day(
    adam: dict[str, Dataset], sdtm: Sdtm
) -> None:
    domains = {data.name: data.frame for data in sdtm.datasets}
    known = adam["ADTTE"].frame.filter(pl.col("AVAL").is_not_null())
    assert known.height > 60
    for row in known.iter_rows(named=True):
        source = domains[row["SRCDOM"]].filter(
            (pl.col("USUBJID") == row["USUBJID"])
            & (pl.col(f"{row['SRCDOM']}SEQ") == row["SRCSEQ"]))
        assert source[row["SRCVAR"]].to_list() == [row["ADY"]]


def test_responses_are_those_of_the_cohort(cohort: Cohort, adam: dict[str, Dataset]) -> None:
    best = adam["ADRS"].frame.filter(pl.col("PARAM") == cohort.variables["best_response"].label)
    ours = [value for value in cohort.column("best_response") if value is not None]
    assert best.filter(pl.col("AVALC").is_not_null())["AVALC"].to_list() == ours


def test_adsl_has_every_variable_of_the_cohort_once(
    cohort: Cohort, adam: dict[str, Dataset]
) -> None:
    named = [meaning.of for meaning in adam["ADSL"].meanings if meaning.of.startswith("cohort.")]
    assert len(named) == len(set(named)) > 100
    assert "cohort.subject.best_response" in named
    meaning = next(meaning for meaning in adam["ADSL"].meanings
                   if meaning.of == "cohort.subject.age_group")
    assert meaning.chosen == cohort.plan.definitions["age_group"] and meaning.reference


def test_transport_files_hold_what_the_csv_holds(exported: Path) -> None:
    files = sorted(exported.glob("*/xpt/*.xpt"))
    assert len(files) > 15
    for path in files:
        frame, about = pyreadstat.read_xport(str(path), output_format="polars")
        written = pl.read_csv(path.parents[1] / "csv" / f"{path.stem}.csv",
                              infer_schema=False)
        assert frame.columns == written.columns and frame.height == written.height
        assert all(len(label) <= 40 and label.isascii() for label in about.column_labels)
        assert about.table_name == path.stem.upper()
        assert all(name.isascii() and len(name) <= 8 for name in frame.columns)


def test_a_transport_file_reads_no_clock(exported: Path) -> None:
    data = (exported / "sdtm" / "xpt" / "dm.xpt").read_bytes()
    dates = re.findall(rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d", data)
    assert set(dates) == {b"01JAN60:00:00:00"}


@pytest.mark.parametrize("kind", ["csv", "xpt"])
def test_the_command_line_reads_its_own_sdtm_back(
    exported: Path, cohort: Cohort, tmp_path: Path, kind: str
) -> None:
    done = run("import", exported / "sdtm" / kind, "--to", tmp_path / "study")
    assert done.returncode == 0, done.stderr
    back = read_study(tmp_path / "study")
    for name in ("subject", "exposure", "laboratory", "follow_up"):
        ours: pl.DataFrame = cohort.study.table(name).to_native().drop("_source")
        theirs = back.table(name).to_native().drop("_source")
        order = ours.columns[:4]
        assert theirs.sort(order).equals(ours.sort(order)), name


@pytest.mark.parametrize("form", ["adam", "sdtm"])
def test_the_listing_says_every_variable_of_every_file(exported: Path, form: str) -> None:
    define = json.loads((exported / form / "define.json").read_text(encoding="utf-8"))
    listed = {data["name"].lower(): [variable["name"] for variable in data["variables"]]
              for data in define["datasets"]}
    files = {path.stem: pl.read_csv(path, infer_schema=False).columns
             for path in (exported / form / "csv").glob("*.csv")}
    assert listed == files
    assert all(variable["label"] for data in define["datasets"]
               for variable in data["variables"])
    page = (exported / form / "define.md").read_text(encoding="utf-8")
    assert "A study holds whole days and no dates" in page
    assert all(change["whole"] != change["written"] for change in define["changed_in_transport"])


def test_the_listing_says_what_sdtm_does_not_carry(exported: Path) -> None:
    notes = json.loads((exported / "sdtm" / "define.json").read_text(encoding="utf-8"))["notes"]
    assert any(note.startswith("Not carried: null_reason (193 rows)") for note in notes)


def test_every_qualifier_is_explained(exported: Path) -> None:
    define = json.loads((exported / "sdtm" / "define.json").read_text(encoding="utf-8"))
    for data in define["datasets"]:
        if data["name"].startswith("SUPP"):
            used = pl.read_csv(exported / "sdtm" / "csv" / f"{data['name'].lower()}.csv",
                               infer_schema=False)["QNAM"]
            assert set(used) == {meaning["name"] for meaning in data["qualifiers"]}


def test_parquet_carries_the_meaning_of_its_columns(exported: Path, cohort: Cohort) -> None:
    path = exported / "parquet" / "cohort" / "subject.parquet"
    assert pl.read_parquet(path).equals(cohort.subjects.to_native())
    meant = json.loads(pl.read_parquet_metadata(path)[METADATA])
    assert meant["best_response"]["label"] == "Best response"
    table = exported / "parquet" / "tables" / "laboratory.parquet"
    assert json.loads(pl.read_parquet_metadata(table)[METADATA])["value"]["label"]


def test_csv_holds_tables_and_cohort(exported: Path, cohort: Cohort) -> None:
    columns = json.loads((exported / "csv" / "columns.json").read_text(encoding="utf-8"))
    assert set(columns) == {path.relative_to(exported / "csv").as_posix()
                            for path in (exported / "csv").rglob("*.csv")}
    subjects = pl.read_csv(exported / "csv" / "tables" / "subject.csv", infer_schema=False)
    assert subjects["subject_id"].to_list() == list(cohort.study.subjects)


def test_a_second_export_replaces_the_first(cohort: Cohort, tmp_path: Path) -> None:
    write_export(cohort, tmp_path / "out", ["csv", "sdtm"])
    write_export(cohort, tmp_path / "out", ["csv"])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["csv", "export.json"]


def test_somebody_elses_file_is_refused(cohort: Cohort, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"notes\.txt"):
        write_export(cohort, tmp_path, ["csv"])
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_export_that_fails_leaves_nothing(
    cohort: Cohort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(writing, "write_define", fails)
    with pytest.raises(OSError, match="no space"):
        write_export(cohort, tmp_path / "out", ["csv", "sdtm"])
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_writes_the_forms_asked_for(demo: Path, tmp_path: Path) -> None:
    done = run("export", demo / "study", "--sdtm", "--json", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["subjects"] == 64
    assert (tmp_path / "out" / "sdtm" / "xpt" / "dm.xpt").is_file()


def test_without_a_form_the_command_line_says_what_to_do(demo: Path, tmp_path: Path) -> None:
    done = run("export", demo / "study", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "--adam, --sdtm, --parquet or --csv" in " ".join(done.stderr.split())
    assert not (tmp_path / "out").exists()
