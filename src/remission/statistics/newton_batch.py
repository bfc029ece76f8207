"""Newton's method on many likelihoods at once: profiles, constrained fits, replicates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from remission.statistics.arrays import BoolArray, FloatArray, IntArray

MOST_EVALUATIONS = 100
IMPOSSIBLE = -1e300
"""What stands for a log-likelihood of −∞, so that differences stay numbers."""


@dataclass(frozen=True, eq=False)
class Evaluations:
    """Log-likelihoods (B,), gradients (B, p) and curvatures (B, p, p) at B points.

    ``curvature`` is minus the second derivative or something near it; the nearer, the fewer steps.
    """

    log_likelihood: FloatArray
    score: FloatArray
    curvature: FloatArray


@dataclass(frozen=True, eq=False)
class Optima:
    """B maxima (B, p) and what was found there; not to be used where not ``converged`` (B,)."""

    estimate: FloatArray
    at: Evaluations
    converged: BoolArray


def maximise_each(
    evaluate: Callable[[FloatArray, IntArray], Evaluations], start: FloatArray, *,
    scale: FloatArray, is_free: BoolArray | None = None, tolerance: float = 1e-9,
    evaluations: int = MOST_EVALUATIONS,
) -> Optima:
    """Return the maxima of B log-likelihoods, from ``start`` (B, p).

    ``evaluate`` takes points (b, p) and which of the B they belong to (b,). Parameters not
    ``is_free`` (B, p) keep their start. ``scale`` (p,) are the covariates' standard deviations, in
    which a step below ``tolerance`` is the last. Every round evaluates a step of each that has not
    ended, and halves those that lost likelihood; a step that is not a number ends without
    convergence. Log-likelihoods must be finite, however low.
    """
    point, active = start.copy(), np.arange(len(start))
    free = np.ones(start.shape, dtype=np.bool_) if is_free is None else is_free
    here = evaluate(point, active)
    value, score, curvature = here.log_likelihood, here.score, here.curvature
    step = _steps(here, scale, free)
    converged = np.zeros(len(start), dtype=np.bool_)
    for _ in range(evaluations):
        length = np.abs(step[active] * scale).max(axis=1)
        ended = active[length <= tolerance]
        converged[ended] = True
        point[ended] += step[ended]
        active = active[length > tolerance]
        if not len(active):
            break
        trial = point[active] + step[active]
        found = evaluate(trial, active)
        loss = value[active] - found.log_likelihood
        is_better = loss <= 1e-12 * (1 + np.abs(value[active]))
        moved = active[is_better]
        point[moved] = trial[is_better]
        value[moved] = found.log_likelihood[is_better]
        score[moved], curvature[moved] = found.score[is_better], found.curvature[is_better]
        step[moved] = _steps(
            Evaluations(value[moved], score[moved], curvature[moved]), scale, free[moved])
        step[active[~is_better]] /= 2
    return Optima(point, Evaluations(value, score, curvature), converged)


def _steps(here: Evaluations, scale: FloatArray, free: BoolArray) -> FloatArray:
    """Return Newton steps (b, p): 0 for fixed parameters, NaN where there is no curvature."""
    p = len(scale)
    both_free = free[:, :, None] & free[:, None, :]
    scaled = here.curvature / np.outer(scale, scale)
    scaled = np.where(both_free, scaled, np.eye(p))
    gradient = np.where(free, here.score / scale, 0.0)
    try:
        solved = np.linalg.solve(scaled, gradient[..., None])[..., 0]
    except np.linalg.LinAlgError:
        is_regular = np.linalg.det(scaled) != 0
        usable = np.where(is_regular[:, None, None], scaled, np.eye(p))
        solved = np.linalg.solve(usable, gradient[..., None])[..., 0]
        solved[~is_regular] = np.nan
    found: FloatArray = np.where(np.isfinite(solved), solved, np.nan) / scale
    return found
