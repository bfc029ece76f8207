"""Minimal residual disease: what each assay shows, and what all assays of one marrow show."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy
from remission.records.column import SOURCE

FAILURE, DETECTED, NEGATIVE, INSENSITIVE = 4, 3, 2, 1
"""What an assay shows, the gravest highest: at or above the threshold; below it but there;
nothing, by an assay that would see the threshold; nothing, by one that would not."""

NEEDS = ("assessment.day", "assessment.specimen", "assessment.mrd_method",
         "assessment.mrd_percent", "assessment.mrd_sign", "assessment.mrd_lod_percent")
STATES = {"MRD_CR": "complete MRD response", "INTERMEDIATE": "intermediate",
          "FAILURE": "MRD failure"}
NO_LIMIT = "not detected by an assay whose limit of detection is not recorded"
NOT_MARROW = "blood and spinal fluid do not replace the marrow"


def mrd_readings(assessments: Lazy, criteria: Criteria) -> Lazy:
    """Add ``finding``, ``measured``, ``at_most`` and ``not_found`` to examinations.

    ``finding`` is one of the four grades, null where unknown and on anything but marrow;
    ``measured`` is the value in percent where the row holds a measurement, ``at_most`` what MRD
    cannot exceed by this assay. A value below its own assay's limit is no value: it says "below
    that limit". Zero is "not detected"; a value without a sign is a measurement.
    """
    value, sign = nw.col("mrd_percent"), nw.col("mrd_sign")
    not_found = (sign == "ND") | ((sign.is_null() | (sign == "=")) & (value == 0))
    is_value = (sign.is_null() | (sign == "=")) & (value > 0)
    below_own = (is_value & (value < nw.col("mrd_lod_percent") * (1 - 1e-9))).fill_null(value=False)
    bound = nw.when(sign == "<").then(value).when(below_own).then(nw.col("mrd_lod_percent"))
    would_miss = criteria.threshold("sensitivity").met_by
    is_positive = criteria.threshold("positive").met_by(value)
    limit = _limit(criteria)
    finding = (
        nw.when(is_value & ~below_own & is_positive).then(nw.lit(FAILURE))
        .when(is_value & ~below_own).then(nw.lit(DETECTED))
        .when(would_miss(bound)).then(nw.lit(INSENSITIVE))
        .when(~bound.is_null()).then(nw.lit(DETECTED))
        .when(not_found & would_miss(limit)).then(nw.lit(INSENSITIVE))
        .when(not_found & ~limit.is_null()).then(nw.lit(NEGATIVE)))
    read = nw.col("specimen") == "BM"
    if criteria["methods"]:
        read = read & nw.col("mrd_method").is_in(criteria["methods"])
    return assessments.with_columns(
        finding=nw.when(read).then(finding),
        measured=nw.when(read & is_value & ~below_own).then(value),
        at_most=nw.when(read).then(
            nw.when(is_value & ~below_own).then(value).when(~bound.is_null()).then(bound)
            .when(not_found).then(limit)),
        not_found=not_found.fill_null(value=False))


def _limit(criteria: Criteria) -> nw.Expr:
    """Return the limit of detection: the row's own, else the usual one of its method in the set."""
    limit: nw.Expr = nw.col("mrd_lod_percent")
    for method, usual in criteria["usual_limit"].items():
        limit = nw.coalesce(limit, nw.when(nw.col("mrd_method") == method).then(
            nw.lit(float(usual))))
    return limit


