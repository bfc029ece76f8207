"""Harm by grade: how many patients or cycles had each term at each grade."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from remission.analyses.grouping import Grouping, grouping_of, outside_groups, population_of
from remission.analyses.results import ALL, Base, Result
from remission.definitions.cohort import Cohort
from remission.definitions.definition import REPORTED
from remission.plan import Toxicity
from remission.statistics import clopper_pearson

GRADES = ("1", "2", "3", "4", "5")
ANY, SEVERE = "any", "3+"
"""The levels of any grade from 1 on, and of grade 3 or more."""

_OF: Mapping[str, frozenset[str]] = {
    **{grade: frozenset({grade}) for grade in GRADES},
    ANY: frozenset(GRADES), SEVERE: frozenset({"3", "4", "5"}),
}


@dataclass(frozen=True)
class _Graded:
    """One patient or cycle: whose it is, its grade (None: not known), and where that is from."""

    subject: str
    grade: str | None
    how: str | None
    note: str | None


@dataclass(frozen=True)
class _Question:
    """One analysis of harm."""

    name: str
    cohort: Cohort
    plan: Toxicity
    of: str
    groups: dict[str, list[int]]
    grouping: Grouping | None

    def row(
        self, variable: str, statistic: str, value: float | None, group: str, **rest: Any
    ) -> Result:
        return Result(self.name, variable, statistic, value, group,
                      **rest)


def analyse_toxicity(cohort: Cohort, plan: Toxicity, name: str) -> Iterator[Result]:
    """Yield the counts of each term by grade, with exact intervals for any grade and 3 or more.

    Who (or what cycle) could not be graded is counted and leaves the base; grades that were
    derived from measurements or signs are told apart from those the centre reported.
    """
    population = population_of(cohort, plan)
    grouping = None if plan.by is None else grouping_of(cohort, plan.by, population)
    groups = {ALL: population.indices, **({} if grouping is None else grouping.members)}
    of = population.people if plan.base == "patients" else "cycles"
    question = _Question(name, cohort, plan, of, groups, grouping)
    if grouping is not None and grouping.outside:
        yield replace(outside_groups(name, "subjects", grouping, population.people),
                      population=population.name)
    for column in plan.columns:
        rows = _grades(cohort, column, by_cycle=plan.base == "cycles")
        for group, indices in groups.items():
            subjects = {cohort.study.subjects[index] for index in indices}
            own = [row for row in rows if row.subject in subjects]
            yield from (replace(row, population=population.name)
                        for row in _of_group(question, column, group, own))


def _grades(cohort: Cohort, column: str, *, by_cycle: bool) -> list[_Graded]:
    """Return the grade of every cycle, or of every subject."""
    frame = cohort.frames["cycle"] if by_cycle else cohort.subjects
    present = {name for name in (column, f"{column}_how", f"{column}_note")
               if name in frame.columns}
    return [_graded(row, column, present) for row in frame.iter_rows(named=True)]


def _graded(row: Mapping[str, Any], column: str, present: set[str]) -> _Graded:
    value, how, note = (row[name] if name in present else None
                        for name in (column, f"{column}_how", f"{column}_note"))
    return _Graded(str(row["subject_id"]), value, how, note)


def _of_group(
    question: _Question, column: str, group: str, rows: Sequence[_Graded]
) -> Iterator[Result]:
    known = [row for row in rows if row.grade is not None]
    base = Base(len(known), question.of)
    yield question.row(column, "n", len(known), group, unit=question.of,
                       subjects=_subjects(known))
    yield from _not_graded(question, column, group, [row for row in rows if row.grade is None])
    for statistic, is_reported in (("derived", False), ("reported", True)):
        had = [row for row in known if row.grade != "0" and (row.how == REPORTED) is is_reported]
        if had:
            yield question.row(column, statistic, len(had), group, unit=question.of, base=base,
                               subjects=_subjects(had))
    for level, grades in _OF.items():
        had = [row for row in known if row.grade in grades]
        yield question.row(column, "graded", len(had), group, level=level, unit=question.of,
                           base=base, subjects=_subjects(had))
        if known:
            yield from _share(question, column, group, level, len(had), base)


def _subjects(rows: Sequence[_Graded]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.subject for row in rows))


def _not_graded(
    question: _Question, column: str, group: str, rows: Sequence[_Graded]
) -> Iterator[Result]:
    reasons: dict[str, list[_Graded]] = {}
    for row in rows:
        reasons.setdefault(row.note or "not known", []).append(row)
    for reason, own in reasons.items():
        yield question.row(column, "unknown", len(own), group, level=reason, unit=question.of,
                           note=reason, subjects=_subjects(own))


def _share(  # noqa: PLR0917 - what one share is of
    question: _Question, column: str, group: str, level: str, count: int, base: Base
) -> Iterator[Result]:
    share = clopper_pearson(count, base.n, level=question.plan.level)
    method = f"{question.plan.confidence} interval, {share.method}"
    for statistic, value in (("graded_percent", share.estimate), ("graded_lower", share.lower),
                             ("graded_upper", share.upper)):
        yield question.row(column, statistic, 100 * value, group, level=level, unit="%",
                           base=base, method=method)
