"""Odds ratios: of one table of two groups by yes and no, and in common to several (strata)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import (
    FloatArray,
    IntArray,
    chi_square_tail,
    normal_quantile,
    refuse,
)
from remission.statistics.contingency import TestResult, whole_counts
from remission.statistics.roots import increasing_root
from remission.statistics.tails import log_chi_square_tail
from remission.statistics.tidy import TidyRow
from remission.statistics.two_proportions import ProportionContrast


def odds_ratio(
    table: ArrayLike, *, interval: Literal["exact", "wald"] = "exact",
    haldane_anscombe: bool = False, level: float = 0.95,
) -> ProportionContrast:
    """Return the odds ratio of two groups (rows) by yes and no (columns), with its interval.

    ``table`` (2 × 2) of counts. "exact" is the conditional maximum-likelihood estimate with the
    interval that holds half of what the level leaves in each tail of the noncentral
    hypergeometric distribution (Cornfield 1956, Proc 3rd Berkeley Symp 4:135; as R's
    ``fisher.test``); it may be 0 or infinite. "wald" is ad/bc with the interval of its logarithm
    (Woolf 1955, Ann Hum Genet 19:251) and needs four filled cells, or ``haldane_anscombe``, which
    adds ½ to each of them (Haldane 1956, Ann Hum Genet 20:309). Raises
    :class:`~remission.errors.NotEstimable` when a row or column is empty, or a Wald interval
    meets an empty cell.
    """
    counts = _two_by_two(table)
    n, events = int(counts.sum()), int(counts[:, 0].sum())
    sides = "odds of the first row over those of the second"
    if interval == "exact":
        if haldane_anscombe:
            raise refuse("odds_ratio", "The exact interval takes whole counts only.",
                         "Use interval='wald' with haldane_anscombe.")
        tail = _tail_of(level)
        return ProportionContrast("odds ratio", *_conditional(counts, tail), level, n,
                        "conditional maximum likelihood, exact interval", events,
                        (sides, "half of what the level leaves in each tail"))
    if interval != "wald":
        raise refuse("interval", f"{interval!r} is not known; 'exact' and 'wald' are.")
    if not haldane_anscombe and not counts.all():
        raise refuse("odds_ratio", "Wald's interval needs four filled cells.",
                     "Use interval='exact', or add ½ with haldane_anscombe=True.")
    (a, b), (c, d) = (counts + 0.5 * haldane_anscombe).tolist()
    estimate = math.log(a * d / (b * c))
    half = normal_quantile(level) * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    added = "½ added to every cell" if haldane_anscombe else "nothing added to the counts"
    return ProportionContrast("odds ratio", math.exp(estimate), math.exp(estimate - half),
                    math.exp(estimate + half), level, n, "sample odds ratio, Wald interval (Woolf)",
                    events, (sides, added))


@dataclass(frozen=True)
class MantelHaenszel:
    """A common odds ratio and the test that it is 1; ``strata`` counts those that inform them."""

    odds_ratio: ProportionContrast
    test: TestResult
    strata: int
    n: int
    events: int
    method: str = "Mantel–Haenszel"
    conventions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the rows of the odds ratio, then those of the test."""
        return (*self.odds_ratio.tidy(), *self.test.tidy()[1:])


def mantel_haenszel(
    tables: ArrayLike, *, correction: bool = False, level: float = 0.95
) -> MantelHaenszel:
    """Return the odds ratio common to strata, and the Cochran–Mantel–Haenszel test.

    ``tables`` (strata × 2 × 2) of counts: groups by yes and no. The interval is of the logarithm
    with the variance of Robins, Breslow & Greenland 1986, Biometrics 42:311; the test
    (Σ(a − E))²/ΣV has the hypergeometric variance, and with ``correction`` |Σ(a − E)| is taken
    nearer to 0 by at most ½. Strata with an empty row or column tell nothing and are left out.
    Raises :class:`~remission.errors.NotEstimable` when none is left. Mantel & Haenszel 1959,
    J Natl Cancer Inst 22:719.
    """
    strata, left_out = _strata(tables)
    counts = strata.astype(np.float64)
    total = counts.sum(axis=(1, 2))
    n, events = int(strata.sum()), int(strata[:, :, 0].sum())
    warnings: tuple[str, ...] = ()
    if left_out:
        warnings += (f"{left_out} strata with an empty row or column are left out",)
    estimates = _common_odds_ratio(counts, total, normal_quantile(level))
    if estimates[0] in (0, math.inf):
        warnings += ("the common odds ratio is 0 or infinite, so its logarithm has no interval",)
    ratio = ProportionContrast("odds ratio", *estimates,
                     level, n, "Mantel–Haenszel, interval of Robins, Breslow & Greenland", events,
                     ("odds of the first row over those of the second",), warnings)
    rows, columns = counts.sum(axis=2), counts.sum(axis=1)
    gap = abs(float((counts[:, 0, 0] - rows[:, 0] * columns[:, 0] / total).sum()))
    variance = float((rows.prod(axis=1) * columns.prod(axis=1) / (total**2 * (total - 1))).sum())
    statistic = (gap - min(0.5, gap) * correction) ** 2 / variance
    test = TestResult(
        chi_square_tail(statistic, 1),
        "Cochran–Mantel–Haenszel" + (" with continuity correction" if correction else ""),
        n, statistic, 1, log_p=log_chi_square_tail(statistic, 1),
        conventions=("hypergeometric variance",), warnings=warnings)
    return MantelHaenszel(ratio, test, len(strata), n, events,
                          conventions=(*ratio.conventions, *test.conventions), warnings=warnings)


