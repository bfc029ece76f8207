"""A slow second reading of the rules of what was infused, in plain Python.

Written from the words of the rules by someone who has not read the rules of the package; see
``oracle.py`` for why that matters and for the conventions. Sources: the US label and the schedules
of the two cohorts (definitions 5.1 to 5.4).
"""

from __future__ import annotations

import math
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

# Segments ------------------------------------------------------------------------------------


def runs_forward(row: Row) -> bool:
    """Say whether both days of a segment are known, the last not before the first."""
    return (row["start_day"] is not None and row["end_day"] is not None
            and bool(row["end_day"] >= row["start_day"]))


def in_order(rows: list[Row]) -> list[Row]:
    """Give the segments of a child that run forward, in order of their days."""
    return sorted((row for row in rows if runs_forward(row)), key=lambda row: (
        row["start_day"], row["end_day"], row["cycle_no"], row["segment_no"]))


def is_faulty(row: Row, rows: list[Row]) -> bool:
    """Say whether a segment of a child cannot be counted."""
    if not runs_forward(row):
        return True
    if row["dose"] is not None and row["dose"] <= 0:
        return True
    ordered = in_order(rows)
    place = [each is row for each in ordered].index(True)
    earlier = any(row["start_day"] < other["end_day"] for other in ordered[:place])
    later = any(other["start_day"] < row["end_day"] for other in ordered[place + 1:])
    return earlier or later


def days_of(row: Row, rows: list[Row], criteria: str) -> int:
    """Give the days of a segment; a day that two segments share is the later one's."""
    elapsed = int(row["end_day"] - row["start_day"])
    if criteria == "elapsed_days":
        return elapsed
    ordered = in_order(rows)
    place = [each is row for each in ordered].index(True)
    shared = (place + 1 < len(ordered)
              and ordered[place + 1]["start_day"] == row["end_day"])
    return elapsed + (0 if shared else 1)


class Cycle(NamedTuple):
    """A cycle of a child: its segments in order of their numbers, and all of the child's."""

    number: int
    own: list[Row]
    rows: list[Row]

    def faulty(self) -> bool:
        """Say whether one of its segments cannot be counted."""
        return any(is_faulty(row, self.rows) for row in self.own)

    def infused(self, criteria: str) -> int | None:
        """Give the days of infusion."""
        if self.faulty():
            return None
        return sum(days_of(row, self.rows, criteria) for row in self.own)

    def known(self, name: str) -> list[Any]:
        """Give the values of a field that are known, each once."""
        return sorted({row[name] for row in self.own if row[name] is not None})


def cycles_of(tables: Tables, subject: str) -> list[Cycle]:
    """Give the cycles of a child in order of their numbers."""
    rows = rows_in(tables, "exposure", subject)
    return [Cycle(number, sorted((row for row in rows if row["cycle_no"] == number),
                                 key=lambda row: row["segment_no"]), rows)
            for number in sorted({row["cycle_no"] for row in rows})]


def number_of_cycles(cycles: list[Cycle]) -> int | None:
    """Give the number of cycles when they are numbered from one without a gap."""
    numbers = [cycle.number for cycle in cycles]
    if not numbers or numbers != list(range(1, len(numbers) + 1)):
        return None
    return len(numbers)


# Days ----------------------------------------------------------------------------------------


def value_of_days(cycles: list[Cycle], days: str) -> int | None:
    """Give the days of infusion of a child."""
    found = [cycle.infused(days) for cycle in cycles]
    if number_of_cycles(cycles) is None or None in found:
        return None
    return sum(each for each in found if each is not None)


def step_up(cycle: Cycle) -> str | None:
    """Say whether the dose rose above that of the first segment."""
    doses = [row["dose"] for row in cycle.own]
    if any(dose is not None and dose <= 0 for dose in doses):
        return None
    if len(doses) > 1:
        if len({row["dose_unit"] for row in cycle.own}) > 1 or cycle.own[0]["dose_unit"] is None:
            return None
        starts = [row["start_day"] for row in cycle.own if row["start_day"] is not None]
        if starts != sorted(starts):
            return None
    first, *others = doses
    if first is not None and any(
            other is not None and compared(other, first) > 0 for other in others):
        return "Y"
    return None if None in doses else "N"


def planned_days(cycle: Cycle) -> int | None:
    """Give the days a cycle was planned for, when its segments agree."""
    known = cycle.known("planned_days")
    return int(known[0]) if len(known) == 1 else None


