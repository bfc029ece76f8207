"""Who is measured, where that is open: as many in each group as let its P value print so.

A rank sum moves by halves, so that between two groups of fixed sizes only some P values exist.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from random import Random

import numpy as np

from remission.audit.printed import printed
from remission.reconstruct.rank_distance import deviations
from remission.reconstruct.targets import Panel, Target, Test
from remission.reconstruct.windows import MISSED, window
from remission.statistics.arrays import BoolArray, FloatArray
from remission.statistics.exact_ranks import rank_sum_shares
from remission.statistics.ranks import EXACT_UP_TO

_DRAWS = 600
"""Ways to choose who is measured that are looked at."""


def chosen(
    measured: BoolArray, panels: Sequence[Panel], names: Sequence[str],
    targets: Sequence[Target], random: Random,
) -> BoolArray:
    """Return who has a value (n × columns), each panel's children chosen where they are open."""
    result = measured.copy()
    for panel in panels:
        columns = [names.index(name) for name in panel.columns]
        tests = [target for target in targets if isinstance(target, Test)
                 and target.of in panel.columns and len(target.groups) == 2]
        open_to = result[:, columns[0]] | panel.open_to
        if panel.within is not None:
            open_to &= result[:, names.index(panel.within)]
        draws = [_drawn(open_to, panel, random) for _ in range(_DRAWS if panel.sizes else 1)]
        best = min(draws, key=lambda draw: (_amiss(draw, panel), sum(
            least_miss(*(int((draw & rows).sum()) for rows in test.groups), test.p)
            for test in tests), -int(draw.sum())))  # more children: more P values of pairs
        result[:, columns] = best[:, None]
    return result


def is_kept(panel: Panel, names: Sequence[str], values: FloatArray) -> bool:
    """Return whether as many children have values (n × columns) as a panel says."""
    return not _amiss(~np.isnan(values[:, names.index(panel.columns[0])]), panel)


def _drawn(open_to: BoolArray, panel: Panel, random: Random) -> BoolArray:
    """Return one way to choose who is measured, each group as large as a draw says."""
    result = open_to.copy()
    for size in panel.sizes:
        wanted = random.randint(size.least, size.most)
        leaving = np.flatnonzero(result & size.rows & panel.open_to).tolist()
        random.shuffle(leaving)
        result[leaving[:max(int((result & size.rows).sum()) - wanted, 0)]] = False
    return result


def _amiss(measured: BoolArray, panel: Panel) -> int:
    """Return by how many children the sizes are missed."""
    counts = [(int(measured[size.rows].sum()), size) for size in panel.sizes]
    return sum(max(size.least - count, count - size.most, 0) for count, size in counts)


@lru_cache(maxsize=4096)
def least_miss(n: int, m: int, p: str) -> float:
    """Return what the P value nearest to the printed one costs that groups of n and m can have."""
    if not n or not m:
        return 2 * MISSED
    aim = window(printed(p))
    if n + m <= EXACT_UP_TO:
        return min(aim.misses(found) for found in _exact(min(n, m), max(n, m)))
    deviation = math.sqrt(n * m * (n + m + 1) / 12)
    low = math.floor(deviations(aim.rounded_high) * deviation * 2)
    high = math.ceil(deviations(max(aim.rounded_low, 1e-12)) * deviation * 2)
    return min(aim.misses(2 * _tail(half / 2 / deviation)) for half in range(low, high + 1))


def _tail(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) / 2


@lru_cache(maxsize=512)
def _exact(n: int, m: int) -> tuple[float, ...]:
    """Return the P values that n and m values without ties can have."""
    shares = rank_sum_shares(np.arange(1, n + m + 1), n)
    below = np.cumsum(shares)
    return tuple(float(p) for p in np.unique(np.minimum(1.0, 2 * below[below > 0])))
