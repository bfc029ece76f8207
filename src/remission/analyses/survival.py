"""Survival and cumulative incidence over time, with the curves, the risk sets and the tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from remission.analyses.endpoint import EndpointQuestion
from remission.analyses.grouping import (
    Grouping,
    grouping_of,
    known_later,
    outside_groups,
    population_of,
)
from remission.analyses.results import Base, Result
from remission.days import DAYS_PER_UNIT, parse_duration
from remission.definitions.cohort import Cohort
from remission.definitions.endpoint_events import EVENTS
from remission.definitions.endpoints import COMPETING, EVENT
from remission.errors import NotEstimable, Problem
from remission.plan import CumulativeIncidence, Survival, TimeDependent
from remission.statistics import (
    CumulativeIncidence as IncidenceCurve,
)
from remission.statistics import (
    GrayTest,
    IncidencePoint,
    KaplanMeier,
    LogRank,
    Outcome,
    Point,
    cumulative_incidence,
    gray_test,
    kaplan_meier,
    log_rank,
    median_follow_up,
)

_PARTS_OF_A_UNIT = tuple(part / 10**power for power in (1, 2, 3, 4) for part in (5, 2.5, 2, 1))
_STEPS = {
    "days": (7, 14, 30, 60, 100, 200, 500, 1000, 2000, 5000, 10_000, 250, 2500, 5, 2, 1,
             *_PARTS_OF_A_UNIT),
    "months": (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, *_PARTS_OF_A_UNIT),
    "years": (1, 2, 5, 10, 20, 2.5, *_PARTS_OF_A_UNIT),
}
"""The steps from tick to tick; the first that gives a readable axis is taken."""
_FEWEST_STEPS, _MOST_STEPS = 3, 7
FEW = 5
_FEW_SHARE = 0.10
"""A tail with fewer than 5 children or 10 % of them at risk is drawn pale."""

OverTime = Survival | CumulativeIncidence | TimeDependent


@dataclass(frozen=True)
class CurveQuestion(EndpointQuestion):
    """One analysis over time: the outcome of every subject that has one, by group."""

    plan: OverTime


@dataclass(frozen=True)
class CurveGroup:
    """One group of a question: its members whose outcome is known, and how it is estimated."""

    question: CurveQuestion
    name: str
    indices: list[int]
    outcome: Outcome
    method: str

    def row(
        self, statistic: str, value: float | None, at: float | None = None, *, unit: str = "%",
        note: str = "", subjects: Sequence[int] = (), method: str | None = None,
    ) -> Result:
        """Return a row of the results about the group."""
        return self.question.row(
            statistic, value, self.name, at=at, unit=unit, note=note,
            base=Base(len(self.indices), self.question.people),
            method=self.method if method is None else method,
            subjects=self.question.ids(subjects))

    def with_event(self, kind: int = EVENT, *, until: float = np.inf) -> list[int]:
        """Return who had the event, or a competing one, up to and on a day."""
        return [index for index, time, event in self._followed()
                if event == kind and time <= until]

    def at_risk(self, day: float) -> list[int]:
        """Return who was under observation without any event just before a day."""
        entry = self.question.entry
        return [index for index, time, _ in self._followed()
                if time >= day and (entry is None or entry[index] < day)]

    def _followed(self) -> Iterator[tuple[int, float, int]]:
        return zip(self.indices, self.outcome.time, self.outcome.event, strict=True)


def analyse_over_time(cohort: Cohort, plan: OverTime, name: str) -> Iterator[Result]:
    """Yield the results of a survival or cumulative-incidence analysis.

    Refuses, with the reason and what would make it possible, when an event is known without
    its day. Subjects whose outcome is unknown for another reason are left out and counted.
    """
    population = population_of(cohort, plan)
    grouping = None if plan.by is None else grouping_of(cohort, plan.by, population)
    question = CurveQuestion(name, cohort, plan.endpoint, population, grouping, plan)
    yield from (replace(row, population=population.name) for row in _all_rows(question))


def _all_rows(question: CurveQuestion) -> Iterator[Result]:
    grouping = question.grouping
    refused = question.refusal()
    if refused is not None:
        yield refused
        return
    yield from question.left_out()
    if grouping is not None and grouping.outside:
        yield outside_groups(question.name, question.column, grouping, question.people)
    limit = axis_end(question)
    yield question.row("axis_end", limit, unit="days")
    for group, indices in question.groups.items():
        known = question.known(indices)
        yield question.row("n", len(known), group, unit=question.people,
                           subjects=question.ids(known))
        if known:
            yield from _curve(question, group, known, limit)
        else:
            yield question.row("refused", None, group,
                               note="nobody in this group has a known outcome")
    if grouping is not None:
        yield from _comparison(question, grouping)
        yield from _grouped_later(question, grouping)


def axis_end(question: CurveQuestion) -> float:
    """Return the last day of the time axis: as the plan says, else the longest follow-up."""
    if question.plan.until is not None:
        return parse_duration(question.plan.until).days
    times = question.cohort.column(f"{question.column}_time")
    known = question.known(question.population.indices)
    return float(max(1, *(times[index] for index in known)))


def ticks(limit: float, unit: str) -> list[float]:
    """Return the days of the axis ticks: 4 to 8 round steps of the unit, from 0 to the limit.

    A limit of less than a day counts as one day, so that there is an axis.
    """
    size = DAYS_PER_UNIT[unit.removesuffix("s")]
    length = max(limit, 1.0) / size
    counts = ((step, length / step + 1e-9) for step in _STEPS[unit])
    step, count = next(
        ((step, count) for step, count in counts if _FEWEST_STEPS <= count < _MOST_STEPS + 0.01),
        (length / _MOST_STEPS, _MOST_STEPS))
    return [step * size * k for k in range(int(count) + 1)]


def _curve(
    question: CurveQuestion, name: str, indices: list[int], limit: float
) -> Iterator[Result]:
    """Yield everything about the curve of one group."""
    outcome, plan = question.outcome(indices), question.plan
    if isinstance(plan, Survival):
        method = f"Kaplan–Meier, {plan.confidence} {plan.ci} interval (Greenwood)"
        group = CurveGroup(question, name, indices, outcome, method)
        survival = kaplan_meier(outcome, ci=plan.ci, level=plan.level)
        yield from survival_rows(group, survival, limit, follow_up=True)
    else:
        competing = question.cohort.plan.endpoints[plan.endpoint].competing
        named = ", ".join(EVENTS[event].label for event in competing) or "none"
        method = (f"Aalen–Johansen, {plan.confidence} log-log interval (variance: Aalen 1978); "
                  f"competing: {named}")
        group = CurveGroup(question, name, indices, outcome, method)
        incidence = cumulative_incidence(outcome, cause=EVENT, level=plan.level)
        yield from _estimates(group, incidence, "incidence", limit)
        others = group.with_event(COMPETING)
        yield group.row("competing_events", len(others), unit=question.people, subjects=others)
        yield from _follow_up(group)
        yield from _steps(group, incidence, incidence.incidence, limit)


def survival_rows(
    group: CurveGroup, curve: KaplanMeier, limit: float, *, follow_up: bool = False
) -> Iterator[Result]:
    """Yield the estimates, the median and the drawn line of one Kaplan–Meier curve."""
    yield from _estimates(group, curve, "survival", limit)
    yield from _median(group, curve)
    if follow_up:
        yield from _follow_up(group)
    yield from _steps(group, curve, curve.survival, limit)
    yield from _censorings(group, curve, limit)


def _estimates(
    group: CurveGroup, curve: KaplanMeier | IncidenceCurve, statistic: str, limit: float
) -> Iterator[Result]:
    """Yield the events, the estimate at each time of the plan, and the numbers at risk."""
    plan, people = group.question.plan, group.question.people
    had = group.with_event()
    yield group.row("events", len(had), unit=people, subjects=had)
    days = [time.days for time in plan.times]
    points: Sequence[Point | IncidencePoint] = curve.at(days)
    for day, point in zip(days, points, strict=True):
        until = group.with_event(until=day)
        for name, value in ((statistic, getattr(point, statistic)), ("se", point.se),
                            ("lower", point.lower), ("upper", point.upper)):
            yield group.row(name, _percent(value), day, note=point.note, subjects=until)
    for day in sorted({*ticks(limit, plan.unit), *days}):
        yield group.row("at_risk", curve.risk_at(day), day, unit=people,
                        subjects=group.at_risk(day))


def _percent(share: float) -> float | None:
    return None if np.isnan(share) else 100 * float(share)


def _median(group: CurveGroup, curve: KaplanMeier) -> Iterator[Result]:
    """Yield the median time to the event with its interval, and how many it rests on."""
    had = group.with_event()
    median = curve.quantile(0.5)
    yield group.row("median", median.time, unit="days", subjects=had,
                    note="" if median.time is not None else "not reached")
    if median.time is not None:
        for statistic, bound in (("median_lower", median.lower), ("median_upper", median.upper)):
            yield group.row(statistic, bound, unit="days", subjects=had,
                            note="" if bound is not None else "not reached")
        there = group.at_risk(median.time)
        yield group.row("median_at_risk", len(there), unit=group.question.people, subjects=there)


def _follow_up(group: CurveGroup) -> Iterator[Result]:
    """Yield the median follow-up with its interval; any event, also a competing one, ends it."""
    level = f"{group.question.plan.confidence}"
    follow_up = median_follow_up(group.outcome, level=group.question.plan.level)
    for statistic, value in (("follow_up", follow_up.time), ("follow_up_lower", follow_up.lower),
                             ("follow_up_upper", follow_up.upper)):
        yield group.row(statistic, value, unit="days", subjects=group.indices,
                        method=f"reverse Kaplan–Meier, {level} log-log interval",
                        note="" if value is not None else "not reached")


def _steps(
    group: CurveGroup, curve: KaplanMeier | IncidenceCurve, values: np.ndarray, limit: float
) -> Iterator[Result]:
    """Yield the drawn line: its steps, its band, where it ends and where few remain."""
    for index in np.flatnonzero((curve.events > 0) & (curve.time <= limit)):
        day = float(curve.time[index])
        for statistic, of in (("curve", values), ("curve_lower", curve.lower),
                              ("curve_upper", curve.upper)):
            yield group.row(statistic, _percent(of[index]), day)
    last = float(curve.time[-1])
    yield group.row("curve_end", min(last, limit), unit="days")
    yield group.row("last_follow_up", last, unit="days")
    few = max(FEW, _FEW_SHARE * curve.n)
    still_at_risk = np.append(curve.at_risk[1:], 0)
    # Those who enter late make the number at risk rise before it falls: only its tail is thin.
    enough = np.flatnonzero(still_at_risk >= few)
    thin = enough[-1] + 1 if len(enough) else 0
    if curve.time[thin] < limit:
        yield group.row("curve_few", float(curve.time[thin]), unit="days",
                        note=f"fewer than {few:g} at risk after this day")


def _censorings(group: CurveGroup, curve: KaplanMeier, limit: float) -> Iterator[Result]:
    for index in np.flatnonzero((curve.censored > 0) & (curve.time <= limit)):
        yield group.row("censored", int(curve.censored[index]), float(curve.time[index]),
                        unit="n")


def _comparison(question: CurveQuestion, grouping: Grouping) -> Iterator[Result]:
    """Yield the test between groups, or why there is none."""
    members = {group: question.known(indices) for group, indices in question.groups.items()}
    indices = [index for listed in members.values() for index in listed]
    labels = [group for group, listed in members.items() for _ in listed]
    base = Base(len(indices), question.people)
    try:
        test, method, why = _test(question, question.outcome(indices), labels)
    except NotEstimable as refusal:
        yield question.row("p", None, grouping.label, note=refusal.problems[0].what)
        return
    yield question.row("p", test.p, grouping.label, base=base, method=method, note=why)
    yield question.row("statistic", test.statistic, grouping.label, unit="χ²", base=base,
                       method=method)
    for group, observed, expected in zip(test.groups, test.observed, test.expected, strict=True):
        for statistic, value in (("observed", observed), ("expected", expected)):
            yield question.row(statistic, float(value), str(group), unit="events", base=base,
                               method=method)


def _grouped_later(question: CurveQuestion, grouping: Grouping) -> Iterator[Result]:
    """Yield a caution where the groups came about after the time of the endpoint had begun."""
    variable = question.cohort.plan.groups[grouping.name].variable
    later = known_later(
        question.cohort, variable, question.endpoint, question.known(question.asked))
    if later:
        yield question.row(
            "caution", len(later), grouping.label, unit=question.people,
            subjects=question.ids(later),
            note="came to their group after time zero; those who had the event before could not, "
                 "and immortal time makes their curve look better: ask for "
                 "kind = \"time_dependent\"")


def _test(
    question: CurveQuestion, outcome: Outcome, labels: list[str]
) -> tuple[LogRank | GrayTest, str, str]:
    """Return the test between groups, its name and why it was chosen."""
    if isinstance(question.plan, Survival):
        test = log_rank(outcome, labels)
        return test, f"log-rank, {test.df} df, two-sided", (
            "chosen because it compares whole curves; it loses power where curves cross")
    if not (outcome.event == EVENT).any():
        raise NotEstimable(Problem(question.name, "Nobody had the event.", "", ""))
    gray = gray_test(outcome, labels, cause=EVENT)
    return gray, f"Gray's test, {gray.df} df, two-sided", (
        "chosen because it compares whole cumulative incidences, competing events included; it "
        "loses power where curves cross")
