"""Days of relapses, deaths and last contacts whose curves print as claims do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from remission.audit.claims import AnyClaim, Claims
from remission.audit.kinds_of_estimates import Curve, Survival
from remission.reconstruct.blueprint import Blueprint
from remission.reconstruct.blueprint_values import Times
from remission.reconstruct.conditions import Cell, Resolver
from remission.reconstruct.follow_up import Between, Course, CurveTarget, Differ, Survived
from remission.reconstruct.times import FoundDays, find_days
from remission.statistics.arrays import BoolArray, IntArray


def days_of(
    blueprint: Blueprint, claims: Claims, children: Sequence[Cell], seed: int
) -> FoundDays | None:
    """Return the days of events (at time zero 0), deaths and last contacts; None without times."""
    times = blueprint.times
    if times is None:
        return None
    resolver = Resolver(blueprint)

    def who(condition: Mapping[str, str | tuple[str, ...]] | None) -> BoolArray:
        predicate = resolver.predicate(condition)
        return np.array([predicate.holds(child) for child in children], dtype=np.bool_)

    at_start = who(times.at_start) if times.at_start is not None else (
        np.zeros(len(children), dtype=np.bool_))
    relapses = _windows(blueprint, children, times.relapse)
    deaths = _windows(blueprint, children, times.death)
    died = deaths[:, 0] >= 0
    relapsed = (relapses[:, 0] >= 0) & ~at_start
    by_death = died & ~relapsed & ~at_start
    event = np.select([at_start[:, None], relapsed[:, None]], [np.zeros_like(relapses), relapses],
                      deaths)
    course = Course(
        failed=at_start | relapsed | died, died=died, by_death=by_death,
        event=Between(event[:, 0], event[:, 1]), death=Between(deaths[:, 0], deaths[:, 1]),
        last=_last(times, relapses))
    by_id = {claim.id: claim for claim in claims.claims}
    targets: list[CurveTarget] = []
    for target in blueprint.targets:
        if target.endpoint:
            targets += _aimed(by_id[target.claim], target.endpoint, times,
                              [who(one) for one in (target.groups or (target.n or {},))])
    return find_days(course, targets, seed=seed, most_moves=times.moves, starts=times.starts)


def _windows(blueprint: Blueprint, children: Sequence[Cell], fact: str) -> IntArray:
    """Return the first and last day of the level of each child (n, 2); -1 without any."""
    days = blueprint.facts[fact].days
    return np.array([days.get(child[fact], (-1, -1)) for child in children], dtype=np.int64)


def _last(times: Times, relapses: IntArray) -> Between:
    """Return when a last contact may be: some time after a relapse."""
    first, last = times.last
    return Between(np.maximum(relapses[:, 1] + 60, first), np.full(len(relapses), last))


def _aimed(
    claim: AnyClaim, endpoint: str, times: Times, groups: Sequence[BoolArray]
) -> Iterator[CurveTarget]:
    assert endpoint in ("efs", "os"), "the blueprint allows no other"
    if isinstance(claim, Survival):
        yield Survived("efs" if endpoint == "efs" else "os", groups[0], float(times.year),
                       claim.estimate, claim.se, name=claim.id)
    elif isinstance(claim, Curve) and claim.p is not None:
        yield Differ("efs" if endpoint == "efs" else "os", tuple(groups), claim.p, name=claim.id)
