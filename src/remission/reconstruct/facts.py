"""The facts of each child and cycle: claims that can hold together, met by children one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from remission.audit.claims import Claims
from remission.reconstruct.blueprint import Blueprint
from remission.reconstruct.conditions import Cell, Predicate
from remission.reconstruct.counting import System, system_of
from remission.reconstruct.demands import Claimed, Demand, claimed
from remission.reconstruct.fourfold_counts import Fourfolds
from remission.reconstruct.given_up import Conflicts, Ids
from remission.reconstruct.layout import Layout
from remission.reconstruct.put_together import children_of, cycles_of
from remission.reconstruct.shares import nearest
from remission.reconstruct.solver import solved


@dataclass(frozen=True)
class Unmet:
    """A claim that was given up, and a smallest set of claims, with it, that cannot hold.

    ``met`` are those of its demands that are met nevertheless.
    """

    claim: Claimed
    conflict: tuple[Claimed, ...]
    met: tuple[Demand, ...]


@dataclass(frozen=True)
class Facts:
    """What is so of each child, in order, and of its cycles; which claims are met and which not."""

    children: tuple[Cell, ...]
    cycles: tuple[tuple[Cell, ...], ...]
    met: tuple[Claimed, ...]
    unmet: tuple[Unmet, ...]
    held: tuple[Demand, ...] = ()
    """All counts that the children have because a claim, or the blueprint, says so."""


def facts_of(blueprint: Blueprint, claims: Claims, seed: int, file: str) -> Facts:
    """Return facts that meet as many claims as can hold together.

    Raises :class:`~remission.errors.InputError` for targets that do not fit their claims.
    """
    all_claimed = claimed(blueprint, claims, file)
    layout = Layout(blueprint, all_claimed)
    system = system_of(layout, claims.size(blueprint.children) or 0)
    fourfolds = Fourfolds(system, all_claimed)
    conflict_of = _given_up(blueprint, system, all_claimed, fourfolds)
    met = tuple(one for one in all_claimed if one.id not in conflict_of)
    given_up = [one for one in all_claimed if one.id in conflict_of]
    counts, held = _counts(system, met, given_up, fourfolds)
    random = np.random.default_rng(seed)
    children = children_of(system, counts, random)
    return Facts(children, cycles_of(system, counts, children, random), met, tuple(
        Unmet(one, tuple(other for other in all_claimed if other.id in conflict_of[one.id]),
              tuple(demand for demand in one.demands if demand in held)) for one in given_up),
        tuple(held))


def _given_up(
    blueprint: Blueprint, system: System, all_claimed: Sequence[Claimed], fourfolds: Fourfolds
) -> dict[str, Ids]:
    """Return the claims that are given up, each with a smallest conflict that it belongs to."""
    by_id = {one.id: one for one in all_claimed}

    def holds(names: Ids) -> bool:
        asked = [by_id[name] for name in sorted(names)]
        demands = [demand for one in asked for demand in one.demands]
        return solved(system, _counted(system, demands),
                      together=fourfolds.together(asked)) is not None

    alike = _alike(all_claimed)
    weights = {name: sum(by_id[one].target.weight for one in same) for name, same in alike.items()}
    conflicts = Conflicts(blueprint, system, [by_id[name] for name in alike], weights, holds)
    dropped = conflicts.given_up()
    found: dict[str, Ids] = {}
    for name in sorted(dropped):
        conflict = conflicts.with_one(frozenset(alike) - dropped, name)
        found |= {same: conflict - {name} | {same} for same in alike[name]}
    return found


def _counts(
    system: System, met: Sequence[Claimed], given_up: Sequence[Claimed], fourfolds: Fourfolds
) -> tuple[list[int], list[Demand]]:
    """Return counts that meet the claims, and every demand that they meet.

    Of claims that are given up they meet what can be, and odds ratios as nearly as can be.
    """
    demands = [demand for one in met for demand in one.demands]
    wished = [demand for one in given_up for demand in one.demands if demand.counts]
    together = fourfolds.together(met)
    counts = solved(system, _counted(system, demands), wished=list(_counted(system, wished)),
                    together=together)
    assert counts is not None, "what was kept can hold together"
    held = [*demands, *(demand for demand in wished if _count(system, counts, demand.who)
                        in demand.counts)]
    for one in given_up:
        nearer = fourfolds.nearest(one, _counted(system, held), together)
        if nearer is not None:
            counts, table = nearer
            together = [*together, table]
    held += [Demand(f"{one.id}, a cell", who, (_count(system, counts, who),))
             for one in (*met, *given_up) if one.table is not None for who in one.table.cells]
    return nearest(system, list(_counted(system, held))) or counts, held


def _count(system: System, counts: Sequence[int], who: Predicate) -> int:
    return sum(counts[variable] for variable in system.counted(who))


def _alike(all_claimed: Sequence[Claimed]) -> dict[str, list[str]]:
    """Return claims that demand the same, by the first of them: they are met or not together."""
    first: dict[tuple[object, ...], str] = {}
    alike: dict[str, list[str]] = {}
    for one in all_claimed:
        asked = (frozenset((demand.who, demand.counts) for demand in one.demands), one.table)
        alike.setdefault(first.setdefault(asked, one.id), []).append(one.id)
    return alike


def _counted(
    system: System, demands: Sequence[Demand]
) -> Iterator[tuple[list[int], tuple[int, ...]]]:
    for demand in demands:
        yield system.counted(demand.who), demand.counts
