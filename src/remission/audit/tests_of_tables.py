"""The tests that the field uses for a table of counts, each with the p of its usual variants."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from remission.audit.printed import Printed, printed
from remission.errors import NotEstimable
from remission.statistics.arrays import IntArray
from remission.statistics.contingency import (
    SIMULATIONS,
    chi_square,
    counts_table,
    fisher_exact,
)
from remission.statistics.exact_tables import exact_log_p
from remission.statistics.paired_counts import mcnemar
from remission.statistics.ranks import EXACT_UP_TO, mann_whitney, midranks
from remission.statistics.trend import linear_by_linear, trend_test

Table: TypeAlias = tuple[tuple[int, ...], ...]
_FEW_PARTIAL_TABLES = 20_000
"""Partial tables an exact test may visit in a search, where thousands of tables are tried."""
_STANDARD_ERRORS = 3.5
"""By how many standard errors a simulated p may be off."""


@dataclass(frozen=True)
class Tested:
    """A test of a table: its name, p, the statistic, and the error of a simulated p."""

    name: str
    p: float
    statistic: float | None = None
    error: float = 0.0

    def rules(self, given: Printed) -> tuple[str, ...]:
        """Return the rules by which this p prints as ``given``."""
        found = given.rules(self.p)
        if found or not self.error:
            return found
        low, high = given.bounds()
        nearest = min(max(self.p, low), high)
        return given.rules(nearest) if abs(nearest - self.p) <= self.error else ()


@dataclass(frozen=True)
class Order:
    """Whether rows and columns stand in a natural order."""

    rows: bool = False
    columns: bool = False


def tests_of(
    table: Table, order: Order, names: Sequence[str], *, searching: bool = False
) -> list[Tested]:
    """Return the named tests of a table, those that it admits; ``searching`` spares slow ones."""
    counts = np.array(table, dtype=np.int64)
    counts = counts[counts.sum(axis=1) > 0]
    if not order.columns:
        counts = counts[:, counts.sum(axis=0) > 0]
    found: list[Tested] = []
    for name in names:
        try:
            found += _TESTS[name](counts, order, searching)
        except NotEstimable:
            continue
    return found


def usual_tests(order: Order, *, paired: bool) -> tuple[str, ...]:
    """Return the tests that are usual for a table, the most usual first."""
    if paired:
        return ("mcnemar",)
    ordered = ("trend", "linear-by-linear", "mann-whitney")
    return ("fisher", "chi-square", "yates", *(ordered if order.rows or order.columns else ()))


def fitting(given: str) -> Printed:
    """Return a printed P value; NS is one of 0.05 or more."""
    return printed("≥0.05" if given.strip() == "NS" else given)


def _fisher(counts: IntArray, order: Order, searching: bool) -> Iterator[Tested]:
    del order
    two = counts.shape == (2, 2)
    name = "Fisher's exact test" if two else "the Fisher–Freeman–Halton test"
    if searching:
        log_p = exact_log_p(counts_table(counts), most=_FEW_PARTIAL_TABLES)
        if log_p is not None:
            yield Tested(name, math.exp(log_p))
        return
    found = fisher_exact(counts)
    error = 0.0 if found.is_exact else _STANDARD_ERRORS * math.sqrt(
        max(found.p * (1 - found.p), 1 / SIMULATIONS) / SIMULATIONS)
    yield Tested(name, found.p, error=error)


def _chi_square(counts: IntArray, order: Order, searching: bool) -> Iterator[Tested]:
    del order, searching
    found = chi_square(counts)
    yield Tested("the χ² test", found.p, found.statistic)


def _yates(counts: IntArray, order: Order, searching: bool) -> Iterator[Tested]:
    del order, searching
    found = chi_square(counts, correction=True)
    yield Tested("the χ² test with Yates' correction", found.p, found.statistic)


def _turned(counts: IntArray, order: Order) -> tuple[IntArray, bool]:
    """Return the table with two rows if it has two columns, and whether its columns have order."""
    if counts.shape[0] == 2 and (order.columns or counts.shape[1] == 2):
        return counts, True
    if counts.shape[1] == 2 and order.rows:
        return counts.T, True
    return counts, False


def _trend(counts: IntArray, order: Order, searching: bool) -> Iterator[Tested]:
    turned, is_ordered = _turned(counts, order)
    if not is_ordered or turned.shape[1] < 3:
        return
    found = trend_test(turned.T, exact=False)
    yield Tested("the Cochran–Armitage test for trend", found.p, found.statistic)
    if not searching:
        exact = trend_test(turned.T, exact=True)
        yield Tested("the exact Cochran–Armitage test for trend", exact.p)


def _linear(counts: IntArray, order: Order, searching: bool) -> Iterator[Tested]:
    del searching
    has_order = (order.rows or counts.shape[0] == 2) and (order.columns or counts.shape[1] == 2)
    if has_order:
        found = linear_by_linear(counts)
        yield Tested("the linear-by-linear association test", found.p, found.statistic)


def _mann_whitney(counts: IntArray, order: Order, searching: bool) -> Iterator[Tested]:
    turned, is_ordered = _turned(counts, order)
    if not is_ordered or turned.shape[0] != 2:
        return
    grades = np.arange(turned.shape[1])
    first, second = (np.repeat(grades, row) for row in turned)
    yield Tested("the Mann–Whitney test", mann_whitney(first, second, exact=False).p)
    ranks = midranks(np.concatenate((first, second)).astype(np.float64))
    scores = [float(ranks[np.concatenate((first, second)) == grade].mean())
              if turned[:, grade].any() else 0.0 for grade in grades]
    yield Tested("the Mann–Whitney test without continuity correction",
                 linear_by_linear(turned, column_scores=scores).p)
    if not searching and turned.sum() <= EXACT_UP_TO:
        yield Tested("the exact Mann–Whitney test", mann_whitney(first, second, exact=True).p)


def _mcnemar(counts: IntArray, order: Order, searching: bool) -> Iterator[Tested]:
    del order, searching
    yield Tested("McNemar's exact test", mcnemar(counts).p)
    for correction, name in ((True, "with"), (False, "without")):
        found = mcnemar(counts, method="chi-square", correction=correction)
        yield Tested(f"McNemar's test {name} continuity correction", found.p, found.statistic)


_TESTS: Mapping[str, Callable[[IntArray, Order, bool], Iterator[Tested]]] = {
    "fisher": _fisher, "chi-square": _chi_square, "yates": _yates, "trend": _trend,
    "linear-by-linear": _linear, "mann-whitney": _mann_whitney, "mcnemar": _mcnemar,
}
