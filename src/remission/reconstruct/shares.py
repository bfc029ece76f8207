"""What no number binds: counts as near to the usual shares as those that are bound allow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from remission.reconstruct.catalogue import CYCLE, NUMBER
from remission.reconstruct.counting import Row, System, matrix
from remission.reconstruct.solver import Sum

_SCALE = 100
"""Shares are whole numbers of this."""
_NEAR_ENOUGH, _NODES = 0.03, 50


def nearest(system: System, sums: Sequence[Sum]) -> list[int] | None:
    """Return values that meet the sums and are near the shares; None where none were found.

    How far off they are is the sum over levels, within 3 %, or what 50 nodes of the search find.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    rows, columns = list(system.rows), len(system.most)
    rows += [Row(tuple((name, 1) for name in names), min(counts), max(counts))
             for names, counts in sums]
    for terms in _aims(system):
        rows.append(Row((*terms, (columns, _SCALE), (columns + 1, -_SCALE)), 0, 0))
        columns += 2
    own = len(system.most)
    is_whole, cost = np.zeros(columns), np.zeros(columns)
    is_whole[:own], cost[own:] = 1, 1
    most = np.array([*system.most, *[np.inf] * (columns - own)])
    found = milp(
        cost, integrality=is_whole, bounds=Bounds(0, most), constraints=LinearConstraint(
            matrix(rows, columns), [row.low for row in rows], [row.high for row in rows]),
        options={"mip_rel_gap": _NEAR_ENOUGH, "node_limit": _NODES})
    if found.x is None:
        return None
    values = [round(value) for value in found.x[:own]]
    is_met = all(sum(values[name] for name in names) in counts for names, counts in sums)
    return values if is_met else None


def _aims(system: System) -> Iterator[list[tuple[int, int]]]:
    """Yield what should be 0: each level less its share, of children of one core or cycles."""
    layout = system.layout
    for name, fact in layout.blueprint.facts.items():
        if name in layout.core:
            continue
        levels = layout.resolver.levels(name)
        given = [fact.shares.get(level, 0.0 if fact.shares else 1.0) for level in levels]
        shares = {level: round(_SCALE * share / sum(given))
                  for level, share in zip(levels, given, strict=True)}
        place = layout.holding(fact.of, {name})
        by = (*layout.core, *((NUMBER,) if fact.of == CYCLE else ()))
        whole = system.margin(place, by)
        for key, variables in system.margin(place, (*by, name)).items():
            share, own = shares[key[-1]], set(variables)
            yield [(one, (_SCALE if one in own else 0) - share) for one in whole[key[:-1]]]
