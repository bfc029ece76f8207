"""Risk sets: how many are at risk, have the event and leave at each time, group by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from remission.statistics.arrays import FloatArray, IntArray
from remission.statistics.outcome import Outcome, is_first

_Counts: TypeAlias = tuple[FloatArray, IntArray | FloatArray, IntArray | FloatArray]
_Integers: TypeAlias = NDArray[np.uint8] | NDArray[np.int64]

_ROUNDING = 1e-12
"""A difference of sums of weights below this share of their total is rounding."""
_STRETCH = 65_536
"""Subjects counted at once."""


@dataclass(frozen=True, eq=False)
class RiskSets:
    """Counts of k groups at m distinct times, in order of time.

    ``time`` (m,); ``at_risk`` just before each time, ``events`` at it and ``censored`` from it to
    before the next, each (k × m): whole numbers, or sums of weights where there are weights.
    """

    time: FloatArray
    at_risk: IntArray | FloatArray
    events: IntArray | FloatArray
    censored: IntArray | FloatArray


def risk_sets(
    outcome: Outcome, *, member: IntArray | None = None, k: int = 1,
    weights: FloatArray | None = None, at_events_only: bool = False,
) -> RiskSets:
    """Return the risk sets of an outcome at each distinct time of follow-up.

    ``member`` (n,) is each subject's group, 0 to k − 1 (one group when left out); ``weights``
    (n,) count a subject as many times, and must be positive; ``at_events_only`` leaves out the
    times at which nobody has an event. Any cause counts as an event; whoever is censored at the
    time of an event is still at risk. Raises nothing: an :class:`Outcome` is checked.
    """
    cell = _cells(outcome, member, k)
    count = _counted_in_order if outcome.days is None else _counted_by_day
    time, events, ended = count(outcome, cell, k, weights, at_events_only)
    at_risk = ended[:, ::-1].cumsum(axis=1)[:, ::-1]
    if outcome.entry is not None:
        at_risk = at_risk - _not_yet_entered(outcome.entry, time, member, k, weights)
        if weights is not None:
            near = np.abs(at_risk - events) <= _ROUNDING * weights.sum()
            at_risk = np.where(near, events, at_risk)
    ended -= events
    return RiskSets(time, at_risk, events, ended)


def _cells(outcome: Outcome, member: IntArray | None, k: int) -> _Integers:
    """Return twice the group, plus one with an event (n,), in one byte where it fits."""
    is_event = outcome.event > 0
    if member is None:
        return is_event.view(np.uint8)
    if 2 * k > 256:
        return 2 * member + is_event
    small = member.astype(np.uint8)
    small *= 2
    small += is_event
    return small


def _counted_by_day(
    outcome: Outcome, cell: _Integers, k: int, weights: FloatArray | None,
    at_events_only: bool,
) -> _Counts:
    """Return (times (m,), events and ended of each group (k × m)), counted without sorting.

    Subjects are taken a stretch at a time, which stays in cache: at this size fresh memory costs
    more than the arithmetic.
    """
    assert outcome.days is not None
    size = (int(outcome.days.max()) + 1) * 2 * k
    counts: NDArray[Any] = np.zeros(size, np.int64 if weights is None else np.float64)
    stretch = max(_STRETCH, size)
    for begin in range(0, len(outcome), stretch):
        mine = slice(begin, begin + stretch)
        place = outcome.days[mine] * np.int64(2 * k)
        place += cell[mine]
        counts += np.bincount(place, None if weights is None else weights[mine], minlength=size)
    by_day = counts.reshape(-1, k, 2)
    ended: IntArray | FloatArray = by_day.sum(axis=2)
    starts = np.flatnonzero((by_day[:, :, 1] if at_events_only else ended).any(axis=1))
    events: IntArray | FloatArray = np.ascontiguousarray(by_day[starts, :, 1].T)
    return starts.astype(np.float64), events, np.add.reduceat(ended.T, starts, axis=1)


def _counted_in_order(
    outcome: Outcome, cell: _Integers, k: int, weights: FloatArray | None,
    at_events_only: bool,
) -> _Counts:
    """Return the same as :func:`_counted_by_day` by sorting once."""
    assert outcome.unmerged is not None
    if weights is None:
        ordered, cell = _sorted_together(outcome.unmerged, cell, 2 * k)
    else:
        order = np.argsort(outcome.unmerged)
        ordered, cell, weights = outcome.unmerged[order], cell[order], weights[order]
    starts = np.flatnonzero(is_first(ordered))
    if at_events_only:
        starts = starts[np.bitwise_or.reduceat(cell, starts) & 1 == 1]
    sums = _whole_sums(cell, k, starts) if weights is None else _weighted_sums(
        cell, k, starts, weights)
    return ordered[starts], *sums


def _whole_sums(
    cell: _Integers, k: int, starts: IntArray
) -> tuple[IntArray, IntArray]:
    """Return (events, ended) of each group (k × m) between starts; the last group is the rest."""
    events = np.empty((k, len(starts)), np.int64)
    ended = np.empty((k, len(starts)), np.int64)
    is_event = cell & 1
    np.add.reduceat(is_event, starts, out=events[-1])
    np.subtract(starts[1:], starts[:-1], out=ended[-1, :-1])
    ended[-1, -1:] = len(cell) - starts[-1:]
    for group in range(k - 1):
        mine = (cell >> 1 == group).view(np.uint8)
        np.add.reduceat(mine, starts, out=ended[group])
        np.add.reduceat(mine & is_event, starts, out=events[group])
        events[-1] -= events[group]
        ended[-1] -= ended[group]
    return events, ended


def _weighted_sums(
    cell: _Integers, k: int, starts: IntArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the same with weights, which are not subtracted: their sums are rounded."""
    by_group = [(cell >> 1 == group) * weights for group in range(k)]
    return (np.stack([np.add.reduceat(mine * (cell & 1), starts) for mine in by_group]),
            np.stack([np.add.reduceat(mine, starts) for mine in by_group]))


def _sorted_together(
    time: FloatArray, cell: _Integers, cells: int
) -> tuple[FloatArray, _Integers]:
    """Return times in order and the cells that belong to them.

    The bit patterns of numbers from 0 are in the order of the numbers. Where the times leave
    enough leading bits unused, time and cell are packed into one whole number without loss, and
    sorting those is several times faster than sorting places.
    """
    patterns = time.view(np.uint64)
    lowest = patterns.min()
    bits = (cells - 1).bit_length()
    if int(patterns.max() - lowest).bit_length() + bits > 64:
        order = np.argsort(time)
        return time[order], cell[order]
    packed = patterns - lowest
    packed <<= np.uint64(bits)
    np.bitwise_or(packed, cell, out=packed, casting="unsafe", dtype=np.uint64)
    packed.sort()
    sorted_cell = np.empty_like(cell)
    np.bitwise_and(packed, np.uint64(2**bits - 1), out=sorted_cell, casting="unsafe",
                   dtype=np.uint64)
    packed >>= np.uint64(bits)
    packed += lowest
    return packed.view(np.float64), sorted_cell


def _not_yet_entered(
    entry: FloatArray, time: FloatArray, member: IntArray | None, k: int,
    weights: FloatArray | None,
) -> IntArray | FloatArray:
    """Return how many of each group (k × m) enter only at or after each time."""
    slots = len(time) + 1
    slot = np.searchsorted(time, entry, side="right")
    if member is not None:
        slot = slot + slots * member
    entered = np.bincount(slot, weights, minlength=slots * k).reshape(k, slots)
    return entered[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
