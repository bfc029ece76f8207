"""Separation: covariates whose odds or hazard ratio would be zero or infinite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, refuse
from remission.statistics.cox_data import CoxData, cox_data
from remission.statistics.cox_risk_sets import RiskSets
from remission.statistics.model_matrix import centred, covariates_of
from remission.statistics.outcome import Outcome
from remission.statistics.partial_likelihood import Ties
from remission.statistics.tidy import TidyRow, tidy_row

_NOTHING = 1e-6
"""Gains and directions below this, in standard deviations, are the solver's rounding."""

Kind = Literal["none", "complete", "quasi-complete", "monotone likelihood"]


@dataclass(frozen=True)
class Separation:
    """Whether a maximum likelihood estimate exists, and which coefficients have none.

    ``covariates`` are those whose coefficient runs away, ``signs`` where to: 1 for a ratio of
    infinity, −1 for a ratio of 0.
    """

    is_separated: bool
    kind: Kind
    covariates: tuple[str, ...]
    signs: tuple[int, ...]
    n: int
    events: int
    method: str
    conventions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return one row: whether there is separation, and one for each covariate concerned."""
        runaways = [tidy_row("sign", sign, group=name, note=f"not estimable: {self.kind}")
                    for name, sign in zip(self.covariates, self.signs, strict=True)]
        return (tidy_row("separated", float(self.is_separated), note=self.kind), *runaways)


def detect_separation(
    outcome: Outcome | ArrayLike, covariates: ArrayLike, *, names: Sequence[str] | None = None,
    strata: ArrayLike | None = None, ties: Ties = "efron",
) -> Separation:
    """Return whether covariates (n, p) separate an outcome, exactly, by linear programming.

    ``outcome`` is an :class:`~remission.statistics.outcome.Outcome` for Cox regression (with its
    ``strata`` and ``ties``) or n values 0 and 1 for logistic regression. Separated means that
    some combination of covariates is never smaller in those with the event than in those it is
    compared with: everybody without it, or everybody at risk. Albert & Anderson 1984, Biometrika
    71:1; the programme: Konis 2007, thesis, Oxford; Cox: Bryson & Johnson 1981, Technometrics
    23:381. Raises :class:`~remission.errors.NotEstimable` for bad input.
    """
    if isinstance(outcome, Outcome):
        return cox_separation(cox_data(
            outcome, covariates, names=names, ties=ties, strata=strata, weights=None,
            weights_are="counts", where="detect_separation"))
    if strata is not None:
        raise refuse("detect_separation", "Strata belong to the Cox regression of an Outcome.")
    events = binary_outcome(outcome, where="detect_separation")
    matrix, labels = covariates_of(
        covariates, names=names, n=len(events), where="detect_separation")
    prepared = centred(matrix, labels, where="detect_separation")
    return logistic_separation(prepared.standardised, events, labels)


def binary_outcome(values: ArrayLike, *, where: str) -> FloatArray:
    """Return an outcome of 0 and 1 (n,) in which both occur.

    Raises :class:`~remission.errors.NotEstimable` for other values, or when only one occurs.
    """
    given = np.asarray(values)
    if given.ndim != 1 or not len(given):
        raise refuse(where, f"One row of outcomes is expected, not shape {given.shape}.")
    if given.dtype.kind not in "biuf" or not np.isin(given, (0, 1)).all():
        raise refuse(where, "An outcome is 0 or 1.", "Drop rows without an outcome before.")
    events = given.astype(np.float64)
    if events.min() == events.max():
        raise refuse(where, "Everybody has the same outcome.", "There is nothing to explain.")
    return events


def logistic_separation(
    columns: FloatArray, events: FloatArray, names: tuple[str, ...]
) -> Separation:
    """Return the separation of 0 and 1 by standardised columns (p, n)."""
    signed = np.vstack((np.ones(len(events)), columns)).T * (2 * events - 1)[:, None]
    direction = _recession(np.unique(signed, axis=0))
    kind: Kind = "none"
    if direction is not None:
        kind = "complete" if _is_strict(signed) else "quasi-complete"
    return _separation(kind, None if direction is None else direction[1:], names,
                       n=len(events), events=int(events.sum()), method="separation (logistic)")


def cox_separation(data: CoxData) -> Separation:
    """Return whether the partial likelihood of prepared data is monotone."""
    sets, likelihood = data.sets, data.likelihood
    is_nested = sets.entry_order is None and likelihood.ties != "exact"
    rows = data.covariates.standardised.T
    gains = _nested_gains(sets, rows) if is_nested else _all_gains(
        sets, rows, is_exact=likelihood.ties == "exact")
    direction = _recession(np.unique(gains, axis=0))
    return _separation("none" if direction is None else "monotone likelihood", direction,
                       data.covariates.names, n=len(data.rows), events=data.events,
                       method="separation (Cox)")


def _separation(
    kind: Kind, direction: FloatArray | None, names: tuple[str, ...], *, n: int, events: int,
    method: str,
) -> Separation:
    if direction is None:
        return Separation(False, kind, (), (), n, events, method)
    chosen = np.flatnonzero(np.abs(direction) > _NOTHING)
    signs = tuple(int(np.sign(direction[j])) for j in chosen)
    cure = "not estimable by maximum likelihood: use a Firth regression"
    return Separation(True, kind, tuple(names[j] for j in chosen), signs, n, events, method,
                      warnings=(cure,))


def _nested_gains(sets: RiskSets, rows: FloatArray) -> FloatArray:
    """Return covariates at events less those of the others at risk, as few as tell all.

    Without entries later risk sets lie within earlier ones: it is enough to compare an event
    with the event after it and with those who left between. Tied events must be equal.
    """
    leader = sets.event[sets.slot_starts]
    followed = sets.first_slot < sets.end_slot
    others = rows[leader[sets.first_slot[followed]]] - rows[followed]
    tied = rows[sets.event] - rows[leader[sets.slot]]
    is_same_stratum = sets.first_row[1:] == sets.first_row[:-1]
    chain = (rows[leader[1:]] - rows[leader[:-1]])[is_same_stratum]
    return np.concatenate((others, tied, chain))


def _all_gains(sets: RiskSets, rows: FloatArray, *, is_exact: bool) -> FloatArray:
    """Return covariates at events less those of others at risk, every pair at every event time.

    With exact ties an event is not compared with those tied to it.
    """
    gains = []
    for slot, start in enumerate(sets.slot_starts):
        tied = sets.event[start:start + sets.deaths[slot]]
        at_risk = sets.at_risk(slot)
        others = np.setdiff1d(at_risk, tied) if is_exact else at_risk
        distinct = np.unique(rows[others], axis=0)
        gains += [row - distinct for row in np.unique(rows[tied], axis=0)]
    return np.concatenate(gains)


def _recession(gains: FloatArray) -> FloatArray | None:
    """Return a direction in which no gain (r, p) is negative and some are positive, or None."""
    if gains.shape[1] == 1:
        return _recession_of_one(gains[:, 0])
    from scipy.optimize import linprog

    found = linprog(-gains.sum(axis=0), A_ub=-gains, b_ub=np.zeros(len(gains)), bounds=(-1, 1))
    if found.x is None:
        raise refuse("separation", f"The linear programme was not solved: {found.message}")
    won = gains @ found.x
    is_found = won.max(initial=0.0) > _NOTHING and won.min(initial=0.0) > -_NOTHING
    return np.asarray(found.x) if is_found else None


def _recession_of_one(gains: FloatArray) -> FloatArray | None:
    """Return the direction of the only covariate, for which no programme need be solved."""
    for direction in (1.0, -1.0):
        won = direction * gains
        if won.max(initial=0.0) > _NOTHING and won.min(initial=0.0) > -_NOTHING:
            return np.array([direction])
    return None


def _is_strict(gains: FloatArray) -> bool:
    """Return whether some direction makes every gain positive."""
    from scipy.optimize import linprog

    rows, p = gains.shape
    found = linprog(np.append(np.zeros(p), -1.0), A_ub=np.column_stack((-gains, np.ones(rows))),
                    b_ub=np.zeros(rows), bounds=[(-1, 1)] * p + [(0, None)])
    return found.x is not None and float(found.x[-1]) > _NOTHING
