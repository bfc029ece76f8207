"""Friedman's test of repeated measurements, exact over all orders within subjects where small."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, IntArray, chi_square_tail, refuse
from remission.statistics.contingency import TestResult
from remission.statistics.tails import log_chi_square_tail
from remission.statistics.tidy import TidyRow, tidy_row

MOST_SUMS = 200_000
"""Rank sums an exact test may hold at any subject."""
_MOST_SUBJECTS, _MOST_CONDITIONS = 100, 6


@dataclass(frozen=True, kw_only=True)
class Friedman(TestResult):
    """A Friedman test of ``n`` subjects, with the rank sum of each condition.

    ``concordance`` is Kendall's W: 0 when subjects disagree, 1 when all give the same order.
    """

    rank_sums: tuple[float, ...]
    concordance: float

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the numbers of the test, the rank sums and the concordance as rows."""
        sums = (tidy_row("rank sum", value, level=str(place))
                for place, value in enumerate(self.rank_sums, start=1))
        return (*super().tidy(), tidy_row("concordance", self.concordance), *sums)


def friedman(table: ArrayLike, *, exact: bool | None = None) -> Friedman:
    """Return Friedman's test that subjects' values do not depend on the condition.

    ``table``: rows × columns, subjects × conditions, numbers in one unit. Corrected for ties.
    Exact over all orders within subjects (ties included) for at most 100 subjects and six
    conditions, as long as no subject adds more than ``MOST_SUMS`` rank sums: all 100 subjects for
    three conditions, about 18 for four, 6 for five and 3 for six; else by χ². ``exact``
    chooses. Raises :class:`~remission.errors.NotEstimable` when there are fewer than two
    subjects or conditions, a value is missing, every subject's values are equal, or an exact p is
    asked for and out of reach. Friedman 1937, J Am Stat Assoc 32:675; Kendall & Babington Smith
    1939, Ann Math Stat 10:275.
    """
    values = _checked(table)
    n, k = values.shape
    doubled = _doubled_midranks(values)
    spread = float(((doubled / 2 - (k + 1) / 2) ** 2).sum())
    if spread == 0:
        raise refuse("friedman", "The values of every subject are equal.",
                     "There is nothing to compare.")
    sums = doubled.sum(axis=0)
    statistic = (k - 1) * float(((sums / 2 - n * (k + 1) / 2) ** 2).sum()) / spread
    p = None if exact is False else _exact_p(doubled)
    if exact and p is None:
        raise refuse("friedman", f"An exact p of {n} × {k} values is out of reach.",
                     "Leave exact out; the χ² approximation is good there.")
    is_exact = p is not None
    return Friedman(
        p=chi_square_tail(statistic, k - 1) if p is None else p,
        log_p=log_chi_square_tail(statistic, k - 1) if p is None else math.log(p),
        method="Friedman exact" if is_exact else "Friedman, χ² approximation", n=n,
        statistic=statistic, df=k - 1, is_exact=is_exact,
        rank_sums=tuple((sums / 2).tolist()), concordance=statistic / (n * (k - 1)),
        conventions=("ties within a subject get midranks, and the statistic is corrected",),
    )


def _doubled_midranks(values: FloatArray) -> IntArray:
    """Return twice the midranks within each row, which are whole: 2·smaller + equal + 1."""
    doubled = np.ones(values.shape, dtype=np.int64)
    for column in values.T:
        doubled += 2 * (values > column[:, None]) + (values == column[:, None])
    return doubled


def _checked(table: ArrayLike) -> FloatArray:
    """Return the table as floats; refuses what has no rows and columns or misses a value."""
    try:
        values = np.asarray(table, dtype=np.float64)
    except (TypeError, ValueError):
        raise refuse("friedman", "Every subject has one number for each condition.") from None
    if values.ndim != 2 or min(values.shape) < 2:
        raise refuse("friedman", "At least two subjects and two conditions are needed, not shape "
                                 f"{values.shape}.")
    if not np.isfinite(values).all():
        raise refuse("friedman", "NaN and infinity are not values.",
                     "Drop subjects with a missing value before.")
    return values


def _exact_p(doubled: IntArray) -> float | None:
    """Return the share of all orders within subjects whose rank sums are at least as uneven.

    None when that takes too many sums. Sums are counted one subject at a time. Conditions are
    exchangeable, so sums that differ only in their order are kept once, sorted.
    """
    n, k = doubled.shape
    if n > _MOST_SUBJECTS or k > _MOST_CONDITIONS:
        return None
    base = int(doubled.sum(axis=0).max() + doubled.max() * n) + 1
    if base**k > np.iinfo(np.int64).max:
        return None
    digits = base ** np.arange(k, dtype=np.int64)
    sums: IntArray = np.zeros((1, k), dtype=np.int64)
    shares: FloatArray = np.ones(1)
    for row in doubled:
        orders = np.array(sorted(set(permutations(row.tolist()))))
        if len(sums) * len(orders) > MOST_SUMS:
            return None
        every = np.sort((sums[:, None, :] + orders[None, :, :]).reshape(-1, k), axis=1)
        _, first, which = np.unique(every @ digits, return_index=True, return_inverse=True)
        weights = np.repeat(shares / len(orders), len(orders))
        shares = np.asarray(np.bincount(which, weights=weights), dtype=np.float64)
        sums = every[first]
    uneven = (sums**2).sum(axis=1) >= (doubled.sum(axis=0) ** 2).sum()
    return min(1.0, float(shares[uneven].sum()))
