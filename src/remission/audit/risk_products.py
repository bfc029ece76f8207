"""Kaplan–Meier curves that print a given survival and standard error: their sets at risk.

Without ties a curve is one factor 1 − 1/r for each event, r the number at risk; a tie of d events
is d such factors with r, r − 1, … and the same Greenwood sum, so that strictly falling r describe
every curve. With w = −ln S and g = Σ 1/(r(r − 1)), where r ≤ m for all that is still to come,

    (e^w − 1)/m ≤ g ≤ e^w + e^−w − 2:

the least g is that of no censoring (numbers at risk are at most m·S), and the most is that of one
event, because the term is convex in its own w. These bounds prune the search, and alone they prove
that a standard error cannot belong to a survival and a size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from remission.audit.spans import Span

MOST_STEPS = 60_000
"""Partial curves that a search may visit."""


@dataclass(frozen=True)
class Found:
    """The sets at risk of the events of one curve, or none; ``is_complete`` where all was seen."""

    at_risk: tuple[int, ...] | None
    is_complete: bool


def least_error(survival: float, n: int) -> float:
    """Return the least standard error that Greenwood's formula can give for a share and a size."""
    return math.sqrt(max(survival * (1 - survival), 0.0) / n)


def largest_error(survival: float) -> float:
    """Return the largest standard error that Greenwood's formula can give for a share above 0."""
    return math.sqrt(survival) * (1 - survival)


def find_curve(survival: Span, error: Span, n: int) -> Found:
    """Return a curve of ``n`` that has a survival and a standard error in the spans, as shares."""
    if survival.low <= 0 or survival.low >= 1:
        return Found(None, is_complete=False)
    weight = Span(-math.log(min(survival.high, 1.0)), -math.log(survival.low))
    return _Search(weight, error).run(n)


class _Search:
    """Walks through falling numbers at risk, the largest first: little censoring comes first."""

    def __init__(self, weight: Span, error: Span) -> None:
        self.weight, self.error = weight, error
        self.steps = 0

    def run(self, n: int) -> Found:
        at_risk = self.after((), n, 0.0, 0.0)
        return Found(at_risk, at_risk is not None or self.steps < MOST_STEPS)

    def after(
        self, chosen: tuple[int, ...], most: int, weight: float, greenwood: float
    ) -> tuple[int, ...] | None:
        """Return a completed curve that begins with the chosen events."""
        self.steps += 1
        if self.steps >= MOST_STEPS:
            return None
        if weight >= self.weight.low and self.fits(weight, greenwood):
            return chosen
        for r in range(most, 1, -1):
            own = -math.log1p(-1 / r)
            if weight + own > self.weight.high:
                return None
            grown = greenwood + 1 / (r * (r - 1))
            if self.may_fit(weight + own, grown, r - 1):
                found = self.after((*chosen, r), r - 1, weight + own, grown)
                if found is not None or self.steps >= MOST_STEPS:
                    return found
        return None

    def fits(self, weight: float, greenwood: float) -> bool:
        return self.error.holds(math.exp(-weight) * math.sqrt(greenwood))

    def may_fit(self, weight: float, greenwood: float, most: int) -> bool:
        """Return whether events with at most ``most`` at risk can still lead to a fit."""
        more = max(self.weight.low - weight, 0.0)
        rest = self.weight.high - weight
        least = greenwood + (math.expm1(more) / most if most > 0 else 0.0)
        largest = greenwood + (2 * math.cosh(rest) - 2)
        survival = Span(math.exp(-self.weight.high), math.exp(-max(weight, self.weight.low)))
        return (survival.low * math.sqrt(least) <= self.error.high
                and survival.high * math.sqrt(largest) >= self.error.low)
