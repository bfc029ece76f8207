"""Who is at risk at each event time, as positions in arrays sorted once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from remission.statistics.arrays import BoolArray, FloatArray, IntArray
from remission.statistics.outcome import Outcome

_MANY_ROWS = 8
"""Rows for each event time from which sums between event times come first."""


@dataclass(frozen=True, eq=False)
class RiskSets:
    """Risk sets of n rows at k event times with m events, all by stratum and from late to early.

    ``order`` (n,) sorts rows so; every other position refers to the sorted rows. ``event`` (m,)
    are the rows with the event, ``slot`` (m,) says at which of the k event times. The rows at
    risk at event time j are ``first_row[j]`` … ``last_row[j]`` without the first
    ``later_entries[j]`` of ``entry_order``, who had not come under observation yet (both are
    None without entries). Row i was at risk at the event times ``first_slot[i]`` …
    ``end_slot[i]`` − 1.
    """

    order: IntArray
    time: FloatArray
    stratum: IntArray
    event: IntArray
    slot: IntArray
    first_row: IntArray
    last_row: IntArray
    entry_order: IntArray | None
    later_entries: IntArray | None
    first_slot: IntArray
    end_slot: IntArray

    @property
    def deaths(self) -> IntArray:
        """Events at each event time (k,)."""
        return np.bincount(self.slot, minlength=len(self.last_row))

    @property
    def slot_starts(self) -> IntArray:
        """Position in ``event`` of the first event of each event time (k,)."""
        deaths = self.deaths
        return np.cumsum(deaths) - deaths

    @property
    def is_one_run(self) -> bool:
        """Whether every risk set is all rows up to some row: one stratum, no entries."""
        return self.entry_order is None and not self.first_row[-1] > 0

    def sums(self, values: FloatArray) -> FloatArray:
        """Return sums over those at risk at each event time: (…, n) sorted to (…, k).

        Running sums of all rows; of event times only, where these are few and the risk sets plain.
        """
        slots = len(self.last_row)
        if self.is_one_run and slots * _MANY_ROWS < len(self.order):
            starts = np.append(0, self.last_row[:-1] + 1)
            at_risk = values[..., :self.last_row[-1] + 1]
            return np.cumsum(np.add.reduceat(at_risk, starts, axis=-1), axis=-1)
        running = np.cumsum(values, axis=-1)
        total: FloatArray = running.take(self.last_row, axis=-1)
        if self.entry_order is not None and self.later_entries is not None:
            total -= _before(np.cumsum(values.take(self.entry_order, axis=-1), axis=-1),
                             self.later_entries)
        elif not self.is_one_run:
            total -= _before(running, self.first_row)
        return total

    def accumulated(self, increments: FloatArray) -> FloatArray:
        """Return sums over the event times at which each row was at risk: (…, k) to (…, n)."""
        tail = np.zeros((*increments.shape[:-1], increments.shape[-1] + 1))
        tail[..., :-1] = np.cumsum(increments[..., ::-1], axis=-1)[..., ::-1]
        at_exit: FloatArray = tail.take(self.first_slot, axis=-1)
        if not self.is_one_run:
            at_exit -= tail.take(self.end_slot, axis=-1)
        return at_exit

    def at_risk(self, slot: int) -> IntArray:
        """Return the sorted rows at risk at one event time."""
        rows = np.arange(self.first_row[slot], self.last_row[slot] + 1)
        return rows[self.end_slot[rows] > slot]


def _before(running: FloatArray, count: IntArray) -> FloatArray:
    """Return running sums over the first ``count`` values, 0 for none."""
    sums: FloatArray = running.take(np.maximum(count - 1, 0), axis=-1) * (count > 0)
    return sums


def risk_sets(outcome: Outcome, strata: IntArray) -> RiskSets:
    """Return the risk sets of an outcome with at least one event.

    A row is at risk at t when entry < t ≤ time, within its stratum. ``strata`` (n,) are whole
    numbers from 0.
    """
    order = _order(outcome.time, strata)
    time, stratum = outcome.time[order], strata[order]
    is_event = outcome.event[order] > 0
    groups = _begins(time, stratum)
    group = np.cumsum(groups) - 1
    has_event: BoolArray = np.bincount(group, weights=is_event) > 0
    slot_of_group: IntArray = np.cumsum(has_event) - has_event
    last = np.append(np.flatnonzero(groups)[1:], len(time)) - 1
    event = np.flatnonzero(is_event)
    stratum_start = np.searchsorted(stratum, stratum[last[has_event]], side="left")
    first_slot: IntArray = slot_of_group[group]
    slots = int(has_event.sum())
    if outcome.entry is None:
        slot_strata = stratum[last[has_event]]
        end_slot = np.searchsorted(slot_strata, stratum, side="right")
        entry_order = later = None
    else:
        key, slot_key = _keys(time, outcome.entry[order], stratum, last[has_event])
        entry_order = np.argsort(key, kind="stable")
        later = np.searchsorted(key[entry_order], slot_key, side="right")
        later = later.astype(np.int64)
        end_slot = np.minimum(np.searchsorted(slot_key, key, side="left"), slots)
    return RiskSets(order, time, stratum, event, slot_of_group[group[event]], stratum_start,
                    last[has_event], entry_order, later, first_slot, end_slot.astype(np.int64))


def _order(time: FloatArray, strata: IntArray) -> IntArray:
    """Return the order by stratum and from late to early, tied rows as given.

    Two fast sorts, of which the second puts the tied in their order, take less time than one
    stable sort of real numbers.
    """
    if strata.any():
        return np.lexsort((-time, strata))
    rough = np.argsort(-time)
    offset = (np.cumsum(_begins(time[rough], strata)) - 1) * len(time)
    order: IntArray = np.sort(offset + rough) - offset
    return order


def _begins(time: FloatArray, stratum: IntArray) -> BoolArray:
    """Return where a new time or a new stratum begins."""
    begins = np.ones(len(time), dtype=np.bool_)
    begins[1:] = (time[1:] != time[:-1]) | (stratum[1:] != stratum[:-1])
    return begins


def _keys(
    time: FloatArray, entry: FloatArray, stratum: IntArray, event_rows: IntArray
) -> tuple[IntArray, IntArray]:
    """Return whole-number keys of entries (n,) and event times (k,): by stratum, late to early."""
    values, ranks = np.unique(np.concatenate((entry, time[event_rows])), return_inverse=True)
    width = len(values)
    entries, events = ranks[:len(entry)], ranks[len(entry):]
    return (stratum * width + (width - 1 - entries),
            stratum[event_rows] * width + (width - 1 - events))
