"""Cycles of blinatumomab as spans of days: when each began, when its infusion ended."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.inputs import Lazy
from remission.records.column import SOURCE

_KEYS = ("subject_id", "cycle_no")


def cycle_spans(exposure: Lazy) -> Lazy:
    """Return one row a cycle: when it began, when its infusion ended, when the next one began.

    ``exposure`` holds ``subject_id, cycle_no, segment_no, start_day, end_day, _source``; back come
    ``subject_id, cycle_no, cycle_start, infusion_end, next_cycle_start, _source`` (days; the row
    of the first segment). The end is that of the last segment, null where that is not recorded;
    the next cycle is the next by day.
    """
    begins = nw.col("segment_no").min().over(*_KEYS)
    ends = nw.col("segment_no").max().over(*_KEYS)
    starts = exposure.filter(nw.col("segment_no") == begins).select(*_KEYS, SOURCE)
    last = exposure.filter(nw.col("segment_no") == ends).select(
        *_KEYS, nw.col("end_day").alias("infusion_end"))
    spans = exposure.group_by(*_KEYS).agg(nw.col("start_day").min().alias("cycle_start"))
    later = spans.join(
        spans.select("subject_id", nw.col("cycle_start").alias("next_cycle_start")),
        on="subject_id",
    ).filter(nw.col("next_cycle_start") > nw.col("cycle_start")).group_by(*_KEYS).agg(
        nw.col("next_cycle_start").min())
    joined = spans
    for part in (last, later, starts):
        joined = joined.join(part, on=list(_KEYS), how="left")
    return joined.select(*_KEYS, "cycle_start", "infusion_end", "next_cycle_start", SOURCE)
