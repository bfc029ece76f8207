"""A stated definition against a number that follows from it."""

from __future__ import annotations

from fractions import Fraction

from remission.audit.claims import Claims
from remission.audit.findings import Judgement, agrees, agrees_if, contradicts
from remission.audit.kinds_of_words import Definition
from remission.audit.printed import CUT_OFF, EITHER, ROUNDED, How, Printed, printed, quantity
from remission.audit.say import is_rounded, percent
from remission.audit.spans import overlap, span_of

_CUT = "digits cut off instead of rounded"


def check_definition(claim: Definition, claims: Claims) -> list[Judgement]:
    """Return whether the printed number is what the definition gives, or what a reading gives."""
    del claims
    given = printed(claim.printed)
    shown = _shown(claim.expected, claim.relation)
    says = f"{_sentence(claim.because)} So the number should be {shown}"
    how = _fits(given, claim.expected, claim.relation)
    if how == ROUNDED:
        return [agrees(f"{says}; {given} is printed.", shown)]
    readings = [reading for reading in claim.readings
                if _fits(given, reading.expected, reading.relation)]
    if readings:
        fits = readings[0]
        return [agrees_if(
            f"{says}, and {given} is printed; it would be "
            f"{_shown(fits.expected, fits.relation)} if {fits.says}.", shown,
            [reading.says for reading in readings])]
    if how is not None:
        return [agrees_if(f"{says}; {given} is printed, its digits cut off.", shown, [_CUT])]
    return [contradicts(f"{says}, and {given} is printed.", shown)]


def _sentence(words: str) -> str:
    return words if words.rstrip().endswith(".") else f"{words.rstrip()}."


def _fits(given: Printed, expected: str, relation: str) -> How | None:
    """Return how digits were dropped if the printed number stands in its relation.

    A threshold ("at most", "at least"), a share and a whole count are exact; only a printed
    number that is no count may stand for others.
    """
    value = quantity(expected)
    if isinstance(value, Printed):
        is_counted = value.sign == given.sign == "=" and value.step == given.step == 1
        if relation == "equal" and not is_counted:
            return _meeting(given, value)
        value = value.value
    is_beyond = (relation == "at most" and given.value < value) or (
        relation == "at least" and given.value > value)
    rules = given.rules(value)
    if is_beyond or is_rounded(rules):
        return ROUNDED
    return CUT_OFF if rules else None


def _meeting(given: Printed, expected: Printed) -> How | None:
    """Return how one number can be printed in both ways, if any can."""
    step = float(min(given.step, expected.step))
    return next((how for how in (ROUNDED, EITHER)
                 if overlap((span_of(given, how), span_of(expected, how)), step)), None)


def _shown(expected: str, relation: str) -> str:
    value = quantity(expected)
    shown = f"{expected} ({percent(value)})" if isinstance(value, Fraction) else expected
    return shown if relation == "equal" else f"{relation} {shown}"
