"""Risk factors: the models of each kind of outcome, what cannot be fitted, and what is printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from remission.analyses.results import Results
from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import derive_cohort
from remission.errors import PlanError
from remission.plan import Plan, read_plan
from remission.report.drawn import Forest
from remission.report.outline import outline
from remission.report.spans import plain
from remission.report.table_parts import Table
from tests.conftest import study_of
from tests.unit.course import PLAN, cohort_of

FACTORS = {"kind": "risk_factors", "title": "R", "factors": ("sex", "disease_status")}


def analysed(**asked: Any) -> Results:
    return analyse_cohort(cohort_of({**FACTORS, **asked}))


def two_by_two(died: dict[str, int], of: dict[str, int], **asked: Any) -> Results:
    """Return the results of ``death`` by sex in a study with so many dead of so many."""
    subject, follow_up = ["subject_id | site_id | sex"], ["subject_id | vital_status"]
    for sex, n in of.items():
        for number in range(n):
            subject.append(f"{sex}{number:02d} | 1 | {sex}")
            state = "DEAD" if number < died[sex] else "ALIVE"
            follow_up.append(f"{sex}{number:02d} | {state}")
    analysis = {**FACTORS, "factors": ({"name": "sex", "reference": "F"},), "outcome": "death",
                **asked}
    return analyse_cohort(derive_cohort(study_of(
        {"analyses": (analysis,)}, subject="\n".join(subject), follow_up="\n".join(follow_up))))


def test_the_odds_ratio_is_that_of_the_two_by_two_table() -> None:
    results = two_by_two(died={"F": 2, "M": 6}, of={"F": 12, "M": 14})
    ratio = results.one(variable="sex", level="M", group="univariate", statistic="ratio")
    assert ratio.value == pytest.approx((6 / 8) / (2 / 10))       # (6·10) / (8·2) = 3.75, by hand
    assert results.one(variable="sex", level="F", statistic="reference").value == 1
    assert results.one(variable="sex", level="M", statistic="events").subjects == tuple(
        f"M{number:02d}" for number in range(6))


def test_the_plan_chooses_the_reference_and_the_direction() -> None:
    asked = {"factors": ({"name": "sex", "reference": "M"},), "event": "N"}
    results = two_by_two(died={"F": 2, "M": 6}, of={"F": 12, "M": 14}, **asked)
    ratio = results.one(level="F", group="univariate", statistic="ratio")
    assert ratio.value == pytest.approx((10 / 2) / (8 / 6))       # of being alive: 3.75 again


def test_separation_is_a_reason_and_firth_stands_beside_it() -> None:
    results = two_by_two(died={"F": 0, "M": 6}, of={"F": 12, "M": 14})
    ratio = results.one(level="M", group="univariate", statistic="ratio")
    assert ratio.value is None
    assert "quasi-complete separation by Sex as recorded: male" in ratio.note
    firth = results.one(level="M", group="univariate, Firth", statistic="ratio")
    # Firth's estimate of one 2×2 table adds a half to each cell: (6.5·12.5) / (8.5·0.5)
    assert firth.value == pytest.approx(6.5 * 12.5 / (8.5 * 0.5), rel=1e-4)


def test_few_events_for_each_coefficient_are_warned_of() -> None:
    results = two_by_two(died={"F": 2, "M": 6}, of={"F": 12, "M": 14})
    assert results.one(statistic="events_per_variable").value == 8
    assert "fewer than 10" in results.one(statistic="warning").note


def test_a_factor_of_one_level_is_told_and_stays_out_of_the_model() -> None:
    results = two_by_two(died={"M": 6}, of={"M": 14},
                         factors=({"name": "sex"}, {"name": "disease_status"}))
    note = results.one(variable="sex", group="univariate", statistic="ratio").note
    assert note == "only one level occurs among those whose outcome is known"
    assert results.find(group="multivariable") is None


def test_an_endpoint_is_fitted_by_cox_with_the_test_of_its_assumption() -> None:
    results = analysed(endpoint="efs")
    ratio = results.one(variable="sex", level="M", group="multivariable", statistic="ratio")
    assert ratio.method.startswith("Cox regression, hazard ratio; 95% interval; ties: Efron")
    assert results.find(group="multivariable, Firth", statistic="ratio") is not None
    assert results.find(group="multivariable", statistic="proportional_p", level="") is not None


def test_competing_events_are_fitted_by_fine_gray_with_the_cause_specific_hazard_beside() -> None:
    results = analysed(endpoint="cir")
    leading = results.one(variable="sex", level="M", group="univariate", statistic="ratio")
    beside = results.one(variable="sex", level="M", group="univariate, cause-specific",
                         statistic="ratio")
    assert "Fine–Gray regression, subdistribution hazard ratio" in leading.method
    assert "Cox regression, hazard ratio" in beside.method


def test_a_factor_that_came_later_is_cautioned_against() -> None:
    results = analysed(endpoint="efs", factors=("transplanted", "sex"))
    caution = results.one(variable="transplanted", statistic="caution")
    assert "came about after time zero" in caution.note and "time_dependent" in caution.note
    assert caution.value == len(caution.subjects) > 0


def test_levels_may_be_joined_and_numbers_cut_or_counted_in_units() -> None:
    results = analysed(outcome="death", factors=(
        {"name": "age_years", "above": 10.0}, {"name": "sex", "levels": {"all": ("F", "M")}}))
    ages = cohort_of({"kind": "characteristics", "title": "Age", "variables": ("age_years",)})
    assert results.one(variable="age_years", level="yes", statistic="n").value == sum(
        value > 10 for value in ages.column("age_years"))
    assert results.one(variable="sex", level="all", statistic="n").value == 48
    per = analysed(outcome="death", factors=({"name": "age_years", "per": 10.0},))
    one = analysed(outcome="death", factors=("age_years",))
    assert per.one(group="univariate", statistic="ratio").number == pytest.approx(
        one.one(group="univariate", statistic="ratio").number ** 10)


def test_the_table_the_forest_and_the_sentence_say_the_same() -> None:
    cohort = cohort_of({**FACTORS, "endpoint": "efs", "title": "Risk factors"})
    document = outline(cohort, analyse_cohort(cohort))
    table, forest = (next(part for part in document.parts if isinstance(part, kind))
                     for kind in (Table, Forest))
    assert [words for words, _ in table.spans] == ["", "Univariate", "Multivariable"]
    male = next(row for row in table.rows if row.label == "male")
    drawn = next(row for row in forest.rows if row.label == "male")
    assert plain([male.cells[4]]) == plain([drawn.text])
    assert "Proportional hazards: P" in plain(table.note)
    assert "multivariable model" in plain(document.parts[0].blocks[0])  # type: ignore[union-attr]  # the kind is known here
    methods = next(part for part in document.parts if part.address == "methods")
    assert "Cox regression (ties by Efron)" in plain(methods.blocks[2])  # type: ignore[union-attr]  # the kind is known here


@pytest.mark.parametrize(("asked", "what"), [
    ({"outcome": "deth"}, "There is no variable 'deth'. Did you mean 'death'"),
    ({"outcome": "death", "event": "YES"}, "'YES' is not a value of death"),
    ({"outcome": "age_years"}, "age_years is a number, and an outcome is yes or no"),
    ({"outcome": "death", "factors": ({"name": "sex", "reference": "female"},)},
     "'female' is not a value of sex"),
    ({"outcome": "death", "factors": ({"name": "sex", "per": 2.0},)},
     "sex has levels, and per is for numbers"),
    ({"outcome": "death", "factors": ({"name": "age_years", "reference": "old"},)},
     "Remove reference, or cut the number in two: above = 10"),
])
def test_names_that_name_nothing_are_told(asked: dict[str, Any], what: str) -> None:
    with pytest.raises(PlanError) as error:
        analysed(**asked)
    assert what in str(error.value)


ASKED = '[study]\ntitle = "x"\n[[analyses]]\nkind = "risk_factors"\n'


@pytest.mark.parametrize(("written", "said"), [
    ('factors = ["sex"]', "line 3: [[analyses]] 1 needs either outcome or endpoint"),
    ('outcome = "death"\nfactors = ["sex", "sex"]', "'factors 2' is 'sex', which stands there"),
    ('outcome = "death"\nfactors = ["sex"]\nmultivariable = ["age"]',
     "'multivariable 1' is 'age', which is not one of the factors"),
    ('outcome = "death"\nby = "g"\nfactors = ["sex"]', "the key 'by' is not known here"),
    ('outcome = "death"\nfactors = [{ name = "sex", reference = "F", levels = { a = ["F"] } }]',
     "do not hold the reference 'F'"),
    ('outcome = "death"\nfactors = [{ name = "age_years", per = 5, above = 10 }]',
     "cuts the number in two, and per says something else"),
    ('endpoint = "os"\nfactors = ["sex"]', "there is no [endpoints.os]"),
])
def test_a_plan_that_cannot_be_is_refused_with_its_line(
    tmp_path: Path, written: str, said: str
) -> None:
    path = tmp_path / "study.toml"
    path.write_text(f"{ASKED}{written}\n", encoding="utf-8")
    with pytest.raises(PlanError) as error:
        read_plan(path)
    assert said in str(error.value)


def test_the_title_may_be_left_out() -> None:
    plan = Plan.model_validate({**PLAN, "analyses": (
        {"kind": "risk_factors", "outcome": "death", "factors": ("sex",)},)})
    assert plan.analyses[0].title == "Risk factors"
