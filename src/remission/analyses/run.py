"""Cohort + Plan → Results: every analysis the plan asks for, in its order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from remission.analyses.before_after import analyse_before_after
from remission.analyses.cases import analyse_cases
from remission.analyses.characteristics import analyse_characteristics
from remission.analyses.courses import analyse_courses
from remission.analyses.names import check_names
from remission.analyses.participant_flow import analyse_participants
from remission.analyses.queries import count_queries
from remission.analyses.response import analyse_response
from remission.analyses.results import Result, Results
from remission.analyses.risk_factors import analyse_risk_factors
from remission.analyses.survival import analyse_over_time
from remission.analyses.time_dependent import analyse_time_dependent
from remission.analyses.toxicity import analyse_toxicity
from remission.definitions.cohort import Cohort
from remission.errors import PlanError, Problem
from remission.plan import Analysis, Plan, kinds_of_analysis
from remission.records.checks import Query

Progress = Callable[[str], None]


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
    cohort: Cohort, queries: Sequence[Query] = (), *, progress: Progress = lambda _: None
) -> Results:
    """Return the results of every analysis of the plan, then the count of open ``queries``.

    ``progress`` is called with the title of each analysis as it begins. Raises
    :class:`PlanError` naming every variable, group and level that does not exist, or when the
    plan asks for nothing.
    """
    _check_anything_is_asked(cohort.plan)
    check_names(cohort)
    rows: list[Result] = []
    for name, analysis in zip(analysis_names(cohort.plan), cohort.plan.analyses, strict=True):
        progress(analysis.title)
        rows.extend(_analyse(cohort, analysis, name))
    rows.extend(count_queries(cohort, queries))
    return Results(rows)


def _analyse(cohort: Cohort, analysis: Analysis, name: str) -> Iterator[Result]:
    analyse: Callable[..., Iterator[Result]] = _KINDS[analysis.kind]
    return analyse(cohort, analysis, name)


_KINDS: Mapping[str, Callable[..., Iterator[Result]]] = MappingProxyType({
    "characteristics": analyse_characteristics,
    "transplant": analyse_characteristics,
    "survival": analyse_over_time,
    "cumulative_incidence": analyse_over_time,
    "risk_factors": analyse_risk_factors,
    "before_after": analyse_before_after,
    "change_between_groups": analyse_before_after,
    "toxicity": analyse_toxicity,
    "time_dependent": analyse_time_dependent,
    "response": analyse_response,
    "participant_flow": analyse_participants,
    "swimmer": analyse_courses,
    "marrow_course": analyse_courses,
    "cases": analyse_cases,
})
"""Kind of analysis → what answers it."""


def _check_anything_is_asked(plan: Plan) -> None:
    if not plan.analyses:
        raise PlanError(Problem(
            plan.file, "The plan asks for no analysis.", "A report of nothing would be hollow.",
            'Add a block for each table or curve: a line [[analyses]], below it kind = "…" '
            f"({', '.join(kinds_of_analysis())}), title = \"…\", and "
            "what that kind needs; 'remission init DIR' writes examples."))
