"""The landmark method: groups as they stand on one day, followed from that day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import BoolArray, refuse
from remission.statistics.exposure import SAME_DAY, exposure_times
from remission.statistics.outcome import Outcome
from remission.statistics.tidy import TidyRow, tidy_row

_CONVENTIONS = (
    "Time counts from the landmark.",
    "Who had the event or was censored up to and on the day of the landmark is excluded.",
    "Exposure up to and on the day of the landmark counts; later exposure does not change the "
    "group.",
)


@dataclass(frozen=True, eq=False)
class Landmark:
    """Those still followed after the landmark, in groups fixed on that day.

    ``kept`` (all subjects,) says who; ``outcome`` and ``exposed`` (n,) are of these, in their
    order, with time from the landmark ``at``. ``events_before`` and ``censored_before`` were
    excluded, ``exposed_before`` of them exposed; ``exposed_later`` of the unexposed group were
    exposed during the follow-up kept.
    """

    at: float
    kept: BoolArray
    exposed: BoolArray
    outcome: Outcome
    n: int
    events: int
    n_exposed: int
    events_before: int
    censored_before: int
    exposed_before: int
    exposed_later: int
    warnings: tuple[str, ...]
    method: str = "landmark"
    conventions: tuple[str, ...] = _CONVENTIONS

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return who was kept, excluded and exposed as rows."""
        counts = {
            "n": self.n, "events": self.events, "n_exposed": self.n_exposed,
            "events_before": self.events_before, "censored_before": self.censored_before,
            "exposed_before": self.exposed_before, "exposed_later": self.exposed_later,
        }
        return tuple(tidy_row(name, count, at=self.at) for name, count in counts.items())


def landmark(outcome: Outcome, exposed_at: ArrayLike, *, at: float) -> Landmark:
    """Return those followed beyond a landmark, grouped by exposure up to that day.

    ``exposed_at`` (n,) is when each subject's exposure began, NaN when never; ``at`` is the
    landmark; both in the outcome's unit and on its clock. Delayed entries are kept: a subject
    who comes under observation after the landmark enters then. Raises
    :class:`~remission.errors.NotEstimable` when ``at`` is negative or not a number, or nobody
    is followed beyond it. Anderson, Cain & Gelber 1983, J Clin Oncol 1:710.
    """
    if not np.isfinite(at) or at < 0:
        raise refuse("landmark", f"A landmark is a time from 0, not {at}.")
    begins = exposure_times(outcome, exposed_at)
    margin = SAME_DAY * float(outcome.time.max())
    kept = outcome.time > at + margin
    if not kept.any():
        raise refuse("landmark", f"Nobody is followed beyond {at:g}.",
                     f"Choose a landmark before the last follow-up ({outcome.time.max():g}).")
    by_then = begins <= at + margin
    left_with_event = ~kept & (outcome.event > 0)
    exposed = by_then[kept]
    later = kept & ~by_then & (begins < outcome.time)
    followed = _from(outcome, kept, at)
    return Landmark(
        float(at), kept, exposed, followed, len(followed), followed.events, int(exposed.sum()),
        int(left_with_event.sum()), int((~kept).sum() - left_with_event.sum()),
        int((~kept & by_then & (begins < outcome.time)).sum()), int(later.sum()),
        _warnings(exposed, int(later.sum())),
    )


def _from(outcome: Outcome, kept: BoolArray, at: float) -> Outcome:
    entry = None
    if outcome.entry is not None and (outcome.entry[kept] > at).any():
        entry = np.maximum(outcome.entry[kept] - at, 0.0)
    return Outcome(outcome.time[kept] - at, outcome.event[kept], entry)


def _warnings(exposed: BoolArray, later: int) -> tuple[str, ...]:
    found = []
    if exposed.all() or not exposed.any():
        who = "Everybody" if exposed.all() else "Nobody"
        found.append(f"{who} is exposed by the landmark: there is nothing to compare.")
    if later:
        found.append(f"{later} of the unexposed group were exposed after the landmark.")
    return tuple(found)
