"""Everyone against the groups that make them up: an average, or what censoring leaves of it.

A pooled Kaplan–Meier curve has a factor 1 − 1/(r + m) at each event of a group, r at risk in the
group and m in the others. So it is at least the product of the groups' survival (m = 0), and at
most what the cheapest events would cost with everyone else still at risk: which events of a group
give its survival at least cost in the pool is a knapsack whose continuous relaxation bounds it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from remission.audit.claims import Claims
from remission.audit.findings import Judgement, agrees, agrees_if, cannot_tell, contradicts
from remission.audit.kinds_of_estimates import Strata
from remission.audit.printed import CUT_OFF, EITHER, ROUNDED, How, Printed, printed
from remission.audit.say import listed, number
from remission.audit.spans import Span, hull, span_of


def check_strata(claim: Strata, claims: Claims) -> list[Judgement]:
    """Return whether the estimate of everyone follows from those of the groups."""
    sizes = [claims.size(stratum.n) for stratum in claim.strata]
    total_n = claims.size(claim.total.n)
    known = [size for size in sizes if size is not None]
    judged = []
    if total_n is not None and len(known) == len(sizes) and sum(known) != total_n:
        judged.append(contradicts(
            f"The groups are {' + '.join(map(str, known))} = {sum(known)}, and everyone is "
            f"{total_n}.", str(sum(known))))
    if total_n is not None and len(known) == len(sizes) - 1 and total_n > sum(known):
        sizes = [total_n - sum(known) if size is None else size for size in sizes]
        known = [size for size in sizes if size is not None]
    estimates = [printed(stratum.estimate) for stratum in claim.strata]
    total = printed(claim.total.estimate)
    if len(known) < len(sizes) or not all(known):
        return [*judged, _between(claim, estimates, total)]
    return [*judged, _averaged(claim, estimates, known, total)]


def _between(claim: Strata, estimates: Sequence[Printed], total: Printed) -> Judgement:
    """Judge a total whose groups have no size: an average lies between them."""
    around = hull(span_of(estimate, EITHER) for estimate in estimates)
    if around.meets(span_of(total, EITHER)):
        return cannot_tell("The sizes of the groups are not printed; the total lies between them.")
    says = (f"The total of {total} lies outside the groups' "
            f"{listed(estimate.text for estimate in estimates)}")
    if claim.quantity == "survival" and claim.censored:
        return cannot_tell(f"{says}, which only very unequal censoring can bring about.")
    return contradicts(f"{says}.")


def _averaged(
    claim: Strata, estimates: Sequence[Printed], sizes: Sequence[int], total: Printed
) -> Judgement:
    """Judge a total by the average of its groups, weighted by their sizes."""
    n = sum(sizes)
    terms = " + ".join(f"{size} × {estimate}" for size, estimate in
                       zip(sizes, estimates, strict=True))
    mean = sum(size * estimate.value for size, estimate in
               zip(sizes, estimates, strict=True)) / Fraction(n)
    says = f"({terms}) / {n} is {number(mean, max(2, total.digits + 1))}"
    for how in (ROUNDED, CUT_OFF):
        if _can_average(claim, estimates, sizes, total, how):
            if how == ROUNDED:
                return agrees(f"{says}, printed {total}.", number(mean, 2))
            return agrees_if(f"{says}, printed {total}: that fits only with digits cut off.",
                             number(mean, 2), ["digits cut off instead of rounded"])
    if claim.quantity == "survival" and claim.censored:
        return _censored(says, estimates, sizes, total, number(mean, 2))
    return contradicts(f"{says}, and {total} is printed.", number(mean, 2))


def _can_average(
    claim: Strata, estimates: Sequence[Printed], sizes: Sequence[int], total: Printed, how: How
) -> bool:
    """Return whether an average of what prints so in each group prints as the total.

    Means and shares may meet at the half alone: 11.5 and 13.5 may be printed 12 and 14, and their
    average 12. Where censoring is open that is no reason to say that they agree.
    """
    n = sum(sizes)
    bounds = [_bounds(claim, estimate, size, how)
              for estimate, size in zip(estimates, sizes, strict=True)]
    low, high = (sum(size * bound[end] for size, bound in zip(sizes, bounds, strict=True)) / n
                 for end in (0, 1))
    first, last = total.exact_bounds(how)
    if low < last and first < high:
        return True
    is_open = claim.quantity == "survival" and claim.censored and low < high
    return not is_open and low <= last and first <= high


def _bounds(
    claim: Strata, estimate: Printed, size: int, how: How
) -> tuple[Fraction, Fraction]:
    """Return between which limits an estimate lies; no share of a group is nearer to 0 or 100%
    than one patient makes it.
    """
    low, high = estimate.exact_bounds(how)
    if claim.quantity == "mean":
        return low, high
    none, everyone, one = Fraction(0), Fraction(100), Fraction(100, size)
    return (everyone if everyone - one < low <= everyone <= high else max(low, none),
            none if low <= none <= high < one else min(high, everyone))


def _censored(
    says: str, estimates: Sequence[Printed], sizes: Sequence[int], total: Printed, mean: str
) -> Judgement:
    """Judge a total by the bounds that any censoring leaves."""
    bounds = pooled_bounds([_share(estimate) for estimate in estimates], sizes)
    shown = f"{number(100 * bounds.low, 1)}% to {number(100 * bounds.high, 1)}%"
    if bounds.meets(_share(total)):
        return agrees_if(
            f"{says}, not {total}; censoring that differs between the groups can bring about "
            f"{shown}.", f"{mean}; {shown}", ["censoring that differs between the groups"])
    return contradicts(
        f"{says}, and {total} is printed. Whatever the censoring, everyone together has {shown}.",
        f"{mean}; {shown}")


def _share(estimate: Printed) -> Span:
    span = span_of(estimate, EITHER).between(0, 100)
    return Span(span.low / 100, span.high / 100)


def pooled_bounds(survival: Sequence[Span], sizes: Sequence[int]) -> Span:
    """Return between which limits pooled survival lies, given each group's, as shares."""
    n = sum(sizes)
    least = math.prod(own.low for own in survival)
    cost = sum(_least_cost(own, size, n - size)
               for own, size in zip(survival, sizes, strict=True))
    return Span(least - 1e-9, math.exp(-cost) + 1e-9)


def _least_cost(survival: Span, size: int, others: int) -> float:
    """Return the least −ln of pooled survival that the events of one group bring about."""
    if survival.high <= 0:
        return -math.log1p(-1 / (1 + others))
    needed = -math.log(min(survival.high, 1.0))
    most = -math.log(survival.low) if survival.low > 0 else math.inf
    last = -math.log1p(-1 / (1 + others)) if survival.low <= 0 else math.inf
    cost = 0.0
    for r in range(2, size + 1):  # the fewer are at risk, the less an event costs the pool
        own = -math.log1p(-1 / r)
        if own > most + 1e-12:
            continue
        taken = min(1.0, needed / own)
        if taken <= 0:
            break
        cost += taken * -math.log1p(-1 / (r + others))
        needed -= taken * own
    return min(cost, last)  # the last one at risk ends a group's curve at 0
