"""Outcome: time, event or cause, optional entry; the one survival type, checked at the door."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from remission.statistics.arrays import BoolArray, FloatArray, IntArray, refuse

TIED = 1e-8
"""Times closer than this, relative to the longest, are one time (1 and 1 + 1e-10 are tied)."""
_MOST_EMPTY_DAYS = 4
"""Whole times are counted instead of sorted up to this many days a subject."""

_GLANCE = 100
"""Times looked at before all are asked whether they are whole."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """Follow-up of n subjects, or of n rows when follow-up is split at entries.

    ``time`` (n,) is when follow-up ended, not negative; ``event`` (n,) is 0 for censored and
    1, 2 … for the event or its cause; ``entry`` (n,) is when each came under observation
    (0 when left out): at risk at t means entry < t ≤ time. All in one unit of time, which
    results keep. ``days`` are the times as whole numbers where they are whole and small enough
    to be counted instead of sorted; otherwise ``unmerged`` holds them as given.
    """

    event: IntArray
    entry: FloatArray | None
    days: NDArray[np.int32] | None
    unmerged: FloatArray | None

    def __init__(
        self, time: ArrayLike, event: ArrayLike, entry: ArrayLike | None = None
    ) -> None:
        """Check and copy the arrays; raises ``NotEstimable`` naming the first fault."""
        times = _times(time, "time")
        events = _events(event, len(times))
        entries = None if entry is None else _times(entry, "entry")
        if entries is not None:
            if len(entries) != len(times):
                raise refuse("Outcome", f"{len(times)} times but {len(entries)} entries.")
            # An entry within the tolerance of an event is at the event, not before it.
            merged = merged_times(np.concatenate([times, entries]))
            times, entries = merged[: len(times)], merged[len(times):]
            if (entries >= times).any():
                raise refuse("Outcome", "Entry must come before the end of follow-up.",
                             "Drop subjects who were never under observation.")
        days = _days(times)
        object.__setattr__(self, "event", events)
        object.__setattr__(self, "entry", entries)
        object.__setattr__(self, "days", days)
        object.__setattr__(self, "unmerged",
                           times + 0.0 if days is None else None)  # a copy, −0 made 0

    def __len__(self) -> int:
        """Return the number of subjects."""
        return len(self.event)

    @cached_property
    def time(self) -> FloatArray:
        """When follow-up ended (n,), times within the tolerance made one."""
        if self.days is not None:
            return self.days.astype(np.float64)
        assert self.unmerged is not None
        return merged_times(self.unmerged)

    @property
    def events(self) -> int:
        """The number of subjects with any event."""
        return int(np.count_nonzero(self.event))

    def subset(self, kept: BoolArray | IntArray) -> Outcome:
        """Return the outcome of some subjects, chosen by a mask (n,) or by their places."""
        entry = None if self.entry is None else self.entry[kept]
        return Outcome(self.time[kept], self.event[kept], entry)


def merged_times(times: FloatArray) -> FloatArray:
    """Return times in which those closer than the tolerance have become the earliest of them."""
    order = np.argsort(times)
    ordered = times[order]
    starts = is_first(ordered)
    if starts.all():
        return times
    first = ordered[starts][np.cumsum(starts) - 1]
    merged = np.empty_like(times)
    merged[order] = first
    return merged


def is_first(ordered: FloatArray) -> BoolArray:
    """Return which times, already in order, begin a new one: further from the last than tied."""
    starts = np.ones(len(ordered), dtype=np.bool_)
    np.greater(np.diff(ordered), TIED * ordered[-1], out=starts[1:])
    return starts


def _times(values: ArrayLike, name: str) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not len(array):
        raise refuse("Outcome", f"{name} must be one row of at least one number.")
    lowest, highest = float(array.min()), float(array.max())
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        raise refuse("Outcome", f"{name} holds NaN or infinity.", "Drop subjects without a time.")
    if lowest < 0:
        raise refuse("Outcome", f"{name} is negative for {int((array < 0).sum())} subjects.",
                     "Follow-up cannot end before it begins.")
    return array


def _events(values: ArrayLike, n: int) -> IntArray:
    given = np.asarray(values)
    if given.shape != (n,):
        raise refuse("Outcome", f"{n} times but events of shape {given.shape}.")
    is_whole = given.dtype.kind in "biu"
    if not is_whole and not np.isfinite(given.astype(np.float64)).all():
        raise refuse("Outcome", "An event is NaN or infinity.", "Drop subjects without an outcome.")
    events: IntArray = given.astype(np.int64)
    if events.min() < 0 or not (is_whole or (events == given).all()):
        raise refuse("Outcome", "An event is 0 (censored) or a whole number from 1 (its cause).")
    return events


def _days(times: FloatArray) -> NDArray[np.int32] | None:
    """Return the times as whole numbers, None unless all are whole and worth counting by."""
    if (times[:_GLANCE] % 1).any():
        return None
    highest = float(times.max())
    if highest > _MOST_EMPTY_DAYS * len(times) or highest * TIED >= 1:
        return None
    days = times.astype(np.int32)
    return days if (days == times).all() else None