def regimen_length(cycle: Cycle, criteria: str, days: str) -> str | None:
    """Give the group of the length of a cycle, as infused or as planned."""
    length = planned_days(cycle) if criteria == "planned" else cycle.infused(days)
    if length is None:
        return None
    for most, name in ((6, "UNDER_7"), (17, "DAYS_14"), (31, "DAYS_21_28")):
        if length <= most:
            return name
    return "OVER_31"


def stopped_early(cycle: Cycle, days: str) -> Answer:
    """Say whether a cycle ended before it was planned to."""
    reason = cycle.own[-1]["end_reason"]
    infused, planned = cycle.infused(days), planned_days(cycle)
    if len(cycle.known("planned_days")) > 1:
        value = None
    elif infused is not None and planned is not None:
        value = "N" if infused >= planned else None if reason == "COMPLETED" else "Y"
    else:
        value = {None: None, "COMPLETED": "N"}.get(reason, "Y")
    last = None
    if value == "Y" and not cycle.faulty():
        last = max(row["end_day"] for row in cycle.own)
    return {"value": value, "day": last}


def early_stop_reason(cycle: Cycle, days: str) -> str | None:
    """Give why a cycle ended early."""
    stopped = stopped_early(cycle, days)["value"]
    if stopped == "N":
        return "NONE"
    reason = cycle.own[-1]["end_reason"]
    return None if stopped is None or reason == "COMPLETED" else reason


DEXAMETHASONE = {"any_dose": 0.0, "zhang_2025": 5.0, "us_label": 5.0, "ema_type": 10.0}


def dexamethasone(cycle: Cycle, criteria: str) -> str | None:
    """Say whether enough dexamethasone was given before a cycle."""
    least = DEXAMETHASONE[criteria]
    for dose in cycle.known("dexamethasone_mg_m2"):
        if compared(dose, least) > 0 or (least > 0 and compared(dose, least) == 0):
            return "Y"
    return None if cycle.own[0]["dexamethasone_mg_m2"] is None else "N"


# Body surface and doses ----------------------------------------------------------------------


SIZES = {"WEIGHT": ("kg", 1.5, 250.0, 30), "HEIGHT": ("cm", 35.0, 220.0, 90)}
"""Test → unit, least and most plausible value, and the days before a cycle it holds for."""


def measured(tables: Tables, subject: str, test: str, day: int | None) -> float | None:
    """Give the last weight or height up to a day that is plausible and not too old."""
    unit, least, most, days_back = SIZES[test]
    if day is None:
        return None
    rows = [row for row in rows_in(tables, "laboratory", subject)
            if row["test"] == test and row["unit"] == unit and row["value"] is not None
            and least <= row["value"] <= most and day - days_back <= row["day"] <= day]
    if not rows:
        return None
    last = max(row["day"] for row in rows)
    return float(min(row["value"] for row in rows if row["day"] == last))


def weight_of(tables: Tables, subject: str, cycle: Cycle) -> float | None:
    """Give the weight (kg) on the first day of a cycle."""
    return measured(tables, subject, "WEIGHT", edges_of_cycle(cycle.own)[0])


def body_surface(tables: Tables, subject: str, cycle: Cycle, formula: str) -> float | None:
    """Give the body surface (m²) on the first day of a cycle."""
    weight = weight_of(tables, subject, cycle)
    height = measured(tables, subject, "HEIGHT", edges_of_cycle(cycle.own)[0])
    if weight is None or height is None:
        return None
    if formula == "mosteller":
        return math.sqrt(height * weight / 3600)
    factor, tall, heavy = {"haycock": (0.024265, 0.3964, 0.5378),
                           "dubois": (0.007184, 0.725, 0.425),
                           "gehan_george": (0.0235, 0.42246, 0.51456)}[formula]
    return float(factor * height ** tall * weight ** heavy)


LOW_THEN_HIGH = ((1, "low"), (8, "high"))
HIGH = ((1, "high"),)
SCHEDULES: dict[str, tuple[tuple[tuple[int, str], ...], tuple[tuple[int, str], ...]]] = {
    "us_label_rr": (LOW_THEN_HIGH, HIGH),
    "us_label_mrd": (HIGH, HIGH),
    "ema_rr": (LOW_THEN_HIGH, HIGH),
    "ema_high_risk_first_relapse": (HIGH, HIGH),
    "zhang_2025": (((1, "none"), (2, "low"), (8, "high")), HIGH),
    "zhang_2025_six_low_days": (((1, "low"), (7, "high")), HIGH),
    "zhang_2025_days_1_to_7": (LOW_THEN_HIGH, HIGH),
    "olaya_2025": (LOW_THEN_HIGH, LOW_THEN_HIGH),
}
FIXED_LENGTH = 28
FULL_WEIGHT = 45.0


