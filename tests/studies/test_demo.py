"""The example study against its truth: what was simulated is what the pipeline gives back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from remission.definitions.cohort import Cohort, derive_cohort
from remission.records.checks import check_study
from remission.records.study import Study
from remission.sources.study_folder import read_study
from remission.virtual.clinics import PLANTED
from remission.virtual.example import example_truth
from remission.virtual.truth import simulate_children


@pytest.fixture(scope="module")
def truth() -> dict[str, dict[str, Any]]:
    return example_truth()


@pytest.fixture(scope="module")
def study(demo: Path) -> Study:
    return read_study(demo / "study")


@pytest.fixture(scope="module")
def cohort(study: Study) -> Cohort:
    return derive_cohort(study)


def by_child(cohort: Cohort, column: str) -> dict[str, Any]:
    return dict(zip(cohort.study.subjects, cohort.column(column), strict=True))


def test_every_child_of_both_clinics_is_there(study: Study, truth: dict[str, Any]) -> None:
    assert set(study.subjects) == set(truth)
    assert set(study.site_of.values()) == {"North", "South"}


@pytest.mark.parametrize(("column", "key"), [("sex", "sex"), ("disease_status", "cohort"),
                                             ("age_at_index_days", "age_days")])
def test_what_was_written_is_what_is_read(
    cohort: Cohort, truth: dict[str, Any], column: str, key: str
) -> None:
    assert by_child(cohort, column) == {name: child[key] for name, child in truth.items()}


def test_deaths_and_relapses_keep_their_days(cohort: Cohort, truth: dict[str, Any]) -> None:
    time, status = (by_child(cohort, f"endpoint_os_{part}") for part in ("time", "status"))
    relapse = by_child(cohort, "relapse_day")
    for name, child in truth.items():
        assert time[name] == child["last_contact"]
        assert status[name] == (1 if child["death"] else 0)
        assert relapse[name] == child["relapse"]


@pytest.mark.parametrize("cell", ["neutrophil", "platelet"])
def test_recovery_is_derived_on_its_true_day(
    cohort: Cohort, truth: dict[str, Any], cell: str
) -> None:
    days, how = by_child(cohort, f"{cell}_recovery_day"), by_child(cohort, f"{cell}_recovery_how")
    grafted = {name: child["graft"] for name, child in truth.items() if child["graft"]}
    assert len(grafted) == 32
    assert {name: days[name] for name in grafted} == {
        name: graft[f"{cell}_day"] for name, graft in grafted.items()}
    assert {how[name] for name in grafted} == {"derived from counts", "reported by the centre"}


def test_graft_versus_host_disease(cohort: Cohort, truth: dict[str, Any]) -> None:
    found = by_child(cohort, "acute_gvhd_2_4")
    for name, child in truth.items():
        acute = child["graft"] and child["graft"]["acute_gvhd"]
        expected = None if not child["graft"] else (
            "Y" if acute and acute[1] in ("II", "III", "IV") else "N")
        assert found[name] == expected


def test_every_planted_fault_is_found_and_nothing_else(study: Study) -> None:
    queries = check_study(study)
    assert {query.rule: query.site_id[0] for query in queries} == {
        rule: site for rule, (site, _) in PLANTED.items()}
    assert len(queries) == len(PLANTED)


def test_units_and_decimal_commas_of_the_south_are_read(study: Study) -> None:
    laboratory = study.table("laboratory").to_native()
    south = laboratory.filter((laboratory["unit"] == "10*9/L") & laboratory["subject_id"]
                              .str.starts_with("S"))
    assert south["source_unit"].unique().to_list() == ["cells/uL"]
    assert (south["value"] * 1000).to_list() == pytest.approx(south["source_value"].to_list())


def test_simulated_children_are_the_same_everywhere() -> None:
    assert simulate_children(5, 3) == simulate_children(5, 3)
    assert simulate_children(5, 3) != simulate_children(5, 4)
    assert simulate_children(9, 3)[:5] == simulate_children(5, 3)
