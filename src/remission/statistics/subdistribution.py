"""The weighted risk sets of a subdistribution: sums over them in one pass each way.

A subject stays in the risk set until its follow-up ends; after a competing event it stays on
with weight G(t−) / G(T−), G the Kaplan–Meier curve of the censoring time (Fine & Gray 1999, J Am
Stat Assoc 94:496). The weight splits into a factor of the time and one of the subject, so that
every sum is a backward cumulative sum over those still followed and a forward one over those
after a competing event: cost n log n for the sort, then n (Kawaguchi et al. 2021, R Journal
12:163).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from remission.statistics.arrays import FloatArray, IntArray
from remission.statistics.outcome import Outcome


@dataclass(frozen=True, eq=False)
class Censoring:
    """Who is censored when in one censoring group, in order of time (c distinct times).

    ``members`` are the group's subjects and ``after`` those of them with a competing event, both
    in order of time; ``left`` (m,) is G just before each event time of the cause.
    """

    members: IntArray
    after: IntArray
    time: FloatArray
    censored: FloatArray
    at_risk: FloatArray
    left: FloatArray


@dataclass(frozen=True, eq=False)
class RiskSets:
    """n subjects in order of time and the m event times of the cause.

    ``events`` (m,) counts the cause's events; ``passed`` (n,) is the number of event times up to
    and including each subject's own; ``inverse`` (n,) is 1 / G(T−) of those with a competing
    event.
    """

    order: IntArray
    time: FloatArray
    kind: IntArray
    event_time: FloatArray
    events: FloatArray
    passed: IntArray
    inverse: FloatArray
    groups: tuple[Censoring, ...]

    def sums(self, values: FloatArray) -> FloatArray:
        """Return the weighted sums of values (r, n) over the risk set of each time: (r, m)."""
        m = len(self.event_time)
        total = np.empty((len(values), m))
        for row, value in enumerate(values):
            followed = np.bincount(self.passed, weights=value, minlength=m + 1)
            total[row] = followed[::-1].cumsum()[::-1][1:]
            for group in self.groups:
                after = group.after
                past = np.bincount(self.passed[after], weights=value[after] * self.inverse[after],
                                   minlength=m + 1)
                total[row] += group.left * past.cumsum()[:-1]
        return total

    def sums_over_time(self, steps: FloatArray) -> FloatArray:
        """Return for each subject the weighted sum of steps (r, m) over its times: (r, n)."""
        total = _running(steps)[:, self.passed]
        for group in self.groups:
            to_come = _to_come(group.left * steps)[:, self.passed[group.after]]
            total[:, group.after] += to_come * self.inverse[group.after]
        return total


def risk_sets(outcome: Outcome, cause: int, groups: IntArray) -> RiskSets:
    """Return the risk sets of a cause; ``groups`` (n,) number the censoring groups from 0."""
    order = np.argsort(outcome.time, kind="stable").astype(np.int64)
    time, event = outcome.time[order], outcome.event[order]
    kind = np.where(event == cause, 1, np.where(event > 0, 2, 0)).astype(np.int64)
    event_time, events = np.unique(time[kind == 1], return_counts=True)
    inverse = np.zeros(len(time))
    found = []
    for number in range(int(groups.max()) + 1):
        members = np.flatnonzero(groups[order] == number)
        censoring, left = _censoring(members, time, kind, event_time)
        inverse[censoring.after] = 1 / left[kind[members] == 2]
        found.append(censoring)
    return RiskSets(order, time, kind, event_time, events.astype(np.float64),
                    np.searchsorted(event_time, time, side="right").astype(np.int64),
                    inverse, tuple(found))


@dataclass(frozen=True, eq=False)
class SubdistributionFit:
    """A model at one β: covariates (p, n) and exp(βx) (n,) of the subjects in order of time.

    ``total`` (m,) is the weighted sum of exp(βx), ``mean`` (p, m) the weighted mean of the
    covariates and ``hazard`` (m,) the step of the baseline hazard at each event time.
    """

    covariates: FloatArray
    risk: FloatArray
    total: FloatArray
    mean: FloatArray
    hazard: FloatArray


def score_residuals(sets: RiskSets, fitted: SubdistributionFit) -> FloatArray:
    """Return each subject's part in the score (p, n), the censoring curve being estimated.

    Their sum of squares is the middle of the robust variance (Fine & Gray 1999, section 3).
    """
    x, mean, hazard = fitted.covariates, fitted.mean, fitted.hazard
    expected = x * sets.sums_over_time(hazard[np.newaxis])
    residuals = fitted.risk * (sets.sums_over_time(mean * hazard) - expected)
    had = np.flatnonzero(sets.kind == 1)
    residuals[:, had] += x[:, had] - mean[:, sets.passed[had] - 1]
    for group in sets.groups:
        residuals[:, group.members] += _censoring_part(sets, group, fitted)
    return residuals


def _censoring_part(sets: RiskSets, group: Censoring, fitted: SubdistributionFit) -> FloatArray:
    """Return what each member's censoring, or its being at risk of it, adds to the score.

    A censoring at u moves the weights, after u, of the group's subjects whose competing event
    came before u. As in R's cmprsk an event of the cause at u counts as after it.
    """
    weight = fitted.risk[group.after] * sets.inverse[group.after]
    before = np.searchsorted(sets.time[group.after], group.time, side="left")
    among = _running(np.vstack((weight, fitted.covariates[:, group.after] * weight)))[:, before]
    steps = group.left * fitted.hazard
    later = _to_come(np.vstack((steps, fitted.mean * steps)))[
        :, np.searchsorted(sets.event_time, group.time, side="left")]
    moved = among[1:] * later[0] - among[0] * later[1:]
    own = sets.time[group.members]
    compensator = _running(moved * group.censored / group.at_risk**2)
    part = -compensator[:, np.searchsorted(group.time, own, side="right")]
    ended = np.flatnonzero(sets.kind[group.members] == 0)
    part[:, ended] += (moved / group.at_risk)[:, np.searchsorted(group.time, own[ended])]
    return part


def _censoring(
    members: IntArray, time: FloatArray, kind: IntArray, event_time: FloatArray
) -> tuple[Censoring, FloatArray]:
    """Return the censoring of one group, and G just before each member's own time."""
    own = time[members]
    times, counts = np.unique(own[kind[members] == 0], return_counts=True)
    at_risk = len(own) - np.searchsorted(own, times, side="left")
    curve = np.concatenate(([1.0], np.cumprod(1 - counts / at_risk)))
    left = curve[np.searchsorted(times, event_time, side="left")]
    if len(own):
        left = np.where(event_time > own[-1], 0.0, left)
    censoring = Censoring(members, members[kind[members] == 2], times,
                          counts.astype(np.float64), at_risk.astype(np.float64), left)
    return censoring, curve[np.searchsorted(times, own, side="left")]


def _running(values: FloatArray) -> FloatArray:
    """Return running sums along the rows (r, c), begun with 0: (r, c + 1)."""
    return np.concatenate((np.zeros((len(values), 1)), np.cumsum(values, axis=1)), axis=1)


def _to_come(values: FloatArray) -> FloatArray:
    """Return sums along the rows from each place on (r, c), ended with 0: (r, c + 1)."""
    return _running(values[:, ::-1])[:, ::-1]
