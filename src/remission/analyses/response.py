"""Response rates after each cycle and at best; who was not evaluable counts as a failure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from remission.analyses.comparing import compare_counts
from remission.analyses.grouping import Grouping, grouping_of, outside_groups, population_of
from remission.analyses.results import ALL, Base, Result
from remission.definitions.cohort import Cohort
from remission.definitions.cycle_response import BEST_FIRST
from remission.definitions.response import REMISSIONS
from remission.errors import NotEstimable
from remission.plan import Response
from remission.statistics import clopper_pearson

REMISSION, MRD_NEGATIVE, NOT_EVALUABLE = "remission", "MRD-negative remission", "not evaluable"
"""What is counted beside the categories; it stands in ``level`` after the time."""

BEST = "best"
_COUNTED_AS_REMISSION = ("MRD_CR", *REMISSIONS)


@dataclass(frozen=True)
class _Answer:
    """The response of one subject at one time: its category and whether MRD is negative."""

    subject: str
    value: str | None
    mrd: str | None
    note: str | None

    @property
    def is_known(self) -> bool:
        return self.value is not None

    @property
    def tells_mrd(self) -> bool:
        """Whether it is known if MRD is negative; not evaluable counts as no."""
        return self.mrd is not None or self.value == "NE"


@dataclass(frozen=True)
class _Question:
    """One analysis of response."""

    name: str
    cohort: Cohort
    plan: Response
    people: str
    groups: dict[str, frozenset[str]]
    grouping: Grouping | None


def time_name(cycle: int | None) -> str:
    """Return what a time is called: ``cycle 1``, or ``best``."""
    return BEST if cycle is None else f"cycle {cycle}"


def analyse_response(cohort: Cohort, plan: Response, name: str) -> Iterator[Result]:
    """Yield the response after each cycle and at best, by group, with exact intervals.

    The base is everyone given the cycle whose response is known, not evaluable as a failure.
    """
    population = population_of(cohort, plan)
    grouping = None if plan.by is None else grouping_of(cohort, plan.by, population)
    groups = {ALL: population.indices, **({} if grouping is None else grouping.members)}
    named = cohort.study.subjects
    question = _Question(name, cohort, plan, population.people, {
        group: frozenset(named[index] for index in indices) for group, indices in groups.items()
    }, grouping)
    yield from (replace(row, population=population.name) for row in _all_rows(question))


def _all_rows(question: _Question) -> Iterator[Result]:
    for group, members in question.groups.items():
        yield Result(question.name, "subjects", "n", len(members), group, unit=question.people,
                     subjects=tuple(subject for subject in question.cohort.study.subjects
                                    if subject in members))
    if question.grouping is not None and question.grouping.outside:
        yield outside_groups(question.name, "subjects", question.grouping, question.people)
    times: list[int | None] = [*question.plan.cycles, *([None] if question.plan.best else [])]
    for cycle in times:
        answers = _answers(question.cohort, cycle)
        for group, members in question.groups.items():
            own = [answer for answer in answers if answer.subject in members]
            yield from _of_group(question, cycle, group, own)
        if question.plan.test and question.grouping is not None:
            yield from _comparisons(question, cycle, answers)


def _answers(cohort: Cohort, cycle: int | None) -> list[_Answer]:
    """Return the response of all who were given a cycle, or their best."""
    if cycle is None:
        frame, value, mrd = cohort.subjects, "best_response", "best_mrd_response"
        given = set(cohort.frames["cycle"]["subject_id"].to_list())
    else:
        frame, value, mrd = cohort.frames["cycle"], "cycle_response", "cycle_mrd_response"
        given = {row["subject_id"] for row in frame.iter_rows(named=True)
                 if row["cycle_no"] == cycle}
    return [_Answer(row["subject_id"], row[value], row[mrd], row[f"{value}_note"])
            for row in frame.iter_rows(named=True)
            if row["subject_id"] in given and (cycle is None or row["cycle_no"] == cycle)]


def _variable(cycle: int | None) -> str:
    return "best_response" if cycle is None else "cycle_response"


def _row(  # noqa: PLR0917 - what every row is about
    question: _Question, cycle: int | None, statistic: str, value: float | None, group: str,
    what: str, subjects: Sequence[_Answer] = (), **rest: Any,
) -> Result:
    return Result(
        question.name, _variable(cycle), statistic, value, group, f"{time_name(cycle)}: {what}",
        subjects=tuple(answer.subject for answer in subjects), **rest)


def _of_group(
    question: _Question, cycle: int | None, group: str, answers: Sequence[_Answer]
) -> Iterator[Result]:
    known = [answer for answer in answers if answer.is_known]
    yield _row(question, cycle, "given", len(answers), group, "given", answers,
               unit=question.people)
    unknown = [answer for answer in answers if not answer.is_known]
    if unknown:
        reasons = ", ".join(dict.fromkeys(answer.note or "not known" for answer in unknown))
        yield _row(question, cycle, "unknown", len(unknown), group, "not known", unknown,
                   unit=question.people, note=f"not in the base: {reasons}")
    for code, label in BEST_FIRST.items():
        had = [answer for answer in known if answer.value == code]
        if code != "NE":
            yield from _share(question, cycle, group, label, had, known)
    yield from _share(question, cycle, group, REMISSION, [
        answer for answer in known if answer.value in _COUNTED_AS_REMISSION], known)
    told = [answer for answer in known if answer.tells_mrd]
    yield from _share(question, cycle, group, MRD_NEGATIVE, [
        answer for answer in told if answer.mrd == "Y"], told)
    yield from _share(question, cycle, group, NOT_EVALUABLE, [
        answer for answer in known if answer.value == "NE"], known)


def _share(  # noqa: PLR0917 - what one share is of
    question: _Question, cycle: int | None, group: str, what: str, had: Sequence[_Answer],
    known: Sequence[_Answer],
) -> Iterator[Result]:
    base = Base(len(known), question.people)
    yield _row(question, cycle, "responded", len(had), group, what, had, base=base,
               unit=question.people)
    if not known:
        return
    share = clopper_pearson(len(had), len(known), level=question.plan.level)
    for statistic, value in (("responded_percent", share.estimate),
                             ("responded_lower", share.lower), ("responded_upper", share.upper)):
        yield _row(question, cycle, statistic, 100 * value, group, what, base=base, unit="%",
                   method=f"{question.plan.confidence} interval, {share.method}")


def _comparisons(
    question: _Question, cycle: int | None, answers: Sequence[_Answer]
) -> Iterator[Result]:
    """Yield the comparison of remission, and of MRD-negative remission, between the groups."""
    assert question.grouping is not None, "groups are compared only where there are some"
    by = question.grouping.label
    for what in (REMISSION, MRD_NEGATIVE):
        table = [[0] * (len(question.groups) - 1) for _ in range(2)]
        for column, group in enumerate(name for name in question.groups if name != ALL):
            for answer in answers:
                is_base = answer.is_known and (what == REMISSION or answer.tells_mrd)
                if answer.subject in question.groups[group] and is_base:
                    is_success = answer.mrd == "Y" if what == MRD_NEGATIVE else (
                        answer.value in _COUNTED_AS_REMISSION)
                    table[0 if is_success else 1][column] += 1
        base = Base(sum(map(sum, table)), question.people)
        try:
            comparison = compare_counts(table, only_exact=question.plan.exact)
        except NotEstimable as refusal:
            yield _row(question, cycle, "p", None, by, what, base=base,
                       note=refusal.problems[0].what)
            continue
        yield _row(question, cycle, "p", comparison.chosen.p, by, what, base=base,
                   method=f"{comparison.chosen.method}, two-sided",
                   note=f"chosen because {comparison.why}")
