"""A slow second reading of what was given beside what a protocol plans, in plain Python.

Written from the words of the rules by someone who has not read the rules of the package; see
``oracle.py`` for why that matters and for the conventions. The schedules are passed in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.engines.oracle_toxicity import (
    Answer,
    Row,
    Tables,
    compared,
    edges_of_cycle,
    rows_in,
    subjects_of,
)

LONGEST = 63
"""Days after which the end of a dose cannot belong to its start."""
GRAFT_FROM = 30
"""Days before a graft that belong to it."""
ON, OFF_DOSE, OFF_DAY, MISSED = "ON_SCHEDULE", "OFF_DOSE", "OFF_DAY", "MISSED"


class Judged(NamedTuple):
    """What became of the expected doses of a block, and what else was given.

    ``perhaps`` are expected doses that may be missed or not; ``unsure`` are those of which the
    dose is unknown; ``unplanned`` is unknown when what was given has no certain day.
    """

    outcomes: list[str]
    perhaps: int
    unsure: int
    unplanned: int | None


def name_of(row: Row) -> str | None:
    """Give the name of a drug as it is compared."""
    return None if row["drug"] is None else row["drug"].strip().lower()


def is_undated(row: Row) -> bool:
    """Say whether the days of a row cannot be known."""
    if row["start_day"] is None:
        return True
    return (row["end_day"] is not None
            and not 0 <= row["end_day"] - row["start_day"] <= LONGEST)


def judged_dose(dose: float | None, line: Mapping[str, Any]) -> str | None:
    """Say whether a dose is within a tenth of one that is printed; None when it is unknown."""
    if line.get("dose") is None:
        return ON
    if dose is None:
        return None
    for printed in (line["dose"], line.get("dose_or")):
        if (printed is not None and compared(dose, printed * 0.9) >= 0
                and compared(dose, printed * 1.1) <= 0):
            return ON
    return OFF_DOSE


WEIGHT_DAYS, HEIGHT_DAYS = 30, 90
PARTS = {"mg": (1.0, "mass", None), "mg/m2": (1.0, "mass", "surface"),
         "mg/kg": (1.0, "mass", "weight"), "ug": (0.001, "mass", None),
         "ug/kg": (0.001, "mass", "weight"), "U": (1.0, "units", None),
         "U/m2": (1.0, "units", "surface"), "cGy": (1.0, "radiation", None)}
"""Unit → its part of a mg, what it measures, and the size of the child that it is given by."""


def size_on(tables: Tables, subject: str, day: int | None) -> dict[str, float | None]:
    """Give weight and body surface (Mosteller) on a day, from the last values before it."""
    found: dict[str, float | None] = {}
    for test, days in (("WEIGHT", WEIGHT_DAYS), ("HEIGHT", HEIGHT_DAYS)):
        rows = [row for row in rows_in(tables, "laboratory", subject)
                if row["test"] == test and day is not None and 0 <= day - row["day"] <= days]
        last = max((row["day"] for row in rows), default=None)
        found[test] = min((row["value"] for row in rows if row["day"] == last), default=None)
    weight, height = found["WEIGHT"], found["HEIGHT"]
    return {"weight": weight, "surface": None if weight is None or height is None
            else math.sqrt(weight * height / 3600)}


def dose_in_unit(tables: Tables, row: Row, line: Mapping[str, Any]) -> float | None:
    """Give the dose of a row in the unit of the schedule, as far as the child's size is known.

    A line for a donor (``donor``) is never converted: the size recorded is the child's.
    """
    own, other = row["unit"], line.get("unit")
    if row["dose"] is None or own is None or own == other:
        return row["dose"] if own == other else None
    if other is None or PARTS[own][1] != PARTS[other][1] or line.get("donor"):
        return None
    size = size_on(tables, row["subject_id"], row["start_day"])
    amount = row["dose"] * PARTS[own][0] / PARTS[other][0]
    for unit, up in ((own, True), (other, False)):
        if PARTS[unit][2] is not None:
            of_child = size[PARTS[unit][2]]
            if of_child is None:
                return None
            amount = amount * of_child if up else amount / of_child
    return amount


def given_on(
    tables: Tables, rows: list[Row], line: Mapping[str, Any]
) -> dict[int, float | None]:
    """Give the doses of a drug by day, those of one day added."""
    found: dict[int, float | None] = {}
    for row in rows:
        if is_undated(row):
            continue
        last = row["start_day"] if row["end_day"] is None else row["end_day"]
        dose = dose_in_unit(tables, row, line)
        for day in range(row["start_day"], last + 1):
            before = found.get(day, 0.0)
            found[day] = None if dose is None or before is None else before + dose
    return found


def origins_of(
    tables: Tables, subject: str, block: Mapping[str, Any], rows: list[Row]
) -> list[tuple[list[int] | None, list[Row]]]:
    """Give each instance of a block: the days its schedule counts from, and its rows.

    A child whose rows all belong to another graft has none of the block.
    """
    if block["origin"] == "LINE":
        found: list[tuple[list[int] | None, list[Row]]] = []
        for number in sorted({row["line_no"] for row in rows}, key=lambda each: each or 0):
            starts = [line["start_day"] for line in rows_in(tables, "treatment_line", subject)
                      if number is not None and line["line_no"] == number
                      and line["start_day"] is not None]
            found.append((starts or None, [row for row in rows if row["line_no"] == number]))
        return found
    if block["origin"] == "FIRST_DOSE":
        days = [row["start_day"] for row in rows]
        return [(None if None in days else [min(days)], rows)]
    if block["origin"] == "TRANSPLANT":
        grafts = sorted(graft["day"] for graft in rows_in(tables, "transplant", subject)
                        if graft["day"] is not None and graft["day"] >= 0)
        if not grafts:
            return [(None, rows)]
        first, *later = grafts
        own = [row for row in rows if row["start_day"] is None or (
            row["start_day"] >= first - GRAFT_FROM
            and not (later and row["start_day"] >= later[0] - GRAFT_FROM))]
        return [([first], own)] if own else []
    segments: dict[int, list[Row]] = {}
    for row in rows_in(tables, "exposure", subject):
        segments.setdefault(row["cycle_no"], []).append(row)
    if block["origin"] == "FIRST_INFUSION":
        start = edges_of_cycle(segments[1])[0] if 1 in segments else None
        return [(None if start is None else [start], rows)]
    ends = [edges_of_cycle(own)[1] for own in segments.values()]
    known = [end for end in ends if end is not None]
    return [(known if known and len(known) == len(ends) else None, rows)]


def judged_drug(
    tables: Tables, lines: list[Mapping[str, Any]], days: dict[int, Mapping[str, Any]],
    rows: list[Row], reach: int,
) -> Judged:
    """Judge a drug with days: the same day, then the nearest day, then missed and unplanned."""
    given = given_on(tables, rows, lines[0])
    outcomes = [judged_dose(given[day], days[day]) for day in sorted(set(days) & set(given))]
    left = sorted(set(days) - set(given))
    takes: dict[int, list[int]] = {}
    over = sorted(set(given) - set(days))
    for day in over:
        near = [expected for expected in left
                if abs(day - expected) <= days[expected].get("off_day_within", reach)]
        if near:
            takes.setdefault(min(near, key=lambda each: (abs(day - each), each)), []).append(day)
    for expected, claims in takes.items():
        day = min(claims, key=lambda each: (abs(each - expected), each))
        within = abs(day - expected) <= days[expected].get("within", 0)
        outcomes.append(judged_dose(given[day], days[expected]) if within else OFF_DAY)
    undated = any(is_undated(row) for row in rows)
    missed = len(left) - len(takes)
    known = [outcome for outcome in outcomes if outcome is not None]
    return Judged([*known, *([] if undated else [MISSED] * missed)], missed if undated else 0,
                  len(outcomes) - len(known), None if undated else len(over) - len(takes))


def judged_block(
    tables: Tables, subject: str, block: Mapping[str, Any], reach: int
) -> list[Judged]:
    """Judge a block of a child; nothing when the child has no row of it."""
    rows = [row for row in rows_in(tables, "drug_dose", subject)
            if row["purpose"] == block["purpose"]]
    if not rows:
        return []
    last = None
    for follow_up in rows_in(tables, "follow_up", subject):
        last = follow_up["death_day"]
        last = follow_up["last_contact_day"] if last is None else last
    shift = 0 if block["origin"] in ("TRANSPLANT", "CYCLE_END") else 1
    names = {name for line in block["lines"] for name in line["names"]}
    found = []
    for origins, own in origins_of(tables, subject, block, rows):
        found.append(Judged([], 0, 0, sum(name_of(row) not in names for row in own)))
        drugs: dict[str, list[Mapping[str, Any]]] = {}
        for line in block["lines"]:
            drugs.setdefault(line["drug"], []).append(
                {**line, "donor": block.get("of") == "donor"})
        for lines in drugs.values():
            of_drug = [row for row in own if name_of(row) in lines[0]["names"]]
            if "days" not in lines[0]:
                found.append(_judged_without_days(tables, lines[0], of_drug))
            elif origins is None:
                expected = sum(len(line["days"]) for line in lines)
                found.append(Judged([], expected, 0, None))
            else:
                days = {origin + day - shift: line for origin in origins for line in lines
                        for day in line["days"]
                        if last is None or origin + day - shift <= last}
                found.append(judged_drug(tables, lines, days, of_drug, reach))
    return found


def _judged_without_days(
    tables: Tables, line: Mapping[str, Any], rows: list[Row]
) -> Judged:
    """Judge a line without days: one dose is expected."""
    if not rows:
        return Judged([] if line.get("optional") else [MISSED], 0, 0, 0)
    outcomes = [judged_dose(dose_in_unit(tables, row, line), line) for row in rows]
    if OFF_DOSE in outcomes:
        return Judged([OFF_DOSE], 0, 0, 0)
    return Judged([], 0, 1, 0) if None in outcomes else Judged([ON], 0, 0, 0)


def protocol(
    tables: Tables, name: str, blocks: list[Mapping[str, Any]], reach: int
) -> dict[Any, Answer]:
    """Give one definition of the protocol for every child."""
    found: dict[Any, Answer] = {}
    for subject in subjects_of(tables):
        parts = [part for block in blocks for part in judged_block(tables, subject, block, reach)]
        outcomes = [outcome for part in parts for outcome in part.outcomes]
        perhaps = sum(part.perhaps for part in parts)
        unsure = sum(part.unsure for part in parts)
        value: float | None = None
        if not parts:
            value = None
        elif name == "protocol_doses_missed":
            value = None if perhaps else outcomes.count(MISSED)
        elif name == "protocol_doses_off_schedule":
            value = None if perhaps or unsure else (
                outcomes.count(OFF_DOSE) + outcomes.count(OFF_DAY))
        elif name == "protocol_doses_unplanned":
            counts = [part.unplanned for part in parts]
            value = None if None in counts else sum(count or 0 for count in counts)
        elif not perhaps and not unsure and outcomes:
            value = 100 * outcomes.count(ON) / len(outcomes)
        found[subject] = {"value": value}
    return found
