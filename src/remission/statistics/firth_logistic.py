"""Firth's logistic regression, which has an estimate where the outcome is separated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray
from remission.statistics.firth import Penalised, PenalisedEvaluations, Profile, inverses
from remission.statistics.logistic import INTERCEPT, Logistic, logistic_data
from remission.statistics.model_matrix import are_few, centred, few_events
from remission.statistics.newton_batch import IMPOSSIBLE
from remission.statistics.pair_products import PairProducts

PENALISED = (
    "penalty: Jeffreys' prior (Firth)",
    "intervals: profile penalised likelihood",
    "p of coefficients: penalised likelihood ratio, χ² with 1 df",
    "standard errors: inverse information at the estimate",
)


def firth_logistic(
    outcome: ArrayLike, covariates: ArrayLike, *, names: Sequence[str] | None = None,
    weights: ArrayLike | None = None, level: float = 0.95,
) -> Logistic:
    """Return Firth's logistic regression of an outcome (n,) of 0 and 1 on covariates (n, p).

    The likelihood is penalised by Jeffreys' prior, ½ log |information|, which removes the bias
    of first order and keeps estimates finite under separation. An intercept is added; its term
    is profiled as the others. ``weights`` (n,) are counts. ``iterations`` of the result is 0: the
    fit, its tests and its intervals are one computation. Firth 1993, Biometrika 80:27; Heinze &
    Schemper 2002, Stat Med 21:2409. Raises :class:`~remission.errors.NotEstimable` for bad input
    and constant or collinear covariates.
    """
    events, matrix, labels = logistic_data(
        outcome, covariates, names=names, weights=weights, where="firth_logistic")
    prepared = centred(matrix, labels, where="firth_logistic")
    design = np.vstack((np.ones(len(events)), matrix.T))
    scale = np.append(1.0, prepared.scale)
    is_tested = np.arange(len(design)) > 0
    fewer = min(events.sum(), (1 - events).sum())
    fit = Profile(penalised_logistic(events, design), scale, is_tested, n=len(events),
                  has_few_events=are_few(fewer, len(labels)), where="firth_logistic")
    terms = fit.terms((INTERCEPT, *labels), level)
    return Logistic(
        terms, (fit.test(),), fit.covariance,
        fit.log_likelihood, fit.null_log_likelihood, 0, len(events), int(events.sum()), level,
        "Firth logistic regression", PENALISED,
        fit.warnings + few_events(fewer, len(labels), cure="which Firth's penalty reduces"),
    )


def penalised_logistic(events: FloatArray, design: FloatArray) -> Penalised:
    """Return the penalised likelihood at coefficients (B, p), for a design (p, n)."""
    products = PairProducts(design)

    def evaluate(beta: FloatArray, wanted: int, has_score: bool = True) -> PenalisedEvaluations:
        eta = beta @ design
        decay = np.exp(-np.abs(eta))
        chance = np.where(eta > 0, 1.0, decay) / (1 + decay)
        weight = chance * (1 - chance)
        information = products.weighted(weight)
        sign, log_determinant = np.linalg.slogdet(information[:wanted])
        value = eta[:wanted] @ events - (
            np.maximum(eta[:wanted], 0.0) + np.log(1 + decay[:wanted])).sum(axis=1)
        heights = np.where(sign > 0, value + log_determinant / 2, IMPOSSIBLE)
        if not has_score:
            return PenalisedEvaluations(heights, beta[:0], information, information)
        leverage = products.forms(inverses(information)) * weight
        score = (events - chance + leverage * (0.5 - chance)) @ design.T
        return PenalisedEvaluations(heights, score, information, information)

    return evaluate
