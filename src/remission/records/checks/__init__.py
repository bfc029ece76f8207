"""Rules within and across tables; each broken rule is a Query a coordinator can answer."""

from __future__ import annotations

from remission.records.checks import agreement, plausible, time_order
from remission.records.checks.rule import RULES, Query, Rule
from remission.records.study import Study

__all__ = ["RULES", "Query", "Rule", "check_study"]

_ROOMS_OF_RULES = (time_order, plausible, agreement)


def check_study(study: Study) -> list[Query]:
    """Return every query of every rule, ordered by site, subject and rule.

    Rules are declared in ``time_order``, ``plausible`` and ``agreement``.
    """
    found = [query for rule in RULES.values() for query in rule.queries(study)]
    return sorted(found, key=lambda query: (query.site_id, query.subject_id, query.rule,
                                            query.rows, query.what))
