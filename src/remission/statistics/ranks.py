"""Comparing ranks: Mann–Whitney (exact where feasible, ties and all) and Kruskal–Wallis."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import (
    FloatArray,
    chi_square_tail,
    finite_vector,
    normal_quantile,
    refuse,
    two_sided_normal,
)
from remission.statistics.contingency import TestResult
from remission.statistics.exact_ranks import exact_kruskal_wallis_p, rank_sum_shares
from remission.statistics.location import (
    differences,
    interval_of,
    order_from_normal,
    order_from_shares,
)
from remission.statistics.samples import sample
from remission.statistics.tails import log_chi_square_tail, log_two_sided_normal
from remission.statistics.tidy import TidyRow, tidy_row

EXACT_UP_TO = 50
"""Total n up to which Mann–Whitney is computed exactly unless asked otherwise."""
EXACT_AT_MOST = 200
"""Total n beyond which it is not computed exactly even if asked: time grows as n⁴."""


@dataclass(frozen=True)
class LocationShift:
    """By how much the first sample lies above the second; bounds are NaN where out of reach."""

    estimate: float
    lower: float
    upper: float
    level: float
    method: str
    n: int
    conventions: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return estimate, lower and upper as rows."""
        note = " ".join(self.warnings)
        return (tidy_row("estimate", self.estimate), tidy_row("lower", self.lower, note=note),
                tidy_row("upper", self.upper, note=note))


