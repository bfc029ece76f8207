"""Risk factors: univariate and multivariable logistic, Cox and Fine–Gray regression."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from remission.analyses.coding import CodedFactor, coded_factor
from remission.analyses.endpoint import EndpointQuestion
from remission.analyses.grouping import known_later, population_of
from remission.analyses.results import Base, Result
from remission.definitions.cohort import Cohort
from remission.definitions.endpoints import EVENT
from remission.errors import NotEstimable
from remission.plan import RiskFactors
from remission.statistics import (
    Cox,
    Fitted,
    Outcome,
    Term,
    cox,
    fine_gray,
    firth_cox,
    firth_logistic,
    logistic,
    proportional_hazards_test,
)
from remission.statistics.fitted import model_test

UNIVARIATE, MULTIVARIABLE = "univariate", "multivariable"
"""The models, as they stand in ``group``."""

ONE_LEVEL = "only one level occurs among those whose outcome is known"

RATIOS = {"odds": "odds ratio", "hazard": "hazard ratio",
          "subdistribution": "subdistribution hazard ratio"}

Fit = Callable[..., Fitted]


@dataclass(frozen=True)
class _Outcome:
    """What is to be explained: who has it known, who had the event, and how it is modelled.

    ``fits`` are the estimators, the one the table leads with first; the name of the second is
    what its rows are called.
    """

    ratio: str
    variable: str
    known: tuple[int, ...]
    had: frozenset[int]
    fits: dict[str, Fit]


@dataclass(frozen=True)
class _Question:
    """One analysis of risk factors."""

    name: str
    cohort: Cohort
    plan: RiskFactors
    outcome: _Outcome
    people: str
    factors: tuple[CodedFactor, ...]

    @property
    def joint(self) -> tuple[CodedFactor, ...]:
        """The factors of the multivariable model."""
        chosen = [factor.name for factor in self.plan.joint]
        return tuple(factor for factor in self.factors if factor.name in chosen and factor.terms)

    def ids(self, indices: Sequence[int]) -> tuple[str, ...]:
        named = self.cohort.study.subjects
        return tuple(named[index] for index in indices)

    def row(self, variable: str, statistic: str, value: float | None, **rest: Any) -> Result:
        return Result(self.name, variable, statistic, value, **rest)


def analyse_risk_factors(cohort: Cohort, plan: RiskFactors, name: str) -> Iterator[Result]:
    """Yield the results of a table of risk factors.

    A model that cannot be fitted is a row with the reason, its penalised form beside it. Those
    of whom the outcome, or a factor of the model, is not known are left out and counted.
    """
    population = population_of(cohort, plan)
    if plan.endpoint is None:
        outcome = _of_variable(cohort, plan, population.indices)
    else:
        asked = EndpointQuestion(name, cohort, plan.endpoint, population, None)
        refused = asked.refusal()
        if refused is not None:
            yield replace(refused, population=population.name)
            return
        yield from (replace(row, population=population.name) for row in asked.left_out())
        outcome = _of_endpoint(asked)
    question = _Question(
        name, cohort, plan, outcome, population.people,
        tuple(coded_factor(cohort, factor, outcome.known) for factor in plan.factors))
    yield from (replace(row, population=population.name)
                for row in _all_rows(question, population.indices))


def _of_variable(cohort: Cohort, plan: RiskFactors, indices: Sequence[int]) -> _Outcome:
    """Return a yes/no variable as the outcome of logistic regression."""
    assert plan.outcome is not None, "the plan has either an outcome or an endpoint"
    values = cohort.column(plan.outcome)
    known = tuple(index for index in indices if values[index] is not None)
    had = frozenset(index for index in known if values[index] == plan.event)

    def data(rows: Sequence[int]) -> list[int]:
        return [int(index in had) for index in rows]

    return _Outcome("odds", plan.outcome, known, had, {
        "maximum likelihood": partial(_fitted, logistic, data),
        "Firth": partial(_fitted, firth_logistic, data)})


def _of_endpoint(asked: EndpointQuestion) -> _Outcome:
    """Return an endpoint as the outcome of Cox regression, of Fine–Gray with competing events."""
    known = tuple(asked.known(asked.population.indices))
    status = asked.cohort.column(f"{asked.column}_status")
    had = frozenset(index for index in known if status[index] == EVENT)
    if not asked.cohort.plan.endpoints[asked.endpoint].competing:
        return _Outcome("hazard", asked.column, known, had, {
            "partial likelihood": partial(_fitted, cox, asked.outcome),
            "Firth": partial(_fitted, firth_cox, asked.outcome)})

    def of_the_event(rows: Sequence[int]) -> Outcome:
        found = asked.outcome(rows)
        return Outcome(found.time, found.event == EVENT, found.entry)

    return _Outcome("subdistribution", asked.column, known, had, {
        "Fine–Gray": partial(_fitted, fine_gray, asked.outcome),
        "cause-specific": partial(_fitted, cox, of_the_event)})


def _fitted(
    fit: Fit, data: Callable[[Sequence[int]], object], rows: Sequence[int],
    factors: Sequence[CodedFactor], level: float,
) -> Fitted:
    """Fit one model of some factors to some rows of the cohort."""
    columns = {factor.term_name(term): factor.column(term, rows)
               for factor in factors for term in factor.terms}
    return fit(data(rows), np.array(list(columns.values()), dtype=np.float64).T,
               names=list(columns), level=level)


def _all_rows(question: _Question, indices: Sequence[int]) -> Iterator[Result]:
    outcome = question.outcome
    without = [index for index in indices if index not in outcome.known]
    yield question.row(outcome.variable, "n", len(outcome.known), unit=question.people,
                       subjects=question.ids(outcome.known))
    had = sorted(outcome.had)
    yield question.row(outcome.variable, "events", len(had), unit=question.people,
                       base=Base(len(outcome.known), question.people),
                       subjects=question.ids(had))
    if without and question.plan.endpoint is None:
        yield question.row(
            outcome.variable, "unknown", len(without), unit=question.people,
            note="left out: the outcome is not known", subjects=question.ids(without))
    for factor in question.factors:
        yield from _sizes(question, factor)
        yield from _known_later(question, factor)
        yield from _model(question, UNIVARIATE, (factor,))
    if len(question.joint) > 1:
        yield from _model(question, MULTIVARIABLE, question.joint)


def _sizes(question: _Question, factor: CodedFactor) -> Iterator[Result]:
    """Yield how many there are of each level, how many had the event, and who is not known."""
    known = factor.known(question.outcome.known)
    missing = [index for index in question.outcome.known if factor.values[index] is None]
    for level in factor.levels or [""]:
        members = [index for index in known if not level or factor.values[index] == level]
        had = [index for index in members if index in question.outcome.had]
        base = Base(len(members), question.people)
        yield question.row(factor.name, "n", len(members), level=level, unit=question.people,
                           subjects=question.ids(members))
        yield question.row(factor.name, "events", len(had), level=level, base=base,
                           unit=question.people, subjects=question.ids(had))
    if factor.levels:
        yield question.row(factor.name, "reference", 1.0, level=factor.reference,
                           note="the level that the others are compared with")
    if missing:
        yield question.row(factor.name, "unknown", len(missing), unit=question.people,
                           note="not known: not in the models that hold it",
                           subjects=question.ids(missing))


def _known_later(question: _Question, factor: CodedFactor) -> Iterator[Result]:
    """Yield a caution where a factor came about after the time of an endpoint had begun."""
    if question.plan.endpoint is None:
        return
    later = known_later(
        question.cohort, factor.name, question.plan.endpoint, question.outcome.known)
    if later:
        yield question.row(
            factor.name, "caution", len(later), unit=question.people,
            subjects=question.ids(later),
            note="came about after time zero; those who had the event before cannot have it, "
                 "which makes it look protective: ask for kind = \"time_dependent\"")


def _model(
    question: _Question, group: str, factors: Sequence[CodedFactor]
) -> Iterator[Result]:
    """Yield the rows of one model by each of its estimators."""
    rows = [index for index in question.outcome.known
            if all(factor.values[index] is not None for factor in factors)]
    left_out = len(question.outcome.known) - len(rows)
    base = Base(len(rows), question.people)
    if group == MULTIVARIABLE:
        yield question.row(
            question.outcome.variable, "n", len(rows), group=group, unit=question.people,
            subjects=question.ids(rows),
            note=f"{left_out} left out: a factor is not known" if left_out else "")
        had = [index for index in rows if index in question.outcome.had]
        yield question.row(
            question.outcome.variable, "events", len(had), group=group, unit=question.people,
            base=base, subjects=question.ids(had))
    if not all(factor.terms for factor in factors):
        yield from _not_estimated(question, group, factors, base, ONE_LEVEL, "")
        return
    for place, (name, fit) in enumerate(question.outcome.fits.items()):
        own = group if not place else f"{group}, {name}"
        try:
            found = fit(rows, factors, question.plan.level)
        except NotEstimable as refusal:
            yield from _not_estimated(question, own, factors, base, refusal.problems[0].what, name)
            continue
        yield from _terms(question, own, factors, found, base)
        if not place:
            yield from _of_the_model(question, own, factors, found, base, rows)


def _not_estimated(  # noqa: PLR0917 - what every row of a refused model shares
    question: _Question, group: str, factors: Sequence[CodedFactor], base: Base, why: str,
    method: str,
) -> Iterator[Result]:
    for factor in factors:
        for level in factor.terms or [""]:
            for statistic in ("ratio", "ratio_lower", "ratio_upper", "ratio_p"):
                yield question.row(factor.name, statistic, None, group=group, level=level,
                                   base=base, method=method, note=why)


def _terms(
    question: _Question, group: str, factors: Sequence[CodedFactor], found: Fitted, base: Base
) -> Iterator[Result]:
    """Yield each coefficient as a ratio with its interval and its P."""
    method = "; ".join((f"{found.method}, {RATIOS[_ratio(question, group)]}",
                        f"{question.plan.confidence} interval", *found.conventions))
    for factor in factors:
        for level in factor.terms:
            term = found.term(factor.term_name(level))
            for statistic, value in _numbers(term):
                is_known = bool(np.isfinite(value))
                yield question.row(
                    factor.name, statistic, float(value) if is_known else None, group=group,
                    level=level, base=base, method=method,
                    note="" if is_known else "out of reach: no finite bound")


def _ratio(question: _Question, group: str) -> str:
    """Return the kind of ratio; a cause-specific one is a hazard ratio."""
    return "hazard" if group.endswith("cause-specific") else question.outcome.ratio


def _numbers(term: Term) -> tuple[tuple[str, float], ...]:
    return (("ratio", term.ratio), ("ratio_lower", term.ratio_lower),
            ("ratio_upper", term.ratio_upper), ("ratio_p", term.p))


def _of_the_model(  # noqa: PLR0917 - what is said of a fitted model
    question: _Question, group: str, factors: Sequence[CodedFactor], found: Fitted, base: Base,
    rows: Sequence[int],
) -> Iterator[Result]:
    """Yield the tests of whole factors, the warnings and the test of proportional hazards."""
    about = question.outcome.variable if group == MULTIVARIABLE else factors[0].name
    for factor in factors:
        if len(factor.terms) > 1:
            yield from _overall(question, group, factors, factor, found, base, rows)
    yield question.row(about, "events_per_variable", found.events_per_variable, group=group,
                       base=base, unit="events")
    for warning in found.warnings:
        yield question.row(about, "warning", None, group=group, base=base, note=warning)
    if isinstance(found, Cox):
        yield from _proportional(question, group, about, factors, found, base)


def _overall(  # noqa: PLR0917 - what the test of a whole factor needs
    question: _Question, group: str, factors: Sequence[CodedFactor], factor: CodedFactor,
    found: Fitted, base: Base, rows: Sequence[int],
) -> Iterator[Result]:
    """Yield the test of all levels of a factor together, by the likelihood with and without it."""
    others = [other for other in factors if other is not factor]
    without = found.null_log_likelihood
    if question.outcome.ratio == "subdistribution":
        return
    if others:
        try:
            fit = next(iter(question.outcome.fits.values()))
            without = fit(rows, others, question.plan.level).log_likelihood
        except NotEstimable:
            return
    test = model_test("likelihood ratio", 2 * (found.log_likelihood - without),
                      len(factor.terms))
    yield question.row(
        factor.name, "ratio_p", test.p, group=group, base=base,
        method=f"{found.method}: likelihood-ratio test of all levels, {test.df} df")


def _proportional(  # noqa: PLR0917 - what the test of proportional hazards is about
    question: _Question, group: str, about: str, factors: Sequence[CodedFactor], found: Cox,
    base: Base,
) -> Iterator[Result]:
    try:
        tests = proportional_hazards_test(found)
    except NotEstimable as refusal:
        yield question.row(about, "proportional_p", None, group=group, base=base,
                           note=refusal.problems[0].what)
        return
    method = "; ".join((tests.method, *tests.conventions))
    yield question.row(about, "proportional_p", tests.test("global").p, group=group, base=base,
                       method=f"{method}; all terms together")
    if len(found.terms) > 1:
        for factor in factors:
            for level in factor.terms:
                yield question.row(
                    factor.name, "proportional_p", tests.test(factor.term_name(level)).p,
                    group=group, level=level, base=base, method=method)
