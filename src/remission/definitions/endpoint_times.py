"""The times of an endpoint besides its events: its origin, the entry, what censors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from remission.definitions.definition import REGISTRY
from remission.definitions.disease_status import initial_diagnoses
from remission.definitions.inputs import Lazy, frame_for
from remission.definitions.transplant import index_grafts
from remission.plan import Endpoint
from remission.records.column import SOURCE
from remission.records.study import Study

ORIGINS = {"anchor": "day 0", "transplant": "transplant", "diagnosis": "initial diagnosis",
           "first_infusion": "first blinatumomab infusion", "response": "first remission"}
"""What the times count from, in words."""


def origins(study: Study, endpoint: Endpoint) -> Lazy:
    """Return ``subject_id, origin, origin_row``; origin is null where its day is not known."""
    return _starts(study, endpoint.origin)


def _starts(study: Study, origin: str) -> Lazy:
    """Return one row a subject that has the origin, with its day and row."""
    if origin == "transplant":
        return index_grafts(frame_for(study, "transplant", ("transplant.day",))).select(
            "subject_id", nw.col("graft_day").alias("origin"),
            nw.col("graft_row").alias("origin_row"))
    if origin in ("anchor", study.plan.study.anchor):
        return frame_for(study, "subject", ()).select(
            "subject_id", nw.lit(0).alias("origin"), nw.col(SOURCE).alias("origin_row"))
    if origin == "response":
        found = REGISTRY["remission_reached"].derive(study)
        return found.filter(nw.col("value").is_null() | (nw.col("value") == "Y")).select(
            "subject_id", nw.col("day").alias("origin"), nw.col("source").alias("origin_row"))
    if origin == "diagnosis":
        needs = ("disease_episode.start_day", "disease_episode.phase")
        begins = initial_diagnoses(frame_for(study, "disease_episode", needs))
    else:
        begins = frame_for(study, "exposure", ("exposure.start_day",)).filter(
            (nw.col("cycle_no") == 1) & (nw.col("segment_no") == 1))
    return begins.select(
        "subject_id", nw.col("start_day").alias("origin"), nw.col(SOURCE).alias("origin_row"))


def entries(study: Study, endpoint: Endpoint) -> Lazy:
    """Return ``subject_id, entry_day``: when each came under observation."""
    assert endpoint.entry is not None
    return _starts(study, endpoint.entry).select(
        "subject_id", nw.col("origin").alias("entry_day"))


@dataclass(frozen=True)
class CensorSource:
    """What ends the time of a child without an event.

    ``days`` returns ``subject_id, day, row`` and, of what may be known without its day,
    ``undated`` (1 if so). One that ``cuts`` also ends the time of a child with a later event;
    only what came after the origin then counts.
    """

    label: str
    days: Callable[[Study, Lazy], Lazy]
    cuts: bool = False


def _last_contact(study: Study, _: Lazy) -> Lazy:
    needs = ("follow_up.last_contact_day", "follow_up.death_day")
    return frame_for(study, "follow_up", needs).select(
        "subject_id", nw.coalesce("last_contact_day", "death_day").alias("day"),
        nw.col(SOURCE).alias("row"))


def _last_evaluation(study: Study, origin: Lazy) -> Lazy:
    """Return the last examination of marrow, blood or spinal fluid from the origin on."""
    examined = frame_for(study, "assessment", ("assessment.day",)).join(
        origin, on="subject_id").filter(nw.col("day") >= nw.col("origin"))
    last = examined.filter(nw.col("day") == nw.col("day").max().over("subject_id"))
    return last.filter(
        nw.col("assessment_no") == nw.col("assessment_no").min().over("subject_id"),
    ).select("subject_id", "day", nw.col(SOURCE).alias("row"))


def _cutting(table: str, column: str, kind: str | None = None) -> Callable[[Study, Lazy], Lazy]:
    """Return the source of the first row of a table after the origin."""

    def days(study: Study, origin: Lazy) -> Lazy:
        needs = (f"{table}.{column}", *((f"{table}.kind",) if kind else ()))
        rows = frame_for(study, table, needs).rename({column: "day"} if column != "day" else {})
        if kind:
            rows = rows.filter(nw.col("kind") == kind)
        after = rows.join(origin, on="subject_id").filter(
            nw.col("day").is_null() | (nw.col("day") > nw.col("origin")))
        undated = after.filter(nw.col("day").is_null()).select("subject_id").unique().with_columns(
            undated=nw.lit(1))
        first = after.filter(nw.col("day") == nw.col("day").min().over("subject_id")).group_by(
            "subject_id").agg(nw.col("day").min(), nw.col(SOURCE).min().alias("row"))
        return origin.select("subject_id").join(first, on="subject_id", how="left").join(
            undated, on="subject_id", how="left")

    return days


CENSORS: dict[str, CensorSource] = {
    "last_contact": CensorSource("last contact", _last_contact),
    "last_disease_evaluation": CensorSource("last disease evaluation", _last_evaluation),
    "transplant": CensorSource("transplant", _cutting("transplant", "day"), cuts=True),
    "car_t": CensorSource("CAR-T cells", _cutting("cell_therapy", "day", "CAR_T"), cuts=True),
    "next_therapy": CensorSource(
        "next line of treatment", _cutting("treatment_line", "start_day"), cuts=True),
}
