"""Survival with its standard error, its interval and the size of the group."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from remission.audit.claims import Claims
from remission.audit.findings import Judgement, agrees, agrees_if, cannot_tell, contradicts
from remission.audit.kinds_of_estimates import Survival
from remission.audit.printed import CUT_OFF, EITHER, ROUNDED, How, Printed, printed, whole
from remission.audit.risk_products import find_curve, largest_error, least_error
from remission.audit.say import is_rounded, listed, number, percent
from remission.audit.spans import Span, corners, span_of, widened
from remission.statistics.arrays import normal_quantile

_MOST_SIZES = 200
_MOST_NAMED = 5


@dataclass(frozen=True)
class Share:
    """``k`` of ``n`` without censoring, and how its survival and standard error print."""

    k: int
    n: int
    is_cut: bool

    @property
    def error(self) -> float:
        """The standard error in percent points."""
        return 100 * least_error(self.k / self.n, self.n)

    def __str__(self) -> str:
        """Return ``22 of 30: 73.33% ± 8.07``."""
        return (f"{self.k} of {self.n}: {percent(100 * self.k / self.n)} ± "
                f"{number(self.error, 2)}")


def shares(estimate: Printed, error: Printed | None, n: int) -> Iterator[Share]:
    """Yield the shares of ``n`` that print as estimate and standard error."""
    for k in range(n + 1):
        share = Share(k, n, is_cut=False)
        rules = estimate.rules(100 * k / n)
        if rules and error is not None:
            rules = tuple(rule for rule in error.rules(share.error) if rule in rules)
        if rules:
            yield Share(k, n, is_cut=not is_rounded(rules))


def check_survival(claim: Survival, claims: Claims) -> list[Judgement]:
    """Return whether survival, standard error, interval and size can belong together."""
    estimate = printed(claim.estimate)
    error = None if claim.se is None else printed(claim.se)
    n = claims.size(claim.n)
    if not span_of(estimate, EITHER).meets(Span(0, 100)):
        return [contradicts(f"A survival of {estimate}% lies outside 0 to 100%.")]
    judged = []
    if claim.lower is not None and claim.upper is not None:
        judged.append(_judge_interval(claim, estimate, n, error))
    if n is None:
        judged.append(_without_size(estimate, error, claims))
    else:
        judged.append(_with_size(claim, claims, estimate, error, n))
        if claim.events is not None:
            judged.append(_judge_events(estimate, whole(claim.events), n))
    return judged


def _with_size(
    claim: Survival, claims: Claims, estimate: Printed, error: Printed | None, n: int
) -> Judgement:
    """Judge survival and standard error of a group of ``n``."""
    found = sorted(shares(estimate, error, n), key=lambda share: share.is_cut)
    both = _both(estimate, error)
    if found and not found[0].is_cut:
        return agrees(f"{found[0]}, printed {both}.", str(found[0]))
    if found:
        return agrees_if(f"{found[0]}, printed {both}: the digits were cut off.", str(found[0]),
                         ["digits cut off instead of rounded"])
    near = Share(round(float(estimate.value) * n / 100), n, is_cut=False)
    if error is None:
        return cannot_tell(f"{estimate}% is no share of {n} ({near} is the nearest); with "
                           "censoring it may be.", str(near))
    return _censored(claim, claims, estimate, error, near)


def _censored(
    claim: Survival, claims: Claims, estimate: Printed, error: Printed, near: Share
) -> Judgement:
    """Judge what no uncensored share of the size gives."""
    n, both = near.n, _both(estimate, error)
    are_complete = True
    for how in (ROUNDED, CUT_OFF):
        curve = find_curve(_part(estimate, how), _part(error, how), n)
        are_complete &= curve.is_complete
        if curve.at_risk:
            events = _events(curve.at_risk)
            says = f"{both} fits a curve of {n} with censoring: {events}"
            if how == ROUNDED:
                return agrees(f"{says}.", events)
            return agrees_if(f"{says}, its digits cut off.", events,
                             ["digits cut off instead of rounded"])
    survival, spread = _part(estimate), _part(error)
    limits = Span(100 * least_error_over(survival, n), 100 * largest_error_over(survival))
    other = list(_other_sizes(claim, claims, estimate, error, n))
    says = (f"With {estimate}% of {n} the standard error lies between {number(limits.low, 2)} (no "
            f"censoring) and {number(limits.high, 2)}")
    if not spread.meets(Span(limits.low / 100, limits.high / 100)):
        says = f"{says}, and {error} is printed"
    elif are_complete:
        says = f"No curve of {n}, with any censoring, has {both}"
    else:
        return cannot_tell(f"{near} without censoring; with censoring {both} may be possible.",
                           str(near))
    if other:
        return agrees_if(f"{says}; but {other[0][1]} ({other[0][0]}).", str(near),
                         [f"{name}: {share}" for name, share in other])
    return contradicts(f"{says}.", str(near), _fitting_sizes(estimate, error))


def _events(at_risk: tuple[int, ...]) -> str:
    """Return at how many at risk the events of a curve fall; only the last of many is named."""
    if len(at_risk) > _MOST_NAMED:
        return f"{len(at_risk)} events, the last with {at_risk[-1]} at risk"
    return f"one event each with {listed(map(str, at_risk))} at risk"


def _part(given: Printed, how: How = EITHER) -> Span:
    """Return a percentage as a share."""
    span = span_of(given, how)
    return Span(max(span.low, 0) / 100, span.high / 100)


def least_error_over(survival: Span, n: int) -> float:
    """Return the least standard error over a span of survival."""
    return min(least_error(min(end, 1.0), n) for end in (survival.low, survival.high))


def largest_error_over(survival: Span) -> float:
    """Return the largest standard error over a span of survival: it peaks at one third."""
    peak = min(max(1 / 3, survival.low), survival.high)
    return max(largest_error(min(end, 1.0)) for end in (survival.low, survival.high, peak))


def _other_sizes(
    claim: Survival, claims: Claims, estimate: Printed, error: Printed, n: int
) -> Iterator[tuple[str, Share]]:
    names = {str(base): claims.size(base) for base in claim.could_be} if claim.could_be else {
        **claims.bases}
    for name, size in names.items():
        if size and size != n:
            for share in shares(estimate, error, size):
                if not share.is_cut:
                    yield name, share


def _fitting_sizes(estimate: Printed, error: Printed) -> list[str]:
    fits = (share for n in range(1, _MOST_SIZES) for share in shares(estimate, error, n)
            if not share.is_cut and 0 < share.k < share.n)
    return [str(share) for share, _ in zip(fits, range(_MOST_NAMED), strict=False)]


def _without_size(estimate: Printed, error: Printed | None, claims: Claims) -> Judgement:
    """Judge survival when nobody says of how many."""
    del claims
    if error is None:
        return cannot_tell("Neither the number of patients nor a standard error is printed.")
    survival, spread = _part(estimate), _part(error)
    if spread.low > largest_error_over(survival):
        return contradicts(
            f"With {estimate}% the standard error is at most "
            f"{number(100 * largest_error_over(survival), 1)}, and {error} is printed.")
    return cannot_tell("The number of patients is not printed.",
                       alternatives=_fitting_sizes(estimate, error))


def _judge_events(estimate: Printed, events: int, n: int) -> Judgement:
    if events > n:
        return contradicts(f"{events} events are more than {n} patients.")
    most = 100 * (n - events) / n
    if span_of(estimate, EITHER).low > most + 1e-9:
        return contradicts(f"{events} events in {n} leave at most {percent(most)}, and {estimate} "
                           "is printed.", percent(most))
    return agrees(f"{events} events in {n} leave at most {percent(most)}.", percent(most))


def _both(estimate: Printed, error: Printed | None) -> str:
    return f"{estimate}" if error is None else f"{estimate} ± {error}"


_SCALES: dict[str, tuple[Callable[[float], float], Callable[[float, float], float]]] = {
    "plain": (lambda s: s, lambda s, se: se),
    "log": (math.log, lambda s, se: se / s),
    "log-log": (lambda s: math.log(-math.log(s)), lambda s, se: se / (s * abs(math.log(s)))),
    "logit": (lambda s: math.log(s / (1 - s)), lambda s, se: se / (s * (1 - s))),
}
"""Scales on which an interval of survival is even: the transformation, and its standard error."""


def _judge_interval(
    claim: Survival, estimate: Printed, n: int | None, error: Printed | None
) -> Judgement:
    """Judge whether an interval is even about its estimate on a usual scale, and wide enough."""
    assert claim.lower is not None and claim.upper is not None, "the caller looked"
    lower, upper = printed(claim.lower), printed(claim.upper)
    s, low, high = (_part(given) for given in (estimate, lower, upper))
    shown = f"{lower} to {upper}"
    if s.high < low.low or s.low > high.high:
        return contradicts(f"{estimate}% lies outside its interval, {shown}.")
    q = normal_quantile(float(printed(claim.level).value) / 100)
    even = [name for name in _SCALES if _is_even(name, s, low, high)]
    if not even:
        return cannot_tell(
            f"The interval {shown} is even about {estimate}% on none of the usual scales (plain, "
            "log, log-log, logit); an exact or bootstrap interval may be.",
            "; ".join(f"{name}: {_centre(name, lower, upper)}" for name in _SCALES
                      if low.low > 0 and high.high < 1))
    for name in even:
        spread = _spread(name, s, low, high, q)
        if (error is None or spread.meets(_part(error))) and (
                n is None or spread.high >= least_error_over(s, n)):
            return agrees(f"The interval {shown} is even about {estimate}% on the {name} scale, "
                          f"of a standard error of {number(50 * (spread.low + spread.high), 1)}.",
                          f"{name} interval")
    if error is not None:
        return contradicts(f"The interval {shown} does not belong to a standard error of {error}.")
    return contradicts(f"The interval {shown} is narrower than {estimate}% of {n} allows.")


def _is_even(name: str, s: Span, low: Span, high: Span) -> bool:
    """Return whether the estimate is the middle of its bounds; cut at 0 or 100% they may be."""
    to, _ = _SCALES[name]
    if name == "plain" and (high.high >= 1 or low.low <= 0):
        return True
    middle = corners(lambda a, b: (to(a) + to(b)) / 2, low, high)
    own = corners(to, s)
    return not math.isnan(middle.low) and not math.isnan(own.low) and middle.meets(own)


def _spread(name: str, s: Span, low: Span, high: Span, q: float) -> Span:
    """Return the standard error that the width of an interval implies."""
    to, error = _SCALES[name]
    if name == "plain" and (high.high >= 1 or low.low <= 0):
        widths = [(s.high - low.low) / q, (s.low - low.high) / q] if low.low > 0 else [
            (high.high - s.low) / q, (high.low - s.high) / q]
        return Span(min(widths), max(widths))
    half = corners(lambda a, b: abs(to(b) - to(a)) / (2 * q), low, high)
    unit = corners(lambda value: error(value, 1.0), s.between(1e-9, 1 - 1e-9))
    if unit.low <= 0:
        return Span(0, math.inf)
    return widened(half.low / unit.high, half.high / unit.low)


def _centre(name: str, lower: Printed, upper: Printed) -> str:
    """Return the estimate about which an interval would be even."""
    to, _ = _SCALES[name]
    middle = (to(float(lower.value) / 100) + to(float(upper.value) / 100)) / 2
    return percent(100 * _BACK[name](middle), 1)


_BACK: dict[str, Callable[[float], float]] = {
    "plain": float, "log": math.exp, "log-log": lambda m: math.exp(-math.exp(m)),
    "logit": lambda m: 1 / (1 + math.exp(-m)),
}
