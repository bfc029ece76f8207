"""The facts of each child and cycle: claims that can hold together, met by children one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from remission.audit.claims import Claims
from remission.reconstruct.blueprint import Blueprint
from remission.reconstruct.conditions import Cell
from remission.reconstruct.counting import System, system_of
from remission.reconstruct.demands import Claimed, Demand, claimed
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


def facts_of(blueprint: Blueprint, claims: Claims, seed: int, file: str) -> Facts:
    """Return facts that meet as many claims as can hold together.

    Raises :class:`~remission.errors.InputError` for targets that do not fit their claims.
    """
    all_claimed = claimed(blueprint, claims, file)
    layout = Layout(blueprint, all_claimed)
    system = system_of(layout, claims.size(blueprint.children) or 0)
    by_id = {one.id: one for one in all_claimed}

    def holds(names: Ids) -> bool:
        demands = [demand for name in names for demand in by_id[name].demands]
        return solved(system, _counted(system, demands)) is not None

    conflicts = Conflicts(blueprint, system, all_claimed, holds)
    dropped = conflicts.given_up()
    met = tuple(one for one in all_claimed if one.id not in dropped)
    kept = frozenset(one.id for one in met)
    given_up = [by_id[name] for name in by_id if name in dropped]
    sets = {one.id: conflicts.with_one(kept, one.id) for one in given_up}
    wished = [demand for one in given_up for demand in one.demands if demand.counts]
    demands = [demand for one in met for demand in one.demands]
    counts = solved(system, _counted(system, demands), wished=list(_counted(system, wished)))
    assert counts is not None
    still = [demand for demand in wished if _count(system, demand, counts) in demand.counts]
    counts = nearest(system, list(_counted(system, [*demands, *still]))) or counts
    random = np.random.default_rng(seed)
    children = children_of(system, counts, random)
    return Facts(children, cycles_of(system, counts, children, random), met, tuple(
        Unmet(one, tuple(by_id[name] for name in by_id if name in sets[one.id]),
              tuple(demand for demand in one.demands if demand in still)) for one in given_up))


def _counted(
    system: System, demands: Sequence[Demand]
) -> Iterator[tuple[list[int], tuple[int, ...]]]:
    for demand in demands:
        yield system.counted(demand.who), demand.counts


def _count(system: System, demand: Demand, counts: Sequence[int]) -> int:
    return sum(counts[variable] for variable in system.counted(demand.who))
