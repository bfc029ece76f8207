"""One quantity in several places: is there a number that prints so in each?"""

from __future__ import annotations

import math

from remission.audit.claims import Claims
from remission.audit.findings import Judgement, agrees, agrees_if, contradicts
from remission.audit.kinds_of_words import Mention, Same
from remission.audit.printed import EITHER, ROUNDED, How, printed
from remission.audit.spans import Span, span_of

_TOUCH = 1e-3
"""Part of the last digit by which two prints must overlap to be one number."""


def check_same(claim: Same, claims: Claims) -> list[Judgement]:
    """Return whether one number can be printed so in every place."""
    del claims
    places = ", ".join(f"{_words(mention)} ({mention.where})" for mention in claim.mentions)
    for how in (ROUNDED, EITHER):
        spans = [_span(mention, how=how) for mention in claim.mentions]
        low, high = max(span.low for span in spans), min(span.high for span in spans)
        # only the number halfway between two prints is in both, and no one rule prints it both ways
        meets = high - low > _TOUCH * min(float(printed(one.value).step) for one in claim.mentions)
        if meets and how == ROUNDED:
            return [agrees(f"One {claim.quantity} is printed as {places}: that can be one number."
                           )]
        if meets:
            return [agrees_if(
                f"One {claim.quantity} is printed as {places}: one number only if digits were "
                "cut off.", "", ["digits cut off instead of rounded"])]
    return [contradicts(f"One {claim.quantity} is printed as {places}: no number rounds to each "
                        "of them.", alternatives=_majority(claim))]


def _words(mention: Mention) -> str:
    of = "1 over " if mention.inverse else "100 less " if mention.complement else ""
    return f"{of}{mention.value}"


def _span(mention: Mention, *, how: How) -> Span:
    span = span_of(printed(mention.value), how)
    if mention.complement:
        return Span(100 - span.high, 100 - span.low)
    if mention.inverse:
        return Span(1 / span.high if span.high > 0 else math.inf,
                    1 / span.low if span.low > 0 else math.inf)
    return span


def _majority(claim: Same) -> list[str]:
    """Return what most places agree on, where they do."""
    spans = [_span(mention, how=EITHER) for mention in claim.mentions]
    if len(spans) < 3:
        return []
    friends = [[other for other, span in zip(claim.mentions, spans, strict=True)
                if span.meets(own)] for own in spans]
    most = max(friends, key=len)
    if len(most) < 2:
        return []
    return [f"{_words(most[0])}, as in {', '.join(mention.where for mention in most)}"]
