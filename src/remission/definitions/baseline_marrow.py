"""The numbers of the last marrow before the first infusion: blasts, and MRD where measured."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.baseline import baseline_marrow
from remission.definitions.criteria import Criteria
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy
from remission.records.column import SOURCE

_NEEDS = ("assessment.day", "assessment.specimen", "assessment.blast_percent",
          "assessment.mrd_method", "assessment.mrd_percent", "assessment.mrd_sign",
          "assessment.mrd_lod_percent", "exposure.start_day")
NOT_A_NUMBER = "no number of MRD: not detected, below a limit, or not measured"


@definition(
    label="Marrow blasts before blinatumomab", grain="subject", kind="number", unit="%",
    criteria="baseline.status", chosen_as="status_at_first_infusion", needs=_NEEDS,
    day_label="Day of the marrow before blinatumomab",
)
def marrow_blasts_at_start(assessments: Lazy, exposure: Lazy, criteria: Criteria) -> Lazy:
    """Blasts of the last marrow before the first infusion."""
    return baseline_marrow(assessments, exposure, criteria).filter(
        ~nw.col("blast_percent").is_null()).select(
        "subject_id", nw.col("blast_percent").alias("value"), "day",
        nw.col(SOURCE).alias("source"))


@definition(
    label="MRD before blinatumomab", grain="subject", kind="number", unit="%",
    criteria="baseline.status", chosen_as="status_at_first_infusion", needs=_NEEDS,
    day_label="Day of the marrow before blinatumomab",
)
def mrd_at_start(assessments: Lazy, exposure: Lazy, criteria: Criteria) -> Lazy:
    """MRD of the last marrow before the first infusion, where it was measured as a number."""
    return baseline_marrow(assessments, exposure, criteria).select(
        "subject_id", nw.col("mrd_percent").alias("value"), "day",
        nw.when(nw.col("mrd_percent").is_null()).then(nw.lit(NOT_A_NUMBER)).alias("note"),
        nw.col(SOURCE).alias("source"))
