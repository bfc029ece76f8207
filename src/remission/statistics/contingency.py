"""Counts in a table of groups by categories: Pearson χ² and Fisher's exact test."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, IntArray, chi_square_tail, refuse
from remission.statistics.exact_tables import exact_log_p
from remission.statistics.random_tables import simulated_p
from remission.statistics.tails import log_chi_square_tail
from remission.statistics.tidy import TidyRow, tidy_row

MOST_PARTIAL_TABLES = 3_000_000
"""Partial tables an exact test may visit; beyond it the declared Monte-Carlo test is used."""
SIMULATIONS = 100_000


@dataclass(frozen=True)
class TestResult:
    """A test: its p, the statistic (if it has one), how it was done and on how many.

    ``log_p`` is the natural logarithm of p; tests of counts give it also where p itself is too
    small for a number and is 0.
    """

    __test__ = False  # not a pytest class

    p: float
    method: str
    n: int
    statistic: float | None = None
    df: int | None = None
    note: str = ""
    is_exact: bool = False
    log_p: float = math.nan
    conventions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Fill in the logarithm of p where the test did not bring its own."""
        if math.isnan(self.log_p) and self.p > 0:
            object.__setattr__(self, "log_p", math.log(self.p))

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return n, the statistic with its degrees of freedom where it has them, and p."""
        numbers = {"statistic": self.statistic, "df": self.df}
        return (tidy_row("n", self.n),
                *(tidy_row(name, value) for name, value in numbers.items() if value is not None),
                tidy_row("p", self.p, note=self.note), tidy_row("log_p", self.log_p))


def whole_counts(table: ArrayLike) -> IntArray:
    """Return a table of counts as given, empty rows and columns kept.

    Raises :class:`~remission.errors.NotEstimable` when it is not a table, or a count is negative
    or not whole.
    """
    try:
        given = np.asarray(table, dtype=np.float64)
    except (TypeError, ValueError):
        raise refuse("table", "Every row of a table has the same number of counts.") from None
    if given.ndim != 2:
        raise refuse("table", f"A table has rows and columns, not shape {given.shape}.")
    is_whole = np.isfinite(given) & (np.floor(given) == given) & (given >= 0)
    if not is_whole.all():
        raise refuse("table", "Counts are whole numbers from 0.")
    counts: IntArray = given.astype(np.int64)
    return counts


def counts_table(table: ArrayLike) -> IntArray:
    """Return a table of whole counts without empty rows and columns.

    Raises :class:`~remission.errors.NotEstimable` when fewer than two rows or columns remain,
    or a count is negative or not whole.
    """
    given = whole_counts(table)
    counts: IntArray = given[given.sum(axis=1) > 0][:, given.sum(axis=0) > 0]
    if min(counts.shape) < 2:
        raise refuse("table", "Fewer than two groups or two categories hold anyone.",
                     "There is nothing to compare.")
    return counts


def expected_counts(table: ArrayLike) -> FloatArray:
    """Return the counts expected without association, rows × columns in use.

    Raises :class:`~remission.errors.NotEstimable` when there is nothing to compare.
    """
    counts = counts_table(table)
    expected: FloatArray = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return expected


def chi_square(table: ArrayLike, *, correction: bool = False) -> TestResult:
    """Return Pearson's χ² test of a table (rows × columns) of counts.

    ``correction`` applies Yates' continuity correction, to a 2×2 table only. Raises
    :class:`~remission.errors.NotEstimable` when there is nothing to compare. Pearson 1900;
    Yates 1934, Suppl J R Stat Soc 1:217.
    """
    counts = counts_table(table)
    expected = expected_counts(counts)
    gap = np.abs(counts - expected)
    if correction and counts.shape != (2, 2):
        raise refuse("chi_square", "Yates' correction is for tables of two rows and two columns.")
    if correction:
        gap = gap - np.minimum(0.5, gap)
    statistic = float((gap**2 / expected).sum())
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    method = "Pearson χ²" + (" with Yates' correction" if correction else "")
    return TestResult(chi_square_tail(statistic, df), method, int(counts.sum()), statistic, df,
                      log_p=log_chi_square_tail(statistic, df),
                      conventions=("empty rows and columns are left out",))


def fisher_exact(table: ArrayLike, *, seed: int = 1) -> TestResult:
    """Return Fisher's exact test (Freeman–Halton beyond 2×2), two-sided.

    ``table`` is rows × columns of counts. Tables as likely as the observed one, within a
    relative 1e-7, count as extreme. Exact up to ``MOST_PARTIAL_TABLES`` partial tables; beyond
    that a Monte-Carlo estimate with ``seed``, whose method says so and whose note gives its
    interval. Raises :class:`~remission.errors.NotEstimable` when there is nothing to compare.
    Fisher 1935; Freeman & Halton 1951, Biometrika 38:141.
    """
    counts = counts_table(table)
    n = int(counts.sum())
    conventions = ("tables no likelier than the observed one, within 1e-7, count as extreme",)
    log_p = exact_log_p(counts, most=MOST_PARTIAL_TABLES)
    if log_p is not None:
        name = "Fisher exact" if counts.shape == (2, 2) else "Fisher–Freeman–Halton exact"
        return TestResult(math.exp(log_p), name, n, is_exact=True, log_p=log_p,
                          conventions=conventions)
    p, lower, upper = simulated_p(counts, simulations=SIMULATIONS, seed=seed)
    return TestResult(
        p, f"Fisher–Freeman–Halton, Monte Carlo ({SIMULATIONS} tables, seed {seed})", n,
        note=f"99% interval of p: {lower:.4g} to {upper:.4g}", conventions=conventions,
        warnings=("too many tables for the exact test: p is estimated from random tables",),
    )
