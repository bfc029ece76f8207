"""Interval arithmetic: between which limits a number lies, given how it is printed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

from remission.audit.printed import ROUNDED, How, Printed

_SLACK = 1e-9
"""Relative width by which every span is widened, so that no float error excludes a value."""

_TOUCH = 1e-3
"""Part of the last digit by which two prints must overlap to be one number."""


@dataclass(frozen=True)
class Span:
    """Every number from ``low`` to ``high``, both counted in."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Return whether a value lies in the span."""
        return self.low <= value <= self.high

    def meets(self, other: Span) -> bool:
        """Return whether two spans have a value in common."""
        return self.low <= other.high and other.low <= self.high

    def within(self, other: Span) -> Span | None:
        """Return what two spans have in common, None if nothing."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Span(low, high) if low <= high else None

    def between(self, low: float, high: float) -> Span:
        """Return the part of the span between two limits."""
        return Span(min(max(self.low, low), high), max(min(self.high, high), low))


def span_of(number: Printed, how: How = ROUNDED) -> Span:
    """Return the values that print as a number does; a bound (``<0.001``) is open at one end."""
    low, high = number.bounds(how)
    if number.sign in "<≤":
        return Span(-math.inf, float(number.value))
    if number.sign in ">≥":
        return Span(float(number.value), math.inf)
    if number.sign == "≈":
        step = float(number.step)
        return Span(low - step, high + step)
    return widened(low, high)


def widened(low: float, high: float) -> Span:
    """Return the span between two limits, wider by what floats may be off."""
    return Span(low - _SLACK * max(1e-6, abs(low)), high + _SLACK * max(1e-6, abs(high)))


def corners(formula: Callable[..., float], *spans: Span) -> Span:
    """Return the values of a formula that is monotone in each argument, over boxes of arguments.

    A corner at which it is not defined is left out; NaN bounds mean that none is.
    """
    values: list[float] = []
    for ends in product(*((span.low, span.high) for span in spans)):
        try:
            value = formula(*ends)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        if not math.isnan(value):
            values.append(value)
    return widened(min(values), max(values)) if values else Span(math.nan, math.nan)


def overlap(spans: Iterable[Span], step: float) -> bool:
    """Return whether spans share more than the number halfway between two prints.

    That number lies at the end of both, and no one rule prints it both ways. ``step`` is the last
    digit of the finest print.
    """
    known = list(spans)
    shared = min(span.high for span in known) - max(span.low for span in known)
    return shared > _TOUCH * step


def hull(spans: Iterable[Span]) -> Span:
    """Return the span from the lowest to the highest of several."""
    known = list(spans)
    return Span(min(span.low for span in known), max(span.high for span in known))
