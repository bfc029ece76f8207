"""What a planned trial says in words, cells and JSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from remission.virtual.planning.design import OWN
from remission.virtual.planning.effects import POPULATION
from remission.virtual.planning.formulas import METHODS
from remission.virtual.planning.models import ARM
from remission.virtual.planning.power import Planned, Power
from remission.virtual.planning.trial import COVARIATES

WANTED = 0.8
"""The power that a trial is usually planned for."""
POWER_COLUMNS = ("Analysis", "Power", "95%", "Formula", "No answer", "Firth")
ESTIMATE_COLUMNS = ("n", "Analysis", "Mean", "Truth", "Bias", "Coverage")
_NONE = "–"


def of_design(planned: Planned) -> str:
    """Return what is compared, in one line."""
    design, effect = planned.design, planned.effect
    against = (f"two arms, {_percent(effect.reference)} against" if design.has_two_arms
               else f"one arm against a historical {_percent(effect.reference)}, truly")
    return (f"{design.measure[0].upper()}{design.measure[1:]}, children like those of "
            f"{design.like}: {against} {_percent(effect.values[-1])}")


def of_effect(planned: Planned) -> list[str]:
    """Return which parameters were changed, and from what to what."""
    effect = planned.effect
    if not effect.log_effect:
        return ["No parameter is changed: what is significant here is a false positive."]
    kind = "odds" if planned.design.outcome == "mrd_clearance" else "hazard"
    lines = [f"Changed in {'the second arm' if planned.design.has_two_arms else 'all children'}: "
             f"{kind} ratio {math.exp(effect.log_effect):.3g}"]
    return lines + [f"  {name}  {_value(before)} → {_value(effect.after[name])}"
                    for name, before in effect.before.items()]


def conclusion(planned: Planned) -> str:
    """Return which of the numbers of children reach the usual power."""
    first = planned.first
    if not planned.design.difference:
        return (f"{first[0].analysis}: type I error "
                + ", ".join(f"{_percent(power.power)} (n = {power.n})" for power in first)
                + f"; nominal {_percent(planned.design.alpha)}.")
    enough = [power.n for power in first if power.power >= WANTED]
    if not enough:
        return (f"{first[0].analysis}: none of these numbers of children reaches a power of "
                f"{_percent(WANTED)}.")
    sure = [power.n for power in first if power.lower >= WANTED]
    told = f"{first[0].analysis}: {enough[0]} children reach a power of {_percent(WANTED)}"
    return told + ("." if enough[0] in sure else
                   ", within the Monte Carlo error; more --replicates would tell better.")


def notes(planned: Planned) -> list[str]:
    """Return what the columns mean."""
    key = planned.design.outcome, planned.design.has_two_arms
    lines = [
        "Power: share of the trials with a significant test, ± its Monte Carlo error; a trial "
        "without an answer is not significant.",
        "Firth: how many trials were read by Firth's model, since the other was separated.",
        "Shares and differences are in percentage points; ratios are logarithms."]
    if planned.design.has_two_arms:
        lines.append(f"Models hold the arm, {' and '.join(COVARIATES)}; start–stop Cox also the "
                     "transplant from its day on.")
    if any(power.formula is not None for power in planned.powers):
        lines.append(f"Formula: {METHODS[key]}.")
    return lines


def name_of(power: Power) -> str:
    """Return an analysis with what it is about, where that is not the arm."""
    return power.analysis if power.of == ARM else f"{power.analysis}, {power.of}"


def power_cells(power: Power) -> tuple[str, ...]:
    """Return the cells of one analysis, in the order of ``POWER_COLUMNS``."""
    return (name_of(power), f"{100 * power.power:.1f} ± {100 * power.se:.1f}%",
            f"{100 * power.lower:.1f}–{100 * power.upper:.1f}",
            _NONE if power.formula is None else _percent(power.formula), f"{power.failed:,}",
            f"{power.stood_in:,}" if power.stand_in else _NONE)


def estimate_cells(power: Power) -> tuple[str, ...]:
    """Return the cells of one analysis that estimates, in the order of ``ESTIMATE_COLUMNS``."""
    is_log = power.quantity.startswith("log")

    def number(value: float, sign: str = "") -> str:
        if math.isnan(value):
            return _NONE
        shown = f"{value:{sign}.2f}" if is_log else f"{100 * value:{sign}.1f}"
        return shown.replace("-", "−")

    bias = _NONE if math.isnan(power.bias) else (
        f"{number(power.bias, '+')} ± {number(power.bias_se)}")
    coverage = _NONE if math.isnan(power.coverage) else (
        f"{100 * power.coverage:.1f} ± {100 * power.coverage_se:.1f}%")
    return (str(power.n), name_of(power), number(power.mean), number(power.truth), bias, coverage)


def as_dict(planned: Planned) -> dict[str, Any]:
    """Return everything by name, for ``--json``; what is not known is None."""
    design, effect = planned.design, planned.effect
    return {
        "design": {
            "like": design.like, "outcome": design.outcome, "measure": design.measure,
            "difference": design.difference, "arms": 2 if design.has_two_arms else 1,
            "historical": None if design.has_two_arms else effect.reference,
            "is_own_value": design.historical == OWN, "at_days": design.at.days,
            "alpha": design.alpha, "level": design.level, "replicates": design.replicates,
            "seed": design.seed},
        "effect": {
            "log_ratio": effect.log_effect, "reference": effect.reference,
            "values": list(effect.values), "difference": effect.difference,
            "population": POPULATION, "changed": {
                name: {"from": before, "to": effect.after[name]}
                for name, before in effect.before.items()}},
        "powers": [{**{name: _known(value) for name, value in asdict(power).items()},
                    "model_failed": power.failed + power.stood_in} for power in planned.powers],
        "conclusion": conclusion(planned)}


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _value(value: Any) -> str:
    return "[" + ", ".join(f"{part:.3g}" for part in value) + "]" if isinstance(
        value, list) else f"{value:.4g}"
