"""The CDISC pilot study, imported without a mapping, gives the counts of its own ADaM data sets.

Every expected number is read from ``adam_*.xpt`` of the pilot submission by pyreadstat, apart from
our reader. Where the two differ on purpose the test says why.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pyreadstat
import pytest

from remission.sources.built_in import import_without_mapping
from remission.sources.importing import Imported
from remission.sources.read_source import read_source

DOMAINS = ("dm", "ex", "ae", "suppae", "ds", "sv", "ta", "te", "ts")


@pytest.fixture(scope="module")
def pilot(shared_data: Path) -> Path:
    folder = shared_data / "cdiscpilot01_xpt"
    if not folder.is_dir():
        pytest.skip("the CDISC pilot is not in ../shared/data (cdiscpilot01_xpt)")
    return folder


@pytest.fixture(scope="module")
def imported(pilot: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    folder = tmp_path_factory.mktemp("sdtm")
    for domain in DOMAINS:
        shutil.copyfile(pilot / f"sdtm_{domain}.xpt", folder / f"{domain}.xpt")
    return import_without_mapping(read_source(folder))


def adam(pilot: Path, name: str) -> pl.DataFrame:
    return pyreadstat.read_xport(str(pilot / f"adam_{name}.xpt"), output_format="polars")[0]


@pytest.fixture(scope="module")
def adsl(pilot: Path, imported: Imported) -> pl.DataFrame:
    """ADSL beside our subjects, follow-up and days of treatment."""
    exposure = imported.tables["exposure"].group_by("subject_id").agg(
        first=pl.col("start_day").min(), last=pl.col("end_day").max(),
        is_open=pl.col("end_day").is_null().any())
    rows = adam(pilot, "adsl").join(
        imported.tables["subject"], left_on="USUBJID", right_on="subject_id")
    return rows.join(exposure, left_on="USUBJID", right_on="subject_id").join(
        imported.tables["follow_up"], left_on="USUBJID", right_on="subject_id")


def said(imported: Imported, beginning: str) -> str:
    return next(line for line in imported.sniffed if line.startswith(beginning))


def test_the_subjects_are_those_of_adsl(imported: Imported, pilot: Path) -> None:
    subjects, expected = imported.tables["subject"], adam(pilot, "adsl")
    assert set(subjects["subject_id"]) == set(expected["USUBJID"])
    assert len(subjects) == expected.filter(pl.col("SAFFL") == "Y").height
    assert said(imported, "dm.xpt: 52 rows set aside").endswith("never in the study")


def test_arms_sexes_centres_and_ages(adsl: pl.DataFrame, imported: Imported) -> None:
    arms = imported.tables["subject"].group_by("arm").len().sort("arm")
    assert arms.rows() == adsl.group_by("ARM").len().sort("ARM").rows()
    assert adsl["sex"].to_list() == adsl["SEX"].to_list()
    assert adsl["site_id"].to_list() == adsl["SITEID"].to_list()
    assert adsl["age_at_index_years_reported"].to_list() == adsl["AGE"].to_list()


def test_days_of_treatment_are_trtdur(adsl: pl.DataFrame) -> None:
    assert set(adsl["first"]) == {0}, "RFSTDTC is the first dose"
    closed = adsl.filter(~pl.col("is_open"))
    assert (closed["last"] + 1).to_list() == closed["TRTDUR"].to_list()
    # ADSL ends the last dose of these six with the end of their participation; EX leaves it open.
    assert adsl["is_open"].sum() == 6


def test_adverse_events_and_the_children_who_had_one(imported: Imported, pilot: Path) -> None:
    events, expected = imported.tables["adverse_event"], adam(pilot, "adae")
    assert len(events) == expected.height
    assert events["subject_id"].n_unique() == expected["USUBJID"].n_unique()
    serious = expected.filter(pl.col("AESER") == "Y").height
    assert events.filter(pl.col("serious") == "Y").height == serious


def test_treatment_emergent_events_with_a_whole_date(imported: Imported, pilot: Path) -> None:
    events, expected = imported.tables["adverse_event"], adam(pilot, "adae")
    whole = expected.filter((pl.col("ASTDTF") == "") & pl.col("ASTDT").is_not_null())
    ours = events.filter(pl.col("start_day") >= 0).height
    assert ours == whole.filter(pl.col("TRTEMFL") == "Y").height
    # A start known only by month or year has no day here; ADAE imputes the day of 15 of these 26.
    assert events["start_day"].null_count() == expected.height - whole.height
    partial = partial_dates(imported).filter(
        (pl.col("table") == "adverse_event") & (pl.col("column") == "start_day"))["date"]
    assert len(partial) == expected.height - whole.height
    assert set(map(len, partial)) == {len("2012-08"), len("2012")}


def test_deaths_and_their_days(adsl: pl.DataFrame) -> None:
    dead = adsl.filter(pl.col("DTHFL") == "Y")
    assert adsl.filter(pl.col("vital_status") == "DEAD")["USUBJID"].to_list() == (
        dead["USUBJID"].to_list())
    assert dead["death_day"].to_list() == dead["last_contact_day"].to_list()


def test_the_lost_are_those_of_adsl(adsl: pl.DataFrame) -> None:
    lost = adsl.filter(pl.col("DCDECOD") == "LOST TO FOLLOW-UP")["USUBJID"].to_list()
    assert adsl.filter(pl.col("vital_status") == "LOST")["USUBJID"].to_list() == lost


def test_last_contact_is_not_before_the_end_of_the_reference_period(adsl: pl.DataFrame) -> None:
    ends = (adsl["RFENDT"] - adsl["TRTSDT"]).dt.total_days()
    before = adsl.filter(adsl["last_contact_day"] < ends)
    # This child died on 2 August 2013 (DTHDTC), a day before its RFENDTC.
    assert before["USUBJID"].to_list() == ["01-710-1083"]


def test_the_first_skin_event_of_adtte_is_the_row_it_names(
    imported: Imported, pilot: Path
) -> None:
    """ADTTE counts the day of the first dose as 1; its SRCSEQ names the row of AE."""
    rows = pyreadstat.read_xport(str(pilot / "sdtm_ae.xpt"), output_format="polars")[0].select(
        "USUBJID", SRCSEQ="AESEQ",
        _source=pl.format("ae.xpt:{}", pl.int_range(2, pl.len() + 2)))
    events = imported.tables["adverse_event"].select("_source", "start_day")
    first = adam(pilot, "adtte").filter(pl.col("CNSR") == 0).join(
        rows, on=["USUBJID", "SRCSEQ"]).join(events, on="_source")
    assert len(first) == 152
    assert (first["start_day"] + 1).to_list() == first["AVAL"].to_list()


def test_nothing_is_lost_in_silence(imported: Imported) -> None:
    assert (imported.rows_read["ae"], imported.rows_read["ex"]) == (1191, 591)
    assert imported.rows_unused == ()
    assert "sv.xpt: 3559 rows set aside: the domain SV has no table here" in imported.sniffed
    assert all(imported.unmapped.values()), "each column that is not read has its reason"


def test_its_adam_alone_gives_the_same_children_and_events(
    pilot: Path, imported: Imported, tmp_path: Path
) -> None:
    for name in ("adsl", "adae", "adtte"):
        shutil.copyfile(pilot / f"adam_{name}.xpt", tmp_path / f"{name}.xpt")
    alone = import_without_mapping(read_source(tmp_path))
    columns = ["subject_id", "site_id", "sex", "age_at_index_years_reported", "arm"]
    assert alone.tables["subject"].select(columns).sort("subject_id").rows() == (
        imported.tables["subject"].select(columns).sort("subject_id").rows())
    columns = ["subject_id", "term", "start_day", "end_day", "serious", "related"]
    ours, theirs = (tables.tables["adverse_event"].select(columns).sort(columns)
                    for tables in (imported, alone))
    # ADAE has no date at all for 11 of the 26 starts that AE knows by month or year.
    assert theirs.rows() == ours.rows()
    assert len(partial_dates(alone)) == 15
    assert any("adtte.xpt: 254 rows set aside" in line for line in alone.sniffed)


def partial_dates(imported: Imported) -> pl.DataFrame:
    """Return the dates of the vault of which the day is not known."""
    return imported.vault.filter(pl.col("date").str.len_chars() < len("2012-08-01"))
