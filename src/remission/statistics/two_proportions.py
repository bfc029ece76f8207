"""Two proportions compared: their difference and their ratio, with intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from remission.statistics.arrays import normal_quantile, refuse
from remission.statistics.proportions import check_share, wilson
from remission.statistics.roots import increasing_root
from remission.statistics.tidy import TidyRow, tidy_row

Counts = tuple[int, int]
"""Events and the number they are counted of."""


@dataclass(frozen=True)
class ProportionContrast:
    """A difference, ratio or odds ratio with its interval.

    A ratio may be 0 or infinite, and so may a bound. ``n`` counts subjects (or pairs), ``events``
    those with the event in both groups together, None where events are not counted.
    """

    measure: str
    estimate: float
    lower: float
    upper: float
    level: float
    n: int
    method: str
    events: int | None = None
    conventions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the counts, the estimate and its bounds as rows; infinity is None with a note."""
        counts = {"n": self.n} if self.events is None else {"n": self.n, "events": self.events}
        numbers = {"estimate": self.estimate, "lower": self.lower, "upper": self.upper}
        return (*(tidy_row(name, count) for name, count in counts.items()),
                *(tidy_row(name, number, level=self.measure,
                           note="infinite" if math.isinf(number) else "")
                  for name, number in numbers.items()))


def proportion_difference(
    first: Counts, second: Counts, *, level: float = 0.95
) -> ProportionContrast:
    """Return the first proportion minus the second with Newcombe's hybrid score interval.

    ``first`` and ``second`` are (events, n) of two independent groups, whole numbers. Raises
    :class:`~remission.errors.NotEstimable` when an n is 0 or events are not within it. Newcombe
    1998, Stat Med 17:873, method 10.
    """
    one, two = wilson(*first, level=level), wilson(*second, level=level)
    estimate = one.estimate - two.estimate
    below = math.hypot(one.estimate - one.lower, two.upper - two.estimate)
    above = math.hypot(one.upper - one.estimate, two.estimate - two.lower)
    return ProportionContrast("difference", estimate, max(-1.0, estimate - below),
                    min(1.0, estimate + above), level, one.n + two.n,
                    "Newcombe hybrid score (method 10)", one.events + two.events,
                    ("first minus second", "no continuity correction"))


def proportion_ratio(
    first: Counts, second: Counts, *, method: Literal["koopman", "katz"] = "koopman",
    level: float = 0.95,
) -> ProportionContrast:
    """Return the first proportion divided by the second, with an interval.

    ``first`` and ``second`` are (events, n) of two independent groups, whole numbers. "koopman"
    inverts the score test (Koopman 1984, Biometrics 40:513) and holds also where one group has no
    event: the ratio is then 0 or infinite. "katz" is normal on the log scale (Katz et al. 1978,
    Biometrics 34:469) and needs events in both groups. Raises
    :class:`~remission.errors.NotEstimable` when an n is 0, events are not within it, no group has
    an event, or a Katz interval is asked for with a group without.
    """
    check_share(*first)
    check_share(*second)
    (events, n), (other_events, other_n) = first, second
    if events + other_events == 0:
        raise refuse("proportion_ratio", "No group has an event, so there is no ratio.")
    if method == "koopman":
        estimate, lower, upper = _koopman(first, second, normal_quantile(level))
        name, convention = "Koopman score", "variance at the bound, without the factor N/(N − 1)"
    elif method == "katz":
        estimate, lower, upper = _katz(first, second, normal_quantile(level))
        name, convention = "Katz log", "nothing added to the counts"
    else:
        raise refuse("method", f"{method!r} is not known; 'koopman' and 'katz' are.")
    return ProportionContrast("ratio", estimate, lower, upper, level, n + other_n, name,
                    events + other_events, ("first over second", convention))


def _katz(first: Counts, second: Counts, z: float) -> tuple[float, float, float]:
    (events, n), (other_events, other_n) = first, second
    if 0 in (events, other_events):
        raise refuse("proportion_ratio", "Katz' interval needs events in both groups.",
                     "Use method='koopman'.")
    estimate = (events / n) / (other_events / other_n)
    error = math.sqrt(1 / events - 1 / n + 1 / other_events - 1 / other_n)
    return estimate, estimate * math.exp(-z * error), estimate * math.exp(z * error)


def _koopman(first: Counts, second: Counts, z: float) -> tuple[float, float, float]:
    (events, n), (other_events, other_n) = first, second
    estimate = math.inf if other_events == 0 else (events / n) / (other_events / other_n)
    lower = 0.0 if events == 0 else math.exp(increasing_root(
        lambda log_ratio: z - _score(first, second, math.exp(log_ratio))))
    upper = math.inf if other_events == 0 else math.exp(increasing_root(
        lambda log_ratio: -z - _score(first, second, math.exp(log_ratio))))
    return estimate, lower, upper


def _score(first: Counts, second: Counts, ratio: float) -> float:
    """Return the signed root of Koopman's χ² at a ratio; it falls as the ratio rises."""
    (events, n), (other_events, other_n) = first, second
    linear = ratio * (n + other_events) + events + other_n
    constant = events + other_events
    root = math.sqrt(max(linear**2 - 4 * (n + other_n) * ratio * constant, 0.0))
    second_share = min(2 * constant / (linear + root), 1.0)
    first_share = min(ratio * second_share, 1.0)
    square = (_square(events, n, first_share) + _square(other_events, other_n, second_share))
    return math.copysign(math.sqrt(square), events / n - ratio * other_events / other_n)


def _square(events: int, n: int, share: float) -> float:
    """Return (observed − expected)² over its variance, 0 where a share of 1 is observed."""
    variance = n * share * (1 - share)
    return (events - n * share) ** 2 / variance if variance > 0 else 0.0
