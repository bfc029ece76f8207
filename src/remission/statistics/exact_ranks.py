"""Rank sums under every division of the ranks into groups, counted one rank at a time."""

from __future__ import annotations

import math

import numpy as np

from remission.statistics.arrays import FloatArray, IntArray

MOST_SUMS = 500_000
"""Rank sums an exact Kruskal–Wallis test may hold at any rank."""


def rank_sum_shares(scores: IntArray, n: int) -> FloatArray:
    """Return the share of all choices of n whole scores that has each sum, from 0 up.

    ``ways[k, s]`` is the number of ways to choose k of the scores seen so far with sum s.
    """
    top = int(np.sort(scores)[-n:].sum())
    ways = np.zeros((n + 1, top + 1))
    ways[0, 0] = 1.0
    for score in scores:
        ways[1:, score:] += ways[:-1, : top + 1 - score].copy()
    share: FloatArray = ways[n] / ways[n].sum()
    return share


def exact_kruskal_wallis_p(scores: IntArray, sizes: IntArray) -> float | None:
    """Return the share of all divisions of the scores whose sums are at least as uneven.

    ``scores`` (n,) are whole and stand group by group, ``sizes`` (k,) says how many each group
    has. A state is how many scores each group but the last holds and their sum, written as the
    digits of one number, so that equal states are found by sorting. None when that takes more
    than ``MOST_SUMS`` states.
    """
    total, groups = int(scores.sum()), range(len(sizes) - 1)
    radices = [int(radix) for size in sizes[:-1] for radix in (size + 1, total + 1)]
    places = [math.prod(radices[:position]) for position in range(len(radices) + 1)]
    if places[-1] > np.iinfo(np.int64).max:
        return None
    states: IntArray = np.zeros(1, dtype=np.int64)
    ways: FloatArray = np.ones(1)
    for dealt, score in enumerate(scores.tolist()):
        counts = [states // places[2 * g] % radices[2 * g] for g in groups]
        has_room = [count < size for count, size in zip(counts, sizes[:-1], strict=True)]
        has_room.append(dealt - sum(counts) < sizes[-1])
        steps = [*(places[2 * g] + score * places[2 * g + 1] for g in groups), 0]
        every = np.concatenate(
            [states[room] + step for room, step in zip(has_room, steps, strict=True)])
        if len(every) > MOST_SUMS:
            return None
        states, which = np.unique(every, return_inverse=True)
        weights = np.concatenate([ways[room] for room in has_room])
        ways = np.asarray(np.bincount(which, weights=weights), dtype=np.float64)
    sums = np.array([states // places[2 * g + 1] % radices[2 * g + 1] for g in groups])
    uneven = _unevenness(np.vstack((sums, total - sums.sum(axis=0))), sizes)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    seen = _unevenness(np.add.reduceat(scores, starts)[:, None], sizes)[0]
    return min(1.0, float(ways[uneven >= seen * (1 - 1e-12)].sum() / ways.sum()))


def _unevenness(sums: IntArray, sizes: IntArray) -> FloatArray:
    """Return Σ sum² / size of each column of sums: H rises and falls with it."""
    uneven: FloatArray = (sums.astype(np.float64) ** 2 / sizes[:, None]).sum(axis=0)
    return uneven
