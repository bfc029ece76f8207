"""Proportions with their interval: Wilson and Clopper–Pearson."""

from __future__ import annotations

import math
from dataclasses import dataclass

from remission.statistics.arrays import normal_quantile, refuse
from remission.statistics.tidy import TidyRow, tidy_row


@dataclass(frozen=True)
class Proportion:
    """``events`` of ``n`` with an interval; ``estimate``, ``lower`` and ``upper`` lie in 0 to 1."""

    events: int
    n: int
    estimate: float
    lower: float
    upper: float
    level: float
    method: str
    conventions: tuple[str, ...] = ("two-sided interval",)
    warnings: tuple[str, ...] = ()

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the counts, the share and its bounds as rows."""
        numbers = {"events": self.events, "n": self.n, "estimate": self.estimate,
                   "lower": self.lower, "upper": self.upper}
        return tuple(tidy_row(name, value) for name, value in numbers.items())


def wilson(events: int, n: int, *, level: float = 0.95) -> Proportion:
    """Return a proportion with the Wilson score interval.

    ``events`` of ``n``, whole numbers. Raises :class:`~remission.errors.NotEstimable` when n is
    0 or events are not within it. Wilson 1927, J Am Stat Assoc 22:209.
    """
    check_share(events, n)
    z = normal_quantile(level)
    p = events / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    lower = 0.0 if events == 0 else centre - half
    upper = 1.0 if events == n else centre + half
    return Proportion(events, n, p, lower, upper, level, "Wilson")


def clopper_pearson(events: int, n: int, *, level: float = 0.95) -> Proportion:
    """Return a proportion with the exact Clopper–Pearson interval.

    ``events`` of ``n``, whole numbers. Raises :class:`~remission.errors.NotEstimable` when n is
    0 or events are not within it. Clopper & Pearson 1934, Biometrika 26:404.
    """
    check_share(events, n)
    normal_quantile(level)
    tail = (1 - level) / 2
    if events in (0, n):
        edge = tail ** (1 / n)  # the probability at which none, or all, is just this unlikely
        lower, upper = (0.0, 1 - edge) if events == 0 else (edge, 1.0)
    else:
        from scipy.special import betaincinv

        lower = float(betaincinv(events, n - events + 1, tail))
        upper = float(betaincinv(events + 1, n - events, 1 - tail))
    return Proportion(events, n, events / n, lower, upper, level, "Clopper–Pearson")


def check_share(events: int, n: int) -> None:
    """Refuse ``events`` of ``n`` that are no whole numbers with 0 ≤ events ≤ n and n > 0."""
    if not (math.isfinite(events) and math.isfinite(n)):
        raise refuse("proportion", f"{events} of {n} is not a proportion.")
    if n <= 0:
        raise refuse("proportion", "The base is 0, so there is no proportion.")
    if not 0 <= events <= n or events != int(events) or n != int(n):
        raise refuse("proportion", f"{events} of {n} is not a proportion.")
