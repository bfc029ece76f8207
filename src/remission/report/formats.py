"""How numbers are written: the one place where a digit is dropped.

Rules (SAMPL, Lang & Altman 2015, Int J Nurs Stud 52:5, and docs/glossary.md): halves round up;
percentages without decimals where a base is below 100; P to two significant digits, never
0.000 or 1.000, with more digits where two would cross the level of significance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from remission.analyses.results import in_sentence, people
from remission.days import DAYS_PER_MONTH, DAYS_PER_YEAR

__all__ = ["EN_DASH", "capital", "duration", "in_sentence", "number_digits", "p_statement",
           "p_value", "people", "percent_digits", "ratio", "rounded", "span", "test_statement",
           "unit_in_print"]

EN_DASH = "–"
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_CLEAN_DIGITS = 9
"""Binary noise beyond this many decimals is not a digit: 57.49999999999999 is 57.5."""


def rounded(value: float, digits: int) -> str:
    """Return a number with ``digits`` decimals, halves away from zero."""
    step = Decimal(1).scaleb(-digits)
    clean = Decimal(f"{value:.{_CLEAN_DIGITS}f}")
    text = f"{clean.quantize(step, rounding=ROUND_HALF_UP):f}"
    return text.removeprefix("-") if float(text) == 0 else text


def p_value(p: float, *, significance: float = 0.05) -> str:
    """Return a P value: two significant digits, ``<0.001`` and ``>0.99`` at the ends."""
    if p < 0.001:
        return "<0.001"
    for digits in range(2, 9):
        text = _significant(p, digits)
        if (float(text) < significance) == (p < significance) and (
                float(text) != significance or p == significance):
            break
    return ">0.99" if float(text) > 0.99 else text


def p_statement(p: float, *, significance: float = 0.05) -> str:
    """Return ``P = 0.013`` or ``P < 0.001``."""
    text = p_value(p, significance=significance)
    return f"P {text[0]} {text[1:]}" if text[0] in "<>" else f"P = {text}"


def test_statement(method: str, p: float, *, significance: float = 0.05) -> str:
    """Return ``log-rank P = 0.013``: the test by the first words of its method, and its P."""
    return f"{method.partition(',')[0]} {p_statement(p, significance=significance)}"


def percent_digits(bases: Iterable[int]) -> int:
    """Return the decimals of percentages: none where any base is below 100, else one."""
    return 0 if min(bases, default=0) < 100 else 1


def span(lower: str, upper: str, *, word: bool = False) -> str:
    """Return ``2.1–9.8``, or ``−2 to 9`` in words and wherever a bound is negative."""
    if word or lower.startswith("-") or upper.startswith("-"):
        return f"{lower} to {upper}".replace("-", "−")
    return f"{lower}{EN_DASH}{upper}"


def ratio(value: float) -> str:
    """Return an odds or hazard ratio: two significant digits, ``<0.01`` and ``>1000`` beyond."""
    if value < 0.01:
        return "<0.01"
    if value > 1000:
        return ">1000"
    text = _significant(float(_significant(value, 2)), 2)
    return rounded(value, 0) if float(text) >= 10 else text


def unit_in_print(unit: str) -> str:
    """Return a unit as it is printed: ``10*9/L`` as ``×10⁹/L``."""
    return re.sub(r"10\*(\d+)", lambda power: f"×10{power[1].translate(_RAISED)}", unit)


def number_digits(values: Iterable[float]) -> int:
    """Return decimals that suit a variable: none for whole numbers, more for small ones."""
    known = [value for value in values if value is not None]
    if all(float(value).is_integer() for value in known):
        return 0
    largest = max(abs(value) for value in known)
    return 2 if largest < 1 else 1


def duration(days: float, unit: str) -> str:
    """Return a length of time in ``days``, ``months`` or ``years``, with the unit."""
    size = {"days": 1.0, "months": DAYS_PER_MONTH, "years": DAYS_PER_YEAR}[unit]
    digits = 0 if unit == "days" else 1
    text = rounded(days / size, digits)
    return f"{text} {unit if text != '1' else unit.removesuffix('s')}"


def capital(words: str) -> str:
    """Return words with a capital at their beginning; the others stay as they are."""
    return f"{words[0].upper()}{words[1:]}"


def _significant(value: float, digits: int) -> str:
    exact = Decimal(f"{value:.15g}")
    places = digits - 1 - exact.adjusted()
    quantized = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{quantized:f}"
