"""Sets of facts made into a tree: tables over them that agree in pairs agree as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from typing import TypeAlias

Facts: TypeAlias = frozenset[str]


def chordal(sets: Iterable[Facts], order: Sequence[str]) -> list[Facts]:
    """Return the maximal sets of a chordal graph in which each given set is a part of one.

    Facts are eliminated one after another, the one that joins the fewest others first; ties go by
    ``order``.
    """
    near: dict[str, set[str]] = {}
    for facts in sets:
        for fact in facts:
            near.setdefault(fact, set()).update(facts - {fact})
    left = [fact for fact in order if fact in near]
    found: list[Facts] = []
    while left:
        fact = min(left, key=lambda one: (_missing(near, one), len(near[one]), left.index(one)))
        left.remove(fact)
        clique = frozenset({fact, *near[fact]})
        if not any(clique <= other for other in found):
            found.append(clique)
        for one, other in combinations(near.pop(fact), 2):
            near[one].add(other)
            near[other].add(one)
        for others in near.values():
            others.discard(fact)
    return found


def _missing(near: dict[str, set[str]], fact: str) -> int:
    return sum(other not in near[one] for one, other in combinations(sorted(near[fact]), 2))


def tree(sets: Sequence[Facts]) -> list[tuple[int, int | None]]:
    """Return the sets in an order in which each follows the one it shares most with.

    Pairs of a set and the one before it that it hangs on; None for the first.
    """
    order: list[tuple[int, int | None]] = [(0, None)] if sets else []
    while len(order) < len(sets):
        inside = [number for number, _ in order]
        outside = [number for number in range(len(sets)) if number not in inside]
        one, parent = max(((one, other) for one in outside for other in inside),
                          key=lambda pair: (len(sets[pair[0]] & sets[pair[1]]), -pair[0], -pair[1]))
        order.append((one, parent))
    return order


def components(sets: Collection[Facts]) -> list[list[Facts]]:
    """Return the sets in groups that share nothing with each other."""
    groups: list[tuple[set[str], list[Facts]]] = []
    for facts in sorted(sets, key=sorted):
        touched = [group for group in groups if group[0] & facts]
        groups = [group for group in groups if not group[0] & facts]
        groups.append((set(facts).union(*(names for names, _ in touched)),
                       [facts, *(one for _, own in touched for one in own)]))
    return [own for _, own in groups]
