"""Names in the plan's analyses that name nothing in the cohort, told all together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from remission.analyses.coding import COUNTED
from remission.analyses.grouping import unknown_values
from remission.definitions.cohort import Cohort
from remission.definitions.definition import ONE_A_SUBJECT, REGISTRY, Grain
from remission.errors import PlanError, Problem, did_you_mean
from remission.plan import (
    Analysis,
    BeforeAfter,
    Cases,
    ChangeBetweenGroups,
    Characteristics,
    Factor,
    RiskFactors,
    TimeDependent,
    Timeline,
    Toxicity,
)
from remission.plan.cases import Shown
from remission.plan.toxicity import WORST

CYCLE: Grain = "cycle"
UNITS = ("days", "months", "years")


def check_names(cohort: Cohort) -> None:
    """Raise :class:`PlanError` naming every variable, level, group and population that is not."""
    problems = [*_in_tables(cohort), *_in_kinds(cohort), *_in_groups(cohort),
                *_in_populations(cohort)]
    if problems:
        raise PlanError(problems)


def _in_kinds(cohort: Cohort) -> Iterator[Problem]:
    for number, analysis in enumerate(cohort.plan.analyses, start=1):
        where = f"{cohort.plan.file}, [[analyses]] {number} ({analysis.title})"
        if isinstance(analysis, RiskFactors):
            yield from _in_risk_factors(cohort, analysis, where)
        elif isinstance(analysis, BeforeAfter | ChangeBetweenGroups):
            yield from _in_pairs(cohort, analysis, where)
        elif isinstance(analysis, Toxicity):
            yield from _in_terms(analysis, where)
        elif isinstance(analysis, Cases):
            for one in analysis.shown:
                yield from unknown_values(cohort, one.name, (), where)
                yield from _in_other_units(cohort, one, where)
        elif isinstance(analysis, TimeDependent):
            yield from _in_exposure(cohort, analysis, where)
        elif isinstance(analysis, Timeline):
            yield from _in_subjects(cohort, analysis, where)


def _in_risk_factors(cohort: Cohort, analysis: RiskFactors, where: str) -> Iterator[Problem]:
    if analysis.outcome is not None:
        yield from unknown_values(cohort, analysis.outcome, (analysis.event,), where)
        variable = cohort.variables.get(analysis.outcome)
        if variable is not None and variable.kind not in COUNTED:
            yield Problem(where, f"{analysis.outcome} is a number, and an outcome is yes or no.",
                          "", "Choose a yes/no variable, or an endpoint for a time.")
    yield from _in_factors(cohort, analysis.factors, where)


def _in_factors(cohort: Cohort, factors: Iterable[Factor], where: str) -> Iterator[Problem]:
    for factor in factors:
        values = [code for codes in factor.levels.values() for code in codes]
        asked = values or ([] if factor.reference is None else [factor.reference])
        yield from unknown_values(cohort, factor.name, asked, where)
        yield from _misread(cohort, factor, where)


def _in_pairs(
    cohort: Cohort, analysis: BeforeAfter | ChangeBetweenGroups, where: str
) -> Iterator[Problem]:
    """Yield columns of pairs that do not exist, or that hold no numbers."""
    for name in analysis.columns:
        yield from unknown_values(cohort, name, (), where)
        variable = cohort.variables.get(name)
        if variable is not None and variable.kind in COUNTED:
            yield Problem(where, f"{name} is not a number.", "Ranks need numbers.",
                          "Choose a measured value, such as an item of lymphocytes.")


def _in_terms(analysis: Toxicity, where: str) -> Iterator[Problem]:
    """Yield terms that are not the grade of a cycle."""
    graded = [name.removesuffix(WORST) for name in REGISTRY if name.endswith(WORST)]
    for term in analysis.terms:
        if term.name not in graded:
            yield Problem(where, f"There is no grade of a cycle named {term.name!r}.", "",
                          did_you_mean(term.name.removesuffix(WORST), graded))


def _in_exposure(cohort: Cohort, analysis: TimeDependent, where: str) -> Iterator[Problem]:
    """Yield why an exposure is none: it must be yes or no, with a day."""
    yield from unknown_values(cohort, analysis.exposure, ("Y",), where)
    if analysis.exposure in cohort.variables and f"{analysis.exposure}_day" not in cohort.variables:
        yield Problem(where, f"{analysis.exposure} has no day.",
                      "Without the day it began, an exposure cannot begin during follow-up.",
                      "Choose a variable with a day, such as transplanted.")
    yield from _in_factors(cohort, analysis.adjust, where)


def _in_subjects(cohort: Cohort, analysis: Timeline, where: str) -> Iterator[Problem]:
    """Yield study numbers of nobody."""
    for subject in analysis.subjects:
        if subject not in set(cohort.study.subjects):
            yield Problem(where, f"There is no child {subject!r}.", "",
                          did_you_mean(subject, cohort.study.subjects[:20]))


def _misread(cohort: Cohort, factor: Factor, where: str) -> Iterator[Problem]:
    """Yield what is asked of a category as of a number, or of a number as if it had levels."""
    variable = cohort.variables.get(factor.name)
    if variable is None:
        return
    if variable.kind in COUNTED and (factor.per is not None or factor.above is not None):
        key = "per" if factor.per is not None else "above"
        yield Problem(where, f"{factor.name} has levels, and {key} is for numbers.", "",
                      f"Remove {key}, or name its reference level: "
                      f"{did_you_mean('', variable.levels)}")
    if variable.kind not in COUNTED and factor.reference is not None and not factor.levels:
        yield Problem(where, f"{factor.name} is a number and has no level {factor.reference!r}.",
                      "", "Remove reference, or cut the number in two: above = 10.")


def _in_other_units(cohort: Cohort, one: Shown, where: str) -> Iterator[Problem]:
    """Yield what is asked for in a unit of time and is no time."""
    variable = cohort.variables.get(one.name)
    if variable is not None and one.unit is not None and variable.unit not in UNITS:
        yield Problem(where, f"{one.name} is no time, and {one.unit} were asked for.", "",
                      "Remove its unit.")


def _in_tables(cohort: Cohort) -> Iterator[Problem]:
    for number, analysis in enumerate(cohort.plan.analyses, start=1):
        for choice in getattr(analysis, "variables", ()):
            where = f"{cohort.plan.file}, [[analyses]] {number} ({analysis.title})"
            yield from unknown_values(
                cohort, choice.name, () if choice.level is None else (choice.level,), where,
                grains=(*ONE_A_SUBJECT, CYCLE) if _is_of_cycles(analysis) else ONE_A_SUBJECT)


def _in_groups(cohort: Cohort) -> Iterator[Problem]:
    used = {analysis.by for analysis in cohort.plan.analyses}
    of_subjects = {analysis.by for analysis in cohort.plan.analyses if not _is_of_cycles(analysis)}
    for name, group in cohort.plan.groups.items():
        if name in used:
            grains = ONE_A_SUBJECT if name in of_subjects else (*ONE_A_SUBJECT, CYCLE)
            values = [code for codes in group.levels.values() for code in codes]
            where = f"{cohort.plan.file}, [groups.{name}]"
            yield from unknown_values(cohort, group.variable, values, where,
                                      has_levels=bool(values), grains=grains)


def _is_of_cycles(analysis: Analysis) -> bool:
    """Return whether an analysis counts cycles, which may stand in groups of their own."""
    return isinstance(analysis, Toxicity | Characteristics) and analysis.base == "cycles"


def _in_populations(cohort: Cohort) -> Iterator[Problem]:
    used = {analysis.population for analysis in cohort.plan.analyses}
    for name, population in cohort.plan.populations.items():
        if name in used:
            yield from unknown_values(cohort, population.variable, population.is_,
                                      f"{cohort.plan.file}, [populations.{name}]")
