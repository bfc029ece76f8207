"""Conditions on facts, resolved: which facts one needs, and whether a combination meets it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from remission.reconstruct.blueprint import MEETS, Blueprint
from remission.reconstruct.blueprint_values import Condition
from remission.reconstruct.catalogue import ANY, CHILD, CYCLE, NUMBER

Cell: TypeAlias = Mapping[str, str]
"""One combination of facts: fact → level."""


@dataclass(frozen=True)
class Predicate:
    """A condition in facts alone: any of some alternatives, all facts of one together.

    ``alternatives`` map a fact to the levels that it may have; none at all is never met.
    """

    alternatives: tuple[tuple[tuple[str, frozenset[str]], ...], ...]

    @property
    def facts(self) -> frozenset[str]:
        """The facts that it asks for."""
        return frozenset(fact for one in self.alternatives for fact, _ in one)

    def holds(self, cell: Cell) -> bool:
        """Return whether a combination of its facts meets it."""
        for one in self.alternatives:  # plain loops: this is asked millions of times
            for fact, levels in one:
                if cell[fact] not in levels:
                    break
            else:
                return True
        return False


EVERYONE = Predicate(((),))


def both(first: Predicate, second: Predicate) -> Predicate:
    """Return who meets two predicates."""
    return Predicate(tuple(found for one in first.alternatives for other in second.alternatives
                           if (found := _merged(one, other)) is not None))


def either(predicates: Iterable[Predicate]) -> Predicate:
    """Return who meets any of some predicates."""
    return Predicate(tuple(one for predicate in predicates for one in predicate.alternatives))


def _merged(
    one: tuple[tuple[str, frozenset[str]], ...], other: tuple[tuple[str, frozenset[str]], ...]
) -> tuple[tuple[str, frozenset[str]], ...] | None:
    levels = dict(one)
    for fact, allowed in other:
        levels[fact] = levels[fact] & allowed if fact in levels else allowed
    return tuple(sorted(levels.items())) if all(levels.values()) else None


class Resolver:
    """Turns the conditions of a blueprint into predicates.

    A group over some cycle of the child is kept as a fact of its own, with the levels of a group.
    """

    def __init__(self, blueprint: Blueprint) -> None:
        """Keep the blueprint."""
        self._blueprint = blueprint

    def levels(self, fact: str) -> tuple[str, ...]:
        """Return the levels of a fact."""
        return (MEETS, "no") if self.is_over_cycles(fact) else self._blueprint.levels(fact)

    def is_over_cycles(self, fact: str) -> bool:
        """Return whether a fact stands for a group over some cycle."""
        return fact in self._blueprint.groups

    def some_cycle(self, fact: str) -> Predicate:
        """Return what one cycle must have for the fact of such a group."""
        condition = self._blueprint.groups[fact].some_cycle
        assert condition is not None
        return self.predicate(condition)

    def grain(self, predicate: Predicate) -> str:
        """Return whether cycles are counted or children: cycles where a fact is of one."""
        is_cycle = any(not self.is_over_cycles(fact) and self._blueprint.grain(fact) == CYCLE
                       for fact in predicate.facts)
        return CYCLE if is_cycle else CHILD

    def predicate(self, condition: Condition | None) -> Predicate:
        """Return a condition as a predicate; everyone for none."""
        found = EVERYONE
        for name, levels in (condition or {}).items():
            chosen = frozenset((levels,) if isinstance(levels, str) else levels)
            found = both(found, self._one(name, chosen))
        return found

    def others(self, condition: Condition) -> Predicate:
        """Return who does not meet a condition."""
        return self._others(self.predicate(condition))

    def _one(self, name: str, levels: frozenset[str]) -> Predicate:
        group = self._blueprint.groups.get(name)
        if group is None or group.some_cycle is not None:
            known = frozenset(self.levels(name))
            return Predicate((((name, known if ANY in levels else levels),),))
        members = either(self.predicate(one) for one in group.any)
        if levels == {MEETS}:
            return members
        return EVERYONE if MEETS in levels else self._others(members)

    def _others(self, members: Predicate) -> Predicate:
        """Return who does not meet a predicate."""
        found = EVERYONE
        for one in members.alternatives:
            found = both(found, Predicate(tuple(
                ((fact, frozenset(self.levels(fact)) - levels),) for fact, levels in one)))
        return found


__all__ = ["EVERYONE", "NUMBER", "Cell", "Predicate", "Resolver", "both", "either"]
