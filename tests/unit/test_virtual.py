"""Virtual cohorts: cited numbers, the same children on any number of workers, recorded faults."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from remission.errors import InputError, OutputError
from remission.records.checks import check_study
from remission.records.redcap_dictionary import redcap_dictionary
from remission.records.tables import TABLES
from remission.sources.study_folder import read_study
from remission.virtual import write_virtual
from remission.virtual.engraftment import NEUTROPHILS, PLATELETS, recovery_day
from remission.virtual.parameters import read_parameters, studies
from remission.virtual.pharmacokinetics import CLEARANCE, VOLUME, clearance, concentrations
from remission.virtual.recorded import FAULTS, as_clinics_record, chosen_rates
from remission.virtual.redcap_export import redcap_records
from remission.virtual.simulate import BLOCK, blocks_of, simulate_block
from remission.virtual.stream import Stream
from remission.virtual.write_dirty import with_dates, write_dirty_cohort
from remission.virtual.write_virtual import Design, simulated, write_virtual_cohort

LIKES = studies()


@pytest.mark.parametrize("like", LIKES)
def test_every_number_says_where_it_comes_from(like: str) -> None:
    for name, entry in read_parameters(like).entries.items():
        assert set(entry) <= {"value", "origin", "source"}, name
        assert str(entry["source"]).strip(), name
        assert entry.get("origin", "printed") in ("printed", "derived", "invented"), name


@pytest.mark.parametrize("like", LIKES)
def test_every_page_of_a_virtual_study_says_that_it_is_simulated(like: str) -> None:
    text = (files("remission.virtual") / "parameters" / f"{like}.study.toml").read_text("utf-8")
    assert tomllib.loads(text)["study"]["origin"] == "simulated"


@pytest.fixture(scope="module")
def many() -> pl.DataFrame:
    """The truth of 20,000 children like those of each study."""
    frames = [simulated(Design(like, 20_000, 1), [(0, block, n) for block, n in blocks_of(
        20_000)]).truth.with_columns(like=pl.lit(like)) for like in LIKES]
    return pl.concat(frames)


@pytest.mark.parametrize(("like", "which", "share", "about"), [
    # Zhang 2025, Table 1 and Results, Response rate: 11 of 105; 9 of 11; 33 of 40
    ("zhang-2025", pl.col("status_at_first_infusion") == "RR", 11 / 105, 0.01),
    # Olaya-Vargas 2025, Results: 30 of 54 had two cycles; 41 of 54 were transplanted
    ("olaya-2025", pl.col("cycles_given") == 2, 30 / 54, 0.04),
    ("olaya-2025", pl.col("responder") == "Y", 40 / 54, 0.03),
    ("olaya-2025", pl.col("transplant_day").is_not_null(), 41 / 54, 0.04),
])
def test_the_margins_are_those_of_the_paper(
    many: pl.DataFrame, like: str, which: pl.Expr, share: float, about: float
) -> None:
    found = many.filter(pl.col("like") == like).select(which.mean()).item()
    assert abs(found - share) < about


def test_responders_by_status_are_about_those_of_the_paper(many: pl.DataFrame) -> None:
    children = many.filter(pl.col("like") == "zhang-2025")
    for status, share in (("RR", 9 / 11), ("MRD_POS", 33 / 40)):
        of_status = children.filter(pl.col("status_at_first_infusion") == status)
        assert abs((of_status["responder"] == "Y").mean() - share) < 0.05  # type: ignore[operator]  # its type is wider than its value


def test_the_first_children_do_not_depend_on_the_blocks_beside_them() -> None:
    parameters = read_parameters("zhang-2025")
    alone = simulate_block(parameters, seed=3, replicate=0, block=1, n=50)
    beside = simulated(Design("zhang-2025", BLOCK + 50, 3), [(0, 0, BLOCK), (0, 1, 50)])
    assert alone.truth.equals(beside.truth.tail(50))
    assert alone.truth["subject_id"][0] == f"S{BLOCK + 1:07d}"


def test_any_number_of_workers_writes_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_virtual, "PART", 60)
    written = []
    for jobs in (1, 2):
        folder = tmp_path / f"jobs-{jobs}"
        write_virtual_cohort(Design("zhang-2025", 30, 5, replicates=5), folder, jobs=jobs)
        written.append({path.relative_to(folder): path.read_bytes()
                        for path in folder.rglob("*") if path.is_file()})
    assert written[0] == written[1]
    assert len([path for path in written[0] if path.parent.name == "laboratory.parquet"]) == 3


def test_replicates_are_one_more_key_and_can_be_read_together(tmp_path: Path) -> None:
    folder = tmp_path / "planning"
    write_virtual_cohort(Design("olaya-2025", 20, 5, replicates=3), folder)
    truth = pl.read_parquet(folder / "truth" / "truth.parquet")
    assert truth["replicate"].unique().sort().to_list() == [1, 2, 3]
    assert truth["subject_id"].n_unique() == 60
    study = read_study(folder)
    assert len(study.subjects) == 60
    assert check_study(study) == []


def test_parquet_and_csv_hold_the_same_study(tmp_path: Path) -> None:
    for name, parquet in (("csv", False), ("parquet", True)):
        write_virtual_cohort(Design("zhang-2025", 60, 9, parquet=parquet), tmp_path / name)
    ours, theirs = (read_study(tmp_path / name) for name in ("csv", "parquet"))
    for name in theirs.tables:
        rows = [study.table(name).to_native().drop("_source") for study in (ours, theirs)]
        assert rows[0].equals(rows[1]), name
    assert ours.table("subject")["_source"][0] == "subject.csv:2"
    assert theirs.table("subject")["_source"][0] == "subject.parquet:1"


def test_a_table_in_both_forms_is_refused(tmp_path: Path) -> None:
    write_virtual_cohort(Design("zhang-2025", 20, 9, parquet=True), tmp_path / "study")
    (tmp_path / "study" / "tables" / "subject.csv").write_text("subject_id,site_id\nA,X\n")
    with pytest.raises(InputError, match="is there as CSV too"):
        read_study(tmp_path / "study")


def test_a_parquet_table_with_strange_columns_or_content_is_refused(tmp_path: Path) -> None:
    write_virtual_cohort(Design("zhang-2025", 20, 9, parquet=True), tmp_path / "study")
    tables = tmp_path / "study" / "tables"
    subject = pl.read_parquet(tables / "subject.parquet")
    subject.with_columns(sexx=pl.lit("F"), index_year=pl.lit("when?")).write_parquet(
        tables / "subject.parquet")
    (tables / "exposure.parquet").write_bytes(b"not Parquet")
    with pytest.raises(InputError) as refused:
        read_study(tmp_path / "study")
    told = str(refused.value)
    assert "no column 'sexx'" in told and "index_year" in told
    assert "cannot be read as Parquet" in told


def test_only_declared_columns_are_written() -> None:
    found = simulate_block(read_parameters("olaya-2025"), seed=1, replicate=0, block=0, n=300)
    for name, rows in found.tables.items():
        assert set(rows.columns) <= set(TABLES[name].by_name), name
        assert rows.select(TABLES[name].key).is_duplicated().any() is False, name


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="something here already"):
        write_virtual_cohort(Design("zhang-2025", 5, 1), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_all_that_is_wrong_with_a_design_is_told_together(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        write_virtual_cohort(Design("zhang-2025", 0, -1, replicates=0), tmp_path / "x")
    assert len(refused.value.problems) == 3
    with pytest.raises(InputError, match="no parameters of such a study"):
        write_virtual_cohort(Design("zhang-2024", 5, 1), tmp_path / "x")


# ---- recovery by hand: what the truth calls recovered -------------------------------------------

def counts(*values: float) -> np.ndarray:
    """Return one child's daily counts."""
    return np.array([values])


