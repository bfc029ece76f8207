"""Products of pairs of columns, for many weightings of the rows at once."""

from __future__ import annotations

import numpy as np

from remission.statistics.arrays import FloatArray

_DENSE = 2_000_000
"""Products up to which all pairs of columns are kept, so that sums are one matrix product."""


class PairProducts:
    """The columns (p, n) of a design, for sums and quadratic forms over its rows."""

    def __init__(self, columns: FloatArray) -> None:
        """Multiply all pairs of columns, if they are few."""
        self._columns = columns
        p, n = columns.shape
        self._pairs: FloatArray | None = None
        if p * p * n <= _DENSE:
            self._pairs = np.ascontiguousarray((columns[:, None] * columns).reshape(p * p, n))

    def weighted(self, weight: FloatArray) -> FloatArray:
        """Return Σ weight × x x' over rows: weights (B, n) to (B, p, p)."""
        p = len(self._columns)
        if self._pairs is not None:
            return (weight @ self._pairs.T).reshape(-1, p, p)
        return (weight[:, None] * self._columns) @ self._columns.T

    def forms(self, matrix: FloatArray) -> FloatArray:
        """Return x' M x of each row: matrices (B, p, p) to (B, n)."""
        if self._pairs is not None:
            return matrix.reshape(len(matrix), -1) @ self._pairs
        found: FloatArray = ((matrix @ self._columns) * self._columns).sum(axis=1)
        return found
