"""All tables with the margins of an observed one, visited from both ends.

The rows are cut into a head and a tail. Every filling of the head leaves some column totals to
the tail; for each distinct remainder the tail's fillings are sorted once, so the probability of
all tables no likelier than the observed one is a search in sorted sums instead of a visit to
every pair. Only the partial tables of head and tail are built, not the full ones.
"""

from __future__ import annotations

import math

import numpy as np

from remission.statistics.arrays import FloatArray, IntArray

_AS_LIKELY = 1e-7
"""Relative distance within which a table is as likely as the observed one."""


def exact_p(counts: IntArray) -> float:
    """Return the Freeman–Halton p of a table of counts (rows × columns)."""
    table = _oriented(counts)
    log_factorial = _log_factorials(int(table.sum()))
    constant = (
        log_factorial[table.sum(axis=1)].sum() + log_factorial[table.sum(axis=0)].sum()
        - log_factorial[table.sum()]
    )
    observed = float(constant - log_factorial[table].sum())
    limit = observed + math.log1p(_AS_LIKELY)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    head, tail = _cut(rows, columns)
    left, past = _head_fillings(head, columns, log_factorial)
    total = 0.0
    states, which = np.unique(left, axis=0, return_inverse=True)
    order = np.argsort(which, kind="stable")
    bounds = np.searchsorted(which[order], np.arange(len(states) + 1))
    for state, begin, end in zip(states, bounds[:-1], bounds[1:], strict=True):
        future = np.sort(_tail_fillings(tail, state, log_factorial))
        likeliest = future[-1]
        sums = np.concatenate(([0.0], np.cumsum(np.exp(future - likeliest))))
        paths = past[order[begin:end]] + constant + likeliest
        upto = np.searchsorted(future, limit - paths + likeliest, side="right")
        total += float((np.exp(paths) * sums[upto]).sum())
    return min(total, 1.0)


def fillings_needed(counts: IntArray) -> int:
    """Return how many partial tables :func:`exact_p` would build."""
    table = _oriented(counts)
    head, tail = _cut(table.sum(axis=1), table.sum(axis=0))
    return _cost(head, tail, table.sum(axis=0))


def simulated_p(
    counts: IntArray, *, simulations: int, seed: int
) -> tuple[float, float, float]:
    """Return (p, lower, upper) from random tables with the margins; the interval is 99 %."""
    from remission.statistics.proportions import wilson

    random = np.random.default_rng(seed)
    log_factorial = _log_factorials(int(counts.sum()))
    observed = log_factorial[counts].sum()
    drawn = _random_tables(counts.sum(axis=1), counts.sum(axis=0), simulations, random)
    sums = log_factorial[drawn].sum(axis=(1, 2))
    extreme = int((sums >= observed - math.log1p(_AS_LIKELY)).sum())
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


def _oriented(counts: IntArray) -> IntArray:
    """Return the table with at least as many rows as columns, smallest rows first."""
    table = counts if counts.shape[0] >= counts.shape[1] else counts.T
    return np.ascontiguousarray(table[np.argsort(table.sum(axis=1), kind="stable")])


def _log_factorials(n: int) -> FloatArray:
    """Return log k! for k from 0 to n."""
    table: FloatArray = np.cumsum(np.log(np.maximum(np.arange(n + 1), 1.0)))
    return table


def _compositions(total: int, columns: int) -> int:
    """Return the number of ways to spread ``total`` over ``columns``."""
    return math.comb(total + columns - 1, columns - 1)


def _cost(head: IntArray, tail: IntArray, columns: IntArray) -> int:
    width = len(columns)
    heads = math.prod(_compositions(int(row), width) for row in head)
    states = min(heads, _compositions(int(head.sum()), width))
    tails = math.prod(_compositions(int(row), width) for row in tail[:-1])
    return heads + states * tails


def _cut(rows: IntArray, columns: IntArray) -> tuple[IntArray, IntArray]:
    """Return (head, tail) of the rows at the cheapest place to cut; the tail is never empty."""
    cuts = [(rows[:k], rows[k:]) for k in range(1, len(rows))]
    return min(cuts, key=lambda cut: _cost(cut[0], cut[1], columns))


def _row_fillings(total: int, columns: IntArray) -> IntArray:
    """Return every way (k × columns) to spread a row's total within the column limits."""
    found = np.zeros((1, 0), dtype=np.int64)
    left = np.array([total], dtype=np.int64)
    for position, limit in enumerate(columns):
        room = int(columns[position + 1:].sum())
        low = np.maximum(0, left - room)
        high = np.minimum(limit, left)
        width = np.maximum(high - low + 1, 0)
        parent = np.repeat(np.arange(len(left)), width)
        step = np.arange(width.sum()) - np.repeat(np.cumsum(width) - width, width)
        value = low[parent] + step
        found = np.column_stack((found[parent], value))
        left = left[parent] - value
    return found


def _head_fillings(
    head: IntArray, columns: IntArray, log_factorial: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Return (column totals left, minus log factorials) of every filling of the head."""
    left = columns[None, :]
    past = np.zeros(1)
    for total in head:
        fillings = _row_fillings(int(total), columns)
        weight = log_factorial[fillings].sum(axis=1)
        rest = left[:, None, :] - fillings[None, :, :]
        possible = (rest >= 0).all(axis=2)
        past = (past[:, None] - weight[None, :])[possible]
        left = rest[possible]
    return left, past


def _tail_fillings(tail: IntArray, left: IntArray, log_factorial: FloatArray) -> FloatArray:
    """Return minus the log factorials of every filling of the tail; its last row is forced."""
    remaining, past = _head_fillings(tail[:-1], left, log_factorial)
    filled: FloatArray = past - log_factorial[remaining].sum(axis=1)
    return filled
