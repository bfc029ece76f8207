"""Proportions: a count, its base and its percentage."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction

from remission.audit.claims import Claims
from remission.audit.findings import Judgement, agrees, agrees_if, cannot_tell, contradicts
from remission.audit.kinds_of_counts import Proportion
from remission.audit.printed import EITHER, Printed, printed, whole
from remission.audit.say import is_rounded, listed, percent, share

_MOST_NAMED = 4
"""Alternatives that are named one by one."""


def check_proportion(claim: Proportion, claims: Claims) -> list[Judgement]:
    """Return whether count, base and percentage agree, or which base would make them agree."""
    count = None if claim.count is None else whole(claim.count)
    base, given = claims.size(claim.base), claim.percent and printed(claim.percent)
    bases = candidates(claim, claims)
    if count is not None and base is not None:
        if count > base:
            return [contradicts(f"{count} is more than its base of {base}.")]
        if not given:
            return [cannot_tell(f"No percentage is printed; {share(count, base)}.")]
        return [judge_share(count, base, given, bases)]
    assert given, "two of the three are there"
    if count is not None:
        return [_without_base(count, given, bases)]
    assert base is not None, "two of the three are there"
    return [_without_count(base, given, bases)]


def candidates(claim: Proportion, claims: Claims) -> dict[str, int]:
    """Return the other bases that may be meant, by name."""
    if claim.could_be:
        return {str(base): size for base in claim.could_be
                if (size := claims.size(base)) is not None}
    return dict(claims.bases)


def _named(base: str) -> str:
    """Return the name of a base in brackets; a bare number needs none."""
    return "" if base.isdigit() else f" ({base})"


def judge_share(
    count: int, base: int, given: Printed, bases: Mapping[str, int]
) -> Judgement:
    """Return whether ``count`` of ``base`` is printed as ``given``, or of which other base."""
    if base == 0:
        return cannot_tell("The base is 0, so there is no percentage.")
    exact = Fraction(100 * count, base)
    rules = given.rules(exact)
    computed, recomputed = share(count, base), percent(exact)
    if is_rounded(rules):
        return agrees(f"{computed}, printed {given}.", recomputed)
    if rules:
        return agrees_if(
            f"{computed}, which rounds to {percent(exact, given.digits)} and is printed {given}: "
            "the digits were cut off, not rounded.", recomputed,
            ["digits cut off instead of rounded"])
    fitting = [(name, size) for name, size in bases.items()
               if size >= max(count, 1) and size != base
               and is_rounded(given.rules(Fraction(100 * count, size)))]
    if fitting:
        named = [f"{share(count, size)}{_named(name)}" for name, size in fitting]
        return agrees_if(f"{computed}, not {given}; but {listed(named[:_MOST_NAMED], 'or')}.",
                         recomputed, [f"base {size}{_named(name)}" for name, size in fitting])
    return contradicts(f"{computed}, which no rounding prints as {given}.", recomputed,
                       _reconciling(count, base, given, bases))


def _reconciling(
    count: int, base: int, given: Printed, bases: Mapping[str, int]
) -> Iterator[str]:
    """Yield what would reconcile a percentage: another count, another base, a base cut off."""
    if 0 < given.value - Fraction(100 * count, base) < given.step:
        yield "rounded up instead of to the nearest"
    for size in whole_bases(count, given)[:_MOST_NAMED]:
        yield f"{share(count, size)}"
    for other in whole_counts(base, given):
        if other != count:
            yield f"{share(other, base)}"
    for name, size in bases.items():
        if size >= max(count, 1) and given.rules(Fraction(100 * count, size)):
            yield f"{share(count, size)}{_named(name)}, its digits cut off"


def whole_counts(base: int, given: Printed) -> list[int]:
    """Return the counts of a base that print as ``given``, rounded or cut off."""
    low, high = given.exact_bounds(EITHER)
    first = max(0, math.floor(low * base / 100) - 1)
    last = min(base, math.ceil(high * base / 100) + 1)
    return [count for count in range(first, last + 1)
            if given.rules(Fraction(100 * count, base))]


def whole_bases(count: int, given: Printed) -> list[int]:
    """Return the bases of which ``count`` prints as ``given``, rounded; the nearest few."""
    low, high = given.exact_bounds()
    if low <= 0 or count == 0:
        return []
    first = max(count, math.ceil(100 * count / high), 1)
    return [size for size in range(first, min(math.floor(100 * count / low), first + 50) + 1)
            if is_rounded(given.rules(Fraction(100 * count, size)))]


def _without_base(count: int, given: Printed, bases: Mapping[str, int]) -> Judgement:
    """Judge a count and its percentage when no base is printed."""
    fitting = [(name, size) for name, size in bases.items() if size >= max(count, 1)
               and is_rounded(given.rules(Fraction(100 * count, size)))]
    if fitting:
        named = listed((f"{size}{_named(name)}" for name, size in fitting[:_MOST_NAMED]), "or")
        return cannot_tell(f"No base is printed; {count} is {given} of {named}.", alternatives=[
            f"base {size}{_named(name)}" for name, size in fitting])
    whole_ones = whole_bases(count, given)
    if not whole_ones and count and given.sign == "=" and given.value > 0 and not _is_cut(
            count, given):
        return contradicts(f"There is no whole number of which {count} is {given}.")
    return cannot_tell(
        f"No base is printed, and {count} is {given} of none of the paper's bases"
        + (f"; it would be of {listed(map(str, whole_ones[:_MOST_NAMED]), 'or')}."
           if whole_ones else "."),
        alternatives=[share(count, size) for size in whole_ones[:_MOST_NAMED]])


def _is_cut(count: int, given: Printed) -> bool:
    """Return whether a base exists of which ``count`` prints so with its digits cut off."""
    low, high = given.exact_bounds(EITHER)
    first = max(count, math.ceil(100 * count / high))
    return any(given.rules(Fraction(100 * count, size))
               for size in range(first, math.floor(100 * count / max(low, given.step)) + 1))


def _without_count(base: int, given: Printed, bases: Mapping[str, int]) -> Judgement:
    """Judge a percentage of a base when the count is not printed."""
    counts = whole_counts(base, given)
    if counts:
        found = " or ".join(share(count, base) for count in counts[:_MOST_NAMED])
        if any(is_rounded(given.rules(Fraction(100 * count, base))) for count in counts):
            return agrees(f"{found}, printed {given}.", found)
        return agrees_if(f"{found}, printed {given}: the digits were cut off.", found,
                         ["digits cut off instead of rounded"])
    below = math.floor(given.value * base / 100)
    around = listed(share(count, base) for count in (below, below + 1) if count <= base)
    fitting = [(name, size, found) for name, size in bases.items() if size != base
               for found in whole_counts(size, given)[:1]
               if is_rounded(given.rules(Fraction(100 * found, size)))]
    says = f"No whole number of {base} is {given}: {around}"
    if fitting:
        named = [f"{share(count, size)}{_named(name)}" for name, size, count in fitting]
        return agrees_if(f"{says}; but {listed(named[:_MOST_NAMED], 'or')}.", around,
                         [f"base {size}{_named(name)}" for name, size, _ in fitting])
    return contradicts(f"{says}.", around)
