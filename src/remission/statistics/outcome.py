"""Outcome: time, event or cause, optional entry; the one survival type, checked at the door."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import FloatArray, IntArray, refuse

_TIED = 1e-8
"""Times closer than this, relative to the longest, are one time (1 and 1 + 1e-10 are tied)."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """Follow-up of n subjects.

    ``time`` (n,) is when follow-up ended, not negative; ``event`` (n,) is 0 for censored and
    1, 2 … for the event or its cause; ``entry`` (n,) is when each came under observation
    (0 when left out). All in one unit of time, which results keep.
    """

    time: FloatArray
    event: IntArray
    entry: FloatArray | None = None

    def __init__(
        self, time: ArrayLike, event: ArrayLike, entry: ArrayLike | None = None
    ) -> None:
        """Check and keep the arrays; raises ``NotEstimable`` naming the first fault."""
        times = _times(time, "time")
        events = _events(event, len(times))
        entries = None if entry is None else _times(entry, "entry")
        if entries is not None:
            if len(entries) != len(times):
                raise refuse("Outcome", f"{len(times)} times but {len(entries)} entries.")
            if (entries >= times).any():
                raise refuse("Outcome", "Entry must come before the end of follow-up.",
                             "Drop subjects who were never under observation.")
        object.__setattr__(self, "time", _merged(times))
        object.__setattr__(self, "event", events)
        object.__setattr__(self, "entry", entries)

    def __len__(self) -> int:
        """Return the number of subjects."""
        return len(self.time)

    @property
    def events(self) -> int:
        """The number of subjects with any event."""
        return int((self.event > 0).sum())


def _times(values: ArrayLike, name: str) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not len(array):
        raise refuse("Outcome", f"{name} must be one row of at least one number.")
    if np.isnan(array).any() or np.isinf(array).any():
        raise refuse("Outcome", f"{name} holds NaN or infinity.", "Drop subjects without a time.")
    if (array < 0).any():
        raise refuse("Outcome", f"{name} is negative for {int((array < 0).sum())} subjects.",
                     "Follow-up cannot end before it begins.")
    return array


def _events(values: ArrayLike, n: int) -> IntArray:
    given = np.asarray(values)
    if given.shape != (n,):
        raise refuse("Outcome", f"{n} times but events of shape {given.shape}.")
    if not np.isfinite(given.astype(np.float64)).all():
        raise refuse("Outcome", "An event is NaN or infinity.", "Drop subjects without an outcome.")
    events: IntArray = given.astype(np.int64)
    if (events != given).any() or (events < 0).any():
        raise refuse("Outcome", "An event is 0 (censored) or a whole number from 1 (its cause).")
    return events


def _merged(times: FloatArray) -> FloatArray:
    """Return times in which those closer than the tolerance have become the earliest of them."""
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    gaps = np.diff(ordered)
    near = (gaps > 0) & (gaps <= _TIED * ordered[-1])
    if not near.any():
        return times
    starts = np.concatenate(([True], ~near & (gaps > 0)))
    first = ordered[np.maximum.accumulate(np.where(starts, np.arange(len(ordered)), 0))]
    merged = np.empty_like(times)
    merged[order] = first
    return merged
