"""Cumulative incidence with competing risks: Aalen–Johansen."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, IntArray, normal_quantile, refuse
from remission.statistics.outcome import Outcome
from remission.statistics.risk_counts import (
    RiskCounts,
    as_counts,
    is_whole,
    risk_counts,
    under_observation,
    with_weight,
)
from remission.statistics.tidy import TidyRow, tidy_row

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
    at_risk: float
    events: float
    note: str = ""


@dataclass(frozen=True, eq=False)
class CumulativeIncidence:
    """The probability of having had one cause by each distinct time, others competing.

    ``variance`` is Aalen's (1978) with the causes' increments hypergeometric under ties, as R's
    cmprsk computes it; bounds are log-log, NaN where the incidence is 0 or 1. ``event_free`` is
    the probability of no event of any cause. ``at_risk`` and ``events`` are numbers of subjects,
    or sums of weights where weights were given that are not whole.
    """

    time: FloatArray
    at_risk: IntArray | FloatArray
    events: IntArray | FloatArray
    incidence: FloatArray
    event_free: FloatArray
    variance: FloatArray
    lower: FloatArray
    upper: FloatArray
    n: int
    cause: int
    level: float
    conventions: tuple[str, ...]
    warnings: tuple[str, ...]
    _outcome: Outcome = field(repr=False)
    _weight: FloatArray = field(repr=False)
    method: str = "Aalen–Johansen"

    @property
    def total_events(self) -> float:
        """All events of the cause (their weights)."""
        return float(self.events.sum())

    def at(self, times: ArrayLike) -> list[IncidencePoint]:
        """Return the incidence at each time asked for.

        Beyond the last follow-up nothing is known: the point is NaN with a note, unless everyone
        has already had an event.
        """
        return [self._point(float(time)) for time in np.atleast_1d(np.asarray(times, float))]

    def risk_at(self, time: float) -> float:
        """Return the number without any event and under observation just before ``time``."""
        return under_observation(self._outcome, self._weight, time)

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the incidence, its error and bounds, and the counts, at each distinct time."""
        columns = {"incidence": self.incidence, "se": np.sqrt(self.variance),
                   "lower": self.lower, "upper": self.upper, "event_free": self.event_free,
                   "at_risk": self.at_risk, "events": self.events}
        cause = f"cause {self.cause}"
        return tuple(
            tidy_row(name, float(column[index]), group=cause, at=float(time))
            for index, time in enumerate(self.time) for name, column in columns.items())

    def _point(self, time: float) -> IncidencePoint:
        index = int(np.searchsorted(self.time, time, side="right")) - 1
        if time > self.time[-1] and self.event_free[-1] > 0:
            note = f"beyond the last follow-up ({self.time[-1]:g})"
            return IncidencePoint(time, np.nan, np.nan, np.nan, np.nan, 0,
                                  self.events.sum().item(), note)
        if index < 0:
            return IncidencePoint(time, 0.0, 0.0, np.nan, np.nan, self.risk_at(time), 0, _NONE_YET)
        held = "all have had an event" if self.event_free[index] == 0 else ""
        return IncidencePoint(
            time, float(self.incidence[index]), float(np.sqrt(self.variance[index])),
            float(self.lower[index]), float(self.upper[index]), self.risk_at(time),
            self.events[: index + 1].sum().item(),
            held or (_NONE_YET if self.incidence[index] == 0 else ""),
        )


def cumulative_incidence(
    outcome: Outcome, *, cause: int = 1, weights: ArrayLike | None = None, level: float = 0.95
) -> CumulativeIncidence:
    """Return the Aalen–Johansen cumulative incidence of one cause.

    ``outcome.event`` holds 0 for censored and the cause otherwise; times keep their unit. With
    delayed entry a subject is at risk after its entry. ``weights`` (n,) are numbers of subjects
    each row stands for: a weight of 2 is the row written twice. Raises
    :class:`~remission.errors.NotEstimable` for a cause below 1, a level that is none, and weights
    that are negative, not numbers or sum to zero. Aalen & Johansen 1978, Scand J Stat 5:141;
    variance: Aalen 1978, Ann Stat 6:534.
    """
    if cause < 1 or cause != int(cause):
        raise refuse("cumulative_incidence", f"{cause} is not a cause.", "Causes count from 1.")
    z = normal_quantile(level)
    kept, weight = with_weight(outcome, weights, where="cumulative_incidence")
    counts = risk_counts(kept, weight)
    at_risk = counts.at_risk
    of_cause, any_cause = counts.of(kept.event == cause), counts.of(kept.event > 0)
    share = any_cause / at_risk
    free: FloatArray = np.cumprod(
        1 - np.where(share > 1 - _ROUNDING, 1.0, share), dtype=np.float64)
    free_before = np.concatenate(([1.0], free[:-1]))
    incidence = np.cumsum(free_before * of_cause / at_risk)
    incidence = np.where(incidence > 1 - _ROUNDING, 1.0, incidence)
    variance = _variance(at_risk, of_cause, any_cause, free_before, incidence)
    lower, upper = log_log_bounds(incidence, np.sqrt(variance), z)
    return CumulativeIncidence(
        counts.time, as_counts(at_risk, weight), as_counts(of_cause, weight), incidence, free,
        variance, lower, upper, len(kept), int(cause), level, _conventions(outcome, weights),
        _warnings(counts, of_cause, free, weight), kept, weight)


def _conventions(outcome: Outcome, weights: ArrayLike | None) -> tuple[str, ...]:
    conventions = ["variance: Aalen (1978), tied events hypergeometric", "interval: log-log",
                   "events precede censorings at the same time"]
    if outcome.entry is not None:
        conventions.append("delayed entry: at risk when entry < time ≤ end of follow-up")
    if weights is not None:
        conventions.append("weights are numbers of subjects")
    return tuple(conventions)


def _warnings(
    counts: RiskCounts, of_cause: FloatArray, free: FloatArray, weight: FloatArray
) -> tuple[str, ...]:
    warnings = []
    if not of_cause.any():
        warnings.append("There is no event of this cause.")
    emptied = np.flatnonzero(free[:-1] == 0)
    if len(emptied):
        warnings.append(
            f"All at risk had an event at {counts.time[emptied[0]]:g}, before later entries: "
            "the incidence cannot change afterwards. Start where more are under observation.")
    if not is_whole(weight):
        warnings.append("Weights are not whole: the variance takes them for numbers of subjects.")
    return tuple(warnings)


def _variance(
    n: FloatArray, of_cause: FloatArray, any_cause: FloatArray,
    free_before: FloatArray, incidence: FloatArray,
) -> FloatArray:
    """Return the variance at each time, the causes' increments taken as hypergeometric.

    A step of the cause at t_i moves F(t) by S − g (F(t) − F_i), a step of the others by
    −g (F(t) − F_i), with S the survival before and g = n / (n − d). Expanding the squares in
    powers of F(t) makes every part a running sum.
    """
    others = any_cause - of_cause
    # Where all at risk have an event nothing follows, and F(t) − F_i is 0: any factor serves.
    g = n / np.where(n - any_cause > _ROUNDING * n, n - any_cause, n)
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


def log_log_bounds(
    incidence: FloatArray, se: FloatArray, z: float
) -> tuple[FloatArray, FloatArray]:
    """Return log-log bounds, NaN where the incidence is 0 or 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = z * se / (incidence * np.log(incidence))
        lower, upper = incidence ** np.exp(-spread), incidence ** np.exp(spread)
    inner = (incidence > 0) & (incidence < 1)
    return np.where(inner, lower, np.nan), np.where(inner, upper, np.nan)
