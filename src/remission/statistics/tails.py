"""Logarithms of tail probabilities that are too small to be written as numbers."""

from __future__ import annotations

import math

_ERFC_FADES = 20.0
"""From here the asymptotic series of erfc has more digits than are kept; beyond 27 erfc is 0."""


def log_erfc(x: float) -> float:
    """Return log erfc(x); for large x by its asymptotic series (Abramowitz & Stegun 7.1.23)."""
    if math.isnan(x):
        return math.nan
    if x == math.inf:
        return -math.inf
    if x < _ERFC_FADES:
        return math.log(math.erfc(x))
    term, series = 1.0, 1.0
    for k in range(1, 9):
        term *= -(2 * k - 1) / (2 * x * x)
        series += term
    return math.log(series) - x * x - math.log(x * math.sqrt(math.pi))


def log_two_sided_normal(z: float) -> float:
    """Return log P(|Z| ≥ |z|) of a standard normal variable."""
    return log_erfc(abs(z) / math.sqrt(2))


def log_chi_square_tail(statistic: float, df: int) -> float:
    """Return log P(χ² ≥ statistic) for a whole number of degrees of freedom.

    The sum of :func:`~remission.statistics.arrays.chi_square_tail`, its terms kept as logarithms.
    """
    half = statistic / 2
    if half <= 0:
        return 0.0
    is_odd = df % 2 == 1
    powers = [power + 0.5 * is_odd for power in range(df // 2)]
    terms = [power * math.log(half) - half - math.lgamma(power + 1) for power in powers]
    if is_odd:
        terms.append(log_erfc(math.sqrt(half)))
    return min(0.0, log_sum(terms))


def log_sum(logarithms: list[float]) -> float:
    """Return the logarithm of a sum from the logarithms of its terms."""
    largest = max(logarithms)
    return largest + math.log(math.fsum(math.exp(term - largest) for term in logarithms))
