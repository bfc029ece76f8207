"""Simon–Makuch curves: survival in and out of an exposure that begins during follow-up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import BoolArray, refuse
from remission.statistics.exposure import (
    ANY_CAUSE,
    BEGINS_AFTER,
    SAME_DAY,
    STATES,
    StartStop,
    start_stop,
)
from remission.statistics.kaplan_meier import Interval, KaplanMeier, kaplan_meier
from remission.statistics.outcome import Outcome
from remission.statistics.tidy import TidyRow, tidy_row


@dataclass(frozen=True, eq=False)
class SimonMakuch:
    """Two curves over the states a subject is in, not over two sets of subjects.

    Time keeps the clock of the data; both curves are 1 at the ``landmark`` and estimate survival
    given to be event-free then. ``exposed`` or ``unexposed`` is None when nobody is ever at risk
    in that state. ``n`` subjects are followed beyond the landmark, ``n_exposed`` of them with
    exposed time, ``excluded`` are not.
    """

    unexposed: KaplanMeier | None
    exposed: KaplanMeier | None
    landmark: float
    n: int
    events: int
    n_exposed: int
    excluded: int
    level: float
    warnings: tuple[str, ...]
    method: str = "Simon–Makuch"
    conventions: tuple[str, ...] = (
        BEGINS_AFTER, ANY_CAUSE,
        "Subjects leave the unexposed curve as censored when exposed, and enter the exposed then.",
    )

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return survival with its interval and the number at risk at each event time."""
        curves = (self.unexposed, self.exposed)
        return tuple(row for state, curve in zip(STATES, curves, strict=True)
                     if curve is not None for row in _rows(state, curve))


def simon_makuch(
    outcome: Outcome, exposed_at: ArrayLike, *, landmark: float = 0.0,
    ci: Interval = "log-log", level: float = 0.95,
) -> SimonMakuch:
    """Return survival of the unexposed and the exposed state from a landmark on.

    ``exposed_at`` (n,) is when each subject's exposure began, NaN when never; ``landmark`` is the
    time from which the curves run, late enough that some are exposed by then; all in the outcome's
    unit and on its clock. ``ci`` and ``level`` as for :func:`kaplan_meier`. Raises
    :class:`~remission.errors.NotEstimable` for a landmark that is negative or beyond all
    follow-up, and as :func:`start_stop` does. Simon & Makuch 1984, Stat Med 3:35.
    """
    if not np.isfinite(landmark) or landmark < 0:
        raise refuse("simon_makuch", f"A landmark is a time from 0, not {landmark}.")
    rows = start_stop(outcome, exposed_at)
    kept = rows.outcome.time > landmark + SAME_DAY * float(outcome.time.max())
    if not kept.any():
        raise refuse("simon_makuch", f"Nobody is followed beyond {landmark:g}.",
                     f"Choose a landmark before {outcome.time.max():g}.")
    curves = [kaplan_meier(_from(rows, mine, landmark), ci=ci, level=level) if mine.any() else None
              for mine in (kept & ~rows.exposed, kept & rows.exposed)]
    n = len(np.unique(rows.subject[kept]))
    return SimonMakuch(
        curves[0], curves[1], float(landmark), n, int((rows.outcome.event[kept] > 0).sum()),
        int((kept & rows.exposed).sum()), len(outcome) - n, level,
        (*rows.warnings, *(text for state, curve in zip(STATES, curves, strict=True)
                           for text in _doubts(state, curve))),
    )


def _from(rows: StartStop, mine: BoolArray, landmark: float) -> Outcome:
    """Return some rows as an outcome; who enters by the landmark is at risk on that day too."""
    assert rows.outcome.entry is not None  # start–stop rows always have one
    entry = rows.outcome.entry[mine]
    later = entry > landmark
    return Outcome(rows.outcome.time[mine], rows.outcome.event[mine],
                   np.where(later, entry, 0.0) if later.any() else None)


def _doubts(state: str, curve: KaplanMeier | None) -> tuple[str, ...]:
    """Return what is wrong with a curve whose first members are too few to begin it."""
    if curve is None:
        return (f"Nobody is {state} beyond the landmark.",)
    emptied = np.flatnonzero(curve.survival == 0)
    if len(emptied) and emptied[0] < len(curve.time) - 1:
        return (f"The {state} curve falls to 0 at {curve.time[emptied[0]]:g}, when all then at "
                "risk had the event, though others follow: choose a later landmark.",)
    return ()


def _rows(state: str, curve: KaplanMeier) -> list[TidyRow]:
    return [
        tidy_row(name, float(values[index]), group=state, at=float(curve.time[index]))
        for index in np.flatnonzero(curve.events)
        for name, values in (("survival", curve.survival), ("lower", curve.lower),
                             ("upper", curve.upper), ("at_risk", curve.at_risk))
    ]
