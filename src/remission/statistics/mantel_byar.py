"""The Mantel–Byar test: a log-rank test in which subjects change groups when exposed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, refuse, two_sided_normal
from remission.statistics.exposure import ANY_CAUSE, BEGINS_AFTER, STATES, StartStop, start_stop
from remission.statistics.outcome import Outcome
from remission.statistics.tidy import TidyRow, tidy_row

_FEW_EVENTS = 5
"""Expected events of a state below which χ² is a poor approximation."""


@dataclass(frozen=True, eq=False)
class MantelByar:
    """A Mantel–Byar test; observed and expected events are of (unexposed, exposed) time.

    ``variance`` is that of observed minus expected; ``log_p`` is the natural logarithm of ``p``,
    which does not underflow. ``n_exposed`` of the ``n`` subjects have exposed time.
    """

    statistic: float
    df: int
    p: float
    log_p: float
    observed: tuple[float, float]
    expected: tuple[float, float]
    variance: float
    n: int
    events: int
    n_exposed: int
    warnings: tuple[str, ...]
    method: str = "Mantel–Byar"
    conventions: tuple[str, ...] = (
        BEGINS_AFTER, ANY_CAUSE, "Variance hypergeometric; no continuity correction.")

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the test, and the observed and expected events of each state, as rows."""
        by_state = [row for state, seen, awaited in zip(
            STATES, self.observed, self.expected, strict=True)
            for row in (tidy_row("observed", seen, group=state),
                        tidy_row("expected", awaited, group=state))]
        return (tidy_row("statistic", self.statistic), tidy_row("df", self.df),
                tidy_row("p", self.p), tidy_row("log_p", self.log_p), *by_state)


def mantel_byar(outcome: Outcome, exposed_at: ArrayLike) -> MantelByar:
    """Return the Mantel–Byar test of an exposure that begins during follow-up.

    ``exposed_at`` (n,) is when each subject's exposure began, in the outcome's unit and on its
    clock: 0 when exposed from the start, NaN when never. The same as the log-rank test of the
    rows of :func:`start_stop`. Raises :class:`~remission.errors.NotEstimable` without events, or
    when exposed and unexposed are never at risk together at an event, and as
    :func:`start_stop` does. Mantel & Byar 1974, J Am Stat Assoc 69:81.
    """
    rows = start_stop(outcome, exposed_at)
    if not rows.events:
        raise refuse("mantel_byar", "There are no events.", "Exposures cannot be compared.")
    times = np.unique(rows.outcome.time[rows.outcome.event > 0])
    events = [_events(rows, state, times) for state in (False, True)]
    at_risk = [_at_risk(rows, state, times) for state in (False, True)]
    total, everyone = events[0] + events[1], at_risk[0] + at_risk[1]
    share = at_risk[1] / everyone
    spread = total * (everyone - total) / np.maximum(everyone - 1, 1)
    variance = float((share * (1 - share) * spread).sum())
    if variance <= 0:
        raise refuse("mantel_byar", "Exposed and unexposed are never at risk at the same event.",
                     "There is nothing to compare.")
    observed, expected = float(events[1].sum()), float((share * total).sum())
    z = (observed - expected) / math.sqrt(variance)
    awaited = (rows.events - expected, expected)
    return MantelByar(
        z**2, 1, two_sided_normal(z), _log_two_sided_normal(z),
        (float(events[0].sum()), observed), awaited, variance, rows.n, rows.events,
        rows.n_exposed, (*rows.warnings, *_too_few(min(awaited))),
    )


def _events(rows: StartStop, state: bool, times: FloatArray) -> FloatArray:
    ends = rows.outcome.time[(rows.exposed == state) & (rows.outcome.event > 0)]
    counted: FloatArray = np.bincount(
        np.searchsorted(times, ends), minlength=len(times)).astype(np.float64)
    return counted


def _at_risk(rows: StartStop, state: bool, times: FloatArray) -> FloatArray:
    """Return how many of a state are under observation just before each time."""
    mine = rows.exposed == state
    assert rows.outcome.entry is not None  # start–stop rows always have one
    entered = np.searchsorted(np.sort(rows.outcome.entry[mine]), times, side="left")
    left = np.searchsorted(np.sort(rows.outcome.time[mine]), times, side="left")
    return (entered - left).astype(np.float64)


def _log_two_sided_normal(z: float) -> float:
    from scipy.special import log_ndtr

    return min(0.0, math.log(2) + float(log_ndtr(-abs(z))))


def _too_few(least: float) -> tuple[str, ...]:
    if least >= _FEW_EVENTS:
        return ()
    return (f"Only {least:.3g} events are expected in one state: the p value is approximate.",)
