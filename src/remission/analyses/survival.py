"""Survival and cumulative incidence over time, with the curves, the risk sets and the tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from remission.analyses.grouping import Grouping, Population, grouping_of, population_of
from remission.analyses.results import ALL, Base, Result
from remission.days import DAYS_PER_UNIT, parse_duration
from remission.definitions.cohort import ENDPOINT, Cohort
from remission.definitions.endpoints import EVENT, NO_DAY
from remission.errors import NotEstimable
from remission.plan import CumulativeIncidence, Survival
from remission.statistics import (
    KaplanMeier,
    Outcome,
    cumulative_incidence,
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
_FEW = 5
_FEW_SHARE = 0.10
"""A tail with fewer than 5 children or 10 % of them at risk is drawn pale."""

OverTime = Survival | CumulativeIncidence


@dataclass(frozen=True)
class _Question:
    """One analysis over time: the outcome of every subject that has one, by group."""

    name: str
    cohort: Cohort
    plan: OverTime
    population: Population
    grouping: Grouping | None

    @property
    def column(self) -> str:
        return f"{ENDPOINT}{self.plan.endpoint}"

    @property
    def people(self) -> str:
        return self.population.people

    @property
    def groups(self) -> dict[str, list[int]]:
        if self.grouping is None:
            return {ALL: self.population.indices}
        return self.grouping.members

    def ids(self, indices: list[int]) -> tuple[str, ...]:
        named = self.cohort.study.subjects
        return tuple(named[index] for index in indices)


def analyse_over_time(cohort: Cohort, plan: OverTime, name: str) -> Iterator[Result]:
    """Yield the results of a survival or cumulative-incidence analysis.

    Refuses, with the reason and what would make it possible, when an event is known without
    its day. Subjects whose outcome is unknown for another reason are left out and counted.
    """
    population = population_of(cohort, plan)
    grouping = None if plan.by is None else grouping_of(cohort, plan.by, population)
    question = _Question(name, cohort, plan, population, grouping)
    yield from (replace(row, population=population.name) for row in _all_rows(question))


def _all_rows(question: _Question) -> Iterator[Result]:
    plan, name, grouping = question.plan, question.name, question.grouping
    refused = _refusal(question)
    if refused is not None:
        yield refused
        return
    yield from _left_out(question)
    limit = _limit(question)
    for group, indices in question.groups.items():
        known = _known(question, indices)
        yield Result(name, question.column, "n", len(known), group, unit=question.people,
                     subjects=question.ids(known))
        if not known:
            yield Result(name, question.column, "refused", None, group,
                         note="nobody in this group has a known outcome")
            continue
        draw = _survival if isinstance(plan, Survival) else _incidence
        yield from draw(question, group, known, limit)
    if grouping is not None and isinstance(plan, Survival):
        yield from _log_rank(question)


def _refusal(question: _Question) -> Result | None:
    """Return the refusal when any event is known without its day, or nobody has an outcome."""
    notes = question.cohort.column(f"{question.column}_note")
    undated = [i for i in question.population.indices
               if notes[i] is not None and notes[i].endswith(NO_DAY)]
    label = question.cohort.plan.endpoints[question.plan.endpoint].label.lower()
    if undated:
        return Result(
            question.name, question.column, "refused", None,
            base=Base(len(question.population.indices), question.people),
            subjects=question.ids(undated),
            note=f"{label.capitalize()} is recorded for {len(undated)} {question.people} without "
                 "its day, so the time to it, and its order among competing deaths, cannot be "
                 "known.",
            method="Record the day (disease_episode.start_day), or report the proportion.",
        )
    if not _known(question, question.population.indices):
        return Result(
            question.name, question.column, "refused", None,
            note=f"Nobody has a known time for {label}.",
            method="Fill follow_up, and the table of the origin the plan names.")
    return None


def _known(question: _Question, indices: list[int]) -> list[int]:
    status = question.cohort.column(f"{question.column}_status")
    return [index for index in indices if status[index] is not None]


def _left_out(question: _Question) -> Iterator[Result]:
    """Yield how many subjects have no outcome, for each reason."""
    notes = question.cohort.column(f"{question.column}_note")
    status = question.cohort.column(f"{question.column}_status")
    reasons: dict[str, list[int]] = {}
    for index in question.population.indices:
        if status[index] is None:
            reasons.setdefault(notes[index] or "without the origin", []).append(index)
    for reason, indices in reasons.items():
        yield Result(question.name, question.column, "unknown", len(indices), level=reason,
                     unit=question.people, note=f"left out: {reason}",
                     subjects=question.ids(indices))


def _outcome(question: _Question, indices: list[int]) -> Outcome:
    time = question.cohort.column(f"{question.column}_time")
    status = question.cohort.column(f"{question.column}_status")
    return Outcome([time[i] for i in indices], [status[i] for i in indices])


def _limit(question: _Question) -> float:
    """Return the last day of the time axis: as the plan says, else the longest follow-up."""
    if question.plan.until is not None:
        return parse_duration(question.plan.until).days
    times = question.cohort.column(f"{question.column}_time")
    known = _known(question, question.population.indices)
    return float(max(times[index] for index in known))


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


def _survival(
    question: _Question, group: str, indices: list[int], limit: float
) -> Iterator[Result]:
    plan = question.plan
    outcome = _outcome(question, indices)
    curve = kaplan_meier(outcome, ci=plan.ci, level=plan.level)
    base = Base(len(indices), question.people)
    method = f"Kaplan–Meier, {plan.level:.0%} {plan.ci} interval (Greenwood)"

    def row(statistic: str, value: float | None, at: float | None = None, *, unit: str = "%",
            note: str = "", subjects: list[int] | None = None) -> Result:
        return Result(question.name, question.column, statistic, value, group, at=at, unit=unit,
                      base=base, method=method, note=note,
                      subjects=question.ids(subjects or []))

    died = [i for i, event in zip(indices, outcome.event, strict=True) if event]
    yield row("events", curve.total_events, unit=question.people, subjects=died)
    for duration in plan.times:
        point = curve.at(duration.days)[0]
        until = [i for i, time, event in zip(indices, outcome.time, outcome.event, strict=True)
                 if event and time <= duration.days]
        for statistic, value in (("survival", point.survival), ("se", point.se),
                                 ("lower", point.lower), ("upper", point.upper)):
            yield row(statistic, None if np.isnan(value) else 100 * value, duration.days,
                      note=point.note, subjects=until)
    for day in sorted({*ticks(limit, plan.unit), *(time.days for time in plan.times)}):
        at_risk = [i for i, time in zip(indices, outcome.time, strict=True) if time >= day]
        yield row("at_risk", curve.risk_at(day), day, unit=question.people, subjects=at_risk)
    median = curve.quantile(0.5)
    yield row("median", median.time, unit="days",
              note="" if median.time is not None else "not reached", subjects=died)
    if median.time is not None:
        yield row("median_lower", median.lower, unit="days", subjects=died)
        yield row("median_upper", median.upper, unit="days", subjects=died,
                  note="" if median.upper is not None else "not reached")
    yield from _follow_up(question, group, indices, outcome)
    yield from _steps(row, curve, limit)


def _follow_up(
    question: _Question, group: str, indices: list[int], outcome: Outcome
) -> Iterator[Result]:
    median = median_follow_up(outcome, level=question.plan.level)
    for statistic, value in (("follow_up", median.time), ("follow_up_lower", median.lower),
                             ("follow_up_upper", median.upper)):
        yield Result(
            question.name, question.column, statistic, value, group, unit="days",
            base=Base(len(indices), question.people), method="reverse Kaplan–Meier",
            note="" if value is not None else "not reached", subjects=question.ids(indices))


def _steps(row: object, curve: KaplanMeier, limit: float) -> Iterator[Result]:
    """Yield the drawn line: its steps, its band, its censorings, and where few remain."""
    make = row if callable(row) else None
    assert make is not None, "row builds a Result"
    for index in np.flatnonzero((curve.events > 0) & (curve.time <= limit)):
        day = float(curve.time[index])
        for statistic, values in (("curve", curve.survival), ("curve_lower", curve.lower),
                                  ("curve_upper", curve.upper)):
            value = float(values[index])
            yield make(statistic, None if np.isnan(value) else 100 * value, day)
    for index in np.flatnonzero((curve.censored > 0) & (curve.time <= limit)):
        yield make("censored", int(curve.censored[index]), float(curve.time[index]), unit="n")
    yield make("curve_end", min(curve.last_time, limit), unit="days")
    few = max(_FEW, _FEW_SHARE * curve.n)
    thin = np.flatnonzero(curve.at_risk - curve.events - curve.censored < few)
    if len(thin) and curve.time[thin[0]] < limit:
        yield make("curve_few", float(curve.time[thin[0]]), unit="days",
                   note=f"fewer than {few:g} at risk after this day")


def _incidence(
    question: _Question, group: str, indices: list[int], limit: float
) -> Iterator[Result]:
    plan = question.plan
    outcome = _outcome(question, indices)
    curve = cumulative_incidence(outcome, cause=EVENT, level=plan.level)
    competing = question.cohort.plan.endpoints[plan.endpoint].competing
    method = (f"Aalen–Johansen, {plan.level:.0%} log-log interval; competing: "
              f"{', '.join(competing) or 'none'}")

    def row(statistic: str, value: float | None, at: float | None = None, *, unit: str = "%",
            note: str = "", subjects: list[int] | None = None) -> Result:
        return Result(question.name, question.column, statistic, value, group, at=at, unit=unit,
                      base=Base(len(indices), question.people), method=method, note=note,
                      subjects=question.ids(subjects or []))

    had = [i for i, event in zip(indices, outcome.event, strict=True) if event == EVENT]
    yield row("events", len(had), unit=question.people, subjects=had)
    for duration in plan.times:
        point = curve.at(duration.days)[0]
        until = [i for i, time, event in zip(indices, outcome.time, outcome.event, strict=True)
                 if event == EVENT and time <= duration.days]
        for statistic, value in (("incidence", point.incidence), ("se", point.se),
                                 ("lower", point.lower), ("upper", point.upper)):
            yield row(statistic, None if np.isnan(value) else 100 * value, duration.days,
                      note=point.note, subjects=until)
    for day in sorted({*ticks(limit, plan.unit), *(time.days for time in plan.times)}):
        at_risk = [i for i, time in zip(indices, outcome.time, strict=True) if time >= day]
        yield row("at_risk", curve.risk_at(day), day, unit=question.people, subjects=at_risk)
    for index in np.flatnonzero((curve.events > 0) & (curve.time <= limit)):
        for statistic, values in (("curve", curve.incidence), ("curve_lower", curve.lower),
                                  ("curve_upper", curve.upper)):
            value = float(values[index])
            yield row(statistic, None if np.isnan(value) else 100 * value,
                      float(curve.time[index]))
    yield row("curve_end", min(float(curve.time[-1]), limit), unit="days")


def _log_rank(question: _Question) -> Iterator[Result]:
    assert question.grouping is not None, "a log-rank test needs groups"
    members = {group: _known(question, indices) for group, indices in question.groups.items()}
    indices = [index for listed in members.values() for index in listed]
    labels = [group for group, listed in members.items() for _ in listed]
    base = Base(len(indices), question.people)
    by = question.grouping.label
    try:
        test = log_rank(_outcome(question, indices), labels)
    except NotEstimable as refusal:
        yield Result(question.name, question.column, "p", None, group=by,
                     note=refusal.problems[0].what)
        return
    method = f"log-rank, {test.df} df, two-sided"
    yield Result(question.name, question.column, "p", test.p, group=by, base=base, method=method,
                 note="chosen because it compares whole curves without assuming their shape")
    yield Result(question.name, question.column, "statistic", test.statistic, group=by,
                 unit="χ²", base=base, method=method)
    for group, observed, expected in zip(test.groups, test.observed, test.expected, strict=True):
        for statistic, value in (("observed", observed), ("expected", expected)):
            yield Result(question.name, question.column, statistic, float(value), str(group),
                         unit="events", base=base, method=method)
