"""Query and rule: what a check asks a centre, and how a check is declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from remission.records.study import Study


@dataclass(frozen=True)
class Finding:
    """What one rule found about one subject: the rows (``file:row``) and the fact.

    ``subject_id`` is empty for a finding about a whole column of a site.
    """

    subject_id: str
    rows: tuple[str, ...]
    what: str
    site_id: str = ""


@dataclass(frozen=True)
class Query:
    """One question to a centre: where, what is wrong, why it matters, what to do."""

    site_id: str
    subject_id: str
    rule: str
    rows: tuple[str, ...]
    what: str
    why: str
    cure: str

    def as_dict(self) -> dict[str, object]:
        """Return the query by field name, for ``--json``."""
        return {
            "site": self.site_id, "subject": self.subject_id, "rule": self.rule,
            "rows": list(self.rows), "what": self.what, "why": self.why, "do": self.cure,
        }


Find = Callable[[Study], Iterable[Finding]]


@dataclass(frozen=True)
class Rule:
    """A check within or across tables; ``why`` and ``cure`` are the same for all it finds."""

    name: str
    why: str
    cure: str
    source: str
    find: Find

    @property
    def title(self) -> str:
        """What the rule finds, in a few words: the first line of its docstring."""
        found = (inspect.getdoc(self.find) or "").split("\n", maxsplit=1)[0]
        words = found.removeprefix("Find ").rstrip(".")
        return f"{words[0].upper()}{words[1:]}"

    def queries(self, study: Study) -> Iterator[Query]:
        """Yield the queries of this rule, in the order found."""
        for finding in self.find(study):
            site = finding.site_id or study.site_of.get(finding.subject_id, "")
            yield Query(site, finding.subject_id, self.name, finding.rows, finding.what,
                        self.why, self.cure)


RULES: dict[str, Rule] = {}

DATA_MODEL = "cross-table rules every study needs (data dictionary)"


def rule(*, why: str, cure: str, source: str = DATA_MODEL) -> Callable[[Find], Find]:
    """Declare a check; its name is the function's, and it runs with ``check_study``."""

    def declare(find: Find) -> Find:
        name = find.__name__
        if name in RULES:
            raise ValueError(f"there are two checks named {name}")
        RULES[name] = Rule(name, why, cure, source, find)
        return find

    return declare
