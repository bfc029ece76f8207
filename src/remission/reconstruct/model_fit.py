"""Many logistic models at once, as fast as a search needs.

``statistics.logistic`` and ``firth_logistic`` have the last word on what was found; the penalised
form is fitted by the library at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from remission.errors import NotEstimable
from remission.reconstruct.blueprint_models import FIRTH, Method
from remission.statistics import firth_logistic, logistic
from remission.statistics.arrays import BoolArray, FloatArray, normal_quantile
from remission.statistics.fitted import Fitted

_STEPS, _STEP, _FAR = 12, 3.0, 12.0
"""Newton steps, the longest one, and an effect over the range of a covariate (on the log odds)
from which the outcome is taken to be separated."""
_ENOUGH = 1e-9


class Ratios(NamedTuple):
    """Odds ratios of models with their intervals and P values, each (models, terms).

    Not a number where a model has no finite estimate.
    """

    estimate: FloatArray
    lower: FloatArray
    upper: FloatArray
    p: FloatArray


def fitted_ratios(
    outcome: BoolArray, covariates: FloatArray, among: BoolArray, *, level: float,
    method: Method, start: FloatArray | None = None,
) -> tuple[Ratios, FloatArray]:
    """Return the ratios of some models and their coefficients (models, 1 + terms).

    ``outcome`` and ``among`` are (models, children), ``covariates`` (models, children, terms);
    ``start`` (1 + terms) are coefficients to begin with.
    """
    models, children, terms = covariates.shape
    if method == FIRTH:
        return ratios_of_fits([
            library_fit(outcome[model, rows], covariates[model, rows], level, FIRTH)
            for model, rows in enumerate(among)], terms), np.zeros((models, 1 + terms))
    design = np.concatenate([np.ones((models, children, 1)), covariates], axis=2)
    scale = np.maximum(np.abs(design).max(axis=(0, 1)), 1.0)
    design = design / scale
    beta = np.zeros((models, terms + 1)) if start is None else np.tile(start * scale, (models, 1))
    information = np.zeros((models, terms + 1, terms + 1))
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip((design @ beta[..., None])[..., 0], -30, 30)))
        weights = (chance * (1 - chance) + 1e-12) * among
        information = (design * weights[..., None]).transpose(0, 2, 1) @ design
        information += 1e-12 * np.eye(terms + 1)
        score = design.transpose(0, 2, 1) @ ((outcome - chance) * among)[..., None]
        step = np.clip(np.linalg.solve(information, score)[..., 0], -_STEP, _STEP)
        beta = np.clip(beta + step, -3 * _FAR, 3 * _FAR)
        if np.abs(step).max() < _ENOUGH:
            break
    variance = np.diagonal(np.linalg.inv(information), axis1=1, axis2=2)
    is_far = (np.abs(beta[:, 1:]).max(axis=1) > _FAR) | (variance <= 0).any(axis=1)
    half = np.sqrt(np.abs(variance)) / scale
    beta = beta / scale
    found = ratios_of(beta[:, 1:], half[:, 1:], level)
    for values in found:
        values[is_far] = np.nan
    return found, beta


def ratios_of(log: FloatArray, error: FloatArray, level: float) -> Ratios:
    """Return ratios, Wald intervals and P values by their logarithms and standard errors."""
    from scipy.special import erfc

    half = normal_quantile(level) * error
    with np.errstate(over="ignore"):
        return Ratios(np.exp(log), np.exp(log - half), np.exp(log + half),
                      np.asarray(erfc(np.abs(log / error) / np.sqrt(2))))


def ratios_of_fits(fits: Sequence[Fitted | None], terms: int) -> Ratios:
    """Return the ratios of models of the library, each of its last ``terms``; None has none."""
    found = np.full((4, len(fits), terms), np.nan)
    for model, fitted in enumerate(fits):
        if fitted is not None:
            for place, term in enumerate(fitted.terms[-terms:]):
                found[:, model, place] = (term.ratio, term.ratio_lower, term.ratio_upper, term.p)
    return Ratios(*found)


def library_fit(
    outcome: BoolArray, covariates: FloatArray, level: float, method: Method
) -> Fitted | None:
    """Return one model of children (n,) as the analyses fit it; None where it has no estimate."""
    fit = firth_logistic if method == FIRTH else logistic
    try:
        return fit(outcome.astype(np.int64), covariates, level=level)
    except NotEstimable:
        return None
