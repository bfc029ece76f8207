"""The addresses of our results: an id, its base, in another unit, or a sum of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remission.analyses.cases import COUNT
from remission.analyses.results import ALL, Result, Results
from remission.errors import Problem, did_you_mean, raise_if_any
from remission.reproduction.bindings import Bindings

BASE = ".base"
PLUS = " + "
TIMES = " × "
"""Before a number by which a result is multiplied: 10⁹/L × 1000 is a count per µL."""
_LIMIT = re.compile(r"[<>] ?([\d.]+)")
_CASE = re.compile(r"(.+)\.[^.]+-\d+\.value")


@dataclass(frozen=True)
class Ours:
    """A number of ours: its value (None with the reason in ``note``) and the results behind it."""

    address: str
    value: float | None
    results: tuple[Result, ...]
    note: str = ""


def find_ours(bindings: Bindings, results: Results) -> dict[str, Ours]:
    """Return our number of every address that is bound.

    Raises :class:`~remission.errors.InputError` naming every address that is no result of ours,
    or that several results bear.
    """
    by_id: dict[str, list[Result]] = {}
    for row in results:
        by_id.setdefault(row.id, []).append(row)
    found: dict[str, Ours] = {}
    problems: list[Problem] = []
    for claim, binding in bindings.reproduced.items():
        for address in binding.addresses.values():
            wrong = list(_problems(address, by_id, f"{bindings.where[claim]} ({claim})"))
            problems += wrong
            if not wrong:
                found[address] = _ours(address, by_id)
    raise_if_any(problems)
    return found


def _problems(
    address: str, by_id: Mapping[str, list[Result]], where: str
) -> Iterator[Problem]:
    for text in address.split(PLUS):
        term = _read(text)
        if term is None:
            yield Problem(where, f"{text!r} does not end in a number.", "",
                          f'Write it as in "…median{TIMES}1000".')
            continue
        rows = by_id.get(term.id, [])
        if not rows and _is_of_a_case(term.id, by_id):
            continue
        if not rows:
            yield Problem(where, f"There is no result {term.id!r}.", "", _near(term.id, by_id))
        elif len(rows) > 1:
            yield Problem(where, f"{len(rows)} results bear the id {term.id!r}.",
                          "Which of them is meant cannot be told.", "Bind a number that is alone.")
        elif term.is_base and rows[0].base is None:
            yield Problem(where, f"The result {term.id!r} has no base.", "", f"Remove {BASE!r}.")
        elif isinstance(rows[0].value, str):
            yield Problem(where, f"The result {term.id!r} is text: {rows[0].value!r}.", "",
                          "Bind a number.")


@dataclass(frozen=True)
class _Term:
    """A result, or its base, times a factor."""

    id: str
    is_base: bool
    factor: float

    def value(self, row: Result) -> float | None:
        if self.is_base and row.base is not None:
            return row.base.n * self.factor
        return None if row.value is None else row.number * self.factor


def _read(text: str) -> _Term | None:
    """Return a term as it is written; None where what multiplies it is no number."""
    name, _, factor = text.partition(TIMES)
    try:
        return _Term(name.removesuffix(BASE), name.endswith(BASE), float(factor or 1))
    except ValueError:
        return None


def _is_of_a_case(name: str, by_id: Mapping[str, list[Result]]) -> bool:
    """Whether an id is of a listing that the records may hold fewer cases of."""
    listed = _CASE.fullmatch(name)
    return listed is not None and f"{listed[1]}.{ALL}.{COUNT}" in by_id


def _near(name: str, by_id: Mapping[str, list[Result]]) -> str:
    """Return a cure that names the ids nearest to one; of the same analysis where there is one."""
    analysis = name.partition(".")[0]
    analyses = list(dict.fromkeys(known.partition(".")[0] for known in by_id))
    if analysis not in analyses:
        return f"The analyses: {did_you_mean(analysis, analyses)}"
    cure = did_you_mean(name, [known for known in by_id if known.startswith(f"{analysis}.")])
    return cure if cure.startswith("Did") else (
        f"The ids of {analysis!r} stand in the column id of results.json.")


def _ours(address: str, by_id: Mapping[str, list[Result]]) -> Ours:
    terms = [term for text in address.split(PLUS) if (term := _read(text)) is not None]
    if not all(term.id in by_id for term in terms):
        return Ours(address, None, (), "the records hold no such case")
    rows = tuple(by_id[term.id][0] for term in terms)
    values = [term.value(row) for term, row in zip(terms, rows, strict=True)]
    limit = _LIMIT.fullmatch(rows[0].note) if values == [None] else None
    if limit is not None:
        return Ours(address, float(limit[1]), rows, f"ours is {rows[0].note}, a limit")
    if None in values:
        note = next(row.note for row, value in zip(rows, values, strict=True) if value is None)
        return Ours(address, None, rows, note)
    return Ours(address, sum(value for value in values if value is not None), rows)
