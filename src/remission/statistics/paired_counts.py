"""A yes or no seen twice in the same subjects: McNemar's test and the paired difference."""

from __future__ import annotations

import math
from typing import Literal

from numpy.typing import ArrayLike

from remission.statistics.arrays import IntArray, chi_square_tail, refuse
from remission.statistics.contingency import TestResult, whole_counts
from remission.statistics.proportions import wilson
from remission.statistics.tails import log_chi_square_tail, log_sum
from remission.statistics.two_proportions import ProportionContrast


def mcnemar(
    table: ArrayLike, *, method: Literal["exact", "mid-p", "chi-square"] = "exact",
    correction: bool = False,
) -> TestResult:
    """Return McNemar's test of a change between two looks at the same subjects, two-sided.

    ``table`` (2 × 2) counts pairs: rows the first look (yes, no), columns the second. Only the
    pairs that changed count. "exact" is the binomial test of them with ½; "mid-p" takes half the
    probability of what is as likely as the observed (Fagerland, Lydersen & Laake 2013, BMC Med
    Res Methodol 13:91); "chi-square" is (b − c)²/(b + c), with ``correction`` (|b − c| − 1)² over
    it, not below 0 (Edwards 1948, Psychometrika 13:185). Raises
    :class:`~remission.errors.NotEstimable` when no pair changed. McNemar 1947, Psychometrika
    12:153.
    """
    counts = _pairs(table, name="mcnemar")
    lost, gained, n = int(counts[0, 1]), int(counts[1, 0]), int(counts.sum())
    if lost + gained == 0:
        raise refuse("mcnemar", "No pair changed.", "There is nothing to test.")
    if correction and method != "chi-square":
        raise refuse("mcnemar", "The continuity correction belongs to the χ² test.")
    convention = (f"{lost + gained} of {n} pairs changed",)
    if method == "chi-square":
        gap = max(abs(lost - gained) - correction, 0)
        statistic = gap**2 / (lost + gained)
        name = "McNemar χ²" + (" with continuity correction" if correction else "")
        return TestResult(chi_square_tail(statistic, 1), name, n, statistic, 1,
                          log_p=log_chi_square_tail(statistic, 1), conventions=convention)
    if method not in ("exact", "mid-p"):
        raise refuse("method", f"{method!r} is not known; 'exact', 'mid-p', 'chi-square' are.")
    log_p = _log_binomial_p(lost, gained, is_mid=method == "mid-p")
    return TestResult(math.exp(log_p), "McNemar " + ("mid-p" if method == "mid-p" else "exact"),
                      n, is_exact=method == "exact", log_p=log_p, conventions=convention)


def paired_difference(table: ArrayLike, *, level: float = 0.95) -> ProportionContrast:
    """Return the first proportion minus the second, of the same subjects, with its interval.

    ``table`` (2 × 2) counts pairs: rows the first look (yes, no), columns the second. Newcombe's
    hybrid score interval with the continuity-corrected correlation (Newcombe 1998, Stat Med
    17:2635, method 10). Raises :class:`~remission.errors.NotEstimable` without pairs.
    """
    counts = _pairs(table, name="paired_difference")
    n = int(counts.sum())
    one = wilson(int(counts[0].sum()), n, level=level)
    two = wilson(int(counts[:, 0].sum()), n, level=level)
    phi = _corrected_correlation(counts)
    estimate = one.estimate - two.estimate
    below = _hybrid(one.estimate - one.lower, two.upper - two.estimate, phi)
    above = _hybrid(one.upper - one.estimate, two.estimate - two.lower, phi)
    return ProportionContrast("difference", estimate, max(-1.0, estimate - below),
                    min(1.0, estimate + above), level, n,
                    "Newcombe hybrid score for pairs (method 10)",
                    conventions=("first minus second", "correlation with continuity correction"))


def _hybrid(first: float, second: float, phi: float) -> float:
    return math.sqrt(max(first**2 - 2 * phi * first * second + second**2, 0.0))


def _corrected_correlation(counts: IntArray) -> float:
    """Return φ with n/2 taken off a positive numerator, 0 where a margin is empty."""
    (both, lost), (gained, neither) = counts.tolist()
    margins = (both + lost) * (gained + neither) * (both + gained) * (lost + neither)
    if margins == 0:
        return 0.0
    numerator = both * neither - lost * gained
    if numerator > 0:
        numerator = max(numerator - (both + lost + gained + neither) / 2, 0.0)
    return float(numerator / math.sqrt(margins))


def _log_binomial_p(lost: int, gained: int, *, is_mid: bool) -> float:
    """Return log p of the two-sided binomial test with ½; mid-p halves what is as likely."""
    total, fewer = lost + gained, min(lost, gained)
    terms = [math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1)
             - total * math.log(2) for k in range(fewer + 1)]
    if lost == gained:
        return math.log1p(-math.exp(terms[-1]) / 2) if is_mid else 0.0
    if is_mid:
        terms[-1] -= math.log(2)
    return min(0.0, math.log(2) + log_sum(terms))


def _pairs(table: ArrayLike, *, name: str) -> IntArray:
    counts = whole_counts(table)
    if counts.shape != (2, 2):
        raise refuse(name, f"A table of two rows and two columns is expected, not {counts.shape}.")
    if counts.sum() == 0:
        raise refuse(name, "There are no pairs.")
    return counts
