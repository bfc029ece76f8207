"""Kaplan–Meier: survival with Greenwood's error, intervals, quantiles and numbers at risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, IntArray, normal_quantile, refuse
from remission.statistics.outcome import Outcome

Interval = Literal["log-log", "log", "plain"]


@dataclass(frozen=True, eq=False)
class Point:
    """Survival at one time; ``note`` says why ``survival`` or its interval is missing (NaN)."""

    time: float
    survival: float
    se: float
    lower: float
    upper: float
    at_risk: int
    events: int
    censored: int
    note: str = ""


@dataclass(frozen=True, eq=False)
class Quantile:
    """The time by which a share has had the event, with its interval; None where not reached."""

    share: float
    time: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """A survival curve: one entry for each distinct time of follow-up, in order.

    ``at_risk``, ``events`` and ``censored`` are counts at each ``time``; ``survival``, ``se``
    (Greenwood), ``lower`` and ``upper`` hold just after it. Interval bounds are NaN where
    survival is exactly 1 or 0: no interval of this kind exists there.
    """

    time: FloatArray
    at_risk: IntArray
    events: IntArray
    censored: IntArray
    survival: FloatArray
    se: FloatArray
    lower: FloatArray
    upper: FloatArray
    n: int
    ci: Interval
    level: float
    _entry: FloatArray | None

    @property
    def total_events(self) -> int:
        """All events."""
        return int(self.events.sum())

    @property
    def last_time(self) -> float:
        """The longest follow-up."""
        return float(self.time[-1])

    def at(self, times: ArrayLike) -> list[Point]:
        """Return survival at each time asked for.

        Beyond the last follow-up nothing is known: the point is NaN with a note, unless
        survival has already reached 0.
        """
        return [self._point(float(time)) for time in np.atleast_1d(np.asarray(times, float))]

    def risk_at(self, time: float) -> int:
        """Return the number still under observation just before ``time``."""
        index = int(np.searchsorted(self.time, time, side="left"))
        ended = int((self.events[:index] + self.censored[:index]).sum())
        entered = self.n if self._entry is None else int((self._entry < time).sum())
        return entered - ended

    def quantile(self, share: float = 0.5) -> Quantile:
        """Return the earliest time at which survival is at or below 1 − ``share``.

        Where survival equals it exactly over a span, the first time of the span is taken (SPSS
        does so; R takes the middle). The interval is where the bounds cross (Brookmeyer &
        Crowley 1982, Biometrics 38:29).
        """
        if not 0 < share <= 1:
            raise refuse("quantile", f"A share lies above 0 and up to 1, not {share}.")
        target = 1 - share + 1e-12
        return Quantile(share, self._first(self.survival, target),
                        self._first(self.lower, target), self._first(self.upper, target))

    def _first(self, curve: FloatArray, target: float) -> float | None:
        reached = np.flatnonzero(curve <= target)
        return float(self.time[reached[0]]) if len(reached) else None

    def _point(self, time: float) -> Point:
        index = int(np.searchsorted(self.time, time, side="right")) - 1
        seen = slice(0, index + 1)
        counts = (self.risk_at(time), int(self.events[seen].sum()),
                  int(self.censored[seen].sum()))
        if index < 0:
            return Point(time, 1.0, 0.0, np.nan, np.nan, *counts, note="no event yet")
        if time > self.last_time and self.survival[-1] > 0:
            note = f"beyond the last follow-up ({self.last_time:g})"
            return Point(time, np.nan, np.nan, np.nan, np.nan, *counts, note=note)
        survival = float(self.survival[index])
        note = {1.0: "no event yet", 0.0: "all have had the event"}.get(survival, "")
        return Point(time, survival, float(self.se[index]), float(self.lower[index]),
                     float(self.upper[index]), *counts, note=note)


def kaplan_meier(
    outcome: Outcome, *, ci: Interval = "log-log", level: float = 0.95
) -> KaplanMeier:
    """Return the Kaplan–Meier curve of an outcome (any cause counts as the event).

    Times keep their unit. ``ci`` is the scale of the interval; deaths precede censorings at
    the same time. Kaplan & Meier 1958, J Am Stat Assoc 53:457; Greenwood 1926; log-log:
    Kalbfleisch & Prentice 1980. An :class:`Outcome` is never empty, so there is always a curve.
    """
    time, at_risk, events, censored = risk_table(outcome)
    with np.errstate(divide="ignore", invalid="ignore"):
        survival: FloatArray = np.cumprod(1 - events / at_risk, dtype=np.float64)
        greenwood: FloatArray = np.cumsum(
            events / (at_risk * (at_risk - events)), dtype=np.float64)
        se: FloatArray = np.where(survival > 0, survival * np.sqrt(greenwood), 0.0)
        lower, upper = _bounds(survival, se, ci, normal_quantile(level))
    return KaplanMeier(time, at_risk, events, censored, survival, se, lower, upper,
                       len(outcome), ci, level, outcome.entry)


def median_follow_up(outcome: Outcome, *, level: float = 0.95) -> Quantile:
    """Return the median follow-up by the reverse Kaplan–Meier method, in the outcome's unit.

    Events and censorings change places: a death ends the potential follow-up unseen. Schemper &
    Smith 1996, Control Clin Trials 17:343. The time is None when fewer than half are censored;
    an :class:`Outcome` is never empty, so there is always a curve.
    """
    flipped = Outcome(outcome.time, (outcome.event == 0).astype(np.int64), outcome.entry)
    return kaplan_meier(flipped, level=level).quantile(0.5)


def risk_table(outcome: Outcome) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
    """Return (distinct times, at risk just before, events, censored), in order of time.

    Raises :class:`~remission.errors.NotEstimable` when entries leave nobody at risk at an event.
    """
    time, which = np.unique(outcome.time, return_inverse=True)
    is_event = outcome.event > 0
    events = np.bincount(which, weights=is_event, minlength=len(time)).astype(np.int64)
    ended = np.bincount(which, minlength=len(time)).astype(np.int64)
    at_risk = ended[::-1].cumsum()[::-1]
    if outcome.entry is not None:
        entered = np.searchsorted(np.sort(outcome.entry), time, side="left")
        at_risk = at_risk - (len(outcome) - entered)
    if (at_risk[events > 0] <= 0).any():
        raise refuse("risk_table", "An event happens while nobody is at risk.")
    return time, at_risk, events, ended - events


def _bounds(
    survival: FloatArray, se: FloatArray, ci: Interval, z: float
) -> tuple[FloatArray, FloatArray]:
    """Return the interval's bounds, cut to 0 and 1; NaN where survival is 1 or 0."""
    inner = (survival > 0) & (survival < 1)
    if ci == "log-log":
        spread = z * se / (survival * np.log(survival))
        lower, upper = survival ** np.exp(-spread), survival ** np.exp(spread)
    elif ci == "log":
        spread = z * se / survival
        lower, upper = survival * np.exp(-spread), survival * np.exp(spread)
    elif ci == "plain":
        lower, upper = survival - z * se, survival + z * se
    else:
        raise refuse("kaplan_meier", f"There is no interval {ci!r}.",
                     "Choose log-log, log or plain.")
    return (np.where(inner, np.clip(lower, 0, 1), np.nan),
            np.where(inner, np.clip(upper, 0, 1), np.nan))
