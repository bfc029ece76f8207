"""ADTTE and ADRS: times to events, and responses of marrows, cycles and subjects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from remission.definitions.cohort import ENDPOINT, Cohort
from remission.definitions.endpoint_events import EVENTS
from remission.definitions.endpoint_times import origins
from remission.definitions.endpoints import CENSORED, COMPETING, EVENT
from remission.definitions.engines import to_polars
from remission.exports.adam_subjects import IDENTIFIERS
from remission.exports.dataset import Dataset, Meaning, dataset
from remission.exports.sdtm import study_id
from remission.exports.sources_of_rows import PROVENANCE, RowsOfFiles, place_of
from remission.records.column import SOURCE
from remission.sources.cdisc_terms import short_name, study_day_of

_PARAMETERS = (
    Meaning("PARAMCD", "Parameter Code"), Meaning("PARAM", "Parameter"))
_CNSR = {EVENT: 0, CENSORED: 1, COMPETING: 2}
_TIMES = (
    *IDENTIFIERS, *_PARAMETERS,
    Meaning("AVAL", "Analysis Value", "number", "days",
            rule="Days from the origin to the event or the end of follow-up; the origin is 0."),
    Meaning("CNSR", "Censor", "integer",
            codes={"0": "event", "1": "censored", "2": "competing event"}),
    Meaning("EVNTDESC", "Event or Censoring Description"),
    Meaning("STARTDY", "Study Day of the Origin", "integer", "days"),
    Meaning("ADY", "Analysis Relative Day", "integer", "days",
            rule="STARTDY and AVAL together, without a day 0"),
    Meaning("ENTRY", "Days from the Origin to the Entry", "number", "days"),
    Meaning("REASON", "Why the Time Is Not Known"), *PROVENANCE)


def adtte(cohort: Cohort, rows: RowsOfFiles) -> Dataset:
    """Return ADTTE: one row for each subject and endpoint of the plan that has its origin."""
    return dataset("ADTTE", "Time-to-Event Analysis Dataset", "one row a subject and endpoint",
                   _TIMES, _times(cohort, rows))


def endpoint_codes(cohort: Cohort) -> Mapping[str, str]:
    """Return endpoint of the plan → PARAMCD."""
    codes: dict[str, str] = {}
    for name in cohort.plan.endpoints:
        codes[name] = short_name(name, set(codes.values()))
    return codes


def _times(cohort: Cohort, rows: RowsOfFiles) -> Iterator[dict[str, Any]]:
    codes = endpoint_codes(cohort)
    for name, endpoint in cohort.plan.endpoints.items():
        days = _origins(cohort, name)
        for row in _parts(cohort, f"{ENDPOINT}{name}"):
            subject, time, event = row["subject_id"], row.get("time"), row.get("event")
            if subject not in days:
                continue  # without the origin, such as a transplant: not in its population
            origin = days[subject]
            day = None if origin is None or time is None else origin + int(time)
            yield {
                "STUDYID": study_id(cohort.study), "USUBJID": subject, "PARAMCD": codes[name],
                "PARAM": f"{endpoint.label} (days)", "AVAL": time,
                "CNSR": None if row.get("status") is None else _CNSR[row["status"]],
                "EVNTDESC": EVENTS[event].label if event in EVENTS else event,
                "STARTDY": None if origin is None else study_day_of(origin),
                "ADY": None if day is None else study_day_of(day),
                "ENTRY": row.get("entry"), "REASON": row.get("note"),
                **rows.of_event(subject, row.get("source"), event, day)}


def _origins(cohort: Cohort, name: str) -> dict[str, int | None]:
    found = to_polars(origins(cohort.study, cohort.plan.endpoints[name]))
    return dict(zip(found["subject_id"].to_list(), found["origin"].to_list(), strict=True))


def _parts(cohort: Cohort, column: str) -> Iterator[dict[str, Any]]:
    """Yield the parts of a value of the subjects: ``time``, ``status`` and so on, by name."""
    prefix = f"{column}_"
    parts = [name for name in cohort.subjects.columns if name.startswith(prefix)]
    for row in cohort.subjects.select("subject_id", *parts).iter_rows(named=True):
        yield {name.removeprefix(prefix): value for name, value in row.items()}


_RESPONSES = ("response", "marrow_mrd_state", "cycle_response", "cycle_mrd_response",
              "best_response", "best_mrd_response", "remission_reached", "responder")
"""Definitions whose values are rows of ADRS."""
_ANSWERS = (
    *IDENTIFIERS, *_PARAMETERS,
    Meaning("AVALC", "Analysis Value (C)"),
    Meaning("AVALL", "Analysis Value in Words"),
    Meaning("ADY", "Analysis Relative Day", "integer", "days"),
    Meaning("ACYCLE", "Cycle", "integer", of="exposure.cycle_no"),
    Meaning("RSNUM", "Number of the Examination", "integer", of="assessment.assessment_no"),
    Meaning("HOW", "How the Value Came About"),
    Meaning("REASON", "Note, or Why It Is Not Known"), *PROVENANCE)


def adrs(cohort: Cohort, rows: RowsOfFiles) -> Dataset:
    """Return ADRS: reported and derived responses of marrows, of cycles, and the best of all."""
    found = [row for name in _RESPONSES for row in _derived(cohort, rows, name)]
    return dataset("ADRS", "Response Analysis Dataset", "one row a response", _ANSWERS,
                   [*_reported(cohort, rows), *found])


def response_codes() -> Mapping[str, str]:
    """Return definition → PARAMCD of ADRS."""
    codes: dict[str, str] = {}
    for name in _RESPONSES:
        codes[name] = short_name(name, {*codes.values(), "RSPREP"})
    return codes


def _reported(cohort: Cohort, rows: RowsOfFiles) -> Iterator[dict[str, Any]]:
    table = cohort.study.table("assessment")
    for row in table.iter_rows(named=True):
        if row["response_reported"] is not None:
            yield {
                "STUDYID": study_id(cohort.study), "USUBJID": row["subject_id"],
                "PARAMCD": "RSPREP", "PARAM": "Response as reported by the centre",
                "AVALC": row["response_reported"], "RSNUM": row["assessment_no"],
                "ADY": None if row["day"] is None else study_day_of(row["day"]),
                "HOW": "reported by the centre",
                **place_of(rows.sdtm.places["assessment", (
                    row["subject_id"], row["assessment_no"])]), "SRCROW": row[SOURCE]}


def _derived(cohort: Cohort, rows: RowsOfFiles, name: str) -> Iterator[dict[str, Any]]:
    variable = cohort.variables[name]
    frame = cohort.frames.get(variable.grain)
    if frame is None or name not in frame.columns:
        return
    for row in frame.iter_rows(named=True):
        value, note, day = row[name], row.get(f"{name}_note"), row.get(f"{name}_day")
        if value is None and note is None:
            continue
        yield {
            "STUDYID": study_id(cohort.study), "USUBJID": row["subject_id"],
            "PARAMCD": response_codes()[name], "PARAM": variable.label, "AVALC": value,
            "AVALL": variable.levels.get(value),
            "ADY": None if day is None else study_day_of(int(day)),
            "ACYCLE": row.get("cycle_no"), "RSNUM": row.get("assessment_no"),
            "HOW": row.get(f"{name}_how"), "REASON": note,
            **_source(rows, row, name, day)}


def _source(
    rows: RowsOfFiles, row: Mapping[str, Any], name: str, day: int | None
) -> dict[str, Any]:
    """Return the place of the row that decides a response: that of the examination itself."""
    source = row.get(f"{name}_source")
    if "assessment_no" in row:
        place = rows.sdtm.places["assessment", (row["subject_id"], row["assessment_no"])]
        return place_of(place) | {"SRCROW": source}
    return rows.of(row["subject_id"], source, ("assessment", "exposure"), day)