def _tail_of(level: float) -> float:
    normal_quantile(level)  # refuses what is not a level
    return (1 - level) / 2


def _two_by_two(table: ArrayLike) -> IntArray:
    counts = whole_counts(table)
    if counts.shape != (2, 2):
        raise refuse("odds_ratio", f"Two rows and two columns are expected, not {counts.shape}.")
    if not (counts.sum(axis=0).all() and counts.sum(axis=1).all()):
        raise refuse("odds_ratio", "A row or a column holds nobody, so there is no odds ratio.")
    return counts


def _conditional(counts: IntArray, tail: float) -> tuple[float, float, float]:
    """Return (estimate, lower, upper) given the margins; ``tail`` is left at each side."""
    observed = int(counts[0, 0])
    values, log_ways = _first_cells(counts)

    def shares(log_ratio: float) -> FloatArray:
        terms = log_ways + values * log_ratio
        weights = np.exp(terms - terms.max())
        found: FloatArray = weights / weights.sum()
        return found

    above, below = values >= observed, values <= observed
    estimate, lower, upper = 0.0, 0.0, math.inf
    if not above.all():
        lower = math.exp(increasing_root(lambda t: float(shares(t)[above].sum()) - tail))
        estimate = math.inf
    if not below.all():
        upper = math.exp(increasing_root(lambda t: tail - float(shares(t)[below].sum())))
        if lower > 0:
            estimate = math.exp(increasing_root(lambda t: float(shares(t) @ values) - observed))
    return estimate, lower, upper


def _first_cells(counts: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return (values of the first cell the margins allow, log of the ways to each)."""
    from scipy.special import gammaln

    row, column, n = int(counts[0].sum()), int(counts[:, 0].sum()), int(counts.sum())
    values = np.arange(max(0, row + column - n), min(row, column) + 1, dtype=np.float64)
    log_ways = -sum(gammaln(cell + 1) for cell in
                    (values, row - values, column - values, n - row - column + values))
    return values, log_ways


def _common_odds_ratio(
    counts: FloatArray, total: FloatArray, z: float
) -> tuple[float, float, float]:
    """Return (estimate, lower, upper); bounds 0 and infinity where the log has no variance."""
    (a, b), (c, d) = counts.transpose(1, 2, 0)
    concordant, discordant = a * d / total, b * c / total
    same, other = (a + d) / total, (b + c) / total
    r, s = float(concordant.sum()), float(discordant.sum())
    if r == 0 or s == 0:
        return (0.0 if r == 0 else math.inf), 0.0, math.inf
    variance = float(
        (same * concordant).sum() / (2 * r**2)
        + (same * discordant + other * concordant).sum() / (2 * r * s)
        + (other * discordant).sum() / (2 * s**2))
    half = z * math.sqrt(variance)
    return r / s, r / s * math.exp(-half), r / s * math.exp(half)


def _strata(tables: ArrayLike) -> tuple[IntArray, int]:
    """Return (strata that inform, how many do not)."""
    try:
        shape = np.shape(tables)
    except ValueError:
        shape = ()
    if len(shape) != 3 or shape[1:] != (2, 2):
        raise refuse("mantel_haenszel", "Strata of two rows and two columns are expected.")
    counts = whole_counts(np.asarray(tables).reshape(-1, 4)).reshape(-1, 2, 2)
    informs = counts.sum(axis=1).all(axis=1) & counts.sum(axis=2).all(axis=1)
    if not informs.any():
        raise refuse("mantel_haenszel", "Every stratum has an empty row or column.",
                     "There is nothing to compare.")
    return counts[informs], int((~informs).sum())
