"""Firth's penalised likelihood: estimates, profile intervals and penalised tests, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from remission.statistics.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    chi_square_tail,
    normal_quantile,
    refuse,
)
from remission.statistics.fitted import ModelTest, Term, model_test
from remission.statistics.newton import inverse
from remission.statistics.newton_batch import IMPOSSIBLE
from remission.statistics.tails import log_chi_square_tail


@dataclass(frozen=True, eq=False)
class PenalisedEvaluations:
    """Penalised log-likelihoods (B,) and scores (B, p); the information is not penalised.

    ``curvature`` (B, p, p) is minus the second derivative, or the information in its place.
    """

    log_likelihood: FloatArray
    score: FloatArray
    curvature: FloatArray
    information: FloatArray


class Penalised(Protocol):
    """A model's penalised log-likelihood with its slopes."""

    def __call__(
        self, beta: FloatArray, wanted: int, has_score: bool = True
    ) -> PenalisedEvaluations:
        """Evaluate points (B, p): the height of the first ``wanted``, slopes of all or none."""


_MOST_ROUNDS = 60
_ROUNDS_TOGETHER = 12
_BISECTED = 1e-9
_ROUNDING = 1e-11
_DIFFERENCE = 1e-6
"""The step of differences, in standard deviations of the covariates."""
_LAST_STEP = 1e-5
"""With second derivatives by differences, errors after such a step are its square."""
_LAST_ROUGH_STEP = 1e-10
"""With the information in their place, errors after a step are a share of it."""
_LONGEST = 5.0
"""The longest step towards a bound, in standard deviations of the covariates."""
_TO_THE_SIDES = (-4.0, -1.5, 1.5, 4.0)
"""Where a second ridge is looked for, in standard deviations of the covariates."""
_MOST_RIDGES = 4
_NEARLY = 1.0
"""How far below a bound's log-likelihood the foot of a higher ridge is climbed from."""
_SMALL = 5000
"""Numbers in a design for which second derivatives by differences save time."""