@pytest.mark.parametrize(("values", "rule", "day"), [
    # definitions, engraftment: 500, 501, 502 at days 10 to 12: from 10 where 0.5 is enough
    ((2, *[0.1] * 8, 0.500, 0.501, 0.502, 0.510), "three_days", 10),
    ((2, *[0.1] * 8, 0.500, 0.501, 0.502, 0.510), "above_500", 11),
    # a single better day is no recovery: 600, 450, 700, 800, 900 from day 11 is day 13
    ((2, *[0.1] * 9, 0.6, 0.45, 0.7, 0.8, 0.9), "three_days", 13),
    ((2, *[0.1] * 9, 0.6, 0.7), "three_days", np.nan),
    ((2.0, 2.0, 2.0, 2.0), "three_days", np.nan),
])
def test_neutrophils_recover_on_the_first_of_three_days(
    values: tuple[float, ...], rule: str, day: float
) -> None:
    given = counts(*values)
    found = recovery_day(given, np.zeros_like(given, dtype=bool), NEUTROPHILS[rule])
    np.testing.assert_equal(found, [day])


@pytest.mark.parametrize(("last", "rule", "day"), [
    (9, "three_days", 16),  # definitions, engraftment: last transfusion day 9, so day 16
    (9, "above_500", 10),
])
def test_platelets_recover_after_the_last_transfusion(last: int, rule: str, day: int) -> None:
    given = counts(*[10.0] * 9, *[25.0] * 10)
    transfused = np.zeros_like(given, dtype=bool)
    transfused[0, last - 1] = True
    assert recovery_day(given, transfused, PLATELETS[rule])[0] == day


