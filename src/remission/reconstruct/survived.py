"""Days of relapses, deaths and last contacts whose curves print as claims do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from remission.audit.claims import AnyClaim, Claims
from remission.audit.kinds_of_estimates import Curve, Survival
from remission.reconstruct.blueprint import Blueprint
from remission.reconstruct.blueprint_values import Times
from remission.reconstruct.conditions import Cell, Resolver
from remission.reconstruct.follow_up import (
    Between,
    Course,
    CurveTarget,
    Differ,
    Endpoint,
    Survived,
)
from remission.reconstruct.survival_conflicts import SurvivalConflict, survival_conflicts
from remission.reconstruct.times import FoundDays, find_days
from remission.statistics.arrays import BoolArray, FloatArray, IntArray

_YEAR = 365.25
_TIME = re.compile(r"(?P<number>\d+(?:\.\d+)?) (?P<unit>month|year)s?")


@dataclass(frozen=True)
class Followed:
    """The days found, and the day of each child's graft (n,), not a number without one."""

    days: FoundDays
    graft: FloatArray
    conflicts: tuple[SurvivalConflict, ...]


def days_of(
    blueprint: Blueprint, claims: Claims, children: Sequence[Cell], seed: int
) -> Followed | None:
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
    seen = _seen_until(times, children)
    course = Course(
        failed=at_start | relapsed | died, died=died, by_death=by_death,
        event=Between(event[:, 0], np.minimum(event[:, 1], seen)),
        death=Between(deaths[:, 0], np.minimum(deaths[:, 1], seen)),
        last=_last(times, relapses, seen))
    graft = _grafts(blueprint, times, children, seed)
    by_id = {claim.id: claim for claim in claims.claims}
    targets: list[CurveTarget] = []
    for target in blueprint.targets:
        if target.endpoint:
            origin = np.nan_to_num(graft).astype(np.int64) if (
                target.origin == "transplant") else None
            targets += _aimed(by_id[target.claim], target.endpoint, times, origin,
                              [who(one) for one in (target.groups or (target.n or {},))])
    found = find_days(course, targets, seed=seed, most_moves=times.moves, starts=times.starts)
    missed = [one for one in targets if isinstance(one, Survived)
              and any(outcome.target is one for outcome in found.unmet)]
    return Followed(found, graft, tuple(survival_conflicts(missed, targets)))


def facts_of_days(blueprint: Blueprint) -> frozenset[str]:
    """Return the facts that the days follow from."""
    times = blueprint.times
    if times is None:
        return frozenset()
    resolver = Resolver(blueprint)
    conditions = [times.at_start, *(
        one for target in blueprint.targets if target.endpoint
        for one in (target.groups or (target.n or {},)))]
    return frozenset({times.relapse, times.death, times.graft, "year"}).union(
        *(resolver.predicate(one).facts for one in conditions))


def _windows(blueprint: Blueprint, children: Sequence[Cell], fact: str) -> IntArray:
    """Return the first and last day of the level of each child (n, 2); -1 without any."""
    days = blueprint.facts[fact].days
    return np.array([days.get(child[fact], (-1, -1)) for child in children], dtype=np.int64)


def _seen_until(times: Times, children: Sequence[Cell]) -> IntArray:
    """Return the last day on which each child can have been seen (n,), by the year it began in."""
    if not times.until or "year" not in children[0]:
        return np.full(len(children), np.iinfo(np.int64).max)
    return np.array([int((times.until - int(child["year"])) * _YEAR) for child in children])


def _last(times: Times, relapses: IntArray, seen: IntArray) -> Between:
    """Return when a last contact may be: some time after a relapse."""
    first, last = times.last
    return Between(np.maximum(relapses[:, 1] + 60, first), np.minimum(last, seen))


def _grafts(
    blueprint: Blueprint, times: Times, children: Sequence[Cell], seed: int
) -> FloatArray:
    """Return the day of each graft (n,), drawn within its window."""
    if times.graft not in blueprint.facts:
        return np.full(len(children), np.nan)
    windows, random = _windows(blueprint, children, times.graft), Random(f"{seed}/graft")
    return np.array([random.randint(int(first), int(last)) if first >= 0 else np.nan
                     for first, last in windows], dtype=np.float64)


def _aimed(
    claim: AnyClaim, endpoint: str, times: Times, origin: IntArray | None,
    groups: Sequence[BoolArray],
) -> Iterator[CurveTarget]:
    assert endpoint in ("efs", "os"), "the blueprint allows no other"
    which: Endpoint = "efs" if endpoint == "efs" else "os"
    if isinstance(claim, Survival):
        yield Survived(which, groups[0], _day(claim.at, float(times.year)), claim.estimate,
                       claim.se, name=claim.id, origin=origin)
    elif isinstance(claim, Curve) and claim.p is not None:
        yield Differ(which, tuple(groups), claim.p, name=claim.id, origin=origin)


def _day(at: str, year: float) -> float:
    """Return the day of a time such as "60 months"; the first year where none is said."""
    said = _TIME.fullmatch(at.strip())
    if said is None:
        return year
    return float(said["number"]) * year / (12 if said["unit"] == "month" else 1)
