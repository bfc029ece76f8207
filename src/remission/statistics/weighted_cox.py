"""Cox regression of many weighted replicates of one small data set in one call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import BoolArray, FloatArray, IntArray, refuse, replicate_weights
from remission.statistics.cox_data import CoxData, cox_data
from remission.statistics.newton_batch import IMPOSSIBLE, Evaluations, maximise_each
from remission.statistics.outcome import Outcome
from remission.statistics.pair_products import PairProducts
from remission.statistics.partial_likelihood import Ties

_CHUNK = 128
"""Replicates worked on together: few enough for the cache and one thread."""
_CLOSE = 1e-7


@dataclass(frozen=True, eq=False)
class WeightedCox:
    """Cox regressions of B replicates: coefficients and standard errors (B, p).

    Both are NaN where a replicate has no estimate (no events, a covariate without variation, a
    monotone likelihood), where ``is_estimable`` (B,) is false.
    """

    estimate: FloatArray
    se: FloatArray
    is_estimable: BoolArray
    names: tuple[str, ...]
    n: int
    method: str
    conventions: tuple[str, ...]
    warnings: tuple[str, ...]


def weighted_cox(
    outcome: Outcome, covariates: ArrayLike, weights: ArrayLike, *, ties: Ties = "efron",
    iterations: int = 20,
) -> WeightedCox:
    """Return the Cox regression of an outcome on covariates (n, p) for weights (B, n).

    A weight is how often a row is in the replicate: whole numbers with Efron's ties, where rows
    drawn twice are tied; any that are not negative with Breslow's. Small n and p are meant: a
    replicate takes a few products of its weights with the risk sets. Replicates that need more
    than ``iterations`` steps are not estimable. Methods as in :func:`~remission.statistics.cox`.
    Raises :class:`~remission.errors.NotEstimable` for bad input.
    """
    if ties == "exact":
        raise refuse("weighted_cox", "Exact ties are not offered.", "Choose efron or breslow.")
    data = cox_data(outcome, covariates, names=None, ties="breslow", strata=None, weights=None,
                    weights_are="counts", where="weighted_cox")
    given = _checked(weights, n=len(outcome), is_whole=ties == "efron")
    sorted_weights = given[:, data.rows]
    parts = [_fit(data, sorted_weights[start:start + _CHUNK], ties, iterations)
             for start in range(0, len(given), _CHUNK)]
    estimate, errors = (np.concatenate(part) for part in zip(*parts, strict=True))
    is_estimable = np.isfinite(estimate).all(axis=1)
    lost = int((~is_estimable).sum())
    return WeightedCox(
        estimate, errors, is_estimable, data.covariates.names, len(outcome),
        "Cox regression of weighted replicates", (f"ties: {ties.capitalize()}",),
        (f"{lost} of {len(given)} replicates are not estimable",) if lost else (),
    )


def _checked(weights: ArrayLike, *, n: int, is_whole: bool) -> FloatArray:
    given: FloatArray = replicate_weights(weights, n, where="weighted_cox").astype(np.float64)
    if not len(given):
        raise refuse("weighted_cox", "There is no replicate.")
    if is_whole and (given != np.floor(given)).any():
        raise refuse("weighted_cox", "With Efron's ties weights are whole numbers.",
                     'Choose ties="breslow" for other weights.')
    return given


def _fit(
    data: CoxData, weights: FloatArray, ties: Ties, iterations: int
) -> tuple[FloatArray, FloatArray]:
    """Return coefficients and standard errors (b, p) of some replicates, NaN without estimate."""
    scale = data.covariates.scale
    best = maximise_each(
        _Replicates(data, weights, ties), np.zeros((len(weights), len(scale))), scale=scale,
        tolerance=_CLOSE, evaluations=iterations)
    information = np.where(best.converged[:, None, None], best.at.curvature, np.diag(scale**2))
    variance = np.linalg.inv(information).diagonal(axis1=1, axis2=2)
    is_found = best.converged[:, None] & (variance > 0)
    return (np.where(is_found, best.estimate, np.nan),
            np.sqrt(np.where(is_found, variance, np.nan)))


class _Replicates:
    """The partial likelihoods of b replicates, which share one matrix of risk sets (n, k)."""

    def __init__(self, data: CoxData, weights: FloatArray, ties: Ties) -> None:
        sets, self._columns = data.sets, data.covariates.columns
        slots = np.arange(len(sets.last_row))
        self._at_risk = ((sets.first_slot[:, None] <= slots)
                         & (slots < sets.end_slot[:, None])).astype(np.float64)
        self._products, self._event_columns = PairProducts(self._columns), self._columns[
            :, sets.event]
        self._sets, self._all_weights, self._is_efron = sets, weights, ties == "efron"
        self._weights = weights[:0]
        self._keep(np.arange(len(weights)))

    def __call__(self, beta: FloatArray, items: IntArray) -> Evaluations:
        """Return the evaluations at coefficients (b, p) of the replicates ``items``."""
        self._keep(items)
        weights, columns, at_risk = self._weights, self._columns, self._at_risk
        eta = beta @ columns
        peak = eta.max(axis=1, keepdims=True)
        risk = weights * np.exp(eta - peak)
        hazard = self._terms.hazards(risk @ at_risk, self._tied(risk))
        burden = hazard.once @ at_risk.T
        if self._is_efron:
            burden[:, self._sets.event] -= hazard.tied[:, self._sets.slot]
        burden *= risk
        gain = self._event_sum - burden @ columns.T
        value = (self._event_sum * beta).sum(axis=1) - hazard.log_sum - self._events * peak[:, 0]
        p = len(columns)
        information = self._products.weighted(burden)
        weighted = [risk * column for column in columns]
        sums = [values @ at_risk for values in weighted]
        tied = [self._tied(values) for values in weighted]
        for a in range(p):
            left = hazard.square * sums[a] - hazard.square_tied * tied[a]
            right = hazard.square_tied * sums[a] - hazard.square_both * tied[a]
            for b in range(a + 1):
                mean = (left * sums[b] - right * tied[b]).sum(axis=1)
                information[:, a, b] -= mean
                information[:, b, a] = information[:, a, b]
        return Evaluations(np.where(np.isfinite(value), value, IMPOSSIBLE), gain, information)

    def _keep(self, items: IntArray) -> None:
        """Prepare for the replicates that are left, when some have ended."""
        if len(items) == len(self._weights):
            return
        self._weights = self._all_weights[items]
        deaths = self._tied(self._weights)
        self._terms = _Terms(deaths, is_efron=self._is_efron)
        self._events = deaths.sum(axis=1)
        self._event_sum = self._weights[:, self._sets.event] @ self._event_columns.T

    def _tied(self, values: FloatArray) -> FloatArray:
        """Return sums over the events of each event time: (b, n) to (b, k)."""
        at_events = values[:, self._sets.event]
        if len(self._sets.event) == len(self._sets.last_row):
            return at_events
        found: FloatArray = np.add.reduceat(at_events, self._sets.slot_starts, axis=1)
        return found


@dataclass(frozen=True, eq=False)
class _Hazards:
    """Sums over the terms of each event time (b, k), and the log-denominators' total (b,).

    ``once`` Σ 1/D, ``tied`` Σ f/D, ``square`` Σ 1/D², ``square_tied`` Σ f/D², ``square_both``
    Σ f²/D², with D the term's denominator and f the share of the tied left out of it.
    """

    once: FloatArray
    tied: FloatArray
    square: FloatArray
    square_tied: FloatArray
    square_both: FloatArray
    log_sum: FloatArray


class _Terms:
    """The terms of the partial likelihood of b replicates with ``deaths`` (b, k)."""

    def __init__(self, deaths: FloatArray, *, is_efron: bool) -> None:
        self._deaths, self._shape = deaths, deaths.shape
        self._is_efron = is_efron
        if is_efron:
            counts = deaths.ravel().astype(np.int64)
            self._cell = np.repeat(np.arange(counts.size), counts)
            rank = np.arange(len(self._cell)) - np.repeat(np.cumsum(counts) - counts, counts)
            self._fraction = rank / counts[self._cell]

    def hazards(self, at_risk: FloatArray, tied: FloatArray) -> _Hazards:
        """Return the sums for risks of all at risk and of the tied (b, k)."""
        if not self._is_efron:
            safe = np.where(self._deaths > 0, at_risk, 1.0)
            once, none = self._deaths / safe, np.zeros(self._shape)
            return _Hazards(once, none, once / safe, none, none,
                            (self._deaths * np.log(safe)).sum(axis=1))
        fraction, cell = self._fraction, self._cell
        denominator = at_risk.ravel()[cell] - fraction * tied.ravel()[cell]
        once = 1 / denominator
        left_out = fraction * once
        log_sum = self._total(np.log(denominator)).sum(axis=1)
        return _Hazards(self._total(once), self._total(left_out), self._total(once * once),
                        self._total(left_out * once), self._total(left_out * left_out), log_sum)

    def _total(self, values: FloatArray) -> FloatArray:
        found = np.bincount(self._cell, weights=values, minlength=self._deaths.size)
        return found.astype(np.float64, copy=False).reshape(self._shape)
