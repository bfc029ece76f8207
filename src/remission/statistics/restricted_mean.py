"""The restricted mean: the time lived without the event up to a limit, and its difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import normal_quantile, refuse, two_sided_normal
from remission.statistics.kaplan_meier import product_limit
from remission.statistics.outcome import Outcome
from remission.statistics.risk_sets import risk_sets
from remission.statistics.tails import log_two_sided_normal
from remission.statistics.tidy import TidyRow, tidy_row
from remission.statistics.two_groups import two_groups

_CONVENTIONS = (
    "The area below the Kaplan–Meier curve from 0 to the limit.",
    "Greenwood's variance, without the factor d / (d − 1), as R's survfit.",
    "Follow-up must reach the limit, or survival 0 before it; the last value is not carried on.",
)
_NO_SPREAD = "no events before the limit in either group: no standard error"


@dataclass(frozen=True)
class RestrictedMean:
    """The mean time without the event within ``until``, in the unit of the outcome.

    ``lower`` and ``upper`` are value ∓ z se, cut to 0 and ``until``; NaN when there are no
    events, since the standard error is then 0 by construction, not by precision. ``events`` are
    those up to ``until``.
    """

    value: float
    se: float
    lower: float
    upper: float
    until: float
    level: float
    n: int
    events: int
    method: str
    conventions: tuple[str, ...] = _CONVENTIONS
    warnings: tuple[str, ...] = ()

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the estimate, its error and its interval as rows."""
        return tuple(tidy_row(name, getattr(self, field), at=self.until) for name, field in (
            ("restricted_mean", "value"), ("se", "se"), ("lower", "lower"), ("upper", "upper"),
            ("n", "n"), ("events", "events")))


@dataclass(frozen=True)
class Contrast:
    """A difference or a ratio with its interval and two-sided z test; NaN, ``note`` says why."""

    value: float
    se: float
    lower: float
    upper: float
    z: float
    p: float
    log_p: float
    note: str = ""


@dataclass(frozen=True)
class RestrictedMeanDifference:
    """The restricted means of two groups compared: the second of ``groups`` against the first.

    ``ratio.se`` is that of the ratio's logarithm, on which its interval and test are taken.
    """

    groups: tuple[object, object]
    means: tuple[RestrictedMean, RestrictedMean]
    difference: Contrast
    ratio: Contrast
    until: float
    level: float
    n: int
    events: int
    method: str
    conventions: tuple[str, ...] = (*_CONVENTIONS, "Second group minus, or over, the reference.")
    warnings: tuple[str, ...] = ()

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return both means, the difference and the ratio as rows."""
        rows = [tidy_row("restricted_mean", mean.value, group=str(group), at=self.until)
                for group, mean in zip(self.groups, self.means, strict=True)]
        for name in ("difference", "ratio"):
            contrast: Contrast = getattr(self, name)
            rows += [tidy_row(name if field == "value" else f"{name}_{field}",
                              getattr(contrast, field), at=self.until, note=contrast.note)
                     for field in ("value", "se", "lower", "upper", "p", "log_p")]
        return tuple(rows)


def restricted_mean(
    outcome: Outcome, *, until: float, level: float = 0.95
) -> RestrictedMean:
    """Return the restricted mean time of an outcome (any cause counts as the event).

    ``until`` is the limit, in the outcome's unit, above 0. Raises
    :class:`~remission.errors.NotEstimable` when follow-up ends before the limit with survival
    above 0: the area beyond is unknown. Irwin 1949, J Hyg 47:188; variance: Klein & Moeschberger
    2003, 4.5.
    """
    z = normal_quantile(level)
    if not (math.isfinite(until) and until > 0):
        raise refuse("restricted_mean", f"The limit is a time above 0, not {until:g}.")
    sets = risk_sets(outcome, at_events_only=True)
    at_risk, events = sets.at_risk[0], sets.events[0]
    survival, greenwood = product_limit(at_risk, events)
    last = float(outcome.time.max())
    if until > last and not (len(survival) and survival[-1] == 0):
        raise refuse("restricted_mean", f"Follow-up ends at {last:g}, before {until:g}.",
                     f"Choose a limit up to {last:g}.")
    inside = sets.time <= until
    survival, events = survival[inside], events[inside]
    steps = np.concatenate(([0.0], sets.time[inside], [until]))
    areas = np.diff(steps) * np.concatenate(([1.0], survival))
    value = float(areas.sum())
    # Greenwood's term of each event spreads over the whole area that follows it.
    following = areas[1:][::-1].cumsum()[::-1]
    terms = np.diff(greenwood[inside], prepend=0.0)
    se = math.sqrt(float(following**2 @ terms))
    spread = z * se if se > 0 else math.nan
    return RestrictedMean(
        value, se, max(value - spread, 0.0) if se > 0 else math.nan,
        min(value + spread, until) if se > 0 else math.nan, float(until), level, len(outcome),
        int(events.sum()), f"restricted mean up to {until:g}, {100 * level:g}% normal interval",
        warnings=() if se > 0 else ("The standard error is 0: no interval.",),
    )


def restricted_mean_difference(
    outcome: Outcome, groups: ArrayLike, *, until: float, level: float = 0.95,
    reference: object = None,
) -> RestrictedMeanDifference:
    """Return the difference and the ratio of the restricted means of two groups.

    ``groups`` (n,) are labels of any kind, exactly two; ``reference`` is the label subtracted
    (the first in order when None). The ratio is compared on its logarithm. Raises
    :class:`~remission.errors.NotEstimable` unless there are two groups, both followed up to
    ``until``. Royston & Parmar 2013, BMC Med Res Methodol 13:152.
    """
    z = normal_quantile(level)
    labels, outcomes = two_groups(outcome, groups, reference=reference,
                                  where="restricted_mean_difference")
    first, second = (restricted_mean(one, until=until, level=level) for one in outcomes)
    difference = second.value - first.value
    gap = contrast(difference, math.hypot(first.se, second.se), z, none=_NO_SPREAD)
    relative = math.hypot(first.se / first.value, second.se / second.value)
    logarithm = contrast(math.log(second.value / first.value), relative, z, none=_NO_SPREAD)
    ratio = Contrast(math.exp(logarithm.value), logarithm.se, math.exp(logarithm.lower),
                     math.exp(logarithm.upper), logarithm.z, logarithm.p, logarithm.log_p,
                     logarithm.note)
    return RestrictedMeanDifference(
        labels, (first, second), gap, ratio, first.until, level, len(outcome),
        first.events + second.events,
        f"restricted means up to {until:g}, {100 * level:g}% normal interval, z test",
        warnings=tuple(
            f"Group {label!r} has no standard error of its own; the interval is too narrow."
            for label, mean in zip(labels, (first, second), strict=True) if mean.se == 0),
    )


def contrast(value: float, se: float, z: float, *, none: str) -> Contrast:
    """Return a contrast with its normal interval and test; NaN with note ``none`` if se is 0.

    Raises nothing.
    """
    if se == 0:
        return Contrast(value, se, math.nan, math.nan, math.nan, math.nan, math.nan, none)
    score = value / se
    return Contrast(value, se, value - z * se, value + z * se, score, two_sided_normal(score),
                    log_two_sided_normal(score))
