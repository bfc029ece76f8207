"""The log-rank test between groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, IntArray, chi_square_tail, refuse
from remission.statistics.outcome import Outcome

_NOTHING = 1e-10
"""An eigenvalue of the covariance below this, or below this share of the largest, is rounding."""


@dataclass(frozen=True, eq=False)
class LogRank:
    """A log-rank test: observed and expected events of each group, in order of ``groups``."""

    statistic: float
    df: int
    p: float
    groups: tuple[object, ...]
    observed: FloatArray
    expected: FloatArray
    n: int
    method: str = "log-rank"


def log_rank(outcome: Outcome, groups: ArrayLike) -> LogRank:
    """Return the k-sample log-rank test.

    ``groups`` (n,) gives each subject's group, labels of any kind. The variance is
    hypergeometric, so tied events need no further correction. Raises
    :class:`~remission.errors.NotEstimable` with fewer than two groups, or without events. Mantel
    1966, Cancer Chemother Rep 50:163; Peto & Peto 1972.
    """
    labels, found = np.unique(np.asarray(groups), return_inverse=True)
    member: IntArray = found.astype(np.int64)
    if len(member) != len(outcome):
        raise refuse("log_rank", f"{len(outcome)} subjects but {len(member)} group labels.")
    if len(labels) < 2:
        raise refuse("log_rank", "There is only one group.", "There is nothing to compare.")
    if outcome.events == 0:
        raise refuse("log_rank", "There are no events.", "Groups cannot be compared.")
    events, at_risk = _by_group(outcome, member, len(labels))
    total_events, total_risk = events.sum(axis=0), at_risk.sum(axis=0)
    share = at_risk / total_risk
    expected = (share * total_events).sum(axis=1)
    spread = total_events * (total_risk - total_events) / np.maximum(total_risk - 1, 1)
    covariance = np.diag((share * spread).sum(axis=1)) - (share * spread) @ share.T
    statistic, df = _quadratic_form(events.sum(axis=1) - expected, covariance)
    return LogRank(statistic, df, chi_square_tail(statistic, df), tuple(labels.tolist()),
                   events.sum(axis=1), expected, len(outcome))


def _by_group(
    outcome: Outcome, member: IntArray, k: int
) -> tuple[FloatArray, FloatArray]:
    """Return (events, at risk) of each group (k × event times)."""
    times = np.unique(outcome.time[outcome.event > 0])
    events, at_risk = np.zeros((k, len(times))), np.zeros((k, len(times)))
    for group in range(k):
        mine = member == group
        hits = np.searchsorted(times, outcome.time[mine & (outcome.event > 0)])
        events[group] = np.bincount(hits, minlength=len(times))
        ended = np.searchsorted(np.sort(outcome.time[mine]), times, side="left")
        entered = mine.sum() if outcome.entry is None else np.searchsorted(
            np.sort(outcome.entry[mine]), times, side="left")
        at_risk[group] = entered - ended
    return events, at_risk


def _quadratic_form(gap: FloatArray, covariance: FloatArray) -> tuple[float, int]:
    """Return (statistic, df) by the generalised inverse of the covariance.

    Its rank is one less than the groups for each set of groups that are ever at risk together;
    groups that are never at risk beside others carry no information.
    """
    values, vectors = np.linalg.eigh(covariance)
    if values[-1] <= _NOTHING:
        raise refuse("log_rank", "No two groups are at risk at the same event time.")
    kept = values > _NOTHING * values[-1]
    projected = vectors[:, kept].T @ gap
    return float((projected**2 / values[kept]).sum()), int(kept.sum())
