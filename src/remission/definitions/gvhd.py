"""Graft-versus-host disease after the index graft: by organ stages, else by the centre's grade."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.absence import NOT_ASKED, with_none_known
from remission.definitions.criteria import Criteria
from remission.definitions.definition import definition
from remission.definitions.gvhd_organs import (
    ACUTE_NEEDS,
    CHRONIC_NEEDS,
    acute_rows,
    chronic_rows,
    grade_set,
    of_grafts,
)
from remission.definitions.inputs import Lazy, settled
from remission.definitions.transplant import index_grafts
from remission.plan import Plan
from remission.records.column import SOURCE

_NEEDS = ("transplant.day", "gvhd.kind", "gvhd.max_grade", "gvhd.onset_day", "form_status.status")
FROM_ORGANS, BY_CENTRE = "derived from organ stages", "graded by the centre"
GRADED_OTHERWISE = "the centre graded it otherwise"


@definition(
    label="Acute GVHD", grain="subject", kind="yes_no",
    needs=(*_NEEDS, *ACUTE_NEEDS), criteria="gvhd.acute_any", if_any=("gvhd_organ",),
    day_label="Onset of acute GVHD", wants_plan=True,
)
def acute_gvhd(  # noqa: PLR0917 - one frame for each table it reads
    transplants: Lazy, gvhd: Lazy, forms: Lazy, organs: Lazy | None, criteria: Criteria, plan: Plan
) -> Lazy:
    """Acute graft-versus-host disease of any grade after the transplant."""
    return _graded(transplants, gvhd, forms, organs, criteria, plan, kind="ACUTE")


@definition(
    label="Acute GVHD grade II–IV", grain="subject", kind="yes_no",
    needs=(*_NEEDS, *ACUTE_NEEDS), criteria="gvhd.acute_2_4", if_any=("gvhd_organ",),
    day_label="Onset of acute GVHD grade II–IV", wants_plan=True,
)
def acute_gvhd_2_4(  # noqa: PLR0917 - one frame for each table it reads
    transplants: Lazy, gvhd: Lazy, forms: Lazy, organs: Lazy | None, criteria: Criteria, plan: Plan
) -> Lazy:
    """Acute graft-versus-host disease of grade II to IV after the transplant."""
    return _graded(transplants, gvhd, forms, organs, criteria, plan, kind="ACUTE")


@definition(
    label="Acute GVHD grade III–IV", grain="subject", kind="yes_no",
    needs=(*_NEEDS, *ACUTE_NEEDS), criteria="gvhd.acute_3_4", if_any=("gvhd_organ",),
    day_label="Onset of acute GVHD grade III–IV", wants_plan=True,
)
def acute_gvhd_3_4(  # noqa: PLR0917 - one frame for each table it reads
    transplants: Lazy, gvhd: Lazy, forms: Lazy, organs: Lazy | None, criteria: Criteria, plan: Plan
) -> Lazy:
    """Acute graft-versus-host disease of grade III or IV after the transplant."""
    return _graded(transplants, gvhd, forms, organs, criteria, plan, kind="ACUTE")


@definition(
    label="Chronic GVHD", grain="subject", kind="yes_no",
    needs=(*_NEEDS, *CHRONIC_NEEDS), criteria="gvhd.chronic_any", if_any=("gvhd_organ",),
    day_label="Onset of chronic GVHD", wants_plan=True,
)
def chronic_gvhd(  # noqa: PLR0917 - one frame for each table it reads
    transplants: Lazy, gvhd: Lazy, forms: Lazy, organs: Lazy | None, criteria: Criteria, plan: Plan
) -> Lazy:
    """Chronic graft-versus-host disease of any form after the transplant."""
    return _graded(transplants, gvhd, forms, organs, criteria, plan, kind="CHRONIC")


@definition(
    label="Extensive chronic GVHD", grain="subject", kind="yes_no", needs=_NEEDS,
    criteria="gvhd.chronic_extensive", day_label="Onset of extensive chronic GVHD",
    wants_plan=True,
)
def chronic_gvhd_extensive(
    transplants: Lazy, gvhd: Lazy, forms: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Extensive chronic graft-versus-host disease after the transplant."""
    return _graded(transplants, gvhd, forms, None, criteria, plan, kind="CHRONIC")


