"""Endpoints: the first of an ordered list of events, else censored, from a stated origin.

General references: Kanate 2020, Clin Hematol Int 2:2, doi 10.2991/chi.d.191207.001; Iacobelli
2013, Bone Marrow Transplant 48 Suppl 1:S1, doi 10.1038/bmt.2012.282.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import narwhals.stable.v2 as nw

from remission.definitions.absence import NOT_ASKED, with_none_known
from remission.definitions.definition import Variable, definition
from remission.definitions.disease_status import initial_diagnoses
from remission.definitions.inputs import Lazy, frame_for
from remission.definitions.relapse import NO_DAY_OF_RELAPSE, first_relapses
from remission.definitions.transplant import index_grafts
from remission.plan import Endpoint, Plan
from remission.records.column import SOURCE
from remission.records.study import Study

REFERENCE = (
    "Iacobelli 2013, Bone Marrow Transplant 48 Suppl 1:S1, doi 10.1038/bmt.2012.282 (general "
    "reference). Of events on one day the first named counts; what may have happened unasked is "
    "unknown, not absent.")
CENSORED, EVENT, COMPETING = 0, 1, 2
_ORIGINS = {"anchor": "day 0", "transplant": "transplant", "diagnosis": "initial diagnosis",
            "first_infusion": "first blinatumomab infusion"}
_CENSORED_AT = {"last_contact": "last contact"}
NO_ORIGIN = "the day of the origin is not known"
NOT_DEAD_WITH_DAY = "not recorded as dead, but with a day of death"
NO_DAY_OF_DEATH = "death known without its day"


@dataclass(frozen=True)
class EventSource:
    """Where an event is found.

    ``first`` takes the study and the origins and returns, for subjects with something to say,
    ``subject_id, time, row, note``: days after the origin, the deciding row, and why the event
    cannot be known. ``undated`` is the note of an event known without its day, ``cure`` what makes
    it usable. After an event that ``ends`` everything no other event can come.
    """

    label: str
    words: str
    first: Callable[[Study, Lazy], Lazy]
    undated: str
    cure: str
    ends: bool = False


def _death(study: Study, origins: Lazy) -> Lazy:
    """Return death on or after the origin, or why it cannot be told."""
    needs = ("follow_up.vital_status", "follow_up.death_day")
    status = nw.col("vital_status")
    time = nw.col("death_day") - nw.col("origin")
    is_dead = status == "DEAD"
    return frame_for(study, "follow_up", needs).join(origins, on="subject_id").select(
        "subject_id",
        nw.when(is_dead & (time >= 0)).then(time).alias("time"),
        nw.col(SOURCE).alias("row"),
        nw.when(is_dead & nw.col("death_day").is_null()).then(nw.lit(NO_DAY_OF_DEATH))
        .when(status.is_null()).then(nw.lit("vital status is not recorded"))
        .when(~is_dead & ~nw.col("death_day").is_null()).then(nw.lit(NOT_DEAD_WITH_DAY))
        .alias("note"),
    )


def _relapse(study: Study, origins: Lazy) -> Lazy:
    """Return the first relapse after the origin, or why it cannot be told."""
    needs = ("disease_episode.phase", "disease_episode.start_day")
    relapses = frame_for(study, "disease_episode", needs).filter(
        nw.col("phase") == "RELAPSE").join(origins, on="subject_id").with_columns(
        time=nw.col("start_day") - nw.col("origin"))
    after = relapses.filter((nw.col("time") > 0) | nw.col("time").is_null())
    return _asked(study, origins, "RELAPSE").join(
        first_relapses(after), on="subject_id", how="left",
    ).select(
        "subject_id",
        nw.when(~nw.col("undated")).then(nw.col("time")).alias("time"),
        "row",
        nw.when(nw.col("undated")).then(nw.lit(NO_DAY_OF_RELAPSE))
        .when(nw.col("row").is_null() & ~nw.col("none_known"))
        .then(nw.lit(f"relapse: {NOT_ASKED}")).alias("note"),
    )


def _second_malignancy(study: Study, origins: Lazy) -> Lazy:
    """Return the second malignancy after the origin, or that nobody asked for one."""
    followed = frame_for(study, "follow_up", ("follow_up.second_malignancy_day",)).select(
        "subject_id", "second_malignancy_day", nw.col(SOURCE).alias("row"))
    time = nw.col("second_malignancy_day") - nw.col("origin")
    is_after = (time > 0).fill_null(value=False)
    return _asked(study, origins, "SECOND_MALIGNANCY").join(
        followed, on="subject_id", how="left",
    ).select(
        "subject_id",
        nw.when(is_after).then(time).alias("time"),
        "row",
        nw.when(~is_after & ~nw.col("none_known"))
        .then(nw.lit(f"second malignancy: {NOT_ASKED}")).alias("note"),
    )


def _asked(study: Study, origins: Lazy, form: str) -> Lazy:
    """Return the origins with whether no record of an event means that there was none."""
    forms = frame_for(study, "form_status", ("form_status.status",))
    return with_none_known(origins, forms, form, study.plan)


EVENTS: dict[str, EventSource] = {
    "death": EventSource(
        "death", "death from any cause", _death, NO_DAY_OF_DEATH,
        "Record the day of death (follow_up.death_day).", ends=True),
    "relapse": EventSource(
        "relapse", "relapse", _relapse, NO_DAY_OF_RELAPSE,
        "Record the day of relapse (disease_episode.start_day)."),
    "second_malignancy": EventSource(
        "second malignancy", "second malignancy", _second_malignancy,
        "second malignancy known without its day",
        "Record the day of the second malignancy (follow_up.second_malignancy_day)."),
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
        .when((status == "ALIVE") & nw.col("death_day").is_null()).then(nw.lit("N"))
        .alias("value"),
        nw.when(status == "DEAD").then(nw.col("death_day")).alias("day"),
        nw.when((status != "DEAD") & ~nw.col("death_day").is_null())
        .then(nw.lit(NOT_DEAD_WITH_DAY))
        .when(status == "LOST").then(nw.lit("lost to follow-up")).alias("note"),
        nw.col(SOURCE).alias("source"),
    )


def derive_endpoint(study: Study, endpoint: Endpoint) -> Lazy:
    """Return one row a subject: ``time`` (days), ``status``, ``event``, ``note``, ``source``.

    ``status`` is 0 censored, 1 event, 2 competing event, null when it cannot be known; then
    ``note`` says why. Of events on the same day the one named first in the plan counts.
    Subjects without the origin (never transplanted, say) have no row.
    """
    origins = _origins(study, endpoint)
    days = origins.filter(~nw.col("origin").is_null()).select("subject_id", "origin")
    joined = origins.join(_follow_up(study), on="subject_id", how="left")
    for name in (*endpoint.events, *endpoint.competing):
        found = EVENTS[name].first(study, days).rename(
            {part: f"{name}_{part}" for part in ("time", "row", "note")})
        joined = joined.join(found, on="subject_id", how="left")
    return _outcome(joined, endpoint)


def _origins(study: Study, endpoint: Endpoint) -> Lazy:
    """Return ``subject_id, origin, origin_row``; origin is null where its day is not known."""
    if endpoint.origin == "transplant":
        return index_grafts(frame_for(study, "transplant", ("transplant.day",))).select(
            "subject_id", nw.col("graft_day").alias("origin"),
            nw.col("graft_row").alias("origin_row"))
    if endpoint.origin in ("anchor", study.plan.study.anchor):
        return frame_for(study, "subject", ()).select(
            "subject_id", nw.lit(0).alias("origin"), nw.col(SOURCE).alias("origin_row"))
    if endpoint.origin == "diagnosis":
        needs = ("disease_episode.start_day", "disease_episode.phase")
        begins = initial_diagnoses(frame_for(study, "disease_episode", needs))
    else:
        begins = frame_for(study, "exposure", ("exposure.start_day",)).filter(
            (nw.col("cycle_no") == 1) & (nw.col("segment_no") == 1))
    return begins.select(
        "subject_id", nw.col("start_day").alias("origin"), nw.col(SOURCE).alias("origin_row"))


def _follow_up(study: Study) -> Lazy:
    needs = ("follow_up.last_contact_day", "follow_up.death_day", "follow_up.vital_status")
    return frame_for(study, "follow_up", needs).select(
        "subject_id",
        nw.coalesce("last_contact_day", "death_day").alias("contact"),
        nw.when(nw.col("vital_status") == "DEAD").then(nw.col("death_day")).alias("death_day"),
        nw.col(SOURCE).alias("contact_row"))


def _outcome(joined: Lazy, endpoint: Endpoint) -> Lazy:
    """Turn first events and last contacts into time and status, or say why there is none."""
    listed = [*((name, EVENT) for name in endpoint.events),
              *((name, COMPETING) for name in endpoint.competing)]
    censored_at = nw.col("contact") - nw.col("origin")
    times = [nw.col(f"{name}_time") for name, _ in listed]
    first = nw.min_horizontal(*times, times[0])  # Spark takes the least of two or more
    status: nw.Expr = nw.lit(CENSORED)
    event: nw.Expr = nw.lit("last contact")
    row: nw.Expr = nw.coalesce("contact_row", "origin_row")
    why: nw.Expr = nw.when(~first.is_null()).then(nw.lit(None, dtype=nw.String)).when(
        nw.col("contact").is_null()).then(nw.lit("no follow-up")).when(
        censored_at < 0).then(nw.lit("follow-up ends before the origin"))
    for name, counts_as in reversed(listed):
        is_first = nw.col(f"{name}_time") == first
        status = nw.when(is_first).then(nw.lit(counts_as)).otherwise(status)
        event = nw.when(is_first).then(nw.lit(name)).otherwise(event)
        row = nw.when(is_first).then(nw.col(f"{name}_row")).otherwise(row)
    for name, _ in reversed(listed):
        is_open = ~nw.col(f"{name}_note").is_null()
        if EVENTS[name].ends:
            is_open = is_open & first.is_null()
        why = nw.when(is_open).then(nw.col(f"{name}_note")).otherwise(why)
        row = nw.when(is_open).then(nw.coalesce(nw.col(f"{name}_row"), row)).otherwise(row)
    died_before = nw.col("death_day") < nw.col("origin")
    why = nw.when(nw.col("origin").is_null()).then(nw.lit(NO_ORIGIN)).when(died_before).then(
        nw.lit("died before the origin")).otherwise(why)
    is_known = nw.col("note").is_null()
    return joined.with_columns(
        first=first, censored_at=censored_at, note=why, status=status, event=event, source=row,
    ).select(
        "subject_id",
        nw.when(is_known).then(nw.coalesce("first", "censored_at")).alias("time"),
        nw.when(is_known).then(nw.col("status")).alias("status"),
        nw.when(is_known).then(nw.col("event")).alias("event"),
        "note", "source",
    )


def origin_of(plan: Plan, endpoint: str) -> str:
    """Return what the times of an endpoint count from, in words."""
    origin = plan.endpoints[endpoint].origin
    return _ORIGINS[plan.study.anchor if origin == "anchor" else origin]


def describe_endpoint(name: str, endpoint: Endpoint) -> Variable:
    """Return the endpoint as a variable: its rule in words, from the plan."""
    events = ", ".join(EVENTS[event].words for event in endpoint.events)
    first = " or ".join(EVENTS[event].label for event in endpoint.events)
    competing = ", ".join(EVENTS[event].label for event in endpoint.competing)
    origin = _ORIGINS[endpoint.origin]
    rule = f"Time from {origin} to the first of: {events}" if len(endpoint.events) > 1 else (
        f"Time from {origin} to {events}")
    if competing:
        rule += f"; competing: {competing} before {first}"
    ends = " or ".join(_CENSORED_AT[end] for end in endpoint.censor)
    return Variable(
        name=name, label=endpoint.label, kind="number", unit="days",
        rule=f"{rule}; else censored at {ends}",
        reference=REFERENCE, evidence="D", row_column=f"{name}_source",
    )
