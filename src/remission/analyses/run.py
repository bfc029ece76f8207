"""Cohort + Plan → Results: every analysis the plan asks for, in its order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from remission.analyses.characteristics import analyse_characteristics
from remission.analyses.results import Result, Results
from remission.analyses.survival import analyse_over_time
from remission.definitions.cohort import Cohort
from remission.errors import PlanError, Problem, did_you_mean
from remission.plan import Analysis, Characteristics, Plan, TransplantOutcomes

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


def analyse_cohort(cohort: Cohort, *, progress: Progress = lambda _: None) -> Results:
    """Return the results of every analysis of the plan.

    ``progress`` is called with the title of each analysis as it begins. Raises
    :class:`PlanError` naming every variable, group and level that does not exist, or when the
    plan asks for nothing.
    """
    _check_anything_is_asked(cohort.plan)
    _check_variables(cohort)
    rows: list[Result] = []
    for name, analysis in zip(analysis_names(cohort.plan), cohort.plan.analyses, strict=True):
        progress(analysis.title)
        rows.extend(_analyse(cohort, analysis, name))
    return Results(rows)


def _analyse(cohort: Cohort, analysis: Analysis, name: str) -> Iterator[Result]:
    if isinstance(analysis, Characteristics | TransplantOutcomes):
        return analyse_characteristics(cohort, analysis, name)
    return analyse_over_time(cohort, analysis, name)


def _check_anything_is_asked(plan: Plan) -> None:
    if not plan.analyses:
        raise PlanError(Problem(
            "study.toml", "The plan asks for no analysis.", "A report of nothing would be hollow.",
            'Add a block for each table or curve: a line [[analyses]], below it kind = "…" '
            "(characteristics, transplant, survival or cumulative_incidence), title = \"…\", and "
            "what that kind needs; 'remission init DIR' writes examples."))


def _check_variables(cohort: Cohort) -> None:
    """Refuse variables and levels that name nothing, all together."""
    problems = []
    for analysis in cohort.plan.analyses:
        for choice in getattr(analysis, "variables", ()):
            where = f"study.toml, analysis {analysis.title!r}"
            variable = cohort.variables.get(choice.name)
            if variable is None:
                problems.append(Problem(where, f"There is no variable {choice.name!r}.", "",
                                        did_you_mean(choice.name, cohort.variables)))
            elif choice.level is not None and variable.levels and (
                    choice.level not in variable.levels):
                problems.append(Problem(
                    where, f"{choice.level!r} is not a level of {choice.name}.", "",
                    did_you_mean(choice.level, variable.levels)))
    if problems:
        raise PlanError(problems)