def doses_a_day(
    tables: Tables, subject: str, cycle: Cycle, schedule: str, formula: str
) -> dict[str, float] | None:
    """Give the low and the high dose of a schedule in the unit of the cycle."""
    if cycle.own[0]["dose_unit"] == "ug/m2/d":
        return {"none": 0.0, "low": 5.0, "high": 15.0}
    surface = body_surface(tables, subject, cycle, formula)
    if schedule.startswith(("us_label", "ema")):
        weight = weight_of(tables, subject, cycle)
        if weight is not None and compared(weight, FULL_WEIGHT) >= 0:
            return {"none": 0.0, "low": 9.0, "high": 28.0}
        if surface is None:
            return None
        return {"none": 0.0, "low": min(5 * surface, 9.0), "high": min(15 * surface, 28.0)}
    return None if surface is None else {"none": 0.0, "low": 5 * surface, "high": 15 * surface}


def has_doses(cycle: Cycle) -> bool:
    """Say whether every segment of a cycle has a dose and a unit."""
    return all(row["dose"] is not None and row["dose_unit"] is not None for row in cycle.own)


def delivered_fraction(
    tables: Tables, subject: str, cycle: Cycle, chosen: dict[str, str]
) -> float | None:
    """Give what was infused of what the schedule plans; ``chosen`` are the sets."""
    schedule, days = chosen["delivered_fraction"], chosen["cycle_days_infused"]
    length = planned_days(cycle)
    if (cycle.faulty() or not has_doses(cycle) or len(cycle.known("dose_unit")) > 1
            or len(cycle.known("planned_days")) > 1):
        return None
    if length is None:
        if schedule.startswith("zhang"):
            return None
        length = FIXED_LENGTH
    doses = doses_a_day(tables, subject, cycle, schedule, chosen["body_surface"])
    if doses is None:
        return None
    planned = 0.0
    steps = SCHEDULES[schedule][0 if cycle.number == 1 else 1]
    for day in range(1, length + 1):
        level = [name for first, name in steps if first <= day][-1]
        planned += doses[level]
    if planned == 0:
        return None
    return sum(row["dose"] * days_of(row, cycle.rows, days) for row in cycle.own) / planned


def cumulative(
    tables: Tables, subject: str, unit: str, formula: str, days: str
) -> float | None:
    """Give the whole dose of a child: a square metre (``ug/m2/d``) or in all (``ug/d``)."""
    cycles = cycles_of(tables, subject)
    if number_of_cycles(cycles) is None:
        return None
    total = 0.0
    for cycle in cycles:
        if cycle.faulty() or not has_doses(cycle):
            return None
        surface = body_surface(tables, subject, cycle, formula)
        for row in cycle.own:
            dose = row["dose"] * days_of(row, cycle.rows, days)
            if row["dose_unit"] != unit:
                if surface is None:
                    return None
                dose = dose * surface if unit == "ug/d" else dose / surface
            total += dose
    return total


def answer(tables: Tables, name: str, chosen: dict[str, str]) -> dict[Any, Answer]:
    """Give one definition of exposure for every child or cycle; ``chosen`` are the sets."""
    days, formula = chosen["cycle_days_infused"], chosen["body_surface"]
    found: dict[Any, Answer] = {}
    for subject in subjects_of(tables):
        cycles = cycles_of(tables, subject)
        first = [cycle for cycle in cycles if cycle.number == 1]
        of_subject: dict[str, Any] = {
            "cycles_given": number_of_cycles(cycles),
            "days_infused": value_of_days(cycles, days),
            "regimen_length": regimen_length(first[0], chosen["regimen_length"], days)
            if first else None,
            "cumulative_dose_per_m2": cumulative(tables, subject, "ug/m2/d", formula, days),
            "cumulative_dose": cumulative(tables, subject, "ug/d", formula, days),
        }
        if name in of_subject:
            found[subject] = {"value": of_subject[name]}
            continue
        for cycle in cycles:
            if name == "stopped_early":
                found[subject, cycle.number] = stopped_early(cycle, days)
                continue
            found[subject, cycle.number] = {"value": {
                "cycle_days_infused": lambda each: each.infused(days),
                "step_up": step_up,
                "cycle_regimen_length": lambda each: regimen_length(
                    each, chosen["regimen_length"], days),
                "early_stop_reason": lambda each: early_stop_reason(each, days),
                "dexamethasone_premedication": lambda each: dexamethasone(
                    each, chosen["dexamethasone_premedication"]),
                "body_surface": lambda each, whose=subject: body_surface(
                    tables, whose, each, formula),
                "delivered_fraction": lambda each, whose=subject: delivered_fraction(
                    tables, whose, each, chosen),
            }[name](cycle)}
    return found
