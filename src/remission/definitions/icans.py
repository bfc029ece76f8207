"""ICANS: neurotoxicity of immune effector cells, graded from daily signs, else as reported."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.age import age_in_days, days_of_birthday
from remission.definitions.criteria import Criteria
from remission.definitions.definition import definition
from remission.definitions.grades import (
    WORST_WITHOUT_DEATH,
    Graded,
    Pair,
    graded,
    observations,
    pair_of_code,
    worst_pair,
)
from remission.definitions.inputs import Lazy, settled
from remission.definitions.reported_events import EVENTS, Reported, reported_events
from remission.definitions.signs import FROM_SIGNS, onset, signs_and_events
from remission.definitions.toxicity_window import in_windows, toxicity_windows

_CODED = ("consciousness", "seizure", "motor_weakness", "raised_icp")
_NEEDS = ("subject.age_at_index_days", "subject.age_at_index_years_reported", *EVENTS,
          *(f"toxicity_sign.{sign}" for sign in (
              "ice_score", "capd_score", *_CODED, "other_cause")))


@graded(
    "icans_grade", label="ICANS (ASTCT)", needs=_NEEDS, criteria="icans.grade", how=FROM_SIGNS,
    words="Neurotoxicity of immune effector cells from the signs of each day",
)
def _icans_grade(*given: Any) -> Graded:
    windows, signs, reported = icans_signs_and_events(*given)
    return Graded(signs_and_events(windows, signs, reported), reported.unplaced)


@definition(
    label="Days from the start of the cycle to ICANS", grain="cycle", kind="number", unit="days",
    needs=_NEEDS, criteria="icans.grade", chosen_as="icans_grade", wants_plan=True,
)
def icans_onset(*given: Any) -> Lazy:
    """First day of the cycle with ICANS of any grade; its start is day 0."""
    return onset(*icans_signs_and_events(*given))


def icans_signs_and_events(*given: Any) -> tuple[Lazy, Lazy, Reported]:
    """Return the windows, the graded days and the reported events of the syndrome."""
    subjects, *course, events, forms, signs, criteria, plan = given
    windows = toxicity_windows(course, plan)
    reported = reported_events(windows, events.filter(nw.col("group") == "ICANS"), forms, plan,
                               grading=criteria["grading"])
    aged = in_windows(signs, windows).join(
        subjects.select("subject_id", age_in_days().alias("age_at_index")), on="subject_id",
        how="left")
    return windows, settled(_graded_days(aged, criteria)), reported


def _graded_days(days: Lazy, criteria: Criteria) -> Lazy:
    """Return the days of each cycle that say something of the syndrome, as observations."""
    says = nw.lit(False)
    for sign in ("ice_score", "capd_score", *_CODED):
        says = says | ~nw.col(sign).is_null()
    least, most = worst_pair([
        _cognition(criteria), *(pair_of_code(sign, criteria[sign]) for sign in _CODED)])
    has_other_cause = (nw.col("other_cause") == "Y").fill_null(value=False)
    return observations(days.filter(says).with_columns(
        number=nw.lit(1),
        least=nw.when(has_other_cause).then(nw.lit(0)).otherwise(least),
        most=nw.when(has_other_cause).then(nw.lit(0)).otherwise(most)))


def _cognition(criteria: Criteria) -> Pair:
    """Return the grade by the score for the age: ICE, or CAPD for the young and the delayed."""
    is_old = nw.col("age_at_index") + nw.col("day") >= days_of_birthday(
        criteria["ice_from_years"])
    by_ice = is_old.fill_null(value=False) & ~nw.col("ice_score").is_null()
    by_capd = ~is_old.is_null() & ~by_ice & ~nw.col("capd_score").is_null()
    least, most = (
        nw.when(by_ice).then(_score("ice", criteria, unknown))
        .when(by_capd).then(_score("capd", criteria, unknown)).otherwise(nw.lit(unknown))
        for unknown in (0, WORST_WITHOUT_DEATH))
    return least, most


def _score(name: str, criteria: Criteria, unknown: int) -> nw.Expr:
    """Return the grade of a score; ``unknown`` for a number that the score cannot be."""
    score = nw.col(f"{name}_score")
    grade: nw.Expr = nw.lit(unknown)
    for step in sorted(criteria[name], key=lambda step: int(step["from"])):
        grade = nw.when(score >= step["from"]).then(nw.lit(step["grade"])).otherwise(grade)
    return nw.when(score > criteria[f"{name}_highest"]).then(nw.lit(unknown)).otherwise(grade)
