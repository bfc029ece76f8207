"""Exchanges between children that leave every count as it is: who has which of some facts.

What claims count of the children is kept by each exchange, and so are the rules; what no claim
binds together, such as age and sex of one child, is free.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from remission.reconstruct.blueprint import Blueprint
from remission.reconstruct.catalogue import CYCLE
from remission.reconstruct.conditions import Cell, Predicate, Resolver
from remission.reconstruct.facts import Facts
from remission.statistics.arrays import BoolArray

_ALONE, _FLIPPED = 0.6, 0.25
"""How often one fact is exchanged by itself, and how often a child just gets another level."""
_DRAWS = 40
"""Draws after which no exchange is taken to be possible."""

Change = Mapping[int, Mapping[str, str]]
"""Child → the levels that it gets."""


@dataclass(frozen=True)
class _Held:
    """A predicate, of children or cycles, with the counts that it may have."""

    who: Predicate
    is_of_cycles: bool
    counts: frozenset[int]


@dataclass(frozen=True)
class _Rule:
    """Who meets one predicate meets the other; ``facts`` are those of both."""

    when: Predicate
    then: Predicate
    facts: frozenset[str]


class Exchange:
    """Children whose free facts are exchanged.

    ``free`` are facts of children, ``between`` the children (n,) that exchange them.
    """

    def __init__(
        self, blueprint: Blueprint, facts: Facts, free: Collection[str],
        between: BoolArray | None = None,
    ) -> None:
        """Count what is held of the children as they are; all may exchange without ``between``."""
        self._resolver = Resolver(blueprint)
        self.children = [dict(child) for child in facts.children]
        self.cycles = [[dict(cycle) for cycle in cycles] for cycles in facts.cycles]
        self._free = sorted(free)
        self._between = (range(len(self.children)) if between is None
                         else np.flatnonzero(between).tolist())
        self._levels = {fact: self._resolver.levels(fact) for fact in self._free}
        rules = [(self._resolver.predicate(rule.when), self._resolver.predicate(rule.then))
                 for rule in blueprint.rules]
        self._rules = {fact: [_Rule(when, then, when.facts | then.facts) for when, then in rules
                              if fact in when.facts | then.facts] for fact in self._free}
        held = [_Held(demand.who, self._resolver.grain(demand.who) == CYCLE,
                      frozenset(demand.counts)) for demand in facts.held]
        held += [self._chosen(one.who, one.least, one.most) for one in blueprint.chosen]
        self._held = [one for one in dict.fromkeys(held) if one.who.facts & set(self._free)]
        self._of_fact = {fact: [place for place, one in enumerate(self._held)
                                if fact in one.who.facts] for fact in self._free}
        self._each = [[_times(one, child, cycles) for one in self._held]
                      for child, cycles in zip(self.children, self.cycles, strict=True)]
        self._counts = [sum(counts) for counts in zip(*self._each, strict=True)]

    def _chosen(self, who: Mapping[str, str | tuple[str, ...]], least: int, most: int) -> _Held:
        predicate = self._resolver.predicate(who)
        is_of_cycles = self._resolver.grain(predicate) == CYCLE
        every = sum(map(len, self.cycles)) if is_of_cycles else len(self.children)
        return _Held(predicate, is_of_cycles, frozenset(range(least, min(most, every) + 1)))

    def meets(self, who: Predicate) -> BoolArray:
        """Return which children meet a predicate (n,)."""
        return np.array([who.holds(child) for child in self.children], dtype=np.bool_)

    def proposed(self, random: Random) -> Change | None:
        """Return an exchange that leaves all counts and rules as they are; None if none is found.
        """
        for _ in range(_DRAWS if self._free else 0):
            change = self._drawn(random)
            if change and self._is_allowed(change):
                return change
        return None

    def make(self, change: Change) -> None:
        """Make an exchange."""
        for place, difference in self._differences(change).items():
            self._counts[place] += difference
        for child, levels in change.items():
            self.children[child].update(levels)
            for cycle in self.cycles[child]:
                cycle.update(levels)
            self._each[child] = [_times(one, self.children[child], self.cycles[child])
                                 for one in self._held]

    def changed(self, change: Change, child: int) -> Cell:
        """Return a child as an exchange would make it."""
        return {**self.children[child], **change.get(child, {})}

    def _drawn(self, random: Random) -> Change:
        facts = [random.choice(self._free)] if random.random() < _ALONE else [
            fact for fact in self._free if random.random() < 0.5]
        one, other = random.sample(self._between, 2)
        if random.random() < _FLIPPED and facts:
            fact = random.choice(facts)
            level = random.choice(self._levels[fact])
            return {one: {fact: level}} if level != self.children[one][fact] else {}
        apart = [fact for fact in facts
                 if self.children[one][fact] != self.children[other][fact]]
        if not apart:
            return {}
        return {one: {fact: self.children[other][fact] for fact in apart},
                other: {fact: self.children[one][fact] for fact in apart}}

    def _is_allowed(self, change: Change) -> bool:
        return all(self._follows_rules(child, levels) for child, levels in change.items()) and all(
            self._counts[place] + difference in self._held[place].counts
            for place, difference in self._differences(change).items())

    def _follows_rules(self, child: int, levels: Mapping[str, str]) -> bool:
        after = {**self.children[child], **levels}
        for fact in levels:
            for rule in self._rules[fact]:
                cells = [after] if rule.facts <= after.keys() else [
                    {**cycle, **levels} for cycle in self.cycles[child]]
                if any(rule.when.holds(cell) and not rule.then.holds(cell) for cell in cells):
                    return False
        return True

    def _differences(self, change: Change) -> dict[int, int]:
        """Return by how much an exchange changes what held predicates count, by their places."""
        found: dict[int, int] = {}
        for child, levels in change.items():
            touched = {place for fact in levels for place in self._of_fact[fact]}
            after = {**self.children[child], **levels}
            cycles = [{**cycle, **levels} for cycle in self.cycles[child]]
            for place in touched:
                found[place] = found.get(place, 0) + _times(
                    self._held[place], after, cycles) - self._each[child][place]
        return found


def _times(one: _Held, child: Cell, cycles: Sequence[Cell]) -> int:
    """Return how often a child counts for a predicate."""
    if not one.is_of_cycles:
        return int(one.who.holds(child))
    return sum(map(one.who.holds, cycles))

