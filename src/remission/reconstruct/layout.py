"""Counting tables: which combinations of facts are counted together, and which there can be.

A table counts every combination (cell) of a few facts. Tables that share facts agree on the counts
of what they share. Their sets of facts form a tree, so that tables that agree are the tables of
some children: these are put together one table after another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from remission.reconstruct.blueprint import MEETS, Blueprint
from remission.reconstruct.catalogue import CHILD, CYCLE, CYCLES, NUMBER
from remission.reconstruct.cliques import Facts, chordal, components, tree
from remission.reconstruct.conditions import Cell, Predicate, Resolver
from remission.reconstruct.demands import Claimed


@dataclass(frozen=True)
class Table:
    """The cells of some facts of children, or of cycles with facts of their children.

    ``parent`` is the table before it that has all of its facts that any before has.
    """

    of: str
    facts: tuple[str, ...]
    cells: tuple[Cell, ...]
    parent: int | None


class Layout:
    """The tables that a blueprint and its demands need."""

    def __init__(
        self, blueprint: Blueprint, all_claimed: Sequence[Claimed], *, is_whole: bool = True
    ) -> None:
        """Find the tables; those of facts that no claim asks for only where it ``is_whole``."""
        self.blueprint = blueprint
        self.resolver = Resolver(blueprint)
        self.core = blueprint.core
        self._order = [*blueprint.facts, *self.over_cycles, NUMBER]
        self._rules = [(self.resolver.predicate(rule.when), self.resolver.predicate(rule.then))
                       for rule in blueprint.rules]
        asked = [who.facts for one in all_claimed for who in one.predicates]
        asked += [self.resolver.predicate(one.who).facts for one in blueprint.chosen]
        # a model asks for all of its facts together
        asked += [frozenset().union(*(who.facts for who in one.table.cells))
                  for one in all_claimed if one.table is not None]
        asked += [when.facts | then.facts for when, then in self._rules]
        if is_whole:
            asked += [frozenset({name}) for name in (*blueprint.facts, *self.over_cycles)]
        self.tables = self._tables(asked)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """The numbers that a cycle may have, from 1 on."""
        return self.blueprint.levels(CYCLES) if CYCLES in self.blueprint.facts else ()

    @cached_property
    def over_cycles(self) -> tuple[str, ...]:
        """The groups over some cycle, which are facts of the child."""
        return tuple(name for name, group in self.blueprint.groups.items()
                     if group.some_cycle is not None)

    def table_for(self, predicate: Predicate) -> int:
        """Return the table with all facts of a predicate."""
        return self.holding(self.resolver.grain(predicate), predicate.facts)

    def holding(self, of: str, facts: Iterable[str]) -> int:
        """Return the smallest table of a grain with some facts."""
        wanted = set(facts)
        fitting = [number for number, table in enumerate(self.tables)
                   if table.of == of and wanted <= set(table.facts)]
        return min(fitting, key=lambda number: len(self.tables[number].cells))

    def of_owner(self, facts: Iterable[str]) -> tuple[str, ...]:
        """Return those of some facts of a cycle that are facts of its child."""
        return tuple(fact for fact in facts if self._is_of_child(fact))

    def groups_of(self, table: Table) -> Iterator[tuple[str, Predicate]]:
        """Yield the groups over some cycle that a table of cycles decides."""
        for name in self.over_cycles:
            who = self.resolver.some_cycle(name)
            if table.of == CYCLE and name in table.facts and who.facts <= set(table.facts):
                yield name, who

    def _is_of_child(self, fact: str) -> bool:
        return fact != NUMBER and (self.resolver.is_over_cycles(fact)
                                   or self.blueprint.grain(fact) == CHILD)

    def _tables(self, asked: Iterable[Facts]) -> list[Table]:
        core = frozenset(self.core)
        of_children = {core}
        of_cycles: dict[Facts, set[Facts]] = {}
        for facts in list(asked):
            owner = frozenset(filter(self._is_of_child, facts))
            own = facts - owner - {NUMBER}
            if facts <= owner:
                of_children.add(owner | core)
            else:
                of_cycles.setdefault(own, set()).add(owner)
        counted = {fact for facts in of_children | {
            owner for owners in of_cycles.values() for owner in owners} for fact in facts}
        for name in self.over_cycles:
            if name in counted:
                who = self.resolver.some_cycle(name).facts
                own = frozenset(fact for fact in who if not self._is_of_child(fact)) - {NUMBER}
                of_cycles.setdefault(own, set()).add((who - own - {NUMBER}) | {name, CYCLES})
        tables: list[tuple[Facts, frozenset[str]]] = []
        for together in components([own for own in of_cycles if own]):
            owner = core.union(*(facts for own in together for facts in of_cycles[own]))
            of_children.add(owner | {CYCLES})
            tables += [(own, owner) for own in chordal(together, self._order)]
        for owner in of_cycles.get(frozenset(), ()):  # cycles alone are counted
            of_children.add(owner | core | {CYCLES})
            tables.append((frozenset(), owner | core))
        found = self._in_order(CHILD, [facts | core for facts in chordal(
            [facts - core for facts in of_children], self._order)] or [core])
        for own, owner in tables:
            found.append(self._table(CYCLE, own | owner | {NUMBER}, None))
        return found

    def _in_order(self, of: str, sets: Sequence[Facts]) -> list[Table]:
        order = tree(sets)
        place = {number: at for at, (number, _) in enumerate(order)}
        return [self._table(of, sets[number], None if parent is None else place[parent])
                for number, parent in order]

    def _table(self, of: str, facts: Facts, parent: int | None) -> Table:
        """Return a table with the cells that no rule forbids."""
        ordered = tuple(sorted(facts, key=lambda fact: (
            fact not in self.core, self._order.index(fact))))
        cells: list[dict[str, str]] = [{}]
        known: set[str] = set()
        deciding = [(name, who) for name in self.over_cycles
                    for who in [self.resolver.some_cycle(name)]
                    if of == CYCLE and name in facts and who.facts <= facts]
        for fact in ordered:
            known.add(fact)
            rules = [(when, then) for when, then in self._rules
                     if fact in when.facts | then.facts and when.facts | then.facts <= known]
            decided = [(name, who) for name, who in deciding
                       if fact in {name, *who.facts} and {name, *who.facts} <= known]
            cells = [
                wider for cell in cells for level in self.resolver.levels(fact)
                if _is_possible(wider := {**cell, fact: level}, rules)
                and all(wider[name] == MEETS or not who.holds(wider) for name, who in decided)]
        return Table(of, ordered, tuple(cells), parent)


def _is_possible(cell: Cell, rules: Sequence[tuple[Predicate, Predicate]]) -> bool:
    is_given = NUMBER not in cell or CYCLES not in cell or int(cell[NUMBER]) <= int(cell[CYCLES])
    return is_given and all(then.holds(cell) or not when.holds(cell) for when, then in rules)
