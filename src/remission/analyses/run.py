"""Cohort + Plan → Results: every analysis the plan asks for, in its order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

from remission.analyses.names import check_names
from remission.analyses.queries import count_queries
from remission.analyses.results import Result, Results
from remission.definitions.cohort import Cohort
from remission.errors import PlanError, Problem
from remission.plan import Analysis, Plan, kinds_of_analysis
from remission.records.checks import Query

Progress = Callable[[str], None]
Answered = Callable[[str, Analysis, Results], None]


def analysis_names(plan: Plan) -> list[str]:
    """Return a name for each analysis: its own, or its kind, numbered where kinds repeat."""
    unnamed = [analysis.kind for analysis in plan.analyses if analysis.name is None]
    total = Counter(unnamed)
    seen: Counter[str] = Counter()
    names = []
    for analysis in plan.analyses:
        if analysis.name is not None:
            names.append(analysis.name)
            continue
        seen[analysis.kind] += 1
        number = f"_{seen[analysis.kind]}" if total[analysis.kind] > 1 else ""
        names.append(f"{analysis.kind}{number}")
    return names


def analyse_cohort(
    cohort: Cohort, queries: Sequence[Query] = (), *, progress: Progress = lambda _: None,
    answered: Answered = lambda *_: None,
) -> Results:
    """Return the results of every analysis of the plan, then the count of open ``queries``.

    ``progress`` is called with the title of each analysis as it begins, ``answered`` with its
    name, the analysis and its rows as soon as they are there. Raises :class:`PlanError` naming
    every variable, group and level that does not exist, or when the plan asks for nothing.
    """
    _check_anything_is_asked(cohort.plan)
    check_names(cohort)
    rows: list[Result] = []
    for name, analysis in zip(analysis_names(cohort.plan), cohort.plan.analyses, strict=True):
        progress(analysis.title)
        own = Results(_analyse(cohort, analysis, name))
        answered(name, analysis, own)
        rows.extend(own)
    rows.extend(count_queries(cohort, queries))
    return Results(rows)


def _analyse(cohort: Cohort, analysis: Analysis, name: str) -> Iterator[Result]:
    file, function = ANSWERED_BY[analysis.kind]
    analyse: Callable[..., Iterator[Result]] = getattr(
        import_module(f"remission.analyses.{file}"), function)
    return analyse(cohort, analysis, name)


ANSWERED_BY: Mapping[str, tuple[str, str]] = MappingProxyType({
    "characteristics": ("characteristics", "analyse_characteristics"),
    "transplant": ("characteristics", "analyse_characteristics"),
    "survival": ("survival", "analyse_over_time"),
    "cumulative_incidence": ("survival", "analyse_over_time"),
    "risk_factors": ("risk_factors", "analyse_risk_factors"),
    "before_after": ("before_after", "analyse_before_after"),
    "change_between_groups": ("before_after", "analyse_before_after"),
    "toxicity": ("toxicity", "analyse_toxicity"),
    "time_dependent": ("time_dependent", "analyse_time_dependent"),
    "response": ("response", "analyse_response"),
    "participant_flow": ("participant_flow", "analyse_participants"),
    "swimmer": ("courses", "analyse_courses"),
    "marrow_course": ("courses", "analyse_courses"),
    "timeline": ("timelines", "analyse_timelines"),
    "cases": ("cases", "analyse_cases"),
})
"""The table of contents: kind of analysis → the file that answers it, and its function.

A file is loaded when a plan asks for its kind, so that a short report does not wait for all.
"""


def _check_anything_is_asked(plan: Plan) -> None:
    if not plan.analyses:
        raise PlanError(Problem(
            plan.file, "The plan asks for no analysis.", "A report of nothing would be hollow.",
            'Add a block for each table or curve: a line [[analyses]], below it kind = "…" '
            f"({', '.join(kinds_of_analysis())}), title = \"…\", and "
            "what that kind needs; 'remission init DIR' writes examples."))
