"""Engraftment: recovery of neutrophils and platelets after a graft, from counts or as reported.

Daily counts decide where there are any; else the centre's own word and day are taken, and each
value says which. Counts on the day of the graft or before it are not read.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.absence import with_none_known
from remission.definitions.counts_after_graft import (
    after_graft,
    course_of_counts,
    lowest_of_the_day,
    neutrophils_after,
    numbered_grafts,
    place,
    rows_on,
    spans_of_grafts,
    with_days,
    with_runs,
)
from remission.definitions.criteria import Criteria
from remission.definitions.definition import DERIVED, REPORTED, definition
from remission.definitions.inputs import Lazy, no_value, settled
from remission.definitions.sequences import different, in_sequence
from remission.plan import Plan

_KEYS = ("subject_id", "transplant_no")


@definition(
    label="Neutrophil recovery", grain="transplant", kind="yes_no",
    criteria="engraftment.neutrophil", day_label="Day of neutrophil recovery",
    needs=("transplant.day", "transplant.neutrophil_recovered_reported",
           "transplant.neutrophil_recovery_day_reported", "laboratory.ANC",
           "follow_up.death_day"),
)
def neutrophil_recovery(
    transplants: Lazy, counts: Lazy, follow_up: Lazy, criteria: Criteria
) -> Lazy:
    """First day of the first run of neutrophil counts at the threshold after the nadir."""
    grafts = numbered_grafts(transplants)
    spans = settled(_spans(transplants, grafts, follow_up, criteria).with_columns(
        untold=no_value(nw.Int64)))
    counts, daily = neutrophils_after(grafts, counts, criteria)
    course = course_of_counts(spans, counts, daily, criteria)
    return _verdict(_with_recovery_day(course, counts, criteria), criteria, "neutrophil")


@definition(
    label="Platelet recovery", grain="transplant", kind="yes_no",
    criteria="engraftment.platelet", day_label="Day of platelet recovery",
    needs=("transplant.day", "transplant.platelet_recovered_reported",
           "transplant.platelet_recovery_day_reported", "laboratory.PLT",
           "follow_up.death_day", "transfusion.product", "form_status.status"),
    wants_plan=True,
)
def platelet_recovery(  # noqa: PLR0917 - one frame for each table it reads
    transplants: Lazy, counts: Lazy, follow_up: Lazy, transfusions: Lazy, forms: Lazy,
    criteria: Criteria, plan: Plan,
) -> Lazy:
    """First day of the first run of platelet counts at the threshold without transfusion."""
    recorded = settled(_transfusions_known(transplants, transfusions, forms, plan))
    told = recorded.filter(nw.col("transfusions_known")).select("subject_id")
    unknown = recorded.filter(~nw.col("transfusions_known")).select("subject_id")
    untold = different(counts.select("subject_id").join(unknown, on="subject_id")).with_columns(
        untold=nw.lit(1))
    grafts = numbered_grafts(transplants)
    spans = settled(_spans(transplants, grafts, follow_up, criteria).join(
        untold, on="subject_id", how="left"))
    told_grafts = settled(grafts.join(told, on="subject_id"))
    counts = settled(after_graft(counts, told_grafts))
    daily = _with_last_transfusion(lowest_of_the_day(counts), transfusions, spans)
    rested = nw.col("last_transfusion").is_null() | (
        nw.col("after") - nw.col("last_transfusion") >= criteria["days_since_transfusion"])
    high = criteria.threshold("count").met_by(nw.col("value"))
    was_supported = ~rested & (nw.col("last_transfusion") > 0)
    daily = settled(with_runs(
        daily.with_columns(meets=high & rested, is_low=~high | was_supported),
        criteria["run_of"]))
    course = course_of_counts(spans, counts, daily, criteria)
    return _verdict(_with_recovery_day(course, counts, criteria), criteria, "platelet")


def _spans(transplants: Lazy, grafts: Lazy, follow_up: Lazy, criteria: Criteria) -> Lazy:
    """Return each transplant with its time, watched to the day that "not recovered" needs."""
    return spans_of_grafts(transplants, grafts, follow_up, nw.lit(criteria["observed_until"]))


def _with_last_transfusion(daily: Lazy, transfusions: Lazy, spans: Lazy) -> Lazy:
    """Return the counts with the day of the last platelet transfusion up to and on their day."""
    given = transfusions.filter(nw.col("product") == "PLATELET").join(
        spans.select("span", "subject_id", "graft"), on="subject_id",
    ).with_columns(transfused=nw.col("day") - nw.col("graft")).select(
        "transfused", at=place(nw.col("transfused")))
    both = daily.select("at", "value").join(
        different(given), on="at", how="full", suffix="_given",
    ).select("value", "transfused", at=nw.coalesce("at", "at_given"))
    followed = in_sequence(with_days(both), key="span", order_by="at",
                           last_known={"last_transfusion": "transfused"})
    return followed.filter(~nw.col("value").is_null())


def _transfusions_known(
    transplants: Lazy, transfusions: Lazy, forms: Lazy, plan: Plan
) -> Lazy:
    """Return ``subject_id, transfusions_known`` of all with a transplant.

    They are known by any row, a complete form, or the plan's word on missing rows.
    """
    given = different(transfusions.select("subject_id")).with_columns(given=nw.lit(1))
    grafted = different(transplants.select("subject_id"))
    joined = with_none_known(grafted, forms, "TRANSFUSION", plan).join(
        given, on="subject_id", how="left")
    return joined.select("subject_id", transfusions_known=(
        nw.col("none_known") | ~nw.col("given").is_null()))


def _with_recovery_day(course: Lazy, counts: Lazy, criteria: Criteria) -> Lazy:
    """Add ``recovered_on``, the day of the first complete run that the set names.

    Where that is its last, ``count_row`` is the count of that day.
    """
    if criteria["day_of_run"] == "first":
        return course.with_columns(recovered_on=nw.col("derived_day"))
    ended = settled(course.with_columns(
        recovered_on=nw.col("derived_day") + (criteria["run"] - 1)))
    wanted = ended.select("span", at=place(nw.coalesce("recovered_on", "first_count")))
    return ended.drop("count_row").join(rows_on(wanted, counts), on="span", how="left")


def _verdict(joined: Lazy, criteria: Criteria, cell: str) -> Lazy:
    """Put together what counts and centre say; counts win, disagreements are noted."""
    reported_day = nw.col(f"{cell}_recovery_day_reported") - nw.col("graft")
    reported = nw.col(f"{cell}_recovered_reported")
    died = nw.col("death_day") - nw.col("graft")
    has_day = ~nw.col(f"{cell}_recovery_day_reported").is_null()
    is_reported = ~reported.is_null() | has_day
    has_counts = ~nw.col("first_count").is_null()
    derived = ~nw.col("derived_day").is_null()
    covered = (nw.col("longest_gap") <= criteria["largest_gap"]).fill_null(value=False)
    unseen_nadir = nw.col("derived_day") == nw.col("first_count")
    never_fell = nw.col("nadir").is_null() & (
        nw.col("first_count") <= criteria["nadir_seen_by"]).fill_null(value=False)
    is_open = ~nw.col("open_day").is_null()
    not_recovered = has_counts & ~derived & ~never_fell & ~is_open & covered
    from_counts = derived | not_recovered
    says_yes = (reported == "Y") | (reported.is_null() & has_day)
    unknown = nw.lit(None, dtype=nw.String)
    return joined.select(
        *_KEYS,
        nw.when(derived).then(nw.lit("Y")).when(not_recovered).then(nw.lit("N"))
        .when(has_counts).then(unknown)
        .when(says_yes).then(nw.lit("Y")).when(reported == "N").then(nw.lit("N"))
        .alias("value"),
        nw.when(derived).then(nw.col("recovered_on"))
        .when(~has_counts & says_yes).then(reported_day).alias("day"),
        nw.when(from_counts).then(nw.lit(DERIVED))
        .when(~has_counts & is_reported).then(nw.lit(REPORTED)).alias("how"),
        nw.when(derived & (nw.col("open_day") < nw.col("derived_day")))
        .then(nw.lit("an earlier run cannot be excluded: days without a count"))
        .when(derived & (reported_day != nw.col("recovered_on")))
        .then(nw.lit("the centre reported another day"))
        .when(derived & unseen_nadir)
        .then(nw.lit("counts begin with the recovery: the nadir was not seen"))
        .when(not_recovered & (died <= criteria["observed_until"]))
        .then(nw.lit("died before recovery"))
        .when(from_counts).then(unknown)
        .when(never_fell).then(nw.lit("counts never fell below the threshold"))
        .when(has_counts & is_open)
        .then(nw.lit("counts stop or skip days before a run is complete"))
        .when(has_counts).then(nw.lit("counts are too far apart or end too early"))
        .when(says_yes & (reported_day > died)).then(nw.lit("the reported day is after death"))
        .when(is_reported).then(unknown)
        .when(~nw.col("untold").is_null())
        .then(nw.lit("platelet counts without a record of transfusions, and no report"))
        .otherwise(nw.lit("no counts and no report")).alias("note"),
        nw.coalesce("count_row", "graft_row").alias("source"),
    )
