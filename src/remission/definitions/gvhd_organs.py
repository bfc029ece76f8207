"""Stages of the organs and the grade they make: acute (MAGIC, Keystone) and chronic (NIH).

An organ that was not assessed is not an organ without disease. So every row has two grades: the
least that its organs prove, and the most that it would be if those not assessed were at their
worst. Where both are the same the grade is known.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, Threshold, criteria_sets, default_set
from remission.definitions.inputs import Lazy
from remission.plan import Plan

_ACUTE = ("skin_percent", "bullae", "bilirubin_mg_dl", "upper_gi", "stool_ml_kg",
          "stool_episodes", "ileus_or_blood")
_CHRONIC = ("skin", "mouth", "eyes", "gi", "liver", "lungs", "joints", "genital")
ACUTE_NEEDS = tuple(f"gvhd_organ.{column}" for column in ("weight_kg", *_ACUTE))
CHRONIC_NEEDS = tuple(f"gvhd_organ.{column}" for column in _CHRONIC)
_OVER_HALF, _WORST_STAGE, _WORST_WITHOUT_BLOOD, _WORST_SCORE = 3, 4, 3, 3


def grade_set(plan: Plan, name: str, notion: str) -> Criteria:
    """Return the set by which the plan grades (``acute_gvhd_grade`` …), or the default one."""
    return criteria_sets(notion)[plan.definitions.get(name, default_set(notion))]


def acute_rows(organs: Lazy, criteria: Criteria) -> Lazy:
    """Return the rows with acute signs, with ``least`` and ``most``: grades 0 to 4.

    ``organs`` holds the acute columns of ``gvhd_organ``; ``criteria`` is a set of
    ``gvhd.acute_grade``.
    """
    stages = criteria_sets("gvhd.acute_stages")[criteria["stages"]]
    volume, weight = nw.col("stool_ml_kg"), nw.col("weight_kg")
    rows = organs.filter(~nw.all_horizontal(*(nw.col(name).is_null() for name in _ACUTE),
                                            ignore_nulls=True)).with_columns(
        stool_ml=nw.when(volume == 0).then(volume).otherwise(volume * weight))
    staged = rows.with_columns(
        skin=_stage("skin_percent", stages, "skin"),
        liver=_stage("bilirubin_mg_dl", stages, "liver"),
        upper_gi=nw.when(nw.col("upper_gi") == "Y").then(1)
        .when(nw.col("upper_gi") == "N").then(0),
        child=nw.when(~volume.is_null()).then(_stage("stool_ml_kg", stages, "stool_child"))
        .otherwise(_stage("stool_episodes", stages, "episodes_child")),
        adult=nw.when(~volume.is_null()).then(_stage("stool_ml", stages, "stool_adult"))
        .otherwise(_stage("stool_episodes", stages, "episodes_adult")),
    ).with_columns(stool=_stool_stage(stages))
    over_half = nw.col("skin") == _OVER_HALF
    bullae, blood = nw.col("bullae"), nw.col("ileus_or_blood")
    bounded = staged.with_columns(
        skin_least=nw.when(over_half & (bullae == "Y")).then(_WORST_STAGE).otherwise(
            nw.col("skin")),
        skin_most=nw.when(nw.col("skin").is_null() | (over_half & (
            bullae.is_null() | (bullae == "Y")))).then(_WORST_STAGE).otherwise(nw.col("skin")),
        liver_least=nw.col("liver"),
        liver_most=nw.col("liver").fill_null(_WORST_STAGE),
        upper_gi_least=nw.col("upper_gi"),
        upper_gi_most=nw.col("upper_gi").fill_null(1),
        lower_gi_least=nw.when(blood == "Y").then(_WORST_STAGE).otherwise(nw.col("stool")),
        lower_gi_most=nw.when(blood.is_null() | (blood == "Y")).then(_WORST_STAGE).otherwise(
            nw.col("stool").fill_null(_WORST_WITHOUT_BLOOD)),
    )
    return bounded.with_columns(least=_grade("least", criteria), most=_grade("most", criteria))


def _stage(column: str, stages: Criteria, organ: str) -> nw.Expr:
    """Return how many of the limits of an organ's stages are met; null without a value."""
    values = nw.col(column)
    stage: nw.Expr = nw.lit(0)
    for number, limit in enumerate(stages[organ], start=1):
        threshold = Threshold(float(limit["value"]), limit["unit"], bool(limit["inclusive"]))
        stage = nw.when(threshold.met_by(values)).then(number).otherwise(stage)
    return nw.when(~values.is_null()).then(stage)


def _stool_stage(stages: Criteria) -> nw.Expr:
    """Return the stage of the stool in a child or an adult, as the weight says.

    Without a weight it is known only where both ways give the same stage.
    """
    child, adult, weight = nw.col("child"), nw.col("adult"), nw.col("weight_kg")
    return (
        nw.when(weight.is_null()).then(nw.when(child == adult).then(child))
        .when(stages.threshold("adult_weight").met_by(weight)).then(adult).otherwise(child)
    )


def _grade(bound: str, criteria: Criteria) -> nw.Expr:
    """Return the highest of the grades that the stages of the organs give alone."""
    grades = []
    for organ, alone in criteria["grade_of"].items():
        grade: nw.Expr = nw.lit(0)
        for stage, of_stage in enumerate(alone):
            if of_stage:
                grade = nw.when(nw.col(f"{organ}_{bound}") == stage).then(of_stage).otherwise(
                    grade)
        grades.append(grade)
    return nw.max_horizontal(*grades)


def chronic_rows(organs: Lazy, criteria: Criteria) -> Lazy:
    """Return the rows with NIH scores, with ``least`` and ``most``: 0 none to 3 severe.

    ``organs`` holds the chronic columns of ``gvhd_organ``; ``criteria`` is a set of
    ``gvhd.chronic_severity``.
    """
    rows = organs.filter(~nw.all_horizontal(*(nw.col(name).is_null() for name in _CHRONIC),
                                            ignore_nulls=True))
    return rows.with_columns(least=_severity(criteria, missing=0),
                             most=_severity(criteria, missing=_WORST_SCORE))


def _severity(criteria: Criteria, *, missing: int) -> nw.Expr:
    score = {organ: nw.col(organ).fill_null(missing) for organ in _CHRONIC}
    worst = nw.max_horizontal(*score.values())
    lungs = score["lungs"]
    affected = nw.sum_horizontal(*(nw.when(value >= 1).then(1).otherwise(0)
                                   for value in score.values()))
    return (
        nw.when((worst >= criteria["severe_score"]) | (lungs >= criteria["severe_lungs"])).then(3)
        .when((worst >= criteria["moderate_score"]) | (lungs >= criteria["moderate_lungs"])
              | (affected >= criteria["moderate_organs"])).then(2)
        .when(worst >= 1).then(1).otherwise(0)
    )


def of_grafts(rows: Lazy, grafts: Lazy) -> Lazy:
    """Return the rows from the day of a graft until the next one, with ``after`` (days).

    ``grafts`` holds ``subject_id, transplant_no, graft_day, next_graft``.
    """
    placed = rows.join(grafts.select("subject_id", "transplant_no", "graft_day", "next_graft"),
                       on="subject_id")
    return placed.with_columns(after=nw.col("day") - nw.col("graft_day")).filter(
        (nw.col("after") >= 0)
        & (nw.col("next_graft").is_null() | (nw.col("day") < nw.col("next_graft"))))
