"""Single-arm designs on a response rate, exact: Simon's two stages and A'Hern's one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from remission.statistics.arrays import FloatArray, refuse
from remission.statistics.binomials import (
    ROUNDING,
    above,
    binomial,
    check_count,
    check_probability,
    least_n,
    most_power,
)
from remission.statistics.tidy import TidyRow, tidy_row

Design = Literal["optimal", "minimax"]

_EXACT = "Error rates are exact binomial probabilities."
_PROMISING = "The treatment is declared promising with more than r responses of n."
_STOP = "Stage one ends the study with at most r1 responses of n1."


@dataclass(frozen=True)
class SingleStage:
    """Declare promising with more than ``r`` responses of ``n``.

    ``alpha`` is the probability of it at ``p0`` and ``power`` at ``p1``, both attained.
    """

    r: int
    n: int
    alpha: float
    power: float
    p0: float
    p1: float
    warnings: tuple[str, ...] = ()
    method: str = "single stage, exact (A'Hern)"
    conventions: tuple[str, ...] = (_PROMISING, _EXACT, "The smallest n that has both rates.")

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the design and the error rates attained as rows."""
        return tuple(tidy_row(name, getattr(self, name)) for name in ("r", "n", "alpha", "power"))


@dataclass(frozen=True)
class TwoStage:
    """Stop with at most ``r1`` of ``n1``; else go on to ``n`` and want more than ``r``.

    ``alpha`` and ``power`` are attained at ``p0`` and ``p1``; ``early_stop`` and ``expected_n``
    are the probability of ending after stage one and the mean number treated, at ``p0``.
    """

    r1: int
    n1: int
    r: int
    n: int
    early_stop: float
    expected_n: float
    alpha: float
    power: float
    p0: float
    p1: float
    design: Design
    method: str
    warnings: tuple[str, ...] = ()
    conventions: tuple[str, ...] = (_STOP, _PROMISING, _EXACT)

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the design, its mean size and the error rates attained as rows."""
        names = ("r1", "n1", "r", "n", "early_stop", "expected_n", "alpha", "power")
        return tuple(tidy_row(name, getattr(self, name)) for name in names)


def single_stage(
    p0: float, p1: float, *, alpha: float = 0.05, beta: float = 0.20, largest_n: int = 500
) -> SingleStage:
    """Return the smallest single-arm study that tells ``p1`` from ``p0``.

    ``p0`` and ``p1`` are the probabilities of the outcome (a response) of no and of real
    interest, p0 < p1; ``alpha`` and ``beta`` bound the two errors. Raises
    :class:`~remission.errors.NotEstimable` for rates that are none and when no n up to
    ``largest_n`` will do. A'Hern 2001, Stat Med 20:859.
    """
    _check("single_stage", p0, p1, alpha=alpha, beta=beta)
    check_count("single_stage", 2, largest_n=largest_n)
    for n in range(_fewest(p0, p1, alpha, beta, largest_n), largest_n + 1):
        false, true = above(binomial(n, p0)), above(binomial(n, p1))
        r = int(np.flatnonzero(false <= alpha * (1 + ROUNDING))[0])
        if true[r] >= (1 - beta) * (1 - ROUNDING):
            return SingleStage(r, n, float(false[r]), float(true[r]), p0, p1)
    raise _none("single_stage", largest_n)


def simon_two_stage(
    p0: float, p1: float, *, alpha: float = 0.05, beta: float = 0.20,
    design: Design = "optimal", largest_n: int = 300,
) -> TwoStage:
    """Return Simon's two-stage design, by exact search.

    ``p0`` and ``p1`` are the probabilities of the outcome (a response) of no and of real
    interest, p0 < p1; ``alpha`` and ``beta`` bound the two errors. "optimal" treats the fewest
    on average at p0; "minimax" has the smallest n and among these the fewest on average. No
    better design of at most ``largest_n`` exists: what is not visited cannot be better. Raises
    :class:`~remission.errors.NotEstimable` for rates that are none and when no n up to
    ``largest_n`` will do. Simon 1989, Control Clin Trials 10:1.
    """
    _check("simon_two_stage", p0, p1, alpha=alpha, beta=beta)
    check_count("simon_two_stage", 2, largest_n=largest_n)
    if design not in ("optimal", "minimax"):
        raise refuse("simon_two_stage", f"There is no design {design!r}.",
                     "Choose optimal or minimax.")
    search = _Search(p0, p1, alpha, beta)
    fewest = _fewest(p0, p1, alpha, beta, largest_n)
    best = _minimax(search, fewest, largest_n)
    if design == "optimal":
        best = _optimal(search, best, fewest, largest_n)
    r1, n1, r, n = best
    return TwoStage(
        r1, n1, r, n, 1 - float(above(binomial(n1, p0))[r1]), search.expected(r1, n1, n),
        float(_declared(n1, n, p0)[r, r1]), float(_declared(n1, n, p1)[r, r1]),
        p0, p1, design, f"Simon two-stage, {design}")


_Found = tuple[int, int, int, int]
"""(r1, n1, r, n)"""


@dataclass(frozen=True)
class _Search:
    """What a design must do."""

    p0: float
    p1: float
    alpha: float
    beta: float

    def highest_stop(self, n1: int) -> int:
        """Return the largest r1 after which enough power is left, −1 if there is none."""
        passed = above(binomial(n1, self.p1)) >= (1 - self.beta) * (1 - ROUNDING)
        return int(passed.sum()) - 1

    def expected(self, r1: int, n1: int, n: int) -> float:
        """Return the mean number treated at p0."""
        return n1 + float(above(binomial(n1, self.p0))[r1]) * (n - n1)

    def best(self, n1: int, n: int) -> tuple[int, int] | None:
        """Return (r1, r) with the most early stopping, or None if no design has these sizes."""
        false, true = _declared(n1, n, self.p0), _declared(n1, n, self.p1)
        will_do = (false <= self.alpha * (1 + ROUNDING)) & (
            true >= (1 - self.beta) * (1 - ROUNDING))
        stops = np.flatnonzero(will_do.any(axis=0))
        if not len(stops):
            return None
        return int(stops[-1]), int(np.flatnonzero(will_do[:, stops[-1]])[0])


def _declared(n1: int, n: int, p: float) -> FloatArray:
    """Return P(X1 > r1 and X1 + X2 > r), r from 0 to n by r1 from 0 to n1 − 1."""
    first, later = binomial(n1, p), above(binomial(n - n1, p))
    wanted = np.arange(n + 1)[:, None] - np.arange(1, n1 + 1)
    tail = np.where(wanted < 0, 1.0, later[np.clip(wanted, 0, n - n1)])
    declared: FloatArray = np.cumsum((tail * first[1:])[:, ::-1], axis=1)[:, ::-1]
    return declared


def _minimax(search: _Search, fewest: int, largest_n: int) -> _Found:
    for n in range(max(fewest, 2), largest_n + 1):
        best = _fewest_expected(search, n)
        if best is not None:
            return best
    raise _none("simon_two_stage", largest_n)


def _fewest_expected(search: _Search, n: int) -> _Found | None:
    """Return the design of size n that treats the fewest on average at p0, if there is any."""
    best, least = None, float("inf")
    for n1 in range(1, n):
        highest = search.highest_stop(n1)
        if highest < 0 or search.expected(highest, n1, n) >= least * (1 - ROUNDING):
            continue
        found = search.best(n1, n)
        if found is not None and search.expected(found[0], n1, n) < least * (1 - ROUNDING):
            best, least = (found[0], n1, found[1], n), search.expected(found[0], n1, n)
    return best


def _optimal(search: _Search, start: _Found, fewest: int, largest_n: int) -> _Found:
    """Return the design that treats the fewest on average.

    With n1 given, a larger n treats more, so n need not go beyond where even the highest r1
    that leaves enough power treats as many as the best design known.
    """
    best, least = start, search.expected(start[0], start[1], start[3])
    for n1 in range(1, largest_n):
        if n1 >= least:
            break
        highest = search.highest_stop(n1)
        for n in range(max(n1 + 1, fewest), largest_n + 1) if highest >= 0 else ():
            if search.expected(highest, n1, n) >= least * (1 - ROUNDING):
                break
            found = search.best(n1, n)
            if found is None:
                continue
            expected = search.expected(found[0], n1, n)
            if expected < least * (1 - ROUNDING):
                best, least = (found[0], n1, found[1], n), expected
    return best


def _fewest(p0: float, p1: float, alpha: float, beta: float, largest_n: int) -> int:
    """Return an n below which no test at all has these error rates."""
    def reaches(n: int) -> bool:
        power = most_power(binomial(n, p0), binomial(n, p1), alpha=alpha)
        return power >= (1 - beta) * (1 - ROUNDING)

    return least_n(reaches, largest=largest_n)


def _check(where: str, p0: float, p1: float, *, alpha: float, beta: float) -> None:
    check_probability(where, p0=p0, p1=p1, alpha=alpha, beta=beta)
    if p0 >= p1:
        raise refuse(where, f"p0 ({p0}) must be below p1 ({p1}).")
    if alpha + beta >= 1:
        raise refuse(where, "alpha and beta together must be below 1.")


def _none(where: str, largest_n: int) -> Exception:
    return refuse(where, f"No design of up to {largest_n} has these error rates.",
                  "Allow a larger n, larger errors or a larger difference.")
