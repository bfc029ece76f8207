"""Rules about the end of follow-up: its row, death, and grade 5, which is death."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import narwhals.stable.v2 as nw

from remission.records.checks.rule import (
    ROW,
    At,
    Finding,
    each,
    known,
    rows_of,
    rule,
    taken,
)
from remission.records.study import Study

_CTCAE = "CTCAE v5.0, grade definitions"
_OF_TREATMENT = ("TRANSPLANT", "OTHER_TREATMENT", "INFECTION")


@rule(
    what="The child has no [follow_up] row.",
    why="Every denominator counts all children; without follow-up a child cannot be analysed.",
    cure="Add the child's row to [follow_up].",
)
def no_follow_up(study: Study) -> Iterator[Finding]:
    """Find children without a follow-up row."""
    followed = study.table("follow_up").select("subject_id", nw.lit(1).alias("followed"))
    missing = rows_of(study, "subject").join(followed, on="subject_id", how="left").filter(
        nw.col("followed").is_null())
    yield from each(missing, "subject", "subject_id", values=())


@rule(
    what={
        "no_status": "[follow_up.vital_status] is empty.",
        "no_death": "The child is dead but [follow_up.death_day] is empty.",
        "not_dead": "[follow_up.death_day] is {death_day}, but [follow_up.vital_status] is "
                    "{vital_status}.",
        "no_contact": "[follow_up.last_contact_day] is empty.",
        "contact_after": "[follow_up.last_contact_day] {last_contact_day} is after "
                         "[follow_up.death_day] {death_day}.",
        "before": "Follow-up ends before day 0 (on day {last}).",
    },
    why="The time of death or of last contact is the outcome of the survival analysis.",
    cure="Complete [follow_up.vital_status], [follow_up.death_day] and "
         "[follow_up.last_contact_day].",
)
def follow_up_incomplete(study: Study) -> Iterator[Finding]:
    """Find follow-up rows whose status and days do not fit together."""
    for row in rows_of(study, "follow_up").iter_rows(named=True):
        found = _incomplete(row)
        if found is not None:
            case, columns = found
            last = row["last_contact_day"] if row["death_day"] is None else row["death_day"]
            yield Finding(
                row["subject_id"], (At("follow_up", row[ROW], columns),),
                {**taken(row, "follow_up", "vital_status", "death_day", "last_contact_day"),
                 "last": last}, case)


def _incomplete(row: dict[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    """Return what of a follow-up row does not fit (case, columns at fault), None if all does."""
    status, death, contact = row["vital_status"], row["death_day"], row["last_contact_day"]
    last = contact if death is None else death
    is_dead = status == "DEAD"
    found: tuple[tuple[bool, str, tuple[str, ...]], ...] = (
        (status is None, "no_status", ("vital_status",)),
        (is_dead and death is None, "no_death", ("death_day",)),
        (not is_dead and death is not None, "not_dead", ("vital_status", "death_day")),
        (last is None, "no_contact", ("last_contact_day",)),
        (death is not None and contact is not None and contact > death, "contact_after",
         ("last_contact_day", "death_day")),
        (last is not None and last < 0, "before",
         ("last_contact_day" if death is None else "death_day",)),
    )
    return next(((case, columns) for is_so, case, columns in found if is_so), None)


@rule(
    what="A cause of death ({cause_of_death}) is given, but [follow_up.vital_status] is "
         "{vital_status}.",
    why="Only a death has a cause; one of the two entries is wrong.",
    cure="Correct [follow_up.vital_status] and the day of death, or remove the cause.",
)
def cause_without_death(study: Study) -> Iterator[Finding]:
    """Find a cause of death of children not recorded as dead."""
    caused = rows_of(study, "follow_up").filter(
        known("cause_of_death", "vital_status") & (nw.col("vital_status") != "DEAD"))
    yield from each(caused, "follow_up", "vital_status", "cause_of_death")


@rule(
    what="{term} has grade 5, but [follow_up.vital_status] is {vital_status}.",
    why="Grade 5 means death.",
    cure="Correct the grade, or [follow_up.vital_status].",
    source=_CTCAE,
)
def grade_5_alive(study: Study) -> Iterator[Finding]:
    """Find events of grade 5 in children not recorded as dead."""
    fatal = _fatal_events(study)
    for row in fatal.filter(nw.col("vital_status").fill_null("") != "DEAD").iter_rows(named=True):
        at = [At("adverse_event", row[ROW], ("grade",))]
        if row["follow_up_row"] is not None:
            at.append(At("follow_up", row["follow_up_row"], ("vital_status",)))
        yield Finding(row["subject_id"], tuple(at), {
            **taken(row, "follow_up", "vital_status"), "term": row["term"] or row["group"],
            "event_no": row["event_no"]})


@rule(
    what="{term} has grade 5 and ends on day {end_day}, but the child died on day {death_day}.",
    why="An event of grade 5 ends with death.",
    cure="Correct the last day of the event, its grade, or [follow_up.death_day].",
    source=_CTCAE,
)
def grade_5_on_another_day(study: Study) -> Iterator[Finding]:
    """Find events of grade 5 that do not end on the day of death."""
    other = _fatal_events(study).filter(
        (nw.col("vital_status") == "DEAD") & (nw.col("end_day") != nw.col("death_day")))
    for row in other.iter_rows(named=True):
        yield Finding(
            row["subject_id"],
            (At("adverse_event", row[ROW], ("grade", "end_day")),
             At("follow_up", row["follow_up_row"], ("death_day",))),
            {"term": row["term"] or row["group"], "end_day": row["end_day"],
             "death_day": row["death_day"]})


def _fatal_events(study: Study) -> Any:
    """Return the events of grade 5 beside what follow-up says of the child."""
    return rows_of(study, "adverse_event").filter(nw.col("grade") == 5).join(
        rows_of(study, "follow_up").select(
            "subject_id", "vital_status", "death_day", nw.col(ROW).alias("follow_up_row")),
        on="subject_id", how="left")


@rule(
    what="The child died of {cause_of_death}, but no adverse event has grade 5.",
    why="A death caused by treatment or infection is an adverse event of grade 5.",
    cure="Add the event that led to death with grade 5, or correct [follow_up.cause_of_death].",
    source=f"{_CTCAE}; only where the form of adverse events is complete",
)
def death_without_grade_5(study: Study) -> Iterator[Finding]:
    """Find deaths of treatment or infection without an event of grade 5."""
    fatal = study.table("adverse_event").filter(nw.col("grade") == 5).select(
        "subject_id", nw.lit(1).alias("fatal")).unique("subject_id", keep="any")
    deaths = rows_of(study, "follow_up").filter(
        (nw.col("vital_status") == "DEAD") & nw.col("cause_of_death").is_in(_OF_TREATMENT))
    if "ADVERSE_EVENT" not in study.plan.records.absent_means_none:
        asked = study.table("form_status").filter(
            (nw.col("form") == "ADVERSE_EVENT") & (nw.col("status") == "COMPLETE"))
        deaths = deaths.join(asked.select("subject_id").unique(), on="subject_id")
    bare = deaths.join(fatal, on="subject_id", how="left").filter(nw.col("fatal").is_null())
    yield from each(bare, "follow_up", "cause_of_death", values=("cause_of_death", "death_day"))
