"""Trends over ordered groups: Cochran–Armitage and linear-by-linear association."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import (
    FloatArray,
    IntArray,
    chi_square_tail,
    finite_vector,
    refuse,
    two_sided_normal,
)
from remission.statistics.contingency import TestResult, counts_table, whole_counts
from remission.statistics.tails import log_chi_square_tail, log_two_sided_normal

EXACT_UP_TO = 200
"""Total n up to which the trend test is computed exactly unless asked otherwise."""
_MOST_CELLS = 20_000_000
"""Numbers of events by sums of scores an exact test may keep."""
_FINEST_SCORE = 10_000
"""Exact scores are whole multiples of a part not smaller than one over this."""


def trend_test(
    table: ArrayLike, *, scores: ArrayLike | None = None, exact: bool | None = None,
    variance: Literal["N", "N-1"] = "N",
) -> TestResult:
    """Return the Cochran–Armitage test of a trend in a proportion, two-sided.

    ``table`` (groups × 2) of counts: ordered groups by yes and no; ``scores`` (groups,) are 0, 1,
    2 … unless given. The statistic z is above 0 where yes becomes more frequent as the score
    rises; its variance given N subjects is p(1 − p)Σn(s − s̄)² ("N", Armitage 1955, Biometrics
    11:375) or N/(N − 1) times that ("N-1", of all permutations, as in linear-by-linear
    association). Exact, the p is the share of all choices of the same number of events whose sum
    of scores is at least as far from its mean; so it is up to n = 200, ``exact`` chooses. Raises
    :class:`~remission.errors.NotEstimable` with fewer than two groups or categories in use, equal
    scores, or exact p beyond reach. Cochran 1954, Biometrics 10:417.
    """
    given = whole_counts(table)
    if given.shape[1] != 2:
        raise refuse("trend_test", f"Two columns are expected, not {given.shape[1]}.")
    kept = _scores(scores, len(given), name="scores")[given.sum(axis=1) > 0]
    counts = counts_table(given)
    if kept.min() == kept.max():
        raise refuse("scores", "The groups in use have equal scores.", "There is no order.")
    if variance not in ("N", "N-1"):
        raise refuse("variance", f"{variance!r} is not known; 'N' and 'N-1' are.")
    n = int(counts.sum())
    z = _trend_z(counts, kept) * (math.sqrt((n - 1) / n) if variance == "N-1" else 1.0)
    whole = _whole_scores(kept) if exact or (exact is None and n <= EXACT_UP_TO) else None
    feasible = whole is not None and _cells(counts, whole) <= _MOST_CELLS
    direction = "z > 0: the first column grows with the score"
    if whole is not None and feasible:
        return TestResult(_exact_p(counts, whole), "Cochran–Armitage exact", n, z, is_exact=True,
                          conventions=(direction, "as far from the mean counts as extreme"))
    if exact:
        raise refuse("trend_test", "The exact test is beyond reach with these scores and counts.",
                     "Use exact=False, or scores that are small whole numbers.")
    return TestResult(two_sided_normal(z), "Cochran–Armitage", n, z,
                      log_p=log_two_sided_normal(z),
                      conventions=(direction, f"variance with {variance.replace('-', ' − ')}"))


def linear_by_linear(
    table: ArrayLike, *, row_scores: ArrayLike | None = None,
    column_scores: ArrayLike | None = None,
) -> TestResult:
    """Return the linear-by-linear association test of two ordered variables.

    ``table`` (rows × columns) of counts; scores are 0, 1, 2 … unless given. The statistic is
    M² = (N − 1)r², r the correlation of the scores, with one degree of freedom. Raises
    :class:`~remission.errors.NotEstimable` when there is nothing to compare or all scores in use
    are equal. Mantel 1963, J Am Stat Assoc 58:690.
    """
    given = whole_counts(table)
    rows = _scores(row_scores, given.shape[0], name="row_scores")[given.sum(axis=1) > 0]
    columns = _scores(column_scores, given.shape[1], name="column_scores")[given.sum(axis=0) > 0]
    counts = counts_table(given)
    n = int(counts.sum())
    if rows.min() == rows.max() or columns.min() == columns.max():
        raise refuse("linear_by_linear", "The scores in use are all equal.", "There is no order.")
    row_gap, row_square = _centred(rows, counts.sum(axis=1))
    column_gap, column_square = _centred(columns, counts.sum(axis=0))
    correlation = float(row_gap @ counts @ column_gap) / math.sqrt(row_square * column_square)
    statistic = (n - 1) * correlation**2
    return TestResult(chi_square_tail(statistic, 1), "linear-by-linear association", n, statistic,
                      1, note=f"correlation of the scores {correlation:.3f}",
                      log_p=log_chi_square_tail(statistic, 1),
                      conventions=("M² = (N − 1)r²",))


def _scores(scores: ArrayLike | None, size: int, *, name: str) -> FloatArray:
    if scores is None:
        return np.arange(size, dtype=np.float64)
    found = finite_vector(scores, name=name)
    if len(found) != size:
        raise refuse(name, f"{size} scores are expected, not {len(found)}.")
    return found


def _centred(scores: FloatArray, counts: IntArray) -> tuple[FloatArray, float]:
    """Return (distance of each score from the mean, sum of their squares over subjects)."""
    span = scores.max() - scores.min()
    unit = (scores - scores.min()) / span
    gap: FloatArray = unit - float(unit @ counts) / counts.sum()
    return gap, float(gap**2 @ counts)


def _trend_z(counts: IntArray, scores: FloatArray) -> float:
    gap, square = _centred(scores, counts.sum(axis=1))
    share = counts[:, 0].sum() / counts.sum()
    return float(gap @ counts[:, 0]) / math.sqrt(share * (1 - share) * square)


def _whole_scores(scores: FloatArray) -> IntArray | None:
    """Return the scores as multiples, from 0, of the part they share; None if it is too fine."""
    exact = [Fraction(score).limit_denominator(_FINEST_SCORE) for score in scores.tolist()]
    if any(abs(float(own) - score) > 1e-12 * max(1.0, abs(score))
           for own, score in zip(exact, scores.tolist(), strict=True)):
        return None
    common = math.lcm(*(score.denominator for score in exact))
    multiples = [int((score - min(exact)) * common) for score in exact]
    part = math.gcd(*multiples)
    if max(multiples) // part > _MOST_CELLS:
        return None
    return np.array([multiple // part for multiple in multiples], dtype=np.int64)


def _cells(counts: IntArray, scores: IntArray) -> int:
    """Return the size of the table of :func:`_exact_p`."""
    events = int(counts.sum(axis=0).min())
    return (events + 1) * (events * int(scores.max()) + 1)


def _exact_p(counts: IntArray, scores: IntArray) -> float:
    """Return the share of choices of the rarer category as far from the mean as observed.

    ``chance[k, s]`` is the probability, before the total is known, of k events with scores summing
    to s in the groups seen so far, each subject having one with the overall probability; given
    the total this is the distribution over all choices.
    """
    column = int(np.argmin(counts.sum(axis=0)))
    members, observed = counts.sum(axis=1), int(counts[:, column] @ scores)
    events, n = int(counts[:, column].sum()), int(counts.sum())
    chance = np.zeros((events + 1, events * int(scores.max()) + 1))
    chance[0, 0] = 1.0
    for size, score in zip(members.tolist(), scores.tolist(), strict=True):
        grown = np.zeros_like(chance)
        for taken, share in enumerate(_binomial(size, events / n)[: events + 1]):
            shift = taken * score
            grown[taken:, shift:] += share * chance[: events + 1 - taken,
                                                    : chance.shape[1] - shift]
        chance = grown
    # n times the distance from the mean, in whole numbers: equal distances are found equal
    distance = np.abs(n * np.arange(chance.shape[1]) - events * int(members @ scores))
    far = distance >= abs(n * observed - events * int(members @ scores))
    return min(1.0, float(chance[events, far].sum() / chance[events].sum()))


def _binomial(size: int, share: float) -> list[float]:
    return [math.comb(size, k) * share**k * (1 - share) ** (size - k) for k in range(size + 1)]
