"""Graft-versus-host disease as graded by the centre."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.absence import NOT_ASKED, with_none_known
from remission.definitions.criteria import Criteria
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy, settled
from remission.definitions.transplant import index_grafts
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
    """Acute graft-versus-host disease of grade II to IV after the transplant."""
    return _graded(transplants, gvhd, forms, criteria, plan, kind="ACUTE")


@definition(
    label="Acute GVHD grade III–IV", grain="subject", kind="yes_no", needs=_NEEDS,
    criteria="gvhd.acute_3_4", day_label="Onset of acute GVHD grade III–IV", wants_plan=True,
)
def acute_gvhd_3_4(
    transplants: Lazy, gvhd: Lazy, forms: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Acute graft-versus-host disease of grade III or IV after the transplant."""
    return _graded(transplants, gvhd, forms, criteria, plan, kind="ACUTE")


@definition(
    label="Extensive chronic GVHD", grain="subject", kind="yes_no", needs=_NEEDS,
    criteria="gvhd.chronic_extensive", day_label="Onset of extensive chronic GVHD",
    wants_plan=True,
)
def chronic_gvhd_extensive(
    transplants: Lazy, gvhd: Lazy, forms: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Extensive chronic graft-versus-host disease after the transplant."""
    return _graded(transplants, gvhd, forms, criteria, plan, kind="CHRONIC")


@definition(
    label="Moderate or severe chronic GVHD", grain="subject", kind="yes_no", needs=_NEEDS,
    criteria="gvhd.chronic_moderate_severe",
    day_label="Onset of moderate or severe chronic GVHD", wants_plan=True,
)
def chronic_gvhd_moderate_severe(
    transplants: Lazy, gvhd: Lazy, forms: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Moderate or severe chronic graft-versus-host disease after the transplant."""
    return _graded(transplants, gvhd, forms, criteria, plan, kind="CHRONIC")


def _graded(
    transplants: Lazy, gvhd: Lazy, forms: Lazy, criteria: Criteria, plan: Plan, *, kind: str
) -> Lazy:
    """Return Y, N or unknown for every transplanted subject.

    A grade that is missing or of another system leaves the outcome unknown unless another row
    decides; no row at all means none only where the form is complete or the plan says so.
    """
    grafts = settled(with_none_known(index_grafts(transplants), forms, f"{kind}_GVHD", plan))
    rows = settled(_of_the_graft(gvhd.filter(nw.col("kind") == kind), grafts))
    graded = nw.col("max_grade").is_in([*criteria["grades"], *criteria["below"]])
    met = _earliest(rows.filter(nw.col("max_grade").is_in(criteria["grades"]))).rename(
        {"onset_day": "day", SOURCE: "met_row"})
    seen = _earliest(rows).select("subject_id", nw.col(SOURCE).alias("seen_row"))
    ungraded = _earliest(rows.filter(~graded | nw.col("max_grade").is_null())).select(
        "subject_id", nw.col(SOURCE).alias("ungraded_row"))
    joined = grafts
    for part in (met, seen, ungraded):
        joined = joined.join(part, on="subject_id", how="left")
    is_met, is_seen = ~nw.col("met_row").is_null(), ~nw.col("seen_row").is_null()
    is_unclear = ~is_met & ~nw.col("ungraded_row").is_null()
    return joined.select(
        "subject_id",
        nw.when(is_met).then(nw.lit("Y"))
        .when(is_unclear).then(nw.lit(None, dtype=nw.String))
        .when(is_seen | nw.col("none_known")).then(nw.lit("N")).alias("value"),
        (nw.col("day") - nw.col("graft_day")).alias("day"),
        nw.coalesce("met_row", "ungraded_row", "seen_row", "graft_row").alias("source"),
        nw.when(is_unclear).then(nw.lit("the grade is missing or of another grading system"))
        .when(~is_met & ~is_seen & ~nw.col("none_known")).then(nw.lit(NOT_ASKED)).alias("note"),
    )


def _of_the_graft(gvhd: Lazy, grafts: Lazy) -> Lazy:
    """Return the rows that belong to the index graft: from its day until the next graft.

    A row that cannot be placed, for want of a day, is taken as belonging to it.
    """
    onset, graft, following = nw.col("onset_day"), nw.col("graft_day"), nw.col("next_graft")
    cannot_be_placed = onset.is_null() | graft.is_null()
    return gvhd.join(
        grafts.select("subject_id", "graft_day", "next_graft"), on="subject_id",
    ).filter(cannot_be_placed | (
        (onset >= graft) & (following.is_null() | (onset < following))))


def _earliest(rows: Lazy) -> Lazy:
    """Return ``subject_id, onset_day, _source`` of each subject's row with the earliest onset."""
    first = nw.col("onset_day").min().over("subject_id")
    earliest = rows.with_columns(first=first).filter(
        nw.col("first").is_null() | (nw.col("onset_day") == nw.col("first")))
    return earliest.filter(
        nw.col("gvhd_no") == nw.col("gvhd_no").min().over("subject_id"),
    ).select("subject_id", "onset_day", SOURCE)
