"""Comparing ranks: Mann–Whitney (exact where feasible, ties and all) and Kruskal–Wallis."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import (
    FloatArray,
    chi_square_tail,
    finite_vector,
    refuse,
    two_sided_normal,
)
from remission.statistics.contingency import TestResult

EXACT_UP_TO = 50
"""Total n up to which Mann–Whitney is computed exactly unless asked otherwise."""


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
    :class:`~remission.errors.NotEstimable` when a sample is empty or all values are equal. Mann
    & Whitney 1947, Ann Math Stat 18:50; exact with ties: Streitberg & Röhmel 1986.
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
    if exact if exact is not None else n <= EXACT_UP_TO:
        return TestResult(_exact_rank_sum_p(ranks, len(x)), "Mann–Whitney exact", n, u,
                          is_exact=True)
    return TestResult(
        _normal_rank_sum_p(ranks, len(x)),
        "Mann–Whitney, normal approximation with tie and continuity correction", n, u)


def kruskal_wallis(*groups: ArrayLike) -> TestResult:
    """Return the Kruskal–Wallis test of two or more independent samples, corrected for ties.

    Each group is (n,) numbers in one unit. Raises :class:`~remission.errors.NotEstimable` when
    fewer than two groups hold a value, or all values are equal. Kruskal & Wallis 1952, J Am Stat
    Assoc 47:583.
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
    return TestResult(chi_square_tail(h, df), "Kruskal–Wallis", n, h, df)


def _tie_term(ranks: FloatArray) -> float:
    """Return 1 − Σ(t³ − t) / (n³ − n): 1 without ties, 0 when all are equal."""
    n = len(ranks)
    _, counts = np.unique(ranks, return_counts=True)
    return 1.0 - float((counts**3 - counts).sum()) / (n**3 - n) if n > 1 else 0.0


def _normal_rank_sum_p(ranks: FloatArray, n: int) -> float:
    m = len(ranks) - n
    gap = float(ranks[:n].sum()) - n * (n + m + 1) / 2
    variance = n * m * (n + m + 1) / 12 * _tie_term(ranks)
    return min(1.0, two_sided_normal(max(abs(gap) - 0.5, 0.0) / np.sqrt(variance)))


def _exact_rank_sum_p(ranks: FloatArray, n: int) -> float:
    """Return the share of all choices of n ranks whose sum is at least as far from its mean.

    Midranks doubled are whole, so the sums are counted one rank at a time: ``ways[k, s]`` is
    the number of ways to choose k of the ranks seen so far with doubled sum s.
    """
    doubled = np.rint(2 * ranks).astype(np.int64)
    top = int(np.sort(doubled)[-n:].sum())
    ways = np.zeros((n + 1, top + 1))
    ways[0, 0] = 1.0
    for rank in doubled:
        ways[1:, rank:] += ways[:-1, : top + 1 - rank].copy()
    share = ways[n] / ways[n].sum()
    centre = n * doubled.sum() / len(doubled)
    distance = abs(float(doubled[:n].sum()) - centre)
    far = np.abs(np.arange(top + 1) - centre) >= distance - 1e-9
    return min(1.0, float(share[far].sum()))
