"""Power of the log-rank test: events by Schoenfeld or Freedman, and subjects for the events."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from remission.statistics.arrays import refuse
from remission.statistics.binomials import check_count, check_probability
from remission.statistics.tidy import TidyRow, tidy_row

Formula = Literal["schoenfeld", "freedman"]

_FORMULAS = {
    "schoenfeld": "Schoenfeld: events × share × (1 − share) × (log hazard ratio)² = (z + z′)²",
    "freedman": "Freedman: events × share × (1 − share) × (1 − HR)² = (z + z′)² × "
                "(1 − share + share × HR)²",
}
_ROUNDED = "Events and subjects are rounded up."
_EXPONENTIAL = (
    "Exponential survival, accrual uniform, followed to one common day, nobody lost before."
)


@dataclass(frozen=True)
class LogRankPower:
    """Events, subjects and power of a log-rank test of two groups.

    ``n`` and ``event_probability`` are None without what gives an event its probability.
    ``power`` is that of ``events``: rounded up, so at least the power asked for.
    """

    hazard_ratio: float
    events: int
    n: int | None
    power: float
    event_probability: float | None
    alpha: float
    sides: int
    share: float
    warnings: tuple[str, ...]
    method: str
    conventions: tuple[str, ...]

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return events, subjects, power and the probability of an event as rows."""
        note = "" if self.n is not None else "the probability of an event is not given"
        return (tidy_row("events", self.events), tidy_row("n", self.n, note=note),
                tidy_row("power", self.power),
                tidy_row("event_probability", self.event_probability, note=note))


def power_log_rank(
    hazard_ratio: float, *, power: float | None = None, events: int | None = None,
    n: int | None = None, share: float = 0.5, alpha: float = 0.05, sides: Literal[1, 2] = 2,
    method: Formula = "schoenfeld", event_probability: float | None = None,
) -> LogRankPower:
    """Return the events and subjects a log-rank test needs, or the power it has.

    ``hazard_ratio`` is that of the second group, ``share`` the part of all subjects in it. One of
    ``power`` wanted, ``events`` or ``n`` subjects is given. ``event_probability`` is that of the
    outcome during the study, over both groups: :func:`event_probability` computes it. Raises
    :class:`~remission.errors.NotEstimable` for a hazard ratio of 1 or that is none, for other
    numbers that are none, and for ``n`` without the probability of an event. Schoenfeld 1981,
    Biometrika 68:316; Freedman 1982, Stat Med 1:121.
    """
    if method not in _FORMULAS or sides not in (1, 2):
        raise refuse("power_log_rank", "method is schoenfeld or freedman, sides 1 or 2, not "
                     f"{method!r} and {sides!r}.")
    if not hazard_ratio > 0 or not math.isfinite(hazard_ratio) or hazard_ratio == 1:
        raise refuse("power_log_rank",
                     f"A hazard ratio to be found is above 0 and not 1, not {hazard_ratio}.")
    check_probability("power_log_rank", share=share, alpha=alpha)
    if event_probability is not None:
        check_probability("power_log_rank", event_probability=event_probability)
    per_event = _information(hazard_ratio, share, method)
    critical = NormalDist().inv_cdf(1 - alpha / sides)
    needed = _events(_given(power, events, n), event_probability, critical, per_event)
    subjects = n if n is not None else (
        None if event_probability is None else _up(needed / event_probability))
    reached = NormalDist().cdf(math.sqrt(needed * per_event) - critical)
    return LogRankPower(
        hazard_ratio, _up(needed), subjects, reached, event_probability, alpha, sides, share,
        (), f"log-rank test, events by {method.capitalize()}", (_FORMULAS[method], _ROUNDED))


def event_probability(
    hazard_ratio: float, *, survival: float, at: float, follow_up: float, accrual: float = 0.0,
    share: float = 0.5,
) -> float:
    """Return the probability of the outcome during a study, over both groups.

    The first group has ``survival`` at time ``at``, the second ``hazard_ratio`` times its hazard
    and ``share`` of the subjects. Subjects come evenly during ``accrual`` and are followed at
    least ``follow_up`` longer; times in one unit. Exponential survival and nobody lost before the
    end. Raises :class:`~remission.errors.NotEstimable` for numbers that are none. Schoenfeld &
    Richter 1982, Biometrics 38:163.
    """
    check_probability("event_probability", survival=survival, share=share)
    whole = {"hazard_ratio": hazard_ratio, "at": at, "accrual + follow_up": accrual + follow_up}
    for name, value in whole.items():
        if not value > 0 or not math.isfinite(value):
            raise refuse("event_probability", f"{name} is above 0, not {value}.")
    if accrual < 0 or follow_up < 0:
        raise refuse("event_probability", "accrual and follow_up are times from 0.")
    hazard = -math.log(survival) / at
    return ((1 - share) * _has_event(hazard, accrual, follow_up)
            + share * _has_event(hazard * hazard_ratio, accrual, follow_up))


def _has_event(hazard: float, accrual: float, follow_up: float) -> float:
    """Return the mean of 1 − e^(−hazard t) over t even from follow_up to follow_up + accrual."""
    spread = hazard * accrual
    mean = -math.expm1(-spread) / spread if spread > 0 else 1.0
    return 1 - math.exp(-hazard * follow_up) * mean


def _information(hazard_ratio: float, share: float, method: Formula) -> float:
    """Return the information of one event: the square of its mean effect in standard errors."""
    spread = share * (1 - share)
    if method == "schoenfeld":
        return spread * math.log(hazard_ratio) ** 2
    return spread * ((1 - hazard_ratio) / (1 - share + share * hazard_ratio)) ** 2


def _given(power: float | None, events: int | None, n: int | None) -> tuple[str, float]:
    given = {name: value for name, value in
             (("power", power), ("events", events), ("n", n)) if value is not None}
    if len(given) != 1:
        raise refuse("power_log_rank", "One of power, events and n is wanted.")
    name, value = next(iter(given.items()))
    if name == "power":
        check_probability("power_log_rank", power=value)
    else:
        check_count("power_log_rank", **{name: value})  # type: ignore[arg-type]  # None is out
    return name, value


def _events(
    given: tuple[str, float], probability: float | None, critical: float, per_event: float
) -> float:
    name, value = given
    if name == "power":
        z = critical + NormalDist().inv_cdf(value)
        if z <= 0:
            raise refuse("power_log_rank", f"A power of {value} is below alpha.")
        return float(_up(z**2 / per_event))
    if name == "events":
        return float(value)
    if probability is None:
        raise refuse("power_log_rank", "n is given without the probability of an event.",
                     "Give event_probability, or events.")
    return value * probability


def _up(value: float) -> int:
    """Return the next whole number, not thrown up by rounding."""
    return math.ceil(value - 1e-9 * max(1.0, value))
