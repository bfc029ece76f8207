"""Fine–Gray regression: the hazard of the subdistribution of one cause."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    normal_quantile,
    refuse,
    two_sided_normal,
)
from remission.statistics.labels import coded_labels
from remission.statistics.outcome import Outcome
from remission.statistics.subdistribution import Fitted, RiskSets, risk_sets, score_residuals
from remission.statistics.tails import log_two_sided_normal
from remission.statistics.tidy import TidyRow, tidy_row

_ENOUGH_EVENTS = 10
"""Events a coefficient below which the result warns (Peduzzi et al. 1996)."""
_MOST_STEPS = 30
_MOST_HALVINGS = 30
_SETTLED = 1e-9
"""A step below this, in standard deviations of the covariates, ends the search."""
_NOTHING = 1e-10
"""An eigenvalue of the correlations below this means collinear covariates."""
_EXTREME = 5.0
"""A log hazard ratio for one standard deviation above which the result warns (ratio 150)."""
_FLAT = 1e-8
"""Information left at the maximum, as a share of that at 0, below which there is no maximum."""
_MONOTONE = (
    "Some combination of the covariates orders the events without exception, or says nothing of "
    "them: the likelihood has no maximum.")


@dataclass(frozen=True, eq=False)
class FineGray:
    """A Fine–Gray model of p covariates, each array (p,) in the order of ``names``.

    ``coefficient`` is the log subdistribution hazard ratio, ``se`` and ``covariance`` (p, p)
    are robust, NaN with a warning where they come out as 0; ``lower`` and ``upper`` bound
    ``ratio``; ``log_p`` is the natural logarithm of ``p``. ``baseline_hazard`` is cumulative, at
    the distinct ``event_time`` of the cause, for covariates of 0. ``events`` are those of the
    cause, ``competing`` those of all others.
    """

    names: tuple[str, ...]
    coefficient: FloatArray
    se: FloatArray
    ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    z: FloatArray
    p: FloatArray
    log_p: FloatArray
    covariance: FloatArray
    log_likelihood: float
    null_log_likelihood: float
    event_time: FloatArray
    baseline_hazard: FloatArray
    n: int
    events: int
    competing: int
    cause: int
    level: float
    iterations: int
    conventions: tuple[str, ...]
    warnings: tuple[str, ...]
    method: str = "Fine–Gray regression"

    def incidence(self, covariates: ArrayLike) -> FloatArray:
        """Return the cumulative incidence for covariates (p,) at each ``event_time``."""
        profile = np.asarray(covariates, dtype=np.float64)
        if profile.shape != self.coefficient.shape or not np.isfinite(profile).all():
            raise refuse("fine_gray", f"{len(self.names)} numbers are expected, one a covariate.")
        return 1 - np.exp(-self.baseline_hazard * math.exp(float(profile @ self.coefficient)))

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the coefficients with their tests, then the counts and likelihoods."""
        columns = {"coefficient": self.coefficient, "se": self.se, "ratio": self.ratio,
                   "lower": self.lower, "upper": self.upper, "z": self.z, "p": self.p,
                   "log_p": self.log_p}
        whole = {"n": self.n, "events": self.events, "competing": self.competing,
                 "log_likelihood": self.log_likelihood,
                 "null_log_likelihood": self.null_log_likelihood}
        return (
            *(tidy_row(statistic, float(column[index]), group=name)
              for index, name in enumerate(self.names) for statistic, column in columns.items()),
            *(tidy_row(statistic, value) for statistic, value in whole.items()))


