"""Power of tests of proportions, exact: the binomial test of one, Fisher's test of two."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from remission.statistics.arrays import BoolArray, FloatArray, refuse
from remission.statistics.binomials import (
    ROUNDING,
    binomial,
    check_count,
    check_probability,
    least_n,
    most_power,
    two_sided,
)
from remission.statistics.tidy import TidyRow, tidy_row

Alternative = Literal["two-sided", "greater", "less"]

_SIDES = {
    "two-sided": "Two-sided: outcomes no likelier than the observed one, within a relative 1e-7, "
                 "are extreme.",
    "greater": "One-sided, towards a larger p1.",
    "less": "One-sided, towards a smaller p1.",
}


@dataclass(frozen=True)
class ProportionsPower:
    """The exact power of a test of proportions.

    ``sizes`` is (n,) of one sample and (first, second) of two, ``n`` their sum. ``power`` is the
    probability to reject at ``p0`` and ``p1``; ``size`` that at ``p0`` throughout, at most
    ``alpha``.
    """

    power: float
    size: float
    n: int
    sizes: tuple[int, ...]
    p0: float
    p1: float
    alpha: float
    alternative: Alternative
    warnings: tuple[str, ...]
    method: str
    conventions: tuple[str, ...]

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return power, attained size and numbers of subjects as rows."""
        groups = [tidy_row("n", size, group=str(place))
                  for place, size in enumerate(self.sizes, start=1)]
        return (tidy_row("power", self.power), tidy_row("size", self.size), *groups)


def power_proportions(
    p0: float, p1: float, *, samples: Literal[1, 2] = 2, n: int | tuple[int, int] | None = None,
    power: float | None = None, ratio: float = 1.0, alpha: float = 0.05,
    alternative: Alternative = "two-sided", largest_n: int = 1000,
) -> ProportionsPower:
    """Return the exact power at given numbers, or the smallest numbers that reach a power.

    ``p0`` and ``p1`` are probabilities of the outcome, between 0 and 1: of the first and the
    second group (Fisher's exact test), or for ``samples=1`` of the hypothesis and the truth
    (exact binomial test). Either ``n``, the number in each group or (first, second), or the
    ``power`` wanted is given; the second group is then ``ratio`` times the first, rounded up, and
    the first at most ``largest_n``. Exact power is not monotone in n: a larger n than the smallest
    can fall below the power again. Raises :class:`~remission.errors.NotEstimable` for numbers
    that are none and when no n will do. Bennett & Hsu 1960, Biometrika 47:393.
    """
    check_probability("power_proportions", p0=p0, p1=p1, alpha=alpha)
    if samples not in (1, 2) or alternative not in _SIDES:
        raise refuse("power_proportions", "samples is 1 or 2; alternative is two-sided, greater "
                     f"or less, not {samples!r} and {alternative!r}.")
    if (n is None) == (power is None):
        raise refuse("power_proportions", "Either n or power is wanted, and not both.")
    study = _Study(p0, p1, samples, ratio, alpha, alternative)
    if n is None:
        assert power is not None  # one of the two is given
        sizes = study.smallest(power, largest_n)
    else:
        sizes = _sizes(n, study)
    reached = study.power(sizes, p1)
    name = "Fisher exact test of two proportions" if samples == 2 else "exact binomial test"
    return ProportionsPower(
        reached, study.power(sizes, p0), sum(sizes), sizes, p0, p1, alpha, alternative,
        _warnings(study, reached), f"exact power of the {name}",
        (_SIDES[alternative], *(() if power is None else (
            "The smallest n that reaches the power; a larger one may not.",))))


