"""A number as it is printed, and the exact values that print so by any usual rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal, TypeAlias

Exact: TypeAlias = Fraction | float

HALF_UP, HALF_EVEN, TRUNCATION = "half-up", "half-even", "truncation"
RULES_OF_ALL = (HALF_UP, HALF_EVEN, TRUNCATION)
"""The usual rules: halves away from zero, halves to the even digit, digits cut off."""

How: TypeAlias = Literal["rounded", "cut off", "either"]
ROUNDED: How = "rounded"
CUT_OFF: How = "cut off"
EITHER: How = "either"
"""How digits were dropped, where the limits of what prints so are asked for."""

_NOISE = Fraction(1, 10**9)
"""Part of the last printed digit by which a computed float may be off."""
_PRINTED = re.compile(
    r"(?P<sign>[<>=≈~≤≥]|<=|>=)?\s*(?P<minus>[-\u2212\u2013])?"
    r"(?P<whole>\d{1,3}(?:[, \u00a0\u202f]\d{3})+|\d+)?(?:\.(?P<decimals>\d+))?"
    r"(?:e(?P<power>[-+]?\d+))?\s*%?")
_SIGNS = {"<=": "≤", ">=": "≥", "~": "≈", None: "="}


@dataclass(frozen=True)
class Printed:
    """A printed number: its text, its value, the size of its last digit, and ``<`` or ``>``."""

    text: str
    value: Fraction
    step: Fraction
    sign: str = "="

    def rules(self, exact: Exact) -> tuple[str, ...]:
        """Return the rules by which ``exact`` is printed so; none where it cannot be.

        A bound (``<0.001``) is met or not, by every rule alike.
        """
        if self.sign != "=":
            return RULES_OF_ALL if self._is_met(exact) else ()
        noise = Fraction(0) if isinstance(exact, Fraction | int) else _NOISE
        digits = self.value / self.step
        scaled = Fraction(exact) / self.step
        if digits < 0 or (digits == 0 and scaled < 0):
            digits, scaled = -digits, -scaled
        off = scaled - digits
        half = Fraction(1, 2)
        is_even = digits % 2 == 0
        met = {
            HALF_UP: -half - noise <= off and (off < half or (noise and off <= half + noise)),
            HALF_EVEN: abs(off) < half or (abs(off) <= half + noise and (is_even or noise > 0)),
            TRUNCATION: -noise <= off < 1 + noise if digits else -1 < off < 1,
        }
        return tuple(rule for rule, holds in met.items() if holds)

    def _is_met(self, exact: Exact) -> bool:
        slack = self.step * _NOISE
        value = Fraction(exact)
        if self.sign in "<≤":
            return value <= self.value + slack
        if self.sign in ">≥":
            return value >= self.value - slack
        return abs(value - self.value) <= self.step

    def bounds(self, how: How = ROUNDED) -> tuple[float, float]:
        """Return the least and the largest value that print so."""
        low, high = self.exact_bounds(how)
        return float(low), float(high)

    def exact_bounds(self, how: How = ROUNDED) -> tuple[Fraction, Fraction]:
        """Return :meth:`bounds` as fractions, both ends counted in."""
        half = self.step / 2
        rounded = self.value - half, self.value + half
        cut_off = (self.value - (self.step if self.value <= 0 else 0),
                   self.value + (self.step if self.value >= 0 else 0))
        if how == EITHER:
            return min(rounded[0], cut_off[0]), max(rounded[1], cut_off[1])
        return rounded if how == ROUNDED else cut_off

    @property
    def digits(self) -> int:
        """How many decimals are printed."""
        return len(str(self.step.denominator)) - 1

    def __str__(self) -> str:
        """Return the number as it is printed."""
        return self.text


@lru_cache(maxsize=4096)
def printed(text: str) -> Printed:
    """Return a number read as it is printed: ``82.4``, ``1,400``, ``<0.001``, ``−1.08``, ``5%``.

    Raises ``ValueError`` for anything else.
    """
    match = _PRINTED.fullmatch(text.strip())
    if match is None or not (match["whole"] or match["decimals"]):
        raise ValueError(f"{text!r} is not a number as it is printed")
    whole = re.sub(r"\D", "", match["whole"] or "0")
    decimals = match["decimals"] or ""
    step = Fraction(1, 10 ** len(decimals)) * Fraction(10) ** int(match["power"] or 0)
    value = int(whole + decimals) * step
    sign = match["sign"]
    return Printed(text.strip(), -value if match["minus"] else value, step,
                   _SIGNS.get(sign, sign or "="))


def whole(count: str | int) -> int:
    """Return a printed count. Raises ``ValueError`` when it is not a whole number from 0."""
    if isinstance(count, int):
        value = Fraction(count)
    else:
        read = printed(count)
        if read.step != 1 or read.sign != "=":
            raise ValueError(f"{count!r} is not a whole number")
        value = read.value
    if value < 0:
        raise ValueError(f"{count!r} is below 0")
    return int(value)


def quantity(text: str) -> Printed | Fraction:
    """Return ``7/30`` as an exact share in percent, anything else as :func:`printed` reads it.

    Raises ``ValueError`` for what is neither.
    """
    above, slash, below = text.partition("/")
    if not slash:
        return printed(text)
    if whole(below) == 0:
        raise ValueError(f"{text!r} has the base 0")
    return Fraction(100 * whole(above), whole(below))
