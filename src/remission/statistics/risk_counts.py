"""Who is under observation and who leaves at each time, with weights and delayed entry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import BoolArray, FloatArray, IntArray, case_weights
from remission.statistics.outcome import Outcome


@dataclass(frozen=True, eq=False)
class RiskCounts:
    """The distinct times of follow-up (m,), what ends at each, and who is at risk just before.

    ``place`` (n,) is the index of each subject's time; ``weight`` (n,) is 1 without weights.
    """

    time: FloatArray
    at_risk: FloatArray
    place: IntArray
    weight: FloatArray

    def of(self, chosen: BoolArray) -> FloatArray:
        """Return the weight of the chosen subjects (n,) that ends at each time (m,)."""
        return np.bincount(
            self.place, weights=self.weight * chosen, minlength=len(self.time)).astype(np.float64)


def with_weight(
    outcome: Outcome, weights: ArrayLike | None, *, where: str
) -> tuple[Outcome, FloatArray]:
    """Return the subjects whose weight is positive, and their weights: 1 when left out."""
    if weights is None:
        return outcome, np.ones(len(outcome))
    weight = case_weights(weights, len(outcome), where=where)
    kept = weight > 0
    if kept.all():
        return outcome, weight
    entry = None if outcome.entry is None else outcome.entry[kept]
    return Outcome(outcome.time[kept], outcome.event[kept], entry), weight[kept]


def risk_counts(outcome: Outcome, weight: FloatArray) -> RiskCounts:
    """Return the counts at each distinct time; at risk are those with entry < time ≤ end."""
    time, place = np.unique(outcome.time, return_inverse=True)
    ended = np.bincount(place, weights=weight, minlength=len(time))
    at_risk = ended[::-1].cumsum()[::-1]
    if outcome.entry is not None:
        # Times merged as tied may lie just before the entry: who ends at a time is at risk at it.
        first = np.minimum(np.searchsorted(time, outcome.entry, side="right"), place)
        waiting = np.bincount(first, weights=weight, minlength=len(time) + 1)
        at_risk = at_risk - waiting[::-1].cumsum()[::-1][1:]
    return RiskCounts(time, at_risk, place.astype(np.int64), weight)


def under_observation(outcome: Outcome, weight: FloatArray, time: float) -> float:
    """Return the weight under observation just before ``time``; whole where weights are."""
    seen = outcome.time >= time
    if outcome.entry is not None:
        seen = seen & (outcome.entry < time)
    total = float(weight[seen].sum())
    return int(total) if is_whole(weight) else total


def as_counts(numbers: FloatArray, weight: FloatArray) -> FloatArray | IntArray:
    """Return sums of weights, as whole numbers where the weights are whole."""
    return np.rint(numbers).astype(np.int64) if is_whole(weight) else numbers


def is_whole(numbers: FloatArray) -> bool:
    """Return whether every number is whole."""
    return bool((numbers == np.rint(numbers)).all())
