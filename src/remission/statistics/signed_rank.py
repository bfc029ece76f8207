"""Wilcoxon's signed-rank test of pairs, exact with ties and zeros, and the pseudo-median."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import (
    FloatArray,
    IntArray,
    normal_quantile,
    refuse,
    two_sided_normal,
)
from remission.statistics.contingency import TestResult
from remission.statistics.location import (
    interval_of,
    order_from_normal,
    order_from_shares,
    self_sums,
)
from remission.statistics.ranks import midranks
from remission.statistics.samples import ROUNDING, pairs, sample
from remission.statistics.tails import log_two_sided_normal
from remission.statistics.tidy import TidyRow, tidy_row

SIGNED_EXACT_UP_TO = 300
"""Pairs up to which test and interval are counted exactly unless asked otherwise."""
SIGNED_EXACT_AT_MOST = 1000
"""Pairs beyond which they are not, even if asked: 2⁻ⁿ is then no longer a float."""

ZeroRule = Literal["pratt", "wilcoxon"]
_ZERO_RULES = {
    "pratt": "zeros: Pratt, ranked with the others, then left out",
    "wilcoxon": "zeros: Wilcoxon, left out before ranking",
}


@dataclass(frozen=True, kw_only=True)
class SignedRank(TestResult):
    """A signed-rank test; ``statistic`` is the sum of the positive ranks, ``n`` counts pairs.

    ``zeros`` pairs do not differ, ``tied`` differ by as much as another pair does. ``estimate``
    is the pseudo-median of the differences; its bounds are NaN where out of reach.
    """

    zeros: int
    tied: int
    estimate: float
    lower: float
    upper: float
    level: float

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the numbers of the test and the pseudo-median as rows."""
        note = "" if math.isfinite(self.lower) else self.warnings[0]
        return (
            tidy_row("pairs", self.n), tidy_row("zeros", self.zeros), tidy_row("tied", self.tied),
            *super().tidy(), tidy_row("estimate", self.estimate),
            tidy_row("lower", self.lower, note=note), tidy_row("upper", self.upper, note=note),
        )


def wilcoxon_signed_rank(
    first: ArrayLike, second: ArrayLike | None = None, *, zeros: ZeroRule = "pratt",
    exact: bool | None = None, correction: bool = True, level: float = 0.95,
) -> SignedRank:
    """Return the two-sided signed-rank test of first − second, with the pseudo-median.

    ``first`` (n,), ``second`` (n,): numbers of the same subjects in one unit; without ``second``
    the numbers of ``first`` are the differences. Exact over all 2ⁿ signs of the midranks for at
    most 300 pairs (ties and zeros included), else normal with tie and continuity
    ``correction``; ``exact`` chooses. Differences closer than 1e-12 of the largest value are
    tied. The estimate is the median of all n(n + 1)/2 Walsh averages, zeros included under
    either rule; its bounds are two of them, chosen by the distribution without ties or zeros,
    with which a closed interval keeps at least its level. Raises
    :class:`~remission.errors.NotEstimable` when there are no pairs, all differences are 0, or an
    exact answer is asked for more than 1000 pairs. Wilcoxon 1945, Biometrics Bull 1:80; Pratt
    1959, J Am Stat Assoc 54:655; Hodges & Lehmann 1963, Ann Math Stat 34:598; interval: Tukey
    1949, ties: Noether 1967, J Am Stat Assoc 62:184.
    """
    name = "wilcoxon_signed_rank"
    if zeros not in _ZERO_RULES:
        raise refuse("zeros", f"Zero rule {zeros!r} is not known.", "Use 'pratt' or 'wilcoxon'.")
    gaps, scale = _differences(first, second, name)
    n = len(gaps)
    if exact and n > SIGNED_EXACT_AT_MOST:
        raise refuse(name, f"{n} pairs are more than the {SIGNED_EXACT_AT_MOST} counted exactly.",
                     "Leave exact out; the normal approximation is good there.")
    is_exact = exact if exact is not None else n <= SIGNED_EXACT_UP_TO
    sizes = _sizes(gaps, ROUNDING * scale)
    if not sizes.any():
        raise refuse(name, "All differences are 0.", "There is nothing to compare.")
    ranks = _signed_midranks(gaps, sizes, zeros)
    if is_exact:
        p = _exact_p(ranks)
        log_p, how = math.log(p), "exact"
    else:
        z = _z(ranks, correction)
        p, log_p, how = two_sided_normal(z), log_two_sided_normal(z), _normal_name(correction)
    order = _interval_order(n, level, is_exact)
    walsh = self_sums(np.where(sizes > 0, gaps, 0.0))
    lower, upper = interval_of(walsh, order)
    estimate, lower, upper = (
        _without_rounding(twice / 2, scale) for twice in (walsh.middle(), lower, upper))
    counts = np.bincount(sizes)[1:]
    return SignedRank(
        p=p, log_p=log_p, method=f"Wilcoxon signed-rank, {how}", n=n,
        statistic=float(ranks[ranks > 0].sum()), is_exact=is_exact,
        zeros=int((sizes == 0).sum()), tied=int(counts[counts > 1].sum()),
        estimate=estimate, lower=lower, upper=upper, level=level,
        conventions=_conventions(zeros, second is not None, is_exact),
        warnings=_warnings(n, len(ranks), order, level, is_exact),
    )


