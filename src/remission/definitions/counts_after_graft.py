"""Counts after a graft: the nadir, runs at a threshold, gaps between counts.

All days after all grafts stand on one line, transplant after transplant: of millions of counts,
one whole number is compared much faster than two keys.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, Threshold
from remission.definitions.definition import KEYS
from remission.definitions.inputs import Lazy, in_common, settled
from remission.definitions.sequences import in_sequence, lowest_of_each
from remission.definitions.transplant import with_next_graft
from remission.records.column import SOURCE
from remission.records.once import once

_ROOM = 1_000_000
"""Days that one transplant may take on the line on which all of them stand one after another."""


def numbered_grafts(transplants: Lazy) -> Lazy:
    """Return the keys of the grafts, ``span``, which numbers them, ``graft`` and ``next_graft``.

    The last two are days. They are computed once for all rules of a run.
    """
    return _numbered(in_common(transplants, *KEYS["transplant"], "day"))


@once
def _numbered(grafts: Lazy) -> Lazy:
    return settled(with_next_graft(grafts).rename({"day": "graft"}).with_row_index(
        "span", order_by=KEYS["transplant"]).with_columns(nw.col("span").cast(nw.Int64)))


def spans_of_grafts(transplants: Lazy, grafts: Lazy, follow_up: Lazy, until: nw.Expr) -> Lazy:
    """Return each transplant with its time: the next graft, death and the days to be watched.

    ``grafts`` are the same, numbered. Counts are looked for after ``begin`` and up to ``window``,
    the days after the graft until which it is watched, or death or the next graft before it.
    """
    end = nw.min_horizontal("next_graft", "death_day") - nw.col("graft")
    return transplants.drop("day").rename({SOURCE: "graft_row"}).join(
        grafts, on=list(KEYS["transplant"]),
    ).join(
        follow_up.select("subject_id", "death_day"), on="subject_id", how="left",
    ).with_columns(begin=nw.lit(0), until=until, window=nw.min_horizontal(end, until))


def neutrophils_after(grafts: Lazy, counts: Lazy, criteria: Criteria) -> tuple[Lazy, Lazy]:
    """Return the counts of each transplant's time, and those of each day with their runs.

    They are as :func:`after_graft` and :func:`with_runs` give them, computed once for the rules
    that read the same counts by the same threshold.
    """
    placed = _placed(counts, grafts)
    threshold = criteria.threshold("count")
    return placed, _daily_runs(
        placed, (threshold.value, threshold.unit, threshold.inclusive), criteria["run_of"])


@once
def _placed(counts: Lazy, grafts: Lazy) -> Lazy:
    return settled(after_graft(counts, grafts))


@once
def _daily_runs(placed: Lazy, threshold: tuple[float, str, bool], run_of: str) -> Lazy:
    meets = Threshold(*threshold).met_by(nw.col("value"))
    return settled(with_runs(
        lowest_of_the_day(placed).with_columns(meets=meets, is_low=~meets), run_of))


def place(day: nw.Expr) -> nw.Expr:
    """Return where a day after the graft of its ``span`` stands on the line."""
    return nw.col("span") * _ROOM + day


def with_days(rows: Lazy) -> Lazy:
    """Add the transplant and the day after its graft that ``at`` stands for."""
    span = (nw.col("at") + _ROOM // 2) // _ROOM
    return rows.with_columns(span=span, after=nw.col("at") - span * _ROOM)


def after_graft(counts: Lazy, grafts: Lazy) -> Lazy:
    """Return the counts of each transplant's time: ``at``, where they stand, value and row."""
    return counts.join(
        grafts.select("span", "subject_id", "graft", "next_graft"), on="subject_id",
    ).with_columns(after=nw.col("day") - nw.col("graft")).filter(
        (nw.col("after") > 0)
        & (nw.col("next_graft").is_null() | (nw.col("day") < nw.col("next_graft"))),
    ).select(place(nw.col("after")).alias("at"), "value", SOURCE)


def lowest_of_the_day(counts: Lazy) -> Lazy:
    """Return one count a transplant and day: ``at, value, span, after``."""
    return with_days(lowest_of_each(counts, key="at", value="value"))


def course_of_counts(spans: Lazy, counts: Lazy, daily: Lazy, criteria: Criteria) -> Lazy:
    """Return the transplants with what their counts show of the recovery.

    ``daily`` are the counts of each day with their runs. Added are, as days after the graft,
    ``first_count``, ``nadir``, ``derived_day`` of the first complete run after it and ``open_day``
    of a run that may go on unseen and that death or the next graft left days enough to be
    completed, ``longest_gap`` (days) and ``count_row``, that of the derived day or else of the
    first count; each is null where the counts do not show it.
    """
    seen = settled(seen_in_counts(daily, spans))
    runs = runs_of_counts(_after_nadir(daily, seen, criteria), criteria)
    end = nw.min_horizontal("next_graft", "death_day") - nw.col("graft")
    may_be_whole = end.is_null() | (nw.col("open_day") + (criteria["run"] - 1) <= end)
    joined = settled(spans.join(seen, on="span", how="left").join(
        first_runs(runs, criteria), on="span", how="left",
    ).with_columns(open_day=nw.when(may_be_whole).then(nw.col("open_day"))))
    wanted = joined.select("span", at=place(nw.coalesce("derived_day", "first_count")))
    return joined.join(rows_on(wanted, counts), on="span", how="left")


