"""Estimates for many weightings of one cohort at once: what a bootstrap repeats, as one call.

Whether a subject is at risk at a time does not depend on its weight. The risk sets are laid out
once as matrices of times by subjects, and the counts of every replicate are one matrix product.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remission.statistics.arrays import (
    FloatArray,
    IntArray,
    finite_vector,
    refuse,
    replicate_weights,
)
from remission.statistics.labels import coded_labels
from remission.statistics.outcome import Outcome

_NOTHING = 1e-10
"""An eigenvalue of the covariance below this share of the largest, or of what all the events
together could give, is rounding."""
_CELLS_AT_ONCE = 60_000
"""Times × replicates worked on together: what stays in a processor's cache."""


@dataclass(frozen=True, eq=False)
class WeightedLogRank:
    """The log-rank statistic and its degrees of freedom for each of B replicates.

    Where a replicate has no test (one group left, no events) the statistic is NaN and df 0.
    """

    statistic: FloatArray
    df: IntArray
    groups: tuple[object, ...]
    n: int
    method: str = "log-rank of each replicate"
    conventions: tuple[str, ...] = (
        "A weight counts a subject as many times.",
        "The hypergeometric variance is meant for whole weights.",
    )
    warnings: tuple[str, ...] = ()


def weighted_survival_at(
    outcome: Outcome, weights: ArrayLike, at: ArrayLike
) -> FloatArray:
    """Return the Kaplan–Meier estimate of each replicate at each time, (B × times).

    ``weights`` (B, n) count each subject of the outcome in each replicate, as if its row were
    repeated; ``at`` are times in the outcome's unit. NaN beyond a replicate's own last
    follow-up, unless its survival has reached 0, and where all its weights are 0. Raises
    :class:`~remission.errors.NotEstimable` for weights of another shape, negative or missing.
    """
    replicates = replicate_weights(weights, len(outcome), where="weighted_survival_at")
    asked = finite_vector(np.atleast_1d(np.asarray(at, dtype=np.float64)), name="at")
    times = np.unique(outcome.time[outcome.event > 0])
    events = _events(outcome, times)
    staying = _at_risk(outcome, times) - events
    reaching = (outcome.time >= asked[:, None]).astype(np.float64)
    last_event = np.searchsorted(times, asked, side="right")
    survival = np.empty((len(replicates), len(asked)))
    for rows, mine in _blocks(replicates, len(times)):
        # Who stays is summed by itself, so that it is exactly 0 where everyone had the event.
        left = staying @ mine
        n = left + events @ mine
        factor = np.divide(left, n, out=np.ones_like(n), where=n > 0)
        curve = np.vstack((np.ones(mine.shape[1]), np.cumprod(factor, axis=0)))[last_event]
        is_unknown = (reaching @ mine == 0) & (curve > 0)
        curve[is_unknown | (mine.sum(axis=0) == 0)] = np.nan
        survival[rows] = curve.T
    return survival


def weighted_log_rank(
    outcome: Outcome, groups: ArrayLike, weights: ArrayLike
) -> WeightedLogRank:
    """Return the k-sample log-rank statistic of each replicate.

    ``groups`` (n,) are labels of any kind, ``weights`` (B, n) count each subject of the outcome
    in each replicate, as if its row were repeated. Raises
    :class:`~remission.errors.NotEstimable` for fewer than two groups and for weights of another
    shape, negative or missing. Mantel 1966, Cancer Chemother Rep 50:163.
    """
    replicates = replicate_weights(weights, len(outcome), where="weighted_log_rank")
    labels, member = coded_labels(groups, len(outcome), where="weighted_log_rank")
    if len(labels) < 2:
        raise refuse("weighted_log_rank", "There is only one group.",
                     "There is nothing to compare.")
    times = np.unique(outcome.time[outcome.event > 0])
    at_risk, events = _at_risk(outcome, times), _events(outcome, times)
    own = [np.flatnonzero(member == group) for group in range(len(labels))]
    statistic = np.full(len(replicates), np.nan)
    df = np.zeros(len(replicates), dtype=np.int64)
    for rows, mine in _blocks(replicates, len(times)):
        by_group = np.stack([at_risk[:, places] @ mine[places] for places in own])
        observed = np.stack([mine[places[outcome.event[places] > 0]].sum(axis=0)
                             for places in own])
        score, covariance, scale = _sums(by_group, observed, events @ mine)
        statistic[rows], df[rows] = _quadratic_forms(score, covariance, scale)
    return WeightedLogRank(statistic, df, labels, len(outcome))


def _blocks(weights: NDArray[Any], times: int) -> Iterator[tuple[slice, FloatArray]]:
    """Yield the replicates a cache's worth at a time: their places, and weights (n × some)."""
    size = max(16, _CELLS_AT_ONCE // max(times, 1))
    for begin in range(0, len(weights), size):
        rows = slice(begin, begin + size)
        yield rows, np.ascontiguousarray(weights[rows].T, dtype=np.float64)


def _at_risk(outcome: Outcome, times: FloatArray) -> FloatArray:
    """Return whether each subject is at risk at each time, (times × n)."""
    is_at_risk = outcome.time >= times[:, None]
    if outcome.entry is not None:
        is_at_risk &= outcome.entry < times[:, None]
    return is_at_risk.astype(np.float64)


def _events(outcome: Outcome, times: FloatArray) -> FloatArray:
    """Return whether each subject has the event at each time, (times × n)."""
    has_event = np.equal(outcome.time, times[:, None]) & (outcome.event > 0)
    return has_event.astype(np.float64)


def _sums(
    by_group: FloatArray, observed: FloatArray, events: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return score (B × k), covariance (B × k × k) and its possible size (B,).

    ``by_group`` (k × times × B) at risk, ``observed`` (k × B), ``events`` (times × B).
    """
    k = len(by_group)
    n = by_group.sum(axis=0)
    at_least_one = np.maximum(n, 1e-300)
    share = by_group / at_least_one
    expected = np.einsum("ktb,tb->bk", share, events)
    spread = events * (n - events) / np.maximum(n - 1, 1.0)
    covariance = np.empty((by_group.shape[2], k, k))
    for i in range(k):
        part = share[i] * spread
        for j in range(i + 1, k):
            covariance[:, i, j] = covariance[:, j, i] = -np.einsum("tb,tb->b", part, share[j])
    for i in range(k):
        others = [j for j in range(k) if j != i]
        covariance[:, i, i] = -covariance[:, i, others].sum(axis=1)
    return observed.T - expected, covariance, events.sum(axis=0)


def _quadratic_forms(
    score: FloatArray, covariance: FloatArray, scale: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Return (statistics, df) by the generalised inverse of each covariance, as ``log_rank``."""
    values, vectors = np.linalg.eigh(covariance)
    largest = values[:, -1:]
    kept = (values > _NOTHING * largest) & (largest > _NOTHING * scale[:, None])
    projected = np.einsum("bij,bi->bj", vectors, score)
    terms = np.divide(projected**2, values, out=np.zeros_like(values), where=kept)
    df: IntArray = kept.sum(axis=1)
    return np.where(df > 0, terms.sum(axis=1), np.nan), df