def _differences(
    first: ArrayLike, second: ArrayLike | None, name: str
) -> tuple[FloatArray, float]:
    """Return (differences, the largest size of a value they come from)."""
    if second is None:
        gaps = sample(first, name=name)
        return gaps, float(np.abs(gaps).max())
    x, y = pairs(first, second, name=name)
    return x - y, float(max(np.abs(x).max(), np.abs(y).max()))


def _sizes(gaps: FloatArray, rounding: float) -> IntArray:
    """Return the place of each |difference| among the distinct ones; 0 is no difference."""
    size = np.abs(gaps)
    order = np.argsort(size, kind="stable")
    steps = np.diff(np.concatenate(([0.0], size[order]))) > rounding
    places = np.empty(len(gaps), dtype=np.int64)
    places[order] = np.cumsum(steps)
    return places


def _without_rounding(value: float, scale: float) -> float:
    """Return 0 for what is only rounding, so that a bound at 0 is not seen to miss it."""
    return 0.0 if abs(value) <= ROUNDING * scale else value


def _signed_midranks(gaps: FloatArray, sizes: IntArray, zeros: ZeroRule) -> FloatArray:
    """Return the midranks of the sizes that are not 0, each with its difference's sign."""
    kept = sizes > 0
    ranked = sizes if zeros == "pratt" else sizes[kept]
    ranks = midranks(ranked.astype(np.float64))
    signed: FloatArray = np.sign(gaps[kept]) * (ranks[kept] if zeros == "pratt" else ranks)
    return signed


def _exact_p(ranks: FloatArray) -> float:
    """Return the share of all signs whose positive sum is at least as far from its mean.

    The sum is symmetric about its mean, so p is twice the share up to the smaller of the
    positive and the negative sum.
    """
    doubled = np.rint(2 * np.abs(ranks)).astype(np.int64)  # midranks doubled are whole
    positive = int(doubled[ranks > 0].sum())
    nearer = min(positive, int(doubled.sum()) - positive)
    return min(1.0, 2 * float(_sign_shares(doubled, nearer).sum()))


def _sign_shares(scores: IntArray, top: int) -> FloatArray:
    """Return the share of all signs that has each sum of positive scores, from 0 to ``top``."""
    shares = np.zeros(top + 1)
    shares[0] = 1.0
    for score in scores:
        shares *= 0.5
        if score <= top:
            shares[score:] += shares[: top + 1 - score].copy()
    return shares


def _z(ranks: FloatArray, correction: bool) -> float:
    """Return the distance of the positive sum from its mean in standard deviations.

    The ranks themselves give the variance, so ties and zeros need no further term.
    """
    distance = abs(float(ranks.sum())) / 2 - (0.5 if correction else 0.0)
    return max(distance, 0.0) / math.sqrt(float((ranks**2).sum()) / 4)


def _interval_order(n: int, level: float, is_exact: bool) -> int:
    """Return how far in from each end the bounds stand among the Walsh averages."""
    z = normal_quantile(level)
    if is_exact:
        return order_from_shares(_sign_shares(np.arange(1, n + 1), n * (n + 1) // 4), level)
    return order_from_normal(n * (n + 1) / 4, math.sqrt(n * (n + 1) * (2 * n + 1) / 24), z)


def _normal_name(correction: bool) -> str:
    corrected = "tie and continuity correction" if correction else "tie correction"
    return f"normal approximation with {corrected}"


def _conventions(zeros: ZeroRule, is_paired: bool, is_exact: bool) -> tuple[str, ...]:
    return (
        "first − second" if is_paired else "differences as given",
        _ZERO_RULES[zeros],
        "ties get midranks; differences closer than 1e-12 of the largest value are tied",
        "estimate: median of the Walsh averages, zeros included",
        f"interval: {'exact' if is_exact else 'normal approximation'}, by the distribution "
        "without ties or zeros: conservative with them",
    )


def _warnings(
    n: int, signs: int, order: int, level: float, is_exact: bool
) -> tuple[str, ...]:
    found = []
    if not order:
        found.append(f"No interval of level {level:g} can be had from {n} differences.")
    smallest = 2.0 ** (1 - signs)
    if is_exact and smallest > 1 - level:
        found.append(f"No p below {smallest:g} is possible with {signs} differences that are "
                     "not 0.")
    return tuple(found)
