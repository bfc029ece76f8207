"""Rules about days that are missing, or known only to their month or year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import narwhals.stable.v2 as nw

from remission.records.checks.rule import ROW, At, Finding, rows_of, rule
from remission.records.checks.time_order import END_OF_FOLLOW_UP, KEYS
from remission.records.checks.values import ColumnOf, TableOf
from remission.records.storage import Frame
from remission.records.study import Study

_MUST_HAVE_DAYS = {
    "disease_episode": ("start_day", ("RELAPSE", "REFRACTORY", "MRD_RECURRENCE"), "phase"),
    "transplant": ("day", (), "donor"),
    "cell_therapy": ("day", ("CAR_T",), "kind"),
}
_USUALLY_HAVE_DAYS = {
    "assessment": "day", "gvhd": "onset_day", "adverse_event": "start_day", "gvhd_organ": "day",
}
_USUAL = 0.8


@rule(
    what="{table} {number} has no day ({column}), and why is not said.",
    why="Without its day an event counts in a proportion, but no time to it can be told.",
    cure="Give the day, or its month, or say in [null_reason] why it is not known.",
    source="data model: an event may be known without its day, with a reason; that 4 of 5 rows "
           "of a centre have the day is our own choice",
)
def event_without_day(study: Study) -> Iterator[Finding]:
    """Find events without their day and without the reason why it is missing."""
    for table, (day, codes, kind) in _MUST_HAVE_DAYS.items():
        rows = rows_of(study, table)
        of_kind = rows.filter(nw.col(kind).is_in(codes)) if codes else rows
        yield from _without_day(study, of_kind.filter(nw.col(day).is_null()), table, day)
    for table, day in _USUALLY_HAVE_DAYS.items():
        if not study.table(table)[day].is_null().any():
            continue
        rows = rows_of(study, table).join(
            study.table("subject").select("subject_id", "site_id"), on="subject_id")
        share = (~nw.col(day).is_null()).cast(nw.Float64).mean().over("site_id")
        bare = rows.with_columns(share=share).filter(
            nw.col(day).is_null() & (nw.col("share") >= _USUAL))
        yield from _without_day(study, bare, table, day)


def _without_day(study: Study, bare: Frame, table: str, day: str) -> Iterator[Finding]:
    """Yield the rows without a day of which neither the reason nor the month is recorded."""
    if not len(bare):
        return
    reasons = {
        key for side in ("null_reason", "partial_date")
        for key in study.table(side).filter(
            (nw.col("table") == table) & (nw.col("column") == day))["key"].to_list()}
    number = KEYS[table][-1]
    for row in bare.iter_rows(named=True):
        if f"{row['subject_id']}/{row[number]}" not in reasons:
            yield Finding(row["subject_id"], (At(table, row[ROW], (day,)),),
                          {"column": ColumnOf(table, day), "table": TableOf(table),
                           "number": row[number]})


@rule(
    what={
        "after_death": "{column} lies between day {earliest_day} and day {latest_day}, but the "
                       "child died on day {limit}.",
        "after_contact": "{column} lies between day {earliest_day} and day {latest_day}, after "
                         "the last contact on day {limit}.",
        "before_birth": "{column} lies between day {earliest_day} and day {latest_day}, before "
                        "birth on day {limit}.",
    },
    why="Whatever day of its month or year it was, the event lies outside what is known of the "
        "child.",
    cure="Correct the month or year of the event, or the day it is compared with.",
)
def partial_date_outside_life(study: Study) -> Iterator[Finding]:
    """Find dates known to the month or year that lie after death or before birth as a whole."""
    ends = {row["subject_id"]: row for row in rows_of(study, "follow_up").iter_rows(named=True)}
    children = {row["subject_id"]: row for row in rows_of(study, "subject").iter_rows(named=True)}
    for row in rows_of(study, "partial_date").iter_rows(named=True):
        parts = len(KEYS[row["table"]]) - 1
        subject = row["key"].rsplit("/", parts)[0] if parts else row["key"]
        found = _outside(row, ends.get(subject, {}), children.get(subject, {}))
        if found is not None:
            case, limit, other = found
            yield Finding(
                subject, (At("partial_date", row[ROW], ("earliest_day", "latest_day")), other),
                {"column": ColumnOf(row["table"], row["column"]), "limit": limit,
                 "earliest_day": row["earliest_day"], "latest_day": row["latest_day"]}, case)


def _outside(
    row: dict[str, Any], end: dict[str, Any], child: dict[str, Any]
) -> tuple[str, int, At] | None:
    """Return why no day between two can be right (case, limit, where it was recorded), if so."""
    earliest, latest, age = row["earliest_day"], row["latest_day"], child.get("age_at_index_days")
    is_dead = end.get("vital_status") == "DEAD"
    column = "death_day" if is_dead and end["death_day"] is not None else "last_contact_day"
    limit = end.get(column)
    is_end = row["table"] == "follow_up" and row["column"] in END_OF_FOLLOW_UP
    if earliest is not None and limit is not None and earliest > limit and not is_end:
        return ("after_death" if is_dead else "after_contact", limit,
                At("follow_up", end[ROW], (column,)))
    if latest is not None and age is not None and latest < -age:
        return "before_birth", -age, At("subject", child[ROW], ("age_at_index_days",))
    return None
