"""One quantity in several places: is there a number that prints so in each?"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from remission.audit.checks.contingency import order_of, table_of
from remission.audit.claims import Claims
from remission.audit.findings import Judgement, agrees, agrees_if, contradicts
from remission.audit.kinds_of_counts import Contingency
from remission.audit.kinds_of_words import Mention, Same
from remission.audit.printed import CUT_OFF, EITHER, ROUNDED, How, printed
from remission.audit.say import listed, p_value
from remission.audit.spans import Span, overlap, span_of
from remission.audit.tests_of_tables import tests_of, usual_tests

_P_VALUE = re.compile(r"\bP\b|\bp[ -]?values?\b")
_SAYS = {
    ROUNDED: "one number rounds to all of them",
    CUT_OFF: "they can be one number if its digits were cut off everywhere",
    EITHER: "they can be one number only if its digits were cut off in one place and rounded in "
            "another",
}
_READS = {CUT_OFF: "digits cut off instead of rounded",
          EITHER: "digits cut off in one place and rounded in another"}


def check_same(claim: Same, claims: Claims) -> list[Judgement]:
    """Return whether one number can be printed so in every place."""
    says = f"The {claim.quantity} is printed as {_places(claim.mentions)}"
    step = float(min(printed(mention.value).step for mention in claim.mentions))
    how = next((how for how in (ROUNDED, CUT_OFF, EITHER) if overlap(
        (_span(mention, how=how) for mention in claim.mentions), step)), None)
    if how is None:
        return [contradicts(f"{says}; no number prints so in each place, rounded or cut off.",
                            alternatives=_majority(claim))]
    if how == ROUNDED:
        return [agrees(f"{says}; {_SAYS[how]}.")]
    if how == EITHER and _is_short_p(claim):
        return [_mixed_p(claim, claims, says)]
    return [agrees_if(f"{says}; {_SAYS[how]}.", "", [_READS[how]])]


def _places(mentions: Sequence[Mention]) -> str:
    """Return each number with the places that have it: ``0.1 (Abstract, Results) and 0.2 (…)``."""
    found: dict[str, list[str]] = {}
    for mention in mentions:
        found.setdefault(_words(mention), []).append(mention.where)
    return listed(f"{words} ({'; '.join(places)})" for words, places in found.items())


def _is_short_p(claim: Same) -> bool:
    """Return whether it is a P value with one significant digit in every place.

    Any two neighbours of one digit could be one number with digits cut off in one place [D].
    """
    return bool(_P_VALUE.search(claim.quantity)) and all(
        abs(given.value) < 10 * given.step
        for given in (printed(mention.value) for mention in claim.mentions))


def _mixed_p(claim: Same, claims: Claims, says: str) -> Judgement:
    """Judge P values that only mixed rules print both ways: by what a table gives there."""
    spans = [_span(mention, how=EITHER) for mention in claim.mentions]
    low, high = max(span.low for span in spans), min(span.high for span in spans)
    found = next(((name, p) for name, p in _recomputed(claim, claims) if low <= p < high), None)
    if found:
        return agrees_if(f"{says}; {found[0]} gives P = {p_value(found[1])}, which is printed so "
                         "with its digits cut off in one place and rounded in another.",
                         p_value(found[1]), [_READS[EITHER]])
    return contradicts(
        f"{says}. Only an unrounded value from {low:.5g} to below {high:.5g} would print as both, "
        "and only if its digits were cut off in one place and rounded in the other. No "
        "table of the claims gives such a value.")


def _recomputed(claim: Same, claims: Claims) -> Iterator[tuple[str, float]]:
    """Yield every P value of the tables that have the printed P in one of the places."""
    mentioned = {(mention.where, printed(mention.value).value) for mention in claim.mentions}
    for other in claims.claims:
        if isinstance(other, Contingency) and other.p and other.p.strip() != "NS" and (
                other.where, printed(other.p).value) in mentioned:
            table = table_of(other, claims)
            order = order_of(other)
            names = other.tests or usual_tests(order, paired=other.paired)
            if not isinstance(table, Judgement):
                yield from ((f"{tested.name} in {other.id}", tested.p)
                            for tested in tests_of(table, order, names))


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
    return [f"{_words(most[0])}, as most places have it ({'; '.join(one.where for one in most)})"]
