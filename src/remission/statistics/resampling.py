"""The bootstrap: any statistic, plain or vectorised, the same for any number of workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remission.errors import NotEstimable
from remission.statistics.arrays import FloatArray, IntArray, normal_quantile, refuse
from remission.statistics.blocks import Progress, in_blocks
from remission.statistics.bootstrap_intervals import (
    Bounds,
    acceleration_of,
    bca_bounds,
    percentile_bounds,
)
from remission.statistics.tidy import TidyRow, tidy_row

Form = Literal["data", "indices", "weights"]
Method = Literal["bca", "percentile"]

_BLOCK = 250
_MOST_CELLS = 4_000_000
"""Numbers that leaving each subject out in turn may hold at once."""

_DRAWS = "Subjects are drawn with replacement, as many as there are{strata}."
_QUANTILES = "Quantiles are the (B + 1)q-th replicates, interpolated on the normal scale."
_BIAS = "Replicates equal to the estimate count as half below it; acceleration by the jackknife."


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """An estimate with its bootstrap error, bias and interval.

    ``estimate``, ``se``, ``bias``, ``lower`` and ``upper`` have the shape of the statistic: () for
    one number, (k,) for several; ``replicates`` is (B,) or (B, k), NaN where the statistic could
    not be had. A bound is NaN where there is none; ``notes`` (one a number) says why. The same
    ``seed`` gives the same replicates for any number of workers.
    """

    estimate: FloatArray
    se: FloatArray
    bias: FloatArray
    lower: FloatArray
    upper: FloatArray
    level: float
    replicates: FloatArray
    n: int
    seed: int
    failed: int
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    method: str
    conventions: tuple[str, ...]

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return estimate, error, bias and bounds of each number as rows."""
        several = self.estimate.ndim > 0
        columns = [np.atleast_1d(values) for values in (
            self.estimate, self.se, self.bias, self.lower, self.upper)]
        return tuple(
            tidy_row(name, float(column[place]), group=str(place + 1) if several else "",
                     note=note if name in ("lower", "upper") else "")
            for place, note in enumerate(self.notes)
            for name, column in zip(("estimate", "se", "bias", "lower", "upper"), columns,
                                    strict=True))


def bootstrap(
    data: int | ArrayLike | tuple[ArrayLike, ...], statistic: Callable[..., Any], *,
    form: Form = "data", replicates: int = 10_000, method: Method = "bca", level: float = 0.95,
    seed: int = 1, strata: ArrayLike | None = None, workers: int = 1,
    progress: Progress | None = None,
) -> Bootstrap:
    """Return a statistic with its bootstrap standard error, bias and confidence interval.

    ``data`` is an array whose first axis is the n subjects, a tuple of such arrays, or n alone.
    ``form`` says what ``statistic`` is given: "data", the arrays of one resample, for one number
    or (k,); "indices" (B, n), which subjects were drawn, or "weights" (B, n), how often each
    was, for (B,) or (B, k) numbers at once; BCa also asks for n rows of n − 1 subjects, without
    each in turn. ``strata`` (n,) keeps the number of each of its labels, and its place in the
    arrays. ``workers`` above 1 are processes; ``progress(done, total)`` is called after each
    block. A statistic that raises NotEstimable or is NaN for a resample is left out and counted.
    Raises :class:`~remission.errors.NotEstimable` when the statistic cannot be had of the data
    themselves or of most resamples, and for options that are none. Efron 1979, Ann Stat 7:1;
    BCa: Efron 1987, J Am Stat Assoc 82:171.
    """
    normal_quantile(level)
    if method not in ("bca", "percentile"):
        raise refuse("bootstrap", f"There is no interval {method!r}.", "Choose bca or percentile.")
    arrays, n = _arrays(data, form)
    stratum = _strata(strata, n)
    whole = _Evaluation(statistic, arrays, n, form)(np.arange(n)[None, :])
    evaluate = _Evaluation(statistic, arrays, n, form, whole.shape[1:])
    if not np.isfinite(whole).all():
        raise refuse("bootstrap", "The statistic of the data themselves is not a number.")
    made = in_blocks(_Resampling(evaluate, stratum), replicates, block=_BLOCK, width=n, seed=seed,
                     workers=workers, progress=progress)
    estimate, table = whole.reshape(-1), made.reshape(replicates, -1)
    failed = int((~np.isfinite(table)).any(axis=1).sum())
    if replicates - failed < max(2, replicates / 2):
        raise refuse("bootstrap", f"The statistic cannot be had of {failed} of {replicates} "
                     "resamples.", "There is no interval for it at this size.")
    kept = table[np.isfinite(table).all(axis=1)]
    acceleration = _accelerations(evaluate, stratum) if method == "bca" else None
    bounds = _bounds(estimate, kept, acceleration, level)
    shape = whole.shape[1:]
    return Bootstrap(
        estimate.reshape(shape), kept.std(axis=0, ddof=1).reshape(shape),
        (kept.mean(axis=0) - estimate).reshape(shape),
        np.array([b.lower for b in bounds]).reshape(shape),
        np.array([b.upper for b in bounds]).reshape(shape), level, made, n, seed, failed,
        tuple(b.note for b in bounds), _warnings(failed, replicates, bounds),
        f"bootstrap, {'BCa' if method == 'bca' else 'percentile'} interval, "
        f"{replicates} replicates, seed {seed}",
        (_DRAWS.format(strata="" if strata is None else " in each stratum"), _QUANTILES,
         *((_BIAS,) if method == "bca" else ())),
    )


