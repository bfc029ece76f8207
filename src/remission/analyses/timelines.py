"""One child or a few, with all that is recorded of each by day: what a timeline is drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from remission.analyses.courses import (
    TRANSPLANT,
    Question,
    event,
    infusions,
    marrows,
    not_shown,
    relapses_and_ends,
    remissions,
    sizes,
    stretch,
)
from remission.analyses.grouping import population_of
from remission.analyses.results import ALL, Result
from remission.definitions.cohort import Cohort
from remission.definitions.criteria import criteria_sets, default_set
from remission.plan import Timeline
from remission.plan.courses import MOST_CHILDREN
from remission.records.tables import TABLES

COUNTS = {"ANC": "neutrophils", "PLT": "platelets", "ALC": "lymphocytes"}
"""Test of the laboratory → what is drawn of it."""
CHIMERISM = ("CHIMERISM_WB", "CHIMERISM_CD3")
NEUTROPHILS, PLATELETS, CELLS = "neutrophil recovery", "platelet recovery", "cell therapy"
FEVER, PRESSURE, OXYGEN, MENTAL = "fever", "hypotension", "oxygen", "neurological sign"
SIGNS = (FEVER, PRESSURE, OXYGEN, MENTAL)
_AT_EASE = {"hypotension": "NONE", "oxygen": "NONE", "consciousness": "AWAKE", "seizure": "NONE",
            "motor_weakness": "NONE", "raised_icp": "NONE"}
_MENTAL = ("consciousness", "seizure", "motor_weakness", "raised_icp")
_FULL_ICE = 10
_GRADES = TABLES["gvhd"].by_name["max_grade"].codes
_SHORT = {code: code if code in ("CRS", "ICANS", "TLS") else words
          for code, words in TABLES["adverse_event"].by_name["group"].codes.items()}
"""Group of harm → its words; what everybody calls by its letters keeps these."""
_CRS = "crs.grade"


def analyse_timelines(cohort: Cohort, plan: Timeline, name: str) -> Iterator[Result]:
    """Yield what is drawn of each child, by day; or why it is not drawn."""
    population = population_of(cohort, plan)
    members = [cohort.study.subjects[index] for index in population.indices]
    if plan.subjects:
        members = [subject for subject in plan.subjects if subject in set(members)]
    found: Iterator[Result]
    if not cohort.plan.study.shows_single_children:
        found = iter([not_shown(name, population.people)])
    elif not 0 < len(members) <= MOST_CHILDREN:
        found = iter([_too_many(name, members, population.people)])
    else:
        found = _timelines(Question(name, cohort, population.people, {ALL: members}))
    yield from (replace(row, population=population.name) for row in found)


def _too_many(name: str, members: list[str], people: str) -> Result:
    what = f"holds {len(members)} {people}" if members else f"holds none of the {people}"
    return Result(
        name, "subjects", "refused", None, unit=people,
        note=f"The population {what}, and a timeline shows 1 to {MOST_CHILDREN}.",
        method='Name them by their study numbers, subjects = ["…"], or choose a smaller '
               "population.")


def _timelines(question: Question) -> Iterator[Result]:
    yield from sizes(question)
    yield from infusions(question)
    yield from _harm(question)
    yield from _signs(question)
    yield from remissions(question)
    yield from _grafts(question)
    yield from relapses_and_ends(question)
    yield from marrows(question, "mrd")
    yield from _laboratory(question)


def _harm(question: Question) -> Iterator[Result]:
    """Yield adverse events with their grade; one without a known end is of one day."""
    for row in question.rows("adverse_event"):
        name = _SHORT.get(row["group"], row["group"]) or row["term"] or "event"
        grade = "" if row["grade"] is None else f" grade {row['grade']}"
        last = row["start_day"] if row["end_day"] is None else row["end_day"]
        yield from stretch(question, "harm", {**row, "end_day": last}, f"{name}{grade}")


def _signs(question: Question) -> Iterator[Result]:
    """Yield the days on which a sign of harm was seen."""
    fever = criteria_sets(_CRS)[default_set(_CRS)].threshold("fever").value
    for row in question.rows("toxicity_sign"):
        if row["day"] is not None:
            for sign in _seen(row, fever):
                yield question.row("sign_day", row["day"], row["subject_id"], level=sign,
                                   unit="days")


def _seen(row: Mapping[str, Any], fever: float) -> Iterator[str]:
    def has(sign: str) -> bool:
        return row[sign] is not None and row[sign] != _AT_EASE[sign]

    if row["temperature_c"] is not None and row["temperature_c"] >= fever:
        yield FEVER
    yield from (sign for sign in (PRESSURE, OXYGEN) if has(sign))
    has_lost = row["ice_score"] is not None and row["ice_score"] < _FULL_ICE
    if has_lost or row["capd_score"] or any(map(has, _MENTAL)):
        yield MENTAL


def _grafts(question: Question) -> Iterator[Result]:
    """Yield transplants, recovery of counts after them, cells, and graft-versus-host disease."""
    day_of = {}
    for row in question.rows("transplant"):
        day_of[row["subject_id"], row["transplant_no"]] = row["day"]
        yield from event(question, TRANSPLANT, row["subject_id"], row["day"])
    for row in question.cohort.frames["transplant"].iter_rows(named=True):
        day = day_of.get((row["subject_id"], row["transplant_no"]))
        for kind, column in ((NEUTROPHILS, "neutrophil_recovery_day"),
                             (PLATELETS, "platelet_recovery_day")):
            if day is not None and row[column] is not None:
                yield from event(question, kind, row["subject_id"], day + row[column])
    for row in question.rows("cell_therapy"):
        yield from event(question, CELLS, row["subject_id"], row["day"])
    for row in question.rows("gvhd"):
        if row["max_grade"] not in ("0", "NONE"):
            kind = "GVHD" if row["kind"] is None else f"{row['kind'].lower()} GVHD"
            grade = _GRADES.get(row["max_grade"], "").removeprefix("grade ")
            yield from event(question, f"{kind} {grade}".strip(), row["subject_id"],
                             row["onset_day"])


def _laboratory(question: Question) -> Iterator[Result]:
    """Yield counts and chimerism; a value below a limit stands at that limit."""
    rows = question.rows("laboratory")
    chosen = (row for row in rows if row["test"] in COUNTS or row["test"] in CHIMERISM)
    for row in sorted(chosen, key=lambda row: (row["subject_id"], row["test"], row["day"] or 0)):
        value = row["value"] if row["value"] is not None else row["lod"]
        if row["day"] is not None and value is not None:
            statistic = "count" if row["test"] in COUNTS else "chimerism"
            yield question.row(statistic, float(value), row["subject_id"], level=row["test"],
                               at=float(row["day"]), unit=row["unit"] or "")
