"""The exact partial likelihood of tied events, for time that is truly discrete."""

from __future__ import annotations

import math

import numpy as np

from remission.statistics.arrays import FloatArray
from remission.statistics.cox_risk_sets import RiskSets
from remission.statistics.newton import Evaluation
from remission.statistics.partial_likelihood import PartialLikelihood, is_tied


class ExactLikelihood(PartialLikelihood):
    """The discrete partial likelihood: d tied events against every choice of d of those at risk.

    Cox 1972, J R Stat Soc B 34:187. The sum over choices comes from the recursion of Gail, Lubin
    & Rubinstein 1981, Biometrika 68:703, carried through the risk set as one running sum for
    each number chosen. Lone events are as in Breslow's likelihood.
    """

    def __init__(self, sets: RiskSets, columns: FloatArray) -> None:
        """Keep the risk set of every tied event time; case weights are not defined here."""
        super().__init__(sets, columns, np.ones(columns.shape[1]), "exact")
        self.share = np.where(is_tied(sets), 0.0, self.share)
        self._tied = [(sets.at_risk(slot), int(sets.deaths[slot])) for slot in self.tied_slots]

    def __call__(self, beta: FloatArray) -> Evaluation:
        """Return log-likelihood, score and information at ``beta`` (p,)."""
        lone = super().__call__(beta)
        if not np.isfinite(lone.log_likelihood):
            return lone
        eta = beta @ self.columns
        eta -= eta.max()
        value, score, information = lone.log_likelihood, lone.score, lone.information
        for rows, deaths in self._tied:
            log_sum, mean, variance = choices(eta[rows], self.columns[:, rows], deaths)
            value, score, information = value - log_sum, score - mean, information + variance
        if not np.isfinite(value):
            return Evaluation(-np.inf, score, information)
        return Evaluation(value, score, information)


def choices(
    eta: FloatArray, columns: FloatArray, chosen: int
) -> tuple[float, FloatArray, FloatArray]:
    """Return log Σ exp(sum of eta) over choices of ``chosen`` rows, and its two derivatives.

    ``eta`` (r,), ``columns`` (p, r); the derivatives (p,) and (p, p) are the mean and variance
    of the summed columns over choices. Each running sum is divided by its last value, lest the
    number of choices overflow.
    """
    largest = float(eta.max())
    risk = np.exp(eta - largest)
    p, r = columns.shape
    ways = np.ones(r + 1)
    first = np.zeros((p, r + 1))
    second = np.zeros((p, p, r + 1))
    outer = columns[:, None] * columns[None]
    log_sum = chosen * largest
    for _ in range(chosen):
        before, drift = ways[:-1], first[:, :-1]
        product = columns[:, None] * drift[None]
        second = _running(risk * (
            second[..., :-1] + product + product.swapaxes(0, 1) + outer * before))
        first = _running(risk * (drift + columns * before))
        ways = _running(risk * before)
        scale = float(ways[-1])
        if not scale > 0:
            return -math.inf, np.zeros(p), np.zeros((p, p))
        ways, first, second = ways / scale, first / scale, second / scale
        log_sum += math.log(scale)
    mean = first[:, -1]
    return log_sum, mean, second[..., -1] - np.outer(mean, mean)


def _running(values: FloatArray) -> FloatArray:
    """Return running sums along the last axis with a zero before them."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values, axis=-1, out=sums[..., 1:])
    return sums