@dataclass(frozen=True)
class _Study:
    """A test and the truth it is to find."""

    p0: float
    p1: float
    samples: Literal[1, 2]
    ratio: float
    alpha: float
    alternative: Alternative

    def sizes_of(self, first: int) -> tuple[int, ...]:
        """Return the sizes of the groups for one of the first."""
        if self.samples == 1:
            return (first,)
        return first, max(1, math.ceil(self.ratio * first - 1e-9))

    def power(self, sizes: tuple[int, ...], truth: float) -> float:
        """Return the probability to reject when the second proportion is ``truth``."""
        if self.samples == 1:
            rejected = _binomial_rejects(binomial(sizes[0], self.p0), self.alpha, self.alternative)
            return min(1.0, float(binomial(sizes[0], truth)[rejected].sum()))
        return _fisher_power(binomial(sizes[0], self.p0), binomial(sizes[1], truth),
                             self.alpha, self.alternative)

    def most(self, sizes: tuple[int, ...]) -> float:
        """Return a power that no test of this level can exceed."""
        if self.samples == 1:
            null, true = binomial(sizes[0], self.p0), binomial(sizes[0], self.p1)
        else:
            common = (self.p0 + self.ratio * self.p1) / (1 + self.ratio)
            null = np.outer(binomial(sizes[0], common), binomial(sizes[1], common)).ravel()
            true = np.outer(binomial(sizes[0], self.p0), binomial(sizes[1], self.p1)).ravel()
        return most_power(null, true, alpha=self.alpha)

    def smallest(self, power: float, largest_n: int) -> tuple[int, ...]:
        """Return the smallest sizes that reach a power."""
        check_probability("power_proportions", power=power)
        check_count("power_proportions", largest_n=largest_n)
        if not self.ratio > 0 or not math.isfinite(self.ratio):
            raise refuse("power_proportions", f"ratio is above 0, not {self.ratio}.")
        wrong_side = {"two-sided": False, "greater": self.p1 < self.p0, "less": self.p1 > self.p0}
        if self.p0 == self.p1 or wrong_side[self.alternative]:
            raise refuse("power_proportions", "There is no difference on the side tested.",
                         "No number of subjects has this power.")
        wanted = power * (1 - ROUNDING)
        start = least_n(lambda n: self.most(self.sizes_of(n)) >= wanted, largest=largest_n)
        for first in range(start, largest_n + 1):
            if self.power(self.sizes_of(first), self.p1) >= wanted:
                return self.sizes_of(first)
        raise refuse("power_proportions", f"No n up to {largest_n} reaches a power of {power}.",
                     "Allow a larger n or look for a larger difference.")


def _binomial_rejects(null: FloatArray, alpha: float, alternative: Alternative) -> BoolArray:
    """Return for each outcome whether a test of its distribution under the hypothesis rejects."""
    if alternative == "greater":
        p = np.cumsum(null[::-1])[::-1]
    elif alternative == "less":
        p = np.cumsum(null)
    else:
        p = two_sided(null)
    rejects: BoolArray = p <= alpha * (1 + ROUNDING)
    return rejects


def _fisher_power(
    first: FloatArray, second: FloatArray, alpha: float, alternative: Alternative
) -> float:
    """Return the probability that Fisher's test rejects, given each group's distribution."""
    n1, n2 = len(first) - 1, len(second) - 1
    ways1, ways2 = _log_ways(n1), _log_ways(n2)
    total = 0.0
    for events in range(n1 + n2 + 1):
        own = np.arange(max(0, events - n1), min(n2, events) + 1)
        logs = ways2[own] + ways1[events - own]
        given = np.exp(logs - logs.max())
        rejects = _binomial_rejects(given / given.sum(), alpha, alternative)
        total += float((second[own] * first[events - own])[rejects].sum())
    return min(1.0, total)


def _log_ways(n: int) -> FloatArray:
    """Return the logarithm of n over k for k from 0 to n."""
    from scipy.special import gammaln

    k = np.arange(n + 1)
    found: FloatArray = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return found


def _sizes(n: int | tuple[int, int], study: _Study) -> tuple[int, ...]:
    given = n if isinstance(n, tuple) else (n,) * study.samples
    if len(given) != study.samples:
        raise refuse("power_proportions", f"{study.samples} sizes are wanted, not {n!r}.")
    for size in given:
        check_count("power_proportions", n=size)
    return given


def _warnings(study: _Study, reached: float) -> tuple[str, ...]:
    if reached > 0:
        return ()
    return (f"No outcome of this size is significant at {study.alpha:g}.",)
