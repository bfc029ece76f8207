"""Covariates of a model: checked at the door and centred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import BoolArray, FloatArray, IntArray, refuse

_COLLINEAR = 1e-11
"""A covariate of which others leave less than this share of the variance is one of them."""
_BLOCK = 4096
"""Rows turned into columns at a time, so that they stay in the processor's cache."""
_ROUNDING = 1e-6
"""A covariate whose deviation is below this share of its mean is looked at more closely."""


@dataclass(frozen=True, eq=False)
class Covariates:
    """Centred covariates ``columns`` (p, n): value − ``centre``; ``scale`` is their deviation."""

    names: tuple[str, ...]
    columns: FloatArray
    centre: FloatArray
    scale: FloatArray

    @property
    def standardised(self) -> FloatArray:
        """The columns with a standard deviation of one."""
        columns: FloatArray = self.columns / self.scale[:, None]
        return columns


def covariates_of(
    values: ArrayLike, *, names: Sequence[str] | None, n: int, where: str
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return covariates as (n, p) numbers with their names (x1, x2 … without names).

    Raises :class:`~remission.errors.NotEstimable` for another shape, NaN, infinity, or names
    that are repeated or of another number.
    """
    try:
        given = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise refuse(where, "Covariates must be numbers.", "Code categories as 0 and 1.") from None
    matrix: FloatArray = given[:, None] if given.ndim == 1 else given
    if matrix.ndim != 2 or len(matrix) != n or not matrix.shape[1]:
        raise refuse(where, f"Covariates of {n} rows are expected, not of shape {given.shape}.")
    labels = tuple(f"x{j + 1}" for j in range(matrix.shape[1])) if names is None else tuple(names)
    if len(labels) != matrix.shape[1] or len(set(labels)) != len(labels):
        raise refuse(where, f"{matrix.shape[1]} covariates need as many different names.")
    if not np.isfinite(matrix.sum()):
        broken = np.array([not np.isfinite(column).all() for column in matrix.T])
        raise refuse(where, f"NaN, infinity or numbers too large in {named(labels, broken)}.",
                     "Drop rows with missing values before.")
    return matrix, labels


def centred(
    matrix: FloatArray, names: tuple[str, ...], *, where: str, weight: FloatArray | None = None,
    order: IntArray | None = None,
) -> Covariates:
    """Return covariates (n, p) with mean 0, weighed by ``weight`` (n,), the rows in ``order``.

    Raises :class:`~remission.errors.NotEstimable` for a covariate that is constant or a
    combination of others.
    """
    rows = np.arange(len(matrix)) if order is None else order
    share = np.full(len(rows), 1 / len(rows)) if weight is None else weight / weight.sum()
    centre = np.bincount(rows, weights=share, minlength=len(matrix)) @ matrix
    columns = np.empty((len(names), len(rows)))
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        np.subtract(matrix.take(rows[block], axis=0).T, centre[:, None], out=columns[:, block])
    products = columns @ columns.T / len(rows) if weight is None else (columns * share) @ columns.T
    scale: FloatArray = np.sqrt(np.diag(products))
    is_constant = np.array([
        spread <= _ROUNDING * abs(middle) and bool((column == column[0]).all())
        for spread, middle, column in zip(scale, centre, columns, strict=True)])
    if is_constant.any():
        raise refuse(where, f"Constant covariate: {named(names, is_constant)}.",
                     "A covariate that is the same for everybody has no effect to estimate.")
    refuse_dependent(products, names, where=where, scale=scale,
                     why="is a linear combination of the covariates before it")
    return Covariates(names, columns, centre, scale)


def refuse_dependent(
    products: FloatArray, names: tuple[str, ...], *, scale: FloatArray, where: str, why: str
) -> None:
    """Raise ``NotEstimable`` naming the first covariate without information of its own.

    ``products`` (p, p) are mean products of centred covariates, or the mean information of an
    event; ``scale`` (p,) are the covariates' standard deviations.
    """
    remaining = products / np.outer(scale, scale)
    own = np.diag(remaining).copy()
    for j, name in enumerate(names):
        if own[j] <= _COLLINEAR or remaining[j, j] <= _COLLINEAR * own[j]:
            raise refuse(where, f"Not estimable: {name} {why}.", "Leave it out.")
        remaining = remaining - np.outer(remaining[:, j], remaining[j]) / remaining[j, j]


def named(names: Sequence[str], chosen: BoolArray) -> str:
    """Return the chosen names as ``a, b``."""
    return ", ".join(name for name, is_one in zip(names, chosen, strict=True) if is_one)


def are_few(events: float, p: int) -> bool:
    """Return whether there are fewer than ten events for each covariate.

    Peduzzi et al. 1995, J Clin Epidemiol 48:1503.
    """
    return events < 10 * p


def few_events(events: float, p: int, *, cure: str) -> tuple[str, ...]:
    """Return the warning of fewer than ten events for each covariate, if it is due."""
    if not are_few(events, p):
        return ()
    return (f"{events:g} events for {p} covariates: {events / p:.1f} events per variable, fewer "
            f"than 10; estimates may be biased away from zero, {cure}",)
