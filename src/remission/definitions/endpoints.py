"""Endpoints: the first of an ordered list of events, else censored, from a stated origin.

General references: Kanate 2020, Clin Hematol Int 2:2, doi 10.2991/chi.d.191207.001; Iacobelli
2013, Bone Marrow Transplant 48 Suppl 1:S1, doi 10.1038/bmt.2012.282.
"""

from __future__ import annotations

from collections.abc import Iterable

import narwhals.stable.v2 as nw

from remission.definitions.definition import Variable, definition
from remission.definitions.endpoint_events import EVENTS, NOT_DEAD_WITH_DAY
from remission.definitions.endpoint_times import CENSORS, ORIGINS, entries, origins
from remission.definitions.inputs import Lazy, frame_for
from remission.plan import Endpoint, Plan
from remission.records.column import SOURCE
from remission.records.study import Study

REFERENCE = (
    "Iacobelli 2013, Bone Marrow Transplant 48 Suppl 1:S1, doi 10.1038/bmt.2012.282 (general "
    "reference). Of events on one day the first named counts; what may have happened unasked is "
    "unknown, not absent.")
CENSORED, EVENT, COMPETING = 0, 1, 2
_NO_RESPONSE_AT = {"time_zero": "at time zero",
                   "assessment": "on the day of the marrow that showed it"}
