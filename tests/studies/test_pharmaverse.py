"""The test data of pharmaverse: SDTM as CSV, imported, beside ADaM that admiral derived from it.

Expected numbers are read from ``pharmaverseadam/*.csv``. Both come from the CDISC pilot, with
domains of other sources beside it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from remission.errors import InputError
from remission.sources.built_in import import_without_mapping
from remission.sources.importing import Imported
from remission.sources.read_source import read_source

FILES = ("dm", "ex", "ae", "suppae", "ds", "suppds", "lb_subset", "mh", "rs_onco", "vs_peds",
         "smq_db", "ts")
CALENDAR = ("TRTSDT", "TRTEDT", "LSTALVDT", "ADT")


@pytest.fixture(scope="module")
def imported(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    if not (shared_data / "pharmaversesdtm").is_dir():
        pytest.skip("the pharmaverse data are not in ../shared/data (pharmaversesdtm)")
    folder = tmp_path_factory.mktemp("sdtm")
    for name in FILES:
        shutil.copyfile(shared_data / "pharmaversesdtm" / f"{name}.csv", folder / f"{name}.csv")
    return import_without_mapping(read_source(folder))


def adam(shared_data: Path, name: str) -> pl.DataFrame:
    rows = pl.read_csv(shared_data / "pharmaverseadam" / f"{name}.csv", infer_schema=False,
                       null_values=["NA", ""])
    return rows.with_columns(pl.col(column).str.to_date() for column in CALENDAR
                             if column in rows.columns)


@pytest.fixture(scope="module")
def adsl(shared_data: Path, imported: Imported) -> pl.DataFrame:
    """ADSL of those treated, beside our follow-up."""
    return adam(shared_data, "adsl").filter(pl.col("SAFFL") == "Y").join(
        imported.tables["follow_up"], left_on="USUBJID", right_on="subject_id")


def test_the_subjects_are_those_who_were_treated(adsl: pl.DataFrame, imported: Imported) -> None:
    assert set(imported.tables["subject"]["subject_id"]) == set(adsl["USUBJID"])


def test_days_of_treatment_are_trtdurd(adsl: pl.DataFrame, imported: Imported) -> None:
    last = imported.tables["exposure"].group_by("subject_id").agg(pl.col("end_day").max())
    both = adsl.join(last, left_on="USUBJID", right_on="subject_id")
    assert both.height == 254
    assert (both["end_day"] + 1).to_list() == both["TRTDURD"].cast(pl.Int64).to_list()


def test_deaths_are_on_the_day_that_adsl_counts(adsl: pl.DataFrame) -> None:
    dead = adsl.filter(pl.col("DTHFL") == "Y")
    assert dead["vital_status"].to_list() == ["DEAD"] * 3
    assert (dead["death_day"] + 1).to_list() == dead["DTHADY"].cast(pl.Int64).to_list()


def test_last_contact_is_lstalvdt_or_the_later_end_of_participation(adsl: pl.DataFrame) -> None:
    alive = (adsl["LSTALVDT"] - adsl["TRTSDT"]).dt.total_days()
    assert (adsl["last_contact_day"] >= alive).all()
    # LSTALVDT knows only events, laboratory and treatment; RFPENDTC also the last visit or call.
    participation = (adsl["RFPENDTC"].str.head(10).str.to_date() - adsl["TRTSDT"]).dt.total_days()
    later = adsl.filter(adsl["last_contact_day"] > alive)
    assert later.height == 93
    assert adsl.filter(pl.col("vital_status") != "DEAD")["last_contact_day"].to_list() == (
        participation.filter(adsl["vital_status"] != "DEAD").to_list())


def test_treatment_emergent_events_with_a_whole_date(
    shared_data: Path, imported: Imported
) -> None:
    events, expected = imported.tables["adverse_event"], adam(shared_data, "adae")
    assert len(events) == expected.height
    ends = adam(shared_data, "adsl").select(
        subject_id="USUBJID", last=(pl.col("TRTEDT") - pl.col("TRTSDT")).dt.total_days())
    both = events.join(ends, on="subject_id")
    whole = expected.filter((pl.col("TRTEMFL") == "Y") & pl.col("ASTDTF").is_null()).height
    # admiral stops 30 days after the last dose; 4 events came later.
    in_window = both.filter(pl.col("start_day").is_between(0, pl.col("last") + 30))
    assert in_window.height == whole == 1116
    assert both.filter(pl.col("start_day") >= 0).height == whole + 4


@pytest.mark.parametrize(("test", "code", "factor"), [
    ("ALT", "ALT", 1), ("AST", "AST", 1), ("PLT", "PLAT", 1), ("WBC", "WBC", 1),
    ("BILIRUBIN", "BILI", 1), ("HGB", "HGB", 16.1134)])
def test_laboratory_values_are_those_of_adlb(
    shared_data: Path, imported: Imported, test: str, code: str, factor: float
) -> None:
    """ADLB has haemoglobin in mmol/L; ours is g/L (1 mmol/L is 100,000/6,206 g/L)."""
    ours = imported.tables["laboratory"].filter(pl.col("test") == test).select(
        "subject_id", "day", "value")
    expected = adam(shared_data, "adlb_graded_subset").filter(
        (pl.col("PARAMCD") == code) & pl.col("ADY").is_not_null()
        & pl.col("AVAL").is_not_null()).select(
        subject_id="USUBJID", ady=pl.col("ADY").cast(pl.Int64), aval=pl.col("AVAL").cast(pl.Float64)
    ).with_columns(day=pl.when(pl.col("ady") > 0).then(pl.col("ady") - 1).otherwise(pl.col("ady")))
    rows = expected.join(ours, on=["subject_id", "day"], how="left")
    nearest = rows.with_columns(
        off=(pl.col("value") / factor - pl.col("aval")).abs() / pl.col("aval")
    ).group_by("subject_id", "day", "aval").agg(pl.col("off").min())
    assert nearest["off"].null_count() == 0
    assert nearest["off"].max() < 0.01  # the files round their standard units


def test_a_result_below_the_limit_stays_one(imported: Imported) -> None:
    below = imported.tables["laboratory"].filter(pl.col("sign") == "<")
    assert below.select("test", "value", "unit", "source_value", "source_unit").rows() == [
        ("BILIRUBIN", pytest.approx(3.42), "umol/L", 0.2, "mg/dL")] * 5


def test_tests_without_a_table_are_counted(imported: Imported) -> None:
    assert ("lb_subset.csv: 1802 rows set aside: tests that no table here holds: HCT 1790, "
            "LYMLE 12") in imported.sniffed


def test_a_solid_tumours_response_is_no_response_of_leukaemia(imported: Imported) -> None:
    assert ("rs_onco.csv: 5566 rows set aside: criteria of another disease: RECIST 1.1 5566"
            ) in imported.sniffed
    assert "assessment" not in imported.tables


def test_births_of_children_give_ages_in_days(
    shared_data: Path, tmp_path: Path
) -> None:
    shutil.copyfile(shared_data / "pharmaversesdtm" / "dm_peds.csv", tmp_path / "dm.csv")
    subjects = import_without_mapping(read_source(tmp_path)).tables["subject"]
    published = pl.read_csv(shared_data / "pharmaversesdtm" / "dm_peds.csv", infer_schema=False)
    days = (published["RFSTDTC"].str.to_date() - published["BRTHDTC"].str.to_date()
            ).dt.total_days()
    assert subjects["age_at_index_days"].to_list() == days.to_list()


def test_two_lists_of_subjects_are_refused(shared_data: Path, tmp_path: Path) -> None:
    for name in ("dm", "dm_peds"):
        shutil.copyfile(shared_data / "pharmaversesdtm" / f"{name}.csv", tmp_path / f"{name}.csv")
    with pytest.raises(InputError, match=r"dm\.csv and dm_peds\.csv: Both hold the domain DM"):
        import_without_mapping(read_source(tmp_path))