# ---- hazards and concentrations -----------------------------------------------------------------

def test_waiting_times_follow_their_rates() -> None:
    stream = Stream("course", 1, 0, 0)
    waited = stream.waiting([0.002, 0.0005], [0.0, 365.0], np.zeros(200_000))
    # S(365) = exp(-0.73) = 0.4819 and S(730) = 0.4819 exp(-0.1825) = 0.4015, by hand
    assert abs((waited > 365).mean() - 0.4819) < 0.004
    assert abs((waited > 730).mean() - 0.4015) < 0.004
    doubled = stream.waiting([0.002], [0.0], np.full(200_000, np.log(2)))
    assert abs((doubled > 365).mean() - np.exp(-1.46)) < 0.004
    assert np.isinf(stream.waiting([0.0], [0.0], np.zeros(3))).all()


def test_concentrations_reach_dose_over_clearance_and_leave_with_the_published_half_life() -> None:
    rates = np.array([[28.0, 28.0, 0.0]])
    found = concentrations(rates, np.array([CLEARANCE]))
    # 28 µg a day / 24 h / 2.22 L/h = 0.5255 µg/L; published mean at 28 µg: 616 (SD 537) pg/mL
    assert found[0, 1] == pytest.approx(525.5, abs=0.1)
    assert abs(found[0, 1] - 616) < 537
    # Clements 2020: half-life 1.87 h
    assert np.log(2) * VOLUME / CLEARANCE == pytest.approx(1.87, abs=0.01)
    assert found[0, 2] == pytest.approx(525.5 * 0.5 ** (24 / 1.867), rel=0.01)
    # data model: -63 % at 0.37 against 1.88 m²
    assert clearance(np.array([0.37]))[0] / CLEARANCE == pytest.approx(0.37, abs=0.005)


def test_concentrations_stand_beside_the_truth_when_asked_for(tmp_path: Path) -> None:
    write_virtual_cohort(Design("zhang-2025", 10, 1, pharmacokinetics=True), tmp_path / "a")
    levels = pl.read_csv(tmp_path / "a" / "truth" / "concentrations.csv")
    assert levels.columns == ["subject_id", "cycle_no", "day", "ug_per_day", "pg_per_ml"]
    assert levels["pg_per_ml"].min() > 0  # type: ignore[operator]  # its type is wider than its value
    write_virtual_cohort(Design("zhang-2025", 10, 1), tmp_path / "b")
    assert not (tmp_path / "b" / "truth" / "concentrations.csv").exists()


