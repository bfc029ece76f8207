"""A treatment that comes during follow-up: time in it against time out of it, naively beside."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from remission.analyses.grouping import population_of
from remission.analyses.results import Base, Result, in_sentence
from remission.analyses.survival import CurveGroup, CurveQuestion, axis_end, survival_rows
from remission.definitions.cohort import Cohort
from remission.definitions.endpoint_times import origins
from remission.errors import NotEstimable
from remission.plan import TimeDependent
from remission.statistics import (
    Fitted,
    Outcome,
    cox,
    firth_cox,
    kaplan_meier,
    known_only_later,
    landmark,
    log_rank,
    mantel_byar,
    simon_makuch,
    start_stop,
)

TIME_DEPENDENT, LANDMARK, NAIVE = "time-dependent", "landmark", "naive"
"""The comparisons, as they stand in ``group``; a landmark with its time."""

FIRTH = "time-dependent, Firth"


@dataclass(frozen=True)
class _StateQuestion(CurveQuestion):
    """The question of one state: when each subject came into it, by row of the cohort."""

    entries: tuple[float, ...] | None

    @property
    def entry(self) -> list[Any] | None:
        """When each came into the state."""
        return None if self.entries is None else list(self.entries)


@dataclass(frozen=True)
class _Exposed:
    """Those whose outcome and exposure are known: outcome, and when exposed (NaN: never)."""

    question: CurveQuestion
    plan: TimeDependent
    indices: list[int]
    outcome: Outcome
    at: np.ndarray

    def row(self, statistic: str, value: float | None, group: str, **rest: object) -> Result:
        return self.question.row(statistic, value, group, **rest)

    @property
    def base(self) -> Base:
        return Base(len(self.indices), self.question.people)

    def ids(self, chosen: np.ndarray) -> tuple[str, ...]:
        """Return the identifiers of the subjects a mask (n,) chooses."""
        return self.question.ids([self.indices[place] for place in np.flatnonzero(chosen)])

    @property
    def names(self) -> tuple[str, str]:
        """What the unexposed and the exposed time are called."""
        return self.plan.unexposed_label, self.plan.exposed_label


def naive_names(cohort: Cohort, plan: TimeDependent) -> tuple[str, str]:
    """Return what never and ever exposed are called in the naive comparison."""
    label = cohort.variables[plan.exposure].label
    return f"never {in_sentence(label)}", f"ever {in_sentence(label)}"


def analyse_time_dependent(cohort: Cohort, plan: TimeDependent, name: str) -> Iterator[Result]:
    """Yield the results of an exposure that begins during follow-up.

    Simon–Makuch curves with the Mantel–Byar test, time-dependent Cox regression, landmarks, and
    the naive comparison of ever with never with the immortal time that it makes.
    """
    population = population_of(cohort, plan)
    question = CurveQuestion(name, cohort, plan.endpoint, population, None, plan)
    yield from (replace(row, population=population.name)
                for row in _all_rows(question, plan))


def _all_rows(question: CurveQuestion, plan: TimeDependent) -> Iterator[Result]:
    refused = question.refusal()
    if refused is not None:
        yield refused
        return
    yield from question.left_out()
    known, at, undated = _exposure(question, plan)
    if undated:
        label = question.cohort.variables[plan.exposure].label.lower()
        yield question.row("unknown", len(undated), level="exposure", unit=question.people,
                           note=f"left out: {label} known without its day, or not known",
                           subjects=question.ids(undated))
    if not known:
        yield question.row("refused", None, note="Nobody has a known outcome and exposure.",
                           method=f"Fill the day of {plan.exposure}.")
        return
    exposed = _Exposed(question, plan, known, question.outcome(known), np.array(at))
    try:
        start_stop(exposed.outcome, exposed.at)
    except NotEstimable as refusal:
        yield question.row("refused", None, note=refusal.problems[0].what,
                           method=refusal.problems[0].cure)
        return
    limit = axis_end(question)
    yield question.row("axis_end", limit, unit="days")
    yield from _states(exposed, limit)
    yield from _naive(exposed, limit)
    yield from _regressions(exposed)
    for time in plan.landmark_times:
        yield from _landmark(exposed, str(time), time.days)
    yield from _immortal(exposed)


def _exposure(
    question: CurveQuestion, plan: TimeDependent
) -> tuple[list[int], list[float], list[int]]:
    """Return whom it is known of, when each was exposed, and of whom it is not known."""
    cohort = question.cohort
    value, day = cohort.column(plan.exposure), cohort.column(f"{plan.exposure}_day")
    endpoint = cohort.plan.endpoints[plan.endpoint]
    begins = {row["subject_id"]: row["origin"]
              for row in origins(cohort.study, endpoint).collect().iter_rows(named=True)}
    known: list[int] = []
    at: list[float] = []
    undated: list[int] = []
    for index in question.known(question.asked):
        if value[index] == "N":
            known.append(index)
            at.append(math.nan)
        elif value[index] == "Y" and day[index] is not None:
            known.append(index)
            at.append(max(0.0, day[index] - begins[cohort.study.subjects[index]]))
        else:
            undated.append(index)
    return known, at, undated


def _states(exposed: _Exposed, limit: float) -> Iterator[Result]:
    """Yield the Simon–Makuch curves with the Mantel–Byar test."""
    plan = exposed.plan
    rows = start_stop(exposed.outcome, exposed.at)
    curves = simon_makuch(exposed.outcome, exposed.at, ci=plan.ci, level=plan.level)
    for state, name, curve in ((False, exposed.names[0], curves.unexposed),
                               (True, exposed.names[1], curves.exposed)):
        mine = rows.exposed == state
        indices = [exposed.indices[place] for place in rows.subject[mine]]
        yield exposed.row("n", len(indices), name, unit=exposed.question.people,
                          subjects=exposed.question.ids(indices),
                          note="with time in this state; who changes states is in both")
        yield exposed.row("person_time", rows.person_time[int(state)], name, unit="days",
                          base=Base(len(indices), exposed.question.people))
        if curve is None:
            yield exposed.row("refused", None, name, note="nobody is ever in this state")
            continue
        outcome = rows.outcome.subset(mine)
        entries = [0.0] * len(exposed.question.cohort.subjects)
        assert outcome.entry is not None, "start–stop rows always have an entry"
        for index, entry in zip(indices, outcome.entry, strict=True):
            entries[index] = float(entry) if entry > 0 else -1.0
        own = _StateQuestion(**vars(exposed.question), entries=tuple(entries))
        method = f"Simon–Makuch, {plan.confidence} {plan.ci} interval (Greenwood)"
        yield from survival_rows(CurveGroup(own, name, indices, outcome, method), curve, limit)
    yield from _mantel_byar(exposed)


def _mantel_byar(exposed: _Exposed) -> Iterator[Result]:
    try:
        test = mantel_byar(exposed.outcome, exposed.at)
    except NotEstimable as refusal:
        yield exposed.row("p", None, TIME_DEPENDENT, note=refusal.problems[0].what)
        return
    method = f"{test.method}, {test.df} df, two-sided"
    note = "; ".join((*test.warnings, test.conventions[0]))
    yield exposed.row("p", test.p, TIME_DEPENDENT, base=exposed.base, method=method, note=note)
    for name, observed, expected in zip(exposed.names, test.observed, test.expected, strict=True):
        for statistic, value in (("observed", observed), ("expected", expected)):
            yield exposed.row(statistic, value, name, unit="events", base=exposed.base,
                              method=method)


def _naive(exposed: _Exposed, limit: float) -> Iterator[Result]:
    """Yield the curves of never and ever exposed, as if all had been exposed from the start."""
    plan = exposed.plan
    ever = ~np.isnan(exposed.at)
    for state, name in zip((False, True), naive_names(exposed.question.cohort, plan), strict=True):
        mine = ever == state
        indices = [exposed.indices[place] for place in np.flatnonzero(mine)]
        yield exposed.row("n", len(indices), name, unit=exposed.question.people,
                          subjects=exposed.question.ids(indices))
        if indices:
            outcome = exposed.outcome.subset(mine)
            method = f"naive Kaplan–Meier, {plan.confidence} {plan.ci} interval (Greenwood)"
            group = CurveGroup(exposed.question, name, indices, outcome, method)
            yield from survival_rows(
                group, kaplan_meier(outcome, ci=plan.ci, level=plan.level), limit)
    try:
        test = log_rank(exposed.outcome, np.where(ever, "ever", "never"))
    except NotEstimable as refusal:
        yield exposed.row("p", None, NAIVE, note=refusal.problems[0].what)
        return
    yield exposed.row("p", test.p, NAIVE, base=exposed.base,
                      method=f"naive log-rank, {test.df} df, two-sided",
                      note="counts the time before the exposure as exposed")


def _regressions(exposed: _Exposed) -> Iterator[Result]:
    """Yield the time-dependent Cox model, Firth's beside it, and the naive one."""
    rows = start_stop(exposed.outcome, exposed.at)
    ever = (~np.isnan(exposed.at)).astype(float)
    events, had = exposed.outcome.event > 0, rows.outcome.event > 0
    mine = np.isin(np.arange(len(exposed.indices)), rows.subject[rows.exposed])
    yield from _compared(exposed, TIME_DEPENDENT, np.ones(len(ever), bool), mine, events,
                         int((had & rows.exposed).sum()))
    yield from _ratio(exposed, TIME_DEPENDENT, rows.outcome, rows.exposed.astype(float),
                      exposed.base)
    yield from _ratio(exposed, FIRTH, rows.outcome, rows.exposed.astype(float), exposed.base)
    yield from _compared(exposed, NAIVE, np.ones(len(ever), bool), ever > 0, events,
                         int((events & (ever > 0)).sum()))
    yield from _ratio(exposed, NAIVE, exposed.outcome, ever, exposed.base)


