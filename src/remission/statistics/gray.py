"""Gray's test: do groups differ in the cumulative incidence of one cause?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    chi_square_tail,
    refuse,
)
from remission.statistics.labels import coded_labels
from remission.statistics.outcome import Outcome
from remission.statistics.tails import log_chi_square_tail
from remission.statistics.tidy import TidyRow, tidy_row

_NOTHING = 1e-10
"""A share below this is rounding."""


@dataclass(frozen=True, eq=False)
class GrayTest:
    """Gray's test: observed and expected events of the cause in each group, as ``groups``.

    ``observed`` and ``expected`` carry the weights of ``rho``; ``covariance`` (k, k) is that of
    their difference. ``log_p`` is the natural logarithm of ``p``.
    """

    statistic: float
    df: int
    p: float
    log_p: float
    groups: tuple[object, ...]
    observed: FloatArray
    expected: FloatArray
    covariance: FloatArray
    n: int
    events: int
    cause: int
    rho: float
    conventions: tuple[str, ...]
    warnings: tuple[str, ...]
    method: str = "Gray's test"

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the test, then observed and expected of each group."""
        test = {"statistic": self.statistic, "df": self.df, "p": self.p, "log_p": self.log_p,
                "n": self.n, "events": self.events}
        columns = {"observed": self.observed, "expected": self.expected}
        return (
            *(tidy_row(name, value) for name, value in test.items()),
            *(tidy_row(name, float(column[index]), group=str(group))
              for index, group in enumerate(self.groups) for name, column in columns.items()))


@dataclass(frozen=True, eq=False)
class _Counts:
    """What happens at the m times with an event in one stratum, by group: (k, m) each."""

    at_risk: FloatArray
    of_cause: FloatArray
    others: FloatArray


def gray_test(
    outcome: Outcome, groups: ArrayLike, *, cause: int = 1, rho: float = 0.0,
    strata: ArrayLike | None = None,
) -> GrayTest:
    """Return Gray's k-sample test of the cumulative incidence of one cause.

    ``outcome.event`` holds 0 for censored and the cause otherwise; ``groups`` (n,) and
    ``strata`` (n,) are labels of any kind. Differences are weighted by (1 − F)^rho, F the
    incidence of all groups together: rho above 0 looks at early differences. It compares what
    patients experience (subdistribution hazards); a log-rank test that censors the other causes
    compares rates among those still event-free and answers another question. Raises
    :class:`~remission.errors.NotEstimable` with fewer than two groups, without events of the
    cause, or with delayed entry. Gray 1988, Ann Stat 16:1141.
    """
    n = len(outcome)
    labels, member = coded_labels(groups, n, where="gray_test")
    levels, stratum = coded_labels(
        np.zeros(n) if strata is None else strata, n, where="gray_test", what="stratum")
    _check(outcome, labels, cause, rho)
    k = len(labels)
    observed, expected, covariance = np.zeros(k), np.zeros(k), np.zeros((k, k))
    for level in range(len(levels)):
        counts = _counted(outcome, stratum == level, member, k, cause)
        seen, due, spread = _scored(counts, rho)
        observed, expected, covariance = observed + seen, expected + due, covariance + spread
    statistic, df = _quadratic_form(observed - expected, covariance)
    events = int((outcome.event == cause).sum())
    return GrayTest(
        statistic, df, chi_square_tail(statistic, df), log_chi_square_tail(statistic, df), labels,
        observed, expected, covariance, n, events, int(cause), float(rho),
        _conventions(rho, strata), _warnings(outcome, member, labels, cause, df))


def _check(outcome: Outcome, labels: tuple[object, ...], cause: int, rho: float) -> None:
    if outcome.entry is not None:
        raise refuse("gray_test", "Gray's test is not defined with delayed entry.",
                     "Compare cause-specific hazards with log_rank instead.")
    if cause < 1 or cause != int(cause):
        raise refuse("gray_test", f"{cause} is not a cause.", "Causes count from 1.")
    if not np.isfinite(rho):
        raise refuse("gray_test", f"rho must be a number, not {rho}.")
    if len(labels) < 2:
        raise refuse("gray_test", "There is only one group.", "There is nothing to compare.")
    if not (outcome.event == cause).any():
        raise refuse("gray_test", f"There is no event of cause {cause}.",
                     "Groups cannot be compared.")


