"""Power by virtual trials: how often each analysis shows the difference, and how well."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from remission.errors import NotEstimable
from remission.statistics.arrays import normal_quantile
from remission.statistics.proportions import clopper_pearson
from remission.statistics.workers import each
from remission.virtual.parameters import Parameters
from remission.virtual.planning.design import TrialDesign
from remission.virtual.planning.effects import Effect, find_effect, large_trial
from remission.virtual.planning.formulas import formula_powers
from remission.virtual.planning.models import (
    ANALYSES,
    ARM,
    NAN,
    Analysis,
    Question,
    Reading,
)
from remission.virtual.planning.trial import Trial, draw_trial
from remission.virtual.stream import Floats

_CHUNK = 25
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Power:
    """How one analysis did in the virtual trials of ``n`` children.

    ``power`` is the share of all ``replicates`` with p ≤ alpha, one without an answer (``failed``)
    counted as not significant; ``se`` is its Monte Carlo error, ``lower`` and ``upper`` its
    interval by Clopper–Pearson. ``stood_in`` trials were read by ``stand_in``. ``mean``, ``bias``
    (against ``truth``, with the error ``bias_se`` of both) and ``coverage`` are of the trials that
    have an estimate; not a number where the analysis only tests. ``formula`` is the power by the
    formula for plain designs, None where there is none.
    """

    n: int
    analysis: str
    of: str
    quantity: str
    replicates: int
    power: float
    se: float
    lower: float
    upper: float
    failed: int
    stood_in: int
    stand_in: str
    mean: float
    truth: float
    bias: float
    bias_se: float
    coverage: float
    coverage_se: float
    formula: float | None


@dataclass(frozen=True)
class Planned:
    """The design, the effect that was put in, and the power of each analysis at each size."""

    design: TrialDesign
    effect: Effect
    powers: tuple[Power, ...]

    @property
    def first(self) -> tuple[Power, ...]:
        """The analysis planned for, at each size."""
        name = ANALYSES[self.design.outcome, self.design.has_two_arms][0].name
        return tuple(power for power in self.powers if power.analysis == name)


def plan_trial(
    design: TrialDesign, *, jobs: int = 1, progress: Progress = lambda _: None
) -> Planned:
    """Return the power of each analysis of a design at each of its sizes.

    The same for any number of ``jobs``: every trial has the streams of its own replicate.
    ``progress`` is told each step as it begins. Raises :class:`~remission.errors.InputError`
    where no effect makes the difference asked for.
    """
    progress("finding the effect")
    effect = find_effect(design)
    analyses = ANALYSES[design.outcome, design.has_two_arms]
    large = large_trial(effect, design)
    truths = [_truth(analysis, effect, design, large) for analysis in analyses]
    formulas = formula_powers(effect, design, large)
    powers: list[Power] = []
    for n, readings in read_all(effect, design, jobs, progress):
        powers.extend(
            _summed(design, n, analysis, readings[:, place], truth=truths[place],
                    formula=None if place else formulas[n])
            for place, analysis in enumerate(analyses))
    return Planned(design, effect, tuple(powers))


def read_all(
    effect: Effect, design: TrialDesign, jobs: int, progress: Progress = lambda _: None
) -> Iterator[tuple[int, Floats]]:
    """Yield each size with the readings of its trials (replicates, analyses, 5)."""
    question = Question(design.at.days, effect.reference, design.level)
    starts = range(0, design.replicates, _CHUNK)
    calls = [(effect.arms, design, question, n, range(start, min(
        start + _CHUNK, design.replicates))) for n in design.sizes for start in starts]
    made = each(read_trials, calls, jobs=jobs)
    for n in design.sizes:
        progress(f"{design.replicates:,} trials of {n} children")
        yield n, np.concatenate([next(made) for _ in starts])
    for _ in made:  # nothing is left, but the workers end after the last
        pass


def read_trials(
    arms: tuple[Parameters, ...], design: TrialDesign, question: Question, n: int,
    replicates: range,
) -> Floats:
    """Return p, estimate, bounds and stand-in (replicates, analyses, 5) of some trials."""
    analyses = ANALYSES[design.outcome, design.has_two_arms]
    found = np.full((len(replicates), len(analyses), 5), NAN)
    for row, replicate in enumerate(replicates):
        trial = draw_trial(arms, design.arm_sizes(n), design.outcome, seed=design.seed,
                           replicate=replicate)
        for place, analysis in enumerate(analyses):
            reading = _reading(analysis, trial, question)
            found[row, place] = (reading.p, reading.estimate, reading.lower, reading.upper,
                                 reading.has_stand_in)
    return found


def _reading(analysis: Analysis, trial: Trial, question: Question) -> Reading:
    try:
        return analysis.read(trial, question)
    except NotEstimable:
        return Reading()


def _truth(
    analysis: Analysis, effect: Effect, design: TrialDesign, large: Trial
) -> tuple[float, float]:
    """Return what the estimates aim at, with its error; not a number where that is unknown."""
    if not analysis.quantity:
        return NAN, NAN
    if design.has_two_arms and analysis.of == ARM and not effect.log_effect:
        return 0.0, 0.0
    if analysis.aims_at is None:
        return (effect.difference if design.has_two_arms else effect.values[-1]), effect.se
    try:
        reading = analysis.aims_at(large, Question(
            design.at.days, effect.reference, design.level))
    except NotEstimable:
        return NAN, NAN
    return reading.estimate, (reading.upper - reading.lower) / (2 * normal_quantile(design.level))


def _summed(
    design: TrialDesign, n: int, analysis: Analysis, readings: Floats, *,
    truth: tuple[float, float], formula: float | None,
) -> Power:
    p, estimate, lower, upper, stood_in = readings.T
    interval = clopper_pearson(int((p <= design.alpha).sum()), len(p), level=design.level)
    power = interval.estimate
    is_estimated, has_bounds = np.isfinite(estimate), np.isfinite(lower) & np.isfinite(upper)
    count = int(is_estimated.sum())
    mean = float(estimate[is_estimated].mean()) if count else NAN
    spread = float(estimate[is_estimated].std(ddof=1)) if count > 1 else NAN
    bounded = int(has_bounds.sum())
    covers = has_bounds & (lower <= truth[0]) & (truth[0] <= upper)
    coverage = int(covers.sum()) / bounded if bounded and np.isfinite(truth[0]) else NAN
    return Power(
        n=n, analysis=analysis.name, of=analysis.of, quantity=analysis.quantity,
        replicates=len(p), power=power, se=_binomial_se(power, len(p)), lower=interval.lower,
        upper=interval.upper, failed=int(np.isnan(p).sum()), stood_in=int((stood_in == 1).sum()),
        stand_in=analysis.stand_in, mean=mean, truth=truth[0], bias=mean - truth[0],
        bias_se=math.hypot(spread / math.sqrt(max(count, 1)), truth[1]),
        coverage=coverage, coverage_se=_binomial_se(coverage, bounded), formula=formula)


def _binomial_se(share: float, n: int) -> float:
    return math.sqrt(share * (1 - share) / n) if n else NAN
