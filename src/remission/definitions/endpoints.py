"""Endpoints: the first of an ordered list of events, else censored, from a stated origin.

General references: Kanate 2020, Clin Hematol Int 2:2, doi 10.2991/chi.d.191207.001; Iacobelli
2013, Bone Marrow Transplant 48 Suppl 1:S1, doi 10.1038/bmt.2012.282.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.definition import Variable, definition
from remission.definitions.inputs import Lazy, frame_for
from remission.plan import Endpoint
from remission.records.column import SOURCE
from remission.records.study import Study

REFERENCE = "Iacobelli 2013, Bone Marrow Transplant 48 Suppl 1:S1, doi 10.1038/bmt.2012.282 [V]"
CENSORED, EVENT, COMPETING = 0, 1, 2
NO_DAY = "known without its day"


@dataclass(frozen=True)
class EventSource:
    """Where an event is found: rows ``subject_id, day, _source``; day null when not recorded."""

    label: str
    words: str
    rows: Callable[[Study], Lazy]


def _deaths(study: Study) -> Lazy:
    follow_up = frame_for(study, "follow_up", ("follow_up.vital_status", "follow_up.death_day"))
    return follow_up.filter(nw.col("vital_status") == "DEAD").select(
        "subject_id", nw.col("death_day").alias("day"), SOURCE)


def _relapses(study: Study) -> Lazy:
    needs = ("disease_episode.phase", "disease_episode.start_day")
    return frame_for(study, "disease_episode", needs).filter(
        nw.col("phase") == "RELAPSE").select(
        "subject_id", nw.col("start_day").alias("day"), SOURCE)


def _second_malignancies(study: Study) -> Lazy:
    needs = ("follow_up.second_malignancy_day",)
    return frame_for(study, "follow_up", needs).filter(
        ~nw.col("second_malignancy_day").is_null()).select(
        "subject_id", nw.col("second_malignancy_day").alias("day"), SOURCE)


EVENTS: dict[str, EventSource] = {
    "death": EventSource("death", "death from any cause (follow_up.death_day)", _deaths),
    "relapse": EventSource("relapse", "relapse (disease_episode.start_day)", _relapses),
    "second_malignancy": EventSource(
        "second malignancy", "second malignancy (follow_up.second_malignancy_day)",
        _second_malignancies),
}


@definition(
    label="Death", grain="subject", kind="yes_no", day_label="Day of death",
    needs=("follow_up.vital_status", "follow_up.death_day"),
    reference="As recorded by the centre (follow_up.vital_status).",
)
def death(follow_up: Lazy) -> Lazy:
    """Death from any cause; a child lost to follow-up is unknown."""
    status = nw.col("vital_status")
    return follow_up.select(
        "subject_id",
        nw.when(status == "DEAD").then(nw.lit("Y"))
        .when(status == "ALIVE").then(nw.lit("N")).alias("value"),
        nw.when(status == "DEAD").then(nw.col("death_day")).alias("day"),
        nw.when(status == "LOST").then(nw.lit("lost to follow-up")).alias("note"),
        nw.col(SOURCE).alias("source"),
    )


def derive_endpoint(study: Study, endpoint: Endpoint) -> Lazy:
    """Return one row a subject: ``time`` (days), ``status``, ``event``, ``note``, ``source``.

    ``status`` is 0 censored, 1 event, 2 competing event, null when it cannot be known; then
    ``note`` says why. Of events on the same day the one named first in the plan counts.
    """
    origins = _origins(study, endpoint)
    ends = _last_contacts(study)
    events = list(_ranked_events(study, endpoint))
    after = (
        nw.concat(events).join(origins, on="subject_id")
        .with_columns(time=nw.col("day") - nw.col("origin"))
        .filter(nw.col("time").is_null() | (nw.col("time") >= 0))
    )
    undated = after.filter(nw.col("time").is_null()).group_by("subject_id").agg(
        nw.col("rank").min().alias("undated"), nw.col("event_row").min().alias("undated_row"))
    first = _first(after.filter(~nw.col("time").is_null()))
    joined = reduce(
        lambda left, right: left.join(right, on="subject_id", how="left"),
        (first, undated, ends), origins)
    return _outcome(joined, endpoint)


def _origins(study: Study, endpoint: Endpoint) -> Lazy:
    """Return ``subject_id, origin, origin_row``; subjects without the origin are not in it."""
    subjects = frame_for(study, "subject", ())
    if endpoint.origin in ("anchor", study.plan.study.anchor):
        anchored = subjects.select(
            "subject_id", nw.lit(0).alias("origin"), nw.col(SOURCE).alias("origin_row"))
        if endpoint.origin != "transplant":
            return anchored
    table, needs, chosen = {
        "transplant": ("transplant", ("transplant.day",), nw.col("transplant_no") == 1),
        "first_infusion": ("exposure", ("exposure.start_day",),
                           (nw.col("cycle_no") == 1) & (nw.col("segment_no") == 1)),
        "diagnosis": ("disease_episode", ("disease_episode.start_day", "disease_episode.phase"),
                      nw.col("phase") == "INITIAL_DIAGNOSIS"),
    }[endpoint.origin]
    day = needs[0].partition(".")[2]
    return frame_for(study, table, needs).filter(chosen & ~nw.col(day).is_null()).select(
        "subject_id", nw.col(day).alias("origin"), nw.col(SOURCE).alias("origin_row"))


def _last_contacts(study: Study) -> Lazy:
    needs = ("follow_up.last_contact_day", "follow_up.death_day", "follow_up.vital_status")
    return frame_for(study, "follow_up", needs).select(
        "subject_id",
        nw.coalesce("last_contact_day", "death_day").alias("contact"),
        "vital_status", nw.col(SOURCE).alias("contact_row"))


def _ranked_events(study: Study, endpoint: Endpoint) -> Iterator[Any]:
    """Yield the rows of each event source with its rank in the plan and what it counts as."""
    listed = [*((name, EVENT) for name in endpoint.events),
              *((name, COMPETING) for name in endpoint.competing)]
    for rank, (name, counts_as) in enumerate(listed):
        yield EVENTS[name].rows(study).select(
            "subject_id", "day", nw.col(SOURCE).alias("event_row"),
            nw.lit(rank).alias("rank"), nw.lit(counts_as).alias("counts_as"),
            nw.lit(name).alias("event"))


def _first(dated: Lazy) -> Lazy:
    """Return the earliest event of each subject; ties go to the earlier line of the plan."""
    earliest = dated.filter(nw.col("time") == nw.col("time").min().over("subject_id"))
    leading = earliest.filter(nw.col("rank") == nw.col("rank").min().over("subject_id"))
    return leading.group_by("subject_id").agg(
        nw.col("time").min(), nw.col("counts_as").min(), nw.col("event").min(),
        nw.col("event_row").min())


def _outcome(joined: Lazy, endpoint: Endpoint) -> Lazy:
    """Turn first events and last contacts into time and status, or say why there is none."""
    censored_at = nw.col("contact") - nw.col("origin")
    has_event = ~nw.col("time").is_null()
    undated = ~nw.col("undated").is_null()
    no_end = ~has_event & nw.col("contact").is_null()
    backwards = ~has_event & (censored_at < 0)
    unknown = undated | no_end | backwards
    undated_names = " or ".join(EVENTS[name].label for name in (*endpoint.events,
                                                                *endpoint.competing))
    return joined.select(
        "subject_id",
        nw.when(~unknown).then(nw.coalesce(nw.col("time"), censored_at)).alias("time"),
        nw.when(~unknown).then(nw.coalesce(nw.col("counts_as"), nw.lit(CENSORED)))
        .alias("status"),
        nw.when(~unknown).then(nw.coalesce(nw.col("event"), nw.lit("last contact")))
        .alias("event"),
        nw.when(undated).then(nw.lit(f"{undated_names} {NO_DAY}"))
        .when(no_end).then(nw.lit("no follow-up"))
        .when(backwards).then(nw.lit("follow-up ends before the origin")).alias("note"),
        nw.coalesce("undated_row", "event_row", "contact_row", "origin_row").alias("source"),
    )


def describe_endpoint(name: str, endpoint: Endpoint) -> Variable:
    """Return the endpoint as a variable: its rule in words, from the plan."""
    events = ", ".join(EVENTS[event].words for event in endpoint.events)
    competing = ", ".join(EVENTS[event].words for event in endpoint.competing)
    origin = {"anchor": "day 0", "transplant": "the first transplant",
              "first_infusion": "the first blinatumomab infusion",
              "diagnosis": "the initial diagnosis"}[endpoint.origin]
    rule = f"Time from {origin} to the first of: {events}"
    if competing:
        rule += f"; competing: {competing}"
    return Variable(
        name=name, label=endpoint.label, kind="number", unit="days",
        rule=f"{rule}; else censored at last contact. Of events on one day the first named counts",
        reference=REFERENCE, evidence="V", row_column=f"{name}_source",
    )
