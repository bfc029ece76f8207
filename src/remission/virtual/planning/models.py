"""The analyses of a trial: what each estimates, and what stands in where it has no answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from remission.errors import NotEstimable
from remission.statistics.arrays import normal_quantile, refuse, two_sided_normal
from remission.statistics.binomials import binomial, two_sided
from remission.statistics.competing_risks import cumulative_incidence
from remission.statistics.contingency import fisher_exact
from remission.statistics.cox import cox
from remission.statistics.exposure import StartStop, start_stop
from remission.statistics.firth_cox import firth_cox
from remission.statistics.firth_logistic import firth_logistic
from remission.statistics.fitted import Fitted
from remission.statistics.gray import gray_test
from remission.statistics.kaplan_meier import kaplan_meier
from remission.statistics.log_rank import log_rank
from remission.statistics.logistic import logistic
from remission.statistics.mantel_byar import mantel_byar
from remission.statistics.outcome import Outcome
from remission.statistics.proportions import clopper_pearson
from remission.statistics.survival_difference import survival_difference
from remission.statistics.two_proportions import proportion_difference
from remission.virtual.planning.trial import COVARIATES, Trial
from remission.virtual.stream import Flags, Floats

NAN = float("nan")
ARM, TRANSPLANT = "arm", "transplant"
LARGE = 10_000
"""Children from which nothing stands in for a model: it would be slow, and is not needed."""


@dataclass(frozen=True)
class Reading:
    """What one analysis of one trial says; not a number where it says nothing."""

    p: float = NAN
    estimate: float = NAN
    lower: float = NAN
    upper: float = NAN
    has_stand_in: bool = False


@dataclass(frozen=True)
class Question:
    """What an analysis needs beside the trial: day of reading, value compared with, level."""

    at: float
    reference: float
    level: float


Read = Callable[[Trial, Question], Reading]


@dataclass(frozen=True)
class Analysis:
    """One analysis: its name, what it estimates of what, and the fit that may stand in.

    ``quantity`` is empty where it only tests. ``read`` raises
    :class:`~remission.errors.NotEstimable` where the trial has no answer. ``aims_at`` reads from
    a very large trial what the estimates aim at, where that is not the measure itself.
    """

    name: str
    of: str
    quantity: str
    read: Read
    stand_in: str = ""
    aims_at: Read | None = None


def clearance_of_arms(trial: Trial, question: Question) -> Reading:
    """Return Fisher's exact test and the difference of the shares, by Newcombe."""
    counts = [(int(trial.is_success[trial.arm == arm].sum()), int((trial.arm == arm).sum()))
              for arm in (0, 1)]
    gap = proportion_difference(counts[1], counts[0], level=question.level)
    test = fisher_exact([[events, n - events] for events, n in counts])
    return Reading(test.p, gap.estimate, gap.lower, gap.upper)


def clearance_of_one(trial: Trial, question: Question) -> Reading:
    """Return the exact binomial test against the value, and the share by Clopper–Pearson."""
    events, n = int(trial.is_success.sum()), len(trial.is_success)
    share = clopper_pearson(events, n, level=question.level)
    p = float(two_sided(binomial(n, question.reference))[events])
    return Reading(p, share.estimate, share.lower, share.upper)


def clearance_logistic(trial: Trial, question: Question) -> Reading:
    """Return the arm in the logistic model; in Firth's where that is separated."""
    columns, names = _columns(trial, ARM)
    events = trial.is_success.astype(np.int64)
    try:
        return _term(logistic(events, columns, names=names, level=question.level), ARM)
    except NotEstimable:
        fit = firth_logistic(events, columns, names=names, level=question.level)
        return _term(fit, ARM, has_stand_in=True)


def clearance_firth(trial: Trial, question: Question) -> Reading:
    """Return the arm in Firth's logistic model."""
    columns, names = _columns(trial, ARM)
    return _term(firth_logistic(
        trial.is_success.astype(np.int64), columns, names=names, level=question.level), ARM)


def log_rank_of_arms(trial: Trial, question: Question) -> Reading:
    """Return the log-rank test of the arms."""
    del question
    return Reading(log_rank(_outcome(trial), trial.arm).p)


