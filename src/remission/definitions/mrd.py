"""Minimal residual disease: what each assay shows, and what all assays of one marrow show."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.inputs import Lazy
from remission.records.column import SOURCE

FAILURE, DETECTED, NEGATIVE, INSENSITIVE = 4, 3, 2, 1
"""What an assay shows, the gravest highest: at or above the threshold; below it but there;
nothing, by an assay that would see the threshold; nothing, by one that would not."""

NEEDS = ("assessment.day", "assessment.specimen", "assessment.mrd_method",
         "assessment.mrd_percent", "assessment.mrd_sign", "assessment.mrd_lod_percent")
NO_LIMIT = "not detected by an assay whose limit of detection is not recorded"


def mrd_readings(assessments: Lazy, criteria: Criteria) -> Lazy:
    """Add ``finding`` (of the four grades; null where unknown) and ``measured`` to marrow rows.

    ``measured`` is the value in percent where the row holds a measurement. A value below its own
    assay's limit is no value: it says "below that limit". Zero is "not detected"; a value without
    a sign is a measurement.
    """
    value, sign = nw.col("mrd_percent"), nw.col("mrd_sign")
    not_found = (sign == "ND") | ((sign.is_null() | (sign == "=")) & (value == 0))
    is_value = (sign.is_null() | (sign == "=")) & (value > 0)
    below_own = (is_value & (value < nw.col("mrd_lod_percent") * (1 - 1e-9))).fill_null(value=False)
    bound = nw.when(sign == "<").then(value).when(below_own).then(nw.col("mrd_lod_percent"))
    would_miss = criteria.threshold("sensitivity").met_by
    is_positive = criteria.threshold("positive").met_by(value)
    limit = nw.coalesce(nw.col("mrd_lod_percent"), _usual_limit(criteria))
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
        not_found=not_found.fill_null(value=False))


def _usual_limit(criteria: Criteria) -> nw.Expr:
    """Return the limit the set takes for an assay that does not record its own."""
    usual: nw.Expr = nw.lit(None, dtype=nw.Float64)
    for method, limit in criteria["usual_limit"].items():
        usual = nw.when(nw.col("mrd_method") == method).then(nw.lit(float(limit))).otherwise(usual)
    return usual


def marrow_mrd(assessments: Lazy, criteria: Criteria) -> Lazy:
    """Return what all assays of one marrow show: ``subject_id, day, finding, measured, mrd_row``.

    The gravest finding counts; a negative assay that would see the threshold outweighs one that
    would not. ``measured`` is the highest measured value in percent.
    """
    keys = ("subject_id", "day")
    read = mrd_readings(assessments, criteria).filter(
        ~nw.col("finding").is_null() & ~nw.col("day").is_null())
    gravest = read.with_columns(highest=nw.col("measured").max().over(*keys)).filter(
        nw.col("finding") == nw.col("finding").max().over(*keys))
    return gravest.filter(
        nw.col("assessment_no") == nw.col("assessment_no").min().over(*keys),
    ).select(*keys, "finding", nw.col("highest").alias("measured"), nw.col(SOURCE).alias("mrd_row"))
