"""A stated definition against a number that follows from it."""

from __future__ import annotations

from fractions import Fraction

from remission.audit.claims import Claims
from remission.audit.findings import Judgement, agrees, agrees_if, contradicts
from remission.audit.kinds_of_words import Definition
from remission.audit.printed import EITHER, Printed, printed, quantity
from remission.audit.say import percent
from remission.audit.spans import Span, span_of


def check_definition(claim: Definition, claims: Claims) -> list[Judgement]:
    """Return whether the printed number is what the definition gives, or what a reading gives."""
    del claims
    given = printed(claim.printed)
    shown = _shown(claim.expected, claim.relation)
    says = f"{_sentence(claim.because)} By the definition the number is {shown}"
    if _holds(given, claim.expected, claim.relation):
        return [agrees(f"{says}; {given} is printed.", shown)]
    readings = [reading for reading in claim.readings
                if _holds(given, reading.expected, reading.relation)]
    if readings:
        fits = readings[0]
        return [agrees_if(
            f"{says}, not {given}; but it is {_shown(fits.expected, fits.relation)} if "
            f"{fits.says}.", shown, [reading.says for reading in readings])]
    return [contradicts(f"{says}, and {given} is printed.", shown)]


def _sentence(words: str) -> str:
    return words if words.rstrip().endswith(".") else f"{words.rstrip()}."


def _holds(given: Printed, expected: str, relation: str) -> bool:
    value = quantity(expected)
    if isinstance(value, Fraction):
        if relation == "equal":
            return bool(given.rules(value))
        wanted = Span(float(value), float(value))
    else:
        wanted = span_of(value, EITHER)
    own = span_of(given, EITHER)
    if relation == "equal":
        return own.meets(wanted)
    return own.low <= wanted.high if relation == "at most" else own.high >= wanted.low


def _shown(expected: str, relation: str) -> str:
    value = quantity(expected)
    shown = f"{expected}, {percent(value)}" if isinstance(value, Fraction) else expected
    return shown if relation == "equal" else f"{relation} {shown}"
