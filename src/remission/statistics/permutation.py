"""Permutation tests: every arrangement where there are few, random ones where there are many."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remission.errors import NotEstimable
from remission.statistics.arrays import FloatArray, IntArray, normal_quantile, refuse
from remission.statistics.blocks import Progress, in_blocks
from remission.statistics.proportions import clopper_pearson
from remission.statistics.tidy import TidyRow, tidy_row

Alternative = Literal["two-sided", "greater", "less"]

MOST_ARRANGEMENTS = 10_000_000
"""Arrangements beyond which not even ``exhaustive=True`` visits all."""

_BLOCK = 250
_AS_EXTREME = 1e-9
"""A statistic this near the observed one, relative to the largest of all, is as extreme."""

_MONTE_CARLO = "p is (b + 1) / (B + 1): the observed arrangement is one of those compared."
_EXHAUSTIVE = "p is the share of all distinct arrangements, the observed one among them."
_EXTREME = {
    "two-sided": "Extreme is at least as far from 0 as the observed statistic, on either side.",
    "greater": "Extreme is at least as large as the observed statistic.",
    "less": "Extreme is at most as large as the observed statistic.",
}


@dataclass(frozen=True, eq=False)
class Permutation:
    """A permutation test.

    ``extreme`` of ``arrangements`` compared are as extreme as observed. ``p_lower`` and
    ``p_upper`` bound the p of all arrangements at ``level``; both are p when exhaustive.
    ``distribution`` (arrangements,) holds the statistics, NaN where there was none.
    """

    p: float
    p_lower: float
    p_upper: float
    level: float
    statistic: float
    extreme: int
    arrangements: int
    is_exhaustive: bool
    alternative: Alternative
    distribution: FloatArray
    n: int
    seed: int
    warnings: tuple[str, ...]
    method: str
    conventions: tuple[str, ...]

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the statistic, p and its own interval as rows."""
        return (tidy_row("statistic", self.statistic), tidy_row("p", self.p),
                tidy_row("p_lower", self.p_lower), tidy_row("p_upper", self.p_upper),
                tidy_row("arrangements", self.arrangements))


def permutation_test(
    values: ArrayLike, statistic: Callable[[NDArray[Any]], Any], *, vectorised: bool = False,
    alternative: Alternative = "two-sided", replicates: int = 10_000,
    exhaustive: bool | None = None, level: float = 0.99, seed: int = 1,
    strata: ArrayLike | None = None, workers: int = 1, progress: Progress | None = None,
) -> Permutation:
    """Return the permutation test of values (n,) that would be exchangeable under no effect.

    ``values`` (n,) are what is shuffled: group labels, or one of two measurements.
    ``statistic`` is given one arrangement (n,) for one number or, when ``vectorised``, (B, n) for
    (B,). Two-sided takes a statistic that is 0 without effect. ``strata`` (n,) shuffles within
    its labels only. All distinct arrangements are visited when there are at most ``replicates``,
    or when ``exhaustive`` is True; else ``replicates`` random ones, p having the Clopper–Pearson
    interval of ``level``. ``workers`` above 1 are processes; ``progress(done, total)`` is called
    after each block. An arrangement whose statistic is NaN or NotEstimable counts as extreme.
    Raises :class:`~remission.errors.NotEstimable` when there is one arrangement only, the
    statistic of the data cannot be had, or there are too many arrangements to visit all as
    asked. Fisher 1935; Phipson & Smyth 2010, Stat Appl Genet Mol Biol 9:39.
    """
    normal_quantile(level)
    if alternative not in _EXTREME:
        raise refuse("permutation_test", f"There is no alternative {alternative!r}.",
                     "Choose two-sided, greater or less.")
    given = np.asarray(values)
    if given.ndim != 1 or not len(given):
        raise refuse("permutation_test", "values must be one row of at least one value.")
    labels, codes = np.unique(given, return_inverse=True)
    if labels.dtype.kind == "f" and np.isnan(labels).any():
        raise refuse("permutation_test", "A value is NaN.", "Drop missing values before.")
    members = _members(strata, len(given))
    evaluate = _Evaluation(statistic, labels, vectorised)
    observed = float(evaluate(codes[None, :])[0])
    if not math.isfinite(observed):
        raise refuse("permutation_test", "The statistic of the data themselves is not a number.")
    possible = _count(codes, members)
    visit_all = possible <= replicates if exhaustive is None else exhaustive
    _check(possible, visit_all)
    if visit_all:
        made = _visit(evaluate, codes, members, possible, progress)
    else:
        evaluate = _Evaluation(statistic, labels, vectorised, may_fail=True)
        made = in_blocks(_Shuffling(evaluate, codes, members), replicates, block=_BLOCK,
                         width=len(codes), seed=seed, workers=workers, progress=progress)
    extreme = int(_as_extreme(made, observed, alternative).sum())
    p, lower, upper = _p(extreme, len(made), visit_all, level)
    failed = int((~np.isfinite(made)).sum())
    return Permutation(
        p, lower, upper, level, observed, extreme, len(made), visit_all, alternative, made,
        len(codes), seed,
        (f"The statistic could not be had of {failed} arrangements; they count as extreme.",)
        if failed else (),
        f"permutation test, all {possible} arrangements" if visit_all
        else f"permutation test, {replicates} random arrangements, seed {seed}",
        (_EXHAUSTIVE if visit_all else _MONTE_CARLO, _EXTREME[alternative]),
    )