NO_ORIGIN = "the day of the origin is not known"


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
    ``note`` says why. Of events on the same day the one named first in the plan counts. With a
    later entry there is ``entry`` (days after the origin) too. Subjects without the origin (never
    transplanted, say) have no row.
    """
    started = origins(study, endpoint)
    days = started.filter(~nw.col("origin").is_null()).select("subject_id", "origin")
    joined = started.join(_deaths(study), on="subject_id", how="left")
    for name in (*endpoint.events, *endpoint.competing):
        found = EVENTS[name].first(study, days, endpoint).rename(
            {part: f"{name}_{part}" for part in ("time", "row", "note")})
        joined = joined.join(found, on="subject_id", how="left")
    for end in endpoint.censor:
        joined = joined.join(_censored(study, days, end), on="subject_id", how="left")
    if endpoint.entry is not None:
        joined = joined.join(entries(study, endpoint), on="subject_id", how="left")
    return _outcome(_with_first(joined, endpoint), endpoint)


def _deaths(study: Study) -> Lazy:
    """Return the day of death of the subjects recorded as dead, and the row of each subject."""
    needs = ("follow_up.death_day", "follow_up.vital_status")
    return frame_for(study, "follow_up", needs).select(
        "subject_id",
        nw.when(nw.col("vital_status") == "DEAD").then(nw.col("death_day")).alias("death_day"),
        nw.col(SOURCE).alias("followed_row"))


def _censored(study: Study, days: Lazy, name: str) -> Lazy:
    """Return the time, the row and the note of one way to be censored."""
    found = CENSORS[name].days(study, days).join(days, on="subject_id")
    undated = nw.lit(None, dtype=nw.String)
    if CENSORS[name].cuts:
        undated = nw.when(~nw.col("undated").is_null()).then(
            nw.lit(f"{CENSORS[name].label} known without its day"))
    return found.select(
        "subject_id", (nw.col("day") - nw.col("origin")).alias(f"censor_{name}_time"),
        nw.col("row").alias(f"censor_{name}_row"), undated.alias(f"censor_{name}_note"))


def _with_first(joined: Lazy, endpoint: Endpoint) -> Lazy:
    """Add ``first``, the time of the first event, ``censored_at``, and whether it ``is_cut``.

    An event after a treatment that cuts is none; one on its day counts.
    """
    listed = [*endpoint.events, *endpoint.competing]
    cuts = [name for name in endpoint.censor if CENSORS[name].cuts]
    timed = joined.with_columns(
        first=_least(f"{name}_time" for name in listed),
        censored_at=_least(f"censor_{name}_time" for name in endpoint.censor))
    if not cuts:
        return timed.with_columns(is_cut=nw.lit(value=False))
    return timed.with_columns(cut=_least(f"censor_{name}_time" for name in cuts)).with_columns(
        first=nw.when(~(nw.col("cut") < nw.col("first")).fill_null(value=False)).then(
            nw.col("first")),
        is_cut=~nw.col("cut").is_null())


def _least(columns: Iterable[str]) -> nw.Expr:
    """Return the least of some columns, of one too: Spark takes the least of two or more."""
    named = [nw.col(column) for column in columns]
    return nw.min_horizontal(*named, named[0])


def _outcome(joined: Lazy, endpoint: Endpoint) -> Lazy:
    """Turn first events and censorings into time and status, or say why there is none."""
    status, event, row = _what_came_first(endpoint)
    why, row = _why_unknown(endpoint, row)
    time = nw.coalesce("first", "censored_at")
    if endpoint.entry is not None:
        entry = nw.col("entry_day") - nw.col("origin")
        joined = joined.with_columns(entry=entry)
        why = nw.when(~why.is_null()).then(why).when(nw.col("entry").is_null()).then(
            nw.lit(f"never under observation: no day of {ORIGINS[endpoint.entry]}")).when(
            time <= nw.col("entry")).then(
            nw.lit(f"the time ended before the entry at {ORIGINS[endpoint.entry]}"))
    is_known = nw.col("note").is_null()
    known = joined.with_columns(time=time, note=why, status=status, event=event, source=row)
    parts = ("time", "status", "event", *(("entry",) if endpoint.entry is not None else ()))
    return known.select(
        "subject_id", *(nw.when(is_known).then(nw.col(part)).alias(part) for part in parts),
        "note", "source")


def _what_came_first(endpoint: Endpoint) -> tuple[nw.Expr, nw.Expr, nw.Expr]:
    """Return status, event and row of the first event, else of what censored."""
    status: nw.Expr = nw.lit(CENSORED)
    event: nw.Expr = nw.lit(CENSORS[endpoint.censor[-1]].label)
    row: nw.Expr = nw.coalesce("followed_row", "origin_row")
    for end in reversed(endpoint.censor):
        is_first = nw.col(f"censor_{end}_time") == nw.col("censored_at")
        event = nw.when(is_first).then(nw.lit(CENSORS[end].label)).otherwise(event)
        row = nw.when(is_first).then(nw.col(f"censor_{end}_row")).otherwise(row)
    listed = [*((name, EVENT) for name in endpoint.events),
              *((name, COMPETING) for name in endpoint.competing)]
    for name, counts_as in reversed(listed):
        is_first = nw.col(f"{name}_time") == nw.col("first")
        status = nw.when(is_first).then(nw.lit(counts_as)).otherwise(status)
        event = nw.when(is_first).then(nw.lit(name)).otherwise(event)
        row = nw.when(is_first).then(nw.col(f"{name}_row")).otherwise(row)
    return status, event, row


def _why_unknown(endpoint: Endpoint, row: nw.Expr) -> tuple[nw.Expr, nw.Expr]:
    """Return why the outcome cannot be known, null where it can, and the row that says so."""
    no_end = "no follow-up"
    if "last_contact" not in endpoint.censor:
        no_end = "no disease evaluation since the origin"
    why: nw.Expr = nw.when(~nw.col("first").is_null()).then(nw.lit(None, dtype=nw.String)).when(
        nw.col("censored_at").is_null()).then(nw.lit(no_end)).when(
        nw.col("censored_at") < 0).then(nw.lit("follow-up ends before the origin"))
    for name in (*reversed(endpoint.competing), *reversed(endpoint.events)):
        is_open = ~nw.col(f"{name}_note").is_null()
        if EVENTS[name].ends:
            is_open = is_open & nw.col("first").is_null() & ~nw.col("is_cut")
        why = nw.when(is_open).then(nw.col(f"{name}_note")).otherwise(why)
        row = nw.when(is_open).then(nw.coalesce(nw.col(f"{name}_row"), row)).otherwise(row)
    for end in reversed(endpoint.censor):
        note = nw.col(f"censor_{end}_note")
        why = nw.when(~note.is_null()).then(note).otherwise(why)
    died_before = nw.col("death_day") < nw.col("origin")
    return nw.when(nw.col("origin").is_null()).then(nw.lit(NO_ORIGIN)).when(died_before).then(
        nw.lit("died before the origin")).otherwise(why), row


def origin_of(plan: Plan, endpoint: str) -> str:
    """Return what the times of an endpoint count from, in words."""
    return ORIGINS[plan.origin_of(plan.endpoints[endpoint])]


def describe_endpoint(name: str, endpoint: Endpoint) -> Variable:
    """Return the endpoint as a variable: its rule in words, from the plan."""
    events = ", ".join(EVENTS[event].words for event in endpoint.events)
    first = " or ".join(EVENTS[event].label for event in endpoint.events)
    competing = ", ".join(EVENTS[event].label for event in endpoint.competing)
    origin = ORIGINS[endpoint.origin]
    rule = f"Time from {origin} to the first of: {events}" if len(endpoint.events) > 1 else (
        f"Time from {origin} to {events}")
    if competing:
        rule += f"; competing: {competing} before {first}"
    listed = [EVENTS[event] for event in (*endpoint.events, *endpoint.competing)]
    references = [event.reference for event in listed if event.reference]
    evidence = [event.evidence for event in listed if event.evidence]
    ends = " or ".join(CENSORS[end].label for end in endpoint.censor)
    if "no_response" in endpoint.events:
        rule += f"; no response counts {_NO_RESPONSE_AT[endpoint.no_response_at]}"
    if endpoint.entry is not None:
        rule += f"; at risk from {ORIGINS[endpoint.entry]} on"
    return Variable(
        name=name, label=endpoint.label, kind="number", unit="days",
        rule=f"{rule}; else censored at {ends}",
        reference=" ".join([REFERENCE, *(f"{own[0].upper()}{own[1:]}." for own in references)]),
        evidence=" ".join(dict.fromkeys([*evidence, "D"])), row_column=f"{name}_source",
    )