@dataclass(frozen=True)
class _Evaluation:
    """The statistic of index rows (B, m), as (B,) or (B, k).

    With its ``shape`` known, () or (k,), a resample that has no statistic is NaN.
    """

    statistic: Callable[..., Any]
    arrays: tuple[NDArray[Any], ...]
    n: int
    form: Form
    shape: tuple[int, ...] | None = None

    def __call__(self, index: IntArray) -> FloatArray:
        found: FloatArray
        if self.form == "data":
            found = np.stack([self._one(row) for row in index])
        elif self.form == "indices":
            found = np.asarray(self.statistic(index), dtype=np.float64)
        else:
            found = np.asarray(self.statistic(_weights(index, self.n)), dtype=np.float64)
        if found.ndim not in (1, 2) or len(found) != len(index):
            raise refuse("bootstrap", f"The statistic of {len(index)} resamples has shape "
                         f"{found.shape}.", "It is one number, or one row of them, a resample.")
        return found

    def _one(self, row: IntArray) -> FloatArray:
        try:
            return np.asarray(self.statistic(*(array[row] for array in self.arrays)), np.float64)
        except NotEstimable:
            if self.shape is None:
                raise
            return np.full(self.shape, np.nan)


@dataclass(frozen=True)
class _Resampling:
    """Draws resamples within strata and evaluates them."""

    evaluate: _Evaluation
    stratum: IntArray

    def __call__(self, random: np.random.Generator, size: int) -> FloatArray:
        index = np.empty((size, len(self.stratum)), dtype=np.int64)
        for place in range(int(self.stratum.max()) + 1):
            members = np.flatnonzero(self.stratum == place)
            drawn = random.integers(0, len(members), (size, len(members)))
            index[:, members] = members[drawn]
        return self.evaluate(index)


def _weights(index: IntArray, n: int) -> FloatArray:
    cells = index + n * np.arange(len(index))[:, None]
    counts = np.bincount(cells.ravel(), minlength=n * len(index)).reshape(len(index), n)
    return counts.astype(np.float64)


def _arrays(
    data: int | ArrayLike | tuple[ArrayLike, ...], form: Form
) -> tuple[tuple[NDArray[Any], ...], int]:
    if form not in ("data", "indices", "weights"):
        raise refuse("bootstrap", f"There is no form {form!r}.",
                     "Choose data, indices or weights.")
    if isinstance(data, int | np.integer):
        if form == "data":
            raise refuse("bootstrap", "Only the number of subjects is given.",
                         'Give the arrays, or form="indices" or "weights".')
        arrays: tuple[NDArray[Any], ...] = ()
        n = int(data)
    else:
        arrays = tuple(np.asarray(one) for one in (data if isinstance(data, tuple) else (data,)))
        if any(array.ndim == 0 for array in arrays):
            raise refuse("bootstrap", "An array of subjects is expected, not one number.")
        lengths = {len(array) for array in arrays}
        if len(lengths) != 1:
            raise refuse("bootstrap", f"The arrays have unlike lengths: {sorted(lengths)}.")
        n = lengths.pop()
    if n < 2:
        raise refuse("bootstrap", f"{n} subjects cannot be resampled.", "At least two are needed.")
    return arrays, n


def _strata(strata: ArrayLike | None, n: int) -> IntArray:
    if strata is None:
        return np.zeros(n, dtype=np.int64)
    labels, stratum = np.unique(np.asarray(strata), return_inverse=True)
    if stratum.shape != (n,):
        raise refuse("bootstrap", f"{n} subjects but strata of shape {stratum.shape}.")
    if np.bincount(stratum, minlength=len(labels)).max() < 2:
        raise refuse("bootstrap", "Every stratum holds one subject.", "Nothing would be drawn.")
    return stratum.astype(np.int64)


def _accelerations(evaluate: _Evaluation, stratum: IntArray) -> FloatArray:
    """Return the acceleration (k,) of each number, from the statistic without each subject."""
    n = len(stratum)
    rows = max(1, _MOST_CELLS // n)
    parts = []
    for start in range(0, n, rows):
        left = np.arange(start, min(start + rows, n))[:, None]
        index = np.arange(n - 1)[None, :]
        parts.append(evaluate(index + (index >= left)).reshape(len(left), -1))
    return np.array([acceleration_of(column, stratum) for column in np.concatenate(parts).T])


def _bounds(
    estimate: FloatArray, kept: FloatArray, acceleration: FloatArray | None, level: float
) -> list[Bounds]:
    found = []
    for place, replicates in enumerate(kept.T):
        if np.ptp(replicates) == 0:
            found.append(Bounds(np.nan, np.nan, "all replicates are the same"))
        elif acceleration is None:
            found.append(percentile_bounds(replicates, level=level))
        else:
            found.append(bca_bounds(float(estimate[place]), replicates,
                                    float(acceleration[place]), level=level))
    return found


def _warnings(failed: int, replicates: int, bounds: list[Bounds]) -> tuple[str, ...]:
    found = []
    if failed:
        found.append(f"The statistic could not be had of {failed} of {replicates} resamples; "
                     "the interval is of the others.")
    found.extend(sorted({bound.note for bound in bounds if bound.note}))
    return tuple(found)
