"""Random tables with the margins of an observed one, for the exact test where it is too large."""

from __future__ import annotations

import math

import numpy as np

from remission.statistics.arrays import IntArray
from remission.statistics.exact_tables import AS_LIKELY, log_factorials
from remission.statistics.proportions import wilson


def simulated_p(
    counts: IntArray, *, simulations: int, seed: int
) -> tuple[float, float, float]:
    """Return (p, lower, upper) from random tables with the margins; the interval is 99 %."""
    random = np.random.default_rng(seed)
    log_factorial = log_factorials(int(counts.sum()))
    observed = log_factorial[counts].sum()
    drawn = _random_tables(counts.sum(axis=1), counts.sum(axis=0), simulations, random)
    sums = log_factorial[drawn].sum(axis=(1, 2))
    extreme = int((sums >= observed - math.log1p(AS_LIKELY)).sum())
    interval = wilson(extreme, simulations, level=0.99)
    return (extreme + 1) / (simulations + 1), interval.lower, interval.upper


def _random_tables(
    rows: IntArray, columns: IntArray, size: int, random: np.random.Generator
) -> IntArray:
    """Return random tables (size × rows × columns) with the margins, by hypergeometric draws."""
    tables = np.zeros((size, len(rows), len(columns)), dtype=np.int64)
    left = np.tile(rows, (size, 1))
    for column, total in enumerate(columns[:-1]):
        wanted = np.full(size, total)
        others = left.sum(axis=1)
        for row in range(len(rows) - 1):
            others = others - left[:, row]
            taken = random.hypergeometric(left[:, row], others, wanted)
            tables[:, row, column] = taken
            wanted = wanted - taken
        tables[:, -1, column] = wanted
        left = left - tables[:, :, column]
    tables[:, :, -1] = left
    return tables
