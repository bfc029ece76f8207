"""A treatment that comes during follow-up: time in it against time out of it, naively beside."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from remission.analyses.coding import CodedFactor, coded_factor
from remission.analyses.exposed import (
    ADJUSTED,
    NAIVE,
    TIME_DEPENDENT,
    Exposed,
    Model,
    compared_rows,
    firth,
    of_exposure,
    ratio_rows,
)
from remission.analyses.grouping import population_of
from remission.analyses.landmarks import landmark_rows
from remission.analyses.results import Base, Result, in_sentence
from remission.analyses.survival import CurveGroup, CurveQuestion, axis_end, survival_rows
from remission.definitions.cohort import Cohort
from remission.definitions.endpoint_times import origins
from remission.errors import NotEstimable
from remission.plan import TimeDependent
from remission.statistics import (
    StartStop,
    kaplan_meier,
    known_only_later,
    log_rank,
    mantel_byar,
    simon_makuch,
    start_stop,
)


@dataclass(frozen=True)
class _StateQuestion(CurveQuestion):
    """The question of one state: when each subject came into it, by row of the cohort."""

    entries: tuple[float, ...] | None

    @property
    def entry(self) -> list[Any] | None:
        """When each came into the state."""
        return None if self.entries is None else list(self.entries)


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
    exposed = Exposed(question, plan, known, question.outcome(known), np.array(at))
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
        yield from landmark_rows(exposed, time, limit)
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


def _states(exposed: Exposed, limit: float) -> Iterator[Result]:
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


def _mantel_byar(exposed: Exposed) -> Iterator[Result]:
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


def _naive(exposed: Exposed, limit: float) -> Iterator[Result]:
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


def _regressions(exposed: Exposed) -> Iterator[Result]:
    """Yield the time-dependent Cox models, Firth's beside each, and the naive one."""
    rows = start_stop(exposed.outcome, exposed.at)
    ever = ~np.isnan(exposed.at)
    events, had = exposed.outcome.event > 0, rows.outcome.event > 0
    mine = np.isin(np.arange(len(exposed.indices)), rows.subject[rows.exposed])
    everyone = np.ones(len(ever), dtype=bool)
    yield from compared_rows(exposed, TIME_DEPENDENT, everyone, mine, events,
                             int((had & rows.exposed).sum()))
    model = of_exposure(exposed, rows.outcome, rows.exposed, exposed.base)
    for group in (TIME_DEPENDENT, firth(TIME_DEPENDENT)):
        yield from ratio_rows(exposed, group, model)
    if exposed.plan.adjust:
        yield from _adjusted(exposed, rows, mine)
    yield from compared_rows(exposed, NAIVE, everyone, ever, events, int((events & ever).sum()))
    yield from ratio_rows(exposed, NAIVE, of_exposure(
        exposed, exposed.outcome, ever, exposed.base))


def _adjusted(exposed: Exposed, rows: StartStop, mine: np.ndarray) -> Iterator[Result]:
    """Yield the time-dependent Cox model with other factors, of those whose factors are known."""
    cohort, indices = exposed.question.cohort, exposed.indices
    factors = [coded_factor(cohort, factor, indices) for factor in exposed.plan.adjust]
    known = np.array([all(factor.values[index] is not None for factor in factors)
                      for index in indices])
    own = known[rows.subject]
    whose = [indices[subject] for subject in rows.subject[own]]
    columns = {factor.term_name(term): factor.column(term, whose)
               for factor in factors for term in factor.terms}
    had = (rows.outcome.event > 0) & rows.exposed & own
    events = exposed.outcome.event > 0
    yield from compared_rows(exposed, ADJUSTED, known, mine & known, events, int(had.sum()))
    model = Model(
        rows.outcome.subset(own), np.array([rows.exposed[own], *columns.values()], dtype=float).T,
        (exposed.plan.exposed_label, *columns),
        Base(int(known.sum()), exposed.question.people))
    for group in (ADJUSTED, firth(ADJUSTED)):
        yield from ratio_rows(exposed, group, model)
    for factor in factors:
        yield from _one_sided(exposed, factor)


def _one_sided(exposed: Exposed, factor: CodedFactor) -> Iterator[Result]:
    """Yield the levels in which everybody, or nobody, was ever exposed: no contrast within."""
    ever = ~np.isnan(exposed.at)
    for level, words in factor.levels.items():
        own = np.array([factor.values[index] == level for index in exposed.indices])
        n, had = int(own.sum()), int((own & ever).sum())
        if had in (0, n):
            who = "all" if had else "none"
            yield exposed.row(
                "one_sided", n, ADJUSTED, level=factor.term_name(level),
                unit=exposed.question.people, subjects=exposed.ids(own),
                note=f"{who} with {factor.label}: {words} came to be "
                     f"{exposed.plan.exposed_label}, so that within them it is compared with "
                     "nothing but the time before")


def _immortal(exposed: Exposed) -> Iterator[Result]:
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
