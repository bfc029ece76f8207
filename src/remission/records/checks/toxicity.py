"""Rules about harm: grades need their system, and belong to the term and the cycle."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals.stable.v2 as nw

from remission.records.checks.rule import OWN, ROW, At, Finding, each, known, rows_of, rule
from remission.records.study import Study

_LOWEST = {"sepsis": 3, "febrile neutropenia": 3, "tumor lysis syndrome": 3}


@rule(
    what="{term} has grade {grade}, but no [adverse_event.grading].",
    why="A number without its system is no grade: 2 is another harm in CTCAE than in ASTCT.",
    cure="Write the system of the grade in [adverse_event.grading].",
    source="CTCAE v5.0; Lee 2019, Biol Blood Marrow Transplant 25:625",
)
def grade_without_system(study: Study) -> Iterator[Finding]:
    """Find adverse events with a grade and without its system."""
    bare = rows_of(study, "adverse_event").filter(known("grade") & nw.col("grading").is_null())
    bare = bare.with_columns(term=nw.coalesce("term", "group"))
    yield from each(bare, "adverse_event", "grading", values=("term", "grade", "event_no"))


@rule(
    what="{term} has grade {grade}; it begins at {lowest}.",
    why="The term begins at a higher grade; either the grade or the term is another.",
    cure="Correct [adverse_event.grade] or [adverse_event.term].",
    source="CTCAE v5.0, febrile neutropenia, sepsis and tumor lysis syndrome: no grades 1 and 2",
)
def grade_below_its_term(study: Study) -> Iterator[Finding]:
    """Find adverse events of a lower grade than their CTCAE term has."""
    low = rows_of(study, "adverse_event").filter(
        (nw.col("grading") == "CTCAE5") & (nw.col("grade") < max(_LOWEST.values())))
    for row in low.iter_rows(named=True):
        lowest = _LOWEST.get((row["term"] or "").strip().lower(), 0)
        if row["grade"] < lowest:
            yield Finding(
                row["subject_id"], (At("adverse_event", row[ROW], ("term", "grade")),),
                {"term": row["term"], "grade": row["grade"], "lowest": lowest,
                 "event_no": row["event_no"]})


@rule(
    what={
        "unknown": "{term} belongs to cycle {cycle_no}, but no such infusion is recorded.",
        "before": "{term} of cycle {cycle_no} begins on day {start_day}, before the cycle began "
                  "on day {begun}.",
    },
    why="Harm is counted by cycle; an event of no cycle, or of the wrong one, is miscounted.",
    cure="Correct [adverse_event.cycle_no] or the day, or add the cycle's infusion.",
    source=OWN,
)
def event_outside_its_cycle(study: Study) -> Iterator[Finding]:
    """Find adverse events of a cycle that is not recorded, or that begin before it."""
    exposure = study.table("exposure")
    treated = exposure.select("subject_id", nw.lit(1).alias("treated")).unique("subject_id")
    cycles = exposure.group_by("subject_id", "cycle_no").agg(
        nw.col("start_day").min().alias("begun"), nw.col("segment_no").min().alias("first"))
    events = rows_of(study, "adverse_event").filter(known("cycle_no")).join(
        treated, on="subject_id").join(cycles, on=["subject_id", "cycle_no"], how="left")
    events = events.with_columns(term=nw.coalesce("term", "group"))
    yield from each(events.filter(nw.col("first").is_null()), "adverse_event", "cycle_no",
                    values=("term", "cycle_no", "event_no"), case="unknown")
    early = events.filter(nw.col("start_day") < nw.col("begun"))
    yield from each(early, "adverse_event", "cycle_no", "start_day",
                    values=("term", "cycle_no", "start_day", "begun", "event_no"), case="before")
