"""Fourfold tables behind an odds ratio of one covariate: every table that prints as claims do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from remission.audit.claims import AnyClaim
from remission.reconstruct.blueprint_models import FIRTH, Method, Model, TestOfTable
from remission.reconstruct.conditions import EVERYONE, Predicate, Resolver, both
from remission.reconstruct.ratios import PrintedRatio, printed_ratios
from remission.reconstruct.windows import reach
from remission.statistics.arrays import IntArray, normal_quantile, two_sided_normal
from remission.statistics.contingency import chi_square, fisher_exact

Counts: TypeAlias = tuple[int, int, int, int]
"""With the covariate those with and without the outcome; without it those with and without."""
WIDENED = (1.0, 1.03, 1.1, 1.25, 1.5, 2.0)
"""By which factors a ratio may be off, one after another, where no table prints so."""


@dataclass(frozen=True)
class Fourfold:
    """The four cells of a table whose odds ratio a claim prints."""

    cells: tuple[Predicate, Predicate, Predicate, Predicate]
    base: Predicate
    asked: tuple[PrintedRatio, ...]
    method: Method
    test: TestOfTable

    def tables(
        self, children: int, sizes: Mapping[Predicate, int], widened: float = 1.0
    ) -> list[Counts]:
        """Return every table of some children that prints so; of the base where it is known.

        ``widened`` above 1 asks only that the ratio is off by no more than this factor.
        """
        known = children if self.base == EVERYONE else sizes.get(self.base)
        totals = range(4, children + 1) if known is None else (known,)
        estimates = [one for one in self.asked if one.part == "estimate"]
        found = []
        for counts in _near(estimates, totals, self.method, widened):
            table: Counts = (int(counts[0]), int(counts[1]), int(counts[2]), int(counts[3]))
            if widened > 1 or self._prints(table):
                found.append(table)
        return found

    def _prints(self, table: Counts) -> bool:
        fitted = fitted_table(table, self.method, self.test)
        return all(one.printed.rules(one.of(*fitted.numbers(one.level)))
                   and one.points(fitted.numbers(one.level)[0]) for one in self.asked)


@dataclass(frozen=True)
class FittedTable:
    """The logarithm of the odds ratio of a table, its standard error and its P value."""

    log: float
    error: float
    p: float

    def numbers(self, level: float) -> tuple[float, float, float, float]:
        """Return the ratio, the bounds of its interval at a level, and P."""
        half = normal_quantile(level) * self.error
        return (math.exp(self.log), math.exp(self.log - half), math.exp(self.log + half), self.p)


def fitted_table(table: Counts, method: Method, test: TestOfTable) -> FittedTable:
    """Return the logistic model of one yes-or-no covariate, which a table decides."""
    with_it, with_not, without, neither = (cell + (0.5 if method == FIRTH else 0.0)
                                           for cell in table)
    log = math.log(with_it * neither / (with_not * without))
    error = math.sqrt(1 / with_it + 1 / with_not + 1 / without + 1 / neither)
    return FittedTable(log, error, _p(table, test, log / error))


def _p(table: Counts, test: TestOfTable, z: float) -> float:
    if test == "wald":
        return two_sided_normal(z)
    rows = [table[:2], table[2:]]
    return float((fisher_exact if test == "fisher" else chi_square)(rows).p)


def _near(
    asked: Sequence[PrintedRatio], totals: Sequence[int], method: Method, widened: float
) -> Iterator[IntArray]:
    """Yield the tables (4,) of some sizes whose ratio lies within the reach of what is printed."""
    low, high = 0.0, math.inf
    for one in asked:
        least, most = reach(one.printed)
        if one.is_inverse:
            least, most = 1 / most, (1 / least if least > 0 else math.inf)
        low, high = max(low, least / widened), min(high, most * widened)
    more = 0.5 if method == FIRTH else 0.0
    for total in totals:
        with_it, had = np.meshgrid(np.arange(1, total), np.arange(1, total), indexing="ij")
        for of_them in range(total):
            cells = np.stack([np.full_like(with_it, of_them), with_it - of_them, had - of_them,
                              total - with_it - had + of_them], axis=-1).reshape(-1, 4)
            cells = cells[(cells >= (0 if more else 1)).all(axis=1)] + more
            ratio = cells[:, 0] * cells[:, 3] / (cells[:, 1] * cells[:, 2])
            yield from (cells[(ratio >= low) & (ratio <= high)] - more).astype(np.int64)


def fourfold(model: Model, claim: AnyClaim, resolver: Resolver) -> Fourfold:
    """Return the table behind a claim of a model that one table decides.

    Raises ``ValueError`` for a claim that prints no ratio.
    """
    term = model.terms[0]
    base, had = resolver.predicate(model.among), resolver.predicate(model.outcome)
    with_it = both(base, resolver.predicate(term.who))
    without = both(base, resolver.others(term.who or {}))
    had_not = resolver.others(model.outcome)
    return Fourfold(
        (both(with_it, had), both(with_it, had_not), both(without, had), both(without, had_not)),
        base, tuple(printed_ratios(term, claim)), model.method, model.test)
