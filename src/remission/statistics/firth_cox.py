"""Firth's Cox regression, which has an estimate where the likelihood is monotone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, refuse
from remission.statistics.cox_data import CoxData, cox_data
from remission.statistics.cox_terms import EventTerms
from remission.statistics.firth import Penalised, PenalisedEvaluations, Profile, inverses
from remission.statistics.firth_logistic import PENALISED
from remission.statistics.fitted import Fitted
from remission.statistics.model_matrix import are_few, few_events
from remission.statistics.newton_batch import IMPOSSIBLE
from remission.statistics.outcome import Outcome
from remission.statistics.pair_products import PairProducts
from remission.statistics.partial_likelihood import Ties

_LEAST = 1e-140
"""The least sum of relative hazards that can be divided by."""


def firth_cox(
    outcome: Outcome, covariates: ArrayLike, *, names: Sequence[str] | None = None,
    ties: Ties = "efron", strata: ArrayLike | None = None, weights: ArrayLike | None = None,
    level: float = 0.95,
) -> Fitted:
    """Return Firth's Cox regression of an outcome on covariates (n, p); any cause is the event.

    The partial likelihood (ties by Efron or Breslow) is penalised by ½ log |information|, which
    keeps estimates finite where it is monotone. ``strata`` (n,) have baseline hazards of their
    own; start–stop rows are an outcome with ``entry``; ``weights`` (n,) are counts.
    ``iterations`` of the result is 0: the fit, its tests and its intervals are one computation.
    Firth 1993, Biometrika 80:27; Heinze & Schemper 2001, Biometrics 57:114. Raises
    :class:`~remission.errors.NotEstimable` without events, for bad input, and for constant or
    collinear covariates.
    """
    if ties == "exact":
        raise refuse("firth_cox", "The penalty is not defined here for exact ties.",
                     "Choose efron or breslow.")
    data = cox_data(outcome, covariates, names=names, ties=ties, strata=strata, weights=weights,
                    weights_are="counts", where="firth_cox")
    p = len(data.covariates.names)
    fit = Profile(penalised_cox(data), data.covariates.scale, np.ones(p, dtype=np.bool_),
                  n=len(data.rows), has_few_events=are_few(data.events, p), where="firth_cox")
    terms = fit.terms(data.covariates.names, level)
    return Fitted(
        terms, (fit.test(),), fit.covariance,
        fit.log_likelihood, fit.null_log_likelihood, 0, len(data.rows), data.events, level,
        "Firth Cox regression", (f"ties: {ties.capitalize()}", *PENALISED),
        fit.warnings + few_events(data.events, p, cure="which Firth's penalty reduces"),
    )


def penalised_cox(data: CoxData) -> Penalised:
    """Return the penalised partial likelihood at coefficients (B, p).

    The score of the penalty holds the third moments of the covariates in every risk set; taken
    against the inverse information they need sums of three quantities for each row only, and no
    p×p×p array: with q = (x − x̄)' I⁻¹ (x − x̄), it is half the covariance of q and x.
    """
    columns, terms = data.covariates.columns, EventTerms(data.likelihood)
    products = PairProducts(columns)
    event, event_sum = data.sets.event, columns[:, data.sets.event].sum(axis=1)

    def evaluate(beta: FloatArray, wanted: int, has_score: bool = True) -> PenalisedEvaluations:
        eta = beta @ columns
        eta -= eta.max(axis=1, keepdims=True)
        risk = np.exp(eta)
        total = np.maximum(terms.sums(risk), _LEAST)
        hazard = 1 / total
        means = terms.sums(risk[:, None] * columns) * hazard[:, None]
        cumulative = terms.spread(hazard)
        burden = risk * cumulative
        information = products.weighted(burden) - means @ means.swapaxes(1, 2)
        sign, log_determinant = np.linalg.slogdet(information[:wanted])
        value = (eta[:wanted, event] - np.log(total[:wanted])).sum(axis=1)
        heights = np.where(sign > 0, value + log_determinant / 2, IMPOSSIBLE)
        if not has_score:
            return PenalisedEvaluations(heights, beta[:0], information, information)
        inverse = inverses(information)
        score = event_sum - burden @ columns.T + _penalty_score(
            columns, terms, own=products.forms(inverse), turned=inverse @ means, risk=risk,
            cumulative=cumulative, hazard=hazard, means=means)
        return PenalisedEvaluations(heights, score, information, information)

    return evaluate


def _penalty_score(
    columns: FloatArray, terms: EventTerms, *, own: FloatArray, turned: FloatArray,
    risk: FloatArray, cumulative: FloatArray, hazard: FloatArray, means: FloatArray,
) -> FloatArray:
    """Return the derivative (B, p) of ½ log |information|.

    q of a row in an event's term is Q − 2 x'v + x̄'v, with Q = x' I⁻¹ x, ``own`` (B, n), and
    v = I⁻¹ x̄, ``turned`` (B, p, m). The other shapes: ``columns`` (p, n), ``risk`` and
    ``cumulative`` hazard (B, n), ``hazard`` (B, m), ``means`` (B, p, m).
    """
    offset = (turned * means).sum(axis=1)
    expected = terms.sums(risk * own) * hazard - offset
    cross = (terms.spread(hazard[:, None] * turned) * columns).sum(axis=1)
    weight = own * cumulative - 2 * cross + terms.spread(hazard * offset)
    found: FloatArray = ((risk * weight) @ columns.T - (means @ expected[..., None])[..., 0]) / 2
    return found
