"""The log-rank test between groups: weighted, stratified, for trend and pairwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from remission.errors import NotEstimable
from remission.statistics.arrays import FloatArray, IntArray, chi_square_tail, refuse
from remission.statistics.kaplan_meier import product_limit
from remission.statistics.labels import coded_labels
from remission.statistics.outcome import Outcome
from remission.statistics.risk_sets import risk_sets
from remission.statistics.tails import log_chi_square_tail
from remission.statistics.tidy import TidyRow, tidy_row

Weighting = (
    Literal["log-rank", "gehan", "tarone-ware", "peto"]
    | tuple[Literal["fleming-harrington"], float, float]
)

_NOTHING = 1e-10
"""An eigenvalue of the covariance below this share of the largest, or of what all the events
together could give, is rounding."""
_NAMES = {
    "log-rank": "log-rank",
    "gehan": "Gehan–Breslow (weight: number at risk)",
    "tarone-ware": "Tarone–Ware (weight: root of the number at risk)",
    "peto": "Peto–Peto (weight: product of 1 − d / (n + 1) up to and with the time)",
}
_CONVENTIONS = (
    "The variance is hypergeometric; tied events need no further correction.",
    "Two-sided; χ² on the rank of the covariance.",
    "Observed and expected are events, without the test's weights.",
)


@dataclass(frozen=True, eq=False)
class LogRank:
    """A log-rank test: observed and expected events of each group, in order of ``groups``.

    ``score`` (k,) is the weighted sum of observed less expected and ``covariance`` (k × k) its
    covariance; ``log_p`` is the natural logarithm of p, which does not underflow. ``n`` counts
    subjects, or rows when follow-up is split at entries.
    """

    statistic: float
    df: int
    p: float
    groups: tuple[object, ...]
    observed: FloatArray
    expected: FloatArray
    n: int
    method: str
    events: int
    log_p: float
    score: FloatArray
    covariance: FloatArray
    conventions: tuple[str, ...] = _CONVENTIONS
    warnings: tuple[str, ...] = ()

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the test, and observed and expected events of each group, as rows."""
        rows = [tidy_row(name, getattr(self, name))
                for name in ("statistic", "df", "p", "log_p", "n", "events")]
        for group, observed, expected in zip(
                self.groups, self.observed, self.expected, strict=True):
            rows += [tidy_row("observed", observed, group=str(group)),
                     tidy_row("expected", expected, group=str(group))]
        return tuple(rows)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two groups compared; ``test`` is None where there is no test, and ``note`` says why."""

    first: object
    second: object
    test: LogRank | None
    note: str = ""


@dataclass(frozen=True, eq=False)
class PairwiseLogRank:
    """Every two groups compared by themselves; p values are not adjusted for their number."""

    pairs: tuple[Pair, ...]
    method: str
    n: int
    events: int
    conventions: tuple[str, ...] = (*_CONVENTIONS, "Each pair uses its own subjects alone.",
                                    "p values are not adjusted for the number of pairs.")
    warnings: tuple[str, ...] = ()

    @property
    def p(self) -> FloatArray:
        """The p value of each pair, NaN where there is no test."""
        return np.array([np.nan if pair.test is None else pair.test.p for pair in self.pairs])

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return statistic, p and log p of each pair as rows."""
        return tuple(
            tidy_row(name, None if pair.test is None else getattr(pair.test, name),
                     group=str(pair.first), level=str(pair.second), note=pair.note)
            for pair in self.pairs for name in ("statistic", "p", "log_p"))


