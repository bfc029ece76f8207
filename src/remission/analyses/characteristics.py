"""What the subjects were like, and what became of them: counts, medians, intervals, tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from remission.analyses.comparing import Comparison, compare_counts, compare_numbers
from remission.analyses.grouping import (
    Grouping,
    Population,
    grouping_of,
    outside_groups,
    population_of,
)
from remission.analyses.results import ALL, Base, Result
from remission.definitions.cohort import Cohort, by_cycle
from remission.definitions.definition import Variable
from remission.definitions.detection import IS_ABOVE, IS_BELOW
from remission.errors import NotEstimable
from remission.plan import Characteristics, TransplantOutcomes, VariableChoice
from remission.statistics import clopper_pearson, summarise, wilson

_COUNTED = ("category", "yes_no")


@dataclass(frozen=True)
class _Question:
    """One variable of one table, with everything needed to answer it."""

    analysis: str
    cohort: Cohort
    variable: Variable
    choice: VariableChoice
    groups: dict[str, list[int]]
    grouping: Grouping | None
    population: Population
    only_exact: bool

    @property
    def people(self) -> str:
        return self.population.people

    @property
    def values(self) -> list[Any]:
        column = self.cohort.column(self.variable.name)
        return [column[index] for index in self.population.indices]

    def subjects(self, indices: Sequence[int]) -> tuple[str, ...]:
        everyone_named = self.cohort.named
        return tuple(everyone_named[index] for index in indices)


def analyse_characteristics(
    cohort: Cohort, plan: Characteristics | TransplantOutcomes, name: str
) -> Iterator[Result]:
    """Yield the results of a table of variables by group.

    Unknown values leave the base, and are counted in a row of their own. Every comparison says
    which test was used and why.
    """
    cohort = by_cycle(cohort) if plan.base == "cycles" else cohort
    population = population_of(cohort, plan)
    grouping = None if plan.by is None else grouping_of(cohort, plan.by, population)
    groups: dict[str, list[int]] = {}
    if plan.overall or grouping is None:
        groups[ALL] = population.indices
    if grouping is not None:
        groups.update(grouping.members)
    rows = _all_rows(cohort, plan, name, groups, grouping, population)
    yield from (replace(row, population=population.name) for row in rows)


def _all_rows(  # noqa: PLR0917 - what one table is made of
    cohort: Cohort, plan: Characteristics | TransplantOutcomes, name: str,
    groups: dict[str, list[int]], grouping: Grouping | None, population: Population,
) -> Iterator[Result]:
    yield from _sizes(cohort, name, groups, grouping, population.people)
    for choice in plan.variables:
        question = _Question(name, cohort, cohort.variables[choice.name], choice, groups,
                             grouping, population, plan.exact)
        yield from (_counts(question) if is_counted(question.variable, choice)
                    else _numbers(question))
        yield from _cautions(question)
        if plan.test and choice.test and grouping is not None:
            yield from _comparison(question)


def is_counted(variable: Variable, choice: VariableChoice) -> bool:
    """Whether a variable is shown as counts of its levels rather than as a median."""
    return variable.kind in _COUNTED or choice.show in ("n_percent", "every_level")


def _sizes(
    cohort: Cohort, name: str, groups: dict[str, list[int]], grouping: Grouping | None,
    people: str,
) -> Iterator[Result]:
    named = cohort.named
    for group, indices in groups.items():
        yield Result(name, "subjects", "n", len(indices), group=group, unit=people,
                     subjects=tuple(named[index] for index in indices))
    if grouping is not None and grouping.outside:
        yield outside_groups(name, "subjects", grouping, people)


def _known(question: _Question, indices: Sequence[int]) -> tuple[list[int], list[int]]:
    """Return the indices whose value is known, and those whose value is not."""
    values = question.cohort.column(question.variable.name)
    known = [index for index in indices if values[index] is not None]
    return known, [index for index in indices if values[index] is None]


def _levels(question: _Question) -> dict[object, str]:
    """Return the levels to show: code → label, in their declared order."""
    variable, choice = question.variable, question.choice
    levels: dict[object, str] = {code: label for code, label in variable.levels.items()}  # noqa: C416 - widens the key type
    if not levels:
        found = {value for value in question.values if value is not None}
        levels = {value: f"{value:g}" if isinstance(value, float) else str(value)
                  for value in sorted(found, reverse=True)}
    if choice.level is not None:
        return {code: label for code, label in levels.items() if str(code) == choice.level}
    if choice.show == "every_level":
        return levels
    if variable.kind == "yes_no":
        return {"Y": levels["Y"]}
    present = set(question.values)
    return {code: label for code, label in levels.items() if code in present}


def _counts(question: _Question) -> Iterator[Result]:
    values = question.cohort.column(question.variable.name)
    for group, indices in question.groups.items():
        known, unknown = _known(question, indices)
        yield from _unknown(question, group, unknown)
        for code in _levels(question):
            hits = [index for index in known if values[index] == code]
            yield from _share(question, group, str(code), hits, known)


def _share(
    question: _Question, group: str, level: str, hits: list[int], known: list[int]
) -> Iterator[Result]:
    """Yield count, percent and interval of one level in one group."""
    name, subjects = question.variable.name, question.subjects(hits)
    base = Base(len(known), question.people)
    yield Result(question.analysis, name, "count", len(hits), group, level, base=base,
                 unit=question.people, subjects=subjects)
    if not known:
        yield Result(question.analysis, name, "percent", None, group, level, base=base,
                     unit="%", note="nobody in this group was assessed")
        return
    is_edge = len(hits) in (0, len(known))
    interval = (clopper_pearson if is_edge else wilson)(len(hits), len(known))
    yield Result(question.analysis, name, "percent", 100 * interval.estimate, group, level,
                 unit="%", base=base, method="share of those assessed", subjects=subjects)
    for statistic, value in (("lower", interval.lower), ("upper", interval.upper)):
        yield Result(question.analysis, name, statistic, 100 * value, group, level, unit="%",
                     base=base, method=f"95% interval, {interval.method}", subjects=subjects)


def _numbers(question: _Question) -> Iterator[Result]:
    variable = question.variable
    values = question.cohort.column(variable.name)
    for group, indices in question.groups.items():
        known, unknown = _known(question, indices)
        if variable.kind != "day":
            yield from _unknown(question, group, unknown)
        base = Base(len(known), _base_of_days(question))
        subjects = question.subjects(known)
        if not known:
            yield Result(question.analysis, variable.name, "median", None, group, base=base,
                         note="no value in this group")
            continue
        summary = summarise([values[index] for index in known])
        method = f"median of {len(known)}; quartiles of type {summary.quantile_type}"
        shown = {
            "median": summary.median, "minimum": summary.minimum, "maximum": summary.maximum,
            "lower_quartile": summary.lower_quartile, "upper_quartile": summary.upper_quartile,
            "mean": summary.mean, "sd": summary.sd,
        }
        limits = _limits(question, known)
        for statistic, value in shown.items():
            known_value = None if np.isnan(value) else value
            note = summary.notes.get(statistic, "")
            if statistic not in ("mean", "sd"):
                note = note or _limit_behind(value, limits)
            yield Result(question.analysis, variable.name, statistic, known_value, group,
                         unit=variable.unit or "", base=base, method=method, subjects=subjects,
                         note=note)


def _limits(question: _Question, known: Sequence[int]) -> list[tuple[float, str]]:
    """Return the known values, each with the caution that it is a limit, or nothing."""
    values = question.cohort.column(question.variable.name)
    column = f"{question.variable.name}_note"
    notes = question.cohort.column(column) if question.cohort.has(column) else [None] * len(values)
    return [(float(values[index]), next(
        (caution for caution in (IS_BELOW, IS_ABOVE) if caution in (notes[index] or "")), ""))
        for index in known]


def _limit_behind(value: float, values: Sequence[tuple[float, str]]) -> str:
    """Return the caution that a statistic is a limit: one of the values that make it is one."""
    behind = [caution for each, caution in values if each == value]
    if not behind:
        below, above = ([each for each, _ in values if (each < value) is is_below]
                        for is_below in (True, False))
        edges = (max(below, default=None), min(above, default=None))
        behind = [caution for each, caution in values if each in edges]
    found = set(filter(None, behind))
    return found.pop() if len(found) == 1 else ""


def _base_of_days(question: _Question) -> str:
    """Return what a median counts; days are those of the children who had the event."""
    if question.variable.kind == "day":
        return f"{question.people} with the event and its day"
    return question.people


def _unknown(question: _Question, group: str, unknown: list[int]) -> Iterator[Result]:
    if unknown:
        yield Result(question.analysis, question.variable.name, "unknown", len(unknown), group,
                     unit=question.people,
                     note="not known, not assessed or not applicable; not in the base",
                     subjects=question.subjects(unknown))


def _cautions(question: _Question) -> Iterator[Result]:
    """Yield, for each caution that known values carry, how many subjects it is about."""
    column = f"{question.variable.name}_note"
    if not question.cohort.has(column):
        return
    notes = question.cohort.column(column)
    known, _ = _known(question, question.population.indices)
    by_note: dict[str, list[int]] = {}
    for index in known:
        if notes[index] is not None:
            by_note.setdefault(notes[index], []).append(index)
    for note, indices in by_note.items():
        yield Result(question.analysis, question.variable.name, "caution", len(indices),
                     level=note, unit=question.people, note=note,
                     subjects=question.subjects(indices))


def _comparison(question: _Question) -> Iterator[Result]:
    """Yield the p of a comparison with its alternatives, or the reason why there is none."""
    assert question.grouping is not None, "groups are compared only where there are some"
    name, by = question.variable.name, question.grouping.label
    try:
        comparison, base = _compared(question)
    except NotEstimable as refusal:
        yield Result(question.analysis, name, "p", None, group=by,
                     note=refusal.problems[0].what)
        return
    yield Result(question.analysis, name, "p", comparison.chosen.p, group=by, base=base,
                 method=f"{comparison.chosen.method}, two-sided",
                 note="; ".join(filter(None, (f"chosen because {comparison.why}",
                                              comparison.chosen.note))))
    if comparison.chosen.statistic is not None:
        yield Result(question.analysis, name, "statistic", comparison.chosen.statistic, group=by,
                     base=base, method=comparison.chosen.method)
    for other in comparison.alternatives:
        yield Result(question.analysis, name, "p_alternative", other.p, group=by, base=base,
                     method=f"{other.method}, two-sided", note=other.note)


def _compared(question: _Question) -> tuple[Comparison, Base]:
    assert question.grouping is not None, "groups are compared only where there are some"
    values = question.cohort.column(question.variable.name)
    known = [_known(question, indices)[0] for indices in question.grouping.members.values()]
    base = Base(sum(len(indices) for indices in known), question.people)
    if not is_counted(question.variable, question.choice):
        groups = [[float(values[index]) for index in indices] for indices in known]
        return compare_numbers(groups), base
    if question.choice.level is not None:
        table = [
            [sum((str(values[index]) == question.choice.level) is is_level for index in indices)
             for indices in known]
            for is_level in (True, False)
        ]
        return compare_counts(table, only_exact=question.only_exact), base
    codes = sorted({str(values[index]) for indices in known for index in indices})
    table = [
        [sum(str(values[index]) == code for index in indices) for indices in known]
        for code in codes
    ]
    return compare_counts(table or [[0, 0]], only_exact=question.only_exact), base
