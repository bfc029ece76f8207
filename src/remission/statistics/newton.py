"""Newton's method with step halving: the one optimiser of the models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from remission.statistics.arrays import FloatArray, refuse

MOST_ITERATIONS = 30
MOST_HALVINGS = 25
_SMALL_STEP = 1e-9
"""A step below this, in standard deviations of the covariates, is the end."""
_ROUGH_STEP = 1e-4
"""Where rounding leaves nothing to gain, a step below this is the end as well."""
_FLAT = 1e-6
"""Information that fell to this share of its start belongs to a likelihood without maximum."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A log-likelihood, its gradient (p,) and minus its second derivative (p, p) at a point."""

    log_likelihood: float
    score: FloatArray
    information: FloatArray


@dataclass(frozen=True, eq=False)
class Optimum:
    """Where the maximum is, what the likelihood is there, and what it was at the start."""

    estimate: FloatArray
    at: Evaluation
    at_start: Evaluation
    iterations: int


def maximise(
    evaluate: Callable[[FloatArray], Evaluation], start: FloatArray, *, scale: FloatArray,
    where: str, at_start: Evaluation | None = None,
) -> Optimum:
    """Return the maximum of a log-likelihood that is concave around it.

    ``evaluate`` takes a point (p,); ``start`` (p,) is the first, ``at_start`` its evaluation if
    it is known already. ``scale`` (p,) are the standard deviations of the covariates, by which
    steps are measured. A step that does not raise the likelihood is halved. Raises
    :class:`~remission.errors.NotEstimable` when there is no convergence or the information has
    vanished on the way, as it does where the likelihood has no maximum: a point on the way to
    infinity is never returned.
    """
    point, here = start, evaluate(start) if at_start is None else at_start
    first = here
    for iteration in range(MOST_ITERATIONS):
        step = _newton_step(here, scale, where)
        length = float(np.abs(step * scale).max(initial=0.0))
        raised = None if length <= _SMALL_STEP else _raised(
            evaluate, point, here, step, is_rough=length <= _ROUGH_STEP)
        if raised is None:
            if length > _ROUGH_STEP or _is_flat(here, first):
                break
            return Optimum(point, here, first, iteration)
        point, here = raised
    raise refuse(where, f"No maximum of the likelihood was found in {MOST_ITERATIONS} steps.")


def _newton_step(here: Evaluation, scale: FloatArray, where: str) -> FloatArray:
    try:
        step: FloatArray = np.linalg.solve(
            here.information / np.outer(scale, scale), here.score / scale) / scale
    except np.linalg.LinAlgError:
        raise refuse(where, "The information about some covariates is zero.") from None
    return step


def inverse(information: FloatArray) -> FloatArray:
    """Return the inverse of an information matrix (p, p), whatever the units of its rows."""
    size = np.sqrt(np.diag(information))
    units = np.outer(size, size)
    found: FloatArray = np.linalg.inv(information / units) / units
    return found


def _raised(
    evaluate: Callable[[FloatArray], Evaluation], point: FloatArray, here: Evaluation,
    step: FloatArray, *, is_rough: bool,
) -> tuple[FloatArray, Evaluation] | None:
    """Return the first of step, step/2, step/4 … that raises the likelihood; None if none does."""
    for _ in range(MOST_HALVINGS):
        trial = point + step
        found = evaluate(trial)
        if found.log_likelihood > here.log_likelihood:
            return trial, found
        if is_rough:
            return (trial, found) if _is_better_placed(found, here) else None
        step = step / 2
    return None


def _is_better_placed(found: Evaluation, here: Evaluation) -> bool:
    """Return whether a point of equal likelihood, to rounding, is nearer to the maximum."""
    loss = here.log_likelihood - found.log_likelihood
    is_equal = loss <= 1e-12 * (1 + abs(here.log_likelihood))
    return is_equal and float(np.abs(found.score).max()) < float(np.abs(here.score).max())


def _is_flat(here: Evaluation, first: Evaluation) -> bool:
    """Return whether the information has all but vanished in some direction since the start."""
    if not len(here.score):
        return False
    try:
        root = np.linalg.cholesky(first.information)
    except np.linalg.LinAlgError:
        return True
    half = np.linalg.solve(root, here.information)
    return bool(np.linalg.eigvalsh(np.linalg.solve(root, half.T))[0] <= _FLAT)
