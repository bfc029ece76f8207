"""What every estimate needs: array types, checks at the door, the normal and χ² tails."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remission.errors import NotEstimable, Problem

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]


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
    half = statistic / 2
    if half <= 0:
        return 1.0
    is_odd = df % 2 == 1
    tail = math.erfc(math.sqrt(half)) if is_odd else 0.0
    power = 0.5 if is_odd else 0.0
    while power < df / 2:
        tail += math.exp(power * math.log(half) - half - math.lgamma(power + 1))
        power += 1
    return min(1.0, tail)


def two_sided_normal(z: float) -> float:
    """Return P(|Z| ≥ |z|) of a standard normal variable."""
    return math.erfc(abs(z) / math.sqrt(2))


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


def replicate_weights(weights: ArrayLike, n: int, *, where: str) -> NDArray[Any]:
    """Return the weights (B, n) of n subjects in B replicates; refuses what cannot be one."""
    given: NDArray[Any] = np.asarray(weights)
    if given.ndim != 2 or given.shape[1] != n:
        raise refuse(where, f"Weights are replicates × {n} subjects, not {given.shape}.")
    if given.dtype.kind not in "biuf":
        raise refuse(where, "Weights are numbers.")
    if given.size and not (np.isfinite(given.min()) and np.isfinite(given.max())):
        raise refuse(where, "A weight is NaN or infinity.")
    if given.size and given.min() < 0:
        raise refuse(where, "A weight is negative.", "A weight of 0 leaves a subject out.")
    return given
