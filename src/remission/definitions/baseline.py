"""The disease just before the first infusion, from the marrow and the spinal fluid."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, criteria_sets, default_set
from remission.definitions.inputs import Lazy, settled, stacked
from remission.definitions.mrd import FAILURE, INSENSITIVE, marrow_mrd
from remission.records.column import SOURCE


def first_infusions(exposure: Lazy) -> Lazy:
    """Return ``subject_id, first_infusion``: the earliest recorded day of blinatumomab."""
    return exposure.filter(~nw.col("start_day").is_null()).group_by("subject_id").agg(
        nw.col("start_day").min().alias("first_infusion"))


def before_infusion(assessments: Lazy, exposure: Lazy, criteria: Criteria) -> Lazy:
    """Return the examinations of the last days up to and on the first infusion."""
    reach = criteria["days_before_infusion"]
    ahead = nw.col("first_infusion") - nw.col("day")
    return assessments.join(first_infusions(exposure), on="subject_id").filter(
        (ahead >= 0) & (ahead <= reach))


def baseline_marrow(assessments: Lazy, exposure: Lazy, criteria: Criteria) -> Lazy:
    """Return the last marrow before the first infusion: its blasts and what its MRD shows.

    One row a subject: ``subject_id, day, blast_percent, finding, mrd_percent, _source``. All rows
    of its day are one marrow: the highest blast count and the gravest MRD count.
    """
    before = settled(before_infusion(assessments, exposure, criteria).filter(
        nw.col("specimen") == "BM"))
    residual = marrow_mrd(before, criteria)
    keys = ("subject_id", "day")
    counted = before.filter(~nw.col("blast_percent").is_null())
    highest = counted.filter(
        nw.col("blast_percent") == nw.col("blast_percent").max().over(*keys))
    blasts = highest.filter(
        nw.col("assessment_no") == nw.col("assessment_no").min().over(*keys)).select(
        *keys, "blast_percent", nw.col(SOURCE).alias("blast_row"))
    examined = before.filter(~nw.all_horizontal(
        *(nw.col(part).is_null() for part in ("blast_percent", "mrd_percent", "mrd_sign")),
        ignore_nulls=False))
    rows = examined.filter(
        nw.col("assessment_no") == nw.col("assessment_no").min().over(*keys)).select(
        *keys, nw.col(SOURCE).alias("marrow_row"))
    last = rows.filter(nw.col("day") == nw.col("day").max().over("subject_id"))
    return last.join(blasts, on=list(keys), how="left").join(
        residual, on=list(keys), how="left").select(
        *keys, "blast_percent", "finding", nw.col("measured").alias("mrd_percent"),
        nw.coalesce("blast_row", "mrd_row", "marrow_row").alias(SOURCE))


def baseline_status(
    assessments: Lazy, exposure: Lazy, criteria: Criteria | None = None
) -> Lazy:
    """Return the disease status at the first infusion, of every subject examined before it.

    ``assessments`` holds the columns of the assessment table, ``exposure`` at least ``start_day``.
    Back come ``subject_id, status, blast_percent, mrd_percent, day, _source``; status is ``RR``,
    ``MRD_POS``, ``MRD_NEG``, ``CR_MRD_UNKNOWN``, or null where blasts are not recorded;
    ``mrd_percent`` is null where MRD was not measured as a number.
    """
    notion = "baseline.status"
    chosen = criteria or criteria_sets(notion)[default_set(notion)]
    marrow = baseline_marrow(assessments, exposure, chosen)
    fluid = _fluid(before_infusion(assessments, exposure, chosen), chosen)
    both = stacked([marrow.select("subject_id"), fluid.select("subject_id")]).unique()
    joined = both.join(marrow, on="subject_id", how="left").join(
        fluid, on="subject_id", how="left")
    has_blasts = chosen.threshold("blasts").met_by(nw.col("blast_percent"))
    in_fluid = nw.col("in_fluid") == 1
    in_remission = ~nw.col("blast_percent").is_null()
    return joined.select(
        "subject_id",
        nw.when(has_blasts | in_fluid).then(nw.lit("RR"))
        .when(in_remission & (nw.col("finding") == FAILURE)).then(nw.lit("MRD_POS"))
        .when(in_remission & (nw.col("finding") > INSENSITIVE)).then(nw.lit("MRD_NEG"))
        .when(in_remission).then(nw.lit("CR_MRD_UNKNOWN")).alias("status"),
        "blast_percent", "mrd_percent",
        nw.when(~has_blasts.fill_null(value=False) & in_fluid).then(nw.col("fluid_day"))
        .otherwise(nw.coalesce("day", "fluid_day")).alias("day"),
        nw.when(~has_blasts.fill_null(value=False) & in_fluid).then(nw.col("fluid_row"))
        .otherwise(nw.coalesce(SOURCE, "fluid_row")).alias(SOURCE))


def _fluid(before: Lazy, criteria: Criteria) -> Lazy:
    """Return whether the last spinal fluid held leukaemia: ``in_fluid`` 1 or 0, day and row."""
    read = before.filter(~nw.col("cns_status").is_null()).with_columns(
        in_fluid=nw.when(nw.col("cns_status").is_in(criteria["cns_disease"])).then(1).otherwise(0))
    last = read.filter(nw.col("day") == nw.col("day").max().over("subject_id"))
    worst = last.filter(nw.col("in_fluid") == nw.col("in_fluid").max().over("subject_id"))
    return worst.filter(
        nw.col("assessment_no") == nw.col("assessment_no").min().over("subject_id")).select(
        "subject_id", "in_fluid", nw.col("day").alias("fluid_day"),
        nw.col(SOURCE).alias("fluid_row"))
