"""Claims that print one number of a column, such as the youngest age, read as summaries."""

from __future__ import annotations

from fractions import Fraction

from remission.audit.claims import AnyClaim, Claims
from remission.audit.kinds_of_estimates import Summary
from remission.audit.kinds_of_words import Definition, Same
from remission.audit.printed import printed
from remission.reconstruct.blueprint import Blueprint
from remission.reconstruct.blueprint_values import Described


def with_single_numbers(blueprint: Blueprint, claims: Claims) -> Claims:
    """Return the claims, those that a blueprint reads as a minimum, median or maximum as such."""
    asked = {one.claim: one for search in blueprint.values.values() for one in search.described
             if one.part}
    return claims.model_copy(update={"claims": tuple(
        _summary(claim, asked[claim.id]) if claim.id in asked else claim
        for claim in claims.claims)})


def _summary(claim: AnyClaim, described: Described) -> AnyClaim:
    if isinstance(claim, Same):
        text = claim.mentions[0].value
    elif isinstance(claim, Definition):
        text = claim.printed
    else:
        return claim
    group = {"label": described.part, described.part: _times(text, described.times)}
    return Summary.model_validate({"id": claim.id, "where": claim.where, "groups": [group]})


def _times(text: str, factor: int) -> str:
    """Return a printed number in another unit, with the digits it has."""
    if factor == 1:
        return text
    given = printed(text)
    value = given.value * factor
    return str(int(value)) if value == Fraction(int(value)) else str(float(value))
