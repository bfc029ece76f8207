"""Power by simulation, of any analysis that gives a p value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from remission.errors import NotEstimable
from remission.statistics.arrays import FloatArray, refuse
from remission.statistics.binomials import check_probability
from remission.statistics.blocks import Progress, in_blocks
from remission.statistics.proportions import clopper_pearson
from remission.statistics.tidy import TidyRow, tidy_row

_BLOCK = 25
_CONVENTIONS = (
    "Significant is p ≤ alpha.",
    "A simulated study whose test cannot be had is not significant.",
    "Clopper–Pearson interval of the power.",
)


@dataclass(frozen=True, eq=False)
class SimulatedPower:
    """The share of simulated studies that were significant, with its own interval.

    ``failed`` of the ``replicates`` had no test; ``p_values`` (replicates,) are NaN there. The
    same ``seed`` gives the same studies for any number of workers.
    """

    power: float
    lower: float
    upper: float
    level: float
    significant: int
    replicates: int
    failed: int
    p_values: FloatArray
    alpha: float
    seed: int
    warnings: tuple[str, ...]
    method: str
    conventions: tuple[str, ...] = _CONVENTIONS

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the power with its interval and the studies without a test as rows."""
        names = ("power", "lower", "upper", "replicates", "failed")
        return tuple(tidy_row(name, getattr(self, name)) for name in names)


def simulated_power(
    simulate: Callable[[np.random.Generator], Any], test: Callable[..., Any], *,
    replicates: int = 1000, alpha: float = 0.05, level: float = 0.95, seed: int = 1,
    workers: int = 1, progress: Progress | None = None,
) -> SimulatedPower:
    """Return the power of an analysis from simulated studies.

    ``simulate(random)`` draws the data of one study from a numpy generator; ``test`` is given
    them (a tuple as its arguments) and returns the p value of the outcome, or a result that has
    it as ``p``. ``workers`` above 1 are processes; ``progress(done, total)`` is called after each
    block. Raises :class:`~remission.errors.NotEstimable` when no study has a test, for a p that
    is none, and for options that are none.
    """
    check_probability("simulated_power", alpha=alpha, level=level)
    p_values = in_blocks(_Studies(simulate, test), replicates, block=_BLOCK, width=1, seed=seed,
                         workers=workers, progress=progress)
    failed = int(np.isnan(p_values).sum())
    if failed == replicates:
        raise refuse("simulated_power", f"None of {replicates} simulated studies has a test.",
                     "Look at one of them: test(*simulate(numpy.random.default_rng(1))).")
    significant = int((p_values <= alpha).sum())
    interval = clopper_pearson(significant, replicates, level=level)
    return SimulatedPower(
        interval.estimate, interval.lower, interval.upper, level, significant, replicates, failed,
        p_values, alpha, seed,
        (f"{failed} of {replicates} simulated studies had no test.",) if failed else (),
        f"simulation of {replicates} studies, seed {seed}")


@dataclass(frozen=True)
class _Studies:
    """Draws studies and tests them."""

    simulate: Callable[[np.random.Generator], Any]
    test: Callable[..., Any]

    def __call__(self, random: np.random.Generator, size: int) -> FloatArray:
        return np.array([self._p(self.simulate(random)) for _ in range(size)], dtype=np.float64)

    def _p(self, data: Any) -> float:
        try:
            found = self.test(*data) if isinstance(data, tuple) else self.test(data)
        except NotEstimable:
            return float("nan")
        p = float(getattr(found, "p", found))
        if not (np.isnan(p) or 0 <= p <= 1):
            raise refuse("simulated_power", f"The test gave {p}, which is no p value.")
        return p