@definition(
    label="Moderate or severe chronic GVHD", grain="subject", kind="yes_no",
    needs=(*_NEEDS, *CHRONIC_NEEDS), criteria="gvhd.chronic_moderate_severe",
    if_any=("gvhd_organ",), day_label="Onset of moderate or severe chronic GVHD", wants_plan=True,
)
def chronic_gvhd_moderate_severe(  # noqa: PLR0917 - one frame for each table it reads
    transplants: Lazy, gvhd: Lazy, forms: Lazy, organs: Lazy | None, criteria: Criteria, plan: Plan
) -> Lazy:
    """Moderate or severe chronic graft-versus-host disease after the transplant."""
    return _graded(transplants, gvhd, forms, organs, criteria, plan, kind="CHRONIC")


def _graded(  # noqa: PLR0917 - one frame for each table it reads
    transplants: Lazy, gvhd: Lazy, forms: Lazy, organs: Lazy | None, criteria: Criteria,
    plan: Plan, *, kind: str,
) -> Lazy:
    """Return Y, N or unknown for every transplanted subject.

    Organ stages decide where they can, else the centre's grade. A grade that is missing or of
    another system leaves the outcome unknown unless another row decides; no row at all means none
    only where the form is complete or the plan says so.
    """
    grafts = settled(with_none_known(index_grafts(transplants), forms, f"{kind}_GVHD", plan))
    grade = nw.col("max_grade")
    unclear = grade.is_null() | ~grade.is_in([*criteria["grades"], *criteria["below"]])
    met = grade.is_in(criteria["grades"])
    if criteria.values.get("ungraded_counts"):
        met = met | (grade.is_null() & ~nw.col("onset_day").is_null())
    reported = outcome_of_rows(
        settled(rows_of_kind(gvhd, grafts, kind)), grafts, met=met, unclear=unclear,
        why="the grade is missing or of another grading system")
    if organs is None:
        return reported.with_columns(
            nw.when(~nw.col("value").is_null()).then(nw.lit(BY_CENTRE)).alias("how"))
    if kind == "ACUTE":
        graded = acute_rows(organs, grade_set(plan, "acute_gvhd_grade", "gvhd.acute_grade"))
    else:
        graded = chronic_rows(
            organs, grade_set(plan, "chronic_gvhd_severity", "gvhd.chronic_severity"))
    return _with_organs(reported, settled(of_grafts(graded, grafts)), criteria["from_grade"])


def outcome_of_rows(
    rows: Lazy, grafts: Lazy, *, met: nw.Expr, unclear: nw.Expr, why: str
) -> Lazy:
    """Return value, day, source and note for every index graft, from the centre's own rows.

    ``met`` says which of ``rows`` make the outcome, ``unclear`` which leave it open (``why``);
    ``grafts`` holds the index grafts with ``none_known``.
    """
    first_met = _earliest(rows.filter(met)).rename({"onset_day": "day", SOURCE: "met_row"})
    seen = _earliest(rows).select("subject_id", nw.col(SOURCE).alias("seen_row"))
    open_rows = _earliest(rows.filter(unclear)).select(
        "subject_id", nw.col(SOURCE).alias("open_row"))
    joined = grafts
    for part in (first_met, seen, open_rows):
        joined = joined.join(part, on="subject_id", how="left")
    is_met, is_seen = ~nw.col("met_row").is_null(), ~nw.col("seen_row").is_null()
    is_unclear = ~is_met & ~nw.col("open_row").is_null()
    return joined.select(
        "subject_id",
        nw.when(is_met).then(nw.lit("Y"))
        .when(is_unclear).then(nw.lit(None, dtype=nw.String))
        .when(is_seen | nw.col("none_known")).then(nw.lit("N")).alias("value"),
        (nw.col("day") - nw.col("graft_day")).alias("day"),
        nw.coalesce("met_row", "open_row", "seen_row", "graft_row").alias("source"),
        nw.when(is_unclear).then(nw.lit(why))
        .when(~is_met & ~is_seen & ~nw.col("none_known")).then(nw.lit(NOT_ASKED)).alias("note"),
    )