def marrow_mrd(assessments: Lazy, criteria: Criteria) -> Lazy:
    """Return what all assays of one marrow show, one row a subject and day of a marrow.

    Columns: ``subject_id, day, finding, measured, at_most, mrd_row``. The gravest finding counts;
    a negative assay that would see the threshold outweighs one that would not. ``measured`` is
    the highest measured value in percent, ``at_most`` the lowest bound.
    """
    keys = ("subject_id", "day")
    read = mrd_readings(assessments, criteria).filter(
        ~nw.col("finding").is_null() & ~nw.col("day").is_null())
    gravest = read.with_columns(
        highest=nw.col("measured").max().over(*keys), lowest=nw.col("at_most").min().over(*keys),
    ).filter(nw.col("finding") == nw.col("finding").max().over(*keys))
    return gravest.filter(
        nw.col("assessment_no") == nw.col("assessment_no").min().over(*keys),
    ).select(*keys, "finding", nw.col("highest").alias("measured"),
             nw.col("lowest").alias("at_most"), nw.col(SOURCE).alias("mrd_row"))


def state_of(finding: nw.Expr, criteria: Criteria) -> nw.Expr:
    """Return the MRD state of a finding in the words of a set, null where it does not tell."""
    below, unseen = nw.lit("INTERMEDIATE"), nw.lit("INTERMEDIATE")
    if criteria["any_value_below_is_complete"]:
        below, unseen = nw.lit("MRD_CR"), nw.lit(None, dtype=nw.String)
    return (
        nw.when(finding == FAILURE).then(nw.lit("FAILURE"))
        .when(finding == DETECTED).then(below)
        .when(finding == NEGATIVE).then(nw.lit("MRD_CR"))
        .when(finding == INSENSITIVE).then(unseen))


@definition(
    label="MRD of the assay", grain="assessment", kind="category", needs=NEEDS,
    criteria="mrd.state", levels=STATES, day_label="Day of the MRD sample",
)
def mrd_state(assessments: Lazy, criteria: Criteria) -> Lazy:
    """What one assay of a marrow shows of minimal residual disease."""
    read = mrd_readings(assessments, criteria)
    return read.select(
        "subject_id", "assessment_no",
        state_of(nw.col("finding"), criteria).alias("value"), "day",
        _why_unknown(criteria).alias("note"), nw.col(SOURCE).alias("source"))


@definition(
    label="MRD of the marrow", grain="assessment", kind="category", needs=NEEDS,
    criteria="mrd.state", levels=STATES, day_label="Day of the marrow", follows="mrd_state",
)
def marrow_mrd_state(assessments: Lazy, criteria: Criteria) -> Lazy:
    """What all assays of a marrow together show; the highest that sees the threshold counts."""
    together = marrow_mrd(assessments, criteria).rename({"finding": "gravest"})
    read = mrd_readings(assessments, criteria).drop("measured", "at_most")
    state = state_of(nw.col("gravest"), criteria)
    of_marrow = nw.col("specimen") == "BM"
    return read.join(together, on=["subject_id", "day"], how="left").select(
        "subject_id", "assessment_no", nw.when(of_marrow).then(state).alias("value"), "day",
        nw.when(~of_marrow | nw.col("gravest").is_null() | state.is_null())
        .then(_why_unknown(criteria)).alias("note"),
        nw.when(of_marrow).then(nw.coalesce("mrd_row", SOURCE)).otherwise(nw.col(SOURCE))
        .alias("source"))


def _why_unknown(criteria: Criteria) -> nw.Expr:
    """Return why a row has no state; null where it has one."""
    untold = nw.col("mrd_percent").is_null() & ~nw.col("not_found")
    wrong_method = nw.lit(value=False)
    if criteria["methods"]:
        wrong_method = ~nw.col("mrd_method").is_in(criteria["methods"])
    return (
        nw.when(nw.col("specimen").is_null()).then(nw.lit("the specimen is not recorded"))
        .when(nw.col("specimen") != "BM").then(nw.lit(NOT_MARROW))
        .when(untold).then(nw.lit("no MRD on this sample"))
        .when(nw.col("mrd_method").is_null() & nw.lit(bool(criteria["methods"])))
        .then(nw.lit("the method is not recorded"))
        .when(wrong_method).then(nw.lit("not by the method this set asks for"))
        .when(nw.col("finding").is_null()).then(nw.lit(NO_LIMIT))
        .when(state_of(nw.col("finding"), criteria).is_null())
        .then(nw.lit("the assay would not see the threshold")))