def log_rank(
    outcome: Outcome, groups: ArrayLike, *, weights: Weighting = "log-rank",
    strata: ArrayLike | None = None, trend: Mapping[object, float] | None = None,
) -> LogRank:
    """Return the k-sample log-rank test, weighted, within strata or for trend where asked.

    ``groups`` (n,) gives each subject's group, labels of any kind; any cause counts as the
    event. ``weights`` of the event times: ``log-rank`` (1), ``gehan`` (n at risk),
    ``tarone-ware`` (√n), ``peto`` (∏ (1 − d / (n + 1))), or ``("fleming-harrington", rho,
    gamma)``, S^rho (1 − S)^gamma with S the pooled Kaplan–Meier estimate just before the time,
    of which rho 1, gamma 0 is R's ``survdiff(rho = 1)``. ``strata`` (n,): events are compared
    within each stratum only. ``trend`` gives the score of each group, and the test has 1 df.
    Follow-up may be split at entries into several rows of a subject, with groups that change.

    Raises :class:`~remission.errors.NotEstimable` with fewer than two groups, without events,
    when no two groups are at risk at the same event, for missing labels, and for scores that are
    missing, not finite or all equal. Mantel 1966, Cancer Chemother Rep 50:163; Peto & Peto 1972,
    J R Stat Soc A 135:185; Gehan 1965, Biometrika 52:203; Tarone & Ware 1977, Biometrika 64:156;
    Fleming & Harrington 1991; trend: Tarone 1975, Biometrika 62:679.
    """
    weighting = _checked(weights)
    labels, member = coded_labels(groups, len(outcome), where="log_rank")
    if len(labels) < 2:
        raise refuse("log_rank", "There is only one group.", "There is nothing to compare.")
    if outcome.events == 0:
        raise refuse("log_rank", "There are no events.", "Groups cannot be compared.")
    scores = None if trend is None else _scores(trend, labels)
    sums = _Sums.zero(len(labels))
    for stratum, its_member in _strata(outcome, member, strata):
        sums.add(stratum, its_member, weighting)
    if scores is None:
        statistic, df = _quadratic_form(sums.score, sums.covariance, sums.scale)
    else:
        statistic, df = _trend(sums.score, sums.covariance, scores, sums.scale)
    return LogRank(
        statistic, df, chi_square_tail(statistic, df), labels, sums.observed, sums.expected,
        len(outcome), _method(weights, strata, trend), outcome.events,
        log_chi_square_tail(statistic, df), sums.score, sums.covariance,
    )


def pairwise_log_rank(
    outcome: Outcome, groups: ArrayLike, *, weights: Weighting = "log-rank",
    strata: ArrayLike | None = None,
) -> PairwiseLogRank:
    """Return the log-rank test of every two groups, each on its own subjects.

    ``groups`` (n,) and the options are those of :func:`log_rank`. A pair without a test has its
    reason. p values are not adjusted: that is the caller's choice. Raises
    :class:`~remission.errors.NotEstimable` with fewer than two groups and for missing labels.
    """
    labels, member = coded_labels(groups, len(outcome), where="pairwise_log_rank")
    if len(labels) < 2:
        raise refuse("pairwise_log_rank", "There is only one group.",
                     "There is nothing to compare.")
    within = None if strata is None else np.asarray(strata)
    pairs = []
    for first, second in combinations(range(len(labels)), 2):
        mine = (member == first) | (member == second)
        try:
            test = log_rank(outcome.subset(mine),
                            [labels[place] for place in member[mine]], weights=weights,
                            strata=None if within is None else within[mine])
            pairs.append(Pair(labels[first], labels[second], test))
        except NotEstimable as refusal:
            pairs.append(Pair(labels[first], labels[second], None, refusal.problems[0].what))
    return PairwiseLogRank(tuple(pairs), f"pairwise {_method(weights, strata, None)}",
                           len(outcome), outcome.events)


@dataclass
class _Sums:
    """What the strata add up to; ``scale`` bounds the covariance, to tell rounding from zero."""

    observed: FloatArray
    expected: FloatArray
    score: FloatArray
    covariance: FloatArray
    scale: float

    @classmethod
    def zero(cls, k: int) -> _Sums:
        return cls(np.zeros(k), np.zeros(k), np.zeros(k), np.zeros((k, k)), 0.0)

    def add(self, outcome: Outcome, member: IntArray, weighting: tuple[str, float, float]) -> None:
        sets = risk_sets(outcome, member=member, k=len(self.score), at_events_only=True)
        at_risk, events = sets.at_risk.sum(axis=0), sets.events.sum(axis=0)
        if not len(events):
            return
        weight = _weight(weighting, at_risk, events)
        share = sets.at_risk / at_risk
        expected = share * events
        spread = share * (weight**2 * events * ((at_risk - events) / np.maximum(at_risk - 1, 1)))
        self.observed += sets.events.sum(axis=1)
        self.expected += expected.sum(axis=1)
        self.score += (sets.events - expected) @ weight
        self.covariance += np.diag(spread.sum(axis=1)) - spread @ share.T
        self.scale += float(weight**2 @ events)


