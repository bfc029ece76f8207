"""The report of the 187 children agrees with R. Origin: reference_values.json, key uci187."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from remission.analyses.results import Results
from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import Cohort, derive_cohort
from remission.plan import Plan
from remission.records.study import Study
from remission.sources.study_folder import read_study
from remission.statistics import Outcome, fisher_exact, log_rank, mann_whitney

TO_8_DIGITS = {"rel": 1e-6, "abs": 5e-9}


@pytest.fixture(scope="module")
def reference(shared_data: Path) -> dict[str, Any]:
    values = json.loads((shared_data / "reference_values.json").read_text(encoding="utf-8"))
    return dict(values["uci187"])


@pytest.fixture(scope="module")
def cohort(uci_study: Path) -> Cohort:
    """The study under its own plan, with the reference's days and the children with ALL apart."""
    study = read_study(uci_study)
    plan = study.plan.model_dump(by_alias=True)
    survival = {"kind": "survival", "title": "OS", "endpoint": "os", "unit": "days",
                "at": ["365 days", "730 days", "1825 days"]}
    plan["analyses"] = [*plan["analyses"], survival, {**survival, "by": "disease"}]
    return derive_cohort(Study(Plan.model_validate(plan), study.tables))


@pytest.fixture(scope="module")
def results(cohort: Cohort) -> Results:
    return analyse_cohort(cohort)


def test_children_deaths_and_diagnoses(results: Results, cohort: Cohort,
                                       reference: dict[str, Any]) -> None:
    assert results.find(variable="subjects", group="Overall", statistic="n").value == reference["n"]
    assert results.one(analysis="survival_1", statistic="events").value == reference["deaths"]
    names = {"ALL": "ALL", "AML": "AML", "chronic": "CHRONIC_LEUKAEMIA", "lymphoma": "LYMPHOMA",
             "nonmalignant": "NON_MALIGNANT"}
    for key, count in reference["n_by_disease"].items():
        assert cohort.column("diagnosis").count(names[key]) == count


@pytest.mark.parametrize(("key", "analysis", "group"), [
    ("km_os", "survival_3", "Overall"), ("km_os_ALL", "survival_4", "ALL")])
def test_overall_survival(results: Results, reference: dict[str, Any], key: str, analysis: str,
                          group: str) -> None:
    for point in reference[key]:
        at = results.select(analysis=analysis, group=group, at=float(point["time"]))
        assert at.one(statistic="at_risk").value == point["n_risk"]
        for ours, theirs in (("survival", "surv"), ("se", "se"), ("lower", "lo"), ("upper", "hi")):
            assert at.one(statistic=ours).number / 100 == pytest.approx(
                point[theirs], **TO_8_DIGITS), (ours, point["time"])


def test_the_printed_years_are_the_reference_s_days(results: Results,
                                                    reference: dict[str, Any]) -> None:
    # Nobody's follow-up ends between day 365 and 365.25, nor between 1825 and 1826.25.
    for years, point in zip((1, 2, 5), reference["km_os"], strict=True):
        at = results.select(analysis="survival_1", at=years * 365.25)
        assert at.one(statistic="at_risk").value == point["n_risk"]
        assert at.one(statistic="survival").number / 100 == pytest.approx(point["surv"],
                                                                          **TO_8_DIGITS)


@pytest.mark.parametrize(("variable", "level", "key"), [
    ("relapse", "Y", "relapses"), ("acute_gvhd_3_4", "Y", "agvhd34")])
def test_counts(results: Results, reference: dict[str, Any], variable: str, level: str,
                key: str) -> None:
    row = results.one(analysis="transplant", variable=variable, level=level, group="Overall",
                      statistic="count")
    assert row.value == reference[key]
    assert row.base.n == 187
    assert len(row.subjects) == reference[key]


@pytest.mark.parametrize(("cell", "never", "median"), [
    ("neutrophil", "no_anc", "median_anc_engrafted"),
    ("platelet", "no_plt", "median_plt_engrafted")])
def test_recovery(results: Results, reference: dict[str, Any], cell: str, never: str,
                  median: str) -> None:
    count = results.one(variable=f"{cell}_recovery", group="Overall", statistic="count")
    assert 187 - int(count.number) == reference[never]
    day = results.one(variable=f"{cell}_recovery_day", group="Overall", statistic="median")
    assert day.value == reference[median]
    assert day.base.n == count.value


def test_tests_on_the_cohort(cohort: Cohort, reference: dict[str, Any]) -> None:
    cd34 = np.array(cohort.column("cd34_1e6_kg"))
    died = np.array([value == "Y" for value in cohort.column("death")])
    assert mann_whitney(cd34[died], cd34[~died]).p == pytest.approx(
        reference["mw_cd34_by_death"], rel=1e-9)
    relapse = np.array([value == "Y" for value in cohort.column("relapse")])
    high = np.array([value == "HIGH" for value in cohort.column("risk_group_reported")])
    table = [[int((relapse == r).__and__(high == h).sum()) for h in (False, True)]
             for r in (False, True)]
    assert fisher_exact(table).p == pytest.approx(reference["fisher_relapse_risk"], rel=1e-9)
    outcome = Outcome(cohort.column("endpoint_os_time"), cohort.column("endpoint_os_status"))
    test = log_rank(outcome, cd34 > 10)
    assert test.statistic == pytest.approx(reference["logrank_cd34_10"]["chisq"], **TO_8_DIGITS)
    assert test.p == pytest.approx(reference["logrank_cd34_10"]["p"], **TO_8_DIGITS)


def test_cumulative_incidence_of_relapse_is_refused_with_its_reason(results: Results) -> None:
    rows = results.select(analysis="cumulative_incidence")
    assert len(rows) == 1
    assert rows[0].statistic == "refused"
    assert rows[0].value is None
    assert "28 children without its day" in rows[0].note
    assert len(rows[0].subjects) == 28