def _compared(  # noqa: PLR0917 - who is compared
    exposed: _Exposed, group: str, kept: np.ndarray, mine: np.ndarray, events: np.ndarray,
    events_exposed: int,
) -> Iterator[Result]:
    """Yield how many are compared, how many of them exposed, and their events."""
    people = exposed.question.people
    for statistic, chosen in (("compared_n", kept), ("compared_exposed", mine),
                              ("compared_events", kept & events)):
        yield exposed.row(statistic, int(chosen.sum()), group, unit=people,
                          subjects=exposed.ids(chosen))
    yield exposed.row("compared_events_exposed", events_exposed, group, unit="events",
                      base=Base(int(mine.sum()), people))


def _ratio(
    exposed: _Exposed, group: str, outcome: Outcome, covariate: np.ndarray, base: Base
) -> Iterator[Result]:
    """Yield the hazard ratio of exposed to unexposed time."""
    label, level = exposed.plan.exposed_label, exposed.plan.level
    try:
        fit: Fitted = (firth_cox if group == FIRTH else cox)(
            outcome, covariate, names=[label], level=level)
    except NotEstimable as refusal:
        for statistic in ("ratio", "ratio_lower", "ratio_upper", "ratio_p"):
            yield exposed.row(statistic, None, group, base=base, note=refusal.problems[0].what)
        return
    term = fit.terms[0]
    method = "; ".join((f"{fit.method}, hazard ratio of {label}",
                        f"{exposed.plan.confidence} interval", *fit.conventions))
    for statistic, value in (("ratio", term.ratio), ("ratio_lower", term.ratio_lower),
                             ("ratio_upper", term.ratio_upper), ("ratio_p", term.p)):
        yield exposed.row(statistic, float(value) if math.isfinite(value) else None, group,
                          base=base, method=method,
                          note="" if math.isfinite(value) else "out of reach: no finite bound")


