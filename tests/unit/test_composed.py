"""Variables that a plan makes of others: who has which level, and who has none."""

from __future__ import annotations

from typing import Any

import pytest

from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import Cohort, definitions_of, derive_cohort
from remission.errors import PlanError
from remission.plan import Plan
from remission.report.outline import outline
from tests.conftest import study_of

TABLES = {
    "subject": "subject_id | site_id | sex | age_at_index_days | cohort\n"
               "A | 1 | F | 3000 | RR\nB | 1 | M | 400 | RR\nC | 1 | F | | RR\nD | 1 | F | 100 |",
    "exposure": "subject_id | cycle_no | segment_no | start_day | end_day\n"
                "A | 1 | 1 | 0 | 28\nA | 2 | 1 | 42 | 70\nB | 1 | 1 | 0 | 28",
    "adverse_event": "subject_id | event_no | group | start_day | grade | grading\n"
                     "A | 1 | CRS | 45 | 3 | ASTCT2019",
    "form_status": "subject_id | form | status\nA | ADVERSE_EVENT | COMPLETE\n"
                   "B | ADVERSE_EVENT | COMPLETE",
}
OLDER_GIRL = {"levels": {"Y": {"sex": ["F"], "age_months": {"from": 60}}}, "otherwise": "N"}
LATER_CRS = {"levels": {"Y": {"cycle_no": [2], "crs_grade": ["1", "2", "3"]}}, "otherwise": "N"}
OF_CYCLES = {"grain": "cycle", "levels": {"first of a girl": {"sex": ["F"], "cycle_no": [1]}},
             "otherwise": "other"}


def cohort(made: dict[str, Any], plan: dict[str, Any] | None = None, **asked: Any) -> Cohort:
    analysis = {"kind": "characteristics", "title": "T", "variables": [*made], **asked}
    study = study_of({"variables": made, "analyses": (analysis,), **(plan or {})}, **TABLES)
    return derive_cohort(study, only=definitions_of(study.plan))


def test_all_conditions_hold_together_and_what_is_not_known_decides_nothing() -> None:
    found = cohort({"older_girl": OLDER_GIRL})
    # C is a girl of unknown age; the age of B, a boy, could not make him one
    assert found.column("older_girl") == ["Y", "N", None, "N"]
    assert found.column("older_girl_note")[2] == "a variable that would decide is not known"


def test_conditions_on_a_cycle_are_met_by_one_and_the_same_cycle() -> None:
    assert cohort({"later_crs": LATER_CRS}).column("later_crs") == ["Y", "N", "N", "N"]
    first = {"levels": {"Y": {"cycle_no": [1], "crs_grade": ["3"]}}, "otherwise": "N"}
    assert cohort({"first_crs": first}).column("first_crs")[0] == "N", "it came in the second"


def test_the_first_level_that_is_met_counts_and_one_may_build_on_another() -> None:
    found = cohort({"older_girl": OLDER_GIRL, "who": {"levels": {
        "older girl": {"older_girl": ["Y"]}, "RR": {"cohort": ["RR"]}}}})
    assert found.column("who") == ["older girl", "RR", None, None]
    assert list(found.variables["who"].levels) == ["older girl", "RR"]
    assert found.variables["older_girl"].rule == "Y: sex is F and age_months from 60; N: otherwise"


def test_whether_a_value_is_known_can_be_asked() -> None:
    known = {"levels": {"Y": {"age_months": {"known": True}}}, "otherwise": "N"}
    assert cohort({"has_age": known}).column("has_age") == ["Y", "Y", "N", "Y"]


def test_a_plan_derives_what_its_own_variables_are_made_of() -> None:
    plan = Plan.model_validate({
        "study": {"title": "T"}, "variables": {"a": LATER_CRS, "b": {"levels": {
            "x": {"a": ["Y"], "age_months": {"below": 3}}}}},
        "analyses": [{"kind": "characteristics", "title": "T", "variables": ["b"]}]})
    assert set(definitions_of(plan)) == {"crs_grade", "age_months"}


def test_cycles_can_be_counted_by_groups_of_cycles() -> None:
    found = cohort({"kind_of_cycle": OF_CYCLES}, base="cycles", by="cycles", variables=["sex"],
                   plan={"groups": {"cycles": {"variable": "kind_of_cycle"}}})
    results = analyse_cohort(found)
    assert {row.group: row.value for row in results.select(variable="subjects")} == {
        "Overall": 3, "first of a girl": 1, "other": 2}
    girls = results.one(variable="sex", level="F", statistic="count", group="Overall")
    assert (girls.value, str(girls.base), girls.subjects) == (2, "3 cycles", ("A", "A"))
    assert outline(found, results).parts


@pytest.mark.parametrize(("variables", "told"), [
    ({"sex": OLDER_GIRL}, "'sex' is a variable already."),
    ({"x": {"levels": {"Y": {"agemonths": {"from": 1}}}}}, "There is no variable 'agemonths'."),
    ({"x": {"levels": {"Y": {"sex": ["X"]}}}}, "'X' is not a value of sex."),
    ({"x": {"levels": {"Y": {"sex": {"from": 1}}}}}, "sex has levels and no stretches."),
    ({"x": {"levels": {"Y": {"mrd_state": ["MRD_CR"]}}}},
     "mrd_state has a value for each assessment."),
    ({"x": {"levels": {"Y": {"y": ["Y"]}}}, "y": OLDER_GIRL}, "There is no variable 'y'."),
])
def test_what_cannot_be_composed_is_refused(variables: dict[str, Any], told: str) -> None:
    with pytest.raises(PlanError) as error:
        cohort(variables)
    assert told in [problem.what for problem in error.value.problems]


@pytest.mark.parametrize("cut", [{}, {"from": 1, "known": True}])
def test_a_stretch_has_an_end_or_asks_whether_it_is_known(cut: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="needs from or below"):
        Plan.model_validate({"study": {"title": "T"}, "variables": {
            "x": {"levels": {"Y": {"age_months": cut}}}}})
