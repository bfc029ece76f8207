"""Array types and the two distributions everything needs; the standard library suffices."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remission.errors import NotEstimable, Problem

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

_FAR_OUT = 25.0
"""Where erfc is so small that its logarithm is taken from a series."""


def refuse(where: str, what: str, cure: str = "") -> NotEstimable:
    """Return the error for a statistic that cannot be had."""
    return NotEstimable(Problem(where, what, "", cure))


def finite_vector(values: ArrayLike, *, name: str) -> FloatArray:
    """Return a one-dimensional float array; refuses NaN, infinity and other shapes."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise refuse(name, f"One row of numbers is expected, not shape {array.shape}.")
    if not np.isfinite(array).all():
        raise refuse(name, "NaN and infinity are not values.", "Drop missing values before.")
    return array


def normal_quantile(level: float) -> float:
    """Return the two-sided standard normal quantile of a confidence level (0.95 → 1.96).

    Raises ``NotEstimable`` for a level that is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise refuse("level", f"A confidence level lies between 0 and 1, not {level}.")
    return NormalDist().inv_cdf(0.5 + level / 2)


def chi_square_tail(statistic: float, df: int) -> float:
    """Return P(χ² ≥ statistic) for a whole number of degrees of freedom.

    The closed form for whole df (Abramowitz & Stegun 26.4.4 and 26.4.5): a sum of positive
    terms h^k e^-h / Γ(k + 1), h half the statistic, so that small p keep their digits.
    """
    if statistic <= 0:
        return 1.0
    half = statistic / 2
    is_odd = df % 2 == 1
    tail = math.erfc(math.sqrt(half)) if is_odd else 0.0
    power = 0.5 if is_odd else 0.0
    while power < df / 2:
        tail += math.exp(power * math.log(half) - half - math.lgamma(power + 1))
        power += 1
    return min(1.0, tail)


def log_chi_square_tail(statistic: float, df: int) -> float:
    """Return the natural logarithm of P(χ² ≥ statistic), also where the probability underflows.

    The terms of :func:`chi_square_tail`, added on the scale of their logarithms.
    """
    if statistic <= 0:
        return 0.0
    half = statistic / 2
    is_odd = df % 2 == 1
    terms = [log_two_sided_normal(math.sqrt(statistic))] if is_odd else []
    powers = (k + (0.5 if is_odd else 0.0) for k in range(df // 2))
    terms += [power * math.log(half) - half - math.lgamma(power + 1) for power in powers]
    largest = max(terms)
    return min(0.0, largest + math.log(sum(math.exp(term - largest) for term in terms)))


def two_sided_normal(z: float) -> float:
    """Return P(|Z| ≥ |z|) of a standard normal variable."""
    return math.erfc(abs(z) / math.sqrt(2))


def log_two_sided_normal(z: float) -> float:
    """Return the natural logarithm of P(|Z| ≥ |z|), also where the probability underflows.

    Far out the asymptotic series of erfc (Abramowitz & Stegun 7.1.23), whose seventh term is
    below 1e-15 there.
    """
    x = abs(z) / math.sqrt(2)
    if x < _FAR_OUT:
        return math.log(math.erfc(x))
    term = series = 1.0
    for k in range(1, 7):
        term *= -(2 * k - 1) / (2 * x * x)
        series += term
    return -x * x - math.log(x * math.sqrt(math.pi)) + math.log(series)


def case_weights(weights: ArrayLike, n: int, *, where: str) -> FloatArray:
    """Return the weights (n,) of n subjects; refuses negative ones, NaN and a sum of zero."""
    given = finite_vector(weights, name=where)
    if len(given) != n:
        raise refuse(where, f"{n} subjects but {len(given)} weights.")
    if (given < 0).any():
        raise refuse(where, "A weight is negative.", "A weight of 0 leaves a subject out.")
    if not given.any():
        raise refuse(where, "The weights sum to zero.", "Nobody is left to count.")
    return given


def coded_labels(
    labels: ArrayLike, n: int, *, where: str, what: str = "group"
) -> tuple[tuple[object, ...], IntArray]:
    """Return (the distinct labels in order, each subject's place (n,) among them).

    Raises ``NotEstimable`` when there are not ``n`` labels, one is missing (None or NaN), or
    they cannot be put in order. Whole numbers close together are counted instead of sorted.
    """
    given = np.asarray(labels)
    if given.shape != (n,):
        raise refuse(where, f"{n} subjects but {len(given) if given.ndim else 1} {what} labels.")
    is_missing = given != given if given.dtype.kind == "f" else [  # noqa: PLR0124 - NaN alone
        label is None or (isinstance(label, float) and math.isnan(label)) for label in given
    ] if given.dtype.kind == "O" else False
    if np.any(is_missing):
        raise refuse(where, f"A {what} label is missing.", f"Drop subjects without a {what}.")
    if given.dtype.kind in "biu" and int(given.max()) - int(given.min()) <= n:
        lowest = int(given.min())
        places: IntArray = given.astype(np.int64, copy=False)
        if lowest:
            places = places - lowest
        is_used = np.bincount(places) > 0
        distinct = (np.flatnonzero(is_used) + lowest).astype(given.dtype)
        dense = places if is_used.all() else (np.cumsum(is_used) - 1)[places]
        return tuple(distinct.tolist()), dense
    try:
        distinct, member = np.unique(given, return_inverse=True)
    except TypeError:
        raise refuse(where, f"The {what} labels are of kinds that have no order.",
                     "Use texts, or numbers, for all.") from None
    return tuple(distinct.tolist()), member.astype(np.int64)
