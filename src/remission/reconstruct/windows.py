"""The values that print as a printed number does, and what a value costs that does not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from remission.audit.printed import Printed

ROUNDED = 0.15
MISSED = 0.5
_INSIDE = 1e-6
"""Share of the last digit that a value keeps from the end of what prints so."""


@dataclass(frozen=True)
class Window:
    """The values that print so: by every usual rule, and by rounding."""

    low: float
    high: float
    rounded_low: float
    rounded_high: float

    def misses(self, got: float) -> float:
        """Return 0, or ``ROUNDED``; ``MISSED`` for what does not print so."""
        if self.low <= got <= self.high:
            return 0.0
        return ROUNDED if self.rounded_low <= got <= self.rounded_high else MISSED


@lru_cache(maxsize=1024)
def window(given: Printed) -> Window:
    """Return the values that a printed number stands for."""
    step, value = float(given.step), float(given.value)
    if given.sign != "=":
        low = value if given.sign in ">≥" else -math.inf
        high = value if given.sign in "<≤" else math.inf
        return Window(low, high, low, high)
    inside = step * (0.5 - _INSIDE)
    noise = step * 1e-9
    low = value - (inside if value <= 0 else noise)
    high = value + (inside if value >= 0 else noise)
    return Window(low, high, value - inside, value + inside)


def reach(given: Printed) -> tuple[float, float]:
    """Return the least and the greatest value that a printed number stands for by any rule."""
    aim = window(given)
    if given.sign != "=":
        return aim.low, aim.high
    low, high = given.bounds("either")
    return low, high
