"""Describing numbers: n, missing, mean, SD, geometric mean, median, range, quartiles.

Values below a detection limit are never given a number. Whatever they may be, a quantile lies at
or below what it would be with each of them at its limit; where it does not depend on them it is
known, elsewhere it is reported as lying below that bound.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import BoolArray, FloatArray, finite_vector, refuse
from remission.statistics.tidy import TidyRow, tidy_row

QuantileType = Literal[6, 7]

_SHARES = {"minimum": 0.0, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75,
           "maximum": 1.0}
_MOMENTS_NEED_VALUES = "values below the detection limit have no number"


@dataclass(frozen=True)
class Summary:
    """A sample described, in the unit of the data. Quartiles are of ``quantile_type``.

    ``n`` counts the values described, ``below`` of them below a detection limit, and ``missing``
    those left out. A number that cannot be had is NaN (``geometric_mean``: None) and ``notes``
    says why. ``upper_bounds`` gives the bound of each number of which only a bound is known, and
    its note says whether it may be reached (≤) or not (<).
    """

    n: int
    mean: float
    sd: float
    median: float
    minimum: float
    maximum: float
    lower_quartile: float
    upper_quartile: float
    quantile_type: QuantileType
    geometric_mean: float | None = None
    missing: int = 0
    below: int = 0
    upper_bounds: dict[str, float] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    method: str = "summary of a sample"
    conventions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the counts and numbers as rows; a missing number has its reason as note."""
        counts = {"n": self.n, "missing": self.missing, "below_limit": self.below}
        numbers = {"mean": self.mean, "sd": self.sd, "geometric_mean": self.geometric_mean,
                   **{name: getattr(self, name) for name in _SHARES}}
        return (*(tidy_row(name, count) for name, count in counts.items()),
                *(tidy_row(name, number, note=self.notes.get(name, ""))
                  for name, number in numbers.items()))


def summarise(
    values: ArrayLike, *, quantile_type: QuantileType = 6, drop_missing: bool = False,
    below: ArrayLike | None = None, limit: float | None = None,
) -> Summary:
    """Return the description of a sample.

    ``values`` (n,): numbers in any unit; NaN and None are refused unless ``drop_missing``, which
    counts them. Values below a detection limit are told in one of two ways: ``below`` (n,) is
    True where the number is itself the limit ("< 0.01" as 0.01); or ``limit`` is the one limit,
    and every smaller number is below it. The mean, the SD and the geometric mean are then not
    given, and a median or quartile that rests on such values is only bounded.

    Raises :class:`~remission.errors.NotEstimable` when there is no value, or one is infinite.
    Quantile types as numbered by Hyndman & Fan 1996, Am Stat 50:361; 6 is that of SPSS and
    Prism, 7 that of R and Excel. Detection limits: Helsel 2012, Statistics for Censored
    Environmental Data, 2nd ed.
    """
    given = np.asarray(values, dtype=np.float64)
    if given.ndim != 1:
        raise refuse("summarise", f"One row of numbers is expected, not shape {given.shape}.")
    is_below = _below_limit(given, below, limit)
    present = ~np.isnan(given) if drop_missing else np.ones(given.shape, dtype=np.bool_)
    sample = finite_vector(given[present], name="summarise")
    is_below = is_below[present]
    if not len(sample):
        raise refuse("summarise", "There are no values.")
    upper = np.where(is_below, sample if limit is None else limit, sample)
    known, bounds = _quantiles(upper, is_below, quantile_type)
    mean, sd, geometric_mean, notes = _moments(sample, any_below=bool(is_below.any()))
    return Summary(
        n=len(sample), mean=mean, sd=sd, median=known["median"],
        minimum=known["minimum"], maximum=known["maximum"],
        lower_quartile=known["lower_quartile"], upper_quartile=known["upper_quartile"],
        quantile_type=quantile_type, geometric_mean=geometric_mean,
        missing=len(given) - len(sample), below=int(is_below.sum()),
        upper_bounds={name: bound for name, (_, bound) in bounds.items()},
        notes=notes | {name: f"{sign} {bound:g}" for name, (sign, bound) in bounds.items()},
        conventions=(f"quantile type {quantile_type} (Hyndman & Fan)", "SD with n − 1"),
        warnings=_warnings(int(is_below.sum()), len(sample)),
    )


