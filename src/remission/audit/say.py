"""How numbers stand in the sentences of an audit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from remission.audit.printed import HALF_EVEN, HALF_UP, Exact
from remission.report.formats import rounded


def number(value: Exact, digits: int) -> str:
    """Return a number with ``digits`` decimals and a true minus sign."""
    return rounded(float(value), digits).replace("-", "−")


def percent(value: Exact, digits: int = 2) -> str:
    """Return ``11.43%``."""
    return f"{number(value, digits)}%"


def share(count: int, base: int) -> str:
    """Return ``12 of 105 is 11.43%``."""
    return f"{count} of {base} is {percent(Fraction(100 * count, base))}"


def counted(count: int, what: str) -> str:
    """Return ``1 event`` or ``2 events``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def p_value(p: float) -> str:
    """Return a recomputed P value with enough digits to compare it."""
    if p >= 0.0001:
        return number(p, 4)
    return f"{p:.1e}".replace("e-0", "e-") if p > 0 else "0"


def is_rounded(rules: Sequence[str]) -> bool:
    """Return whether any of the rules rounds, rather than cuts digits off."""
    return HALF_UP in rules or HALF_EVEN in rules


def listed(words: Iterable[str], last: str = "and") -> str:
    """Return ``a, b and c``."""
    *others, final = words
    return f"{', '.join(others)} {last} {final}" if others else final
