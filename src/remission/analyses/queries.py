"""How many questions about the records are open or beyond resolving, by the check behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from remission.analyses.results import Base, Result
from remission.definitions.cohort import Cohort
from remission.records.checks import RULES, Query

QUERIES = "queries"
"""The name of this analysis; ``variable`` is the check."""
UNRESOLVED = "unresolved"
"""The statistic that counts what the centres cannot resolve; ``queries`` counts what is asked."""


def count_queries(cohort: Cohort, queries: Sequence[Query]) -> Iterator[Result]:
    """Yield, for each check that found anything, its queries and the subjects they are about.

    What was confirmed is not counted; what cannot be resolved is counted apart.
    """
    people = cohort.plan.study.people
    base = Base(len(cohort.study.subjects), people)
    by_rule: dict[str, list[Query]] = {}
    for query in queries:
        by_rule.setdefault(query.rule, []).append(query)
    for rule, found in by_rule.items():
        asked = [query for query in found if query.is_asked]
        subjects = tuple(dict.fromkeys(q.subject_id for q in asked if q.subject_id))
        counted = [("queries", len(asked), "queries"), ("subjects", len(subjects), people)] if (
            asked) else []
        unresolved = sum(query.state == "unresolved" for query in found)
        if unresolved:
            counted.append((UNRESOLVED, unresolved, "queries"))
        for statistic, value, unit in counted:
            yield Result(QUERIES, rule, statistic, value, unit=unit, base=base,
                         method=RULES[rule].source, note=found[0].why, subjects=subjects)