def quantile(values: ArrayLike, share: float, *, quantile_type: QuantileType = 6) -> float:
    """Return the quantile of a sample (n,) at ``share`` (0 to 1), interpolated by type 6 or 7.

    Raises :class:`~remission.errors.NotEstimable` for an empty sample or a share outside 0 to 1.
    """
    ordered: FloatArray = np.sort(finite_vector(values, name="quantile"))
    if not len(ordered) or not 0 <= share <= 1:
        raise refuse("quantile", f"No quantile at {share} of {len(ordered)} values.")
    return _interpolated(ordered, share, quantile_type)


def _interpolated(ordered: FloatArray, share: float, quantile_type: QuantileType) -> float:
    if quantile_type not in (6, 7):
        raise refuse("quantile", f"Quantile type {quantile_type} is not known; 6 and 7 are.")
    n = len(ordered)
    position = share * (n + 1) if quantile_type == 6 else 1 + share * (n - 1)
    position = min(max(position, 1.0), float(n))
    place = int(position)
    weight = position - place
    value = float(ordered[place - 1])
    return value if weight == 0 else value + weight * (float(ordered[place]) - value)


def _quantiles(
    upper: FloatArray, is_below: BoolArray, quantile_type: QuantileType
) -> tuple[dict[str, float], dict[str, tuple[str, float]]]:
    """Return (number or NaN, sign and bound where only a bound is known) of each quantile shown.

    A quantile is known when it is the same with every value below its limit at the limit and
    at minus infinity. Its bound is out of reach when it rests on a value below its limit.
    """
    highest = lowest = np.sort(upper)
    unseen = np.zeros(len(upper))
    if is_below.any():
        lowest = np.sort(np.where(is_below, -np.inf, upper))
        unseen = is_below[np.lexsort((~is_below, upper))].astype(np.float64)
    known, bounds = {}, {}
    for name, share in _SHARES.items():
        high, low, out_of_reach = (_interpolated(ordered, share, quantile_type)
                                   for ordered in (highest, lowest, unseen))
        known[name] = high if high == low else float("nan")
        if high != low:
            bounds[name] = ("<" if out_of_reach else "≤", high)
    return known, bounds


def _moments(
    sample: FloatArray, *, any_below: bool
) -> tuple[float, float, float | None, dict[str, str]]:
    """Return (mean, SD, geometric mean, notes on those missing)."""
    nan = float("nan")
    if any_below:
        names = ("mean", "sd", "geometric_mean")
        return nan, nan, None, dict.fromkeys(names, _MOMENTS_NEED_VALUES)
    notes = {}
    # a power of two takes nothing from the digits and keeps sums and squares within range
    exponent = int(np.frexp(np.abs(sample).max())[1])
    scaled = np.ldexp(sample, -exponent)
    mean = float(np.ldexp(scaled.mean(), exponent))
    sd = nan
    if len(sample) == 1:
        notes["sd"] = "one value has no SD"
    else:
        with np.errstate(over="ignore"):
            sd = float(np.ldexp(scaled.std(ddof=1), exponent))
    geometric_mean = None
    if (sample > 0).all():
        geometric_mean = float(np.exp(np.log(sample).mean()))
    else:
        notes["geometric_mean"] = "not every value is above 0"
    return mean, sd, geometric_mean, notes


def _below_limit(
    values: FloatArray, below: ArrayLike | None, limit: float | None
) -> BoolArray:
    """Return which values (n,) lie below a detection limit."""
    if below is not None and limit is not None:
        raise refuse("summarise", "Both `below` and `limit` are given.", "Give one of them.")
    if limit is not None:
        if not np.isfinite(limit):
            raise refuse("limit", f"A detection limit is a number, not {limit}.")
        smaller: BoolArray = values < limit
        return smaller
    if below is None:
        return np.zeros(values.shape, dtype=np.bool_)
    mask = np.asarray(below)
    if mask.dtype != np.bool_ or mask.shape != values.shape:
        raise refuse("below", "One True or False is expected for each value.")
    if np.isnan(values[mask]).any():
        raise refuse("below", "A value below its limit has no limit.",
                     "Give the limit as its number.")
    return mask


def _warnings(below: int, n: int) -> tuple[str, ...]:
    return (f"{below} of {n} values are below the detection limit",) if below else ()