class Profile:
    """The penalised likelihood of one model with its maximum, null fits and profile bounds.

    ``evaluate`` gives the penalised log-likelihood and score, with the unpenalised information.
    ``is_tested`` (p,) are the parameters that are zero in the null model: all but the intercept.
    Penalised likelihood ratios keep the penalty of the whole model, with the coefficient at zero.
    All fits of a model, then all its bounds, go through Newton's method together. Heinze &
    Schemper 2001, Biometrics 57:114; 2002, Stat Med 21:2409.
    """

    def __init__(
        self, evaluate: Penalised, scale: FloatArray, is_tested: BoolArray, *, n: int,
        has_few_events: bool, where: str,
    ) -> None:
        """Fit the model, the models without each parameter, and the null model.

        With few events bounds are also sought along other ridges of the penalised likelihood.
        """
        self._evaluate, self._scale = evaluate, scale
        self._has_few_events = has_few_events
        self._has_differences = n * len(scale) <= _SMALL
        self._last_step = _LAST_STEP if self._has_differences else _LAST_ROUGH_STEP
        p = len(scale)
        is_free = np.vstack((np.ones((1, p), np.bool_), ~np.eye(p, dtype=np.bool_), ~is_tested))
        points = self._maxima(np.zeros(is_free.shape), is_free)
        if not np.isfinite(points).all():
            raise refuse(where, "The penalised likelihood did not converge.")
        at = evaluate(points, len(points))
        self.estimate: FloatArray = points[0]
        self.covariance: FloatArray = inverse(at.information[0])
        self.log_likelihood = float(at.log_likelihood[0])
        self.null_log_likelihood = float(at.log_likelihood[-1])
        self.warnings: tuple[str, ...] = ()
        ratios = 2 * (self.log_likelihood - at.log_likelihood[1:-1])
        self._ratios: FloatArray = np.maximum(ratios, 0.0)
        self._df = int(is_tested.sum())

    def terms(self, names: Sequence[str], level: float) -> tuple[Term, ...]:
        """Return coefficients with profile intervals and penalised likelihood-ratio tests."""
        lower, upper = self._bounds(normal_quantile(level))
        if not (np.isfinite(lower).all() and np.isfinite(upper).all()):
            self.warnings = ("a profile interval was not found: its bounds are missing",)
        errors = np.sqrt(np.diag(self.covariance))
        return tuple(
            Term(name, estimate, error, below, above, ratio, chi_square_tail(ratio, 1),
                 log_chi_square_tail(ratio, 1))
            for name, estimate, error, below, above, ratio in zip(
                names, self.estimate.tolist(), errors.tolist(), lower.tolist(), upper.tolist(),
                self._ratios.tolist(), strict=True))

    def test(self) -> ModelTest:
        """Return the penalised likelihood-ratio test of the whole model."""
        return model_test("penalised likelihood ratio",
                          2 * (self.log_likelihood - self.null_log_likelihood), self._df)

    def _maxima(self, start: FloatArray, is_free: BoolArray) -> FloatArray:
        """Return the maxima over the free parameters (B, p); a loss halves the step.

        Rows without convergence are NaN.
        """
        base, step = start, np.zeros(start.shape)
        value = np.full(len(start), IMPOSSIBLE)
        for _ in range(_MOST_ROUNDS):
            point = base + step
            at = self._with_curvature(point)
            is_lost = at.log_likelihood < value - _ROUNDING * (1 + np.abs(value))
            ahead = self._limited(self._ascent(at, is_free))
            keep = ~is_lost[:, None]
            base, step = np.where(keep, point, base), np.where(keep, ahead, step / 2)
            value = np.where(is_lost, value, at.log_likelihood)
            length = np.abs(step * self._scale).max(axis=1)
            if length.max() <= self._last_step and not is_lost.any():
                return base + step
        return np.where((length <= self._last_step)[:, None], base, np.nan)

    def _ascent(self, at: PenalisedEvaluations, is_free: BoolArray) -> FloatArray:
        """Return Newton's steps (B, p), by the information where the curvature points downhill."""
        step = _constrained(at.curvature, at.score[..., None], is_free)[..., 0]
        is_downhill = (step * at.score).sum(axis=1) < 0
        if is_downhill.any():
            other = _constrained(at.information, at.score[..., None], is_free)[..., 0]
            step = np.where(is_downhill[:, None], other, step)
        return step

    def _limited(self, step: FloatArray) -> FloatArray:
        """Return steps (B, p) no longer than is sensible."""
        length = np.abs(step * self._scale).max(axis=1, keepdims=True)
        limited: FloatArray = step * np.minimum(1.0, _LONGEST / np.maximum(length, _LONGEST / 2))
        return limited

    def _bounds(self, z: float) -> tuple[FloatArray, FloatArray]:
        """Return the bounds of the profile intervals, NaN where one is not found."""
        p = len(self.estimate)
        which, side = np.tile(np.arange(p), 2), np.repeat((-1.0, 1.0), p)
        points = self._bounds_together(which, side, z)
        for item in np.flatnonzero(~np.isfinite(points[:, 0])):
            points[item] = self._bound_by_search(
                int(which[item]), float(side[item]), z, self.estimate)
        if self._has_few_events and p > 1:
            self._leave_lower_ridges(points, which, side, z)
        bounds = points[np.arange(2 * p), which]
        return bounds[:p], bounds[p:]

    def _leave_lower_ridges(
        self, points: FloatArray, which: IntArray, side: FloatArray, z: float
    ) -> None:
        """Move bounds outward where other values of the other parameters are likelier still.

        With a handful of events the penalised likelihood can have a second ridge. A bound reached
        along the lower one is too near: the profile there is that of the higher.
        """
        target = self.log_likelihood - z * z / 2
        for _ in range(_MOST_RIDGES):
            summits, item = self._summits_beside(points, which, target - _NEARLY)
            height = self._evaluate(summits, len(summits), has_score=False).log_likelihood
            is_higher = height > target + _ROUNDING * (1 + abs(target))
            if not is_higher.any():
                return
            for here in np.unique(item[is_higher]):
                start = summits[np.where(item == here, height, -np.inf).argmax()]
                points[here] = self._bound_by_search(int(which[here]), float(side[here]), z, start)

    def _summits_beside(
        self, points: FloatArray, which: IntArray, least: float
    ) -> tuple[FloatArray, IntArray]:
        """Return maxima (k, p) with one parameter held, climbed to from the sides of points.

        Only from where the log-likelihood is at least so much; with the place (k,) of each point.
        """
        around = self._around(points, which)
        flat, item = around.reshape(-1, points.shape[1]), np.repeat(
            np.arange(len(points)), around.shape[1])
        is_near = self._evaluate(flat, len(flat), has_score=False).log_likelihood > least
        flat, item = flat[is_near], item[is_near]
        is_free = np.arange(points.shape[1]) != which[item][:, None]
        summits = self._maxima(flat, is_free) if len(flat) else flat
        is_found = np.isfinite(summits).all(axis=1)
        return summits[is_found], item[is_found]

    def _around(self, points: FloatArray, which: IntArray) -> FloatArray:
        """Return points (B, m, p) to the sides of B points in the parameters that are free."""
        p = points.shape[1]
        sides = np.concatenate([np.diag(length / self._scale) for length in _TO_THE_SIDES])
        free = np.array([np.flatnonzero(np.tile(np.arange(p), len(_TO_THE_SIDES)) != item)
                         for item in which])
        found: FloatArray = points[:, None] + sides[free]
        return found

    def _bounds_together(self, which: IntArray, side: FloatArray, z: float) -> FloatArray:
        """Return points (B, p) where the profile's root r = √(2 (maximum − profile)) is z, or NaN.

        Each round predicts from one evaluation the profile at the present value of the parameter
        and its slope, moves the parameter by Newton's method for r, which is nearly linear in it,
        and the others to where they then belong.
        """
        items, is_free = np.arange(len(which)), ~np.eye(len(self.estimate), dtype=np.bool_)[which]
        spread = np.sqrt(np.diag(self.covariance))[which]
        direction = self.covariance[which] / (spread**2)[:, None]
        point = self.estimate + direction * (side * z * spread)[:, None]
        length = np.full(len(which), np.inf)
        for _ in range(_ROUNDS_TOGETHER):
            at = self._with_curvature(point)
            cross = at.curvature[items, which]
            moves = _constrained(at.curvature, np.stack((at.score, cross), axis=-1), is_free)
            gain = (moves[..., 0] * at.score).sum(axis=1) / 2
            slope = at.score[items, which] - (cross * moves[..., 0]).sum(axis=1)
            loss = 2 * (self.log_likelihood - at.log_likelihood - gain)
            root = np.sqrt(np.clip(loss, z * z / 16, 100 * z * z))
            descent = np.maximum(-side * slope, root / (4 * spread))
            ahead = side * np.clip((z - root) * root / descent, -spread, spread)
            step = moves[..., 0] - moves[..., 1] * ahead[:, None]
            step[items, which] = ahead
            length = np.abs(step * self._scale).max(axis=1)
            point = point + self._limited(step)
            if length.max() <= self._last_step:
                break
        is_top = np.linalg.eigvalsh(_within(at.curvature, is_free))[:, 0] > 0
        is_found = is_top & (length <= self._last_step)
        found: FloatArray = np.where(is_found[:, None], point, np.nan)
        return found

    def _bound_by_search(self, which: int, side: float, z: float, start: FloatArray) -> FloatArray:
        """Return the point of one bound by widening and bisecting over maximised profiles, or NaN.

        ``start`` (p,) is a point inside the interval, whence the other parameters are followed.
        """
        is_free = np.arange(len(self.estimate))[None] != which
        target = self.log_likelihood - z * z / 2

        def profile(value: float, near: FloatArray) -> tuple[float, FloatArray]:
            start = np.where(is_free[0], near, value)[None]
            found = self._maxima(start, is_free)
            if not np.isfinite(found).all():
                return np.nan, near
            return float(self._evaluate(found, 1).log_likelihood[0]), found[0]

        width = z * float(np.sqrt(self.covariance[which, which])) / 4
        inside, near = float(start[which]), start
        for _ in range(_MOST_ROUNDS):
            outside = inside + side * width
            height, there = profile(outside, near)
            if not height > target:
                break
            inside, near, width = outside, there, width * 1.5
        while abs(outside - inside) * self._scale[which] > _BISECTED and np.isfinite(height):
            middle = (inside + outside) / 2
            height, there = profile(middle, near)
            inside, near, outside = (middle, there, outside) if height > target else (
                inside, near, middle)
        return near if np.isfinite(height) else np.full_like(near, np.nan)

    def _with_curvature(self, point: FloatArray) -> PenalisedEvaluations:
        """Return evaluations at B points whose curvature is that of the penalised likelihood.

        By differences of the score, in the same call; in larger models the information has to do.
        """
        if not self._has_differences:
            return self._evaluate(point, len(point))
        size, p = point.shape
        steps = np.diag(_DIFFERENCE / self._scale)
        around = (point[:, None] + steps).reshape(size * p, p)
        at = self._evaluate(np.concatenate((point, around)), size)
        score = at.score[:size]
        change = at.score[size:].reshape(size, p, p) - score[:, None]
        curvature = change * (-self._scale / _DIFFERENCE)[:, None]
        curvature = (curvature + curvature.swapaxes(1, 2)) / 2
        return PenalisedEvaluations(at.log_likelihood, score, curvature, at.information[:size])


def _constrained(curvature: FloatArray, sides: FloatArray, is_free: BoolArray) -> FloatArray:
    """Return the solutions (B, p, k) over free parameters (B, p), 0 for the others."""
    matrix = _within(curvature, is_free)
    free_sides = sides * is_free[..., None]
    try:
        return np.asarray(np.linalg.solve(matrix, free_sides), dtype=np.float64)
    except np.linalg.LinAlgError:
        is_regular = (np.linalg.det(matrix) != 0)[:, None, None]
        usable = np.where(is_regular, matrix, np.eye(matrix.shape[1]))
        return np.asarray(np.linalg.solve(usable, free_sides * is_regular), dtype=np.float64)


def _within(curvature: FloatArray, is_free: BoolArray) -> FloatArray:
    """Return the curvature (B, p, p) of free parameters (B, p), the identity for the others."""
    both = is_free[:, :, None] & is_free[:, None]
    return np.where(both, curvature, np.eye(curvature.shape[1]))


def inverses(information: FloatArray) -> FloatArray:
    """Return inverses (B, p, p); the identity for all where one of them has none."""
    try:
        return np.asarray(np.linalg.inv(information), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.broadcast_to(np.eye(information.shape[1]), information.shape)
