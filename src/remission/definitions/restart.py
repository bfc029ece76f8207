"""Whether and how blinatumomab goes on after an interruption or a toxicity, by the label.

Each function returns what to do, in words with their source. For research, not for treating a
child.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from remission.definitions.calculator import STATEMENT, Line, check_size, chosen_set, line, meets
from remission.definitions.criteria import Criteria, criteria_sets
from remission.definitions.dosing import amount, dexamethasone
from remission.errors import InputError, Problem, raise_if_any

Action = Literal["CONTINUE", "SAME_CYCLE", "NEW_CYCLE", "HOLD", "STOP", "CONSIDER_STOPPING",
                 "UNKNOWN"]
_HOURS = 24
_MILD = "The source names no change of the infusion for this grade."


@dataclass(frozen=True)
class Advice:
    """What a source says after an event.

    ``remaining_days`` (infusion days still to come in the same cycle) is None where another
    action than SAME_CYCLE is named. UNKNOWN: what was given does not decide.
    """

    action: Action
    lines: tuple[Line, ...]
    remaining_days: float | None = None
    statement: str = STATEMENT


def after_interruption(
    hours_off: float, *, days_infused: float, cycle: int, rule: str | None = None,
) -> Advice:
    """Return what follows an interruption of ``hours_off`` hours after ``days_infused`` days.

    ``rule``: ``us_label`` (default) or ``japanese_label``. Raises :class:`InputError` for a rule
    that does not exist, negative times, more days than the cycle has, and a cycle below 1.
    """
    chosen = chosen_set("dosing.interruption", rule, where="rule")
    _check_times({"hours without infusion": hours_off, "days infused": days_infused})
    if cycle < 1:
        raise InputError(Problem("cycle", f"There is no cycle {cycle}.",
                                 "Cycles are numbered from 1.", "Give 1 or more."))
    total = chosen["infusion_days"]
    if days_infused > total:
        raise InputError(Problem(
            "days infused", f"A cycle has no {days_infused:g} days of infusion.",
            f"It has {total}, and the count begins anew with each cycle.",
            f"Give the days of this cycle, {total} at most."))
    off = hours_off / _HOURS
    if "stop_beyond" in chosen.values and meets(off, chosen, "stop_beyond"):
        beyond = chosen["stop_beyond"]["value"]
        return Advice("STOP", (line(f"More than {beyond:g} days without infusion: treatment ends.",
                                    chosen),))
    restart = _premedication_of_restart(hours_off, cycle)
    if meets(off, chosen, "new_cycle_beyond"):
        beyond = chosen["new_cycle_beyond"]["value"]
        return Advice("NEW_CYCLE", (
            line(f"More than {beyond:g} days without infusion: begin a new cycle.", chosen),
            *restart))
    remaining = total - days_infused
    return Advice("SAME_CYCLE", (
        line(f"Go on with the same cycle: {remaining:g} more days, {total} days of infusion in "
             "all.", chosen), *restart), remaining_days=remaining)


def _premedication_of_restart(hours_off: float, cycle: int) -> tuple[Line, ...]:
    """Return the dexamethasone before the restart, or that none is named."""
    chosen = criteria_sets("dosing.premedication")["us_label_paediatric"]
    hours = chosen["after_interruption"]["value"]
    if cycle == 1 and meets(hours_off, chosen, "after_interruption"):
        return (dexamethasone(chosen["doses"][0], chosen, None, "before the restart"),)
    return (line(f"No dexamethasone before the restart: it belongs to cycle 1 after {hours:g} "
                 "hours or more without infusion.", chosen),)


def after_crs(
    grade: int, *, weight_kg: float | None = None, surface: float | None = None
) -> Advice:
    """Return what follows cytokine release syndrome of a grade (1 to 4).

    Weight (kg) and body surface (m²) turn doses into amounts. Raises :class:`InputError` for
    another grade or a size that nobody has.
    """
    chosen = criteria_sets("dosing.crs")["us_label"]
    _check_grade(grade)
    check_size(weight_kg, None)
    if grade == 4:
        return Advice("STOP", (line("Grade 4: stop for good.", chosen),))
    if grade < 3:
        return Advice("CONTINUE", (line(_MILD, chosen),))
    dose = _in_words(chosen, "dexamethasone", weight_kg, surface, unit="mg")
    return Advice("HOLD", (
        line("Hold the infusion until it has resolved.", chosen),
        line(f"Dexamethasone {dose} every 8 hours for up to 3 days, then taper over 4 days.",
             chosen),
        *_restart_low(weight_kg, surface)))


def after_neurotoxicity(
    grade: int, *, seizures: int = 0, at_low_dose: bool | None = None,
    days_to_resolve: float | None = None, weight_kg: float | None = None,
    surface: float | None = None,
) -> Advice:
    """Return what follows neurotoxicity of a CTCAE grade (1 to 4), or seizures.

    ``seizures`` counts all so far; ``days_to_resolve`` to grade 1 or below. What is not known
    (None) is named as a condition. Raises :class:`InputError` for another grade or negative
    counts.
    """
    chosen = criteria_sets("dosing.neurotoxicity")["us_label"]
    _check_grade(grade)
    _check_times({"seizures": seizures, "days to resolve": days_to_resolve})
    check_size(weight_kg, None)
    if seizures > chosen["most_seizures"]:
        return Advice("STOP", (line("More than one seizure: stop for good.", chosen),))
    if grade == 4:
        return Advice("STOP", (line("Grade 4: stop for good.", chosen),))
    if grade < 3 and not seizures:
        return Advice("CONTINUE", (line(_MILD, chosen),))
    if grade == 3 and at_low_dose:
        return Advice("STOP", (line("Grade 3 at the low dose: stop for good.", chosen),))
    within = chosen["resolved_within"]["value"]
    if days_to_resolve is not None and meets(days_to_resolve, chosen, "resolved_within"):
        return Advice("STOP", (line(f"Not resolved within {within:g} days: stop for good.",
                                    chosen),))
    lines = [line(f"Hold the infusion to grade 1 or below, and at least {chosen['hold_at_least']} "
                  "days.", chosen), *_restart_low(weight_kg, surface)]
    if at_low_dose is None:
        lines.append(line("If it came at the low dose: stop for good.", chosen))
    if days_to_resolve is None:
        lines.append(line(f"If it takes more than {within:g} days: stop for good.", chosen))
    return Advice("HOLD", tuple(lines))


def after_other_toxicity(
    grade: int, *, days_to_resolve: float | None = None, weight_kg: float | None = None,
    surface: float | None = None,
) -> Advice:
    """Return what follows another clinically relevant toxicity of a CTCAE grade (1 to 4).

    Raises :class:`InputError` for another grade or a negative time.
    """
    chosen = criteria_sets("dosing.other_toxicity")["us_label"]
    _check_grade(grade)
    _check_times({"days to resolve": days_to_resolve})
    check_size(weight_kg, None)
    if grade == 4:
        return Advice("CONSIDER_STOPPING", (line("Grade 4: consider to stop for good.", chosen),))
    if grade < 3:
        return Advice("CONTINUE", (line(_MILD, chosen),))
    within = chosen["resolved_within"]["value"]
    if days_to_resolve is not None and meets(days_to_resolve, chosen, "resolved_within"):
        return Advice("STOP", (line(f"Not resolved within {within:g} days: stop for good.",
                                    chosen),))
    lines = [line("Hold the infusion to grade 1 or below.", chosen),
             *_restart_low(weight_kg, surface)]
    if days_to_resolve is None:
        lines.append(line(f"If it takes more than {within:g} days: stop for good.", chosen))
    return Advice("HOLD", tuple(lines))


def after_liver_tests(
    *, transaminase: float | None = None, bilirubin: float | None = None
) -> Advice:
    """Return what follows liver tests, given as multiples of their upper limit of normal.

    ``transaminase`` is the higher of AST and ALT. A missing one leaves the answer UNKNOWN unless
    the other decides. Raises :class:`InputError` for negative multiples.
    """
    chosen = criteria_sets("dosing.liver")["us_label"]
    given = {"transaminase": transaminase, "bilirubin": bilirubin}
    _check_times(given)
    for name, value in given.items():
        if value is not None and meets(value, chosen, name):
            return Advice("HOLD", (line(
                f"Interrupt: {name} is {value:g} times its upper limit, above "
                f"{chosen[name]['value']:g} times.", chosen),))
    missing = [name for name, value in given.items() if value is None]
    if missing:
        return Advice("UNKNOWN", (line(f"Not known: {' and '.join(missing)}.", chosen),))
    return Advice("CONTINUE", (line("Neither is above its limit.", chosen),))


def _restart_low(weight_kg: float | None, surface: float | None) -> tuple[Line, Line]:
    """Return the lines on the restart at the low dose and the step back."""
    chosen = criteria_sets("dosing.low_dose")["us_label"]
    dose = _in_words(chosen, "low", weight_kg, surface, unit="µg")
    return (line(f"Restart at {dose} a day.", chosen),
            line(f"Back to the higher dose after {chosen['escalate_after']} days.", chosen))


def _in_words(
    band: Criteria, key: str, weight_kg: float | None, surface: float | None, *, unit: str
) -> str:
    """Return a dose for a child as far as the size is known, else the rule of the band."""
    dose = band[key]
    by_surface = f"{dose['per_m2']:g} {unit}/m² (at most {dose['cap']:g} {unit})"
    if weight_kg is None:
        limit = band["fixed_from"]["value"]
        return f"{dose['fixed']:g} {unit} from {limit:g} kg on, {by_surface} below,"
    value, basis = amount(dose, band, weight_kg, surface, unit=unit)
    return by_surface if value is None else f"{value:.4g} {unit} ({basis})"


def _check_grade(grade: int) -> None:
    """Refuse a grade that is none, and grade 5, after which nothing is restarted."""
    if not 1 <= grade <= 4:
        raise InputError(Problem("grade", f"There is nothing to do for grade {grade}.",
                                 "The rules are for grades 1 to 4.", "Give a grade of 1 to 4."))


def _check_times(given: dict[str, float | None]) -> None:
    """Refuse, all together, times and counts below 0, and what is no number."""
    raise_if_any(
        Problem(what, f"{what} cannot be {value:g}.", "It is a time or a count.",
                "Give 0 or more.")
        for what, value in given.items() if value is not None and not value >= 0)