def survival_of_arms(trial: Trial, question: Question) -> Reading:
    """Return the difference of the Kaplan–Meier estimates; its test is on the log-log scale."""
    found = survival_difference(_outcome(trial), trial.arm, at=question.at, level=question.level)
    gap = found.difference
    return Reading(found.p, gap.value, gap.lower, gap.upper)


def survival_of_one(trial: Trial, question: Question) -> Reading:
    """Return the Kaplan–Meier estimate against the value, on the log-log scale."""
    point = kaplan_meier(_outcome(trial), level=question.level).at(question.at)[0]
    return _against(1 - point.survival, point.se, 1 - question.reference, Reading(
        estimate=point.survival, lower=point.lower, upper=point.upper))


def gray_of_arms(trial: Trial, question: Question) -> Reading:
    """Return Gray's test of the arms."""
    del question
    return Reading(gray_test(_outcome(trial), trial.arm).p)


def incidence_of_arms(trial: Trial, question: Question) -> Reading:
    """Return the difference of the cumulative incidences, with the plain test and interval."""
    points = [cumulative_incidence(_of(trial, trial.arm == arm)).at(question.at)[0]
              for arm in (0, 1)]
    gap = points[1].incidence - points[0].incidence
    se = math.hypot(points[0].se, points[1].se)
    if not se > 0:
        return Reading(estimate=gap)
    half = normal_quantile(question.level) * se
    return Reading(two_sided_normal(gap / se), gap, max(gap - half, -1.0), min(gap + half, 1.0))


def incidence_of_one(trial: Trial, question: Question) -> Reading:
    """Return the cumulative incidence against the value, on the log-log scale."""
    point = cumulative_incidence(_outcome(trial), level=question.level).at(question.at)[0]
    return _against(point.incidence, point.se, question.reference, Reading(
        estimate=point.incidence, lower=point.lower, upper=point.upper))


def firth_cox_of_arms(trial: Trial, question: Question) -> Reading:
    """Return the arm in Firth's Cox model; what competes ends the time at risk."""
    columns, names = _columns(trial, ARM)
    return _term(firth_cox(
        _first_cause(trial), columns, names=names, level=question.level), ARM)


def cox_of_arms(trial: Trial, question: Question) -> Reading:
    """Return the arm in the Cox model, at which Firth's aims."""
    columns, names = _columns(trial, ARM)
    return _term(cox(_first_cause(trial), columns, names=names, level=question.level), ARM)


def arm_beside_transplant(trial: Trial, question: Question) -> Reading:
    """Return the arm in the model with the transplant as a time-dependent covariate."""
    return _beside(trial, question, ARM)


def transplant_beside_arm(trial: Trial, question: Question) -> Reading:
    """Return the transplant, as a time-dependent covariate beside arm and covariates."""
    return _beside(trial, question, TRANSPLANT)


def _beside(trial: Trial, question: Question, name: str) -> Reading:
    fit, has_stand_in = _start_stop_cox(trial, question.level)
    return _term(fit, name, has_stand_in=has_stand_in)


@lru_cache(maxsize=1)
def _start_stop_cox(trial: Trial, level: float) -> tuple[Fitted, bool]:
    """Return the fit of transplant, arm and covariates, and whether it is Firth's."""
    rows = start_stop(_first_cause(trial), _before_end(trial))
    others, names = _columns(trial)
    columns = np.column_stack([rows.exposed, others[rows.subject]])
    names = [TRANSPLANT, *names]
    is_large = len(trial.arm) >= LARGE
    if is_large and not _can_be_compared(rows):
        raise refuse(_WITH_TRANSPLANT, "No event has both exposed and unexposed at risk.")
    try:
        return cox(rows.outcome, columns, names=names, level=level), False
    except NotEstimable:
        if is_large:
            raise
        return firth_cox(rows.outcome, columns, names=names, level=level), True


def _can_be_compared(rows: StartStop) -> bool:
    """Return whether events of both states come where the other may be at risk.

    Asked of very many children, where to look for a separation would take minutes.
    """
    is_event = rows.outcome.event > 0
    if not (rows.exposed & is_event).any():
        return False
    assert rows.outcome.entry is not None  # start–stop rows always have one
    first = rows.outcome.entry[rows.exposed].min()
    return bool((is_event & ~rows.exposed & (rows.outcome.time > first)).any())


