"""Rules within and across tables; each broken rule is a Query a coordinator can answer."""

from __future__ import annotations

from remission.records.checks import (
    columns,  # noqa: F401 - importing rules declares them
    disease,  # noqa: F401
    follow_up,  # noqa: F401
    infusions,  # noqa: F401
    laboratory,  # noqa: F401
    missing_days,  # noqa: F401
    remission,  # noqa: F401
    subject,  # noqa: F401
    time_order,  # noqa: F401
    toxicity,  # noqa: F401
    transplant,  # noqa: F401
)
from remission.records.checks.rule import RULES, Query, Rule, State, identified
from remission.records.checks.wording import Wording, title_of, worded
from remission.records.once import one_run
from remission.records.study import Study

__all__ = ["RULES", "Query", "Rule", "State", "Wording", "check_study", "title_of", "worded"]


def check_study(study: Study) -> list[Query]:
    """Return every query of every rule, ordered by site, subject and rule.

    Rules are declared in the modules beside this one.
    """
    with one_run():
        found = [query for rule in RULES.values() for query in rule.queries(study)]
    ordered = sorted(found, key=lambda query: (query.site_id, query.subject_id, query.rule,
                                               query.rows, query.what))
    return list(identified(ordered))
