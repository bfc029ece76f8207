"""Curves: can points and numbers at risk belong together, and what the rebuilt patients say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from statistics import NormalDist

from remission.audit.claims import Claims
from remission.audit.findings import Judgement, Verdict, agrees, cannot_tell, contradicts
from remission.audit.guyot import Curve as Printed
from remission.audit.guyot import Rebuilt, rebuild
from remission.audit.kinds_of_estimates import Curve, CurveGroup
from remission.audit.printed import EITHER, printed, whole
from remission.audit.say import number, p_value
from remission.audit.spans import Span, span_of
from remission.audit.tests_of_tables import fitting
from remission.errors import NotEstimable

DRAWS = 100
"""Reconstructions that are drawn; a seed of their own makes them the same each time."""
_SEED = 20120201
_FAR = 1.0
"""Distance in z from all reconstructions at which a printed value contradicts the curves [D]."""


def check_curve(claim: Curve, claims: Claims) -> list[Judgement]:
    """Return what the patients rebuilt from the curves say."""
    del claims
    judged = [found for group in claim.groups for found in _judge_points(group)]
    if any(one.verdict is Verdict.CONTRADICTS for one in judged):
        return judged
    curves = [_curve(group) for group in claim.groups]
    judged += [_judge_events(group, curve) for group, curve in
               zip(claim.groups, curves, strict=True)]
    if len(curves) > 1:
        judged += _compared(claim, curves)
    return judged


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
    says = f"{group.label}: the curve needs about {found} events in {curve.at_risk[0]} patients"
    if curve.events is None:
        return cannot_tell(f"{says}.", f"{group.label}: {found} events")
    if curve.events > curve.at_risk[0]:
        return contradicts(f"{group.label}: {curve.events} events are more than its patients.")
    drawn = [sum(rebuild(curve, random).events) for random in _draws()]
    if min(found, *drawn) <= curve.events <= max(found, *drawn):
        return agrees(f"{says}, printed {curve.events}.", f"{group.label}: {found} events")
    return cannot_tell(f"{says} ({min(drawn)} to {max(drawn)}), not {curve.events}.",
                       f"{group.label}: {found} events")


def _draws() -> Iterator[Random]:
    for draw in range(DRAWS):
        yield Random(_SEED + draw)


@dataclass(frozen=True)
class _Statistic:
    """A statistic of the rebuilt patients: the likeliest, and its range over all draws."""

    best: float
    drawn: Span


def _statistic(
    drawn: Sequence[Sequence[Rebuilt]], compute: Callable[[Sequence[Rebuilt]], float]
) -> _Statistic | None:
    """Return a statistic with its range; None where it cannot be had."""
    values: list[float] = []
    for number_of, patients in enumerate(drawn):
        try:
            values.append(compute(patients))
        except NotEstimable:
            if number_of == 0:
                return None
    return _Statistic(values[0], Span(min(values), max(values)))


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
    drawn = [[rebuild(curve, random) for curve in curves] for random in (None, *_draws())]
    test = _statistic(drawn, _log_rank_z)
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
    ratio = _statistic(drawn, _log_hazard_ratio)
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
    drawn = statistic.drawn
    if own.meets(drawn):
        return agrees(f"{says}, printed {shown}.", recomputed)
    if own.meets(Span(drawn.low - _FAR, drawn.high + _FAR)):
        return cannot_tell(f"{says}; {shown} is printed. Curves rebuilt from so few points cannot "
                           "decide that.", recomputed)
    return contradicts(f"{says}; {shown} is printed.", recomputed)


def _z(p: float) -> float:
    return -NormalDist().inv_cdf(max(p, 1e-15) / 2) if p < 1 else 0.0


def _p(z: float) -> float:
    return 2 * NormalDist().cdf(-z)
