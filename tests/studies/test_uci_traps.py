"""The 187 children: each trap of the data set is met in the mapping or found by the checks."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from remission.definitions.absence import NOT_ASKED
from remission.definitions.cohort import Cohort, derive_cohort
from remission.definitions.relapse import NO_DAY_OF_RELAPSE
from remission.records.checks import Query, check_study
from remission.records.study import Study
from remission.sources.study_folder import read_study
from tests.conftest import UCI, run


@pytest.fixture(scope="module")
def study(uci_study: Path) -> Study:
    return read_study(uci_study)


@pytest.fixture(scope="module")
def cohort(study: Study) -> Cohort:
    return derive_cohort(study)


@pytest.fixture(scope="module")
def queries(study: Study) -> list[Query]:
    return check_study(study)


@pytest.fixture(scope="module")
def source(uci_csv: Path) -> list[dict[str, str]]:
    with uci_csv.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_source_column_is_mapped_or_listed(uci_study: Path, source: list) -> None:  # type: ignore[type-arg]  # of any shape
    account = json.loads((uci_study / "imports" / "PL.json").read_text(encoding="utf-8"))
    assert set(account["unmapped"]) == {"Antigen", "Alel", "HLAgrI", "CD3dCD34"}
    assert all(account["unmapped"].values()), "each has its reason"
    assert len(source[0]) == 37
    assert account["rows_unused"] == []


def test_an_excel_copy_gives_the_same_study(
    uci_csv: Path, uci_study: Path, source: list[dict[str, str]], tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(source[0]))
    for row in source:
        sheet.append([_as_excel(value) for value in row.values()])
    book.save(tmp_path / "copy.xlsx")
    done = run("import", tmp_path / "copy.xlsx", "--mapping", UCI / "mapping.toml",
               "--to", tmp_path / "study")
    assert done.returncode == 0, done.stderr
    for path in sorted((uci_study / "tables").glob("*.csv")):
        ours = pl.read_csv(path, infer_schema=False).drop("_source")
        theirs = pl.read_csv(tmp_path / "study" / "tables" / path.name, infer_schema=False)
        assert ours.equals(theirs.drop("_source")), path.name


def _as_excel(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text or None


def test_a_million_means_never(cohort: Cohort, source: list[dict[str, str]]) -> None:
    never = [row["ANCrecovery"] for row in source].count("1000000")
    assert cohort.column("neutrophil_recovery").count("N") == never == 5
    assert max(day for day in cohort.column("neutrophil_recovery_day") if day is not None) < 100
    assert cohort.column("platelet_recovery").count("N") == 17
    assert max(day for day in cohort.column("acute_gvhd_3_4_day") if day is not None) < 1000


def test_reversed_codes_of_graft_versus_host_disease(
    cohort: Cohort, source: list[dict[str, str]]
) -> None:
    assert cohort.column("acute_gvhd_3_4").count("Y") == sum(
        row["aGvHDIIIIV"] == "0" for row in source) == 40
    assert cohort.column("chronic_gvhd_extensive").count("Y") == sum(
        row["extcGvHD"] == "0" for row in source) == 28


def test_hla_codes_count_mismatches(cohort: Cohort, source: list[dict[str, str]]) -> None:
    assert cohort.column("hla_matched") == [10 - int(row["HLAmatch"]) for row in source]


def test_blood_groups_have_codes_of_their_own(
    study: Study, source: list[dict[str, str]]
) -> None:
    names = {"-1": "B", "0": "O", "1": "A", "2": "AB", "": None}
    assert study.table("transplant")["donor_abo"].to_list() == [
        names[row["DonorABO"]] for row in source]


def test_the_ratio_is_not_what_its_name_says(source: list[dict[str, str]]) -> None:
    # CD3dCD34 is said to be CD3/CD34; it is 100 × CD34/CD3, and is left out for that reason.
    for row in source:
        if row["CD3dkgx10d8"]:
            cd34, cd3 = float(row["CD34kgx10d6"]), float(row["CD3dkgx10d8"])
            if cd3 > 0.3:      # below, CD3 is rounded too coarsely to tell
                assert float(row["CD3dCD34"]) == pytest.approx(cd34 / cd3, rel=0.02)


def test_donor_ages_are_years_of_365_days(study: Study, source: list[dict[str, str]]) -> None:
    days = [float(row["Donorage"]) * 365 for row in source]
    assert all(abs(day - round(day)) < 1e-3 for day in days)
    assert study.table("transplant")["donor_age_days"].to_list() == [round(day) for day in days]


def test_ages_known_to_a_tenth_of_a_year_keep_it(
    cohort: Cohort, source: list[dict[str, str]]
) -> None:
    assert cohort.column("age_years") == [float(row["Recipientage"]) for row in source]


def test_relapse_has_no_day_and_says_so(cohort: Cohort) -> None:
    assert cohort.column("relapse").count("Y") == 28
    assert set(cohort.column("relapse_day")) == {None}
    assert cohort.column("relapse_note").count(NO_DAY_OF_RELAPSE) == 28


def test_chronic_disease_was_not_assessed_in_31(cohort: Cohort) -> None:
    assert cohort.column("chronic_gvhd_extensive").count(None) == 31
    assert cohort.column("chronic_gvhd_extensive_note").count(NOT_ASKED) == 31


def found(queries: list[Query], rule: str) -> set[str]:
    return {query.subject_id for query in queries if query.rule == rule}


def test_two_children_recover_platelets_after_death(queries: list[Query]) -> None:
    assert found(queries, "after_death") == {"008", "064"}


def test_one_non_malignant_disease_relapses(queries: list[Query]) -> None:
    assert found(queries, "relapse_of_non_malignant_disease") == {"086"}


@pytest.mark.parametrize(("column", "children"), [
    ("Recipientage10", {"156"}),           # 10 years coded as under 10
    ("Recipientageint", {"156"}),          # 10 years coded as over 10
    ("ABOmatch", {"165"}),                 # B to B coded as mismatched
    ("CMVstatus", {"005", "014", "034"}),
    ("aGvHDIIIIV", {"106", "123"}),        # a day of grade III–IV beside 'no grade III–IV'
    ("Txpostrelapse", {"027", "057", "062", "167", "187"}),   # not malignant, yet after relapse
])
def test_columns_that_repeat_others_are_compared(
    queries: list[Query], column: str, children: set[str]
) -> None:
    hits = {query.subject_id for query in queries if query.rule == "repeated_column_disagrees"
            and query.what.startswith(column)}
    assert hits == children


def test_columns_that_agree_everywhere_raise_nothing(queries: list[Query]) -> None:
    for column in ("Donorage35", "Diseasegroup", "HLAmismatch"):
        assert not any(query.what.startswith(column) for query in queries)
    assert len(queries) == 16
