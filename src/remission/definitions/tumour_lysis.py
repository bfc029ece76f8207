"""Tumour lysis syndrome after the first infusion: laboratory, clinical, and its grade.

The plan chooses the set once for all three, as ``tumour_lysis``.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.age import age_in_days, days_of_birthday
from remission.definitions.baseline_samples import baseline_samples, with_baseline
from remission.definitions.criteria import Criteria, Threshold, threshold_of
from remission.definitions.definition import definition
from remission.definitions.grades import GRADES, as_code
from remission.definitions.inputs import Lazy, settled, stacked
from remission.definitions.toxicity_window import COURSE, toxicity_windows
from remission.records.column import SOURCE

_TESTS = ("URATE", "POTASSIUM", "PHOSPHATE", "CALCIUM")
_COLUMNS = ("sign", "sequence", "lower_limit", "upper_limit")
_NEEDS = ("subject.age_at_index_days", "subject.age_at_index_years_reported", *COURSE,
          *(f"laboratory.{name}" for name in (*_TESTS, "CREATININE", *_COLUMNS)),
          "toxicity_sign.seizure", "toxicity_sign.other_cause")
_NO_INFUSION = "the day of the first infusion is not known"
_NOT_ALL = "not all of urate, potassium, phosphate and calcium can be judged"
_NOT_LABORATORY = "whether there was laboratory tumour lysis is not known"
_NO_CREATININE = "creatinine cannot be judged"
_NO_GRADES = "this set has no grades"
_NOT_RECORDED = "oliguria and arrhythmia are not recorded"


@definition(
    label="Laboratory tumour lysis syndrome", grain="subject", kind="yes_no", needs=_NEEDS,
    criteria="tumour_lysis.syndrome", chosen_as="tumour_lysis", wants_plan=True,
    day_label="Day of laboratory tumour lysis syndrome",
)
def tumour_lysis_laboratory(*given: Any) -> Lazy:
    """Laboratory tumour lysis syndrome around the first infusion."""
    return _laboratory(*_course(*given)).drop("first_infusion")


@definition(
    label="Clinical tumour lysis syndrome", grain="subject", kind="yes_no", needs=_NEEDS,
    criteria="tumour_lysis.syndrome", chosen_as="tumour_lysis", wants_plan=True,
    day_label="Day of clinical tumour lysis syndrome",
)
def tumour_lysis_clinical(*given: Any) -> Lazy:
    """Clinical tumour lysis syndrome: laboratory, with creatinine or a seizure."""
    subjects, samples, seizures, criteria = _course(*given)
    signs = _clinical_signs(samples, seizures, criteria)
    return _clinical(_laboratory(subjects, samples, seizures, criteria), signs)


@definition(
    label="Grade of tumour lysis syndrome", grain="subject", kind="category", needs=_NEEDS,
    criteria="tumour_lysis.syndrome", chosen_as="tumour_lysis", wants_plan=True, levels=GRADES,
    day_label="Day of the worst grade of tumour lysis syndrome",
)
def tumour_lysis_grade(*given: Any) -> Lazy:
    """Grade of clinical tumour lysis syndrome by creatinine and seizures; 0 without it."""
    subjects, samples, seizures, criteria = _course(*given)
    signs = settled(_clinical_signs(samples, seizures, criteria))
    clinical = _clinical(_laboratory(subjects, samples, seizures, criteria), signs)
    return _graded(clinical, signs, criteria)


def _course(*given: Any) -> tuple[Lazy, Lazy, Lazy, Criteria]:
    """Return subjects with the first infusion, and samples and seizures of the days around it."""
    subjects, *course, laboratory, signs, criteria, plan = given
    windows = toxicity_windows(course, plan)
    firsts = windows.select("subject_id", "first_infusion").unique()
    aged = settled(subjects.join(firsts, on="subject_id", how="left").with_columns(
        age=age_in_days() + nw.col("first_infusion")))
    born = days_of_birthday(criteria["child_below_years"])
    people = aged.select("subject_id", "first_infusion", is_child=nw.col("age") < born)
    measured = laboratory.filter(nw.col("sign").fill_null("=") == "=")
    samples = with_baseline(
        measured, baseline_samples(laboratory, windows), itself=True,
    ).join(people, on="subject_id")
    seizures = signs.filter(
        ~nw.col("seizure").is_null() & (nw.col("seizure") != "NONE")
        & ~(nw.col("other_cause") == "Y").fill_null(value=False),
    ).join(people, on="subject_id")
    return (aged, settled(_around(samples, criteria)), settled(_around(seizures, criteria)),
            criteria)


def _around(rows: Lazy, criteria: Criteria) -> Lazy:
    after = nw.col("day") - nw.col("first_infusion")
    return rows.filter((after >= criteria["from_day"]) & (after <= criteria["to_day"]))


def _laboratory(subjects: Lazy, samples: Lazy, _: Lazy, criteria: Criteria) -> Lazy:
    """Return value, day, note and source of laboratory tumour lysis for every subject."""
    judged = settled(_judged(samples, criteria))
    tests = judged.group_by("subject_id", "test").agg(
        nw.col("abnormal").max(), nw.col("open").max(),
        nw.col("abnormal_day").min().alias("abnormal_day"))
    is_normal = (nw.col("abnormal") == 0) & (nw.col("open") == 0)
    counted = tests.with_columns(normal=nw.when(is_normal).then(1).otherwise(0)).group_by(
        "subject_id").agg(nw.col("abnormal").sum().alias("abnormal_tests"),
                          nw.col("normal").sum().alias("normal_tests"))
    second = _same_day(judged) if criteria["same_day"] else _second(tests)
    joined = subjects.select(
        "subject_id", "first_infusion", nw.col(SOURCE).alias("subject_row"))
    for part in (counted, second, _deciding_rows(judged, second), _neighbours(judged)):
        joined = joined.join(part, on="subject_id", how="left")
    few = criteria["tests_needed"]
    at_most = len(_TESTS) - nw.col("normal_tests").fill_null(0)
    is_met = ~nw.col("met_day").is_null()
    is_none = at_most < few
    if criteria["same_day"]:
        all_known = (nw.col("normal_tests") + nw.col("abnormal_tests") == len(_TESTS)).fill_null(
            value=False)
        is_none = is_none | (all_known & nw.col("neighbours").is_null())
    is_treated = ~nw.col("first_infusion").is_null()
    return joined.select(
        "subject_id", "first_infusion",
        nw.when(~is_treated).then(nw.lit(None, dtype=nw.String)).when(is_met).then(nw.lit("Y"))
        .when(is_none).then(nw.lit("N")).alias("value"),
        nw.col("met_day").alias("day"),
        nw.when(~is_treated).then(nw.lit(_NO_INFUSION))
        .when(~is_met & ~is_none).then(nw.lit(_NOT_ALL)).alias("note"),
        nw.coalesce("met_row", "subject_row").alias("source"),
    )


def _judged(samples: Lazy, criteria: Criteria) -> Lazy:
    """Return the samples of the four tests with ``abnormal, open`` (1 or 0), ``abnormal_day``."""
    is_abnormal, is_open = nw.lit(False), nw.lit(False)
    for test in _TESTS:
        of_test = nw.col("test") == test
        met, unclear = _abnormal(test, criteria)
        is_abnormal = is_abnormal | (of_test & met)
        is_open = is_open | (of_test & unclear & ~met)
    return samples.filter(nw.col("test").is_in(_TESTS)).with_columns(
        abnormal=nw.when(is_abnormal).then(1).otherwise(0),
        open=nw.when(is_open).then(1).otherwise(0),
    ).with_columns(abnormal_day=nw.when(nw.col("abnormal") == 1).then(nw.col("day")))


def _abnormal(test: str, criteria: Criteria) -> tuple[nw.Expr, nw.Expr]:
    """Return whether a sample of a test is abnormal, and whether that may be."""
    low = test == "CALCIUM"
    limits = criteria[test.lower()]
    as_child, as_adult = (_compared(limits[who], low) for who in ("child", "adult"))
    child, known = nw.col("is_child"), ~nw.col("is_child").is_null()
    by_age = [nw.when(known & child).then(one).when(known).then(other).otherwise(both)
              for one, other, both in (
                  (as_child[0], as_adult[0], as_child[0] & as_adult[0]),
                  (as_child[1], as_adult[1], as_child[1] | as_adult[1] | as_child[0]
                   | as_adult[0]))]
    met, unclear = by_age
    change = criteria.values.get("fall" if low else "rise")
    if change is None:
        return met, unclear
    value, of = nw.col("value"), nw.col("baseline")
    threshold = threshold_of(change)
    changed = threshold.undercut_by(value, of) if low else threshold.met_by(value, of)
    is_later = nw.col("after_baseline").fill_null(value=False)
    return (met | (is_later & changed.fill_null(value=False)),
            unclear | nw.col("baseline").is_null())


def _compared(limit: dict[str, Any], low: bool) -> tuple[nw.Expr, nw.Expr]:
    """Return whether a value lies beyond a limit, and whether that cannot be told."""
    of = nw.col("upper_limit") if limit["unit"] == "ULN" else None
    threshold: Threshold = threshold_of(limit)
    value = nw.col("value")
    met = threshold.undercut_by(value, of) if low else threshold.met_by(value, of)
    return met.fill_null(value=False), nw.lit(False) if of is None else of.is_null()


def _second(tests: Lazy) -> Lazy:
    """Return ``met_day`` of subjects with two abnormal tests: the first day of the second."""
    dated = tests.filter(nw.col("abnormal") == 1).select("subject_id", "test", "abnormal_day")
    rank = nw.col("one").cum_sum().over("subject_id", order_by=["abnormal_day", "test"])
    return dated.with_columns(one=nw.lit(1)).with_columns(rank=rank).filter(
        nw.col("rank") == 2).select("subject_id", nw.col("abnormal_day").alias("met_day"))


def _same_day(judged: Lazy) -> Lazy:
    """Return ``met_day`` of subjects with two abnormal tests on one day: the first such day."""
    days = judged.filter(nw.col("abnormal") == 1).select("subject_id", "test", "day").unique()
    return days.group_by("subject_id", "day").agg(nw.len().alias("tests")).filter(
        nw.col("tests") >= 2).group_by("subject_id").agg(nw.col("day").min().alias("met_day"))


def _neighbours(judged: Lazy) -> Lazy:
    """Return subjects with two different tests abnormal on neighbouring days."""
    days = judged.filter(nw.col("abnormal") == 1).select("subject_id", "test", "day").unique()
    before = days.select("subject_id", nw.col("test").alias("other"),
                         (nw.col("day") + 1).alias("day"))
    return days.join(before, on=["subject_id", "day"]).filter(
        nw.col("test") != nw.col("other")).select("subject_id").unique().with_columns(
        neighbours=nw.lit(1))


def _deciding_rows(judged: Lazy, second: Lazy) -> Lazy:
    """Return the row of an abnormal sample of the day that makes it the syndrome."""
    return judged.filter(nw.col("abnormal") == 1).join(second, on="subject_id").filter(
        nw.col("day") == nw.col("met_day")).group_by("subject_id").agg(
        nw.col(SOURCE).min().alias("met_row"))


def _clinical_signs(samples: Lazy, seizures: Lazy, criteria: Criteria) -> Lazy:
    """Return what may make tumour lysis clinical: ``subject_id, day, met, open, grade, measured``.

    One row a creatinine (``measured``) or seizure; ``grade`` is 0 where the set has none.
    """
    value, threshold = nw.col("value"), threshold_of(criteria["creatinine"])
    creatinine = samples.filter(nw.col("test") == "CREATININE")
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
    columns = ("subject_id", "day", "met", "open", "grade", "measured", SOURCE)
    return stacked([
        creatinine.with_columns(
            met=nw.when(met).then(1).otherwise(0), open=nw.when(met.is_null()).then(1)
            .otherwise(0), grade=grade, measured=nw.lit(1)).select(*columns),
        seizures.with_columns(met=nw.lit(1), open=nw.lit(0), grade=by_code, measured=nw.lit(0))
        .select(*columns),
    ])


def _clinical(laboratory: Lazy, signs: Lazy) -> Lazy:
    """Return value, day, note and source of clinical tumour lysis for every subject."""
    first_day = signs.filter(nw.col("met") == 1).group_by("subject_id").agg(
        nw.col("day").min().alias("sign_day"))
    rows = signs.filter(nw.col("met") == 1).join(first_day, on="subject_id").filter(
        nw.col("day") == nw.col("sign_day")).group_by("subject_id").agg(
        nw.col(SOURCE).min().alias("sign_row"))
    judged = signs.group_by("subject_id").agg(nw.col("open").max().alias("any_open"))
    joined = laboratory
    for part in (first_day, rows, judged):
        joined = joined.join(part, on="subject_id", how="left")
    is_laboratory, is_met = nw.col("value") == "Y", ~nw.col("sign_day").is_null()
    is_none = (nw.col("value") == "N") | (nw.col("any_open") == 0)
    unknown = nw.lit(None, dtype=nw.String)
    return joined.select(
        "subject_id",
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


def _graded(clinical: Lazy, signs: Lazy, criteria: Criteria) -> Lazy:
    """Return value, day, note and source of the grade for every subject."""
    highest = signs.filter(nw.col("grade") == nw.col("grade").max().over("subject_id"))
    worst = highest.group_by("subject_id").agg(
        nw.col("grade").max(), nw.col("day").min().alias("grade_day"))
    judged = signs.group_by("subject_id").agg(
        nw.col("open").max().alias("any_open"), nw.col("measured").max())
    joined = clinical.join(worst, on="subject_id", how="left").join(
        judged, on="subject_id", how="left")
    top = max(map(int, criteria["seizure_grades"].values()), default=0)
    is_graded = (nw.col("value") == "Y") & (
        ((nw.col("any_open") == 0) & (nw.col("measured") == 1)) | (nw.col("grade") == top))
    is_known = nw.lit(bool(criteria["creatinine_grades"])) & (
        is_graded | (nw.col("value") == "N"))
    is_syndrome = nw.col("value") == "Y"
    return joined.select(
        "subject_id",
        nw.when(is_known & is_syndrome).then(as_code(nw.col("grade")))
        .when(is_known).then(nw.lit("0")).alias("value"),
        nw.when(is_known & is_syndrome).then(nw.col("grade_day")).alias("day"),
        nw.when(nw.lit(not criteria["creatinine_grades"])).then(nw.lit(_NO_GRADES))
        .when(~is_known & is_syndrome).then(nw.lit(_NO_CREATININE))
        .otherwise(nw.col("note")).alias("note"), "source",
    )
