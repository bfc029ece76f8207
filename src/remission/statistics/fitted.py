"""What every fitted regression says: its coefficients, its tests, its warnings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from remission.statistics.arrays import (
    FloatArray,
    chi_square_tail,
    normal_quantile,
    two_sided_normal,
)
from remission.statistics.tails import log_chi_square_tail, log_two_sided_normal
from remission.statistics.tidy import TidyRow, tidy_row


@dataclass(frozen=True)
class Term:
    """One coefficient: ``estimate`` with its interval, and both as a ratio (exponentiated).

    The ratio is a hazard or an odds ratio. ``statistic`` is Wald's z, or a penalised likelihood
    ratio (χ² with 1 df) where the fit says so. ``log_p`` is the natural logarithm of ``p``.
    """

    name: str
    estimate: float
    se: float
    lower: float
    upper: float
    statistic: float
    p: float
    log_p: float

    @property
    def ratio(self) -> float:
        """The hazard or odds ratio."""
        return exponential(self.estimate)

    @property
    def ratio_lower(self) -> float:
        """The lower bound of the ratio."""
        return exponential(self.lower)

    @property
    def ratio_upper(self) -> float:
        """The upper bound of the ratio."""
        return exponential(self.upper)


@dataclass(frozen=True)
class ModelTest:
    """A test of all coefficients together; ``log_p`` is the natural logarithm of ``p``."""

    name: str
    statistic: float
    df: int
    p: float
    log_p: float


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted regression with p coefficients.

    ``covariance`` (p, p) belongs to ``terms``, in their order. ``null_log_likelihood`` is that of
    the model without covariates, penalised where the fit is.
    """

    terms: tuple[Term, ...]
    tests: tuple[ModelTest, ...]
    covariance: FloatArray
    log_likelihood: float
    null_log_likelihood: float
    iterations: int
    n: int
    events: int
    level: float
    method: str
    conventions: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the coefficients."""
        return tuple(term.name for term in self.terms)

    @property
    def estimate(self) -> FloatArray:
        """The coefficients (p,): logarithms of ratios."""
        return np.array([term.estimate for term in self.terms])

    @property
    def se(self) -> FloatArray:
        """The standard errors (p,)."""
        return np.array([term.se for term in self.terms])

    @property
    def events_per_variable(self) -> float:
        """Events for each coefficient: below ten estimates may be biased away from zero."""
        return self.events / len(self.terms)

    def term(self, name: str) -> Term:
        """Return the coefficient of a name; raises ``KeyError`` for a name that is not there."""
        return dict(zip(self.names, self.terms, strict=True))[name]

    def test(self, name: str) -> ModelTest:
        """Return the test of a name; raises ``KeyError`` for a name that is not there."""
        return {test.name: test for test in self.tests}[name]

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return every number of the fit as rows."""
        rows = [tidy_row(what, getattr(term, what), group=term.name)
                for term in self.terms
                for what in ("estimate", "se", "ratio", "ratio_lower", "ratio_upper",
                             "statistic", "p", "log_p")]
        for test in self.tests:
            rows += [tidy_row(what, value, level=test.name, note=f"{test.df} df")
                     for what, value in (("statistic", test.statistic), ("p", test.p),
                                         ("log_p", test.log_p))]
        rows += [tidy_row("log_likelihood", self.log_likelihood),
                 tidy_row("null_log_likelihood", self.null_log_likelihood),
                 tidy_row("n", self.n), tidy_row("events", self.events),
                 tidy_row("events_per_variable", self.events_per_variable)]
        return tuple(rows)


def exponential(value: float) -> float:
    """Return e to a power, infinity where that overflows."""
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def wald_terms(
    names: Sequence[str], estimate: FloatArray, covariance: FloatArray, level: float
) -> tuple[Term, ...]:
    """Return coefficients with Wald's intervals and tests."""
    width = normal_quantile(level)
    errors = np.sqrt(np.diag(covariance))
    terms = []
    for name, value, error in zip(names, estimate.tolist(), errors.tolist(), strict=True):
        z = value / error
        terms.append(Term(name, value, error, value - width * error, value + width * error,
                          z, two_sided_normal(z), log_two_sided_normal(z)))
    return tuple(terms)


def model_test(name: str, statistic: float, df: int) -> ModelTest:
    """Return a χ² test of the whole model; a statistic below zero by rounding is zero."""
    value = max(0.0, float(statistic))
    return ModelTest(name, value, df, chi_square_tail(value, df), log_chi_square_tail(value, df))


def quadratic(matrix: FloatArray, vector: FloatArray) -> float:
    """Return v' M⁻¹ v, whatever the units of the rows of M."""
    size = np.sqrt(np.diag(matrix))
    scaled = vector / size
    return float(scaled @ np.linalg.solve(matrix / np.outer(size, size), scaled))