@dataclass(frozen=True)
class _Evaluation:
    """The statistic (B,) of coded arrangements (B, n)."""

    statistic: Callable[[NDArray[Any]], Any]
    labels: NDArray[Any]
    vectorised: bool
    may_fail: bool = False

    def __call__(self, codes: IntArray) -> FloatArray:
        arranged = self.labels[codes]
        if self.vectorised:
            found = np.asarray(self.statistic(arranged), dtype=np.float64)
        else:
            found = np.array([self._one(row) for row in arranged], dtype=np.float64)
        if found.shape != (len(codes),):
            raise refuse("permutation_test", f"The statistic of {len(codes)} arrangements has "
                         f"shape {found.shape}.", "It is one number an arrangement.")
        return found

    def _one(self, arranged: NDArray[Any]) -> Any:
        try:
            return self.statistic(arranged)
        except NotEstimable:
            if not self.may_fail:
                raise
            return np.nan


@dataclass(frozen=True)
class _Shuffling:
    """Shuffles within strata and evaluates."""

    evaluate: _Evaluation
    codes: IntArray
    members: list[IntArray]

    def __call__(self, random: np.random.Generator, size: int) -> FloatArray:
        shuffled = np.tile(self.codes, (size, 1))
        for mine in self.members:
            shuffled[:, mine] = random.permuted(shuffled[:, mine], axis=1)
        return self.evaluate(shuffled)


def _visit(
    evaluate: _Evaluation, codes: IntArray, members: list[IntArray], possible: int,
    progress: Progress | None,
) -> FloatArray:
    able = _Evaluation(evaluate.statistic, evaluate.labels, evaluate.vectorised, may_fail=True)
    all_codes = _arrangements(codes, members)
    found: list[FloatArray] = []
    done = 0
    while block := list(itertools.islice(all_codes, _BLOCK)):
        found.append(able(np.array(block)))
        done += len(block)
        if progress is not None:
            progress(done, possible)
    return np.concatenate(found)


def _arrangements(codes: IntArray, members: list[IntArray]) -> Iterator[IntArray]:
    """Yield every distinct arrangement of the codes within their strata."""
    choices = [list(_distinct(sorted(codes[mine].tolist()))) for mine in members]
    for choice in itertools.product(*choices):
        arranged = np.empty_like(codes)
        for mine, chosen in zip(members, choice, strict=True):
            arranged[mine] = chosen
        yield arranged


def _distinct(codes: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield the distinct orders of sorted codes, each the next in the dictionary's order."""
    while True:
        yield tuple(codes)
        turn = len(codes) - 2
        while turn >= 0 and codes[turn] >= codes[turn + 1]:
            turn -= 1
        if turn < 0:
            return
        larger = len(codes) - 1
        while codes[larger] <= codes[turn]:
            larger -= 1
        codes[turn], codes[larger] = codes[larger], codes[turn]
        codes[turn + 1:] = reversed(codes[turn + 1:])


def _count(codes: IntArray, members: list[IntArray]) -> int:
    """Return the number of distinct arrangements."""
    return math.prod(
        math.factorial(len(mine)) // math.prod(
            math.factorial(int(count)) for count in np.bincount(codes[mine]))
        for mine in members)


def _check(possible: int, visit_all: bool) -> None:
    if possible < 2:
        raise refuse("permutation_test", "There is only one arrangement of these values.",
                     "There is nothing to compare.")
    if visit_all and possible > MOST_ARRANGEMENTS:
        raise refuse("permutation_test", f"There are {possible} arrangements.",
                     "Leave exhaustive out for random ones.")


def _members(strata: ArrayLike | None, n: int) -> list[IntArray]:
    if strata is None:
        return [np.arange(n)]
    labels, stratum = np.unique(np.asarray(strata), return_inverse=True)
    if stratum.shape != (n,):
        raise refuse("permutation_test", f"{n} values but strata of shape {stratum.shape}.")
    return [np.flatnonzero(stratum == place) for place in range(len(labels))]


def _as_extreme(
    made: FloatArray, observed: float, alternative: Alternative
) -> NDArray[np.bool_]:
    side = {"two-sided": np.abs, "greater": np.positive, "less": np.negative}[alternative]
    finite = np.isfinite(made)
    largest = float(np.abs(made[finite]).max(initial=abs(observed)))
    extreme: NDArray[np.bool_] = ~finite
    extreme[finite] = side(made[finite]) >= side(observed) - _AS_EXTREME * largest
    return extreme


def _p(extreme: int, compared: int, all_visited: bool, level: float) -> tuple[float, float, float]:
    if all_visited:
        p = extreme / compared
        return p, p, p
    interval = clopper_pearson(extreme, compared, level=level)
    return (extreme + 1) / (compared + 1), interval.lower, interval.upper