def with_runs(daily: Lazy, run_of: str) -> Lazy:
    """Return the counts of each day with ``first``, the first day of the run at the threshold.

    ``daily`` holds ``at, span, after, meets, is_low``, which stay; ``day_before`` and
    ``next_count`` are the days of the counts before and after.
    """
    placed = in_sequence(
        daily, key="span", order_by="at", before={"met_before": "meets", "day_before": "after"},
        following={"next_count": "after"})
    goes_on = nw.col("met_before").fill_null(value=False)
    if run_of == "calendar days":
        goes_on = goes_on & (nw.col("after") - nw.col("day_before") == 1)
    return in_sequence(
        placed.with_columns(begun=nw.when(nw.col("meets") & ~goes_on).then(nw.col("after"))),
        key="span", order_by="at", last_known={"first": "begun"},
    ).select("at", "span", "after", "meets", "is_low", "day_before", "next_count", "first")


def seen_in_counts(daily: Lazy, spans: Lazy) -> Lazy:
    """Return what the counts of each transplant show: first day, nadir and longest gap.

    The nadir is the first low count; a low count after the days to be watched is a later failure,
    not the nadir. Gaps run from ``begin`` to ``window``; null when no count lies between. Losing
    sight of a child shortens nothing: what was not seen is not known.
    """
    after = nw.col("after")
    is_inside = after <= nw.col("window")
    fell = nw.col("is_low") & (after <= nw.col("until"))
    return daily.join(spans.select("span", "begin", "until", "window"), on="span").with_columns(
        low_day=nw.when(fell).then(after), inside=nw.when(is_inside).then(after),
        gap=nw.when(is_inside).then(after - nw.coalesce("day_before", "begin")),
    ).group_by("span").agg(
        after.min().alias("first_count"), nw.col("low_day").min().alias("nadir"),
        nw.col("gap").max(), nw.col("inside").max(), nw.col("window").max(),
    ).select(
        "span", "first_count", "nadir",
        nw.max_horizontal(nw.col("gap"), nw.col("window") - nw.col("inside")).alias("longest_gap"))


def _after_nadir(daily: Lazy, seen: Lazy, criteria: Criteria) -> Lazy:
    """Return the counts after the nadir.

    Where counts begin late and high, the nadir was passed unseen and all counts are kept.
    """
    unseen = (nw.col("first_count") > criteria["nadir_seen_by"]) & (
        nw.col("nadir").is_null() | (nw.col("nadir") > nw.col("first_count")))
    return daily.join(
        seen.select("span", "first_count", "nadir"), on="span",
    ).filter(unseen | (nw.col("after") > nw.col("nadir")))


def runs_of_counts(daily: Lazy, criteria: Criteria) -> Lazy:
    """Return every run of counts at the threshold: its first day and length.

    A run is ``open`` when the day after it has no count: under a rule of calendar days a gap hides
    what happened; under one of values only the end of the counts does.
    """
    is_open = nw.col("next_count").is_null()
    if criteria["run_of"] == "calendar days":
        is_open = is_open | (nw.col("next_count") - nw.col("after") > 1)
    return daily.filter(nw.col("meets")).select(
        "span", "first", at=place(nw.col("first")), open=nw.when(is_open).then(1).otherwise(0),
    ).group_by("at").agg(nw.col("span").min(), nw.col("first").min(),
                         nw.len().alias("length"), nw.col("open").max())


def first_runs(runs: Lazy, criteria: Criteria) -> Lazy:
    """Return the day of the first whole run of each transplant, and of the first open one."""
    is_whole = nw.col("length") >= criteria["run"]
    return runs.with_columns(
        whole=nw.when(is_whole).then(nw.col("first")),
        part=nw.when(~is_whole & (nw.col("open") == 1)).then(nw.col("first")),
    ).group_by("span").agg(nw.col("whole").min().alias("derived_day"),
                           nw.col("part").min().alias("open_day"))


def rows_on(days: Lazy, counts: Lazy) -> Lazy:
    """Return ``count_row``, the row of the lowest count on one day of each transplant."""
    on_day = settled(counts.join(days, on="at"))
    lowest = on_day.group_by("span").agg(nw.col("value").min())
    return on_day.join(lowest, on=["span", "value"]).group_by("span").agg(
        nw.col(SOURCE).min().alias("count_row"))
