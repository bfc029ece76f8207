"""Kaplan–Meier: survival with Greenwood's error, intervals, quantiles and numbers at risk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    case_weights,
    normal_quantile,
    refuse,
)
from remission.statistics.outcome import Outcome
from remission.statistics.risk_sets import risk_sets
from remission.statistics.tidy import TidyRow, tidy_row

Interval = Literal["log-log", "log", "plain", "arcsine"]
QuantileConvention = Literal["first", "middle"]

_SAME_SURVIVAL = 1e-12
"""Survival this close to a share equals it; the product of the factors is rounded."""
_CONVENTIONS = (
    "Deaths precede censorings at the same time.",
    "Times within 1e-8 of the longest are one time.",
    "At risk at t: entered before t, not yet ended before t.",
    "No interval where survival is exactly 1 or 0.",
)
_OF_WEIGHTS = "A weight counts a subject as many times; Greenwood's error takes the copies as own."


@dataclass(frozen=True, eq=False)
class Point:
    """Survival at one time; ``note`` says why ``survival`` or its interval is missing (NaN)."""

    time: float
    survival: float
    se: float
    lower: float
    upper: float
    at_risk: float
    events: float
    censored: float
    note: str = ""


@dataclass(frozen=True, eq=False)
class Quantile:
    """The time by which a share has had the event, with its interval; None where not reached."""

    share: float
    time: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, eq=False)
class NumbersAtRisk:
    """The table below a curve: at each ``time``, who is at risk just before it, and who has had
    the event or been censored by it (counted from the start).
    """

    time: FloatArray
    at_risk: IntArray | FloatArray
    events: IntArray | FloatArray
    censored: IntArray | FloatArray


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """A survival curve: one entry for each distinct time of follow-up, in order.

    ``at_risk``, ``events`` and ``censored`` are counts at each ``time`` (sums of weights where
    there are weights); ``survival``, ``se`` (Greenwood), ``lower`` and ``upper`` hold just after
    it. Interval bounds are NaN where survival is exactly 1 or 0: no interval of this kind exists
    there. ``n`` counts subjects, or rows when follow-up is split at entries.
    """

    time: FloatArray
    at_risk: IntArray | FloatArray
    events: IntArray | FloatArray
    censored: IntArray | FloatArray
    survival: FloatArray
    se: FloatArray
    lower: FloatArray
    upper: FloatArray
    n: int
    ci: Interval
    level: float
    _entry: tuple[FloatArray, FloatArray] | None
    method: str = ""
    conventions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def total_events(self) -> int:
        """All events, each counted once."""
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
        numbers = self.numbers_at(times)
        return [self._point(*row) for row in zip(
            numbers.time.tolist(), numbers.at_risk.tolist(), numbers.events.tolist(),
            numbers.censored.tolist(), strict=True)]

    def numbers_at(self, times: ArrayLike) -> NumbersAtRisk:
        """Return the numbers at risk, with event and censored at each time asked for."""
        asked: FloatArray = np.atleast_1d(np.asarray(times, dtype=np.float64))
        if np.isnan(asked).any():
            raise refuse("KaplanMeier", "NaN is not a time.")
        seen = np.searchsorted(self.time, asked, side="right")
        sums = [np.concatenate((counts[:1] * 0, counts.cumsum()))[seen]
                for counts in (self.events, self.censored)]
        return NumbersAtRisk(asked, self._at_risk(asked), *sums)

    def risk_at(self, time: float) -> float:
        """Return the number still under observation just before ``time``."""
        at_risk: float = self.numbers_at(time).at_risk[0].item()
        return at_risk

    def quantile(
        self, share: float = 0.5, *, convention: QuantileConvention = "first"
    ) -> Quantile:
        """Return the earliest time at which survival is at or below 1 − ``share``.

        Where survival equals it exactly over a span, ``first`` takes the first time of the span
        (SPSS), ``middle`` its middle (R's ``quantile``), up to the last follow-up when survival
        never falls further. The interval is where the bounds cross (Brookmeyer & Crowley 1982,
        Biometrics 38:29). Raises ``NotEstimable`` for a share outside 0 to 1.
        """
        if not 0 < share <= 1:
            raise refuse("quantile", f"A share lies above 0 and up to 1, not {share}.")
        if convention not in ("first", "middle"):
            raise refuse("quantile", f"There is no convention {convention!r}.",
                         "Choose first or middle.")
        return Quantile(share, *(self._crossing(curve, 1 - share, convention)
                                 for curve in (self.survival, self.lower, self.upper)))

    def quantiles(
        self, shares: ArrayLike, *, convention: QuantileConvention = "first"
    ) -> list[Quantile]:
        """Return the quantile of each share asked for, as :meth:`quantile` does."""
        asked = np.atleast_1d(np.asarray(shares, dtype=np.float64)).tolist()
        return [self.quantile(share, convention=convention) for share in asked]

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the curve at each time with an event, the median and the counts as rows."""
        return tuple(self._rows())

    def _rows(self) -> Iterator[TidyRow]:
        yield tidy_row("n", self.n)
        yield tidy_row("events", float(self.events.sum()))
        median = self.quantile(0.5)
        note = "" if median.time is not None else "not reached"
        yield tidy_row("median", median.time, note=note)
        yield tidy_row("median_lower", median.lower)
        yield tidy_row("median_upper", median.upper)
        for index in np.flatnonzero(self.events > 0):
            at = float(self.time[index])
            for name in ("at_risk", "survival", "se", "lower", "upper"):
                yield tidy_row(name, float(getattr(self, name)[index]), at=at)

    def _at_risk(self, asked: FloatArray) -> IntArray | FloatArray:
        if self._entry is None:
            place = np.searchsorted(self.time, asked, side="left")
            is_over = place == len(self.time)
            remaining = self.at_risk[np.where(is_over, 0, place)]
            remaining[is_over] = 0
            return remaining
        entry, entered = self._entry
        ended = np.concatenate(([0], (self.events + self.censored).cumsum()))
        under: FloatArray = (entered[np.searchsorted(entry, asked, side="left")]
                 - ended[np.searchsorted(self.time, asked, side="left")])
        return under.astype(np.int64) if self.at_risk.dtype == np.int64 else under

    def _crossing(
        self, curve: FloatArray, target: float, convention: QuantileConvention
    ) -> float | None:
        reached = np.flatnonzero(curve <= target + _SAME_SURVIVAL)
        if not len(reached):
            return None
        first = float(self.time[reached[0]])
        if convention == "first" or curve[reached[0]] < target - _SAME_SURVIVAL:
            return first
        below = np.flatnonzero(curve < target - _SAME_SURVIVAL)
        end = float(self.time[below[0]]) if len(below) else self.last_time
        return (first + end) / 2

    def _point(self, time: float, at_risk: float, events: float, censored: float) -> Point:
        index = int(np.searchsorted(self.time, time, side="right")) - 1
        counts = (at_risk, events, censored)
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
    outcome: Outcome, *, ci: Interval = "log-log", level: float = 0.95,
    weights: ArrayLike | None = None,
) -> KaplanMeier:
    """Return the Kaplan–Meier curve of an outcome (any cause counts as the event).

    Times keep their unit. ``ci`` is the scale of the interval; deaths precede censorings at
    the same time. ``weights`` (n,) count a subject as many times, as if its row were repeated.
    Raises :class:`~remission.errors.NotEstimable` for an unknown interval or level and for
    weights that are negative or sum to zero; an :class:`Outcome` is never empty, so there is
    always a curve. Kaplan & Meier 1958, J Am Stat Assoc 53:457; Greenwood 1926; log-log:
    Kalbfleisch & Prentice 1980; arcsine: Nair 1984, Technometrics 26:265.
    """
    z = normal_quantile(level)
    if ci not in ("log-log", "log", "plain", "arcsine"):
        raise refuse("kaplan_meier", f"There is no interval {ci!r}.",
                     "Choose log-log, log, plain or arcsine.")
    counted = None
    if weights is not None:
        counted = case_weights(weights, len(outcome), where="kaplan_meier")
        outcome, counted = outcome.subset(counted > 0), counted[counted > 0]
    sets = risk_sets(outcome, weights=counted)
    at_risk, events = sets.at_risk[0], sets.events[0]
    # The curve moves at events only: it is computed there and held until the next.
    is_step = events > 0
    steps = np.flatnonzero(is_step)
    survival, greenwood = product_limit(at_risk[steps], events[steps])
    root = np.sqrt(greenwood)
    se = np.where(survival > 0, survival * root, 0.0)
    lower, upper = _bounds(survival, root, ci, z)
    held = np.cumsum(is_step)
    survival, se, lower, upper = (
        np.concatenate(([before], at_steps))[held] for before, at_steps in (
            (1.0, survival), (0.0, se), (np.nan, lower), (np.nan, upper)))
    return KaplanMeier(
        sets.time, at_risk, events, sets.censored[0], survival, se, lower, upper,
        len(outcome), ci, level, _entered(outcome.entry, counted),
        f"Kaplan–Meier, {100 * level:g}% {ci} interval (Greenwood)",
        _CONVENTIONS if counted is None else (*_CONVENTIONS, _OF_WEIGHTS),
        _warnings(sets.time, survival),
    )


