"""Values that are covariates of a model: exchanged between children whom no description parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import numpy as np

from remission.reconstruct.blueprint import Blueprint
from remission.reconstruct.blueprint_values import Condition, Search
from remission.reconstruct.conditions import Cell, Resolver
from remission.reconstruct.described import Searched
from remission.statistics.arrays import FloatArray


class ValuesOfModels:
    """The columns that models name: ``names``, and their ``values`` (columns, children)."""

    def __init__(
        self, blueprint: Blueprint, children: Sequence[Cell], searched: Mapping[str, Searched]
    ) -> None:
        """Find which children are alike in all that describes a column."""
        self._searched = searched
        self.names = tuple(dict.fromkeys(
            term.of for model in blueprint.models for term in model.terms if term.of))
        parts = [name.partition(".") for name in self.names]
        self.values: FloatArray = np.array([searched[search].values[column]
                                            for search, _, column in parts])
        conditions = [list(_conditions(blueprint.values[search])) for search, _, _ in parts]
        resolver = Resolver(blueprint)
        self.facts = frozenset(
            fact for of_column in conditions for condition in of_column
            for fact in resolver.predicate(condition).facts)
        self._alike = [_alike(resolver, children, of_column, values)
                       for of_column, values in zip(conditions, self.values, strict=True)]

    def of(self, name: str) -> FloatArray:
        """Return the values of a column (n,)."""
        return np.asarray(self.values[self.names.index(name)])

    def drawn(self, random: Random) -> tuple[int, int, int] | None:
        """Return a column and two children who may exchange their values; None without any."""
        columns = [column for column, alike in enumerate(self._alike) if alike]
        if not columns:
            return None
        column = random.choice(columns)
        group = random.choice([group for group in self._alike[column] for _ in group])
        one, other = random.sample(group, 2)
        return column, one, other

    def swap(self, column: int, one: int, other: int) -> None:
        """Exchange two values."""
        self.values[column, [one, other]] = self.values[column, [other, one]]

    def searched(self) -> dict[str, Searched]:
        """Return the searches with the values as they are now."""
        found = dict(self._searched)
        for name, values in zip(self.names, self.values, strict=True):
            search, _, column = name.partition(".")
            found[search] = replace(
                found[search], values={**found[search].values, column: values})
        return found


def _conditions(search: Search) -> list[Condition]:
    """Return every condition of a search."""
    return [*(column.among for column in search.columns.values()),
            *(limit.who for column in search.columns.values() for limit in column.limits),
            *(size.who for one in search.measured for size in one.sizes),
            *(one.who for one in search.cases),
            *(who for one in search.described for who in one.who),
            *(one.total for one in search.described if one.total is not None)]


def _alike(
    resolver: Resolver, children: Sequence[Cell], conditions: Sequence[Condition],
    values: FloatArray,
) -> list[list[int]]:
    """Return groups of children, two at least, who meet the same conditions and have a value."""
    predicates = [resolver.predicate(condition) for condition in conditions]
    groups: dict[tuple[bool, ...], list[int]] = {}
    for number, child in enumerate(children):
        if not np.isnan(values[number]):
            groups.setdefault(tuple(who.holds(child) for who in predicates), []).append(number)
    return [group for group in groups.values() if len(group) > 1]
