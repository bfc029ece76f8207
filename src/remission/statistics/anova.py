"""Analysis of variance with one or two factors, balanced or not, types II and III."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, IntArray, refuse
from remission.statistics.distributions import f_tail, log_f_tail
from remission.statistics.samples import ROUNDING, sample
from remission.statistics.tidy import TidyRow, tidy_row


@dataclass(frozen=True)
class AnovaTerm:
    """A factor or an interaction: its sum of squares, F test and effect sizes.

    ``log_p`` is the natural log of p, which stays where p underflows to 0.
    """

    name: str
    sum_of_squares: float
    df: int
    mean_square: float
    statistic: float
    p: float
    log_p: float
    eta_squared: float
    partial_eta_squared: float
    omega_squared: float


@dataclass(frozen=True)
class Anova:
    """An analysis of variance of ``n`` values: its terms, and what is left over."""

    terms: tuple[AnovaTerm, ...]
    residual_sum_of_squares: float
    residual_df: int
    residual_mean_square: float
    total_sum_of_squares: float
    n: int
    method: str
    conventions: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the numbers of each term as rows of its group, then the residual's."""
        names = ("sum_of_squares", "df", "mean_square", "statistic", "p", "log_p", "eta_squared",
                 "partial_eta_squared", "omega_squared")
        rows = [tidy_row(name.replace("_", " "), getattr(term, name), group=term.name)
                for term in self.terms for name in names]
        return (*rows, *(
            tidy_row(name, value, group="residual") for name, value in (
                ("sum of squares", self.residual_sum_of_squares), ("df", self.residual_df),
                ("mean square", self.residual_mean_square))))


def anova(
    values: ArrayLike, *factors: ArrayLike,
    type: Literal[2, 3] = 2,  # noqa: A002 - the word of the field
    interaction: bool = True, names: Sequence[str] | None = None,
) -> Anova:
    """Return the analysis of variance of values by one factor, or by two and their interaction.

    ``values`` (n,): numbers in one unit; each factor (n,): labels of one kind. With two factors
    ``type`` 2 tests a main effect above the other main effect alone, ``type`` 3 (sum-to-zero
    contrasts) tests the unweighted means of its levels, above the interaction too; without
    ``interaction``, with one factor, or with equal counts both are the same. η² is the share of
    the total sum of squares about the mean, partial η² that of itself and the residual, ω² (its
    negative values given as 0) takes off what chance alone would give. Raises
    :class:`~remission.errors.NotEstimable` when there are no factors or more than two, a factor
    has one level, a cell of an interaction is empty, or nothing varies within the groups. Fisher
    1925; type III: Yates 1934, J Am Stat Assoc 29:51; ω²: Hays 1963.
    """
    y = sample(values, name="anova")
    if type not in (2, 3):
        raise refuse("anova", f"Type {type} is not known.", "Use type 2 or 3.")
    if len(factors) not in (1, 2):
        raise refuse("anova", f"One or two factors are expected, not {len(factors)}.")
    called = tuple(names or (f"factor {place}" for place in range(1, len(factors) + 1)))
    if len(called) != len(factors):
        raise refuse("anova", f"{len(factors)} factors but {len(called)} names.")
    members = [_members(factor, name, len(y))
               for factor, name in zip(factors, called, strict=True)]
    rounding = ROUNDING * float(np.abs(y).max())
    y = y - y.mean()
    fit = _one_way(y, members[0]) if len(members) == 1 else _two_way(
        y, members[0], members[1], type, interaction)
    return _result(y, fit, called, rounding,
                   _kind(len(members), type, interaction))


@dataclass(frozen=True)
class _Fit:
    """(sum of squares, df) of the terms in order and of the residual."""

    terms: tuple[tuple[float, int], ...]
    residual: tuple[float, int]
    is_balanced: bool


def _members(factor: ArrayLike, name: str, n: int) -> IntArray:
    """Return each value's level as a number from 0; refuses a missing label and one level."""
    labels = factor if isinstance(factor, np.ndarray) else np.asarray(factor, dtype=object)
    if labels.shape != (n,):
        raise refuse(name, f"{n} values but labels of shape {labels.shape}.")
    listed = labels.tolist()
    if any(label is None or (isinstance(label, float) and math.isnan(label)) for label in listed):
        raise refuse(name, "A label is missing.", "Drop values without a group before.")
    try:
        levels, found = np.unique(labels, return_inverse=True)
    except TypeError:
        raise refuse(name, "The labels are of different kinds.",
                     "Use words or numbers, not both.") from None
    if len(levels) < 2:
        raise refuse(name, "The factor has one level.", "There is nothing to compare.")
    return found.astype(np.int64)


def _one_way(y: FloatArray, member: IntArray) -> _Fit:
    counts = np.bincount(member)
    means = np.bincount(member, weights=y) / counts
    between = float((counts * means**2).sum())  # y is centred
    within = float(((y - means[member]) ** 2).sum())
    k = len(counts)
    return _Fit(((between, k - 1),), (within, len(y) - k), len(set(counts.tolist())) == 1)