def median_follow_up(outcome: Outcome, *, level: float = 0.95) -> Quantile:
    """Return the median follow-up by the reverse Kaplan–Meier method, in the outcome's unit.

    Events and censorings change places: a death ends the potential follow-up unseen. Schemper &
    Smith 1996, Control Clin Trials 17:343. The time is None when fewer than half are censored;
    an :class:`Outcome` is never empty, so there is always a curve.
    """
    flipped = Outcome(outcome.time, (outcome.event == 0).astype(np.int64), outcome.entry)
    return kaplan_meier(flipped, level=level).quantile(0.5)


def product_limit(
    at_risk: IntArray | FloatArray, events: IntArray | FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return (survival, Greenwood's sum) after each time, both (m,).

    The sum, of d / (n (n − d)), is the variance of the logarithm of survival; it stays as it
    was where everybody at risk has the event, since survival is then 0 for good. Raises nothing.
    """
    left = at_risk - events
    survival: FloatArray = np.cumprod(left / at_risk, dtype=np.float64)
    both = np.multiply(at_risk, left, dtype=np.float64)
    both[left == 0] = np.inf
    return survival, np.cumsum(events / both)


def _bounds(
    survival: FloatArray, root: FloatArray, ci: Interval, z: float
) -> tuple[FloatArray, FloatArray]:
    """Return the interval's bounds, cut to 0 and 1; NaN where survival is 1 or 0.

    ``root`` is the standard error of the logarithm of survival.
    """
    inner: BoolArray = (survival > 0) & (survival < 1)
    s = np.where(inner, survival, 0.5)
    if ci == "log-log":
        logarithm = np.log(s)
        stretch = np.exp(z * root / logarithm)
        lower, upper = np.exp(logarithm / stretch), np.exp(logarithm * stretch)
    elif ci == "log":
        stretch = np.exp(z * root)
        lower, upper = s / stretch, np.minimum(s * stretch, 1.0)
    elif ci == "plain":
        lower, upper = np.maximum(s - z * s * root, 0.0), np.minimum(s + z * s * root, 1.0)
    else:
        angle, width = np.arcsin(np.sqrt(s)), z / 2 * root * np.sqrt(s / (1 - s))
        lower = np.sin(np.maximum(angle - width, 0.0)) ** 2
        upper = np.sin(np.minimum(angle + width, np.pi / 2)) ** 2
    lower[~inner] = upper[~inner] = np.nan
    return lower, upper


def _entered(
    entry: FloatArray | None, weights: FloatArray | None
) -> tuple[FloatArray, FloatArray] | None:
    """Return (entries in order, how many have entered before each), for numbers at risk."""
    if entry is None:
        return None
    order = np.argsort(entry)
    counted = np.ones(len(entry)) if weights is None else weights[order]
    return entry[order], np.concatenate(([0.0], counted.cumsum()))


def _warnings(time: FloatArray, survival: FloatArray) -> tuple[str, ...]:
    if survival[-1] == 1:
        return ("There are no events: survival stays at 1.",)
    emptied = np.flatnonzero(survival == 0)
    if len(emptied) and emptied[0] < len(survival) - 1:
        return (f"Everyone at risk at {time[emptied[0]]:g} had the event, and survival stays at 0 "
                "although others came under observation later.",)
    return ()
