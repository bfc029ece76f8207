"""Residuals of a Cox model and the test of proportional hazards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from remission.statistics.arrays import FloatArray, refuse
from remission.statistics.cox import Cox
from remission.statistics.cox_data import CoxData
from remission.statistics.cox_scores import event_residuals
from remission.statistics.fitted import ModelTest, model_test, quadratic
from remission.statistics.kaplan_meier import kaplan_meier
from remission.statistics.partial_likelihood import RiskState
from remission.statistics.tidy import TidyRow, tidy_row

TimeScale = Literal["km", "rank", "identity", "log"]
GLOBAL = "global"


@dataclass(frozen=True, eq=False)
class SchoenfeldResiduals:
    """Residuals (m, p) of m events at ``time`` (m,): by stratum, time, and row as given."""

    time: FloatArray
    residuals: FloatArray
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ProportionalHazardsTest:
    """A test for each covariate, in order, and the ``global`` one last."""

    tests: tuple[ModelTest, ...]
    n: int
    events: int
    method: str
    conventions: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def test(self, name: str) -> ModelTest:
        """Return the test of a covariate or ``global``; raises ``KeyError`` for another name."""
        return {test.name: test for test in self.tests}[name]

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return statistic, p and log p of every test as rows."""
        return tuple(
            tidy_row(what, value, group=test.name, note=f"{test.df} df")
            for test in self.tests
            for what, value in (("statistic", test.statistic), ("p", test.p),
                                ("log_p", test.log_p)))


def martingale_residuals(fit: Cox) -> FloatArray:
    """Return event less expected events of each given row (n,); NaN for rows of weight zero.

    Therneau, Grambsch & Fleming 1990, Biometrika 77:147. A subject of several start–stop rows has
    the sum of theirs. Raises :class:`~remission.errors.NotEstimable` for exact ties.
    """
    data, state = _state(fit)
    likelihood = data.likelihood
    residuals = -likelihood.burden(state) / likelihood.weight
    residuals[data.sets.event] += 1
    return data.by_given_row(residuals)


def deviance_residuals(fit: Cox) -> FloatArray:
    """Return martingale residuals of each given row (n,), made more symmetric around zero.

    sign(M) √(−2 (M + d log(d − M))), d = 1 for an event, M the martingale residual. Therneau,
    Grambsch & Fleming 1990, Biometrika 77:147. Raises
    :class:`~remission.errors.NotEstimable` for exact ties.
    """
    martingale = martingale_residuals(fit)
    is_event = fit.data.by_given_row(_event_flags(fit.data))
    expected = np.where(is_event > 0, is_event - martingale, 1.0)
    found: FloatArray = np.sign(martingale) * np.sqrt(
        np.maximum(-2 * (martingale + is_event * np.log(expected)), 0.0))
    return found


def schoenfeld_residuals(fit: Cox) -> SchoenfeldResiduals:
    """Return covariates at each event of the outcome less their mean among those at risk (m, p).

    Tied events are compared with one mean, Efron's or Breslow's. Schoenfeld 1982, Biometrika
    69:239. Raises :class:`~remission.errors.NotEstimable` for exact ties.
    """
    data, state = _state(fit)
    sets = data.sets
    found = event_residuals(data.likelihood, state)
    order = np.lexsort((sets.time[sets.event], sets.stratum[sets.event]))
    return SchoenfeldResiduals(sets.time[sets.event][order], found.T[order], fit.names)


def proportional_hazards_test(
    fit: Cox, *, transform: TimeScale = "km"
) -> ProportionalHazardsTest:
    """Return the score test of coefficients that change with a function of time.

    Each covariate x is tested for an added x·g(time) with coefficient zero, and all together;
    the same test as R's ``cox.zph`` from survival 3.0 on (not the older approximation, which took
    the variance of covariates for constant). g is 1 − Kaplan–Meier just before the time
    (``km``), the ``rank`` of the time, the time itself (``identity``) or its ``log``. Grambsch &
    Therneau 1994, Biometrika 81:515. Raises :class:`~remission.errors.NotEstimable` for exact
    ties, or when g is the same at all events of the outcome.
    """
    data, state = _state(fit)
    sets, likelihood = data.sets, data.likelihood
    scale = _time_scale(data, transform)[sets.event]
    scale = scale - scale.mean()
    if not np.ptp(scale) > 0:
        raise refuse("proportional_hazards_test", "All events are at one time.",
                     "A change with time cannot be seen.")
    residuals = event_residuals(likelihood, state) * likelihood.event_weight
    score = residuals @ scale
    plain, mixed, squared = (
        likelihood.information(state, likelihood.burden(state, power), power)
        for power in (np.ones(len(scale)), scale, scale**2))
    variance = squared - mixed @ np.linalg.solve(plain, mixed)
    tests = [model_test(name, float(u * u / v), 1)
             for name, u, v in zip(fit.names, score, np.diag(variance), strict=True)]
    tests.append(model_test(GLOBAL, quadratic(variance, score), len(score)))
    return ProportionalHazardsTest(
        tuple(tests), fit.n, fit.events, "score test of proportional hazards",
        (f"function of time: {transform}", fit.conventions[0]))


def _state(fit: Cox) -> tuple[CoxData, RiskState]:
    if fit.data.likelihood.ties == "exact":
        raise refuse("residuals", "Residuals are not defined for exact ties.",
                     "Fit with efron or breslow.")
    return fit.data, fit.data.likelihood.state(fit.estimate)


def _event_flags(data: CoxData) -> FloatArray:
    flags = np.zeros(len(data.rows))
    flags[data.sets.event] = 1.0
    return flags


def _time_scale(data: CoxData, transform: TimeScale) -> FloatArray:
    """Return g(time) of each sorted row."""
    time = data.sets.time
    if transform == "km":
        curve = kaplan_meier(data.outcome)
        before = np.searchsorted(curve.time, time, side="left")
        return 1 - np.append(1.0, curve.survival)[before]
    if transform == "rank":
        _, which, counts = np.unique(time, return_inverse=True, return_counts=True)
        ranks: FloatArray = (np.cumsum(counts) - (counts - 1) / 2)[which]
        return ranks
    if transform == "identity":
        return time
    if transform == "log":
        if not time.min() > 0:
            raise refuse("proportional_hazards_test", "A time of 0 has no logarithm.",
                         "Choose km, rank or identity.")
        return np.log(time)
    raise refuse("proportional_hazards_test", f"There is no function of time {transform!r}.",
                 "Choose km, rank, identity or log.")
