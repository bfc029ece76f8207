"""Visits: which of a child's samples stands for a planned visit, and what day it is counted from.

A sample stands for every visit whose window holds it; of several samples the one nearest to the
visit's day is taken, of two as near the earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, criteria_sets, default_set
from remission.definitions.definition import KEYS
from remission.definitions.inputs import Lazy, stacked
from remission.definitions.transplant import with_next_graft
from remission.plan import Plan
from remission.records.column import SOURCE

VISIT = "visit"
NO_SAMPLE = "no sample in the window of the visit"
NO_INFUSION = "the day of the first infusion is not known"
NO_END = "the end of the infusion is not recorded"
NO_GRAFT_DAY = "the day of the graft is not known"


def visits_of(group: str) -> Criteria:
    """Return the planned visits ``after_graft``, ``during_blinatumomab`` … of ``visits.toml``."""
    notion = f"visits.{group}"
    return criteria_sets(notion)[default_set(notion)]


def grafts_with_time(transplants: Lazy) -> Lazy:
    """Return ``subject_id, transplant_no, graft, next_graft`` (days) and ``graft_row``."""
    return with_next_graft(transplants).select(
        *KEYS["transplant"], nw.col("day").alias("graft"), "next_graft",
        nw.col(SOURCE).alias("graft_row"))


def infusions(subjects: Lazy, exposure: Lazy, plan: Plan) -> Lazy:
    """Return the first infusion of every subject, as ``began`` and ``ended`` (days).

    ``began`` is the first day of cycle 1; without a record of it day 0, where the plan counts
    from the first infusion. ``ended`` is the last day of cycle 1, ``last_ended`` that of the last
    cycle; each is null where the last day of one of the cycle's segments is not recorded.
    """
    begun = exposure.filter(nw.col("cycle_no") == 1).group_by("subject_id").agg(
        nw.col("start_day").min().alias("began"))
    is_last = nw.col("cycle_no") == nw.col("cycle_no").max().over("subject_id")
    known = subjects.select("subject_id", nw.col(SOURCE).alias("subject_row")).join(
        begun, on="subject_id", how="left")
    for name, cycle in (("ended", nw.col("cycle_no") == 1), ("last_ended", is_last)):
        known = known.join(_ends(exposure.filter(cycle), name), on="subject_id", how="left")
    if plan.study.anchor == "first_infusion":
        known = known.with_columns(began=nw.col("began").fill_null(0))
    return known


def _ends(segments: Lazy, name: str) -> Lazy:
    """Return the last day of the segments of each subject; null where one has no last day."""
    open_ended = nw.when(nw.col("end_day").is_null()).then(1).otherwise(0)
    return segments.with_columns(open_ended=open_ended).group_by("subject_id").agg(
        nw.col("end_day").max(), nw.col("open_ended").sum(),
    ).select("subject_id", nw.when(nw.col("open_ended") == 0).then(nw.col("end_day")).alias(name))


def at_visits(rows: Lazy, visits: Iterable[Mapping[str, Any]], *keys: str) -> Lazy:
    """Return, for each of the keys and each visit, the row that stands for it, with ``visit``.

    ``rows`` has one row a day of the keys, ``day``, and for each visit the column its days count
    from (``counts_from``). A visit has ``code``, ``counts_from``, ``day``, and the days ``before``
    and ``after`` it that still belong to it.
    """
    inside = []
    for visit in visits:
        away = nw.col("day") - nw.col(visit["counts_from"]) - visit["day"]
        inside.append(rows.filter((away >= -visit["before"]) & (away <= visit["after"]))
                      .with_columns(away=away.abs(), visit=nw.lit(visit["code"])))
    over = (*keys, VISIT)
    nearest = stacked(inside).filter(nw.col("away") == nw.col("away").min().over(*over))
    return nearest.filter(nw.col("day") == nw.col("day").min().over(*over)).drop("away")


def for_each_item(rows: Lazy, items: Iterable[str]) -> Lazy:
    """Return every row once for each item, with the column ``item``."""
    return stacked([rows.with_columns(item=nw.lit(item)) for item in items])


def first_of_day(rows: Lazy, *keys: str) -> Lazy:
    """Return one row a day of the keys: of several the one numbered first (``sequence``)."""
    return rows.filter(nw.col("sequence") == nw.col("sequence").min().over(*keys, "day"))


def visit_labels(visits: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return visit code → label, in the order of the visits."""
    return {visit["code"]: visit["label"] for visit in visits}
