"""Student's t and Fisher's F, and tails on the log scale that do not underflow."""

from __future__ import annotations

import math

from remission.statistics.arrays import refuse

_SAFE = 1e-290
"""Below this a probability is near the smallest float; its log is then taken another way."""
_MOST_STEPS = 10_000


def two_sided_t(t: float, df: float) -> float:
    """Return P(|T| ≥ |t|) of Student's t; ``df`` is positive and need not be whole."""
    return f_tail(t * t, 1.0, df)


def log_two_sided_t(t: float, df: float) -> float:
    """Return the natural log of :func:`two_sided_t`, also where that underflows to 0."""
    return log_f_tail(t * t, 1.0, df)


def t_quantile(level: float, df: float) -> float:
    """Return the two-sided quantile of Student's t of a confidence level.

    Raises :class:`~remission.errors.NotEstimable` for a level that is not between 0 and 1.
    """
    from scipy.special import stdtrit

    if not 0 < level < 1:
        raise refuse("level", f"A confidence level lies between 0 and 1, not {level}.")
    return -float(stdtrit(df, (1 - level) / 2))


def f_tail(f: float, df_above: float, df_below: float) -> float:
    """Return P(F ≥ f); the regularised incomplete beta function, Abramowitz & Stegun 26.6.2."""
    from scipy.special import betainc

    return float(betainc(df_below / 2, df_above / 2, df_below / (df_below + df_above * f)))


def log_f_tail(f: float, df_above: float, df_below: float) -> float:
    """Return the natural log of :func:`f_tail`, also where that underflows to 0."""
    p = f_tail(f, df_above, df_below)
    if p > _SAFE:
        return math.log(p)
    ratio = df_above * f / df_below
    return _log_incomplete_beta(df_below / 2, df_above / 2, 1 / (1 + ratio),
                                -math.log1p(ratio), math.log(ratio) - math.log1p(ratio))


def _log_incomplete_beta(
    a: float, b: float, x: float, log_x: float, log_rest: float
) -> float:
    """Return log I_x(a, b) in its lower tail by its continued fraction.

    ``log_rest`` is log(1 − x). Digital Library of Mathematical Functions 8.17.22, evaluated by
    Lentz's method; it converges fast for x < (a + 1) / (a + b + 2), far inside which p is small.
    """
    value, c, d = 1.0, 1.0, 0.0
    for step in range(1, _MOST_STEPS):
        m = step // 2
        if step % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / (1 + term * d)
        c = 1 + term / c
        value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return front + a * log_x + b * log_rest - math.log(a) - math.log(value)
