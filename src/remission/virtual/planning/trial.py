"""One virtual trial as arrays: the arms, the outcome, the day of the transplant, covariates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from remission.virtual.children import Children, draw_children, streams_of
from remission.virtual.course import CAUSES, TRANSPLANT
from remission.virtual.parameters import Parameters
from remission.virtual.people import COHORTS, RR, STATUSES
from remission.virtual.stream import Flags, Floats, Ints
from remission.virtual.truth_table import event_free_survival, has_cleared, responders

COVARIATES = ("overt disease at the start", "poor cytogenetics")
AT_THE_START = 0.5
"""The day of a failure at time zero: before it there must be time at risk."""


@dataclass(frozen=True, eq=False)
class Trial:
    """The children of a trial (n,).

    ``arm`` is 0 or 1; ``is_success`` is MRD clearance; ``time`` (days) and ``event`` (0 censored,
    1 the event, 2 what competes) are of the outcome; ``transplant`` is its day, not a number
    without one; ``covariates`` (n, p) are those of ``COVARIATES``.
    """

    arm: Ints
    is_success: Flags
    time: Floats
    event: Ints
    transplant: Floats
    covariates: Floats


def eligible(parameters: Parameters, outcome: str) -> Parameters:
    """Return the parameters of the children that a trial of the outcome enrols.

    Who has no measurable disease at the first infusion has nothing to clear.
    """
    if outcome != "mrd_clearance":
        return parameters
    shares = dict(zip(COHORTS, parameters.shares("people.cohort", COHORTS).tolist(), strict=True))
    changes: dict[str, object] = {}
    for cohort in COHORTS:
        name = f"people.status_of_{cohort}"
        if name not in parameters.entries:
            continue
        of_status = dict(zip(STATUSES, parameters.shares(name, STATUSES).tolist(), strict=True))
        without = of_status.pop("MRD_NEG")
        if without > 0:
            changes[name] = of_status
            shares[cohort] *= 1 - without
    if not changes:
        return parameters
    total = sum(shares.values())
    rounded = {cohort: round(share / total, 4) for cohort, share in shares.items() if share}
    return parameters.changed({**changes, "people.cohort": rounded})


def draw_trial(
    arms: Sequence[Parameters], sizes: Sequence[int], outcome: str, *, seed: int, replicate: int,
    block: int = 0,
) -> Trial:
    """Return a trial of one or two arms; the children of each are drawn from its parameters.

    Arms are blocks of a replicate: the same seed, replicate and sizes give the same trial.
    """
    drawn = [trial_of(draw_children(parameters, streams_of(
        seed=seed, replicate=replicate, block=len(arms) * block + arm), n), outcome, arm)
        for arm, (parameters, n) in enumerate(zip(arms, sizes, strict=True))]
    return joined(drawn)


def joined(trials: Sequence[Trial]) -> Trial:
    """Return the children of some trials as those of one."""
    return Trial(**{name: np.concatenate([vars(trial)[name] for trial in trials])
                    for name in vars(trials[0])})


def trial_of(children: Children, outcome: str, arm: int) -> Trial:
    """Return the children of one arm."""
    people, course = children.people, children.course
    time, event = (_non_relapse_mortality(children) if outcome == "nrm"
                   else _event_free(children))
    transplant = np.where(course.bridge == TRANSPLANT, course.bridge_day, np.nan)
    return Trial(
        arm=np.full(people.n, arm), is_success=has_cleared(children), time=time, event=event,
        transplant=transplant,
        covariates=np.column_stack([people.status == RR, people.has_poor_genetics(
            children.parameters)]).astype(np.float64))


def _event_free(children: Children) -> tuple[Floats, Ints]:
    time, is_event = event_free_survival(children, responders(children))
    return np.maximum(time, AT_THE_START), is_event.astype(np.int64)


def _non_relapse_mortality(children: Children) -> tuple[Floats, Ints]:
    """Return death without relapse as event 1; relapse, and death of the disease, compete."""
    course = children.course
    of_disease = course.cause == CAUSES.index("RELAPSE")
    is_dead, has_relapse = ~np.isnan(course.death_day), ~np.isnan(course.relapse_day)
    event = np.select([has_relapse | (is_dead & of_disease), is_dead], [2, 1], 0)
    return np.where(has_relapse, course.relapse_day, course.end), event