@dataclass(frozen=True, eq=False)
class _State:
    """The pseudo-likelihood at one β: value, score (p,), information (p, p), parts.

    In ``fitted`` the risk exp(βx) is divided by exp(shift), and the hazard multiplied by it.
    """

    log_likelihood: float
    score: FloatArray
    information: FloatArray
    fitted: Fitted
    shift: float


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
    missing, constant or collinear covariates, and where the likelihood has no maximum. Fine &
    Gray 1999, J Am Stat Assoc 94:496.
    """
    z = normal_quantile(level)
    x = _checked(outcome, covariates, cause)
    labels = _names(names, x.shape[1])
    scale = _scale(x, labels)
    groups = _groups(censoring_groups, len(outcome))
    sets = risk_sets(outcome, cause, groups)
    centre = x.mean(axis=0)
    columns = np.ascontiguousarray(((x - centre) / scale)[sets.order].T)
    beta, null, state, iterations = _maximised(sets, columns, labels)
    inverse = np.linalg.inv(state.information)
    residuals = score_residuals(sets, state.fitted)
    robust = inverse @ (residuals @ residuals.T) @ inverse
    is_known = np.diag(robust) > _NOTHING * np.diag(inverse)
    robust = np.where(np.outer(is_known, is_known), robust / np.outer(scale, scale), np.nan)
    coefficient, se = beta / scale, np.sqrt(np.diag(robust))
    tests = coefficient / se
    events, competing = int((sets.kind == 1).sum()), int((sets.kind == 2).sum())
    baseline = np.cumsum(state.fitted.hazard) * _exponential(
        -state.shift - coefficient @ centre)
    return FineGray(
        labels, coefficient, se, _exponential(coefficient), _exponential(coefficient - z * se),
        _exponential(coefficient + z * se), tests,
        np.array([two_sided_normal(value) for value in tests]),
        np.array([log_two_sided_normal(value) for value in tests]),
        robust, state.log_likelihood, null, sets.event_time, baseline, len(outcome), events,
        competing, int(cause), level, iterations, _conventions(censoring_groups),
        _warnings(events, labels, beta, is_known))


def _evaluated(sets: RiskSets, x: FloatArray, beta: FloatArray) -> _State:
    linear = beta @ x
    shift = float(linear.max())  # ratios of sums do not change, and exp cannot overflow
    risk = np.exp(linear - shift)
    had = sets.kind == 1
    sums = sets.sums(np.vstack((risk, x * risk)))
    mean, hazard = sums[1:] / sums[0], sets.events / sums[0]
    log_likelihood = float(
        linear[had].sum() - shift * sets.events.sum() - sets.events @ np.log(sums[0]))
    weight = risk * sets.sums_over_time(hazard[np.newaxis])[0]
    information = (x * weight) @ x.T - (mean * sets.events) @ mean.T
    return _State(log_likelihood, x[:, had].sum(axis=1) - mean @ sets.events, information,
                  Fitted(x, risk, mean, hazard), shift)


def _maximised(
    sets: RiskSets, x: FloatArray, names: tuple[str, ...]
) -> tuple[FloatArray, float, _State, int]:
    """Return β, the likelihood at 0, the state at β and the steps: Newton with halving.

    A likelihood without a maximum sends Newton off by steady steps, so that it never settles.
    """
    beta = np.zeros(len(x))
    state = start = _evaluated(sets, x, beta)
    for iteration in range(1, _MOST_STEPS + 1):
        try:
            step: FloatArray = np.asarray(
                np.linalg.solve(state.information, state.score), dtype=np.float64)
        except np.linalg.LinAlgError:
            break
        settled = bool(np.abs(step).max() < _SETTLED)
        state, step = _uphill(sets, x, beta, step, state)
        beta = beta + step
        if settled and not _is_flat(state.information, start.information):
            return beta, start.log_likelihood, state, iteration
    astray = names[int(np.argmax(np.abs(beta)))]
    raise refuse("fine_gray", f"Not estimable: {_MONOTONE}",
                 f"Look at {astray}: leave it out, join its groups, or use a penalised model.")


def _is_flat(information: FloatArray, at_zero: FloatArray) -> bool:
    """Return whether a direction has next to no information, or lost all on the way.

    A likelihood that rises for ever also ends in a step of 0, where exp has nothing left to give.
    """
    values = np.linalg.eigvalsh(at_zero)
    if values[0] < _NOTHING * values[-1]:
        return True
    return bool(np.linalg.eigvals(np.linalg.solve(at_zero, information)).real.min() < _FLAT)


def _uphill(
    sets: RiskSets, x: FloatArray, beta: FloatArray, step: FloatArray, state: _State
) -> tuple[_State, FloatArray]:
    """Return the state after the longest halved step that does not go downhill."""
    slack = 1e-12 * abs(state.log_likelihood)
    for _ in range(_MOST_HALVINGS):
        with np.errstate(all="ignore"):
            found = _evaluated(sets, x, beta + step)
        is_uphill = found.log_likelihood >= state.log_likelihood - slack
        if is_uphill and np.isfinite(found.information).all():
            return found, step
        step = step / 2
    return state, np.zeros_like(step)


def _checked(outcome: Outcome, covariates: ArrayLike, cause: int) -> FloatArray:
    """Return the covariates as (n, p)."""
    try:
        x = np.asarray(covariates, dtype=np.float64)
    except (TypeError, ValueError):
        raise refuse("fine_gray", "A covariate is not a number.",
                     "Code each category but one as a column of 0 and 1.") from None
    x = x[:, np.newaxis] if x.ndim == 1 else x
    if x.ndim != 2 or len(x) != len(outcome) or not x.shape[1]:
        raise refuse("fine_gray", f"{len(outcome)} subjects but covariates of shape {x.shape}.")
    if not np.isfinite(x).all():
        raise refuse("fine_gray", "A covariate is NaN or infinity.",
                     "Drop subjects with missing values before.")
    if outcome.entry is not None:
        raise refuse("fine_gray", "Delayed entry is not covered.",
                     "Model cause-specific hazards instead.")
    if cause < 1 or cause != int(cause):
        raise refuse("fine_gray", f"{cause} is not a cause.", "Causes count from 1.")
    if not (outcome.event == cause).any():
        raise refuse("fine_gray", f"There is no event of cause {cause}.")
    return x


def _names(names: Sequence[str] | None, p: int) -> tuple[str, ...]:
    if names is None:
        return tuple(f"x{number}" for number in range(1, p + 1))
    if len(names) != p or len(set(names)) != p or isinstance(names, str):
        raise refuse("fine_gray", f"{p} covariates need as many different names.")
    return tuple(names)


def _scale(x: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Return the standard deviations; refuses constant and collinear covariates."""
    scale: FloatArray = x.std(axis=0)
    constant = [name for name, column in zip(names, x.T, strict=True)
                if (column == column[0]).all()]
    if constant:
        raise refuse("fine_gray", f"Constant: {', '.join(constant)}.", "Leave it out.")
    standard = (x - x.mean(axis=0)) / scale
    values, vectors = np.linalg.eigh(standard.T @ standard / len(x))
    if values[0] < _NOTHING:
        involved = [name for name, share in zip(names, vectors[:, 0], strict=True)
                    if abs(share) > 1e-6]
        raise refuse("fine_gray", f"Collinear: {', '.join(involved)}.", "Leave one of them out.")
    return scale


