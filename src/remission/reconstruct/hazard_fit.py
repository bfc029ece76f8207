"""Many Cox models at once, as fast as a search needs; ``statistics.cox`` has the last word."""

from __future__ import annotations

import numpy as np

from remission.errors import NotEstimable
from remission.reconstruct.blueprint_models import FIRTH, Method
from remission.reconstruct.model_fit import Ratios, ratios_of, ratios_of_fits
from remission.statistics import Outcome, cox, firth_cox
from remission.statistics.arrays import BoolArray, FloatArray, IntArray
from remission.statistics.fitted import Fitted

_STEPS, _STEP, _FAR, _ENOUGH = 15, 2.0, 12.0, 1e-9
"""Newton steps, the longest one, and a logarithm of a ratio from which the likelihood is taken to
be monotone."""


def fitted_hazards(
    time: FloatArray, event: BoolArray, covariates: FloatArray, among: BoolArray, *, level: float,
    method: Method, start: FloatArray | None = None,
) -> tuple[Ratios, FloatArray]:
    """Return the hazard ratios of some models, and their logarithms (models, terms).

    ``time``, ``event`` and ``among`` are (models, children), ``covariates`` (models, children,
    terms); ``start`` (terms) are coefficients to begin with. Ties by Efron.
    """
    models, children, terms = covariates.shape
    if method == FIRTH:
        return ratios_of_fits([
            library_hazards(time[model, rows], event[model, rows], covariates[model, rows], level,
                            FIRTH) for model, rows in enumerate(among)],
            terms), np.zeros((models, terms))
    had = event & among
    own = np.flatnonzero(had.any(axis=0))
    weights = _weights(time, had, among, own)
    counted = had[:, own].astype(np.float64)
    squares = (covariates[..., :, None] * covariates[..., None, :]).reshape(models, children, -1)
    of_events = covariates[:, own]
    beta = np.zeros((models, terms)) if start is None else np.tile(start, (models, 1))
    information = np.zeros((models, terms, terms))
    for _ in range(_STEPS):
        risk = weights * np.exp((covariates @ beta[..., None])[..., 0])[:, None, :]
        total = risk.sum(axis=2)
        safe = np.where(counted > 0, total, 1.0)[..., None]
        mean = (risk @ covariates) / safe
        square = ((risk @ squares) / safe).reshape(*mean.shape, terms)
        spread = square - mean[..., :, None] * mean[..., None, :]
        information = (spread * counted[..., None, None]).sum(axis=1) + 1e-12 * np.eye(terms)
        score = ((of_events - mean) * counted[..., None]).sum(axis=1)
        step = np.clip(np.linalg.solve(information, score[..., None])[..., 0], -_STEP, _STEP)
        beta = np.clip(beta + step, -2 * _FAR, 2 * _FAR)
        if np.abs(step).max() < _ENOUGH:
            break
    variance = np.diagonal(np.linalg.inv(information), axis1=1, axis2=2)
    is_far = (np.abs(beta).max(axis=1) > _FAR) | (variance <= 0).any(axis=1)
    found = ratios_of(beta, np.sqrt(np.abs(variance)), level)
    for values in found:
        values[is_far] = np.nan
    return found, beta


def _weights(
    time: FloatArray, event: BoolArray, among: BoolArray, own: IntArray
) -> FloatArray:
    """Return how much of each child is at risk at the events of some (models, own, children).

    Of events on one day the second has all of them at risk less a share of those with the event,
    and so on: Efron 1977, J Am Stat Assoc 72:557.
    """
    at_risk = (time[:, None, :] >= time[:, own, None]) & among[:, None, :]
    tied = (time[:, None, :] == time[:, own, None]) & event[:, None, :]
    before = np.arange(time.shape[1]) < own[:, None]
    share = (tied & before).sum(axis=2) / np.maximum(tied.sum(axis=2), 1)
    return np.asarray(at_risk - share[..., None] * tied)


def library_hazards(
    time: FloatArray, event: BoolArray, covariates: FloatArray, level: float, method: Method
) -> Fitted | None:
    """Return one model of children (n,) as the analyses fit it; None where it has no estimate."""
    fit = firth_cox if method == FIRTH else cox
    try:
        return fit(Outcome(time=time, event=event), covariates, level=level)
    except NotEstimable:
        return None
