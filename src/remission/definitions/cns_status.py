"""Leukaemia in the central nervous system, from the counts of a spinal fluid."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.definition import KEYS, RECORDED, definition
from remission.definitions.inputs import Lazy, settled
from remission.records.column import SOURCE

FROM_COUNTS = "from the counts of the fluid"
_THOUSANDS = 1000
"""Blood: 10¹² red cells in units of 10⁹."""


@definition(
    label="CNS status", grain="assessment", kind="category", criteria="cns_status.group",
    needs=("assessment.day", "assessment.specimen", "assessment.blast_percent",
           "assessment.cns_status", "assessment.cns_signs", "laboratory.CSF_WBC",
           "laboratory.CSF_RBC", "laboratory.WBC", "laboratory.RBC"),
    levels={
        "CNS1": "CNS 1", "CNS2A": "CNS 2a", "CNS2B": "CNS 2b", "CNS2C": "CNS 2c",
        "CNS2": "CNS 2, not further known", "CNS3A": "CNS 3a", "CNS3B": "CNS 3b",
        "CNS3C": "CNS 3c", "CNS3": "CNS 3, not further known",
    },
)
def cns_status(assessments: Lazy, counts: Lazy, criteria: Criteria) -> Lazy:
    """Status of the central nervous system at an examination of the spinal fluid."""
    fluids = assessments.filter(nw.col("specimen") == "CSF")
    for test in ("CSF_WBC", "CSF_RBC", "WBC", "RBC"):
        highest = counts.filter(nw.col("test") == test).group_by("subject_id", "day").agg(
            nw.col("value").max().alias(test))
        fluids = fluids.join(highest, on=["subject_id", "day"], how="left")
    judged = settled(fluids.with_columns(derived=_from_counts(criteria)))
    derived, recorded = nw.col("derived"), nw.col("cns_status")
    disagrees = ~derived.is_null() & ~recorded.is_null() & (
        derived.str.slice(0, 4) != recorded)
    return judged.select(
        *KEYS["assessment"],
        nw.coalesce(derived, recorded).alias("value"),
        nw.when(~derived.is_null()).then(nw.lit(FROM_COUNTS))
        .when(~recorded.is_null()).then(nw.lit(RECORDED)).alias("how"),
        nw.when(disagrees).then(nw.lit("the centre recorded another status"))
        .when(derived.is_null() & ~recorded.is_null()).then(nw.lit(None, dtype=nw.String))
        .when(derived.is_null()).then(_missing(criteria))
        .when(derived == "CNS2").then(nw.lit("red cells of the fluid are not recorded"))
        .alias("note"),
        nw.col(SOURCE).alias("source"))


def _from_counts(criteria: Criteria) -> nw.Expr:
    """Return the status that counts and signs give; null where one that decides is missing."""
    has_blasts, no_blasts = nw.col("blast_percent") > 0, nw.col("blast_percent") == 0
    white = criteria.threshold("white_cells").met_by(nw.col("CSF_WBC"))
    red = criteria.threshold("red_cells").met_by(nw.col("CSF_RBC"))
    # cross-multiplied, so that a fluid or blood count of zero divides nothing
    in_fluid = nw.col("CSF_WBC") * nw.col("RBC") * _THOUSANDS
    in_blood = nw.col("WBC") * nw.col("CSF_RBC")
    leukaemic = in_fluid >= in_blood * (criteria["ratio"]["value"] * (1 - 1e-9))
    few = has_blasts & ~white
    many = has_blasts & white
    return (
        nw.when(nw.col("cns_signs") == "Y").then(nw.lit("CNS3C"))
        .when(no_blasts).then(nw.lit("CNS1"))
        .when(few & ~red).then(nw.lit("CNS2A"))
        .when(few & red).then(nw.lit("CNS2B"))
        .when(few).then(nw.lit("CNS2"))
        .when(many & ~red).then(nw.lit("CNS3A"))
        .when(many & red & leukaemic).then(nw.lit("CNS3B"))
        .when(many & red & ~leukaemic).then(nw.lit("CNS2C")))


def _missing(criteria: Criteria) -> nw.Expr:
    """Return which count is missing where no status can be told."""
    white = criteria.threshold("white_cells").met_by(nw.col("CSF_WBC"))
    return (
        nw.when(nw.col("blast_percent").is_null()).then(nw.lit("blasts are not recorded"))
        .when(white.is_null()).then(nw.lit("white cells of the fluid are not recorded"))
        .when(nw.col("CSF_RBC").is_null())
        .then(nw.lit("red cells of the fluid are not recorded"))
        .otherwise(nw.lit("the blood count of the day is not recorded")))
