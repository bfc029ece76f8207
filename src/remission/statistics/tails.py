"""Logarithms of tail probabilities, for tests whose p is too small to be a number."""

from __future__ import annotations

import math


def log_two_sided_normal(z: float) -> float:
    """Return the natural logarithm of P(|Z| ≥ |z|) of a standard normal variable."""
    from scipy.special import log_ndtr

    return math.log(2) + float(log_ndtr(-abs(z)))


def log_chi_square_tail(statistic: float, df: int) -> float:
    """Return the natural logarithm of P(χ² ≥ statistic) for whole degrees of freedom.

    The closed form of :func:`~remission.statistics.arrays.chi_square_tail` (Abramowitz & Stegun
    26.4.4 and 26.4.5), its terms added as logarithms.
    """
    if statistic <= 0:
        return 0.0
    half = statistic / 2
    is_odd = df % 2 == 1
    terms = [log_two_sided_normal(math.sqrt(statistic))] if is_odd else []
    power = 0.5 if is_odd else 0.0
    while power < df / 2:
        terms.append(power * math.log(half) - half - math.lgamma(power + 1))
        power += 1
    largest = max(terms)
    return min(0.0, largest + math.log(sum(math.exp(term - largest) for term in terms)))
