"""Confidence intervals: do they contain their estimate, and fit their counts and method?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from remission.audit.checks.proportion import judge_share
from remission.audit.claims import Claims
from remission.audit.findings import Judgement, agrees, agrees_if, cannot_tell, contradicts
from remission.audit.kinds_of_counts import Interval
from remission.audit.printed import EITHER, Printed, printed, whole
from remission.audit.say import number
from remission.audit.spans import Span, span_of
from remission.statistics.arrays import normal_quantile
from remission.statistics.proportions import Proportion, clopper_pearson, wilson

_OTHER_LEVELS = (90.0, 95.0, 99.0)


def _wald(count: int, base: int, level: float) -> tuple[float, float]:
    share = count / base
    half = normal_quantile(level) * math.sqrt(share * (1 - share) / base)
    return share - half, share + half


def _of(method: Callable[..., Proportion]) -> Callable[[int, int, float], tuple[float, float]]:
    def bounds(count: int, base: int, level: float) -> tuple[float, float]:
        found = method(count, base, level=level)
        return found.lower, found.upper
    return bounds


_METHODS: Mapping[str, Callable[[int, int, float], tuple[float, float]]] = {
    "wilson": _of(wilson), "clopper-pearson": _of(clopper_pearson), "wald": _wald}
_NAMES = {"wilson": "Wilson", "clopper-pearson": "Clopper–Pearson", "wald": "Wald"}


def check_interval(claim: Interval, claims: Claims) -> list[Judgement]:
    """Return whether an interval contains its estimate, and fits the counts behind it."""
    estimate, lower, upper = (printed(text) for text in (claim.estimate, claim.lower, claim.upper))
    shown = f"{lower} to {upper}"
    below, above = span_of(lower, EITHER), span_of(upper, EITHER)
    if below.low > above.high:
        return [contradicts(f"The bounds {shown} stand in the wrong order.")]
    own = span_of(estimate, EITHER)
    if own.high < below.low or own.low > above.high:
        others = [text for text in claim.could_belong_to if _could_be(text, lower, upper)]
        return [contradicts(f"The estimate {estimate} lies outside its interval, {shown}.",
                            alternatives=[f"the interval of {text}" for text in others])]
    judged = [agrees(f"The estimate {estimate} lies inside {shown}.")]
    count, base = None if claim.count is None else whole(claim.count), claims.size(claim.base)
    if count is None or not base or count > base:
        return judged
    scale = 1 if upper.value <= 1 else 100
    if scale == 100:
        judged.append(judge_share(count, base, estimate, claims.bases))
    return [*judged, _judge_bounds(claim, (lower, upper), count, base)]


def _could_be(text: str, lower: Printed, upper: Printed) -> bool:
    """Return whether another estimate lies in the middle half of an interval."""
    value, low, high = (float(given.value) for given in (printed(text), lower, upper))
    return low + (high - low) / 4 <= value <= high - (high - low) / 4


def _judge_bounds(
    claim: Interval, bounds: tuple[Printed, Printed], count: int, base: int
) -> Judgement:
    """Judge an interval by the methods for a proportion."""
    level = 95.0 if claim.level is None else float(printed(claim.level).value)
    scale = 1 if bounds[1].value <= 1 else 100
    computed = {name: _scaled(method, count, base, level, scale)
                for name, method in _METHODS.items()}
    shown = {name: f"{_NAMES[name]} {number(low, 1 if scale == 100 else 3)} to "
                   f"{number(high, 1 if scale == 100 else 3)}"
             for name, (low, high) in computed.items()}
    printed_so = f"{bounds[0]} to {bounds[1]}"
    fits = [name for name in _METHODS if _prints(bounds, computed[name])]
    stated = claim.method
    if fits and (stated is None or stated in fits):
        return agrees(f"{count} of {base}: {shown[stated or fits[0]]}, printed {printed_so}.",
                      shown[stated or fits[0]])
    beside = shown[stated] if stated else "; ".join(shown.values())
    readings = [_NAMES[name] for name in fits] + [
        f"{_NAMES[name]} of {other:g}%" for other in _OTHER_LEVELS if other != level
        for name, method in _METHODS.items()
        if _prints(bounds, _scaled(method, count, base, other, scale))]
    if readings:
        return agrees_if(f"{count} of {base}: {beside}, not {printed_so}; but that is the interval "
                         f"by {readings[0]}.", beside, readings)
    if stated is None and _is_near(bounds, list(computed.values())):
        return cannot_tell(f"{count} of {base}: {beside}; another method may give {printed_so}.",
                           beside)
    return contradicts(f"{count} of {base}: {beside}, not {printed_so}.", beside)


def _scaled(
    method: Callable[[int, int, float], tuple[float, float]],
    count: int, base: int, level: float, scale: int,
) -> tuple[float, float]:
    low, high = method(count, base, level / 100)
    return scale * low, scale * high


def _prints(bounds: tuple[Printed, Printed], computed: tuple[float, float]) -> bool:
    """Return whether both bounds print so; one beyond the scale may be printed as its end."""
    most = 1 if bounds[1].value <= 1 else 100
    ends = ((computed[0], max(computed[0], 0.0)), (computed[1], min(computed[1], float(most))))
    rules = [{rule for value in values for rule in given.rules(value)}
             for given, values in zip(bounds, ends, strict=True)]
    return bool(rules[0] & rules[1])


def _is_near(
    bounds: tuple[Printed, Printed], computed: Sequence[tuple[float, float]]
) -> bool:
    """Return whether both bounds lie about where the methods put them: other methods may too."""
    for place, given in enumerate(bounds):
        values = [one[place] for one in computed]
        room = max(values) - min(values)
        if not Span(min(values) - room, max(values) + room).meets(span_of(given, EITHER)):
            return False
    return True
