"""Choosing and running the test between groups, and saying why it was chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remission.errors import NotEstimable
from remission.statistics import (
    TestResult,
    chi_square,
    expected_counts,
    fisher_exact,
    kruskal_wallis,
    mann_whitney,
)

SEED = 1
"""Seed of every random step of an analysis: exact tests beyond their size, so far."""

_SMALLEST_EXPECTED = 5.0


@dataclass(frozen=True)
class Comparison:
    """The test that is printed, why it was chosen, and what other tests would say."""

    chosen: TestResult
    why: str
    alternatives: tuple[TestResult, ...] = ()


def compare_counts(table: Sequence[Sequence[int]], *, only_exact: bool = False) -> Comparison:
    """Return the test between groups (columns) of a categorical variable (rows).

    Pearson's χ² when every expected count is at least 5 (Cochran 1954, Biometrics 10:417), else
    Fisher's exact test, always with ``only_exact``; the other one stands beside it. Raises
    :class:`~remission.errors.NotEstimable` when there is nothing to compare.
    """
    smallest = float(expected_counts(table).min())
    pearson, exact = chi_square(table), fisher_exact(table, seed=SEED)
    if only_exact:
        return Comparison(exact, "the plan asks for exact tests", (pearson,))
    if smallest >= _SMALLEST_EXPECTED:
        return Comparison(pearson, f"every expected count is at least 5 (smallest {smallest:.1f})",
                          (exact,))
    return Comparison(exact, f"the smallest expected count is {smallest:.1f}, below 5", (pearson,))


def compare_numbers(groups: Sequence[Sequence[float]]) -> Comparison:
    """Return the rank test between groups of numbers: Mann–Whitney for two, Kruskal–Wallis beyond.

    Raises :class:`~remission.errors.NotEstimable` when fewer than two groups hold a value.
    """
    filled = [group for group in groups if len(group)]
    if len(filled) == 2:
        chosen = mann_whitney(filled[0], filled[1])
        return Comparison(chosen, "two groups, no assumption about the distribution",
                          tuple(_other_mann_whitney(filled, chosen)))
    return Comparison(kruskal_wallis(*filled),
                      f"{len(filled)} groups, no assumption about the distribution")


def _other_mann_whitney(
    groups: Sequence[Sequence[float]], chosen: TestResult
) -> Iterator[TestResult]:
    """Yield the normal approximation beside an exact test."""
    if chosen.is_exact:
        try:
            yield mann_whitney(groups[0], groups[1], exact=False)
        except NotEstimable:
            return
