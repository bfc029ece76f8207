"""The data of a Cox model, checked and sorted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, IntArray, case_weights, refuse
from remission.statistics.cox_risk_sets import RiskSets, risk_sets
from remission.statistics.exact_likelihood import ExactLikelihood
from remission.statistics.labels import coded_labels
from remission.statistics.model_matrix import (
    Covariates,
    centred,
    covariates_of,
    refuse_dependent,
)
from remission.statistics.newton import Evaluation
from remission.statistics.outcome import Outcome
from remission.statistics.partial_likelihood import PartialLikelihood, Ties

Weights = Literal["counts", "sampling"]


@dataclass(frozen=True, eq=False)
class CoxData:
    """The likelihood of a Cox model with its value at zero, and the way back to the given rows.

    ``rows`` (r,) are the given rows of the sorted ones; ``given`` is how many were given.
    ``strata_labels`` name the strata, in the order of their codes; None for the only one.
    """

    likelihood: PartialLikelihood
    at_zero: Evaluation
    covariates: Covariates
    outcome: Outcome
    strata_labels: tuple[object, ...]
    rows: IntArray
    given: int
    events: int

    @property
    def sets(self) -> RiskSets:
        """The risk sets."""
        return self.likelihood.sets

    def by_given_row(self, values: FloatArray) -> FloatArray:
        """Return values of sorted rows (…, r) in the given order (…, n), NaN for weight zero."""
        found = np.full((*values.shape[:-1], self.given), np.nan)
        found[..., self.rows] = values
        return found


def cox_data(
    outcome: Outcome, covariates: ArrayLike, *, names: Sequence[str] | None, ties: Ties,
    strata: ArrayLike | None, weights: ArrayLike | None, weights_are: Weights, where: str,
) -> CoxData:
    """Return the data of a Cox model; raises ``NotEstimable`` naming the first fault."""
    n = len(outcome)
    if ties not in ("efron", "breslow", "exact"):
        raise refuse(where, f"There is no method {ties!r} for ties.",
                     "Choose efron, breslow or exact.")
    matrix, labels = covariates_of(covariates, names=names, n=n, where=where)
    levels, stratum = ((None,), np.zeros(n, dtype=np.int64)) if strata is None else coded_labels(
        strata, n, where=where, what="stratum")
    rows, weight = _weighted_rows(weights, weights_are, n=n, where=where)
    kept = outcome if len(rows) == n and (rows == np.arange(n)).all() else Outcome(
        outcome.time[rows], outcome.event[rows],
        None if outcome.entry is None else outcome.entry[rows])
    if not kept.events:
        raise refuse(where, "There are no events.", "Hazards cannot be compared.")
    if ties == "exact" and weight is not None:
        raise refuse(where, "Sampling weights have no exact likelihood of ties.",
                     "Choose efron or breslow.")
    sets = risk_sets(kept, stratum[rows])
    order = rows[sets.order]
    prepared = centred(
        matrix, labels, where=where, order=order,
        weight=None if weight is None else weight[sets.order])
    likelihood = ExactLikelihood(sets, prepared.columns) if ties == "exact" else (
        PartialLikelihood(sets, prepared.columns,
                          np.ones(len(rows)) if weight is None else weight[sets.order], ties))
    at_zero = likelihood(np.zeros(len(labels)))
    refuse_dependent(at_zero.information / kept.events, labels, where=where, scale=prepared.scale,
                     why="does not vary, beside the others, among those at risk at an event")
    return CoxData(likelihood, at_zero, prepared, kept, levels, order, n, kept.events)


def _weighted_rows(
    weights: ArrayLike | None, weights_are: Weights, *, n: int, where: str
) -> tuple[IntArray, FloatArray | None]:
    """Return which given rows are analysed, repeated by counts, and their sampling weights."""
    if weights_are not in ("counts", "sampling"):
        raise refuse(where, f"There are no weights of the kind {weights_are!r}.",
                     "Choose counts or sampling.")
    if weights is None:
        return np.arange(n), None
    given = case_weights(weights, n, where=where)
    if weights_are == "sampling":
        rows = np.flatnonzero(given)
        return rows, given[rows]
    if (given != np.floor(given)).any():
        raise refuse(where, "Weights that are counts must be whole numbers.",
                     'Say weights_are="sampling" for weights of another kind.')
    return np.repeat(np.arange(n), given.astype(np.int64)), None
