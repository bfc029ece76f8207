"""Natural logarithms of tail probabilities, which stay finite where the probability underflows."""

from __future__ import annotations

import math

from remission.statistics.arrays import two_sided_normal

_FAR = 20.0
"""Beyond this many standard deviations the asymptotic series is exact to rounding."""


def log_two_sided_normal(z: float) -> float:
    """Return log P(|Z| ≥ |z|) of a standard normal variable; NaN for NaN.

    Beyond 20 standard deviations by the asymptotic series of the error function (Abramowitz &
    Stegun 7.1.23).
    """
    x = abs(z) / math.sqrt(2)
    if abs(z) < _FAR or math.isnan(z):
        return math.log(two_sided_normal(z)) if not math.isnan(z) else math.nan
    if math.isinf(z):
        return -math.inf
    term, series = 1.0, 1.0
    for k in range(1, 12):
        term *= -(2 * k - 1) / (2 * x * x)
        series += term
    return -x * x - math.log(x * math.sqrt(math.pi)) + math.log(series)


def log_chi_square_tail(statistic: float, df: int) -> float:
    """Return log P(χ² ≥ statistic) for a whole number of degrees of freedom.

    The terms of :func:`~remission.statistics.arrays.chi_square_tail`, added as logarithms.
    """
    if statistic <= 0:
        return 0.0
    half = statistic / 2
    is_odd = df % 2 == 1
    logs = [log_two_sided_normal(math.sqrt(statistic))] if is_odd else []
    power = 0.5 if is_odd else 0.0
    while power < df / 2:
        logs.append(power * math.log(half) - half - math.lgamma(power + 1))
        power += 1
    largest = max(logs)
    return min(0.0, largest + math.log(sum(math.exp(log - largest) for log in logs)))
