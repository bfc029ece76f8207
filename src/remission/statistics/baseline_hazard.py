"""Baseline hazard of a Cox model and the survival it predicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, normal_quantile, refuse
from remission.statistics.cox import Cox
from remission.statistics.model_matrix import covariates_of
from remission.statistics.tidy import TidyRow, tidy_row

Interval = Literal["log", "log-log", "plain"]


@dataclass(frozen=True, eq=False)
class PredictedSurvival:
    """Survival predicted for q patterns of covariates in one stratum.

    ``time`` (k,) are the event times of the stratum; ``survival``, ``cumulative_hazard``, ``se``
    (of survival), ``lower`` and ``upper`` (q, k) hold from each time on.
    """

    stratum: object
    time: FloatArray
    survival: FloatArray
    cumulative_hazard: FloatArray
    se: FloatArray
    lower: FloatArray
    upper: FloatArray
    last_time: float
    n: int
    level: float
    method: str
    conventions: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def at(self, times: ArrayLike) -> FloatArray:
        """Return survival (q, number of times); NaN beyond the last follow-up of the stratum."""
        asked = np.atleast_1d(np.asarray(times, dtype=np.float64))
        steps = np.column_stack((np.ones(len(self.survival)), self.survival))
        found = steps[:, np.searchsorted(self.time, asked, side="right")]
        return np.where(asked > self.last_time, np.nan, found)

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return survival with its interval at each event time of each pattern."""
        return tuple(
            tidy_row(what, values[pattern, step], group=f"pattern {pattern + 1}",
                     level=str(self.stratum), at=float(self.time[step]))
            for pattern in range(len(self.survival)) for step in range(len(self.time))
            for what, values in (("survival", self.survival), ("se", self.se),
                                 ("lower", self.lower), ("upper", self.upper)))


def baseline_hazard(fit: Cox) -> tuple[PredictedSurvival, ...]:
    """Return the baseline of each stratum: what is predicted with every covariate at zero.

    One result for each stratum of the outcome, with one pattern. Breslow 1974, Biometrics 30:89.
    Raises :class:`~remission.errors.NotEstimable` for exact ties.
    """
    return predicted_survival(fit, np.zeros((1, len(fit.names))))


def predicted_survival(
    fit: Cox, covariates: ArrayLike, *, ci: Interval = "log", level: float = 0.95
) -> tuple[PredictedSurvival, ...]:
    """Return the survival predicted for covariates (q, p) or (p,), one result for each stratum.

    Times keep the unit of the outcome.
    The cumulative hazard adds at each event time the terms of the fit's ties (Breslow 1974,
    Biometrics 30:89; Efron 1977, J Am Stat Assoc 72:557); survival is exp(−H). Its error holds
    that of the hazard and that of the coefficients (Tsiatis 1981, Ann Stat 9:93). ``ci`` is the
    scale of the interval. The same as R's ``survfit`` of a Cox model. Raises
    :class:`~remission.errors.NotEstimable` for exact ties and bad input.
    """
    if fit.data.likelihood.ties == "exact":
        raise refuse("predicted_survival", "The baseline is not defined for exact ties.",
                     "Fit with efron or breslow.")
    width, data = normal_quantile(level), fit.data
    given = np.atleast_2d(np.asarray(covariates, dtype=np.float64))
    patterns = covariates_of(
        given, names=fit.names, n=len(given), where="predicted_survival")[0]
    centre = data.covariates.centre
    likelihood, sets = data.likelihood, data.sets
    state = likelihood.state(fit.estimate)
    means, relative = likelihood.means(state), np.exp((patterns - centre) @ fit.estimate)
    found = []
    for code, label in enumerate(data.strata_labels):
        events = np.flatnonzero(sets.stratum[sets.event] == code)[::-1]
        time = sets.time[sets.event[events]]
        is_last = np.append(time[1:] != time[:-1], True)[:len(time)]
        hazard = state.hazard[events] * np.exp(-state.scale)
        squares = hazard / state.denominator[events] * np.exp(-state.scale)
        cumulative = np.cumsum(hazard)[is_last]
        drift = np.cumsum(hazard * means[:, events], axis=1)[:, is_last]
        lag = drift[None] - (patterns - centre)[:, :, None] * cumulative
        variance = np.cumsum(squares)[is_last] + np.einsum(
            "qak,ab,qbk->qk", lag, fit.covariance, lag)
        risk = relative[:, None] * cumulative
        error = relative[:, None] * np.sqrt(variance)
        survival = np.exp(-risk)
        lower, upper = _bounds(risk, error, ci, width)
        in_stratum = sets.stratum == code
        found.append(PredictedSurvival(
            label, time[is_last], survival, risk, survival * error, lower, upper,
            float(sets.time[in_stratum].max()), int(in_stratum.sum()), level,
            "survival predicted by Cox regression",
            (fit.conventions[0], f"interval: {ci}")))
    return tuple(found)


def _bounds(
    risk: FloatArray, error: FloatArray, ci: Interval, width: float
) -> tuple[FloatArray, FloatArray]:
    """Return bounds of survival, cut to 0 and 1."""
    survival = np.exp(-risk)
    if ci == "log":
        lower, upper = np.exp(-risk - width * error), np.exp(-risk + width * error)
    elif ci == "log-log":
        bend = np.exp(width * error / risk)
        lower, upper = np.exp(-risk * bend), np.exp(-risk / bend)
    elif ci == "plain":
        lower, upper = survival * (1 - width * error), survival * (1 + width * error)
    else:
        raise refuse("predicted_survival", f"There is no interval {ci!r}.",
                     "Choose log, log-log or plain.")
    return np.clip(lower, 0, 1), np.clip(upper, 0, 1)
