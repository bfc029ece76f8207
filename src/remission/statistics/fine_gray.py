"""Fine–Gray regression: the hazard of the subdistribution of one cause."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.errors import NotEstimable
from remission.statistics.arrays import FloatArray, refuse
from remission.statistics.fitted import Fitted, ModelTest, model_test, quadratic, wald_terms
from remission.statistics.labels import coded_labels
from remission.statistics.model_matrix import (
    Covariates,
    centred,
    covariates_of,
    few_events,
    refuse_dependent,
)
from remission.statistics.newton import Evaluation, Optimum, inverse, maximise
from remission.statistics.outcome import Outcome
from remission.statistics.subdistribution import (
    RiskSets,
    SubdistributionFit,
    risk_sets,
    score_residuals,
)
from remission.statistics.tidy import TidyRow, tidy_row

_NOTHING = 1e-10
"""A robust variance below this share of the naive one is rounding."""
_LOST = 1e-290
"""A weight of a whole risk set below this, the largest subject's being 1, has no digits left."""
_EXTREME = 5.0
"""A log hazard ratio for one standard deviation above which the result warns (ratio 150)."""


@dataclass(frozen=True, eq=False)
class FineGray(Fitted):
    """A Fine–Gray model; its ratios are subdistribution hazard ratios.

    ``covariance`` (p, p) is robust, NaN with a warning where it comes out as 0. Test: ``Wald``,
    of all coefficients, where the covariance is known. ``baseline_hazard`` (m,) is cumulative, at
    the m distinct ``event_time`` of the cause, for covariates of 0. ``events`` are those of the
    cause, ``competing`` those of all others.
    """

    cause: int
    competing: int
    event_time: FloatArray
    baseline_hazard: FloatArray

    def incidence(self, covariates: ArrayLike) -> FloatArray:
        """Return the cumulative incidence (m,) for covariates (p,) at each ``event_time``."""
        profile = np.asarray(covariates, dtype=np.float64)
        if profile.shape != self.estimate.shape or not np.isfinite(profile).all():
            raise refuse("fine_gray", f"{len(self.names)} numbers are expected, one a covariate.")
        return 1 - np.exp(-self.baseline_hazard * math.exp(float(profile @ self.estimate)))

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return every number of the fit as rows."""
        return (*super().tidy(), tidy_row("competing", self.competing))


def fine_gray(
    outcome: Outcome, covariates: ArrayLike, *, cause: int = 1,
    names: Sequence[str] | None = None, censoring_groups: ArrayLike | None = None,
    level: float = 0.95,
) -> FineGray:
    """Return the Fine–Gray regression of one cause on covariates fixed in time.

    ``outcome.event`` holds 0 for censored and the cause otherwise; ``covariates`` is (n,) or
    (n, p); ``censoring_groups`` (n,) are labels of groups whose censoring differs. Tied events
    as Breslow; the variance is robust and allows for the censoring curve being estimated.
    Without competing events it is Cox regression (Breslow) with the robust variance. Raises
    :class:`~remission.errors.NotEstimable` without events of the cause, with delayed entry, for
    missing, constant or collinear covariates, and where the likelihood has no maximum, naming
    the covariates. Fine & Gray 1999, J Am Stat Assoc 94:496.
    """
    _check(outcome, cause)
    matrix, labels = covariates_of(
        covariates, names=names, n=len(outcome), where="fine_gray")
    groups = np.zeros(len(outcome), dtype=np.int64) if censoring_groups is None else coded_labels(
        censoring_groups, len(outcome), where="fine_gray", what="censoring group")[1]
    sets = risk_sets(outcome, cause, groups)
    prepared = centred(matrix, labels, where="fine_gray", order=sets.order)
    best = _fit(sets, prepared, outcome, matrix, cause)
    fit, shift = _fit_at(sets, prepared.columns, best.estimate)
    robust = _robust(sets, fit, inverse(best.at.information))
    baseline = np.cumsum(fit.hazard) * _exponential(-shift - best.estimate @ prepared.centre)
    events = int(sets.events.sum())
    return FineGray(
        wald_terms(labels, best.estimate, robust, level),
        _tests(best.estimate, robust),
        robust, best.at.log_likelihood, best.at_start.log_likelihood, best.iterations,
        len(outcome), events, level, "Fine–Gray regression",
        _conventions(has_groups=censoring_groups is not None),
        _warnings(events, prepared, best.estimate, robust), int(cause),
        int((sets.kind == 2).sum()), sets.event_time, baseline)


def _check(outcome: Outcome, cause: int) -> None:
    if outcome.entry is not None:
        raise refuse("fine_gray", "Delayed entry is not covered.",
                     "Model cause-specific hazards instead.")
    if cause < 1 or cause != int(cause):
        raise refuse("fine_gray", f"{cause} is not a cause.", "Causes count from 1.")
    if not (outcome.event == cause).any():
        raise refuse("fine_gray", f"There is no event of cause {cause}.")


def _fit(
    sets: RiskSets, prepared: Covariates, outcome: Outcome, matrix: FloatArray, cause: int
) -> Optimum:
    """Return the maximum of the pseudo-likelihood."""
    start = np.zeros(len(prepared.names))
    at_zero = _evaluated(sets, prepared.columns, start)
    refuse_dependent(
        at_zero.information / sets.events.sum(), prepared.names, scale=prepared.scale,
        where="fine_gray", why="does not vary, beside the others, among those at risk at an event")
    try:
        return maximise(lambda beta: _evaluated(sets, prepared.columns, beta), start,
                        scale=prepared.scale, where="fine_gray", at_start=at_zero)
    except NotEstimable:
        raise refuse(
            "fine_gray", "Not estimable: the likelihood has no maximum. "
            + _runaways(outcome, matrix, prepared.names, cause),
            "Leave it out, join its groups, or use a penalised model.") from None


def _runaways(
    outcome: Outcome, matrix: FloatArray, names: tuple[str, ...], cause: int
) -> str:
    """Return the covariates whose hazard ratio would be 0 or infinite, in words.

    Whoever had a competing event stays at risk, with a weight above 0, so the likelihood grows
    without bound for the same covariates as that of a Cox model in which they stay for ever.
    """
    from remission.statistics.separation import detect_separation

    had = outcome.event == cause
    last = outcome.time.max() + 1
    stayed = np.where((outcome.event > 0) & ~had, last, outcome.time)
    found = detect_separation(Outcome(stayed, had.astype(np.int64)), matrix, names=names,
                              ties="breslow")
    return (f"The hazard ratio of {', '.join(found.covariates)} would be 0 or infinite."
            if found.is_separated else "Nothing settles the covariates.")


def _fit_at(
    sets: RiskSets, x: FloatArray, beta: FloatArray
) -> tuple[SubdistributionFit, float]:
    """Return the fit at β, its risks exp(βx) divided by exp(shift), and the shift.

    Ratios of sums do not change by it, and exp cannot overflow.
    """
    linear = beta @ x
    shift = float(linear.max())
    risk = np.exp(linear - shift)
    sums = sets.sums(np.vstack((risk, x * risk)))
    return SubdistributionFit(x, risk, sums[0], sums[1:] / sums[0], sets.events / sums[0]), shift


def _evaluated(sets: RiskSets, x: FloatArray, beta: FloatArray) -> Evaluation:
    """Return the logarithm of the pseudo-likelihood at β with its derivatives.

    So far out that a whole risk set has lost its weight to rounding, nothing can be said.
    """
    had = sets.kind == 1
    with np.errstate(all="ignore"):
        fit, shift = _fit_at(sets, x, beta)
        if fit.total.min() < _LOST:
            return Evaluation(-np.inf, np.full(len(x), np.nan), np.full((len(x),) * 2, np.nan))
        log_likelihood = float((beta @ x[:, had]).sum() - shift * sets.events.sum()
                               - sets.events @ np.log(fit.total))
        weight = fit.risk * sets.sums_over_time(fit.hazard[np.newaxis])[0]
        information = (x * weight) @ x.T - (fit.mean * sets.events) @ fit.mean.T
        return Evaluation(
            log_likelihood, x[:, had].sum(axis=1) - fit.mean @ sets.events, information)


def _robust(sets: RiskSets, fit: SubdistributionFit, naive: FloatArray) -> FloatArray:
    """Return the robust covariance (p, p), NaN for covariates whose variance comes out as 0."""
    residuals = score_residuals(sets, fit)
    robust = naive @ (residuals @ residuals.T) @ naive
    is_known = np.diag(robust) > _NOTHING * np.diag(naive)
    return np.where(np.outer(is_known, is_known), robust, np.nan)


def _tests(estimate: FloatArray, robust: FloatArray) -> tuple[ModelTest, ...]:
    """Return the test of all coefficients; none where a variance is not known."""
    if np.isnan(robust).any():
        return ()
    return (model_test("Wald", quadratic(robust, estimate), len(estimate)),)


def _exponential(values: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.exp(values, dtype=np.float64)


def _conventions(*, has_groups: bool) -> tuple[str, ...]:
    return (
        "tied events: Breslow",
        "weights G(t−) / G(T−), G the Kaplan–Meier curve of censoring, at which an event and a "
        "censoring at one time are both still at risk (as R's cmprsk)",
        "variance: robust, for the estimated censoring curve too (Fine & Gray 1999)",
        "interval: Wald",
        *(("a censoring curve for each censoring group",) if has_groups else ()))


def _warnings(
    events: int, prepared: Covariates, estimate: FloatArray, robust: FloatArray
) -> tuple[str, ...]:
    names = prepared.names
    extremes = np.abs(estimate * prepared.scale) > _EXTREME
    is_unknown = np.isnan(np.diag(robust))
    return (
        *few_events(events, len(names), cure="consider fewer covariates"),
        *(f"The coefficient of {name} is extreme: it orders the events almost without exception. "
          "Use a penalised model." for name, is_extreme in zip(names, extremes, strict=True)
          if is_extreme),
        *(f"The robust variance of {name} is 0: there are too few subjects for it."
          for name, unknown in zip(names, is_unknown, strict=True) if unknown))
