"""Survival at a time, its error and the log-rank test of a few children, as fast as a search needs.

The numbers are those of ``statistics.kaplan_meier`` and ``statistics.log_rank``, which have the
last word on what was found. Lists of whole days are faster here than arrays.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

import numpy as np

from remission.statistics.arrays import chi_square_tail

_NOTHING = 1e-12


def survival_at(days: Sequence[int], events: Sequence[int], at: float) -> tuple[float, float]:
    """Return Kaplan–Meier survival at a time with Greenwood's error; NaN beyond all follow-up.

    ``days`` are when the follow-up of each child ended, ``events`` those of them that are events.
    """
    ordered = sorted(days)
    survival, error, before, tied = 1.0, 0.0, -1, 0
    for day in sorted(events):
        if day > at:
            break
        tied = tied + 1 if day == before else 0
        before = day
        at_risk = len(ordered) - bisect_left(ordered, day) - tied
        if at_risk == 1:
            return 0.0, 0.0
        survival *= (at_risk - 1) / at_risk
        error += 1 / (at_risk * (at_risk - 1))
    if ordered[-1] < at:
        return math.nan, math.nan
    return survival, survival * math.sqrt(error)


def log_rank_p(groups: Sequence[tuple[Sequence[int], Sequence[int]]]) -> float:
    """Return P of the log-rank test of (days, events) of each group; NaN where there is none."""
    deaths = Counter(day for _, events in groups for day in events)
    ordered = [sorted(days) for days, _ in groups]
    last = len(groups) - 1
    gap = [float(len(events)) for _, events in groups[:last]]
    covariance = [[0.0] * last for _ in range(last)]
    for day, dead in deaths.items():
        at_risk = [len(days) - bisect_left(days, day) for days in ordered]
        total = sum(at_risk)
        spread = dead * (total - dead) / (total - 1) if total > 1 else 0.0
        for first in range(last):
            share = at_risk[first] / total
            gap[first] -= dead * share
            for second in range(last):
                covariance[first][second] += spread * share * (
                    (first == second) - at_risk[second] / total)
    statistic = _statistic(gap, covariance)
    return math.nan if math.isnan(statistic) else chi_square_tail(statistic, last)


def _statistic(gap: Sequence[float], covariance: Sequence[Sequence[float]]) -> float:
    if len(gap) == 1:
        variance = covariance[0][0]
        return gap[0] ** 2 / variance if variance > _NOTHING else math.nan
    matrix = np.array(covariance)
    if np.linalg.matrix_rank(matrix, _NOTHING) < len(gap):
        return math.nan
    return float(np.array(gap) @ np.linalg.solve(matrix, gap))
