"""Cumulative incidence with competing risks: Aalen–Johansen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, IntArray, normal_quantile, refuse
from remission.statistics.outcome import Outcome

_NONE_YET = "no event of this kind yet"
_ROUNDING = 1e-12
"""A sum this close to 1 is 1."""


@dataclass(frozen=True, eq=False)
class IncidencePoint:
    """Cumulative incidence at one time; NaN with a note beyond follow-up."""

    time: float
    incidence: float
    se: float
    lower: float
    upper: float
    at_risk: int
    events: int
    note: str = ""


@dataclass(frozen=True, eq=False)
class CumulativeIncidence:
    """The probability of having had one cause by each distinct time, others competing.

    ``variance`` is Aalen's (1978) with the causes' increments hypergeometric under ties, as R's
    cmprsk computes it; bounds are log-log, NaN where the incidence is 0 or 1. ``event_free`` is
    the probability of no event of any cause.
    """

    time: FloatArray
    at_risk: IntArray
    events: IntArray
    incidence: FloatArray
    event_free: FloatArray
    variance: FloatArray
    lower: FloatArray
    upper: FloatArray
    n: int
    cause: int
    level: float

    def at(self, times: ArrayLike) -> list[IncidencePoint]:
        """Return the incidence at each time asked for.

        Beyond the last follow-up nothing is known: the point is NaN with a note, unless everyone
        has already had an event.
        """
        return [self._point(float(time)) for time in np.atleast_1d(np.asarray(times, float))]

    def risk_at(self, time: float) -> int:
        """Return the number without any event and under observation just before ``time``."""
        later = np.flatnonzero(self.time >= time)
        return int(self.at_risk[later[0]]) if len(later) else 0

    def _point(self, time: float) -> IncidencePoint:
        index = int(np.searchsorted(self.time, time, side="right")) - 1
        if time > self.time[-1] and self.event_free[-1] > 0:
            note = f"beyond the last follow-up ({self.time[-1]:g})"
            return IncidencePoint(time, np.nan, np.nan, np.nan, np.nan, 0,
                                  int(self.events.sum()), note)
        if index < 0:
            return IncidencePoint(time, 0.0, 0.0, np.nan, np.nan, self.risk_at(time), 0, _NONE_YET)
        held = "all have had an event" if self.event_free[index] == 0 else ""
        return IncidencePoint(
            time, float(self.incidence[index]), float(np.sqrt(self.variance[index])),
            float(self.lower[index]), float(self.upper[index]), self.risk_at(time),
            int(self.events[: index + 1].sum()),
            held or (_NONE_YET if self.incidence[index] == 0 else ""),
        )


def cumulative_incidence(
    outcome: Outcome, *, cause: int = 1, level: float = 0.95
) -> CumulativeIncidence:
    """Return the Aalen–Johansen cumulative incidence of one cause.

    ``outcome.event`` holds 0 for censored and the cause otherwise; times keep their unit.
    Raises :class:`~remission.errors.NotEstimable` with delayed entry, which is not covered yet.
    Aalen & Johansen 1978, Scand J Stat 5:141; variance: Aalen 1978, Ann Stat 6:534.
    """
    if outcome.entry is not None:
        raise refuse("cumulative_incidence", "Delayed entry is not covered.")
    if cause < 1:
        raise refuse("cumulative_incidence", f"{cause} is not a cause.", "Causes count from 1.")
    time, which = np.unique(outcome.time, return_inverse=True)
    ended = np.bincount(which, minlength=len(time))
    at_risk = ended[::-1].cumsum()[::-1].astype(np.int64)
    of_cause: FloatArray = np.bincount(
        which, weights=outcome.event == cause, minlength=len(time)).astype(np.float64)
    any_cause: FloatArray = np.bincount(
        which, weights=outcome.event > 0, minlength=len(time)).astype(np.float64)
    free: FloatArray = np.cumprod(1 - any_cause / at_risk, dtype=np.float64)
    free_before = np.concatenate(([1.0], free[:-1]))
    incidence = np.cumsum(free_before * of_cause / at_risk)
    incidence = np.where(incidence > 1 - _ROUNDING, 1.0, incidence)
    variance = _variance(at_risk, of_cause, any_cause, free_before, incidence)
    lower, upper = _log_log(incidence, np.sqrt(variance), normal_quantile(level))
    return CumulativeIncidence(time, at_risk, of_cause.astype(np.int64), incidence, free,
                               variance, lower, upper, len(outcome), cause, level)


def _variance(
    at_risk: IntArray, of_cause: FloatArray, any_cause: FloatArray,
    free_before: FloatArray, incidence: FloatArray,
) -> FloatArray:
    """Return the variance at each time, the causes' increments taken as hypergeometric.

    A step of the cause at t_i moves F(t) by S − g (F(t) − F_i), a step of the others by
    −g (F(t) − F_i), with S the survival before and g = n / (n − d). Expanding the squares in
    powers of F(t) makes every part a running sum.
    """
    n = at_risk.astype(np.float64)
    others = any_cause - of_cause
    # Where all at risk have an event nothing follows, and F(t) − F_i is 0: any factor serves.
    g = n / np.where(n > any_cause, n - any_cause, n)
    own, other = _increment_variance(of_cause, n), _increment_variance(others, n)
    both = g**2 * (own + other)
    f = incidence
    squared = f**2 * np.cumsum(both) - 2 * f * np.cumsum(both * f) + np.cumsum(both * f**2)
    crossed = f * np.cumsum(free_before * g * own) - np.cumsum(free_before * g * own * f)
    variance: FloatArray = np.maximum(squared - 2 * crossed + np.cumsum(free_before**2 * own), 0.0)
    return variance


def _increment_variance(events: FloatArray, n: FloatArray) -> FloatArray:
    """Return the variance of events / n: hypergeometric with ties, 1 / n² for a lone event."""
    spread = np.where(events > 1, (n - events) / np.maximum(n - 1, 1), 1.0)
    variance: FloatArray = events * spread / n**2
    return variance


def _log_log(
    incidence: FloatArray, se: FloatArray, z: float
) -> tuple[FloatArray, FloatArray]:
    """Return log-log bounds, NaN where the incidence is 0 or 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = z * se / (incidence * np.log(incidence))
        lower, upper = incidence ** np.exp(-spread), incidence ** np.exp(spread)
    inner = (incidence > 0) & (incidence < 1)
    return np.where(inner, lower, np.nan), np.where(inner, upper, np.nan)