def _with_organs(reported: Lazy, graded: Lazy, from_grade: int) -> Lazy:
    """Let the organ stages decide where they can; say where the centre graded otherwise."""
    proven = graded.filter(nw.col("least") >= from_grade)
    first = proven.filter(nw.col("after") == nw.col("after").min().over("subject_id")).select(
        "subject_id", nw.col("after").alias("organ_day"), nw.col(SOURCE).alias("proving_row"))
    last = graded.filter(nw.col("after") == nw.col("after").max().over("subject_id")).select(
        "subject_id", nw.col(SOURCE).alias("last_row"))
    highest = graded.group_by("subject_id").agg(nw.col("most").max())
    joined = reported
    for part in (first, last, highest):
        joined = joined.join(part, on="subject_id", how="left")
    is_proven = ~nw.col("proving_row").is_null()
    is_excluded = ~is_proven & (nw.col("most") < from_grade).fill_null(value=False)
    is_known = ~nw.col("value").is_null()
    differs = (is_proven & (nw.col("value") == "N")) | (is_excluded & (nw.col("value") == "Y"))
    return joined.select(
        "subject_id",
        nw.when(is_proven).then(nw.lit("Y")).when(is_excluded).then(nw.lit("N"))
        .otherwise(nw.col("value")).alias("value"),
        nw.when(is_proven).then(nw.col("organ_day")).when(~is_excluded).then(nw.col("day"))
        .alias("day"),
        nw.when(is_proven | is_excluded).then(nw.lit(FROM_ORGANS))
        .when(is_known).then(nw.lit(BY_CENTRE)).alias("how"),
        nw.when(differs).then(nw.lit(GRADED_OTHERWISE))
        .when(~is_known & ~is_proven & ~is_excluded & ~nw.col("most").is_null())
        .then(nw.lit("not every organ was assessed, and the centre's grade does not tell"))
        .when(~is_proven & ~is_excluded).then(nw.col("note")).alias("note"),
        nw.when(is_proven).then(nw.col("proving_row")).when(is_excluded)
        .then(nw.col("last_row")).otherwise(nw.col("source")).alias("source"),
    )


@definition(
    label="Systemic treatment of chronic GVHD", grain="subject", kind="yes_no",
    needs=("transplant.day", "gvhd.kind", "gvhd.onset_day", "gvhd.systemic_treatment",
           "form_status.status"),
    day_label="Onset of chronic GVHD that needed systemic treatment", wants_plan=True,
    reference="As recorded by the centre (gvhd.systemic_treatment); an event of GVHD-free, "
              "relapse-free survival: Holtan 2015, Blood 125:1333, doi "
              "10.1182/blood-2014-10-609032. Its day is that of the onset: the first day of the "
              "treatment is not recorded.", evidence="V D",
)
def chronic_gvhd_systemic(transplants: Lazy, gvhd: Lazy, forms: Lazy, plan: Plan) -> Lazy:
    """Chronic graft-versus-host disease after the transplant that was treated systemically."""
    grafts = with_none_known(index_grafts(transplants), forms, "CHRONIC_GVHD", plan)
    treated = nw.col("systemic_treatment")
    return outcome_of_rows(
        rows_of_kind(gvhd, grafts, "CHRONIC"), grafts, met=treated == "Y",
        unclear=treated.is_null() | (treated == "U"),
        why="whether it was treated systemically is not recorded")


def rows_of_kind(gvhd: Lazy, grafts: Lazy, kind: str) -> Lazy:
    """Return the rows of acute or chronic disease that belong to the index grafts."""
    return _of_the_graft(gvhd.filter(nw.col("kind") == kind), grafts)


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
