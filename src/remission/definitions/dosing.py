"""The dose of blinatumomab that a published schedule gives a child: body surface, steps, bags.

Pure arithmetic on one child's size, without records. For research, not for treating a child.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from remission.definitions.calculator import (
    STATEMENT,
    Line,
    body_surface,
    check_size,
    chosen_set,
    line,
    meets,
)
from remission.definitions.criteria import Criteria, criteria_sets
from remission.errors import Problem, raise_if_any

_RELATIVE = 1e-9
_HOURS = 24


@dataclass(frozen=True)
class DoseStep:
    """Days of a cycle with one dose: ``per_m2`` µg/m² a day, ``per_day`` µg a day or unknown."""

    first_day: int
    last_day: int
    per_m2: float
    per_day: float | None
    basis: str
    source: str
    evidence: str

    @property
    def days(self) -> int:
        """Days of infusion; none where the dose is 0."""
        return self.last_day - self.first_day + 1 if self.per_m2 else 0

    @property
    def per_hour(self) -> float | None:
        """The rate in µg an hour."""
        return None if self.per_day is None else self.per_day / _HOURS


@dataclass(frozen=True)
class CycleDose:
    """What a schedule gives a child in one cycle.

    ``body_surface`` (m²), ``total`` (µg) and the doses a day are None where weight or height,
    as far as they are needed, are not known; ``total_per_m2`` (µg/m²) needs neither.
    """

    schedule: str
    title: str
    cycle: int
    days: int
    weight_kg: float | None
    height_cm: float | None
    body_surface: float | None
    surface_line: Line
    steps: tuple[DoseStep, ...]
    premedication: tuple[Line, ...]
    cautions: tuple[Line, ...]
    statement: str = STATEMENT

    @property
    def total(self) -> float | None:
        """The dose of the whole cycle in µg."""
        parts = [None if step.per_day is None else step.per_day * step.days for step in self.steps]
        return None if None in parts else math.fsum(part for part in parts if part is not None)

    @property
    def total_per_m2(self) -> float:
        """The dose of the whole cycle in µg/m², before weight band and cap."""
        return math.fsum(step.per_m2 * step.days for step in self.steps)


@dataclass(frozen=True)
class Bag:
    """One size of bag at a dose: rate mL/h, infused volume mL, drug in that volume µg.

    ``number`` bags are begun in the days of the step; ``allowed`` is None where the bag has a
    least weight and the weight is not known.
    """

    name: str
    first_day: int
    last_day: int
    rate: float
    hours: int
    volume: float
    drug: float
    number: int
    allowed: bool | None
    source: str
    evidence: str


def cycle_dose(
    schedule: str | None = None, *, weight_kg: float | None = None,
    height_cm: float | None = None, cycle: int = 1, days: int | None = None,
    formula: str | None = None,
) -> CycleDose:
    """Return what a schedule gives a child in one cycle.

    ``schedule``: ``us_label_rr`` (default), ``us_label_mrd``, ``ema_rr``,
    ``ema_high_risk_first_relapse``, ``zhang_2025`` and its other readings
    ``zhang_2025_six_low_days`` and ``zhang_2025_days_1_to_7``, ``olaya_2025``; ``days`` the
    length of the cycle (the longest when left out). A weight or height that is not known leaves
    the doses that need it unknown. Raises :class:`InputError` for a schedule, formula,
    cycle, length or size that does not exist.
    """
    chosen = chosen_set("dosing.schedule", schedule, where="schedule")
    surface_set = chosen_set("dosing.body_surface", formula, where="formula")
    check_size(weight_kg, height_cm)
    length = _length(chosen, cycle, days)
    surface = None
    if weight_kg is not None and height_cm is not None:
        surface = body_surface(height_cm, weight_kg, formula=surface_set.name)
    return CycleDose(
        schedule=chosen.name, title=chosen["title"], cycle=cycle, days=length,
        weight_kg=weight_kg, height_cm=height_cm, body_surface=surface,
        surface_line=line(_surface_words(surface, surface_set), surface_set),
        steps=tuple(_steps(chosen, cycle, length, weight_kg, surface)),
        premedication=premedication(chosen, cycle, surface),
        cautions=(*_course(chosen, cycle), *(line(text, chosen) for text in chosen["cautions"])),
    )


def _length(schedule: Criteria, cycle: int, days: int | None) -> int:
    """Return the days of the cycle; refuse what the schedule does not know."""
    shortest, longest = schedule["shortest"], schedule["longest"]
    problems = []
    if cycle < 1:
        problems.append(Problem("cycle", f"There is no cycle {cycle}.",
                                "Cycles are numbered from 1.", "Give 1 or more."))
    if days is not None and not shortest <= days <= longest:
        allowed = f"{shortest}" if shortest == longest else f"{shortest} to {longest}"
        problems.append(Problem("days", f"{schedule.name} has no cycle of {days} days.",
                                f"Its cycles have {allowed} days.", f"Give {allowed}."))
    raise_if_any(problems)
    return longest if days is None else days


def _course(schedule: Criteria, cycle: int) -> tuple[Line, ...]:
    """Return to which part of the treatment a cycle belongs, where the schedule tells."""
    courses = schedule.values.get("courses", [])
    if not courses:
        return ()
    most = courses[-1]["to_cycle"]
    for course in courses:
        if cycle <= course["to_cycle"]:
            return (line(f"Cycle {cycle} of at most {most}: {course['name']}; then "
                         f"{course['free_days']} days without infusion.", schedule),)
    return (line(f"The source names at most {most} cycle{'s' if most > 1 else ''}: cycle {cycle} "
                 "is beyond them.", schedule),)


def _surface_words(surface: float | None, formula: Criteria) -> str:
    if surface is None:
        return "Body surface: not known, weight or height is missing"
    return f"Body surface {surface:.4g} m²: {formula.wording}"


def _steps(
    schedule: Criteria, cycle: int, length: int, weight_kg: float | None, surface: float | None
) -> list[DoseStep]:
    """Return the steps of a cycle, the last one cut at the length of the cycle."""
    given = schedule["first_cycle" if cycle == 1 else "later_cycles"]
    ends = [*(following["from"] - 1 for following in given[1:]), length]
    steps = []
    for step, last in zip(given, ends, strict=True):
        dose = schedule[step["dose"]]
        per_day, basis = amount(dose, schedule, weight_kg, surface, unit="µg")
        steps.append(DoseStep(
            step["from"], min(last, length), dose["per_m2"], per_day, basis, schedule.source,
            schedule.evidence))
    return steps


def amount(
    dose: Mapping[str, float], band: Criteria, weight_kg: float | None,
    surface: float | None, *, unit: str,
) -> tuple[float | None, str]:
    """Return a dose (in ``unit``) for a child, or None, and in words how it comes about.

    ``dose`` has ``per_m2`` and may have ``fixed`` (from the weight ``fixed_from`` of ``band`` on)
    and ``cap`` (the most below it).
    """
    if not dose["per_m2"]:
        return 0.0, "no infusion"
    if "fixed" in dose:
        if weight_kg is None:
            return None, "weight not known"
        if meets(weight_kg, band, "fixed_from"):
            return float(dose["fixed"]), f"fixed from {band['fixed_from']['value']:g} kg on"
    if surface is None:
        return None, "body surface not known"
    wanted = dose["per_m2"] * surface
    basis = f"{dose['per_m2']:g} {unit}/m² × {surface:.4g} m²"
    if "cap" in dose and wanted > dose["cap"] * (1 + _RELATIVE):
        return float(dose["cap"]), f"{basis}, at most {dose['cap']:g}"
    return wanted, basis


def premedication(
    schedule: Criteria, cycle: int, surface: float | None
) -> tuple[Line, ...]:
    """Return the dexamethasone that belongs to a schedule in one cycle."""
    if "premedication" not in schedule.values:
        return (line("Dexamethasone: not stated", schedule),)
    chosen = criteria_sets("dosing.premedication")[schedule["premedication"]]
    if chosen["first_cycle_only"] and cycle > 1:
        return (line("Dexamethasone: in cycle 1 only", chosen),)
    times = [(dose, dose["when"]) for dose in chosen["doses"]]
    has_step = len(schedule["first_cycle" if cycle == 1 else "later_cycles"]) > 1
    if chosen["before_step"] and has_step:
        times.append((chosen["doses"][0], "before the step to the higher dose"))
    lines = [dexamethasone(dose, chosen, surface, when) for dose, when in times]
    if "after_interruption" in chosen.values:
        hours = chosen["after_interruption"]["value"]
        lines.append(dexamethasone(chosen["doses"][0], chosen, surface,
                                   f"on restart after {hours:g} hours or more without infusion"))
    return tuple(lines)


def dexamethasone(
    dose: Mapping[str, float], source: Criteria, surface: float | None, when: str
) -> Line:
    """Return one dose of dexamethasone as a line: mg where the body surface is known."""
    if "per_m2" not in dose:
        return line(f"Dexamethasone {dose['fixed']:g} mg {when}", source)
    cap = f", at most {dose['cap']:g} mg" if "cap" in dose else ""
    words = f"{dose['per_m2']:g} mg/m²{cap}"
    if surface is not None:
        wanted = dose["per_m2"] * surface
        words = f"{min(wanted, dose.get('cap', wanted)):.3g} mg ({words})"
    return line(f"Dexamethasone {words} {when}", source)


def bags(dose: CycleDose) -> tuple[Bag, ...]:
    """Return every size of bag for each step whose dose is known.

    Only what is infused is counted: filling of the line and overfill are not.
    """
    found = []
    for step in dose.steps:
        if not step.per_day:
            continue
        for name, bag in criteria_sets("dosing.bag").items():
            found.append(Bag(
                name, step.first_day, step.last_day, bag["rate"], bag["hours"],
                volume=bag["rate"] * bag["hours"], drug=step.per_day / _HOURS * bag["hours"],
                number=math.ceil(step.days * _HOURS / bag["hours"]),
                allowed=_allowed(bag, dose.weight_kg), source=bag.source, evidence=bag.evidence))
    return tuple(found)


def _allowed(bag: Criteria, weight_kg: float | None) -> bool | None:
    """Return whether a child is heavy enough for a bag; None where that is not known."""
    if "weight" not in bag.values:
        return True
    return None if weight_kg is None else meets(weight_kg, bag, "weight")
