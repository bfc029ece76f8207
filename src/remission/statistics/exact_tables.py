"""All tables with the margins of an observed one, decided together wherever they can be.

A table is filled cell by cell, column by column, all partial tables at once. What can still
follow a partial table depends only on the totals left. When even its likeliest completion is no
likelier than the observed table, all completions are extreme, and their probability is known in
closed form; when even the least likely is likelier, none is. Only the undecided are filled
further, and those with the same totals left (in any order) and the same past are one. This is the
network algorithm of Mehta & Patel 1983, J Am Stat Assoc 78:427, with a bound for the likeliest
completion that needs no search: the multinomial one, which knows the totals of the rows exactly
and those of the columns on average.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from remission.statistics.arrays import BoolArray, FloatArray, IntArray
from remission.statistics.tails import log_sum

AS_LIKELY = 1e-7
"""Relative distance within which a table is as likely as the observed one."""
_BATCH = 200_000
"""Partial tables held at once while a column is filled."""
_ONE_SORT = 1_000
"""What finding the futures of one set of totals costs besides, in partial tables."""


class _TooManyTablesError(Exception):
    """The search would visit more partial tables than it may."""


@dataclass(frozen=True, eq=False)
class _Partial:
    """Partial tables (m of them): what they leave, and what they weigh.

    ``left`` (rows × m) are the row totals not yet placed and ``rest`` (m,) what the column being
    filled still holds; ``past`` (m,) is minus the log factorials of the cells filled, and
    ``ways`` (m,) how many partial tables the entry stands for.
    """

    left: IntArray
    rest: IntArray
    past: FloatArray
    ways: FloatArray

    def __getitem__(self, chosen: BoolArray | IntArray | slice) -> _Partial:
        return _Partial(self.left[:, chosen], self.rest[chosen], self.past[chosen],
                        self.ways[chosen])


def exact_log_p(counts: IntArray, *, most: int) -> float | None:
    """Return log p of Freeman and Halton for a table of counts (rows × columns).

    None when more than ``most`` partial tables would be visited: a property of the table, not of
    the machine.
    """
    search = _Search(_oriented(counts), most)
    partial = search.start()
    try:
        for column in range(len(search.columns) - 2):
            if not len(partial.past):
                break
            if search.is_cheaper_met(partial, column):
                search.meet(partial, column)
                break
            partial = search.fill_column(partial, column)
        else:
            search.finish(partial)
    except _TooManyTablesError:
        return None
    return search.log_p()


class _Search:
    """The state of one search: the margins, the bounds and what has been decided so far."""

    def __init__(self, table: IntArray, most: int) -> None:
        self.rows, self.columns = table.sum(axis=1), table.sum(axis=0)
        self.log_factorial = log_factorials(int(table.sum()))
        self.limit = -float(self.log_factorial[table].sum()) + math.log1p(AS_LIKELY)
        self.log_columns = np.log(self.columns)
        self.extreme: list[float] = []
        self.most, self.visited = most, 0

    @cached_property
    def likeliest_rows(self) -> list[FloatArray]:
        """The most a row can weigh in the columns from each one on."""
        largest = int(self.rows.max())
        return [_likeliest_rows(self.columns[first:], largest)
                for first in range(len(self.columns))]

    def start(self) -> _Partial:
        """Return the empty table."""
        return _Partial(self.rows[:, None], np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1))

    def log_p(self) -> float:
        """Return the logarithm of the probability of all extreme tables."""
        log_factorial = self.log_factorial
        all_tables = (log_factorial[-1] - log_factorial[self.rows].sum()
                      - log_factorial[self.columns].sum())
        return min(0.0, log_sum(self.extreme) - float(all_tables))

    def fill_column(self, partial: _Partial, column: int) -> _Partial:
        """Return the partial tables still undecided after one more column."""
        return _merged(_joined(list(self._fill_cells(self._opened(partial, column), column, 0))))

    def finish(self, partial: _Partial) -> None:
        """Decide all tables when two columns are left; the last one is forced."""
        column = len(self.columns) - 2
        partial = self._opened(partial, column)
        last_free = len(self.rows) - 2
        for batch in self._fill_cells(partial, column, 0, stop=last_free):
            self._settle_lines(batch, last_free)

    def is_cheaper_met(self, partial: _Partial, column: int) -> bool:
        """Say whether the futures of the totals left are fewer than the next cells to fill."""
        first = _starts(partial.left)
        futures = np.ones(len(first))
        for total in self.columns[column:-1]:
            futures *= _fillings(partial.left[:, first], int(total))
        following = _fillings(partial.left, int(self.columns[column])).sum()
        return bool((futures + _ONE_SORT).sum() < following)

    def meet(self, partial: _Partial, column: int) -> None:
        """Decide all tables by a search of each past among the sorted futures of its totals."""
        edges = [*_starts(partial.left).tolist(), len(partial.past)]
        for begin, end in itertools.pairwise(edges):
            future = np.sort(self._futures(partial.left[:, begin], column))
            sums = np.concatenate(([0.0], np.cumsum(np.exp(future - future[-1]))))
            past = partial.past[begin:end]
            upto = np.searchsorted(future, self.limit - past, side="right")
            self._set_aside(past + future[-1], partial.ways[begin:end] * sums[upto])

    def _futures(self, left: IntArray, column: int) -> FloatArray:
        """Return minus the log factorials of every filling of the columns from one on."""
        partial = _Partial(left[:, None], np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1))
        for following in range(column, len(self.columns) - 1):
            partial = _joined(list(self._fill_cells(self._opened(partial, following), following, 0,
                                                    decide=False)))
        filled: FloatArray = partial.past - self.log_factorial[partial.left].sum(axis=0)
        return filled

    def _opened(self, partial: _Partial, column: int) -> _Partial:
        """Return the partial tables with a new column to fill."""
        total = np.full(len(partial.past), self.columns[column])
        return _Partial(partial.left, total, partial.past, partial.ways)

    def _fill_cells(
        self, partial: _Partial, column: int, row: int, *, stop: int | None = None,
        decide: bool = True,
    ) -> Iterator[_Partial]:
        """Yield, in batches, what is undecided after the cells of a column, ``row`` to ``stop``.

        Without ``stop`` the column is filled whole; its last cell is forced. Without ``decide``
        all partial tables are kept.
        """
        last = len(self.rows) - 1
        if row == (last if stop is None else stop):
            yield partial
            return
        for parent, value in self._cells(partial, row):
            batch, done = self._placed(partial[parent], row, value), row + 1
            if done == last:
                batch, done = self._placed(batch, last, batch.rest), last + 1
            if decide:
                batch = self._undecided(batch, column, done)
            yield from self._fill_cells(batch, column, row + 1, stop=stop, decide=decide)

    def _cells(self, partial: _Partial, row: int) -> Iterator[tuple[IntArray, IntArray]]:
        """Yield, in batches, (partial table, count) for every possible count in its next cell."""
        room = partial.left[row + 1:].sum(axis=0)
        low = np.maximum(0, partial.rest - room)
        width = np.minimum(partial.left[row], partial.rest) - low + 1
        ends = np.cumsum(width)
        size = int(ends[-1]) if len(ends) else 0
        self.visited += size
        if self.visited > self.most:
            raise _TooManyTablesError
        cuts = np.searchsorted(ends, np.arange(_BATCH, size, _BATCH))
        for begin, end in itertools.pairwise([0, *np.unique(cuts[cuts > 0]), len(width)]):
            widths = width[begin:end]
            parent = np.repeat(np.arange(begin, end), widths)
            first = np.repeat(np.cumsum(widths) - widths - low[begin:end], widths)
            yield parent, np.arange(len(parent)) - first

    def _settle_lines(self, partial: _Partial, row: int) -> None:
        """Decide the tables of which one cell decides the three others left."""
        log_factorial, rest = self.log_factorial, partial.rest
        upper, lower = partial.left[row], partial.left[row + 1] - rest
        past = partial.past - log_factorial[partial.left[:row]].sum(axis=0)
        for parent, value in self._cells(partial, row):
            weight = (past[parent] - log_factorial[value] - log_factorial[rest[parent] - value]
                      - log_factorial[upper[parent] - value]
                      - log_factorial[lower[parent] + value])
            is_extreme = weight <= self.limit
            self._set_aside(weight[is_extreme], partial.ways[parent[is_extreme]])

    def _set_aside(self, weights: FloatArray, ways: FloatArray) -> None:
        """Note the logarithm of the sum of weights (given as logarithms) times ways."""
        if len(weights):
            largest = float(weights.max())
            total = float((np.exp(weights - largest) * ways).sum())
            self.extreme.append(largest + math.log(total))

    def _placed(self, partial: _Partial, row: int, value: IntArray) -> _Partial:
        """Return the partial tables (own arrays) with ``value`` in the cell of a row."""
        partial.left[row] -= value
        return _Partial(partial.left, partial.rest - value,
                        partial.past - self.log_factorial[value], partial.ways)

    def _undecided(self, partial: _Partial, column: int, done: int) -> _Partial:
        """Keep what is undecided; the weight of partial tables all extreme is set aside.

        ``done`` rows of the column are filled. The likeliest completion is bounded by letting
        each row spread over the columns as it likes, at a price for each column (its share) that
        makes no difference to a completion that keeps the column totals.
        """
        log_factorial, left = self.log_factorial, partial.left
        later = self.columns[column + 1:]
        price = float((later * self.log_columns[column + 1:]).sum())
        highest = partial.past - partial.rest * self.log_columns[column] - price
        for row, totals in enumerate(left):
            highest += self.likeliest_rows[column + (row < done)][totals]
        rows_of_one_cell = log_factorial[left].sum(axis=0)
        columns_of_one_cell = log_factorial[partial.rest] + log_factorial[later].sum()
        lowest = partial.past - np.minimum(rows_of_one_cell, columns_of_one_cell)
        is_extreme = highest <= self.limit
        if is_extreme.any():
            chosen = partial[is_extreme]
            unfilled = chosen.left[done:].sum(axis=0)
            weights = (
                chosen.past - rows_of_one_cell[is_extreme]
                + log_factorial[later.sum()] - log_factorial[later].sum()
                + log_factorial[unfilled] - log_factorial[chosen.rest]
                - log_factorial[unfilled - chosen.rest]
            )
            self._set_aside(weights, chosen.ways)
        return partial[~is_extreme & (lowest <= self.limit)]


def _oriented(counts: IntArray) -> IntArray:
    """Return the table with no more rows than columns, both in rising order of their totals."""
    table = counts if counts.shape[0] <= counts.shape[1] else counts.T
    table = table[np.argsort(table.sum(axis=1), kind="stable")]
    return np.ascontiguousarray(table[:, np.argsort(table.sum(axis=0), kind="stable")])


def log_factorials(n: int) -> FloatArray:
    """Return log k! for k from 0 to n, summed with more digits than are kept."""
    logarithms = np.log(np.maximum(np.arange(n + 1), 1.0))
    table: FloatArray = np.cumsum(logarithms, dtype=np.longdouble).astype(np.float64)
    return table


def _likeliest_rows(columns: IntArray, largest: int) -> FloatArray:
    """Return the most a row can weigh, by its total from 0 to ``largest``.

    The weight is Σ(x log c − log x!) over the columns, c their totals. Each unit goes where
    c / (x + 1) is greatest (the rule of D'Hondt), so the weights are sums of sorted quotients.
    """
    quotients = np.log(columns)[:, None] - np.log(np.arange(1, largest + 1))
    ordered = np.sort(quotients, axis=None)[::-1][:largest]
    return np.concatenate(([0.0], np.cumsum(ordered)))


def _joined(parts: list[_Partial]) -> _Partial:
    """Return all parts as one."""
    return _Partial(np.concatenate([part.left for part in parts], axis=1),
                    np.concatenate([part.rest for part in parts]),
                    np.concatenate([part.past for part in parts]),
                    np.concatenate([part.ways for part in parts]))


def _starts(left: IntArray) -> IntArray:
    """Return where each new set of totals begins, equal ones standing together."""
    changes = (left[:, 1:] != left[:, :-1]).any(axis=0)
    return np.concatenate(([0], np.flatnonzero(changes) + 1))


def _fillings(left: IntArray, total: int) -> FloatArray:
    """Return a bound for the ways to fill a column from the totals left (rows × m)."""
    ways: FloatArray = np.prod(np.minimum(left[:-1], total) + 1.0, axis=0)
    return ways


def _merged(partial: _Partial) -> _Partial:
    """Return the partial tables with those of the same future and past as one entry.

    The order of the rows makes no difference to the future. Pasts are the same within 1e-9, far
    within the distance that counts as equally likely.
    """
    if len(partial.past) < 2:
        return partial
    left = np.sort(partial.left, axis=0)
    keys = (np.rint(partial.past * 1e9), *left[:-1])
    order = np.lexsort(keys)
    changes = np.any([key[order[1:]] != key[order[:-1]] for key in keys], axis=0)
    first = np.concatenate(([0], np.flatnonzero(changes) + 1))
    kept = order[first]
    return _Partial(left[:, kept], partial.rest[kept], partial.past[kept],
                    np.add.reduceat(partial.ways[order], first))
