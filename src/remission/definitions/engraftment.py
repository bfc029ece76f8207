"""Engraftment: recovery of neutrophils and platelets after a graft, from counts or as reported.

Daily counts decide where there are any; else the centre's own word and day are taken, and each
value says which. Counts on the day of the graft or before it are not read.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.absence import with_none_known
from remission.definitions.criteria import Criteria
from remission.definitions.definition import DERIVED, KEYS, REPORTED, definition
from remission.definitions.inputs import Lazy, settled
from remission.definitions.transplant import in_time_of_graft, with_next_graft
from remission.plan import Plan
from remission.records.column import SOURCE

_KEYS = KEYS["transplant"]


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
    spans = settled(spans_of_grafts(transplants, follow_up).with_columns(
        untold=nw.lit(None, dtype=nw.Int64)))
    daily = settled(daily_neutrophils(counts, spans, criteria))
    return _verdict(course_of_counts(spans, daily, criteria), criteria, "neutrophil")


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
    recorded = _transfusions_known(transplants, transfusions, forms, plan)
    told = recorded.filter(nw.col("transfusions_known")).select("subject_id")
    untold = recorded.filter(~nw.col("transfusions_known")).join(
        counts.select("subject_id").unique(), on="subject_id").select(
        "subject_id", nw.lit(1).alias("untold"))
    spans = settled(
        spans_of_grafts(transplants, follow_up).join(untold, on="subject_id", how="left"))
    daily = _with_last_transfusion(
        _daily(counts.join(told, on="subject_id"), spans), transfusions, spans)
    rested = nw.col("last_transfusion").is_null() | (
        nw.col("after") - nw.col("last_transfusion") >= criteria["days_since_transfusion"])
    high = criteria.threshold("count").met_by(nw.col("value"))
    was_supported = ~rested & (nw.col("last_transfusion") > 0)
    daily = settled(daily.with_columns(meets=high & rested, is_low=~high | was_supported))
    return _verdict(course_of_counts(spans, daily, criteria), criteria, "platelet")


def daily_neutrophils(counts: Lazy, spans: Lazy, criteria: Criteria) -> Lazy:
    """Return the neutrophils of each day after a graft, and whether they meet the threshold.

    Back come ``subject_id, transplant_no, after, value, meets, is_low, _source``.
    """
    meets = criteria.threshold("count").met_by(nw.col("value"))
    return _daily(counts, spans).with_columns(meets=meets, is_low=~meets)


def spans_of_grafts(transplants: Lazy, follow_up: Lazy) -> Lazy:
    """Return each transplant with what ends its time: the next graft and death, as days."""
    return with_next_graft(transplants).rename({"day": "graft", SOURCE: "graft_row"}).join(
        follow_up.select("subject_id", "death_day"), on="subject_id", how="left")


def _daily(counts: Lazy, spans: Lazy) -> Lazy:
    """Return one count a day and transplant (the lowest of the day), days after the graft."""
    after = in_time_of_graft(counts, spans)
    lowest = nw.col("value").min().over(*_KEYS, "after")
    return (
        after.filter(nw.col("value") == lowest)
        .group_by(*_KEYS, "after")
        .agg(nw.col("value").min(), nw.col(SOURCE).min())
    )


def _with_last_transfusion(daily: Lazy, transfusions: Lazy, spans: Lazy) -> Lazy:
    """Return the counts with the day of the last platelet transfusion up to and on their day."""
    given = transfusions.filter(nw.col("product") == "PLATELET").join(
        spans.select(*_KEYS, "graft"), on="subject_id",
    ).select(*_KEYS, (nw.col("day") - nw.col("graft")).alias("after"),
             (nw.col("day") - nw.col("graft")).alias("transfused"))
    by_day = given.group_by(*_KEYS, "after").agg(nw.col("transfused").max())
    days = nw.concat([daily.select(*_KEYS, "after"), by_day.select(*_KEYS, "after")]).unique()
    last = (
        days.join(by_day, on=[*_KEYS, "after"], how="left")
        .with_columns(last_transfusion=nw.col("transfused").cum_max()
                      .over(*_KEYS, order_by="after"))
        .with_columns(last_transfusion=nw.col("last_transfusion")
                      .fill_null(strategy="forward").over(*_KEYS, order_by="after"))
        .select(*_KEYS, "after", "last_transfusion")
    )
    return daily.join(last, on=[*_KEYS, "after"], how="left")


def _transfusions_known(
    transplants: Lazy, transfusions: Lazy, forms: Lazy, plan: Plan
) -> Lazy:
    """Return ``subject_id, transfusions_known`` of all with a transplant.

    They are known by any row, a complete form, or the plan's word on missing rows.
    """
    given = transfusions.select("subject_id").unique().with_columns(given=nw.lit(1))
    grafted = transplants.select("subject_id").unique()
    joined = with_none_known(grafted, forms, "TRANSFUSION", plan).join(
        given, on="subject_id", how="left")
    return joined.select("subject_id", transfusions_known=(
        nw.col("none_known") | ~nw.col("given").is_null()))


def course_of_counts(spans: Lazy, daily: Lazy, criteria: Criteria) -> Lazy:
    """Return each graft's span with what its counts show of the recovery.

    Added are, as days after the graft, ``derived_day`` and ``derived_row`` of the first complete
    run, ``open_day`` of a run that may go on unseen, ``first_count`` and ``count_row``,
    ``longest_gap`` (days) and ``never_fell``; each is null where the counts do not show it.
    """
    runs = settled(runs_of_counts(_after_nadir(daily, criteria), criteria))
    reached = runs.filter(nw.col("length") >= criteria["run"])
    first = reached.filter(nw.col("first") == nw.col("first").min().over(*_KEYS)).select(
        *_KEYS, nw.col("first").alias("derived_day"), nw.col("row").alias("derived_row"))
    joined = spans
    for part in (first, open_runs(runs, daily, criteria), _observed(daily, spans, criteria),
                 _never_fell(daily, criteria)):
        joined = joined.join(part, on=list(_KEYS), how="left")
    return joined


def _after_nadir(daily: Lazy, criteria: Criteria) -> Lazy:
    """Return the counts after the nadir: the first low count.

    Where counts begin late and high, the nadir was passed unseen and all counts are kept. A low
    count after the span of observation is a later failure, not the nadir.
    """
    fell = nw.col("is_low") & (nw.col("after") <= criteria["observed_until"])
    nadir = nw.when(fell).then(nw.col("after")).min().over(*_KEYS)
    begin = nw.col("after").min().over(*_KEYS)
    unseen = (nw.col("begin") > criteria["nadir_seen_by"]) & (
        nw.col("nadir").is_null() | (nw.col("nadir") > nw.col("begin")))
    return daily.with_columns(nadir=nadir, begin=begin).filter(
        unseen | (nw.col("after") > nw.col("nadir")))


def _observed(daily: Lazy, spans: Lazy, criteria: Criteria) -> Lazy:
    """Return, for each transplant with counts, its first count's row, and the longest gap.

    Gaps run from the graft to the end of the span of observation (its last day, or death or the
    next graft before it); null when no count lies within it. Losing sight of a child shortens
    nothing: what was not seen is not known.
    """
    counted = daily.filter(
        nw.col("after") == nw.col("after").min().over(*_KEYS),
    ).select(*_KEYS, nw.col(SOURCE).alias("count_row"), nw.col("after").alias("first_count"))
    end = nw.min_horizontal("next_graft", "death_day") - nw.col("graft")
    windows = spans.select(
        *_KEYS, nw.lit(0).alias("begin"),
        nw.min_horizontal(end, nw.lit(criteria["observed_until"])).alias("window"))
    return counted.join(longest_gaps(daily, windows), on=list(_KEYS), how="left")


def longest_gaps(daily: Lazy, windows: Lazy) -> Lazy:
    """Return the longest time without a count, in days, of each graft with a count in its window.

    ``windows`` holds the keys, ``begin`` and ``window``, the days after the graft between which
    counts are looked for; the time from the last count to the end of the window is a gap too.
    """
    inside = daily.join(windows, on=list(_KEYS)).filter(
        (nw.col("after") > nw.col("begin")) & (nw.col("after") <= nw.col("window")))
    before = nw.col("after").shift(1).over(*_KEYS, order_by="after")
    gaps = inside.with_columns(before=before).with_columns(
        gap=nw.col("after") - nw.coalesce("before", "begin"),
    ).group_by(*_KEYS).agg(
        nw.col("gap").max(), (nw.col("window") - nw.col("after")).min().alias("tail"))
    return gaps.select(*_KEYS, nw.max_horizontal("gap", "tail").alias("longest_gap"))


def runs_of_counts(counts: Lazy, criteria: Criteria) -> Lazy:
    """Return every run of counts at the threshold: first and last day, length, first row."""
    ordered = {"order_by": "after"}
    before_met = nw.col("meets").shift(1).over(*_KEYS, **ordered)
    before_day = nw.col("after").shift(1).over(*_KEYS, **ordered)
    begins = ~nw.col("meets") | before_met.is_null() | ~before_met
    if criteria["run_of"] == "calendar days":
        begins = begins | (nw.col("after") - before_day > 1)
    numbered = counts.with_columns(
        begins=nw.when(begins).then(1).otherwise(0)
    ).with_columns(run=nw.col("begins").cum_sum().over(*_KEYS, **ordered))
    inside = numbered.filter(nw.col("meets")).with_columns(
        first=nw.col("after").min().over(*_KEYS, "run"))
    rows = inside.filter(nw.col("after") == nw.col("first")).select(
        *_KEYS, "run", nw.col(SOURCE).alias("row"))
    return inside.group_by(*_KEYS, "run").agg(
        nw.col("after").min().alias("first"), nw.col("after").max().alias("last"),
        nw.len().alias("length"),
    ).join(rows, on=[*_KEYS, "run"])


def open_runs(runs: Lazy, daily: Lazy, criteria: Criteria) -> Lazy:
    """Return transplants with a run too short only because the next days have no count.

    Under a rule of calendar days a gap hides what happened; under one of values only the end of
    the counts does.
    """
    after_last = daily.select(*_KEYS, nw.col("after").alias("next_count"))
    short = runs.filter(nw.col("length") < criteria["run"])
    following = short.join(after_last, on=list(_KEYS)).filter(
        nw.col("next_count") > nw.col("last")).group_by(*_KEYS, "run").agg(
        nw.col("next_count").min())
    ended = short.join(following, on=[*_KEYS, "run"], how="left")
    hidden = nw.col("next_count").is_null()
    if criteria["run_of"] == "calendar days":
        hidden = hidden | (nw.col("next_count") > nw.col("last") + 1)
    return ended.filter(hidden).group_by(*_KEYS).agg(nw.col("first").min().alias("open_day"))


def _never_fell(daily: Lazy, criteria: Criteria) -> Lazy:
    """Return transplants whose early counts show that they never fell below the threshold."""
    fell = nw.col("is_low") & (nw.col("after") <= criteria["observed_until"])
    return daily.group_by(*_KEYS).agg(
        nw.col("after").min().alias("begin"),
        nw.when(fell).then(1).otherwise(0).sum().alias("days_low"),
    ).filter(
        (nw.col("days_low") == 0) & (nw.col("begin") <= criteria["nadir_seen_by"])
    ).select(*_KEYS, nw.lit(1).alias("never_fell"))


def _verdict(joined: Lazy, criteria: Criteria, cell: str) -> Lazy:
    """Put together what counts and centre say; counts win, disagreements are noted."""
    reported_day = nw.col(f"{cell}_recovery_day_reported") - nw.col("graft")
    reported = nw.col(f"{cell}_recovered_reported")
    died = nw.col("death_day") - nw.col("graft")
    has_day = ~nw.col(f"{cell}_recovery_day_reported").is_null()
    is_reported = ~reported.is_null() | has_day
    has_counts = ~nw.col("count_row").is_null()
    derived = ~nw.col("derived_day").is_null()
    covered = (nw.col("longest_gap") <= criteria["largest_gap"]).fill_null(value=False)
    unseen_nadir = nw.col("derived_day") == nw.col("first_count")
    never_fell = ~nw.col("never_fell").is_null()
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
        nw.when(derived).then(nw.col("derived_day"))
        .when(~has_counts & says_yes).then(reported_day).alias("day"),
        nw.when(from_counts).then(nw.lit(DERIVED))
        .when(~has_counts & is_reported).then(nw.lit(REPORTED)).alias("how"),
        nw.when(derived & (nw.col("open_day") < nw.col("derived_day")))
        .then(nw.lit("an earlier run cannot be excluded: days without a count"))
        .when(derived & (reported_day != nw.col("derived_day")))
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
        nw.coalesce("derived_row", "count_row", "graft_row").alias("source"),
    )
