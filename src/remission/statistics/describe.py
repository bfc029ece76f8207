"""Describing numbers: n, mean, SD, median, range and quartiles of a named quantile type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, finite_vector, refuse

QuantileType = Literal[6, 7]


@dataclass(frozen=True)
class Summary:
    """A sample described; ``sd`` is NaN for one value. Quartiles are of ``quantile_type``."""

    n: int
    mean: float
    sd: float
    median: float
    minimum: float
    maximum: float
    lower_quartile: float
    upper_quartile: float
    quantile_type: QuantileType


def summarise(values: ArrayLike, *, quantile_type: QuantileType = 6) -> Summary:
    """Return the description of a sample.

    ``values`` (n,): numbers without missing, any unit. Raises
    :class:`~remission.errors.NotEstimable` when there is none. Quantile types as numbered by
    Hyndman & Fan 1996, Am Stat 50:361; 6 is that of SPSS and Prism, 7 that of R and Excel.
    """
    sample = finite_vector(values, name="summarise")
    if not len(sample):
        raise refuse("summarise", "There are no values.")
    return Summary(
        n=len(sample),
        mean=float(sample.mean()),
        sd=float(sample.std(ddof=1)) if len(sample) > 1 else float("nan"),
        median=quantile(sample, 0.5, quantile_type=quantile_type),
        minimum=float(sample.min()),
        maximum=float(sample.max()),
        lower_quartile=quantile(sample, 0.25, quantile_type=quantile_type),
        upper_quartile=quantile(sample, 0.75, quantile_type=quantile_type),
        quantile_type=quantile_type,
    )


def quantile(values: ArrayLike, share: float, *, quantile_type: QuantileType = 6) -> float:
    """Return the quantile of a sample (n,) at ``share`` (0 to 1), interpolated by type 6 or 7.

    Raises :class:`~remission.errors.NotEstimable` for an empty sample or a share outside 0 to 1.
    """
    if quantile_type not in (6, 7):
        raise refuse("quantile", f"Quantile type {quantile_type} is not known; 6 and 7 are.")
    ordered: FloatArray = np.sort(finite_vector(values, name="quantile"))
    n = len(ordered)
    if not n or not 0 <= share <= 1:
        raise refuse("quantile", f"No quantile at {share} of {n} values.")
    position = share * (n + 1) if quantile_type == 6 else 1 + share * (n - 1)
    position = min(max(position, 1.0), float(n))
    below = int(np.floor(position))
    above = min(below + 1, n)
    weight = position - below
    return float(ordered[below - 1] + weight * (ordered[above - 1] - ordered[below - 1]))
