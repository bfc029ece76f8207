"""Binomial probabilities, and the most power any test of two simple hypotheses can have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from remission.statistics.arrays import FloatArray, refuse

ROUNDING = 1e-10
"""An error rate this far above the one allowed, relative to it, is rounding."""
AS_LIKELY = 1e-7
"""Relative distance within which an outcome is as likely as another, as in Fisher's test."""


def binomial(n: int, p: float) -> FloatArray:
    """Return P(X = k) for k from 0 to n, of n trials with probability p, 0 < p < 1."""
    from scipy.special import gammaln

    k = np.arange(n + 1)
    ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    found: FloatArray = np.exp(ways + k * np.log(p) + (n - k) * np.log1p(-p))
    return found


def two_sided(null: FloatArray) -> FloatArray:
    """Return the two-sided p of each outcome: the probability of all that are no likelier."""
    ordered = np.sort(null)
    upto = np.searchsorted(ordered, null * (1 + AS_LIKELY), side="right")
    p: FloatArray = np.cumsum(ordered)[upto - 1]
    return p


def above(probabilities: FloatArray) -> FloatArray:
    """Return P(X > k) for k from 0 on, summed from the smallest."""
    tail: FloatArray = np.concatenate((np.cumsum(probabilities[:0:-1])[::-1], [0.0]))
    return tail


def most_power(null: FloatArray, alternative: FloatArray, *, alpha: float) -> float:
    """Return the power of the most powerful test, randomised, of two simple hypotheses.

    ``null`` and ``alternative`` are the probabilities of the same outcomes. Neyman & Pearson
    1933, Phil Trans R Soc A 231:289.
    """
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        favour = np.where(alternative > 0, alternative / null, 0.0)
    order = np.argsort(-favour, kind="stable")
    spent = np.cumsum(null[order])
    whole = int(np.searchsorted(spent, alpha, side="right"))
    if whole == len(order):
        return 1.0
    used = float(spent[whole - 1]) if whole else 0.0
    part = (alpha - used) / float(null[order[whole]])
    return float(alternative[order[:whole]].sum() + part * alternative[order[whole]])


def least_n(reaches: Callable[[int], bool], *, largest: int) -> int:
    """Return the least n from 1 that reaches what every larger n does; ``largest`` + 1 if none."""
    low, high = 0, 1
    while not reaches(high):
        if high == largest:
            return largest + 1
        low, high = high, min(2 * high, largest)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high


def check_probability(where: str, **named: float) -> None:
    """Raise ``NotEstimable`` for a probability that does not lie strictly between 0 and 1."""
    for name, value in named.items():
        if not 0 < value < 1:
            raise refuse(where, f"{name} lies between 0 and 1, not {value}.")


def check_count(where: str, least: int = 1, **named: int) -> None:
    """Raise ``NotEstimable`` for a number that is not whole or below ``least``."""
    for name, value in named.items():
        if not isinstance(value, int | np.integer) or value < least:
            raise refuse(where, f"{name} is a whole number from {least}, not {value!r}.")
