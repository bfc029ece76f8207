"""Patients rebuilt from a printed curve: its points, and the numbers at risk under it.

After Guyot, Ades, Ouwens & Welton 2012, BMC Med Res Methodol 12:9: between two numbers at risk the
number censored is chosen so that the events which the curve needs leave the next number at risk.
What the print leaves open (the digits of each point, when between two points its events fell, when
patients were censored) is drawn again and again, so that each rebuilt statistic has its range.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from remission.audit.spans import Span


@dataclass(frozen=True)
class Curve:
    """A printed curve: survival, as spans of shares, at times; numbers at risk, the first at 0."""

    times: tuple[float, ...]
    survival: tuple[Span, ...]
    risk_times: tuple[float, ...]
    at_risk: tuple[int, ...]
    events: int | None = None


@dataclass(frozen=True)
class Rebuilt:
    """Times of patients, and whether each had the event or was censored then."""

    times: tuple[float, ...]
    events: tuple[bool, ...]


EVENLY, FIRST, LAST, TOGETHER = (0.0, 1.0), (0.0, 0.001), (0.999, 1.0), (1.0, 1.0)
"""Where between two points their events lie, as shares of the time between them."""


def rebuild(
    curve: Curve, random: Random | None = None, *, lie: tuple[float, float] = EVENLY,
    leave: bool = True,
) -> Rebuilt:
    """Return the patients of a curve: the likeliest ones, or ones drawn at ``random``.

    ``lie`` puts the events where they could lie at worst; ``leave`` is False where nobody is
    censored between the last number at risk and the last point.
    """
    builder = _Builder(curve, random, lie=lie, leave=leave)
    for place in range(len(curve.risk_times)):
        builder.interval(place)
    return builder.done()


class _Builder:
    """Goes through the intervals between numbers at risk, keeping who is left and the curve."""

    def __init__(
        self, curve: Curve, random: Random | None, *, lie: tuple[float, float], leave: bool
    ) -> None:
        self.curve, self.random, self.lie, self.leave = curve, random, lie, leave
        middle = [random.uniform(span.low, span.high) if random else (span.low + span.high) / 2
                  for span in curve.survival]
        self.survival = list(accumulate(middle, min))
        self.end = max(curve.times[-1], curve.risk_times[-1])
        self.n, self.estimate = curve.at_risk[0], 1.0
        self.times: list[float] = []
        self.events: list[bool] = []
        self.span = (0.0, self.end)
        self.shares: list[float] | None = None

    def interval(self, place: int) -> None:
        """Fill the interval that begins with the number at risk at ``place``."""
        times, risk_times = self.curve.times, self.curve.risk_times
        is_last = place + 1 == len(risk_times)
        begin, end = risk_times[place], self.end if is_last else risk_times[place + 1]
        first = bisect_right(times, begin) if place else 0
        points = range(first, len(times) if is_last else bisect_right(times, end))
        self.span = begin, end
        self.shares = [self.random.random() for _ in range(self.n)] if self.random else None
        censored = self.last_censored(points) if is_last else self.censored(
            points, lambda deaths, count: self.n - count - deaths - self.curve.at_risk[place + 1])
        deaths = self.deaths(points, self.moments(censored))
        previous = begin
        for point, count in zip(points, deaths, strict=True):
            gap, (early, late) = times[point] - previous, self.lie
            for moment in self.spread(count, previous + gap * early, previous + gap * late):
                self.add(moment, event=True)
            previous = times[point]
        for moment in self.moments(censored)[:max(0, self.n - sum(deaths))]:
            self.add(moment, event=False)
        self.n = max(0, self.n - sum(deaths) - censored)
        self.estimate = self.survival[points[-1]] if points else self.estimate

    def censored(self, points: range, surplus: Callable[[int, int], int]) -> int:
        """Return how many are censored so that nobody is too many: ``surplus`` is 0, or nearly."""
        count, tried = 0, set[int]()
        best = (self.n + 1, 0)
        while count not in tried:
            tried.add(count)
            over = surplus(sum(self.deaths(points, self.moments(count))), count)
            best = min(best, (abs(over), count))
            count = min(self.n, max(0, count + over))
        return best[1]

    def last_censored(self, points: range) -> int:
        """Return how many are censored after the last number at risk, before the end."""
        begin, end = self.span
        if not self.leave:
            return 0
        if self.curve.events is not None:
            goal = self.curve.events - sum(self.events)
            return self.censored(points, lambda deaths, count: deaths - goal)
        rate = self.events.count(False) / begin if begin > 0 else 0.0
        return min(self.n, round(rate * (end - begin)))

    def moments(self, count: int) -> list[float]:
        """Return when ``count`` patients are censored in the interval."""
        begin, end = self.span
        if self.shares is None:
            return self.spread(count, begin, end)
        return sorted(begin + (end - begin) * share for share in self.shares[:count])

    def spread(self, count: int, begin: float, end: float) -> list[float]:
        """Return ``count`` moments between two times: evenly, or drawn."""
        if self.random:
            return sorted(self.random.uniform(begin, end) for _ in range(count))
        return [begin + (end - begin) * (number + 1) / (count + 1) for number in range(count)]

    def deaths(self, points: range, moments: list[float]) -> list[int]:
        """Return the deaths that bring the curve to each point, given who is censored when."""
        n, estimate, seen = self.n, self.estimate, 0
        deaths = []
        for point in points:
            passed = bisect_left(moments, self.curve.times[point])
            n, seen = max(0, n - (passed - seen)), passed
            count = 0 if n == 0 or estimate <= 0 else min(
                n, max(0, round(n * (1 - self.survival[point] / estimate))))
            estimate *= 1 - count / n if n else 1.0
            n -= count
            deaths.append(count)
        return deaths

    def add(self, time: float, *, event: bool) -> None:
        self.times.append(max(time, 1e-9))
        self.events.append(event)

    def done(self) -> Rebuilt:
        """Return everyone; who is left at the end is censored there."""
        left = self.curve.at_risk[0] - len(self.times)
        for _ in range(left):
            self.add(self.end, event=False)
        kept = self.curve.at_risk[0]
        return Rebuilt(tuple(self.times[:kept]), tuple(self.events[:kept]))
