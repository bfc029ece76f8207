"""Rules about time: nothing after death, nothing before birth, spans that run forward."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals.stable.v2 as nw

from remission.records.checks.rule import Finding, rule
from remission.records.column import SOURCE
from remission.records.storage import Frame
from remission.records.study import Study
from remission.records.tables import CLINICAL_TABLES

_SPANS = ("treatment_line", "exposure", "adverse_event", "drug_dose")


def _dated_rows(study: Study) -> Iterator[tuple[str, str, Frame]]:
    """Yield (table, column, rows with that day known) of every recorded day but follow-up's."""
    for table in CLINICAL_TABLES:
        if table.name == "follow_up" or not study.has(table.name):
            continue
        for column in table.columns:
            if column.kind == "day":
                yield table.name, column.name, study.day_of_subjects(table.name, column.name)


def _deaths(study: Study) -> Frame:
    """Return ``subject_id, died_on, death_row`` of the subjects known to be dead."""
    return (
        study.table("follow_up")
        .filter(nw.col("vital_status") == "DEAD")
        .select(
            "subject_id",
            nw.coalesce("death_day", "last_contact_day").alias("died_on"),
            nw.col(SOURCE).alias("death_row"),
        )
        .filter(~nw.col("died_on").is_null())
    )


_ANCHORS = {"first_infusion": "BLINATUMOMAB_START", "diagnosis": "DIAGNOSIS",
            "transplant": "TRANSPLANT"}


@rule(
    why="Times counted from different events cannot be put into one curve.",
    cure="Count this child's days from the plan's anchor, or correct index_event.",
)
def another_day_zero(study: Study) -> Iterator[Finding]:
    """Find children whose day 0 is another event than the plan's anchor."""
    anchor = study.plan.study.anchor
    for row in study.table("subject").iter_rows(named=True):
        event = row["index_event"]
        if event is not None and event != _ANCHORS[anchor]:
            yield Finding(row["subject_id"], (row[SOURCE],),
                          f"Day 0 of this child is {event}, but the plan's anchor is {anchor}.")


@rule(
    why="Nothing is recorded after death but death itself; one of the two days is wrong.",
    cure="Correct the day of the event or the day of death.",
)
def after_death(study: Study) -> Iterator[Finding]:
    """Find days recorded after death."""
    deaths = _deaths(study)
    for table, column, rows in _dated_rows(study):
        late = rows.join(deaths, on="subject_id").filter(nw.col("day") > nw.col("died_on"))
        for row in late.iter_rows(named=True):
            yield Finding(
                row["subject_id"], (row[SOURCE], row["death_row"]),
                f"{table}.{column} is day {row['day']}, but the child died on day "
                f"{row['died_on']}.",
            )


@rule(
    why="Last contact is the last day anything is known, so follow-up is cut too short.",
    cure="Set last_contact_day to the latest day of any record, or correct that record.",
)
def after_last_contact(study: Study) -> Iterator[Finding]:
    """Find days recorded after the last contact of a living child."""
    contacts = (
        study.table("follow_up")
        .filter((nw.col("vital_status") != "DEAD") & ~nw.col("last_contact_day").is_null())
        .select("subject_id", "last_contact_day", nw.col(SOURCE).alias("contact_row"))
    )
    for table, column, rows in _dated_rows(study):
        late = rows.join(contacts, on="subject_id").filter(
            nw.col("day") > nw.col("last_contact_day"))
        for row in late.iter_rows(named=True):
            yield Finding(
                row["subject_id"], (row[SOURCE], row["contact_row"]),
                f"{table}.{column} is day {row['day']}, after the last contact on day "
                f"{row['last_contact_day']}.",
            )


@rule(
    why="An event cannot precede birth; the age or the day is wrong.",
    cure="Correct age_at_index_days or the day of the event.",
)
def before_birth(study: Study) -> Iterator[Finding]:
    """Find days recorded before birth."""
    ages = study.table("subject").select("subject_id", "age_at_index_days").filter(
        ~nw.col("age_at_index_days").is_null())
    for table, column, rows in _dated_rows(study):
        early = rows.join(ages, on="subject_id").filter(
            nw.col("day") < -nw.col("age_at_index_days"))
        for row in early.iter_rows(named=True):
            yield Finding(
                row["subject_id"], (row[SOURCE],),
                f"{table}.{column} is day {row['day']}, but the child was "
                f"{row['age_at_index_days']} days old on day 0.",
            )


