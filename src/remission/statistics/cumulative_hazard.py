"""Cause-specific hazards: an outcome seen from one cause, and its cumulative hazard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, IntArray, normal_quantile, refuse
from remission.statistics.outcome import Outcome
from remission.statistics.risk_counts import as_counts, is_whole, risk_counts, with_weight
from remission.statistics.tidy import TidyRow, tidy_row


def cause_specific(outcome: Outcome, cause: int) -> Outcome:
    """Return the outcome in which only ``cause`` is an event (1) and all others are censored.

    For rates among those still free of any event: the cumulative hazard, the log-rank test and
    Cox regression of one cause. One minus Kaplan–Meier of it is no probability: use
    :func:`~remission.statistics.cumulative_incidence`. Raises
    :class:`~remission.errors.NotEstimable` when nobody has had the cause. Prentice et al. 1978,
    Biometrics 34:541.
    """
    is_cause = outcome.event == cause
    if cause < 1 or not is_cause.any():
        raise refuse("cause_specific", f"There is no event of cause {cause}.")
    return Outcome(outcome.time, is_cause.astype(np.int64), outcome.entry)


@dataclass(frozen=True, eq=False)
class HazardPoint:
    """The cumulative hazard at one time; NaN with a note beyond follow-up."""

    time: float
    hazard: float
    se: float
    lower: float
    upper: float
    note: str = ""


@dataclass(frozen=True, eq=False)
class CumulativeHazard:
    """The Nelson–Aalen curve, one entry for each distinct time of follow-up.

    ``variance`` is Σ d / n²; ``lower`` and ``upper`` are symmetric for the logarithm of the
    hazard, NaN where it is 0. ``at_risk`` and ``events`` are numbers of subjects, or sums of
    weights where weights were given that are not whole.
    """

    time: FloatArray
    at_risk: IntArray | FloatArray
    events: IntArray | FloatArray
    hazard: FloatArray
    variance: FloatArray
    lower: FloatArray
    upper: FloatArray
    n: int
    level: float
    conventions: tuple[str, ...]
    warnings: tuple[str, ...]
    method: str = "Nelson–Aalen"

    @property
    def total_events(self) -> float:
        """All events (their weights)."""
        return float(self.events.sum())

    def at(self, times: ArrayLike) -> list[HazardPoint]:
        """Return the hazard at each time asked for, NaN with a note beyond the follow-up."""
        return [self._point(float(time)) for time in np.atleast_1d(np.asarray(times, float))]

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the hazard, its error and bounds, and the counts, at each distinct time."""
        columns = {"cumulative_hazard": self.hazard, "se": np.sqrt(self.variance),
                   "lower": self.lower, "upper": self.upper, "at_risk": self.at_risk,
                   "events": self.events}
        return tuple(
            tidy_row(name, float(column[index]), at=float(time))
            for index, time in enumerate(self.time) for name, column in columns.items())

    def _point(self, time: float) -> HazardPoint:
        index = int(np.searchsorted(self.time, time, side="right")) - 1
        if time > self.time[-1]:
            note = f"beyond the last follow-up ({self.time[-1]:g})"
            return HazardPoint(time, np.nan, np.nan, np.nan, np.nan, note)
        if index < 0 or self.hazard[index] == 0:
            return HazardPoint(time, 0.0, 0.0, np.nan, np.nan, "no event yet")
        return HazardPoint(time, float(self.hazard[index]), float(np.sqrt(self.variance[index])),
                           float(self.lower[index]), float(self.upper[index]))


def cumulative_hazard(
    outcome: Outcome, *, weights: ArrayLike | None = None, level: float = 0.95
) -> CumulativeHazard:
    """Return the Nelson–Aalen cumulative hazard (any cause counts as the event).

    Times keep their unit; with delayed entry a subject is at risk after its entry. ``weights``
    (n,) are numbers of subjects. For one of several causes give
    ``cause_specific(outcome, cause)``. Raises :class:`~remission.errors.NotEstimable` for a
    level that is none and weights that are negative, not numbers or sum to zero. Nelson 1972,
    Technometrics 14:945; Aalen 1978, Ann Stat 6:701; interval: Kalbfleisch & Prentice 2002.
    """
    z = normal_quantile(level)
    kept, weight = with_weight(outcome, weights, where="cumulative_hazard")
    counts = risk_counts(kept, weight)
    events = counts.of(kept.event > 0)
    hazard: FloatArray = np.cumsum(events / counts.at_risk, dtype=np.float64)
    variance: FloatArray = np.cumsum(events / counts.at_risk**2, dtype=np.float64)
    lower, upper = np.full(len(hazard), np.nan), np.full(len(hazard), np.nan)
    begun = hazard > 0
    spread = np.exp(z * np.sqrt(variance[begun]) / hazard[begun])
    lower[begun], upper[begun] = hazard[begun] / spread, hazard[begun] * spread
    return CumulativeHazard(
        counts.time, as_counts(counts.at_risk, weight), as_counts(events, weight), hazard,
        variance, lower, upper, len(kept), level, _conventions(outcome, weights),
        _warnings(kept, weight))


def _conventions(outcome: Outcome, weights: ArrayLike | None) -> tuple[str, ...]:
    return (
        "variance: Σ d / n²", "interval: log",
        *(() if outcome.entry is None
          else ("delayed entry: at risk when entry < time ≤ end of follow-up",)),
        *(() if weights is None else ("weights are numbers of subjects",)))


def _warnings(outcome: Outcome, weight: FloatArray) -> tuple[str, ...]:
    warnings = []
    if not outcome.events:
        warnings.append("There is no event.")
    if not is_whole(weight):
        warnings.append("Weights are not whole: the variance takes them for numbers of subjects.")
    return tuple(warnings)