def mantel_byar_of_transplant(trial: Trial, question: Question) -> Reading:
    """Return the Mantel–Byar test of the transplant."""
    del question
    return Reading(mantel_byar(_first_cause(trial), _before_end(trial)).p)


def _columns(trial: Trial, always: str = "") -> tuple[Floats, list[str]]:
    """Return arm and covariates that differ between the children, with ``always``, by name."""
    columns = np.column_stack([trial.arm, trial.covariates]).astype(np.float64)
    names = (ARM, *COVARIATES)
    kept = [place for place, name in enumerate(names)
            if name == always or np.ptp(columns[:, place]) > 0]
    return columns[:, kept], [names[place] for place in kept]


def _outcome(trial: Trial) -> Outcome:
    return Outcome(trial.time, trial.event)


def _of(trial: Trial, chosen: Flags) -> Outcome:
    return Outcome(trial.time[chosen], trial.event[chosen])


def _first_cause(trial: Trial) -> Outcome:
    """Return the outcome in which what competes is a censoring."""
    return Outcome(trial.time, trial.event == 1)


def _before_end(trial: Trial) -> Floats:
    """Return the days of the transplants that came before the end of the time at risk."""
    return np.where(trial.transplant < trial.time, trial.transplant, np.nan)


def _term(fit: Fitted, name: str, *, has_stand_in: bool = False) -> Reading:
    term = next(term for term in fit.terms if term.name == name)
    return Reading(term.p, term.estimate, term.lower, term.upper, has_stand_in)


def _against(risk: float, se: float, value: float, reading: Reading) -> Reading:
    """Return the reading with the p of its risk against a value, by log(−log(1 − risk))."""
    if not (0 < risk < 1 and se > 0):
        return reading
    free = 1 - risk
    z = (math.log(-math.log(free)) - math.log(-math.log(1 - value))) * free * math.log(free) / se
    return Reading(two_sided_normal(z), reading.estimate, reading.lower, reading.upper)


_SHARE, _DIFFERENCE = "share", "difference"
_HAZARD, _ODDS = "log hazard ratio", "log odds ratio"
_FIRTH = "Firth Cox"
_WITH_TRANSPLANT = "start–stop Cox"
_OF_TRANSPLANT = (
    Analysis("Mantel–Byar", TRANSPLANT, "", mantel_byar_of_transplant),
    Analysis(_WITH_TRANSPLANT, TRANSPLANT, _HAZARD, transplant_beside_arm, _FIRTH,
             transplant_beside_arm),
)
_ARM_IN_COX = (
    Analysis("Firth Cox", ARM, _HAZARD, firth_cox_of_arms, aims_at=cox_of_arms),
    Analysis(_WITH_TRANSPLANT, ARM, _HAZARD, arm_beside_transplant, _FIRTH,
             arm_beside_transplant),
)
ANALYSES: dict[tuple[str, bool], tuple[Analysis, ...]] = {
    ("mrd_clearance", True): (
        Analysis("Fisher exact", ARM, _DIFFERENCE, clearance_of_arms),
        Analysis("logistic", ARM, _ODDS, clearance_logistic, "Firth logistic",
                 clearance_logistic),
        Analysis("Firth logistic", ARM, _ODDS, clearance_firth,
                 aims_at=clearance_logistic),
    ),
    ("mrd_clearance", False): (Analysis("exact binomial", ARM, _SHARE, clearance_of_one),),
    ("efs", True): (
        Analysis("log-rank", ARM, "", log_rank_of_arms),
        Analysis("Kaplan–Meier", ARM, _DIFFERENCE, survival_of_arms),
        *_ARM_IN_COX, *_OF_TRANSPLANT,
    ),
    ("efs", False): (Analysis("Kaplan–Meier", ARM, _SHARE, survival_of_one), *_OF_TRANSPLANT),
    ("nrm", True): (
        Analysis("Gray", ARM, "", gray_of_arms),
        Analysis("cumulative incidence", ARM, _DIFFERENCE, incidence_of_arms),
        *_ARM_IN_COX, *_OF_TRANSPLANT,
    ),
    ("nrm", False): (
        Analysis("cumulative incidence", ARM, _SHARE, incidence_of_one), *_OF_TRANSPLANT,
    ),
}
"""(Outcome, whether there are two arms) → the analyses; the first is the one planned for."""