# ---- how clinics record -------------------------------------------------------------------------

def test_every_planted_fault_is_what_stands_in_the_file(tmp_path: Path) -> None:
    write_dirty_cohort(Design("olaya-2025", 120, 4), tmp_path / "clinic")
    planted = pl.read_csv(tmp_path / "clinic" / "truth" / "planted.csv", infer_schema=False)
    of_values = planted.filter(~pl.col("column").str.ends_with("_day") & (pl.col("column") != ""))
    assert len(of_values) > 20
    for fault in of_values.iter_rows(named=True):
        rows = pl.read_csv(tmp_path / "clinic" / "records" / f"{fault['table']}.csv",
                           infer_schema=False)
        row = rows.row(int(fault["row"]) - 2, named=True)
        assert row["subject_id"] == fault["subject_id"]
        assert row[fault["column"]] == fault["is"]
        assert fault["is"] != fault["was"]


def test_without_rates_nothing_is_changed() -> None:
    tables = simulate_block(
        read_parameters("zhang-2025"), seed=1, replicate=0, block=0, n=100).tables
    rates = dict.fromkeys(chosen_rates(()), 0.0)
    recorded, planted = as_clinics_record(tables, Stream("recording", 1, 0, 0), rates)
    assert len(planted) == 0
    for name, rows in recorded.items():
        assert rows.equals(tables[name]), name


def test_a_rate_of_one_spoils_every_cell_it_can() -> None:
    tables = simulate_block(
        read_parameters("olaya-2025"), seed=1, replicate=0, block=0, n=100).tables
    rates = dict.fromkeys(chosen_rates(()), 0.0) | {"typing_matches": 1.0}
    recorded, planted = as_clinics_record(tables, Stream("recording", 1, 0, 0), rates)
    assert set(recorded["transplant"]["hla_matched"]) == {11}
    assert len(planted) == len(tables["transplant"])


def test_strange_faults_are_refused_together() -> None:
    with pytest.raises(InputError) as refused:
        chosen_rates(["unit_mixup=0.1", "rounding=2", "rounding"])
    assert len(refused.value.problems) == 3
    assert "unit_mix_up" in refused.value.problems[0].cure


def test_the_faults_name_checks_that_exist() -> None:
    from remission.records.checks import RULES

    for fault in FAULTS:
        assert not fault.rule or fault.rule in RULES, fault.kind
        assert fault.column in TABLES[fault.table].by_name, fault.kind


def test_a_redcap_export_has_a_row_a_form_and_a_column_for_every_field() -> None:
    tables = simulate_block(
        read_parameters("olaya-2025"), seed=2, replicate=0, block=0, n=40).tables
    dated = with_dates({name: rows for name, rows in tables.items() if len(rows)},
                       Stream("recording", 2, 0, 0))
    records = redcap_records(dated)
    repeating = sum(len(rows) for name, rows in dated.items()
                    if name not in ("subject", "follow_up"))
    assert len(records) == 40 + repeating
    key = ["subject_id", "redcap_repeat_instrument", "redcap_repeat_instance"]
    assert not records.select(key).is_duplicated().any()
    assert {"transplant_gvhd_prophylaxis___ptcy", "exposure_dose_unit", "subject_index_date",
            "laboratory_complete"} <= set(records.columns)
    units = records["exposure_dose_unit"].drop_nulls().unique().to_list()
    assert units == ["ug_m2_d"]
    dictionary = pl.read_csv(redcap_dictionary().encode(), infer_schema=False)
    fields = set(dictionary["Variable / Field Name"])
    plain = {name.split("___")[0] for name in records.columns if not name.endswith("_complete")
             and not name.startswith("redcap_")}
    assert plain <= fields
