"""What binds values but is not printed: relations between columns, and how many are measured."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from remission.reconstruct.moves import excess
from remission.reconstruct.outcomes import Outcome
from remission.reconstruct.targets import Panel, Relation
from remission.reconstruct.windows import MISSED
from remission.statistics.arrays import FloatArray


class Bound:
    """A relation between columns, compiled."""

    def __init__(self, target: Relation, columns: tuple[int, ...], n: int) -> None:
        """Keep the relation, its columns and that it binds all n children."""
        self.target, self.columns, self.rows = target, columns, np.arange(n)

    def excess(self, values: FloatArray) -> FloatArray:
        """Return by how much each child breaks the relation."""
        return excess(self.target, values[:, self.columns])

    def cost(self, values: FloatArray) -> float:
        """Return what the children cost who break it."""
        over = self.excess(values)
        broken = over > 0
        if not broken.any():
            return 0.0
        return float((MISSED + np.minimum(over[broken], 1.0)).sum())

    def outcomes(self, values: FloatArray) -> Iterator[Outcome]:
        """Yield nothing: no number is printed."""
        del values
        yield from ()


class Counted:
    """A panel, compiled: how many children are measured."""

    def __init__(self, target: Panel, columns: tuple[int, ...], n: int) -> None:
        """Keep the panel and its columns."""
        self.target, self.columns, self.rows = target, columns, np.arange(n)

    def cost(self, values: FloatArray) -> float:
        """Return how many too few or too many are measured."""
        is_measured = ~np.isnan(values[:, self.columns[0]])
        missed = 0
        for size in self.target.sizes:
            count = int(is_measured[size.rows].sum())
            missed += max(size.least - count, count - size.most, 0)
        return MISSED + missed if missed else 0.0

    def outcomes(self, values: FloatArray) -> Iterator[Outcome]:
        """Yield nothing: no number is printed."""
        del values
        yield from ()
