"""Logistic regression by maximum likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.errors import NotEstimable
from remission.statistics.arrays import FloatArray, case_weights, refuse
from remission.statistics.fitted import Fitted, ModelTest, model_test, quadratic, wald_terms
from remission.statistics.model_matrix import (
    Covariates,
    centred,
    covariates_of,
    few_events,
)
from remission.statistics.newton import Evaluation, Optimum, inverse, maximise
from remission.statistics.separation import binary_outcome, logistic_separation

INTERCEPT = "intercept"


@dataclass(frozen=True, eq=False)
class Logistic(Fitted):
    """A fitted logistic regression: the intercept first; the ratios are odds ratios.

    ``events`` counts outcomes of 1. Tests: ``likelihood ratio``, ``Wald`` and ``score``, of all
    covariates together against the intercept alone.
    """

    @property
    def events_per_variable(self) -> float:
        """The rarer outcomes for each covariate; the intercept does not count."""
        return min(self.events, self.n - self.events) / (len(self.terms) - 1)


def logistic(
    outcome: ArrayLike, covariates: ArrayLike, *, names: Sequence[str] | None = None,
    weights: ArrayLike | None = None, level: float = 0.95,
) -> Logistic:
    """Return the logistic regression of an outcome (n,) of 0 and 1 on covariates (n, p).

    An intercept is added. ``weights`` (n,) are counts: a row of weight 2 is two rows. Cox 1958, J
    R Stat Soc B 20:215. Raises :class:`~remission.errors.NotEstimable` for bad input, constant or
    collinear covariates, and where the outcome is separated, naming the covariates:
    :func:`~remission.statistics.firth_logistic.firth_logistic` has an estimate then.
    """
    events, matrix, labels = logistic_data(
        outcome, covariates, names=names, weights=weights, where="logistic")
    prepared = centred(matrix, labels, where="logistic")
    design = np.vstack((np.ones(len(events)), prepared.columns))
    best = _fit(events, design, prepared)
    to_raw = np.eye(len(design))
    to_raw[0, 1:] = -prepared.centre
    covariance = to_raw @ inverse(best.at.information) @ to_raw.T
    fewer = min(events.sum(), (1 - events).sum())
    return Logistic(
        wald_terms((INTERCEPT, *labels), to_raw @ best.estimate, covariance, level),
        _tests(best, covariance), covariance, best.at.log_likelihood,
        best.at_start.log_likelihood, best.iterations, len(events), int(events.sum()), level,
        "logistic regression", ("intervals and p of coefficients: Wald",),
        few_events(fewer, len(labels), cure="consider firth_logistic"),
    )


def logistic_data(
    outcome: ArrayLike, covariates: ArrayLike, *, names: Sequence[str] | None,
    weights: ArrayLike | None, where: str,
) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    """Return outcomes (n,), covariates (n, p) and names; rows are repeated by their counts.

    Raises :class:`~remission.errors.NotEstimable` naming the first fault.
    """
    events = binary_outcome(outcome, where=where)
    matrix, labels = covariates_of(covariates, names=names, n=len(events), where=where)
    if weights is None:
        return events, matrix, labels
    counts = case_weights(weights, len(events), where=where)
    if (counts != np.floor(counts)).any():
        raise refuse(where, "Weights are counts and must be whole numbers.")
    rows = np.repeat(np.arange(len(events)), counts.astype(np.int64))
    return binary_outcome(events[rows], where=where), matrix[rows], labels


def _fit(events: FloatArray, design: FloatArray, prepared: Covariates) -> Optimum:
    """Return the maximum; a stationary point proves that there is no separation."""

    def evaluate(beta: FloatArray) -> Evaluation:
        eta = beta @ design
        chance = 1 / (1 + np.exp(-np.clip(eta, -700, 700)))
        value = events @ eta - np.logaddexp(0, eta).sum()
        return Evaluation(float(value), design @ (events - chance),
                          (design * (chance * (1 - chance))) @ design.T)

    share = events.mean()
    start = np.zeros(len(design))
    start[0] = np.log(share / (1 - share))
    try:
        return maximise(evaluate, start, scale=np.append(1.0, prepared.scale), where="logistic")
    except NotEstimable as failure:
        found = logistic_separation(prepared.standardised, events, prepared.names)
        if not found.is_separated:
            raise failure from None
        raise refuse(
            "logistic", f"Not estimable: {found.kind} separation by "
            f"{', '.join(found.covariates) or 'the intercept'}, the odds ratio would be 0 or "
            "infinite.", "Use firth_logistic, or leave them out.") from None


def _tests(best: Optimum, covariance: FloatArray) -> tuple[ModelTest, ...]:
    """Return the three tests; centred covariates are those of the given ones but for the mean."""
    df, start = len(best.estimate) - 1, best.at_start
    within = start.information[1:, 1:] - np.outer(
        start.information[1:, 0], start.information[0, 1:]) / start.information[0, 0]
    return (
        model_test("likelihood ratio", 2 * (best.at.log_likelihood - start.log_likelihood), df),
        model_test("Wald", quadratic(covariance[1:, 1:], best.estimate[1:]), df),
        model_test("score", quadratic(within, start.score[1:]), df),
    )
