"""Curves: can points and numbers at risk belong together, and what the rebuilt patients say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from random import Random
from statistics import NormalDist

from remission.audit.claims import Claims
from remission.audit.findings import Judgement, Verdict, agrees, cannot_tell, contradicts
from remission.audit.guyot import FIRST, LAST, TOGETHER, Rebuilt, rebuild
from remission.audit.guyot import Curve as Printed
from remission.audit.kinds_of_estimates import Curve, CurveGroup
from remission.audit.printed import EITHER, printed, whole
from remission.audit.say import counted, number, p_value
from remission.audit.spans import Span, span_of
from remission.audit.tests_of_tables import fitting
from remission.errors import NotEstimable

DRAWS = 100
"""Reconstructions that are drawn; a seed of their own makes them the same each time."""
_SEED = 20120201
_FAR = 1.0
"""Distance in z at which a printed value contradicts curves that are not known to the end [D]."""
_VARIES = 4.0
"""How far beyond the draws a value is possible, in widths of the draws [D]."""
_NOTHING = 1e-6
"""What floats may be off."""
_MOST_ORDERS = 4
"""Curves up to which every order of their events is looked at."""


def check_curve(claim: Curve, claims: Claims) -> list[Judgement]:
    """Return what the patients rebuilt from the curves say."""
    del claims
    judged = [found for group in claim.groups for found in _judge_points(group)]
    if any(one.verdict is Verdict.CONTRADICTS for one in judged):
        return judged
    curves = [_curve(group) for group in claim.groups]
    judged += [_judge_events(group, curve) for group, curve in
               zip(claim.groups, curves, strict=True)]
    compared = list(_compared(claim, curves)) if len(curves) > 1 else []
    if (claim.p or claim.hr) and any(one.verdict is Verdict.UNKNOWN for one in compared):
        judged = [cannot_tell(one.says, one.recomputed) if one.verdict is Verdict.AGREES else one
                  for one in judged]  # that the events agree does not settle P
    return [*judged, *compared]


def _curve(group: CurveGroup) -> Printed:
    spans = (span_of(printed(text), EITHER).between(0, 100) for text in group.survival)
    return Printed(
        tuple(map(float, group.times)), tuple(Span(span.low / 100, span.high / 100)
                                              for span in spans),
        tuple(map(float, group.risk_times)), tuple(map(whole, group.at_risk)),
        None if group.events is None else whole(group.events))


def _judge_points(group: CurveGroup) -> Iterator[Judgement]:
    """Yield where a curve rises, or falls by more than the numbers at risk allow."""
    spans = [span_of(printed(text), EITHER) for text in group.survival]
    for place, (before, after) in enumerate(pairwise(spans)):
        if after.low > before.high:
            yield contradicts(f"{group.label}: the curve rises from {group.survival[place]} to "
                              f"{group.survival[place + 1]}.")
    counts = [whole(count) for count in group.at_risk]
    for first, last in pairwise(counts):
        if last > first:
            yield contradicts(f"{group.label}: the number at risk rises from {first} to {last}.")
    yield from _judge_falls(group, spans, counts)


def _judge_falls(
    group: CurveGroup, spans: Sequence[Span], counts: Sequence[int]
) -> Iterator[Judgement]:
    """Yield where a curve falls further between two numbers at risk than if all who left had died.

    Survival is then the share of those at risk who stay; an event at the later time itself is
    counted in neither.
    """
    at: dict[float, Span] = {0: Span(100, 100), **dict(zip(group.times, spans, strict=True))}
    for (begin, first), (end, last) in pairwise(zip(group.risk_times, counts, strict=True)):
        inside = [span for time, span in at.items() if begin <= time < end]
        if begin not in at or not inside or not first:
            continue
        least, lowest = at[begin].low * last / first, min(span.high for span in inside)
        if lowest < least - 1e-9:
            yield contradicts(
                f"{group.label}: {first} at risk at {begin:g} and {last} at {end:g} leave at least "
                f"{number(least, 1)}%, and the curve is at most {number(lowest, 1)}% before.")


def _judge_events(group: CurveGroup, curve: Printed) -> Judgement:
    found = sum(rebuild(curve).events)
    events = counted(found, "event")
    says = f"{group.label}: the curve needs about {events} in {curve.at_risk[0]} patients"
    if curve.events is None:
        return cannot_tell(f"{says}.", f"{group.label}: {events}")
    if curve.events > curve.at_risk[0]:
        return contradicts(f"{group.label}: {curve.events} events are more than its patients.")
    drawn = [sum(rebuild(curve, random).events) for random in _draws()]
    if min(found, *drawn) <= curve.events <= max(found, *drawn):
        return agrees(f"{says}, printed {curve.events}.", f"{group.label}: {events}")
    return cannot_tell(f"{says} ({min(drawn)} to {max(drawn)}), not {curve.events}.",
                       f"{group.label}: {events}")


def _draws() -> Iterator[Random]:
    for draw in range(DRAWS):
        yield Random(_SEED + draw)


@dataclass(frozen=True)
class _Statistic:
    """A statistic of the rebuilt patients: the likeliest, its range over all draws, and at worst.

    ``possible`` adds to the draws ties, events in their extreme orders, and a margin. That is
    endless where events are known to follow the last point, ``_FAR`` where they may, and else some
    widths of the draws: where nothing was left to draw there is none. Where nothing tells who was
    censored it stays ``_FAR`` towards no difference, because censoring only hides one.
    """

    best: float
    drawn: Span
    possible: Span


def _statistic(
    curves: Sequence[Printed], compute: Callable[[Sequence[Rebuilt]], float], *, signed: bool
) -> _Statistic | None:
    """Return a statistic with its range; None where it cannot be had.

    ``signed`` is False for one that is 0 where the groups do not differ, and never below.
    """
    values = list(_computed(compute, (
        [rebuild(curve, random) for curve in curves] for random in (None, *_draws()))))
    if values[0] is None:
        return None
    drawn = _range(values)
    extreme = _range([*values, *_computed(compute, _extremes(curves))])
    margin = _margin(curves, drawn)
    is_open = any(curve.times[-1] > curve.risk_times[-1] for curve in curves)
    censored = max(_FAR, margin) if is_open else margin
    return _Statistic(values[0], drawn, Span(
        extreme.low - censored, extreme.high + (censored if signed else margin)))


def _margin(curves: Sequence[Printed], drawn: Span) -> float:
    """Return how far beyond the draws a statistic may be, by the events that are printed."""
    found = [sum(rebuild(curve).events) for curve in curves]
    later = [curve.events - count for curve, count in zip(curves, found, strict=True)
             if curve.events is not None]
    if any(count > 0 for count in later):
        return math.inf
    if len(later) < len(curves) or any(later):
        return _FAR
    return min(_FAR, _VARIES * (drawn.high - drawn.low) + _NOTHING)


def _computed(
    compute: Callable[[Sequence[Rebuilt]], float], drawn: Iterable[Sequence[Rebuilt]]
) -> Iterator[float | None]:
    """Yield a statistic of each reconstruction, None where it cannot be had."""
    for patients in drawn:
        try:
            yield compute(patients)
        except NotEstimable:
            yield None


def _range(values: Iterable[float | None]) -> Span:
    known = [value for value in values if value is not None]
    return Span(min(known), max(known))


def _extremes(curves: Sequence[Printed]) -> Iterator[Sequence[Rebuilt]]:
    """Yield the patients with all events between two points tied, first or last of them.

    Nobody is censored after the last number at risk, which tells most.
    """
    orders = product((FIRST, LAST), repeat=len(curves)) if len(curves) <= _MOST_ORDERS else ()
    for lies in ((TOGETHER,) * len(curves), *orders):
        for leave in (True, False):
            yield [rebuild(curve, lie=lie, leave=leave)
                   for curve, lie in zip(curves, lies, strict=True)]


def _log_rank_z(groups: Sequence[Rebuilt]) -> float:
    from remission.statistics import Outcome, log_rank

    labels = [number for number, group in enumerate(groups) for _ in group.times]
    return _z(log_rank(Outcome(time=[time for group in groups for time in group.times],
                               event=[event for group in groups for event in group.events]),
                       labels).p)


def _log_hazard_ratio(groups: Sequence[Rebuilt]) -> float:
    from remission.statistics import Outcome, cox

    first, second = groups
    outcome = Outcome(time=[*first.times, *second.times], event=[*first.events, *second.events])
    in_first = [[1.0]] * len(first.times) + [[0.0]] * len(second.times)
    return cox(outcome, in_first, names=["first"]).terms[0].estimate


def _compared(claim: Curve, curves: Sequence[Printed]) -> Iterator[Judgement]:
    """Yield what the rebuilt patients say of the printed P value and hazard ratio."""
    test = _statistic(curves, _log_rank_z, signed=False)
    if test is not None:
        low, high = _p(test.drawn.high), _p(test.drawn.low)
        says = (f"The log-rank test of the rebuilt patients gives P = {p_value(_p(test.best))} "
                f"({p_value(low)} to {p_value(high)} in {DRAWS} reconstructions)")
        if claim.p is None:
            yield cannot_tell(f"{says}.", f"P {p_value(_p(test.best))}")
        else:
            own = span_of(fitting(claim.p), EITHER).between(1e-12, 1.0)
            yield _placed(test, Span(_z(own.high), _z(own.low)), says, claim.p,
                          f"P {p_value(_p(test.best))}")
    if claim.hr is None or len(curves) != 2:
        return
    ratio = _statistic(curves, _log_hazard_ratio, signed=True)
    if ratio is None:
        yield cannot_tell("The hazard ratio of the rebuilt patients is not estimable.")
        return
    least, best, most = (number(math.exp(value), 2)
                         for value in (ratio.drawn.low, ratio.best, ratio.drawn.high))
    own = span_of(printed(claim.hr), EITHER).between(1e-9, 1e9)
    yield _placed(ratio, Span(math.log(own.low), math.log(own.high)),
                  f"The hazard ratio of the rebuilt patients is {best} ({least} to {most} in "
                  f"{DRAWS} reconstructions)", claim.hr, f"HR {best}")


def _placed(
    statistic: _Statistic, own: Span, says: str, shown: str, recomputed: str
) -> Judgement:
    """Judge a printed value by where it lies beside all reconstructions."""
    if own.meets(statistic.drawn):
        return agrees(f"{says}, printed {shown}.", recomputed)
    if own.meets(statistic.possible):
        return cannot_tell(f"{says}; {shown} is printed. Curves rebuilt from so few points cannot "
                           "decide that.", recomputed)
    return contradicts(f"{says}; {shown} is printed, which lies beyond what the curves leave open.",
                       recomputed)


def _z(p: float) -> float:
    return -NormalDist().inv_cdf(max(p, 1e-15) / 2) if p < 1 else 0.0


def _p(z: float) -> float:
    return 2 * NormalDist().cdf(-z)