def _two_way(
    y: FloatArray, first: IntArray, second: IntArray, kind: int, interaction: bool
) -> _Fit:
    """Return the sums of squares from the cells' counts and means, whatever n is."""
    a, b = int(first.max()) + 1, int(second.max()) + 1
    cell = first * b + second
    counts = np.bincount(cell, minlength=a * b)
    if interaction and not counts.all():
        raise refuse("anova", f"{int((counts == 0).sum())} of the {a * b} cells hold no value, so "
                     "the interaction cannot be had.", "Ask for interaction=False.")
    means = np.bincount(cell, weights=y, minlength=a * b) / np.maximum(counts, 1)
    within = float(((y - means[cell]) ** 2).sum())
    counts, means = counts.reshape(a, b), means.reshape(a, b)
    additive = _additive_residual(counts, means)
    if interaction and kind == 3:
        main = (_unweighted(counts, means), _unweighted(counts.T, means.T))
    else:
        main = (_between_residual(counts.T, means.T) - additive,
                _between_residual(counts, means) - additive)
    terms = ((max(main[0], 0.0), a - 1), (max(main[1], 0.0), b - 1))
    is_balanced = bool((counts == counts[0, 0]).all())
    if interaction:
        joint = (additive, (a - 1) * (b - 1))
        return _Fit((*terms, joint), (within, len(y) - a * b), is_balanced)
    return _Fit(terms, (within + additive, len(y) - (a + b - 1)), is_balanced)


def _between_residual(counts: IntArray, means: FloatArray) -> float:
    """Return the sum of squares of the cell means about the means of their rows."""
    rows = (counts * means).sum(axis=1, keepdims=True) / counts.sum(axis=1, keepdims=True)
    return float((counts * (means - rows) ** 2).sum())


def _additive_residual(counts: IntArray, means: FloatArray) -> float:
    """Return the sum of squares of the cell means about row effect + column effect.

    Refuses factors that cannot be told apart, as when each level of one holds its own levels of
    the other.
    """
    a, b = counts.shape
    row, column = np.nonzero(counts)
    design = np.concatenate((np.eye(a)[row], np.eye(b)[column, 1:]), axis=1)
    weight = np.sqrt(counts[row, column])
    fitted, _, rank, _ = np.linalg.lstsq(design * weight[:, None], means[row, column] * weight)
    if rank < a + b - 1:
        raise refuse("anova", "The two factors cannot be told apart: some of their levels never "
                     "meet.", "Leave one factor out.")
    gaps = means[row, column] - design @ fitted
    return float((weight**2 * gaps**2).sum())


def _unweighted(counts: IntArray, means: FloatArray) -> float:
    """Return the type III sum of squares of the rows: Yates' weighted squares of means.

    The plain mean of a row's b cell means has variance σ² Σ(1/n)/b²; the sum of squares is that of
    these means about their own, each weighted by the inverse of this.
    """
    weight = counts.shape[1] ** 2 / (1 / counts).sum(axis=1)
    rows = means.mean(axis=1)
    centre = (weight * rows).sum() / weight.sum()
    return float((weight * (rows - centre) ** 2).sum())


def _kind(factors: int, kind: int, interaction: bool) -> str:
    if factors == 1:
        return "One-way analysis of variance"
    numeral = {2: "II", 3: "III"}[kind]
    return f"Two-way analysis of variance, type {numeral}" + (
        "" if interaction else ", without interaction")


def _result(
    y: FloatArray, fit: _Fit, called: tuple[str, ...], rounding: float, method: str
) -> Anova:
    left, df = fit.residual
    if df < 1:
        raise refuse("anova", "There is one value for each group, so nothing to judge them by.")
    if math.sqrt(left / df) <= rounding:
        raise refuse("anova", "The values do not vary within the groups.",
                     "Without spread there is nothing to judge the groups by.")
    total = float((y**2).sum())
    names = (*called, " × ".join(called)) if len(fit.terms) == 3 else called
    warnings = () if fit.is_balanced or len(called) == 1 else (
        "The counts of the cells differ, so the sums of squares do not add up to the total.",)
    return Anova(
        terms=tuple(_term(name, squares, own_df, fit.residual, total)
                    for name, (squares, own_df) in zip(names, fit.terms, strict=True)),
        residual_sum_of_squares=left, residual_df=df, residual_mean_square=left / df,
        total_sum_of_squares=total, n=len(y), method=method,
        conventions=("η² of the total sum of squares about the mean",
                     "ω² = (SS − df · MS residual) / (SS total + MS residual), not below 0"),
        warnings=warnings,
    )


def _term(
    name: str, squares: float, df: int, residual: tuple[float, int], total: float
) -> AnovaTerm:
    left, left_df = residual
    error = left / left_df
    f = squares / df / error
    return AnovaTerm(
        name=name, sum_of_squares=squares, df=df, mean_square=squares / df, statistic=f,
        p=f_tail(f, df, left_df), log_p=log_f_tail(f, df, left_df),
        eta_squared=squares / total, partial_eta_squared=squares / (squares + left),
        omega_squared=max(0.0, (squares - df * error) / (total + error)),
    )
