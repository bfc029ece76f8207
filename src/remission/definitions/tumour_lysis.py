"""Tumour lysis syndrome after the start of treatment: laboratory, clinical, and its grade.

Of a subject it is that of the first infusion, of a cycle that of its first day, each with the last
values before that day. The plan chooses the set once for all of them, as ``tumour_lysis``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.criteria import threshold_of
from remission.definitions.definition import definition
from remission.definitions.grades import GRADES, as_code
from remission.definitions.inputs import Lazy, settled, stacked
from remission.definitions.toxicity_window import COURSE
from remission.definitions.tumour_lysis_laboratory import (
    TESTS,
    Around,
    Keys,
    around_cycles,
    around_first_infusion,
    laboratory_lysis,
)
from remission.records.column import SOURCE

_COLUMNS = ("sign", "sequence", "lower_limit", "upper_limit")
_NEEDS = ("subject.age_at_index_days", "subject.age_at_index_years_reported", *COURSE,
          *(f"laboratory.{name}" for name in (*TESTS, "CREATININE", *_COLUMNS)),
          "toxicity_sign.seizure", "toxicity_sign.other_cause")
_NOT_LABORATORY = "whether there was laboratory tumour lysis is not known"
_NO_CREATININE = "creatinine cannot be judged"
_NO_GRADES = "this set has no grades"
_NOT_RECORDED = "oliguria and arrhythmia are not recorded"


def _laboratory_of(around: Around) -> Lazy:
    """Laboratory tumour lysis syndrome around {start}."""
    return laboratory_lysis(around)


def _clinical_of(around: Around) -> Lazy:
    """Clinical tumour lysis syndrome around {start}: laboratory, with creatinine or a seizure."""
    return _clinical(laboratory_lysis(around), _clinical_signs(around), around.keys)


def _grade_of(around: Around) -> Lazy:
    """Grade of clinical tumour lysis around {start} by creatinine and seizures; 0 without it."""
    signs = settled(_clinical_signs(around))
    return _graded(_clinical(laboratory_lysis(around), signs, around.keys), signs, around)


def _declare(name: str, label: str, rule: Callable[[Around], Lazy], **options: Any) -> None:
    """Declare a rule twice: of each subject, and, as ``cycle_`` and its name, of each cycle."""

    def of_subject(*given: Any) -> Lazy:
        return rule(around_first_infusion(given)).drop("began")

    def of_cycle(*given: Any) -> Lazy:
        found = rule(around_cycles(given))
        return found.with_columns(day=nw.col("day") - nw.col("began")).drop("began")

    words = rule.__doc__ or ""
    shared: dict[str, Any] = {"needs": _NEEDS, "criteria": "tumour_lysis.syndrome",
                              "chosen_as": "tumour_lysis", "wants_plan": True, **options}
    of_subject.__name__, of_cycle.__name__ = name, f"cycle_{name}"
    of_subject.__doc__ = words.format(start="the first infusion")
    of_cycle.__doc__ = words.format(start="the first day of the cycle")
    definition(label=label, grain="subject", day_label=f"Day of {_lower(label)}", **shared)(
        of_subject)
    definition(label=f"{label} in the cycle", grain="cycle", **shared,
               day_label=f"Days from the start of the cycle to {_lower(label)}")(of_cycle)


def _lower(label: str) -> str:
    return label[0].lower() + label[1:]


_declare("tumour_lysis_laboratory", "Laboratory tumour lysis syndrome", _laboratory_of,
         kind="yes_no")
_declare("tumour_lysis_clinical", "Clinical tumour lysis syndrome", _clinical_of, kind="yes_no")
_declare("tumour_lysis_grade", "Grade of tumour lysis syndrome", _grade_of, kind="category",
         levels=GRADES)


def _clinical_signs(around: Around) -> Lazy:
    """Return what may make tumour lysis clinical: the keys, ``day, met, open, grade, measured``.

    One row a creatinine (``measured``) or seizure; ``grade`` is 0 where the set has none.
    """
    criteria = around.criteria
    value, threshold = nw.col("value"), threshold_of(criteria["creatinine"])
    creatinine = around.samples.filter(nw.col("test") == "CREATININE")
    if threshold.unit == "ULN":
        met = threshold.met_by(value, nw.col("upper_limit"))
    else:
        creatinine = creatinine.filter(
            nw.col("baseline").is_null() | nw.col("after_baseline"))
        met = threshold.met_by(value - nw.col("baseline"))
    grade: nw.Expr = nw.lit(0)
    for step in criteria["creatinine_grades"]:
        reaches = threshold_of(step).met_by(value, nw.col("upper_limit"))
        grade = nw.when(reaches).then(nw.lit(step["grade"])).otherwise(grade)
    by_code: nw.Expr = nw.lit(0)
    for code, code_grade in criteria["seizure_grades"].items():
        by_code = nw.when(nw.col("seizure") == code).then(nw.lit(code_grade)).otherwise(by_code)
    columns = (*around.keys, "day", "met", "open", "grade", "measured", SOURCE)
    return stacked([
        creatinine.with_columns(
            met=nw.when(met).then(1).otherwise(0), open=nw.when(met.is_null()).then(1)
            .otherwise(0), grade=grade, measured=nw.lit(1)).select(*columns),
        around.seizures.with_columns(
            met=nw.lit(1), open=nw.lit(0), grade=by_code, measured=nw.lit(0)).select(*columns),
    ])


def _clinical(laboratory: Lazy, signs: Lazy, keys: Keys) -> Lazy:
    """Return value, day, note and source of clinical tumour lysis for every start."""
    first_day = signs.filter(nw.col("met") == 1).group_by(*keys).agg(
        nw.col("day").min().alias("sign_day"))
    rows = signs.filter(nw.col("met") == 1).join(first_day, on=list(keys)).filter(
        nw.col("day") == nw.col("sign_day")).group_by(*keys).agg(
        nw.col(SOURCE).min().alias("sign_row"))
    judged = signs.group_by(*keys).agg(nw.col("open").max().alias("any_open"))
    joined = laboratory
    for part in (first_day, rows, judged):
        joined = joined.join(part, on=list(keys), how="left")
    is_laboratory, is_met = nw.col("value") == "Y", ~nw.col("sign_day").is_null()
    is_none = (nw.col("value") == "N") | (nw.col("any_open") == 0)
    unknown = nw.lit(None, dtype=nw.String)
    return joined.select(
        *keys, "began",
        nw.when(nw.col("value").is_null()).then(unknown)
        .when(is_laboratory & is_met).then(nw.lit("Y")).when(is_none).then(nw.lit("N"))
        .alias("value"),
        nw.when(is_laboratory & is_met).then(nw.col("sign_day")).alias("day"),
        nw.when(nw.col("value").is_null()).then(nw.coalesce("note", nw.lit(_NOT_LABORATORY)))
        .when(nw.col("value") == "N").then(unknown)
        .when(is_met).then(unknown)
        .when(nw.col("any_open") == 0).then(nw.lit(_NOT_RECORDED))
        .otherwise(nw.lit(_NO_CREATININE)).alias("note"),
        nw.when(is_laboratory & is_met).then(nw.col("sign_row")).otherwise(nw.col("source"))
        .alias("source"),
    )


def _graded(clinical: Lazy, signs: Lazy, around: Around) -> Lazy:
    """Return value, day, note and source of the grade for every start."""
    keys, criteria = around.keys, around.criteria
    highest = signs.filter(nw.col("grade") == nw.col("grade").max().over(*keys))
    worst = highest.group_by(*keys).agg(
        nw.col("grade").max(), nw.col("day").min().alias("grade_day"))
    judged = signs.group_by(*keys).agg(
        nw.col("open").max().alias("any_open"), nw.col("measured").max())
    joined = clinical.join(worst, on=list(keys), how="left").join(
        judged, on=list(keys), how="left")
    top = max(map(int, criteria["seizure_grades"].values()), default=0)
    is_graded = (nw.col("value") == "Y") & (
        ((nw.col("any_open") == 0) & (nw.col("measured") == 1)) | (nw.col("grade") == top))
    is_known = nw.lit(bool(criteria["creatinine_grades"])) & (
        is_graded | (nw.col("value") == "N"))
    is_syndrome = nw.col("value") == "Y"
    return joined.select(
        *keys, "began",
        nw.when(is_known & is_syndrome).then(as_code(nw.col("grade")))
        .when(is_known).then(nw.lit("0")).alias("value"),
        nw.when(is_known & is_syndrome).then(nw.col("grade_day")).alias("day"),
        nw.when(nw.lit(not criteria["creatinine_grades"])).then(nw.lit(_NO_GRADES))
        .when(~is_known & is_syndrome).then(nw.lit(_NO_CREATININE))
        .otherwise(nw.col("note")).alias("note"), "source",
    )