@rule(
    why="Time cannot run backwards; durations and doses would be negative.",
    cure="Correct start_day or end_day.",
)
def ends_before_start(study: Study) -> Iterator[Finding]:
    """Find spans that end before they begin."""
    for table in _SPANS:
        backwards = study.table(table).filter(nw.col("end_day") < nw.col("start_day"))
        for row in backwards.iter_rows(named=True):
            yield Finding(
                row["subject_id"], (row[SOURCE],),
                f"{table} ends on day {row['end_day']} but starts on day {row['start_day']}.",
            )


@rule(
    why="One infusion runs at a time; the dose of the shared days would be counted twice.",
    cure="Correct the days of the segments, so that each begins after the one before it ends.",
)
def infusions_overlap(study: Study) -> Iterator[Finding]:
    """Find infusion segments that begin before the previous one has ended."""
    previous = {
        name: nw.col(name).shift(1).over("subject_id", order_by=["start_day", "segment_no"])
        for name in ("end_day", SOURCE)
    }
    overlapping = (
        study.table("exposure")
        .filter(~nw.col("start_day").is_null())
        .with_columns(before=previous["end_day"], before_row=previous[SOURCE])
        .filter(nw.col("before") > nw.col("start_day"))
    )
    for row in overlapping.iter_rows(named=True):
        yield Finding(
            row["subject_id"], (row["before_row"], row[SOURCE]),
            f"An infusion segment starts on day {row['start_day']}, while the one before it "
            f"ends on day {row['before']}.",
        )


@rule(
    why="Days of toxicity, response and dose are counted from the first day of their cycle.",
    cure="Give start_day of the cycle's first segment.",
)
def cycle_without_start(study: Study) -> Iterator[Finding]:
    """Find cycles whose first segment has no first day."""
    number = nw.col("segment_no").min().over("subject_id", "cycle_no")
    first = study.table("exposure").filter(nw.col("segment_no") == number)
    for row in first.filter(nw.col("start_day").is_null()).iter_rows(named=True):
        yield Finding(row["subject_id"], (row[SOURCE],),
                      f"The first segment of cycle {row['cycle_no']} has no start_day.")


@rule(
    why="A relapse is the return of a disease that was diagnosed and then gone.",
    cure="Correct the day of the diagnosis or of the relapse.",
    source="Buchmann 2022, Blood 139:1785: relapse is only possible after remission",
)
def relapse_before_diagnosis(study: Study) -> Iterator[Finding]:
    """Find relapses dated on or before the initial diagnosis."""
    episodes = study.table("disease_episode")
    diagnoses = episodes.filter(nw.col("phase") == "INITIAL_DIAGNOSIS").select(
        "subject_id", nw.col("start_day").alias("diagnosed"), nw.col(SOURCE).alias("first_row"))
    relapses = episodes.filter(nw.col("phase") == "RELAPSE").join(diagnoses, on="subject_id")
    for row in relapses.filter(nw.col("start_day") <= nw.col("diagnosed")).iter_rows(named=True):
        yield Finding(
            row["subject_id"], (row["first_row"], row[SOURCE]),
            f"Relapse on day {row['start_day']}, diagnosis on day {row['diagnosed']}.",
        )


@rule(
    why="Blood counts recover after a graft, not before it.",
    cure="Correct the day of recovery or the day of the transplant.",
)
def recovery_before_graft(study: Study) -> Iterator[Finding]:
    """Find reported recoveries on or before the day of the graft."""
    for column in ("neutrophil_recovery_day_reported", "platelet_recovery_day_reported"):
        early = study.table("transplant").filter(nw.col(column) <= nw.col("day"))
        for row in early.iter_rows(named=True):
            yield Finding(
                row["subject_id"], (row[SOURCE],),
                f"{column} is day {row[column]}, the graft was given on day {row['day']}.",
            )
