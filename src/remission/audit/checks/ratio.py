"""Ratios with interval and P value: one follows from the others where the interval is Wald's."""

from __future__ import annotations

import math

from remission.audit.claims import Claims
from remission.audit.findings import Judgement, agrees, agrees_if, cannot_tell, contradicts
from remission.audit.kinds_of_estimates import Ratio
from remission.audit.printed import CUT_OFF, EITHER, ROUNDED, How, Printed, printed
from remission.audit.say import number, p_value
from remission.audit.spans import Span, corners, span_of
from remission.audit.tests_of_tables import fitting
from remission.statistics.arrays import normal_quantile, two_sided_normal

_TINY = 1e-300
_OTHER_TEST = 1.5
"""Factor between z of the interval and z of the printed P that another test may explain.

Likelihood-ratio and score tests differ from Wald's by less in tables that a small cohort has,
unless a group has no event at all [D].
"""
_OTHER_LEVELS = (90.0, 99.0)


def check_ratio(claim: Ratio, claims: Claims) -> list[Judgement]:
    """Return whether the estimate is the middle of its interval on the log scale, and P fits."""
    del claims
    estimate = printed(claim.estimate)
    if claim.lower is None or claim.upper is None:
        return [cannot_tell(f"No interval is printed with the {claim.measure} of {estimate}, so "
                            "that its P value cannot be recomputed.")]
    lower, upper = printed(claim.lower), printed(claim.upper)
    level = float(printed(claim.level).value)
    if not span_of(estimate, EITHER).meets(
            Span(span_of(lower).low, span_of(upper, EITHER).high)):
        return [contradicts(f"The {claim.measure} of {estimate} lies outside its interval, "
                            f"{lower} to {upper}.")]
    middle = _middle(claim, estimate, lower, upper)
    if claim.p is None:
        return [middle]
    return [middle, _judge_p(claim, estimate, lower, upper, level)]


def _log_spans(*numbers: Printed, how: How) -> list[Span]:
    spans = (span_of(given, how) for given in numbers)
    return [Span(math.log(max(span.low, _TINY)), math.log(max(span.high, _TINY)))
            for span in spans]


def _middle(claim: Ratio, estimate: Printed, lower: Printed, upper: Printed) -> Judgement:
    """Judge whether the estimate is the geometric mean of its bounds."""
    geometric = math.sqrt(max(float(lower.value), 0) * max(float(upper.value), 0))
    says = (f"The geometric mean of {lower} and {upper} is {number(geometric, 2)}, the estimate "
            f"is {estimate}")
    for how in (ROUNDED, CUT_OFF):
        log_estimate, log_lower, log_upper = _log_spans(estimate, lower, upper, how=how)
        middle = Span((log_lower.low + log_upper.low) / 2, (log_lower.high + log_upper.high) / 2)
        if middle.meets(log_estimate):
            if how == ROUNDED:
                return agrees(f"{says}: the interval is even on the log scale.",
                              number(geometric, 2))
            return agrees_if(f"{says}: the interval is even on the log scale only with digits cut "
                             "off.", number(geometric, 2), ["digits cut off instead of rounded"])
    if claim.method == "wald":
        return contradicts(f"{says}: a Wald interval would be even on the log scale.",
                           number(geometric, 2))
    return agrees_if(
        f"{says}: the interval is not even on the log scale, as those of regression programs are.",
        number(geometric, 2), ["an exact, profile-likelihood or bootstrap interval"])


def implied_p(
    estimate: Printed, lower: Printed, upper: Printed, level: float, *, how: How = ROUNDED
) -> Span:
    """Return between which limits Wald's P lies, given estimate and interval as printed."""
    q = normal_quantile(level / 100)
    log_estimate, log_lower, log_upper = _log_spans(estimate, lower, upper, how=how)
    z = corners(lambda e, low, high: 2 * q * e / (high - low), log_estimate, log_lower, log_upper)
    by_bounds = corners(lambda low, high: q * (high + low) / (high - low), log_lower, log_upper)
    both = z.within(by_bounds) or z
    least = 0.0 if both.low <= 0 <= both.high else min(abs(both.low), abs(both.high))
    return Span(two_sided_normal(max(abs(both.low), abs(both.high))), two_sided_normal(least))


def _judge_p(
    claim: Ratio, estimate: Printed, lower: Printed, upper: Printed, level: float
) -> Judgement:
    assert claim.p is not None, "the caller looked"
    given = fitting(claim.p)
    wald = implied_p(estimate, lower, upper, level)
    shown = f"{p_value(wald.low)} to {p_value(wald.high)}"
    says = f"The interval implies P between {p_value(wald.low)} and {p_value(wald.high)}"
    for how in (ROUNDED, CUT_OFF):
        implied = implied_p(estimate, lower, upper, level, how=how)
        if span_of(given, how).meets(implied):
            if how == ROUNDED:
                return agrees(f"{says}, printed {claim.p}.", shown)
            return agrees_if(f"{says}, printed {claim.p}: that fits only with digits cut off.",
                             shown, ["digits cut off instead of rounded"])
    readings = [f"an interval of {other:g}%" for other in _OTHER_LEVELS if other != level
                and span_of(given).meets(implied_p(estimate, lower, upper, other))]
    if readings:
        return agrees_if(f"{says}, not {claim.p}, but not if the level were another.", shown,
                         readings)
    if claim.method != "wald" and _near(given, wald, level):
        return agrees_if(f"{says}, not {claim.p}; another test than Wald's may have given it.",
                         shown, ["a likelihood-ratio, score or exact test"])
    return contradicts(f"{says}, not {claim.p}.", shown)


def _near(given: Printed, implied: Span, level: float) -> bool:
    """Return whether another test may explain a P value, on the same side of the level."""
    from statistics import NormalDist

    alpha = 1 - level / 100
    own = span_of(given, EITHER).between(1e-15, 1.0)
    is_beside = (own.low < alpha) == (implied.low < alpha) or (
        own.high >= alpha) == (implied.high >= alpha)

    def z(p: float) -> float:
        return -NormalDist().inv_cdf(max(p, 1e-15) / 2)

    nearest = (z(own.high), z(implied.low)) if own.low > implied.high else (
        z(implied.high), z(own.low))
    smaller, larger = sorted(abs(value) for value in nearest)
    return is_beside and larger <= _OTHER_TEST * max(smaller, 0.1)