def _groups(labels: ArrayLike | None, n: int) -> IntArray:
    if labels is None:
        return np.zeros(n, dtype=np.int64)
    return coded_labels(labels, n, where="fine_gray", what="censoring group")[1]


def _exponential(values: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.exp(values, dtype=np.float64)


def _conventions(censoring_groups: ArrayLike | None) -> tuple[str, ...]:
    return (
        "tied events: Breslow",
        "weights G(t−) / G(T−), G the Kaplan–Meier curve of censoring, at which an event and a "
        "censoring at one time are both still at risk (as R's cmprsk)",
        "variance: robust, for the estimated censoring curve too (Fine & Gray 1999)",
        "interval: Wald",
        *(() if censoring_groups is None else ("a censoring curve for each censoring group",)))


def _warnings(
    events: int, names: tuple[str, ...], beta: FloatArray, is_known: BoolArray
) -> tuple[str, ...]:
    """Return the warnings; ``beta`` is per standard deviation of each covariate."""
    warnings = []
    if events < _ENOUGH_EVENTS * len(names):
        warnings.append(f"{events} events for {len(names)} coefficients: fewer than "
                        f"{_ENOUGH_EVENTS} each.")
    warnings += [f"The coefficient of {name} is extreme: it orders the events almost without "
                 "exception. Use a penalised model."
                 for name, value in zip(names, beta, strict=True) if abs(value) > _EXTREME]
    warnings += [f"The robust variance of {name} is 0: there are too few subjects for it."
                 for name, known in zip(names, is_known, strict=True) if not known]
    return tuple(warnings)
