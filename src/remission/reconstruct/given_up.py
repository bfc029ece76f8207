"""Which claims cannot hold together: the fewest given up, each with a smallest conflicting set.

The linear system of the tables is relaxed to fractions. Its dual solution names claims that cannot
hold together; among these a smallest set is sought, in a system of their own. What only whole
numbers forbid is found by leaving out one claim after another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from remission.reconstruct.blueprint import Blueprint
from remission.reconstruct.counting import Row, System, matrix, system_of
from remission.reconstruct.demands import Claimed
from remission.reconstruct.layout import Layout
from remission.reconstruct.solver import fewest_hits

Ids: TypeAlias = frozenset[str]
_NOTHING = 1e-6


class Relaxed:
    """A linear system in fractions, in which demands may be missed at a cost."""

    def __init__(self, system: System, all_claimed: Sequence[Claimed]) -> None:
        """Write the system as matrices: each demand is an equation with two slacks."""
        rows, columns = list(system.rows), len(system.most)
        self._owner: dict[int, str] = {}
        self._slacks: dict[str, list[int]] = {}
        self.impossible = frozenset(one.id for one in all_claimed
                                    if any(not demand.counts for demand in one.demands))
        for one in all_claimed:
            for demand in one.demands:
                if demand.counts:
                    self._owner[len(rows)] = one.id
                    rows.append(Row(
                        (*((name, 1) for name in system.counted(demand.who)), (columns, 1),
                         (columns + 1, -1)), min(demand.counts), max(demand.counts)))
                    self._slacks.setdefault(one.id, []).extend((columns, columns + 1))
                    columns += 2
        self._most = np.array([*system.most, *[np.inf] * (columns - len(system.most))])
        self._equal = [number for number, row in enumerate(rows) if row.low == row.high]
        self._within = [number for number, row in enumerate(rows) if row.low != row.high]
        ranges = [rows[number] for number in self._within]
        within = matrix(ranges, columns)
        from scipy.sparse import vstack

        self._given = {
            "A_eq": matrix([rows[number] for number in self._equal], columns),
            "b_eq": np.array([rows[number].low for number in self._equal], dtype=float),
            "A_ub": vstack([within, -within]) if ranges else None,
            "b_ub": np.array([*(row.high for row in ranges), *(-row.low for row in ranges)],
                             dtype=float) if ranges else None}

    def missed(self, hard: Ids, soft: Iterable[str]) -> set[str] | None:
        """Return claims of ``soft`` that are missed if ``hard`` are met; None if these cannot be.

        As little as possible is missed in all.
        """
        soft = list(soft)
        found = None if self.impossible & hard else self._solved(hard, soft)
        if found is None or found.x is None:
            return None
        return {name for name in soft if name in self.impossible or any(
            found.x[slack] > _NOTHING for slack in self._slacks.get(name, []))}

    def proof(self, among: Ids) -> Ids | None:
        """Return claims that cannot all hold together, by the dual solution; None if all can."""
        if self.impossible & among:
            return frozenset({min(self.impossible & among)})
        found = self._solved(frozenset(), sorted(among))
        if found.fun < _NOTHING:
            return None
        prices = dict(zip(self._equal, found.eqlin.marginals, strict=True))
        both = np.abs(np.reshape(found.ineqlin.marginals, (2, -1))).max(axis=0) if (
            self._within) else ()
        prices |= dict(zip(self._within, both, strict=True))
        return frozenset(name for row, name in self._owner.items()
                         if name in among and abs(prices[row]) > _NOTHING)

    def smallest(self, among: Ids, required: Ids) -> Ids | None:
        """Return a smallest set of claims that cannot hold together, None where all can.

        Claims that hit every known way out are tried: as long as they can hold together, what has
        to be missed for them is one more way out.
        """
        pool = dict.fromkeys(sorted(among - required), 1)
        exits: list[Ids] = []
        while True:
            chosen = required | fewest_hits(exits, pool)
            missed = self.missed(chosen, [name for name in pool if name not in chosen])
            if missed is None:
                return chosen
            if not missed:
                return None
            exits.append(frozenset(missed))

    def _solved(self, hard: Ids, soft: Iterable[str]) -> Any:
        from scipy.optimize import linprog

        most, cost = self._most.copy(), np.zeros(len(self._most))
        for name in hard:
            most[self._slacks.get(name, [])] = 0.0
        for name in soft:
            cost[self._slacks.get(name, [])] = 1.0
        bounds = np.column_stack([np.zeros(len(most)), most])
        return linprog(cost, bounds=bounds, method="highs", **self._given)


class Conflicts:
    """Finds which of some claims cannot hold together.

    ``holds`` tells whether claims can in whole numbers.
    """

    def __init__(
        self, blueprint: Blueprint, system: System, all_claimed: Sequence[Claimed],
        weights: Mapping[str, int], holds: Callable[[Ids], bool],
    ) -> None:
        """Keep the claims with their weights, and the system in which all of them are counted."""
        self._blueprint, self._children = blueprint, system.most[0]
        self._by_id = {one.id: one for one in all_claimed}
        self._relaxed = Relaxed(system, all_claimed)
        self._weights, self._holds = weights, holds

    def given_up(self) -> Ids:
        """Return the claims of the least weight without which all others hold together."""
        conflicts: list[Ids] = []
        while True:
            dropped = fewest_hits(conflicts, self._weights)
            left = frozenset(self._weights) - dropped
            new = list(self._apart(left))
            if not new:
                if self._holds(left):
                    return dropped
                new = [irreducible(left, self._holds)]
            conflicts += new

    def with_one(self, kept: Ids, name: str) -> Ids:
        """Return a smallest conflict of a claim that was given up with those that are kept."""
        found = self._smallest(kept | {name}, frozenset({name}))
        if found is not None:
            return found
        return irreducible(kept | {name}, self._holds, frozenset({name}))

    def _apart(self, left: Ids) -> Iterable[Ids]:
        """Yield conflicts that have no claim in common, until no other is left."""
        while (conflict := self._smallest(left)) is not None:
            yield conflict
            left -= conflict

    def _smallest(self, among: Ids, required: Ids = frozenset()) -> Ids | None:
        """Return a smallest conflict among the claims that the proof of one names."""
        impossible = self._relaxed.impossible & (required or among)
        proof = frozenset({min(impossible)}) if impossible else self._relaxed.proof(among)
        if proof is None or len(proof) == 1:
            return proof
        return self._alone(proof).smallest(proof, required & proof) or irreducible(
            proof, lambda names: self._relaxed.missed(names, ()) is not None, required & proof)

    def _alone(self, names: Ids) -> Relaxed:
        """Return a system with only the tables that some claims need."""
        own = [self._by_id[name] for name in sorted(names)]
        layout = Layout(self._blueprint, own, is_whole=False)
        return Relaxed(system_of(layout, self._children), own)


def irreducible(claims: Ids, holds: Callable[[Ids], bool], required: Ids = frozenset()) -> Ids:
    """Return claims of a conflict none of which can be left out: each is left out and tried.

    Many are left out at once first, half as many where that makes the rest hold together.
    """
    kept = sorted(claims - required)
    size = max(1, len(kept) // 2)
    while True:
        at = 0
        while at < len(kept):
            fewer = [*kept[:at], *kept[at + size:]]
            if holds(required | frozenset(fewer)):
                at += size
            else:
                kept = fewer
        if size == 1:
            return required | frozenset(kept)
        size = max(1, size // 2)
