"""Graft-versus-host disease as graded by the centre."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.absence import is_complete
from remission.definitions.criteria import Criteria
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy
from remission.plan import Plan
from remission.records.column import SOURCE

_NEEDS = ("transplant.day", "gvhd.kind", "gvhd.max_grade", "gvhd.onset_day", "form_status.status")


@definition(
    label="Acute GVHD grade II–IV", grain="subject", kind="yes_no", needs=_NEEDS,
    criteria="gvhd.acute_2_4", day_label="Onset of acute GVHD grade II–IV", wants_plan=True,
)
def acute_gvhd_2_4(
    transplants: Lazy, gvhd: Lazy, forms: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Acute graft-versus-host disease of grade II to IV after the first transplant."""
    return _graded(transplants, gvhd, forms, criteria, plan, kind="ACUTE")


@definition(
    label="Acute GVHD grade III–IV", grain="subject", kind="yes_no", needs=_NEEDS,
    criteria="gvhd.acute_3_4", day_label="Onset of acute GVHD grade III–IV", wants_plan=True,
)
def acute_gvhd_3_4(
    transplants: Lazy, gvhd: Lazy, forms: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Acute graft-versus-host disease of grade III or IV after the first transplant."""
    return _graded(transplants, gvhd, forms, criteria, plan, kind="ACUTE")


@definition(
    label="Extensive chronic GVHD", grain="subject", kind="yes_no", needs=_NEEDS,
    criteria="gvhd.chronic_extensive", day_label="Onset of extensive chronic GVHD",
    wants_plan=True,
)
def chronic_gvhd_extensive(
    transplants: Lazy, gvhd: Lazy, forms: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Extensive chronic graft-versus-host disease after the first transplant."""
    return _graded(transplants, gvhd, forms, criteria, plan, kind="CHRONIC")


@definition(
    label="Moderate or severe chronic GVHD", grain="subject", kind="yes_no", needs=_NEEDS,
    criteria="gvhd.chronic_moderate_severe",
    day_label="Onset of moderate or severe chronic GVHD", wants_plan=True,
)
def chronic_gvhd_moderate_severe(
    transplants: Lazy, gvhd: Lazy, forms: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Moderate or severe chronic graft-versus-host disease after the first transplant."""
    return _graded(transplants, gvhd, forms, criteria, plan, kind="CHRONIC")


def _graded(
    transplants: Lazy, gvhd: Lazy, forms: Lazy, criteria: Criteria, plan: Plan, *, kind: str
) -> Lazy:
    """Return Y, N or unknown for every transplanted subject.

    A grade that is missing or of another system leaves the outcome unknown unless another row
    decides; no row at all means none only where the form is complete or the plan says so.
    """
    form = f"{kind}_GVHD"
    counts = nw.col("max_grade").is_in(criteria["grades"])
    graded = nw.col("max_grade").is_in([*criteria["grades"], *criteria["below"]])
    rows = gvhd.filter(nw.col("kind") == kind)
    met = rows.filter(counts).group_by("subject_id").agg(
        nw.col("onset_day").min().alias("day"), nw.col(SOURCE).min().alias("met_row"))
    seen = rows.group_by("subject_id").agg(
        nw.when(graded).then(0).otherwise(1).sum().alias("ungraded"),
        nw.col(SOURCE).min().alias("seen_row"))
    absent_means_none = nw.lit(form in plan.records.absent_means_none)
    unknown_grade = nw.col("ungraded") > 0
    return (
        transplants.filter(nw.col("transplant_no") == 1)
        .select("subject_id", nw.col("day").alias("graft_day"),
                nw.col(SOURCE).alias("graft_row"))
        .join(met, on="subject_id", how="left")
        .join(seen, on="subject_id", how="left")
        .join(is_complete(forms, form), on="subject_id", how="left")
        .select(
            "subject_id",
            nw.when(~nw.col("met_row").is_null()).then(nw.lit("Y"))
            .when(unknown_grade).then(nw.lit(None, dtype=nw.String))
            .when(~nw.col("seen_row").is_null() | (nw.col("complete") == "Y")
                  | (absent_means_none & nw.col("complete").is_null()))
            .then(nw.lit("N")).alias("value"),
            (nw.col("day") - nw.col("graft_day")).alias("day"),
            nw.coalesce("met_row", "seen_row", "graft_row").alias("source"),
            nw.when(nw.col("met_row").is_null() & unknown_grade)
            .then(nw.lit("the grade is missing or of another grading system"))
            .when(nw.col("seen_row").is_null() & (nw.col("complete") == "N"))
            .then(nw.lit("not assessed")).alias("note"),
        )
    )
