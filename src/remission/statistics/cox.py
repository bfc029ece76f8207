"""Cox's proportional-hazards regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from remission.errors import NotEstimable
from remission.statistics.arrays import FloatArray, IntArray, refuse
from remission.statistics.cox_data import CoxData, Weights, cox_data
from remission.statistics.cox_scores import score_residuals
from remission.statistics.fitted import Fitted, ModelTest, model_test, quadratic, wald_terms
from remission.statistics.labels import coded_labels
from remission.statistics.model_matrix import few_events
from remission.statistics.newton import Optimum, inverse, maximise
from remission.statistics.outcome import Outcome
from remission.statistics.partial_likelihood import Ties
from remission.statistics.separation import cox_separation

TIES = {
    "efron": "ties: Efron",
    "breslow": "ties: Breslow",
    "exact": "ties: exact (discrete time)",
}


@dataclass(frozen=True, eq=False)
class Cox(Fitted):
    """A fitted Cox model; its ratios are hazard ratios.

    ``naive_covariance`` (p, p) is the inverse information, the same as ``covariance`` unless that
    is robust. ``data`` are the sorted rows, for residuals and predictions. Tests: ``likelihood
    ratio``, ``Wald`` (with the robust covariance where there is one) and ``score``, all with p
    degrees of freedom.
    """

    naive_covariance: FloatArray
    is_robust: bool
    data: CoxData = field(repr=False)


def cox(
    outcome: Outcome, covariates: ArrayLike, *, names: Sequence[str] | None = None,
    ties: Ties = "efron", strata: ArrayLike | None = None, weights: ArrayLike | None = None,
    weights_are: Weights = "counts", cluster: ArrayLike | None = None,
    robust: bool | None = None, level: float = 0.95,
) -> Cox:
    """Return the Cox regression of an outcome on covariates (n, p); any cause is the event.

    Start–stop rows are an outcome with ``entry``; several rows of one subject share a label of
    ``cluster`` (n,). ``strata`` (n,) have baseline hazards of their own. ``weights`` (n,) are
    ``counts`` (a row of weight 2 is two rows) or ``sampling`` weights as in R's ``coxph``, whose
    tied events share their mean weight. ``robust`` asks for the standard errors of Lin & Wei
    1989, J Am Stat Assoc 84:1074; left out, they are given with clusters or sampling weights.
    With them the likelihood-ratio and score tests still take the rows for independent.

    Cox 1972, J R Stat Soc B 34:187; ties as in
    :class:`~remission.statistics.partial_likelihood.PartialLikelihood`. Raises
    :class:`~remission.errors.NotEstimable` without events, for constant or collinear covariates,
    bad input, and for a likelihood that grows without bound (monotone), naming the covariates:
    :func:`~remission.statistics.firth_cox.firth_cox` has an estimate then.
    """
    data = cox_data(outcome, covariates, names=names, ties=ties, strata=strata, weights=weights,
                    weights_are=weights_are, where="cox")
    clusters = _clusters(data, cluster, robust, is_sampled=(
        weights is not None and weights_are == "sampling"))
    if clusters is not None and ties == "exact":
        raise refuse("cox", "Robust standard errors are not defined with exact ties.",
                     "Choose efron or breslow.")
    best = _fit(data)
    naive = inverse(best.at.information)
    covariance = naive if clusters is None else _sandwich(data, best, naive, clusters)
    warnings = few_events(data.events, len(naive), cure="consider firth_cox")
    return Cox(
        wald_terms(data.covariates.names, best.estimate, covariance, level),
        _tests(best, covariance), covariance, best.at.log_likelihood, best.at_start.log_likelihood,
        best.iterations, len(data.rows), data.events, level, "Cox regression",
        _conventions(ties, strata is not None, clusters is not None, outcome.entry is not None),
        warnings, naive, clusters is not None, data,
    )


def _fit(data: CoxData) -> Optimum:
    """Return the maximum; a stationary point proves that the likelihood is not monotone."""
    try:
        return maximise(data.likelihood, np.zeros(len(data.covariates.names)),
                        scale=data.covariates.scale, where="cox", at_start=data.at_zero)
    except NotEstimable as failure:
        found = cox_separation(data)
        if not found.is_separated:
            raise failure from None
        raise refuse(
            "cox", f"Not estimable: the likelihood is monotone in {', '.join(found.covariates)}, "
            "the hazard ratio would be 0 or infinite.", "Use firth_cox, or leave them out.",
        ) from None


def _tests(best: Optimum, covariance: FloatArray) -> tuple[ModelTest, ...]:
    df = len(best.estimate)
    start = best.at_start
    return (
        model_test("likelihood ratio",
                   2 * (best.at.log_likelihood - start.log_likelihood), df),
        model_test("Wald", quadratic(covariance, best.estimate), df),
        model_test("score", quadratic(start.information, start.score), df),
    )


def _clusters(
    data: CoxData, cluster: ArrayLike | None, robust: bool | None, *, is_sampled: bool
) -> IntArray | None:
    """Return the cluster of each sorted row, each row its own without labels; None if naive."""
    is_robust = (cluster is not None or is_sampled) if robust is None else robust
    if not is_robust:
        return None
    if cluster is None:
        return np.arange(len(data.rows))
    clusters = coded_labels(cluster, data.given, where="cox", what="cluster")[1]
    used = np.unique(clusters[data.rows], return_inverse=True)[1].astype(np.int64)
    if used.max() + 1 <= len(data.covariates.names):
        raise refuse("cox", "Robust standard errors need more clusters than covariates.")
    return used


def _sandwich(
    data: CoxData, best: Optimum, naive: FloatArray, clusters: IntArray
) -> FloatArray:
    """Return the robust covariance: squares of each cluster's influence on the estimate."""
    state = data.likelihood.state(best.estimate)
    influence = naive @ (score_residuals(data.likelihood, state) * data.likelihood.weight)
    totals = np.array([np.bincount(clusters, weights=row) for row in influence])
    covariance: FloatArray = totals @ totals.T
    return covariance


def _conventions(
    ties: Ties, is_stratified: bool, is_robust: bool, has_entry: bool
) -> tuple[str, ...]:
    said = [TIES[ties], "intervals and p of coefficients: Wald"]
    if has_entry:
        said.append("at risk at t: entry < t ≤ time")
    if is_stratified:
        said.append("a baseline hazard of its own in each stratum")
    if is_robust:
        said.append("standard errors: robust (Lin–Wei); likelihood-ratio and score tests are not")
    return tuple(said)
