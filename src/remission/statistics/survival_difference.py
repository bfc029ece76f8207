"""Survival of two groups compared at one time, which the log-rank test cannot do."""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from remission.statistics.arrays import normal_quantile, refuse, two_sided_normal
from remission.statistics.kaplan_meier import Point, kaplan_meier
from remission.statistics.outcome import Outcome
from remission.statistics.restricted_mean import Contrast, contrast
from remission.statistics.tails import log_two_sided_normal
from remission.statistics.tidy import TidyRow, tidy_row
from remission.statistics.two_groups import two_groups


@dataclass(frozen=True)
class SurvivalDifference:
    """Survival at one time in two groups: the second of ``groups`` minus the first.

    ``p`` is of the log-log scale, which keeps its level in small groups; ``difference`` has the
    plain interval, cut to −1 and 1, and the plain test. ``z``, ``p`` and ``log_p`` are NaN where
    a group's survival is 1 or 0, and ``note`` says so.
    """

    groups: tuple[object, object]
    points: tuple[Point, Point]
    difference: Contrast
    z: float
    p: float
    log_p: float
    at: float
    level: float
    n: int
    events: int
    note: str = ""
    method: str = "difference of Kaplan–Meier estimates at a fixed time, z test on log-log scale"
    conventions: tuple[str, ...] = (
        "Second group minus the reference; a positive z favours the second.",
        "Greenwood's variance; the interval of the difference is plain.",
        "The time must be chosen before the data are seen.",
    )
    warnings: tuple[str, ...] = ()

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return survival in both groups, the difference and both tests as rows."""
        rows = [tidy_row(name, getattr(point, name), group=str(group), at=self.at, note=point.note)
                for group, point in zip(self.groups, self.points, strict=True)
                for name in ("survival", "se", "at_risk")]
        gap = self.difference
        rows += [tidy_row(name, value, at=self.at, note=gap.note) for name, value in (
            ("difference", gap.value), ("difference_se", gap.se), ("difference_lower", gap.lower),
            ("difference_upper", gap.upper), ("p_plain", gap.p))]
        rows += [tidy_row(name, getattr(self, name), at=self.at, note=self.note)
                 for name in ("z", "p", "log_p")]
        return tuple(rows)


def survival_difference(
    outcome: Outcome, groups: ArrayLike, *, at: float, level: float = 0.95,
    reference: object = None,
) -> SurvivalDifference:
    """Return the difference of survival between two groups at one time.

    ``groups`` (n,) are labels of any kind, exactly two; ``at`` is the time, in the outcome's
    unit; ``reference`` is the label subtracted (the first in order when None). Raises
    :class:`~remission.errors.NotEstimable` unless there are two groups, both followed up to
    ``at``. Klein, Logan, Harhoff & Andersen 2007, Stat Med 26:4505.
    """
    z = normal_quantile(level)
    labels, outcomes = two_groups(outcome, groups, reference=reference,
                                  where="survival_difference")
    curves = [kaplan_meier(one, level=level) for one in outcomes]
    first, second = (curve.at(at)[0] for curve in curves)
    for label, point in zip(labels, (first, second), strict=True):
        if math.isnan(point.survival):
            raise refuse("survival_difference", f"Group {label!r}: {point.note}.",
                         "Choose an earlier time.")
    gap = contrast(second.survival - first.survival, math.hypot(first.se, second.se), z,
                   none="survival is 1 or 0 in both groups: no standard error")
    if not gap.note:
        gap = Contrast(gap.value, gap.se, max(gap.lower, -1.0), min(gap.upper, 1.0), gap.z,
                       gap.p, gap.log_p)
    at_an_end = [label for label, point in zip(labels, (first, second), strict=True)
                 if not 0 < point.survival < 1]
    score = math.nan if at_an_end else _log_log_score(first, second)
    return SurvivalDifference(
        labels, (first, second), gap, score, two_sided_normal(score),
        math.nan if at_an_end else log_two_sided_normal(score), float(at), level, len(outcome),
        int(first.events + second.events),
        "no log-log scale where survival is 1 or 0" if at_an_end else "",
        warnings=tuple(f"Survival of group {label!r} is 1 or 0 and has no standard error; the "
                       "plain interval is too narrow." for label in at_an_end),
    )


def _log_log_score(first: Point, second: Point) -> float:
    """Return z of log(−log S): positive when the second survives more."""
    values = [math.log(-math.log(point.survival)) for point in (first, second)]
    errors = [point.se / (point.survival * math.log(point.survival)) for point in (first, second)]
    return (values[0] - values[1]) / math.hypot(*errors)