def midranks(values: FloatArray) -> FloatArray:
    """Return ranks from 1, the mean rank where values are tied."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: FloatArray = (last - (counts - 1) / 2.0)[inverse]
    return ranks


def mann_whitney(first: ArrayLike, second: ArrayLike, *, exact: bool | None = None) -> TestResult:
    """Return the two-sided Mann–Whitney test of two independent samples.

    ``first`` (n,), ``second`` (m,): numbers in one unit. Exact by the permutation distribution
    of the midrank sum when n + m ≤ 50 (ties included), else normal with tie and continuity
    correction; ``exact`` chooses. The statistic is U of ``first``. Raises
    :class:`~remission.errors.NotEstimable` when a sample is empty, all values are equal, or an
    exact p is asked for more than ``EXACT_AT_MOST`` values. Mann & Whitney 1947, Ann Math Stat
    18:50; exact with ties: Streitberg & Röhmel 1986, Stat Softw Newsl 12:10.
    """
    x, y = finite_vector(first, name="mann_whitney"), finite_vector(second, name="mann_whitney")
    if not len(x) or not len(y):
        raise refuse("mann_whitney", "One of the two groups holds no value.")
    n = len(x) + len(y)
    ranks = midranks(np.concatenate((x, y)))
    if _tie_term(ranks) == 0:
        raise refuse("mann_whitney", "All values are equal.", "There is nothing to compare.")
    rank_sum = float(ranks[: len(x)].sum())
    u = rank_sum - len(x) * (len(x) + 1) / 2
    conventions = ("U of the first sample", "ties get midranks",
                   "two-sided: rank sums at least as far from their mean")
    if _is_exact(exact, n, "mann_whitney"):
        p = _exact_rank_sum_p(ranks, len(x))
        return TestResult(p=p, log_p=math.log(p), method="Mann–Whitney exact", n=n, statistic=u,
                        is_exact=True, conventions=conventions)
    z = _rank_sum_z(ranks, len(x))
    return TestResult(
        p=two_sided_normal(z), log_p=log_two_sided_normal(z), n=n, statistic=u,
        method="Mann–Whitney, normal approximation with tie and continuity correction",
        conventions=conventions)


def location_shift(
    first: ArrayLike, second: ArrayLike, *, exact: bool | None = None, level: float = 0.95
) -> LocationShift:
    """Return the Hodges–Lehmann estimate of first − second with its interval.

    ``first`` (n,), ``second`` (m,): numbers in one unit, which is that of the shift. The estimate
    is the median of all n·m differences; the bounds are two of these differences, chosen by the
    exact distribution of U when n + m ≤ 50, else by its normal approximation; ``exact`` chooses.
    The distribution is that without ties, with which a closed interval keeps at least its level
    when there are ties. Raises :class:`~remission.errors.NotEstimable` when a sample is empty, or
    an exact interval is asked for more than ``EXACT_AT_MOST`` values. Hodges & Lehmann 1963, Ann
    Math Stat 34:598; interval: Moses 1953, Lehmann 1975; ties: Noether 1967, J Am Stat Assoc
    62:184.
    """
    x, y = sample(first, name="location_shift"), sample(second, name="location_shift")
    z = normal_quantile(level)
    n, m = len(x), len(y)
    is_exact = _is_exact(exact, n + m, "location_shift")
    if is_exact:
        shares = rank_sum_shares(np.arange(n + m), min(n, m))
        order = order_from_shares(shares[int(np.flatnonzero(shares)[0]):], level)
    else:
        order = order_from_normal(n * m / 2, math.sqrt(n * m * (n + m + 1) / 12), z)
    sums = differences(x, y)
    lower, upper = interval_of(sums, order)
    warnings = () if order else (
        f"No interval of level {level:g} can be had from {n} and {m} values.",)
    return LocationShift(
        sums.middle(), lower, upper, level,
        f"Hodges–Lehmann, {'exact' if is_exact else 'normal approximation'}", n + m,
        ("first − second", "bounds by the distribution of U without ties: conservative with ties"),
        warnings)


def kruskal_wallis(*groups: ArrayLike, exact: bool = False) -> TestResult:
    """Return the Kruskal–Wallis test of two or more independent samples, corrected for ties.

    Each group is (n,) numbers in one unit. By χ², or with ``exact`` by the permutation
    distribution of the midrank sums (ties included), which is feasible for about eight values in
    each of three groups. Raises :class:`~remission.errors.NotEstimable` when fewer than two
    groups hold a value, all values are equal, or an exact p is out of reach. Kruskal & Wallis
    1952, J Am Stat Assoc 47:583.
    """
    samples = [finite_vector(group, name="kruskal_wallis") for group in groups]
    samples = [sample for sample in samples if len(sample)]
    if len(samples) < 2:
        raise refuse("kruskal_wallis", "Fewer than two groups hold a value.")
    sizes = np.array([len(sample) for sample in samples])
    n = int(sizes.sum())
    ranks = midranks(np.concatenate(samples))
    sums = np.add.reduceat(ranks, np.concatenate(([0], np.cumsum(sizes)[:-1])))
    ties = _tie_term(ranks)
    if ties == 0:
        raise refuse("kruskal_wallis", "All values are equal.", "There is nothing to compare.")
    h = (12 / (n * (n + 1)) * float((sums**2 / sizes).sum()) - 3 * (n + 1)) / ties
    df = len(samples) - 1
    conventions = ("ties get midranks, and H is divided by the tie term",)
    if exact:
        p = exact_kruskal_wallis_p(np.rint(2 * ranks).astype(np.int64), sizes)
        if p is None:
            raise refuse("kruskal_wallis", f"An exact p of {n} values in {len(sizes)} groups is "
                         "out of reach.", "Leave exact out; the χ² approximation is good there.")
        return TestResult(p=p, log_p=math.log(p), method="Kruskal–Wallis exact", n=n, statistic=h,
                        df=df, is_exact=True, conventions=conventions)
    return TestResult(p=chi_square_tail(h, df), log_p=log_chi_square_tail(h, df),
                    method="Kruskal–Wallis", n=n, statistic=h, df=df,
                    conventions=conventions)


def _is_exact(asked: bool | None, n: int, name: str) -> bool:
    """Return whether to count exactly; refuses where that was asked for and is out of reach."""
    if asked and n > EXACT_AT_MOST:
        raise refuse(name, f"{n} values are more than the {EXACT_AT_MOST} counted exactly.",
                     "Leave exact out; the normal approximation is good there.")
    return asked if asked is not None else n <= EXACT_UP_TO


def _tie_term(ranks: FloatArray) -> float:
    """Return 1 − Σ(t³ − t) / (n³ − n): 1 without ties, 0 when all are equal."""
    n = len(ranks)
    _, counts = np.unique(ranks, return_counts=True)
    return 1.0 - float((counts**3 - counts).sum()) / (n**3 - n) if n > 1 else 0.0


def _rank_sum_z(ranks: FloatArray, n: int) -> float:
    """Return the distance of the first n ranks' sum from its mean, in standard deviations."""
    m = len(ranks) - n
    gap = float(ranks[:n].sum()) - n * (n + m + 1) / 2
    variance = n * m * (n + m + 1) / 12 * _tie_term(ranks)
    return max(abs(gap) - 0.5, 0.0) / math.sqrt(variance)


def _exact_rank_sum_p(ranks: FloatArray, n: int) -> float:
    """Return the share of all choices of n ranks whose sum is at least as far from its mean."""
    doubled = np.rint(2 * ranks).astype(np.int64)  # midranks doubled are whole
    chosen = doubled[:n] if 2 * n <= len(doubled) else doubled[n:]
    shares = rank_sum_shares(doubled, len(chosen))
    centre = len(chosen) * doubled.sum() / len(doubled)
    distance = abs(float(chosen.sum()) - centre)
    far = np.abs(np.arange(len(shares)) - centre) >= distance - 1e-9
    return min(1.0, float(shares[far].sum()))
