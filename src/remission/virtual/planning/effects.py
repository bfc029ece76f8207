"""Which change of the parameters makes a difference in the printed measure, and how large it is.

An outcome is never edited: the log odds of responding, or the hazards, of one arm are moved by one
number, which is found so that the measure differs by what is asked. The measure is that of a large
population without loss to follow-up, drawn from streams of its own with the same draws under every
size of the change.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from remission.errors import InputError, Problem
from remission.virtual.parameters import Parameters, read_parameters
from remission.virtual.planning.design import OWN, TrialDesign
from remission.virtual.planning.trial import Trial, draw_trial, eligible, joined

POPULATION = 100_000
"""Children by which a measure is known."""
_SEED, _REPLICATE, _BLOCK = 20_250_711, 2**31, 10_000
_WIDEST = 8.0
_CLOSE = 1e-3
_ODDS = ("response.first_poor", "response.first_good", "response.mrd_negative_of_RR",
         "response.conversion")
_RATES = {
    "efs": ("course.relapse_rate", "course.remission_death_rate", "course.transplant_death_rate"),
    "nrm": ("course.remission_death_rate", "course.transplant_death_rate"),
}
_RISK = "treatment.death_on_treatment"


@dataclass(frozen=True)
class Effect:
    """What the arms are drawn from, and what is true of them.

    ``arms`` are the parameters of each arm, ``log_effect`` the log odds ratio or log hazard ratio
    put into the last one, ``values`` the measure in each, and ``value`` what it is compared with.
    ``before`` and ``after`` hold the numbers of the last arm that were moved.
    """

    arms: tuple[Parameters, ...]
    log_effect: float
    values: tuple[float, ...]
    reference: float
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def difference(self) -> float:
        """The true difference of the measure."""
        return self.values[-1] - self.reference

    @property
    def se(self) -> float:
        """The standard error of the true measure of the last arm, from its population."""
        return math.sqrt(self.values[-1] * (1 - self.values[-1]) / POPULATION)


def find_effect(design: TrialDesign) -> Effect:
    """Return the effect that makes the difference asked for.

    Raises :class:`InputError` where no size of the effect does.
    """
    standard = eligible(read_parameters(design.like), design.outcome)
    own = measured(standard, design)
    reference = design.historical if isinstance(design.historical, float) else own
    size = 0.0 if design.difference == 0 and reference == own else _size(
        standard, design, reference + design.difference)
    moved = with_effect(standard, design.outcome, size)
    value = measured(moved, design) if size else own
    changed = [name for name in moved.entries if moved.value(name) != standard.value(name)]
    both = (standard, moved) if design.has_two_arms else (moved,)
    return Effect(both, size, (own, value) if design.has_two_arms else (value,), reference,
                  {name: standard.value(name) for name in changed},
                  {name: moved.value(name) for name in changed})


def with_effect(parameters: Parameters, outcome: str, log_effect: float) -> Parameters:
    """Return the parameters with log odds, or log hazards, moved by ``log_effect``."""
    if not log_effect:
        return parameters
    if outcome == "mrd_clearance":
        return parameters.changed({
            name: _moved(parameters.number(name), log_effect) for name in _ODDS
            if 0 < parameters.number(name) < 1})
    ratio = math.exp(log_effect)
    rates = {name: [float(f"{rate * ratio:.6g}") for rate in parameters.value(name)]
             for name in _RATES[outcome]}
    return parameters.changed({**rates, _RISK: round(
        -math.expm1(ratio * math.log1p(-parameters.number(_RISK))), 6)})


def _moved(share: float, log_odds: float) -> float:
    return round(1 / (1 + (1 - share) / share * math.exp(-log_odds)), 6)


def measured(parameters: Parameters, design: TrialDesign) -> float:
    """Return the measure of a large population, in which nobody is lost before it is read."""
    days = design.at.days
    followed = parameters.changed({"course.follow_up": [math.ceil(days) + 1] * 2,
                                   "course.lost": 0.0})
    found = [_reached(draw_trial(
        [followed], [_BLOCK], design.outcome, seed=_SEED, replicate=_REPLICATE, block=block),
        design.outcome, days) for block in range(POPULATION // _BLOCK)]
    return float(np.mean(found))


def _reached(trial: Trial, outcome: str, days: float) -> float:
    """Return the measure of children who were all followed for so many days."""
    if outcome == "mrd_clearance":
        return float(trial.is_success.mean())
    has_event = (trial.event == 1) & (trial.time <= days)
    return float((~has_event if outcome == "efs" else has_event).mean())


def _size(parameters: Parameters, design: TrialDesign, target: float) -> float:
    """Return the log odds ratio, or log hazard ratio, at which the measure is ``target``."""
    from scipy.optimize import brentq

    @cache
    def missing(log_effect: float) -> float:
        return measured(with_effect(parameters, design.outcome, log_effect), design) - target

    goes_up = design.outcome != "efs"
    sign = 1.0 if (missing(0.0) < 0) == goes_up else -1.0
    near, far = 0.0, sign
    while (missing(far) < 0) == (missing(0.0) < 0):
        if abs(far) >= _WIDEST:
            raise _out_of_reach(design, target, target + missing(far))
        near, far = far, 2 * far
    return float(brentq(missing, near, far, xtol=_CLOSE))


def _out_of_reach(design: TrialDesign, target: float, furthest: float) -> InputError:
    moved = "odds of a response" if design.outcome == "mrd_clearance" else "hazards"
    room = 100 * (furthest - target + design.difference)
    instead = "." if design.historical in (None, OWN) else ", or compare with another value."
    return InputError(Problem(
        f"--difference {100 * design.difference:g}",
        f"The {design.measure} would be {100 * target:.1f} %.",
        f"Children like those of {design.like} come to {100 * furthest:.1f} % at most, however "
        f"the {moved} are changed." if furthest < target else
        f"Children like those of {design.like} stay at {100 * furthest:.1f} % at least, however "
        f"the {moved} are changed.",
        f"Ask for a difference between 0 and {room:.1f}{instead}"))


def large_trial(effect: Effect, design: TrialDesign) -> Trial:
    """Return a trial of the design with very many children, for what its models aim at."""
    blocks = POPULATION // _BLOCK
    return joined([draw_trial(
        effect.arms, [_BLOCK] * len(effect.arms), design.outcome, seed=_SEED,
        replicate=_REPLICATE + 1, block=block) for block in range(blocks)])
