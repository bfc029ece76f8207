"""Cox's partial likelihood: its value, score and information by cumulative sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from remission.statistics.arrays import BoolArray, FloatArray, IntArray
from remission.statistics.cox_risk_sets import RiskSets
from remission.statistics.newton import Evaluation

Ties = Literal["efron", "breslow", "exact"]
_LEAST = 1e-140
"""A smaller sum of relative hazards has no square; no estimate needs such a contrast."""
_LONG = 100_000
"""Numbers from which a matrix no longer fits into a processor's cache."""
_BLOCK = 1024


@dataclass(frozen=True, eq=False)
class RiskState:
    """What one coefficient vector makes of the risk sets.

    ``risk`` (n,) is weight × relative hazard; ``denominator`` (m,) the risk that each event's
    term divides by; ``hazard`` (m,) the increment of the baseline hazard that it gives.
    ``scale`` is what relative hazards were divided by lest they overflow.
    """

    risk: FloatArray
    denominator: FloatArray
    hazard: FloatArray
    log_likelihood: float
    scale: float


class PartialLikelihood:
    """The partial likelihood of sorted rows, Efron's or Breslow's for tied events.

    ``columns`` (p, n) are centred covariates and ``weight`` (n,) case weights, both in the order
    of ``sets``. At an event time with d tied events of mean weight w, Efron's terms divide by the
    risk of all at risk less l/d of the risk of the tied, l = 0 … d − 1; Breslow's by the risk of
    all. Cox 1972, J R Stat Soc B 34:187; Breslow 1974, Biometrics 30:89; Efron 1977, J Am Stat
    Assoc 72:557.
    """

    def __init__(
        self, sets: RiskSets, columns: FloatArray, weight: FloatArray, ties: Ties
    ) -> None:
        """Keep the arrays and derive what does not depend on the coefficients."""
        self.sets, self.columns, self.weight, self.ties = sets, columns, weight, ties
        deaths = sets.deaths
        rank = np.arange(len(sets.event)) - sets.slot_starts[sets.slot]
        is_split = ties == "efron" and bool((deaths > 1).any())
        self.fraction: FloatArray | None = rank / deaths[sets.slot] if is_split else None
        self.tied_slots: IntArray = np.flatnonzero(deaths > 1)
        self._tied_rows = sets.event[is_tied(sets)], _starts(deaths[deaths > 1])
        self.event_weight: FloatArray = weight[sets.event]
        mean_weight = self._by_slot(self.event_weight) / deaths
        self.share: FloatArray = mean_weight[sets.slot]
        at_events = np.zeros(len(weight))
        at_events[sets.event] = self.event_weight
        self._event_sum: FloatArray = columns @ at_events
        is_long = columns.size >= _LONG
        self._room = _Room(len(columns), len(weight), len(deaths), len(self.tied_slots)) if (
            is_long) else None

    def __call__(self, beta: FloatArray) -> Evaluation:
        """Return log-likelihood, score and information at ``beta`` (p,)."""
        state = self.state(beta)
        if not np.isfinite(state.log_likelihood):
            return Evaluation(-np.inf, np.zeros(len(beta)), np.zeros((len(beta), len(beta))))
        burden = self.burden(state)
        score = self._event_sum - self.columns @ burden
        return Evaluation(state.log_likelihood, score, self.information(state, burden))

    def state(self, beta: FloatArray) -> RiskState:
        """Return risks and hazards at ``beta`` (p,); likelihood −∞ beyond what numbers hold."""
        sets = self.sets
        eta = beta @ self.columns
        scale = float(eta.max())
        eta -= scale
        risk = self.weight * np.exp(eta)
        at_risk = sets.sums(risk)[sets.slot]
        denominator = at_risk if self.fraction is None else (
            at_risk - self.fraction * self._by_slot(risk[sets.event])[sets.slot])
        if not denominator.min() > _LEAST:
            return RiskState(risk, denominator, denominator, -np.inf, scale)
        value = self.event_weight @ eta[sets.event] - self.share @ np.log(denominator)
        return RiskState(risk, denominator, self.share / denominator, float(value), scale)

    def burden(self, state: RiskState, multiplier: FloatArray | None = None) -> FloatArray:
        """Return each row's risk × cumulative hazard (n,): the events expected of it.

        ``multiplier`` (m,) multiplies the hazard of each event, for functions of time.
        """
        hazard = state.hazard if multiplier is None else state.hazard * multiplier
        cumulative = self.sets.accumulated(self._by_slot(hazard))
        if self.fraction is not None:
            cumulative[self.sets.event] -= self._by_slot(self.fraction * hazard)[self.sets.slot]
        return state.risk * cumulative

    def information(
        self, state: RiskState, burden: FloatArray, multiplier: FloatArray | None = None
    ) -> FloatArray:
        """Return the information (p, p): risk-weighted products less those of event-time means.

        Tied events share two sums over rows, of all at risk and of the tied, so that their terms
        need sums of three scalars at each time and no mean of their own.
        """
        squared = state.hazard / state.denominator
        squared = squared if multiplier is None else squared * multiplier
        sums, tied_sums = self._sums(state.risk)
        means = self._products(sums, self._by_slot(squared))
        if self.fraction is not None:
            tied = self.tied_slots
            once = self._by_slot(self.fraction * squared)[tied]
            twice = self._by_slot(self.fraction**2 * squared)[tied]
            cross = (sums[:, tied] * once) @ tied_sums.T
            means += (tied_sums * twice) @ tied_sums.T - cross - cross.T
        found = self._products(self.columns, burden) - means
        return (found + found.T) / 2

    def means(self, state: RiskState) -> FloatArray:
        """Return the risk-weighted covariate mean of each event's term (p, m)."""
        slot = self.sets.slot
        sums, tied = self._sums(state.risk)
        total = sums[:, slot]
        if self.fraction is not None:
            tied_sums = np.zeros((len(self.columns), len(self.sets.last_row)))
            tied_sums[:, self.tied_slots] = tied
            total -= self.fraction * tied_sums[:, slot]
        found: FloatArray = total / state.denominator
        return found

    def _by_slot(self, values: FloatArray) -> FloatArray:
        """Return sums of events' values (m,) at each event time (k,)."""
        if len(values) == len(self.sets.last_row):
            return values
        found: FloatArray = np.bincount(
            self.sets.slot, weights=values, minlength=len(self.sets.last_row)).astype(np.float64)
        return found

    def _sums(self, risk: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return risk-weighted sums of the covariates at each event time (p, k).

        The second are those over the events of each tied event time (p, tied times). Long columns
        go one by one, so that each stays in the processor's cache, and into the same room every
        time: fresh memory costs more than the sums.
        """
        rows, starts = self._tied_rows
        if self._room is None:
            weighted = self.columns * risk
            return self.sets.sums(weighted), _runs(weighted[:, rows], starts)
        for place, column in enumerate(self.columns):
            weighted = np.multiply(column, risk, out=self._room.row)
            self._room.sums[place] = self.sets.sums(weighted)
            self._room.tied[place] = _runs(weighted[rows], starts)
        return self._room.sums, self._room.tied

    def _products(self, columns: FloatArray, weight: FloatArray) -> FloatArray:
        """Return Σ weight × x x' (p, p) of columns (p, …), in blocks where they are long."""
        if self._room is None:
            return (columns * weight) @ columns.T
        total = np.zeros((len(columns), len(columns)))
        for start in range(0, len(weight), _BLOCK):
            block = columns[:, start:start + _BLOCK]
            room = self._room.block[:, :block.shape[1]]
            total += np.multiply(block, weight[start:start + _BLOCK], out=room) @ block.T
        return total


class _Room:
    """Memory for sums of long columns, used again at every evaluation."""

    def __init__(self, p: int, n: int, slots: int, tied: int) -> None:
        self.row, self.block = np.empty(n), np.empty((p, _BLOCK))
        self.sums, self.tied = np.empty((p, slots)), np.empty((p, tied))


def _runs(values: FloatArray, starts: IntArray) -> FloatArray:
    """Return sums of runs along the last axis that begin at ``starts``."""
    if not len(starts):
        return np.zeros((*values.shape[:-1], 0))
    found: FloatArray = np.add.reduceat(values, starts, axis=-1)
    return found


def is_tied(sets: RiskSets) -> BoolArray:
    """Return which events (m,) share their time with another."""
    return sets.deaths[sets.slot] > 1


def _starts(lengths: IntArray) -> IntArray:
    """Return where runs of these lengths begin."""
    starts: IntArray = np.cumsum(lengths) - lengths
    return starts
