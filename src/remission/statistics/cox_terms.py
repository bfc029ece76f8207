"""Sums over those at risk in the term of each event, for many coefficient vectors at once."""

from __future__ import annotations

import numpy as np

from remission.statistics.arrays import FloatArray
from remission.statistics.cox_risk_sets import RiskSets
from remission.statistics.partial_likelihood import PartialLikelihood

_DENSE = 2_000_000
"""Cells up to which the risk sets are one matrix (m, n), so that sums are a matrix product."""


class EventTerms:
    """The linear maps between n sorted rows and the m terms of the partial likelihood.

    In a term a row at risk counts once, or 1 − l/d where it is one of d tied events (Efron).
    """

    def __init__(self, likelihood: PartialLikelihood) -> None:
        """Choose the matrix for small data, cumulative sums beyond."""
        self._sets, self._fraction = likelihood.sets, likelihood.fraction
        is_small = len(self._sets.event) * len(self._sets.order) <= _DENSE
        self._matrix = _matrix(self._sets, self._fraction) if is_small else None

    def sums(self, values: FloatArray) -> FloatArray:
        """Return sums over rows in each term: (…, n) to (…, m)."""
        if self._matrix is not None:
            return _product(values, self._matrix.T)
        sets = self._sets
        total: FloatArray = sets.sums(values).take(sets.slot, axis=-1)
        if self._fraction is not None:
            total -= self._fraction * self._tied(values.take(sets.event, axis=-1))
        return total

    def spread(self, values: FloatArray) -> FloatArray:
        """Return sums over the terms each row is in, the transpose: (…, m) to (…, n)."""
        if self._matrix is not None:
            return _product(values, self._matrix)
        sets = self._sets
        found = sets.accumulated(np.add.reduceat(values, sets.slot_starts, axis=-1))
        if self._fraction is not None:
            found[..., sets.event] -= self._tied(self._fraction * values)
        return found

    def _tied(self, values: FloatArray) -> FloatArray:
        """Return for each event the sum over the events of its time (…, m)."""
        by_slot = np.add.reduceat(values, self._sets.slot_starts, axis=-1)
        found: FloatArray = by_slot.take(self._sets.slot, axis=-1)
        return found


def _product(values: FloatArray, matrix: FloatArray) -> FloatArray:
    """Return values (…, a) @ matrix (a, b) as one product, not one for each leading index."""
    flat = values.reshape(-1, len(matrix)) @ matrix
    found: FloatArray = flat.reshape(*values.shape[:-1], matrix.shape[1])
    return found


def _matrix(sets: RiskSets, fraction: FloatArray | None) -> FloatArray:
    slots = np.arange(len(sets.last_row))[:, None]
    by_slot = (sets.first_slot <= slots) & (slots < sets.end_slot)
    matrix = by_slot[sets.slot].astype(np.float64)
    if fraction is not None:
        is_same = sets.slot[:, None] == sets.slot
        matrix[:, sets.event] -= np.where(is_same, fraction[:, None], 0.0)
    return matrix