def _landmark(exposed: _Exposed, time: str, day: float) -> Iterator[Result]:
    """Yield the comparison of those still followed at a landmark, grouped as they then stood."""
    group = f"{LANDMARK} {time}"
    try:
        found = landmark(exposed.outcome, exposed.at, at=day)
    except NotEstimable as refusal:
        yield exposed.row("ratio", None, group, at=day, note=refusal.problems[0].what)
        return
    mine = np.zeros(len(exposed.indices), dtype=bool)
    mine[np.flatnonzero(found.kept)[found.exposed]] = True
    events = exposed.outcome.event > 0
    yield from _compared(exposed, group, found.kept, mine, events, int((events & mine).sum()))
    base = Base(found.n, exposed.question.people)
    yield from _ratio(exposed, group, found.outcome, found.exposed.astype(float), base)
    left = found.events_before + found.censored_before
    yield exposed.row("landmark_left_out", left, group, base=exposed.base,
                      unit=exposed.question.people, subjects=exposed.ids(~found.kept),
                      note=f"{found.events_before} had the event and {found.censored_before} "
                           f"were last seen by then; {found.exposed_later} of the others were "
                           "exposed later and stay in the group without")


def _immortal(exposed: _Exposed) -> Iterator[Result]:
    """Yield how much of the time of the ever exposed came before they were exposed."""
    found = known_only_later(exposed.at, outcome=exposed.outcome)
    if not found.is_later or found.immortal_share is None:
        return
    later: Sequence[bool] = np.nan_to_num(exposed.at, nan=0.0) > 0
    yield exposed.row(
        "immortal_share", 100 * found.immortal_share, NAIVE, unit="%",
        base=Base(found.n_exposed, exposed.question.people),
        subjects=exposed.ids(np.asarray(later)), method=found.method,
        note=f"{found.known_later} of {found.n_exposed} came to be {exposed.plan.exposed_label} "
             "only after time zero")
