"""Array types and the two distributions everything needs, without ``scipy.stats``."""

from __future__ import annotations

from typing import TypeAlias

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
    from scipy.special import ndtri

    if not 0 < level < 1:
        raise refuse("level", f"A confidence level lies between 0 and 1, not {level}.")
    return float(ndtri(0.5 + level / 2))


def chi_square_tail(statistic: float, df: int) -> float:
    """Return P(χ² ≥ statistic), by the survival function so that small p do not become 0."""
    from scipy.special import chdtrc

    return float(chdtrc(df, statistic))


def two_sided_normal(z: float) -> float:
    """Return P(|Z| ≥ |z|) of a standard normal variable."""
    from scipy.special import erfc

    return float(erfc(abs(z) / np.sqrt(2)))
