"""Cycles of blinatumomab: when each began, when its infusion ended, when the next began."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.inputs import Lazy, settled
from remission.records.column import SOURCE
from remission.records.once import once

CYCLE = ("subject_id", "cycle_no")


@once
def cycle_spans(exposure: Lazy) -> Lazy:
    """Return one row a cycle: ``subject_id, cycle_no, cycle_start, infusion_end``,
    ``next_cycle_start`` (days) and ``_source``, the row of its first segment.

    ``exposure`` holds ``segment_no, start_day, end_day`` besides the keys. A start or an end is
    null where the segment with the lowest or the highest number does not have it: what is known
    of the others would be too late, or too early. The next cycle is the next by day.
    """
    first = _segment(exposure, nw.col("segment_no").min()).select(
        *CYCLE, nw.col("start_day").alias("first_start"), nw.col(SOURCE).alias("first_row"))
    last = _segment(exposure, nw.col("segment_no").max()).select(
        *CYCLE, nw.col("end_day").alias("last_end"))
    earliest = exposure.filter(
        nw.col("start_day") == nw.col("start_day").min().over(*CYCLE))
    opening = _segment(earliest, nw.col("segment_no").min()).select(
        *CYCLE, nw.col("start_day").alias("earliest_start"), SOURCE)
    ends = exposure.group_by(*CYCLE).agg(nw.col("end_day").max().alias("latest_end"))
    joined = first
    for part in (last, opening, ends):
        joined = joined.join(part, on=list(CYCLE), how="left")
    spans = joined.select(
        *CYCLE,
        nw.when(~nw.col("first_start").is_null()).then(nw.col("earliest_start"))
        .alias("cycle_start"),
        nw.when(~nw.col("last_end").is_null()).then(nw.col("latest_end")).alias("infusion_end"),
        nw.coalesce(SOURCE, "first_row").alias(SOURCE),
    )
    return settled(spans.join(_next_starts(spans), on=list(CYCLE), how="left"))


def _segment(rows: Lazy, number: nw.Expr) -> Lazy:
    """Return the segment of each cycle that has this number."""
    return rows.filter(nw.col("segment_no") == number.over(*CYCLE))


def with_later_cycles(spans: Lazy) -> Lazy:
    """Return each cycle with every later one of its subject: ``later_no, later_start``.

    Later is by start, of one day by number; a cycle without a start is neither.
    """
    others = spans.select("subject_id", nw.col("cycle_no").alias("later_no"),
                          nw.col("cycle_start").alias("later_start"))
    start, later = nw.col("cycle_start"), nw.col("later_start")
    return spans.join(others, on="subject_id").filter(
        (later > start) | ((later == start) & (nw.col("later_no") > nw.col("cycle_no"))))


def _next_starts(spans: Lazy) -> Lazy:
    """Return ``next_cycle_start`` of each cycle that has a start."""
    following = nw.col("cycle_start").shift(-1).over(
        "subject_id", order_by=["cycle_start", "cycle_no"])
    return spans.filter(~nw.col("cycle_start").is_null()).select(
        *CYCLE, following.alias("next_cycle_start"))
