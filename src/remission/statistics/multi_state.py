"""Multi-state models: state occupation and transition probabilities by Aalen–Johansen."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import BoolArray, FloatArray, case_weights, normal_quantile, refuse
from remission.statistics.competing_risks import log_log_bounds
from remission.statistics.risk_counts import is_whole
from remission.statistics.tidy import TidyRow, tidy_row
from remission.statistics.transitions import Transitions

_ROUNDING = 1e-12
"""A probability this close to 0 or 1 is 0 or 1."""


@dataclass(frozen=True, eq=False)
class OccupationPoint:
    """The probability of being in one state at one time; NaN with a note beyond follow-up."""

    time: float
    state: object
    probability: float
    se: float
    lower: float
    upper: float
    note: str = ""


@dataclass(frozen=True, eq=False)
class TransitionProbabilities:
    """P(start, end): row the state at ``start``, column the state at ``end``; all (k, k).

    A row is NaN where nobody was under observation in its state after ``start``. Bounds are
    log-log, NaN where the probability is 0 or 1.
    """

    states: tuple[object, ...]
    start: float
    end: float
    probability: FloatArray
    se: FloatArray
    lower: FloatArray
    upper: FloatArray
    notes: tuple[str, ...]

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return every probability with its error and bounds: group from, level to."""
        columns = {"transition_probability": self.probability, "se": self.se,
                   "lower": self.lower, "upper": self.upper}
        return tuple(
            tidy_row(name, float(column[row, to]), group=str(origin), level=str(target),
                     at=self.end, note=self.notes[row])
            for row, origin in enumerate(self.states) for to, target in enumerate(self.states)
            for name, column in columns.items())


