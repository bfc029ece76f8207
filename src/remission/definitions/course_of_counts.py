"""What the counts after a graft show: the nadir, runs at a threshold, gaps."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.definition import KEYS
from remission.definitions.inputs import Lazy, settled
from remission.definitions.transplant import in_time_of_graft, with_next_graft
from remission.records.column import SOURCE

_KEYS = KEYS["transplant"]


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
