"""The addresses of our results: an id, its base, or a sum of them."""

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
    for term in address.split(PLUS):
        name = term.removesuffix(BASE)
        rows = by_id.get(name, [])
        if not rows and _is_of_a_case(name, by_id):
            continue
        if not rows:
            yield Problem(where, f"There is no result {name!r}.", "", _near(name, by_id))
        elif len(rows) > 1:
            yield Problem(where, f"{len(rows)} results bear the id {name!r}.",
                          "Which of them is meant cannot be told.", "Bind a number that is alone.")
        elif term != name and rows[0].base is None:
            yield Problem(where, f"The result {name!r} has no base.", "", f"Remove {BASE!r}.")
        elif isinstance(rows[0].value, str):
            yield Problem(where, f"The result {name!r} is text: {rows[0].value!r}.", "",
                          "Bind a number.")


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
    terms = address.split(PLUS)
    if not all(term.removesuffix(BASE) in by_id for term in terms):
        return Ours(address, None, (), "the records hold no such case")
    rows = tuple(by_id[term.removesuffix(BASE)][0] for term in terms)
    values = [_value(row, is_base=term.endswith(BASE))
              for row, term in zip(rows, terms, strict=True)]
    limit = _LIMIT.fullmatch(rows[0].note) if values == [None] else None
    if limit is not None:
        return Ours(address, float(limit[1]), rows, f"ours is {rows[0].note}, a limit")
    if None in values:
        note = next(row.note for row, value in zip(rows, values, strict=True) if value is None)
        return Ours(address, None, rows, note)
    return Ours(address, sum(value for value in values if value is not None), rows)


def _value(row: Result, *, is_base: bool) -> float | None:
    if is_base and row.base is not None:
        return row.base.n
    return None if row.value is None else row.number