@dataclass(frozen=True, eq=False)
class MultiState:
    """A multi-state model of k states at its m distinct times with a transition.

    ``at_risk`` (m, k) are those in each state just before, ``transitions`` (m, k, k) those who
    moved from (row) to (column); ``occupation``, ``variance``, ``lower`` and ``upper`` (m, k)
    hold just after each time, starting from ``initial`` (k,). ``n`` counts subjects, ``events``
    transitions.
    """

    states: tuple[object, ...]
    time: FloatArray
    at_risk: FloatArray
    transitions: FloatArray
    initial: FloatArray
    occupation: FloatArray
    variance: FloatArray
    lower: FloatArray
    upper: FloatArray
    n: int
    events: int
    start: float
    level: float
    conventions: tuple[str, ...]
    warnings: tuple[str, ...]
    _last: float = field(repr=False)
    _leaves: BoolArray = field(repr=False)
    method: str = "Aalen–Johansen"

    def at(self, times: ArrayLike) -> list[OccupationPoint]:
        """Return the probability of each state at each time, state by state.

        Beyond the last follow-up nothing is known: points are NaN with a note, unless nobody is
        left in a state that can be left.
        """
        return [self._point(float(time), place)
                for time in np.atleast_1d(np.asarray(times, float))
                for place in range(len(self.states))]

    def transition_probabilities(self, start: float, end: float) -> TransitionProbabilities:
        """Return P(start, end) with Greenwood-type errors, one row for each state at ``start``.

        The model is taken as Markov: the way to a state does not matter. Raises
        :class:`~remission.errors.NotEstimable` unless model start ≤ start < end ≤ last
        follow-up.
        """
        if not self.start <= start < end:
            raise refuse("transition_probabilities", f"{start} to {end} is no span of time "
                         f"from the model's start ({self.start:g}) on.")
        if end > self._last:
            raise refuse("transition_probabilities",
                         f"{end:g} is beyond the last follow-up ({self._last:g}).")
        inside = (self.time > start) & (self.time <= end)
        k = len(self.states)
        path = _followed(np.eye(k), self.at_risk[inside], self.transitions[inside])
        probability, variance = path.final()
        unseen = self._leaves & ~(self.at_risk[inside] > 0).any(axis=0)
        probability[unseen], variance[unseen] = np.nan, np.nan
        se = np.sqrt(variance)
        lower, upper = _bounds(probability, se, self.level)
        notes = tuple(f"nobody was in {state} after {start:g}" if missing else ""
                      for state, missing in zip(self.states, unseen, strict=True))
        return TransitionProbabilities(self.states, start, end, probability, se, lower, upper,
                                       notes)

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return occupation with its error and bounds and the number at risk, state by state."""
        columns = {"occupation": self.occupation, "se": np.sqrt(self.variance),
                   "lower": self.lower, "upper": self.upper, "at_risk": self.at_risk}
        return tuple(
            tidy_row(name, float(column[index, place]), group=str(state), at=float(time))
            for index, time in enumerate(self.time)
            for place, state in enumerate(self.states) for name, column in columns.items())

    def _point(self, time: float, place: int) -> OccupationPoint:
        state = self.states[place]
        if time < self.start:
            note = f"before the start ({self.start:g})"
            return OccupationPoint(time, state, np.nan, np.nan, np.nan, np.nan, note)
        index = int(np.searchsorted(self.time, time, side="right")) - 1
        if index < 0:
            return OccupationPoint(time, state, float(self.initial[place]), 0.0, np.nan, np.nan,
                                   "no transition yet")
        if time > self._last and (self.occupation[index] * self._leaves).sum() > _ROUNDING:
            note = f"beyond the last follow-up ({self._last:g})"
            return OccupationPoint(time, state, np.nan, np.nan, np.nan, np.nan, note)
        return OccupationPoint(
            time, state, float(self.occupation[index, place]),
            float(np.sqrt(self.variance[index, place])), float(self.lower[index, place]),
            float(self.upper[index, place]))


def multi_state(
    transitions: Transitions, *, start: float | None = None, initial: object | None = None,
    weights: ArrayLike | None = None, level: float = 0.95,
) -> MultiState:
    """Return the Aalen–Johansen estimate of a multi-state model.

    From ``start`` (the beginning when left out) on; ``initial`` is the state all are in at the
    start, or when left out states are shared as among those under observation at the first
    transition. At risk of leaving a state are those with entry < time ≤ end of their stay in it.
    ``weights`` (n,), one a row, are numbers of subjects. Raises
    :class:`~remission.errors.NotEstimable` when there is no transition after the start, for an
    unknown initial state, and for weights that are negative, not numbers or sum to zero. Aalen &
    Johansen 1978, Scand J Stat 5:141; variance (Greenwood type): Andersen, Borgan, Gill &
    Keiding 1993, Statistical Models Based on Counting Processes, (4.4.20).
    """
    normal_quantile(level)
    n = len(transitions)
    weight = np.ones(n) if weights is None else case_weights(weights, n, where="multi_state")
    begin = -np.inf if start is None else float(start)
    counted = (weight > 0) & (transitions.time > begin)
    moved = transitions.moved & counted
    if np.isnan(begin) or not moved.any():
        raise refuse("multi_state", "There is no transition.", "There is nothing to estimate.")
    times = np.unique(transitions.time[moved])
    at_risk = _at_risk(transitions, weight * counted, times)
    counts = _moves(transitions, weight, moved, times)
    shares = _initial(transitions, initial, at_risk[0])
    path = _followed(shares[np.newaxis], at_risk, counts)
    occupation, variance = path.probability[:, 0], path.variance[:, 0]
    lower, upper = _bounds(occupation, np.sqrt(variance), level)
    return MultiState(
        transitions.states, times, at_risk, counts, shares, occupation, variance, lower, upper,
        len(np.unique(transitions.subject[counted])), int(moved.sum()), begin, level,
        _conventions(initial, weights),
        _warnings(transitions.states, weight[counted], at_risk, occupation),
        float(transitions.time[counted].max()),
        np.bincount(transitions.origin[counted], minlength=len(shares)) > 0)


@dataclass(frozen=True, eq=False)
class _Path:
    """Probabilities and variances just after each of m times from r starts: (m, r, k)."""

    start: FloatArray
    probability: FloatArray
    variance: FloatArray

    def final(self) -> tuple[FloatArray, FloatArray]:
        """Return probability and variance (r, k) after the last time."""
        if not len(self.probability):
            return self.start.copy(), np.zeros_like(self.start)
        return self.probability[-1].copy(), self.variance[-1].copy()


def _followed(start: FloatArray, at_risk: FloatArray, moves: FloatArray) -> _Path:
    """Follow r distributions over k states (r, k) through the steps of the model.

    At each time those in a state are spread as its counts are, p ← p (I + dA), and the
    covariance C of p follows as (I + dA)ᵀ C (I + dA), plus for every state left p² times the
    multinomial covariance of its row.
    """
    m, k = at_risk.shape
    probability, variance = np.empty((m, len(start), k)), np.empty((m, len(start), k))
    now, covariance = start, np.zeros((len(start), k, k))
    identity = np.eye(k)
    for index in range(m):
        step = identity.copy()
        added = np.zeros_like(covariance)
        for state in np.flatnonzero(moves[index].any(axis=1)):
            shares = moves[index, state] / at_risk[index, state]
            stay = 1 - shares.sum()
            shares[state] = stay if stay > _ROUNDING else 0.0
            step[state] = shares
            spread = (np.diag(shares) - np.outer(shares, shares)) / at_risk[index, state]
            added += now[:, state, np.newaxis, np.newaxis] ** 2 * spread
        now = now @ step
        covariance = step.T @ covariance @ step + added
        probability[index] = now
        variance[index] = covariance[:, range(k), range(k)]
    return _Path(start, np.where(probability > 1 - _ROUNDING, 1.0, probability),
                 np.where(variance > _ROUNDING**2, variance, 0.0))


def _at_risk(rows: Transitions, weight: FloatArray, times: FloatArray) -> FloatArray:
    """Return the weight in each state just before each time (m, k)."""
    k, m = len(rows.states), len(times)
    first = np.searchsorted(times, rows.entry, side="right")
    after = np.searchsorted(times, rows.time, side="right")
    change = (np.bincount(first * k + rows.origin, weights=weight, minlength=(m + 1) * k)
              - np.bincount(after * k + rows.origin, weights=weight, minlength=(m + 1) * k))
    counts: FloatArray = np.cumsum(change.reshape(m + 1, k), axis=0)[:m]
    return counts


def _moves(
    rows: Transitions, weight: FloatArray, moved: BoolArray, times: FloatArray
) -> FloatArray:
    """Return the weight that moves between states at each time (m, k, k)."""
    k, m = len(rows.states), len(times)
    cell = (np.searchsorted(times, rows.time[moved]) * k + rows.origin[moved]) * k
    counts: FloatArray = np.bincount(
        cell + rows.target[moved], weights=weight[moved], minlength=m * k * k,
    ).reshape(m, k, k).astype(np.float64)
    return counts


def _initial(rows: Transitions, initial: object | None, at_risk: FloatArray) -> FloatArray:
    if initial is None:
        shares: FloatArray = at_risk / at_risk.sum()
        return shares
    if initial not in rows.states:
        raise refuse("multi_state", f"{initial} is none of the states {list(rows.states)}.")
    certain: FloatArray = np.eye(len(rows.states))[rows.states.index(initial)]
    return certain


def _bounds(
    probability: FloatArray, se: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    known = np.where(np.isnan(probability) | (probability < _ROUNDING), 0.0, probability)
    return log_log_bounds(known, np.where(np.isnan(se), 0.0, se), normal_quantile(level))


def _conventions(initial: object | None, weights: ArrayLike | None) -> tuple[str, ...]:
    return (
        "at risk when entry < time ≤ end of the stay", "variance: Greenwood type, given the "
        "shares at the start", "interval: log-log",
        "all start in one state" if initial is not None
        else "shares at the start: of those under observation at the first transition",
        *(() if weights is None else ("weights are numbers of subjects",)))


def _warnings(
    states: tuple[object, ...], weight: FloatArray, at_risk: FloatArray, occupation: FloatArray
) -> tuple[str, ...]:
    warnings = []
    if not is_whole(weight):
        warnings.append("Weights are not whole: the variance takes them for numbers of subjects.")
    emptied = (at_risk[1:] <= 0) & (occupation[:-1] > _ROUNDING)
    refilled = np.any(emptied[:-1] & (at_risk[2:] > 0), axis=0).tolist()
    warnings += [f"For a while nobody under observation was in {state} although it was not "
                 "improbable: nothing could leave it."
                 for state, again in zip(states, refilled, strict=True) if again]
    return tuple(warnings)
