"""What each row contributes to the score of a Cox model."""

from __future__ import annotations

import numpy as np

from remission.statistics.arrays import FloatArray
from remission.statistics.partial_likelihood import PartialLikelihood, RiskState


def event_residuals(likelihood: PartialLikelihood, state: RiskState) -> FloatArray:
    """Return Schoenfeld residuals (p, m): covariates at the event less their mean then.

    With Efron's ties the mean is that of the tied events' terms. Schoenfeld 1982, Biometrika
    69:239.
    """
    sets, means = likelihood.sets, likelihood.means(state)
    if likelihood.fraction is not None:
        shared = np.add.reduceat(means, sets.slot_starts, axis=1) / sets.deaths
        means = shared[:, sets.slot]
    found: FloatArray = likelihood.columns[:, sets.event] - means
    return found


def score_residuals(likelihood: PartialLikelihood, state: RiskState) -> FloatArray:
    """Return score residuals (p, n) of sorted rows, not weighted; weighted they sum to the score.

    A row's residual is its Schoenfeld residual, if it has the event, less what was expected of it
    over its time at risk. Therneau, Grambsch & Fleming 1990, Biometrika 77:147.
    """
    sets, columns = likelihood.sets, likelihood.columns
    drift = likelihood.means(state) * state.hazard
    by_slot = np.add.reduceat(drift, sets.slot_starts, axis=1)
    expected = sets.accumulated(by_slot)
    if likelihood.fraction is not None:
        tied = np.add.reduceat(drift * likelihood.fraction, sets.slot_starts, axis=1)
        expected[:, sets.event] -= tied[:, sets.slot]
    hazard = state.risk / likelihood.weight
    residuals = expected * hazard - columns * (likelihood.burden(state) / likelihood.weight)
    residuals[:, sets.event] += event_residuals(likelihood, state)
    return residuals
