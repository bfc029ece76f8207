"""Cohort + Plan → Results: every analysis the plan asks for, in its order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from remission.analyses.characteristics import analyse_characteristics
from remission.analyses.grouping import unknown_values
from remission.analyses.participant_flow import analyse_participants
from remission.analyses.queries import count_queries
from remission.analyses.results import Result, Results
from remission.analyses.survival import analyse_over_time
from remission.definitions.cohort import Cohort
from remission.errors import PlanError, Problem
from remission.plan import (
    Analysis,
    Characteristics,
    ParticipantFlow,
    Plan,
    TransplantOutcomes,
)
from remission.records.checks import Query

Progress = Callable[[str], None]


def analysis_names(plan: Plan) -> list[str]:
    """Return a name for each analysis of a plan: its kind, numbered where kinds repeat."""
    total = Counter(analysis.kind for analysis in plan.analyses)
    seen: Counter[str] = Counter()
    names = []
    for analysis in plan.analyses:
        seen[analysis.kind] += 1
        number = f"_{seen[analysis.kind]}" if total[analysis.kind] > 1 else ""
        names.append(f"{analysis.kind}{number}")
    return names


def analyse_cohort(
    cohort: Cohort, queries: Sequence[Query] = (), *, progress: Progress = lambda _: None
) -> Results:
    """Return the results of every analysis of the plan, then the count of open ``queries``.

    ``progress`` is called with the title of each analysis as it begins. Raises
    :class:`PlanError` naming every variable, group and level that does not exist, or when the
    plan asks for nothing.
    """
    _check_anything_is_asked(cohort.plan)
    _check_names(cohort)
    rows: list[Result] = []
    for name, analysis in zip(analysis_names(cohort.plan), cohort.plan.analyses, strict=True):
        progress(analysis.title)
        rows.extend(_analyse(cohort, analysis, name))
    rows.extend(count_queries(cohort, queries))
    return Results(rows)


def _analyse(cohort: Cohort, analysis: Analysis, name: str) -> Iterator[Result]:
    if isinstance(analysis, Characteristics | TransplantOutcomes):
        return analyse_characteristics(cohort, analysis, name)
    if isinstance(analysis, ParticipantFlow):
        return analyse_participants(cohort, name)
    return analyse_over_time(cohort, analysis, name)


def _check_anything_is_asked(plan: Plan) -> None:
    if not plan.analyses:
        raise PlanError(Problem(
            plan.file, "The plan asks for no analysis.", "A report of nothing would be hollow.",
            'Add a block for each table or curve: a line [[analyses]], below it kind = "…" '
            "(characteristics, transplant, survival, cumulative_incidence or participant_flow), "
            "title = \"…\", and what that kind needs; 'remission init DIR' writes examples."))


def _check_names(cohort: Cohort) -> None:
    """Refuse variables, levels, groups and populations that name nothing, all together."""
    problems = [*_in_tables(cohort), *_in_groups(cohort), *_in_populations(cohort)]
    if problems:
        raise PlanError(problems)


def _in_tables(cohort: Cohort) -> Iterator[Problem]:
    for number, analysis in enumerate(cohort.plan.analyses, start=1):
        for choice in getattr(analysis, "variables", ()):
            where = f"{cohort.plan.file}, [[analyses]] {number} ({analysis.title})"
            yield from unknown_values(
                cohort, choice.name, () if choice.level is None else (choice.level,), where)


def _in_groups(cohort: Cohort) -> Iterator[Problem]:
    used = {analysis.by for analysis in cohort.plan.analyses}
    for name, group in cohort.plan.groups.items():
        if name in used:
            values = [code for codes in group.levels.values() for code in codes]
            where = f"{cohort.plan.file}, [groups.{name}]"
            yield from unknown_values(cohort, group.variable, values, where,
                                      has_levels=bool(values))


def _in_populations(cohort: Cohort) -> Iterator[Problem]:
    used = {analysis.population for analysis in cohort.plan.analyses}
    for name, population in cohort.plan.populations.items():
        if name in used:
            yield from unknown_values(cohort, population.variable, population.is_,
                                      f"{cohort.plan.file}, [populations.{name}]")
