"""How many questions about the records are open, by the check that asks them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from remission.analyses.results import Base, Result
from remission.definitions.cohort import Cohort
from remission.records.checks import RULES, Query

QUERIES = "queries"
"""The name of this analysis; ``variable`` is the check."""


def count_queries(cohort: Cohort, queries: Sequence[Query]) -> Iterator[Result]:
    """Yield, for each check that found anything, its queries and the subjects they are about."""
    people = cohort.plan.study.people
    base = Base(len(cohort.study.subjects), people)
    by_rule: dict[str, list[Query]] = {}
    for query in queries:
        by_rule.setdefault(query.rule, []).append(query)
    for rule, found in by_rule.items():
        subjects = tuple(dict.fromkeys(q.subject_id for q in found if q.subject_id))
        for statistic, value, unit in (("queries", len(found), "queries"),
                                       ("subjects", len(subjects), people)):
            yield Result(QUERIES, rule, statistic, value, unit=unit, base=base,
                         method=RULES[rule].source, note=found[0].why, subjects=subjects)
