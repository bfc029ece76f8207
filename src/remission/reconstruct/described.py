"""Values of children that print as claims describe them: blueprint → search → values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from remission.audit.claims import AnyClaim, Claims
from remission.audit.kinds_of_estimates import Group
from remission.audit.kinds_of_estimates import Summary as SummaryClaim
from remission.audit.kinds_of_words import Definition
from remission.errors import Problem, did_you_mean, raise_if_any
from remission.reconstruct.blueprint import Blueprint
from remission.reconstruct.blueprint_values import (
    Cases,
    Condition,
    Described,
    Search,
    ValueColumn,
)
from remission.reconstruct.conditions import Cell, Resolver
from remission.reconstruct.conflicts import Conflict, conflicts
from remission.reconstruct.outcomes import Outcome
from remission.reconstruct.targets import (
    SHARES,
    AtMost,
    Change,
    Column,
    Panel,
    Part,
    Percent,
    Quantity,
    Ratio,
    Size,
    Summary,
    Target,
    Test,
)
from remission.reconstruct.values import STARTS, find_values
from remission.statistics.arrays import BoolArray, FloatArray

Values: TypeAlias = Mapping[str, FloatArray]
"""Column → the value of each child (n,), not a number where it was not measured."""


_NO_DIFFERENCE = ">0.05"
"""The P value of what is said not to differ."""


@dataclass(frozen=True)
class Searched:
    """The values found, and what became of each printed number."""

    values: Values
    outcomes: tuple[Outcome, ...]
    conflicts: tuple[Conflict, ...] = ()
    """Smallest sets of printed numbers that no values can have together."""


def values_of(
    blueprint: Blueprint, claims: Claims, children: Sequence[Cell], seed: int, file: str
) -> dict[str, Searched]:
    """Return the values of each search of a blueprint, by its name.

    Raises :class:`~remission.errors.InputError` for claims that there are not.
    """
    by_id = {claim.id: claim for claim in claims.claims}
    problems = []
    for name, search in blueprint.values.items():
        asked: tuple[Described | Cases, ...] = (*search.described, *search.cases)
        problems += [Problem(f"{file}, values.{name}", f"There is no claim {one.claim!r} that "
                             "summarises.", "", did_you_mean(one.claim, by_id))
                     for one in asked
                     if not isinstance(by_id.get(one.claim), SummaryClaim | Definition)]
    raise_if_any(problems)
    return {name: _Asked(blueprint, search, by_id, children).found(seed)
            for name, search in blueprint.values.items()}


class _Asked:
    """One search, in terms of the children."""

    def __init__(
        self, blueprint: Blueprint, search: Search, claims: Mapping[str, AnyClaim],
        children: Sequence[Cell],
    ) -> None:
        self._search, self._claims, self._children = search, claims, children
        self._resolver = Resolver(blueprint)

    def found(self, seed: int) -> Searched:
        """Return what the search finds."""
        names = list(self._search.columns)
        columns = [self._column(name, column) for name, column in self._search.columns.items()]
        measured = np.column_stack([
            self._open(name, column) for name, column in self._search.columns.items()])
        if not self._search.described:
            return Searched({column.name: np.where(measured[:, place], column.low, np.nan)
                             for place, column in enumerate(columns)}, ())
        panels = [Panel(one.columns, self._who(self._search.columns[one.columns[0]].among),
                        tuple(Size(self._who(size.who), size.least, size.most)
                              for size in one.sizes), one.within)
                  for one in self._search.measured]
        targets = list(self._targets())
        apart = tuple(conflicts(columns, targets, measured=measured))
        possible, dropped = _without_last(targets, apart)
        found = find_values(
            columns, possible, measured=measured,
            relations=[*(AtMost(one.parts, one.whole, float(one.short))
                         for one in self._search.at_most),
                       *(Percent(one.column, one.part, one.whole)
                         for one in self._search.percent)],
            panels=panels, seed=seed + self._search.seed, most_moves=self._search.moves or None,
            starts=self._search.starts or STARTS)
        values = {name: found.values[:, place] for place, name in enumerate(names)}
        missed = tuple(_outcome(values, summary, part) for summary, part in dropped)
        return Searched(values, (*found.outcomes, *missed), apart)

    def _who(self, condition: Condition) -> BoolArray:
        predicate = self._resolver.predicate(condition)
        return np.array([predicate.holds(child) for child in self._children], dtype=np.bool_)

    def _open(self, name: str, column: ValueColumn) -> BoolArray:
        """Return who may be measured: where only cases are printed, these."""
        who = self._who(column.among)
        cases = [one for one in self._search.cases if one.of == name]
        if cases and not any(name in str(one.of) for one in self._search.described):
            who = np.zeros_like(who)
            for one in cases:
                who[self._cases(one.who)[np.array(one.numbers) - 1]] = True
        return who

    def _test_alone(self, one: Described, claim: Definition) -> Test:
        """Return the test of a claim that prints its P value and nothing else."""
        quantities = [_quantity(text) for text in _each(one.of)]
        return _test(one, claim.printed, quantities, [self._who(who) for who in one.who or ({},)])

    def _together(self, of: str | tuple[str, ...]) -> bool:
        """Return whether columns are always known together."""
        chosen = [one.columns for one in self._search.measured if set(one.columns) & set(of)]
        return not chosen or any(set(of) <= set(columns) for columns in chosen)

    def _cases(self, who: Condition) -> np.ndarray:
        return np.flatnonzero(self._who(who))

    def _column(self, name: str, column: ValueColumn) -> Column:
        n = len(self._children)
        low, high = np.full(n, float(column.low)), np.full(n, float(column.high))
        for limit in column.limits:
            who = self._who(limit.who)
            low[who], high[who] = float(limit.low), float(limit.high)
        for one in self._search.cases:
            if one.of == name:
                claim = self._claims[one.claim]
                assert isinstance(claim, SummaryClaim)
                for group, number in zip(claim.groups, one.numbers, strict=True):
                    child = self._cases(one.who)[number - 1]
                    low[child] = high[child] = float(group.median or "nan")
        return Column(name, column.step, low, high)

    def _targets(self) -> Iterator[Target]:
        for one in self._search.described:
            claim = self._claims[one.claim]
            if isinstance(claim, Definition):
                yield self._test_alone(one, claim)
                continue
            assert isinstance(claim, SummaryClaim)
            quantities = [_quantity(text) for text in (
                (one.of,) * len(claim.groups) if isinstance(one.of, str) else one.of)]
            rows = [self._who(who) for who in one.who or ({},) * len(claim.groups)]
            partners: list[str | None] = [None, None]
            if one.test == "pairs" and not self._together(one.of):
                partners = [_name(quantities[1]), _name(quantities[0])]
            for group, quantity, who, partner in zip(
                    claim.groups, quantities, rows, _to(partners, len(rows)), strict=True):
                yield from _summary(one, group, quantity, who, partner)
            if one.total is not None and claim.total is not None:
                yield from _summary(one, claim.total, quantities[0], self._who(one.total), None)
            if one.test and claim.p is not None:
                yield _test(one, claim.p, quantities, rows)
        for said in self._search.unchanged:
            quantities = [_quantity(text) for text in _each(said.of)]
            asked = Described.model_validate({
                "claim": said.because, "of": said.of, "who": said.who, "test": said.test})
            yield _test(asked, _NO_DIFFERENCE, quantities,
                        [self._who(who) for who in said.who or ({},)])


def _without_last(
    targets: Sequence[Target], apart: Sequence[Conflict]
) -> tuple[list[Target], list[tuple[Summary, Part]]]:
    """Return the targets without one printed number of each conflict, and these numbers."""
    dropped = [conflict.claims[-1] for conflict in apart]
    possible: list[Target] = []
    for target in targets:
        parts: dict[str, Any] = {part: None for summary, part in dropped if summary is target}
        left = replace(target, **parts) if isinstance(target, Summary) and parts else target
        if not isinstance(left, Summary) or left.parts:
            possible.append(left)
    return possible, dropped


def _outcome(values: Values, summary: Summary, part: Part) -> Outcome:
    """Return what a printed number that no values can have comes to."""
    assert isinstance(summary.of, str), "conflicts are of one column"
    got = np.quantile(values[summary.of][summary.rows & ~np.isnan(values[summary.of])],
                      SHARES[part])
    return Outcome(summary, part, summary.parts[part], float(got))


def _to(partners: Sequence[str | None], size: int) -> Sequence[str | None]:
    return [*partners, *[None] * size][:size]


def _each(of: str | tuple[str, ...]) -> tuple[str, ...]:
    return (of,) if isinstance(of, str) else of


def _name(quantity: Quantity) -> str | None:
    return quantity if isinstance(quantity, str) else None


def _quantity(text: str) -> Quantity:
    for sign, kind in ((" - ", Change), (" / ", Ratio)):
        one, found, other = text.partition(sign)
        if found:
            return kind(one, other)
    return text


def _summary(
    described: Described, group: Group, of: Quantity, who: BoolArray, partner: str | None
) -> Iterator[Summary]:
    printed = {part: getattr(group, part) for part in (
        "median", "minimum", "maximum", "q1", "q3", "mean", "sd")}
    if any(printed.values()):
        yield Summary(of, who, **printed, name=f"{described.claim}, {group.label}",
                      paired_with=partner, weight=described.weight)


def _test(
    described: Described, p: str, quantities: Sequence[Quantity], rows: Sequence[BoolArray]
) -> Test:
    if described.test == "groups":
        return Test(quantities[0], tuple(rows), p, name=described.claim, weight=described.weight)
    before, after = quantities[:2]
    assert not isinstance(before, Change) and not isinstance(after, Change), "pairs are of columns"
    return Test(Change(after, before), (rows[0],), p, name=described.claim,
                rises=described.way == "rises" if described.way else None,
                weight=described.weight)
