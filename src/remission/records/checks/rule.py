"""Query and rule: what a check asks a centre, and how a check is declared."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal, get_args

import narwhals.stable.v2 as nw

from remission.records.checks.values import CodeOf, Values, fill, plain
from remission.records.column import SOURCE
from remission.records.once import kept
from remission.records.storage import Frame
from remission.records.study import Study
from remission.records.tables import TABLES

ROW = "_row"
"""Helper column: the place of a row in its table, from 0."""

State = Literal["open", "corrected", "confirmed", "unresolved"]
"""``corrected`` is a query that the centre says it has corrected and that is found again."""
STATES: tuple[State, ...] = get_args(State)
ASKED: tuple[State, ...] = ("open", "corrected")
"""States in which a query is (still) asked."""


@dataclass(frozen=True)
class At:
    """A row behind a query, by its place in its table, with the columns at fault."""

    table: str
    row: int
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What one rule found about one subject: the rows, and the values of its sentence.

    ``case`` says which of the rule's sentences it is, where it has several. ``subject_id`` is
    empty for a finding about a whole column of a site.
    """

    subject_id: str
    at: tuple[At, ...]
    values: Values
    case: str = ""
    site_id: str = ""


@dataclass(frozen=True)
class Query:
    """One question to a centre: where, what is wrong, why it matters, what to do.

    ``rows`` are ``file:row``, ``at`` the same rows in the tables of the study. ``id`` is made of
    rule, subject (or site), the keys of the rows and the values, so that it stays the same from
    run to run while they do; not of where the rows stand in a file, which moves when a centre
    adds one above. ``comment`` is the centre's.
    """

    site_id: str
    subject_id: str
    rule: str
    rows: tuple[str, ...]
    what: str
    why: str
    cure: str
    values: Values = field(default_factory=dict)
    case: str = ""
    at: tuple[At, ...] = ()
    id: str = ""
    state: State = "open"
    comment: str = ""

    @property
    def is_asked(self) -> bool:
        """Whether it is still asked: neither confirmed nor beyond resolving."""
        return self.state in ASKED

    def as_dict(self) -> dict[str, object]:
        """Return the query by field name, for ``--json``."""
        return {
            "id": self.id, "site": self.site_id, "subject": self.subject_id, "rule": self.rule,
            "rows": list(self.rows), "what": self.what, "why": self.why, "do": self.cure,
            "state": self.state,
        }


Find = Callable[[Study], Iterable[Finding]]


@dataclass(frozen=True)
class Rule:
    """A check within or across tables; ``what`` holds a template for each case.

    ``why`` and ``cure`` are the same for all it finds.
    """

    name: str
    what: Mapping[str, str]
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
            places = list(_places(finding.at, study))
            yield Query(
                site, finding.subject_id, self.name,
                tuple(dict.fromkeys(source for _, source in places)),
                fill(self.what[finding.case], finding.values), fill(self.why, {}),
                fill(self.cure, {}), finding.values, finding.case, finding.at,
                id=_fingerprint([
                    self.name, finding.case, finding.subject_id or [site],
                    [key for key, _ in places],
                    {name: plain(value) for name, value in sorted(finding.values.items())}]))


RULES: dict[str, Rule] = {}

DATA_MODEL = "cross-table rules every study needs (data dictionary)"
OWN = "our own choice: what is derived from the records must hold together"


def rule(
    *, what: str | Mapping[str, str], why: str, cure: str, source: str = DATA_MODEL
) -> Callable[[Find], Find]:
    """Declare a check; its name is the function's, and it runs with ``check_study``.

    ``what`` is the sentence with the names of its values in braces, or one a case.
    """

    def declare(find: Find) -> Find:
        name = find.__name__
        if name in RULES:
            raise ValueError(f"there are two checks named {name}")
        templates = {"": what} if isinstance(what, str) else dict(what)
        RULES[name] = Rule(name, templates, why, cure, source, find)
        return find

    return declare


def rows_of(study: Study, table: str) -> Frame:
    """Return a table with the place of each row beside it, in the column ``ROW``."""
    return kept(study, (ROW, table), lambda: study.table(table).with_row_index(ROW))


def each(
    rows: Frame, table: str, *columns: str, values: Sequence[str] | None = None, case: str = ""
) -> Iterator[Finding]:
    """Yield a finding for every row of a table whose ``columns`` are at fault.

    ``values`` are the columns of ``rows`` that its sentence names; left out, those at fault.
    """
    for row in rows.iter_rows(named=True):
        yield Finding(row["subject_id"], (At(table, row[ROW], columns),),
                      taken(row, table, *(columns if values is None else values)), case)


def taken(row: Mapping[str, Any], table: str, *names: str) -> Values:
    """Return some values of a row by name; the codes of the table's columns as codes."""
    declared = TABLES[table].by_name
    return {name: CodeOf(table, name, row[name])
            if row[name] is not None and name in declared and declared[name].kind == "code"
            else row[name] for name in names}


def known(*columns: str) -> nw.Expr:
    """Return whether every one of some columns has a value."""
    have_value = [~nw.col(name).is_null() for name in columns]
    return have_value[0] if len(have_value) == 1 else nw.all_horizontal(
        *have_value, ignore_nulls=False)


def _places(found: Sequence[At], study: Study) -> Iterator[tuple[list[object], str]]:
    """Yield (table with the key of the row, ``file:row``) of rows, in their order."""
    for table, of_table in groupby(found, key=lambda at: at.table):
        key = TABLES[table].key
        rows = study.table(table)[[at.row for at in of_table]].select(*key, nw.col(SOURCE))
        for *parts, source in rows.iter_rows():
            yield [table, *parts], str(source)


def _fingerprint(told: object) -> str:
    text = json.dumps(told, ensure_ascii=False)
    return f"q{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:10]}"


def identified(queries: Iterable[Query]) -> Iterator[Query]:
    """Yield queries; of two with the same ``id`` the second is given one of its own."""
    seen: Counter[str] = Counter()
    for query in queries:
        seen[query.id] += 1
        yield query if seen[query.id] == 1 else replace(
            query, id=_fingerprint([query.id, seen[query.id]]))