def _checked(weights: Weighting) -> tuple[str, float, float]:
    """Return (name, rho, gamma) of a weighting; refuses an unknown one."""
    if isinstance(weights, str) and weights in _NAMES:
        return weights, 0.0, 0.0
    if isinstance(weights, tuple) and len(weights) == 3 and weights[0] == "fleming-harrington":
        rho, gamma = float(weights[1]), float(weights[2])
        if np.isfinite([rho, gamma]).all() and min(rho, gamma) >= 0:
            return weights[0], rho, gamma
        raise refuse("log_rank", f"rho and gamma are numbers from 0, not {rho:g} and {gamma:g}.")
    raise refuse("log_rank", f"There is no weighting {weights!r}.",
                 f"Choose {', '.join(_NAMES)} or ('fleming-harrington', rho, gamma).")


def _weight(
    weighting: tuple[str, float, float], at_risk: IntArray | FloatArray,
    events: IntArray | FloatArray,
) -> FloatArray:
    """Return the weight of each event time (m,), from the pooled counts of a stratum."""
    name, rho, gamma = weighting
    if name == "gehan":
        return at_risk.astype(np.float64)
    if name == "tarone-ware":
        return np.sqrt(at_risk, dtype=np.float64)
    if name == "peto":
        return np.cumprod(1 - events / (at_risk + 1), dtype=np.float64)
    if rho == gamma == 0:
        return np.ones(len(events))
    survival, _ = product_limit(at_risk, events)
    before = np.concatenate(([1.0], survival[:-1]))
    weight: FloatArray = before**rho * (1 - before) ** gamma
    return weight


def _strata(
    outcome: Outcome, member: IntArray, strata: ArrayLike | None
) -> Iterator[tuple[Outcome, IntArray]]:
    """Yield the outcome and the groups of each stratum."""
    if strata is None:
        yield outcome, member
        return
    labels, stratum = coded_labels(strata, len(outcome), where="log_rank", what="stratum")
    order = np.argsort(stratum, kind="stable")
    ends = np.cumsum(np.bincount(stratum, minlength=len(labels)))[:-1]
    for mine in np.split(order, ends):
        yield outcome.subset(mine), member[mine]


def _scores(trend: Mapping[object, float], labels: tuple[object, ...]) -> FloatArray:
    missing = [label for label in labels if label not in trend]
    if missing:
        raise refuse("log_rank", f"The trend has no score for {missing[0]!r}.",
                     "Give a score for each group.")
    scores = np.array([float(trend[label]) for label in labels])
    if not np.isfinite(scores).all() or np.ptp(scores) == 0:
        raise refuse("log_rank", "The scores of a trend are finite and not all equal.")
    return scores


def _trend(
    score: FloatArray, covariance: FloatArray, scores: FloatArray, scale: float
) -> tuple[float, int]:
    # The score sums to zero over groups: an added constant changes nothing, the mean is stablest.
    contrast = (scores - scores.mean()) / np.ptp(scores)
    variance = float(contrast @ covariance @ contrast)
    if variance <= _NOTHING * scale:
        raise refuse("log_rank", "No two groups of different score are at risk at the same event.")
    return float(contrast @ score) ** 2 / variance, 1


def _quadratic_form(
    score: FloatArray, covariance: FloatArray, scale: float
) -> tuple[float, int]:
    """Return (statistic, df) by the generalised inverse of the covariance.

    Its rank is one less than the groups for each set of groups that are ever at risk together;
    groups that are never at risk beside others carry no information.
    """
    values, vectors = np.linalg.eigh(covariance)
    if values[-1] <= _NOTHING * scale:
        raise refuse("log_rank", "No two groups are at risk at the same event time.")
    kept = values > _NOTHING * values[-1]
    projected = vectors[:, kept].T @ score
    return float((projected**2 / values[kept]).sum()), int(kept.sum())


def _method(weights: Weighting, strata: object, trend: object) -> str:
    name = _NAMES[weights] if isinstance(weights, str) else (
        f"Fleming–Harrington (rho {weights[1]:g}, gamma {weights[2]:g})")
    return (name + (", stratified" if strata is not None else "")
            + (", for trend" if trend is not None else ""))
