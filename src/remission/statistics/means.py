"""Comparing means: Student's, Welch's, the paired and the one-sample t test, with effect size."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, refuse
from remission.statistics.distributions import log_two_sided_t, t_quantile, two_sided_t
from remission.statistics.samples import ROUNDING, pairs, sample
from remission.statistics.tidy import TidyRow, tidy_row


@dataclass(frozen=True)
class TTest:
    """A t test; ``difference`` is the mean difference (the mean itself for one sample).

    ``means``, ``sds`` and ``sizes`` are those of each sample. ``log_p`` is the natural log of p,
    which stays where p underflows to 0. ``cohen_d`` and ``hedges_g`` are standardised by the SD
    that ``conventions`` names; NaN where that cannot be had.
    """

    difference: float
    lower: float
    upper: float
    level: float
    se: float
    statistic: float
    df: float
    p: float
    log_p: float
    cohen_d: float
    hedges_g: float
    means: tuple[float, ...]
    sds: tuple[float, ...]
    sizes: tuple[int, ...]
    n: int
    method: str
    conventions: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the numbers of the test as rows, the samples' own by their level 1 and 2."""
        note = " ".join(self.warnings)
        names = ("difference", "lower", "upper", "se", "statistic", "df", "p",
                 "log_p")
        rows = [tidy_row(name.replace("_", " "), getattr(self, name)) for name in names]
        rows += [tidy_row("Cohen's d", self.cohen_d, note=note),
                 tidy_row("Hedges' g", self.hedges_g, note=note)]
        for name, values in (("mean", self.means), ("sd", self.sds), ("n", self.sizes)):
            rows += [tidy_row(name, value, level=str(place))
                     for place, value in enumerate(values, start=1)]
        return tuple(rows)


def t_test(
    first: ArrayLike, second: ArrayLike | None = None, *, paired: bool = False,
    equal_variances: bool = False, against: float = 0.0, level: float = 0.95,
) -> TTest:
    """Return the two-sided t test of one sample, of two, or of pairs.

    ``first`` (n,), ``second`` (m,): numbers in one unit, which is that of the difference and its
    interval. Two samples are compared by Welch's test, or by Student's with
    ``equal_variances``; ``paired`` takes both values of each subject, in the same order; without
    ``second`` the mean of ``first`` is tested. ``against`` is the difference (or mean) under the
    null hypothesis. Cohen's d is the distance from ``against`` in units of the pooled SD for two
    samples, of the SD of the differences for pairs (d_z), of the SD for one; Hedges' g is d
    times the exact correction J(df). Raises :class:`~remission.errors.NotEstimable` when a
    sample is too small, the values do not vary, or the options contradict each other. Student
    1908, Biometrika 6:1; Welch 1947, Biometrika 34:28; Hedges 1981, J Educ Stat 6:107.
    """
    if not math.isfinite(against):
        raise refuse("t_test", f"{against} is not a mean to test against.")
    if (paired or equal_variances) and second is None:
        raise refuse("t_test", "There is no second sample.",
                     "Pairs and equal variances are a matter of two samples.")
    if paired and equal_variances:
        raise refuse("t_test", "Pairs have one variance, that of their differences.",
                     "Leave equal_variances out.")
    x = sample(first, name="t_test")
    if second is None:
        return _result(
            _of_one(x, "values", _largest(x)), (x,), n=len(x), against=against, level=level,
            method="One-sample t test", conventions=("standardised by the SD of the sample",))
    if paired:
        x, y = pairs(first, second, name="t_test")
        return _result(
            _of_one(x - y, "differences", _largest(x, y)), (x, y), n=len(x), against=against,
            level=level, method="Paired t test",
            conventions=("first − second", "standardised by the SD of the differences (d_z)"))
    y = sample(second, name="t_test")
    return _result(
        _of_two(x, y, equal_variances), (x, y), n=len(x) + len(y), against=against, level=level,
        method="Student's t test" if equal_variances else "Welch's t test",
        conventions=("first − second",
                     "standardised by the pooled SD, n + m − 2 degrees of freedom"))


@dataclass(frozen=True)
class _Estimate:
    """A difference with its standard error, and the SD that standardises it, with their df."""

    difference: float
    error: float
    df: float
    sd: float
    sd_df: int


def _of_one(values: FloatArray, what: str, scale: float) -> _Estimate:
    """Return the mean of one sample; refuses one value, and a spread that is only rounding."""
    n = len(values)
    if n < 2:
        raise refuse("t_test", "One value has no standard deviation.")
    sd = float(values.std(ddof=1))
    if sd <= ROUNDING * scale:
        raise refuse("t_test", f"The {what} do not vary.",
                     "Without spread there is nothing to judge the mean by.")
    return _Estimate(float(values.mean()), sd / math.sqrt(n), n - 1, sd, n - 1)


def _of_two(x: FloatArray, y: FloatArray, equal_variances: bool) -> _Estimate:
    """Return the difference of two means; refuses too few values, and no spread in either."""
    n, m = len(x), len(y)
    if (n + m < 3) if equal_variances else min(n, m) < 2:
        raise refuse("t_test", f"{n} and {m} values are too few for their variances.")
    squares = [float(((values - values.mean()) ** 2).sum()) for values in (x, y)]
    pooled = math.sqrt(sum(squares) / (n + m - 2))
    if pooled <= ROUNDING * _largest(x, y):
        raise refuse("t_test", "The values of neither sample vary.",
                     "Without spread there is nothing to judge the difference by.")
    if equal_variances:
        error, df = pooled * math.sqrt(1 / n + 1 / m), float(n + m - 2)
    else:
        error, df = _welch(squares[0] / (n - 1) / n, squares[1] / (m - 1) / m, n, m)
    return _Estimate(float(x.mean() - y.mean()), error, df, pooled, n + m - 2)


def _welch(first: float, second: float, n: int, m: int) -> tuple[float, float]:
    """Return (standard error, Satterthwaite's degrees of freedom) of two squared errors."""
    share = first / (first + second)
    return math.sqrt(first + second), 1 / (share**2 / (n - 1) + (1 - share) ** 2 / (m - 1))


def _result(
    found: _Estimate, samples: tuple[FloatArray, ...], *, n: int, against: float, level: float,
    method: str, conventions: tuple[str, ...],
) -> TTest:
    distance = found.difference - against
    t = distance / found.error
    half = t_quantile(level, found.df) * found.error
    correction = _hedges_correction(found.sd_df)
    return TTest(
        difference=found.difference, lower=found.difference - half,
        upper=found.difference + half, level=level, se=found.error, statistic=t,
        df=found.df, p=two_sided_t(t, found.df), log_p=log_two_sided_t(t, found.df),
        cohen_d=distance / found.sd, hedges_g=distance / found.sd * correction,
        means=tuple(float(values.mean()) for values in samples),
        sds=tuple(float(values.std(ddof=1)) if len(values) > 1 else math.nan
                  for values in samples),
        sizes=tuple(len(values) for values in samples), n=n, method=method,
        conventions=(*conventions, "Hedges' g is d times J(df), exact"),
        warnings=() if math.isfinite(correction) else (
            "Hedges' correction needs more than one degree of freedom.",),
    )


def _hedges_correction(df: int) -> float:
    """Return J(df) = Γ(df/2) / (√(df/2) Γ((df − 1)/2)), NaN for one degree of freedom."""
    if df < 2:
        return math.nan
    return math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)


def _largest(*samples: FloatArray) -> float:
    return max(float(np.abs(values).max()) for values in samples)
