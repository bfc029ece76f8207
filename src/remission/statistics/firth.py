"""Firth's penalised likelihood: estimates, profile intervals and penalised tests, all at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
from remission.statistics.newton_batch import Evaluations, maximise_each
from remission.statistics.tails import log_chi_square_tail

_MOST_ROUNDS = 40
_CLOSE = 1e-8

Penalised = Callable[[FloatArray, IntArray], Evaluations]


class Profile:
    """The penalised likelihood of one model with its maximum, null fits and profile bounds.

    ``evaluate`` gives the penalised log-likelihood and score with the unpenalised information;
    ``is_tested`` (p,) are the parameters that are zero in the null model (all but the
    intercept). Penalised likelihood ratios keep the penalty of the whole model, with the
    coefficient at zero (Heinze & Schemper 2001, Biometrics 57:114; 2002, Stat Med 21:2409).
    """

    def __init__(
        self, evaluate: Penalised, scale: FloatArray, is_tested: BoolArray, *, where: str
    ) -> None:
        """Fit the model, the models without each parameter, and the null model."""
        self._evaluate, self._scale, self._where = evaluate, scale, where
        p = len(scale)
        is_free = np.vstack((np.ones((1, p), np.bool_), ~np.eye(p, dtype=np.bool_), ~is_tested))
        fits = maximise_each(evaluate, np.zeros((p + 2, p)), scale=scale, is_free=is_free)
        if not fits.converged.all():
            raise refuse(where, "The penalised likelihood did not converge.")
        values = fits.at.log_likelihood
        self.estimate: FloatArray = fits.estimate[0]
        self.covariance: FloatArray = inverse(fits.at.curvature[0])
        self.log_likelihood = float(values[0])
        self.null_log_likelihood = float(values[-1])
        self._ratios: FloatArray = np.maximum(2 * (values[0] - values[1:-1]), 0.0)
        self._df = int(is_tested.sum())

    def terms(self, names: Sequence[str], level: float) -> tuple[Term, ...]:
        """Return coefficients with profile intervals and penalised likelihood-ratio tests."""
        lower, upper = self._bounds(normal_quantile(level))
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

    def _bounds(self, z: float) -> tuple[FloatArray, FloatArray]:
        """Return where the profile's signed root r = √(2 (maximum − profile)) reaches z.

        r is nearly linear in the parameter, and its slope is known from the score, so that a few
        steps of Newton's method end it; every parameter and both sides go together.
        """
        p = len(self.estimate)
        which = np.tile(np.arange(p), 2)
        side = np.repeat((-1.0, 1.0), p)
        items = np.arange(2 * p)
        is_free = ~np.eye(p, dtype=np.bool_)[which]
        spread = np.sqrt(np.diag(self.covariance))[which]
        point = np.tile(self.estimate, (2 * p, 1))
        slope = self.covariance[which] / np.diag(self.covariance)[which, None]
        point = point + slope * (side * z * spread)[:, None]
        for _ in range(_MOST_ROUNDS):
            fits = maximise_each(
                self._evaluate, point, scale=self._scale, is_free=is_free, tolerance=1e-6)
            point = fits.estimate
            root = np.sqrt(np.maximum(2 * (self.log_likelihood - fits.at.log_likelihood), 0.0))
            gap = z - root
            if (np.abs(gap) < _CLOSE).all() and fits.converged.all():
                bounds = point[items, which]
                return bounds[:p], bounds[p:]
            descent = np.maximum(-side * fits.at.score[items, which], 1e-12)
            step = np.clip(gap * np.maximum(root, z / 2) / descent, -spread, 2 * spread)
            point = point + slope * (side * step)[:, None]
        raise refuse(self._where, "A profile interval did not converge.")