def _counted(
    outcome: Outcome, chosen: BoolArray, member: IntArray, k: int, cause: int
) -> _Counts:
    """Return the counts of one stratum at its times with an event of any cause."""
    time, event, group = outcome.time[chosen], outcome.event[chosen], member[chosen]
    times = np.unique(time[event > 0])
    m = len(times)
    ended = np.searchsorted(times, time, side="right")  # at risk at the first `ended` times

    def table(which: BoolArray, column: IntArray) -> FloatArray:
        cells = np.bincount(group[which] * (m + 1) + column[which], minlength=k * (m + 1))
        return cells.reshape(k, m + 1).astype(np.float64)

    everyone = np.ones(len(time), dtype=bool)
    at_risk = table(everyone, ended)[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    return _Counts(at_risk, table(event == cause, ended)[:, 1:],
                   table((event > 0) & (event != cause), ended)[:, 1:])


def _scored(counts: _Counts, rho: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return observed (k,), expected (k,) and the covariance (k, k) of one stratum.

    Under the hypothesis all groups share one incidence F, whose step at a time is the events of
    the cause over Σ h, h = n / S of a group (S its event-free survival just before); a group's
    share of expected events goes as n (1 − F_group) / S.
    """
    n, own, others = counts.at_risk, counts.of_cause, counts.others
    some = n > 0
    survival = np.cumprod(1 - np.divide(own + others, n, out=np.zeros_like(n), where=some), axis=1)
    survival_before = _before(survival, 1.0)
    steps = np.divide(survival_before * own, n, out=np.zeros_like(n), where=some)
    incidence_before = _before(np.cumsum(steps, axis=1), 0.0)
    per_survival = np.divide(n, survival_before, out=np.zeros_like(n), where=some)
    per_risk = per_survival * (1 - incidence_before)
    events, total = own.sum(axis=0), per_survival.sum(axis=0)
    pooled = np.cumsum(events / total)
    pooled_before = _before(pooled[np.newaxis], 0.0)[0]
    left = np.maximum(1 - pooled_before, _NOTHING)  # F of all groups together may come to 1
    weight = np.where(events > 0, left**rho, 0.0)
    share = np.divide(per_risk, per_risk.sum(axis=0), out=np.zeros_like(n),
                      where=(per_risk.sum(axis=0) > 0))
    spread = _covariance(
        _Influence(n, own, others, survival, survival_before, per_survival, total, events,
                   pooled, left, weight))
    return (weight * own).sum(axis=1), (weight * events * share).sum(axis=1), spread


@dataclass(frozen=True, eq=False)
class _Influence:
    """What the covariance is made of: (k, m) for groups, (m,) for all together."""

    n: FloatArray
    own: FloatArray
    others: FloatArray
    survival: FloatArray
    survival_before: FloatArray
    per_survival: FloatArray
    total: FloatArray
    events: FloatArray
    pooled: FloatArray
    left: FloatArray
    weight: FloatArray


def _covariance(given: _Influence) -> FloatArray:
    """Return the covariance of the k scores: increments of each group's two counting processes.

    A step of the cause in group g at t moves score i by a_ig(t) + r_g(t) (C_ig − C_ig(t)), C the
    running sum of a dF / (1 − F) and r = 1 − (1 − F) / S_g; a step of another cause by
    (r_g(t) − 1) (C_ig − C_ig(t)). Their variances come from the pooled F and the group's own
    events, both shrunk under ties.
    """
    k = len(given.n)
    share = given.per_survival / given.total
    a = given.weight * given.per_survival * (np.eye(k)[:, :, np.newaxis] - share[:, np.newaxis])
    running = np.cumsum(a * (given.events / (given.total * given.left)), axis=2)
    to_come = running[:, :, -1:] - running
    above = given.survival > 0
    drift = np.divide(1 - given.pooled, given.survival, out=np.zeros_like(given.n), where=above)
    of_cause = a + (1 - drift) * to_come
    of_others = -drift * to_come
    spread: FloatArray = (
        np.einsum("igt,jgt,gt->ij", of_cause, of_cause, _cause_variance(given))
        + np.einsum("igt,jgt,gt->ij", of_others, of_others, _others_variance(given)))
    return spread


def _cause_variance(given: _Influence) -> FloatArray:
    """Return the variance of a step of the cause, expected from the pooled incidence."""
    some = given.n > 0
    as_size = given.total * given.survival_before  # the sample size that F seems to rest on
    tied = np.divide(given.events - 1, as_size - 1, out=np.zeros_like(given.n),
                     where=some & (given.events > 1) & (as_size > 1))
    variance: FloatArray = np.divide(
        (1 - np.minimum(tied, 1.0)) * given.survival_before * given.events / given.total, given.n,
        out=np.zeros_like(given.n), where=some)
    return variance


def _others_variance(given: _Influence) -> FloatArray:
    """Return the variance of a step of the other causes in each group."""
    some = (given.n > 0) & (given.survival > 0)
    tied = np.divide(given.others - 1, given.n - 1, out=np.zeros_like(given.n),
                     where=some & (given.others > 1))
    variance: FloatArray = np.divide(
        (1 - tied) * given.survival_before**2 * given.others, given.n**2,
        out=np.zeros_like(given.n), where=some)
    return variance


def _before(curves: FloatArray, start: float) -> FloatArray:
    """Return curves (k, m) just before each time."""
    return np.concatenate((np.full((len(curves), 1), start), curves[:, :-1]), axis=1)


def _quadratic_form(gap: FloatArray, covariance: FloatArray) -> tuple[float, int]:
    """Return (statistic, df) by the generalised inverse: the scores sum to zero."""
    values, vectors = np.linalg.eigh(covariance)
    if values[-1] <= 0:
        raise refuse("gray_test", "No two groups are at risk at the same event time.",
                     "There is nothing to compare.")
    kept = values > _NOTHING * values[-1]
    projected = vectors[:, kept].T @ gap
    return float((projected**2 / values[kept]).sum()), int(kept.sum())


def _conventions(rho: float, strata: ArrayLike | None) -> tuple[str, ...]:
    return (
        f"weights (1 − F)^{rho:g}, F the incidence of all groups together",
        "variance: Gray (1988), shrunk under ties as R's cmprsk",
        *(() if strata is None else ("scores and variances summed over strata",)))


def _warnings(
    outcome: Outcome, member: IntArray, labels: tuple[object, ...], cause: int, df: int
) -> tuple[str, ...]:
    had = np.bincount(member[outcome.event == cause], minlength=len(labels))
    warnings = [f"Group {label} has no event of cause {cause}."
                for label, events in zip(labels, had, strict=True) if not events]
    if df < len(labels) - 1:
        warnings.append(f"Only {df + 1} of {len(labels)} groups carry information.")
    return tuple(warnings)
