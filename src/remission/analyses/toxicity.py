"""Harm by grade: how many patients or cycles had each term at each grade."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from remission.analyses.comparing import compare_counts
from remission.analyses.grouping import (
    Population,
    grouping_of,
    levels_of,
    outside_groups,
    population_of,
)
from remission.analyses.results import ALL, BANDS, OUTSIDE, Base, Result
from remission.definitions.cohort import Cohort
from remission.definitions.definition import REPORTED
from remission.errors import NotEstimable
from remission.plan import Toxicity
from remission.plan.toxicity import Term
from remission.statistics import clopper_pearson

GRADES = ("1", "2", "3", "4", "5")
ANY, SEVERE = "any", "3_or_more"
"""The levels of any grade from 1 on, and of grade 3 or more."""
CYCLE = "cycle"

_OF: Mapping[str, frozenset[str]] = {
    **{grade: frozenset({grade}) for grade in GRADES},
    ANY: frozenset(GRADES), SEVERE: frozenset({"3", "4", "5"}),
}
_EVERY = frozenset(("0", *GRADES))


@dataclass(frozen=True)
class _Graded:
    """One patient or cycle: whose it is, its group, its grade (None: not known), where from."""

    subject: str
    group: str | None
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
    bands: Mapping[str, frozenset[str]]

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
    of = population.people if plan.base == "patients" else "cycles"
    bands = {name: frozenset(map(str, grades)) for name, grades in plan.bands.items()}
    question = _Question(name, cohort, plan, of, bands)
    group_of, labels, outside = _groups(cohort, plan, name, population)
    found = [] if outside is None else [outside]
    for column, term in zip(plan.columns, plan.terms, strict=True):
        rows = _grades(cohort, column, group_of, by_cycle=plan.base == "cycles")
        for group in (ALL, *labels):
            own = [row for row in rows if group in (ALL, row.group)]
            found += _of_group(question, column, group, own)
        if plan.test and len(labels) > 1:
            found += _comparisons(question, column, term, labels, rows)
    yield from (replace(row, population=population.name) for row in found)


Key = tuple[Any, ...]
"""The subject, and the number of the cycle where cycles are counted."""


def _groups(
    cohort: Cohort, plan: Toxicity, name: str, population: Population
) -> tuple[dict[Key, str | None], list[str], Result | None]:
    """Return the group of each patient or cycle of the population, the groups, who is outside."""
    named = cohort.study.subjects
    asked = {named[index] for index in population.indices}
    by_cycle = plan.base == "cycles"
    keys = [(row["subject_id"], row["cycle_no"]) for row in cohort.frames["cycle"].iter_rows(
        named=True) if row["subject_id"] in asked] if by_cycle else [(one,) for one in asked]
    if plan.by is None:
        return dict.fromkeys(keys), [], None
    group = cohort.plan.groups[plan.by]
    if by_cycle and cohort.variables[group.variable].grain == CYCLE:
        return _groups_of_cycles(cohort, plan.by, name, set(keys))
    grouping = grouping_of(cohort, plan.by, population)
    of_subject = {named[index]: label for label, indices in grouping.members.items()
                  for index in indices}
    outside = outside_groups(name, "subjects", grouping, population.people)
    return ({key: of_subject.get(key[0]) for key in keys}, grouping.labels,
            outside if grouping.outside else None)


def _groups_of_cycles(
    cohort: Cohort, by: str, name: str, keys: set[Key]
) -> tuple[dict[Key, str | None], list[str], Result | None]:
    """Return the group of each cycle by a variable of cycles."""
    group = cohort.plan.groups[by]
    label_of = levels_of(cohort, by)
    found = {key: label_of.get(row[group.variable])
             for row in cohort.frames["cycle"].iter_rows(named=True)
             if (key := (row["subject_id"], row["cycle_no"])) in keys}
    left = [key[0] for key, label in found.items() if label is None]
    outside = Result(
        name, "subjects", "n", len(left), group="", level=OUTSIDE, unit="cycles",
        note=f"{group.label} not known, or in none of the groups",
        subjects=tuple(dict.fromkeys(left))) if left else None
    return found, list(dict.fromkeys(label_of.values())), outside


def _grades(
    cohort: Cohort, column: str, group_of: Mapping[Key, str | None], *, by_cycle: bool
) -> list[_Graded]:
    """Return the grade of every cycle, or of every subject, that is asked about."""
    frame = cohort.frames["cycle"] if by_cycle else cohort.subjects
    present = {name for name in (column, f"{column}_how", f"{column}_note")
               if name in frame.columns}
    keys = ("subject_id", "cycle_no") if by_cycle else ("subject_id",)
    return [_graded(row, column, present, group_of[key]) for row in frame.iter_rows(named=True)
            if (key := tuple(row[name] for name in keys)) in group_of]


def _graded(
    row: Mapping[str, Any], column: str, present: set[str], group: str | None
) -> _Graded:
    value, how, note = (row[name] if name in present else None
                        for name in (column, f"{column}_how", f"{column}_note"))
    return _Graded(str(row["subject_id"]), group, value, how, note)


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
    for level, grades in {**_OF, **question.bands}.items():
        had = [row for row in known if row.grade in grades]
        yield question.row(column, "graded", len(had), group, level=level, unit=question.of,
                           base=base, subjects=_subjects(had))
        if known:
            yield from _share(question, column, group, level, len(had), base)


def _comparisons(
    question: _Question, column: str, term: Term, labels: Sequence[str], rows: Sequence[_Graded]
) -> Iterator[Result]:
    """Yield the comparison of the groups in all bands, and in each band against the others."""
    known = [row for row in rows if row.grade is not None and row.group is not None]
    asked: dict[str, list[frozenset[str]]] = {}
    if question.bands and term.banded:
        asked[BANDS] = list(question.bands.values())
        asked |= {name: [grades, _EVERY - grades] for name, grades in question.bands.items()}
    asked |= {ANY: [_OF[ANY], _EVERY - _OF[ANY]], SEVERE: [_OF[SEVERE], _EVERY - _OF[SEVERE]]}
    by = question.cohort.plan.groups[question.plan.by or ""].label
    base = Base(len(known), question.of)
    for level, parts in asked.items():
        table = [[sum(row.group == label and row.grade in grades for row in known)
                  for label in labels] for grades in parts]
        yield from _comparison(question, column, level, by, table, base)


def _comparison(  # noqa: PLR0917 - what one comparison is of
    question: _Question, column: str, level: str, by: str, table: list[list[int]], base: Base
) -> Iterator[Result]:
    try:
        found = compare_counts(table, only_exact=question.plan.exact)
    except NotEstimable as refusal:
        yield question.row(column, "p", None, by, level=level, base=base,
                           note=refusal.problems[0].what)
        return
    yield question.row(column, "p", found.chosen.p, by, level=level, base=base,
                       method=f"{found.chosen.method}, two-sided",
                       note=f"chosen because {found.why}")
    for other in found.alternatives:
        yield question.row(column, "p_alternative", other.p, by, level=level, base=base,
                           method=f"{other.method}, two-sided")


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
