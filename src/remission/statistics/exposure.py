"""Exposures that begin later: rows split at the exposure, and how much time was immortal.

A child must live to be transplanted; to count the days before as time "with transplant" makes
them immortal. Here exposure begins on its day: intervals are open at their start and closed at
their end, so that an event on the day of the exposure belongs to the time before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import BoolArray, FloatArray, IntArray, refuse
from remission.statistics.outcome import Outcome
from remission.statistics.tidy import TidyRow, tidy_row

SAME_DAY = 1e-8
"""Times closer than this, relative to the longest follow-up, are one time, as in an Outcome."""

STATES = ("unexposed", "exposed")
BEGINS_AFTER = (
    "Exposure counts from after its day: an event on the day of the exposure, and an exposure on "
    "the last day of follow-up, belong to the unexposed time."
)
ANY_CAUSE = "An event of any cause is the event."


@dataclass(frozen=True, eq=False)
class StartStop:
    """Follow-up in rows of constant exposure, in order of subject and time.

    ``subject`` (rows,) is the place of each row's subject in the arrays given, ``exposed``
    (rows,) its state, ``outcome`` its entry, end and event. ``events`` and ``person_time`` are
    of (unexposed, exposed) in the unit of the data. ``n_exposed`` subjects have exposed time;
    ``on_last_day`` were exposed on their last day and ``after_end`` later: both have none.
    """

    subject: IntArray
    exposed: BoolArray
    outcome: Outcome
    n: int
    events: int
    events_by_state: tuple[int, int]
    person_time: tuple[float, float]
    n_exposed: int
    on_last_day: int
    after_end: int
    warnings: tuple[str, ...]
    method: str = "start–stop rows"
    conventions: tuple[str, ...] = (BEGINS_AFTER,)

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return subjects, events and person-time as rows."""
        by_state = [row for state, events, time in zip(
            STATES, self.events_by_state, self.person_time, strict=True)
            for row in (tidy_row("events", events, group=state),
                        tidy_row("person_time", time, group=state))]
        return (tidy_row("n", self.n), tidy_row("n_exposed", self.n_exposed), *by_state,
                tidy_row("exposed_on_last_day", self.on_last_day),
                tidy_row("exposed_after_end", self.after_end))


@dataclass(frozen=True, eq=False)
class KnownLater:
    """When a grouping became known, and the time that looking ahead would make immortal.

    ``is_later`` is True when anybody's group is known only after coming under observation.
    ``known_later`` counts these subjects among the ``n_exposed`` who are ever exposed.
    ``immortal_time`` is their follow-up before they were exposed, in the unit of the data, and
    ``immortal_share`` its part of all follow-up of the ever exposed. ``naive_rate`` is the event
    rate of the ever exposed as if exposed from the start, ``rate`` that of the exposed time
    alone (None without such time).
    """

    is_later: bool
    n: int
    events: int
    n_exposed: int
    known_later: int
    on_last_day: int
    after_end: int
    immortal_time: float
    immortal_share: float | None
    naive_rate: float | None
    rate: float | None
    warnings: tuple[str, ...]
    method: str = "time to exposure among the ever exposed"
    conventions: tuple[str, ...] = (BEGINS_AFTER,)

    def tidy(self) -> tuple[TidyRow, ...]:
        """Return the counts, the immortal time and the two rates as rows."""
        note = "" if self.n_exposed else "nobody is exposed"
        return (
            tidy_row("n", self.n), tidy_row("n_exposed", self.n_exposed),
            tidy_row("known_later", self.known_later),
            tidy_row("immortal_time", self.immortal_time),
            tidy_row("immortal_share", self.immortal_share, note=note),
            tidy_row("naive_rate", self.naive_rate, note=note),
            tidy_row("rate", self.rate, note="" if self.rate is not None else "no exposed time"),
        )


def start_stop(outcome: Outcome, exposed_at: ArrayLike) -> StartStop:
    """Return follow-up split at the day of exposure.

    ``exposed_at`` (n,) is when each subject's exposure began, in the outcome's unit and on its
    clock: 0 or any time up to entry when exposed from the start, NaN when never. Rows run from
    after their entry up to and including their end, so an event on the day of exposure belongs to
    the unexposed row. Subjects whose follow-up ends at its very beginning are left out of the
    rows and counted in a warning. Raises :class:`~remission.errors.NotEstimable` for a negative
    or infinite time of exposure, arrays of unlike length, and an event at time 0, before which
    there is no interval. Andersen & Gill 1982, Ann Stat 10:1100.
    """
    begins = exposure_times(outcome, exposed_at)
    entry = _entries(outcome)
    observed = outcome.time > entry
    if (outcome.event[~observed] > 0).any():
        raise refuse("start_stop", "An event at time 0 has no time before it.",
                     "Count time from the day before, or give such events half a day.")
    before = observed & (begins > entry)
    after = observed & (begins < outcome.time)
    subject = np.concatenate((np.flatnonzero(before), np.flatnonzero(after)))
    exposed = np.repeat([False, True], [before.sum(), after.sum()])
    order = np.lexsort((exposed, subject))
    subject, exposed = subject[order].astype(np.int64), exposed[order]
    split = before & after
    starts = np.where(exposed & split[subject], begins[subject], entry[subject])
    is_cut = ~exposed & split[subject]
    stops = np.where(is_cut, begins[subject], outcome.time[subject])
    events = np.where(is_cut, 0, outcome.event[subject])
    return StartStop(
        subject, exposed, Outcome(stops, events, starts), len(outcome), outcome.events,
        (int(((events > 0) & ~exposed).sum()), int(((events > 0) & exposed).sum())),
        (float((stops - starts)[~exposed].sum()), float((stops - starts)[exposed].sum())),
        int(after.sum()), int((begins == outcome.time).sum()), _after_end(outcome, begins),
        _warnings_of_rows(outcome, begins, observed),
    )


def known_only_later(exposed_at: ArrayLike, *, outcome: Outcome) -> KnownLater:
    """Return whether a grouping is known only after time zero, and the immortal time it makes.

    ``exposed_at`` (n,) is when each subject came to belong to the group, in the outcome's unit:
    0 or any time up to entry when known from the start, NaN when never. A comparison by "ever
    exposed" counts the follow-up before the exposure as exposed, during which its event could
    not happen. Raises :class:`~remission.errors.NotEstimable` for a negative or infinite time
    and arrays of unlike length. Gail 1972, Ann Intern Med 76:815; Suissa 2008, Am J Epidemiol
    167:492.
    """
    begins = exposure_times(outcome, exposed_at)
    entry = _entries(outcome)
    ever = np.isfinite(begins)
    later = ever & (begins > entry)
    followed = outcome.time - entry
    immortal = np.where(later, np.minimum(begins, outcome.time) - entry, 0.0)
    total = float(followed[ever].sum())
    waited = float(immortal.sum())
    own = ever & (begins < outcome.time)
    exposed_time = float((followed - immortal)[own].sum())
    return KnownLater(
        bool(later.any()), len(outcome), outcome.events, int(ever.sum()), int(later.sum()),
        int((begins == outcome.time).sum()), _after_end(outcome, begins), waited,
        waited / total if total else None,
        int((outcome.event[ever] > 0).sum()) / total if total else None,
        int((outcome.event[own] > 0).sum()) / exposed_time if exposed_time else None,
        _verdict(later, ever, waited, total),
    )


def exposure_times(outcome: Outcome, exposed_at: ArrayLike) -> FloatArray:
    """Return when exposure begins (n,), infinity for never, on the very times of the outcome.

    An exposure within rounding of some follow-up time becomes that time. Raises
    :class:`~remission.errors.NotEstimable` for a negative or infinite time and other lengths.
    """
    given = np.asarray(exposed_at, dtype=np.float64)
    if given.shape != (len(outcome),):
        raise refuse("exposed_at",
                     f"{len(outcome)} subjects but times of exposure of shape {given.shape}.")
    if np.isinf(given).any():
        raise refuse("exposed_at", "Infinity is not a time.", "Write NaN for never exposed.")
    if (given < 0).any():
        raise refuse(
            "exposed_at", f"The exposure is before time 0 for {int((given < 0).sum())} subjects.",
            "Write 0 for exposed from the start and NaN for never.")
    return _on_times(np.where(np.isnan(given), np.inf, given), outcome)


def _on_times(begins: FloatArray, outcome: Outcome) -> FloatArray:
    entry = _entries(outcome)
    known = np.unique(np.concatenate((outcome.time, entry)))
    place = np.clip(np.searchsorted(known, begins), 1, max(len(known) - 1, 1))
    below, above = known[place - 1], known[np.minimum(place, len(known) - 1)]
    with np.errstate(invalid="ignore"):
        nearest = np.where(np.abs(begins - below) <= np.abs(above - begins), below, above)
    snapped: FloatArray = np.where(
        np.abs(begins - nearest) <= SAME_DAY * outcome.time.max(), nearest, begins)
    return snapped


def _entries(outcome: Outcome) -> FloatArray:
    return np.zeros(len(outcome)) if outcome.entry is None else outcome.entry


def _after_end(outcome: Outcome, begins: FloatArray) -> int:
    return int((np.isfinite(begins) & (begins > outcome.time)).sum())


def _warnings_of_rows(
    outcome: Outcome, begins: FloatArray, observed: BoolArray
) -> tuple[str, ...]:
    found = []
    on_last = int((observed & (begins == outcome.time)).sum())
    if on_last:
        found.append(f"{on_last} exposed on the last day of follow-up: counted as unexposed.")
    late = _after_end(outcome, begins)
    if late:
        found.append(f"{late} exposed only after the end of follow-up: counted as unexposed.")
    if not observed.all():
        found.append(f"{int((~observed).sum())} left at time 0 and are in no row.")
    return tuple(found)


def _verdict(
    later: BoolArray, ever: BoolArray, waited: float, total: float
) -> tuple[str, ...]:
    if not later.any():
        return ()
    return (
        f"The group is known only after time zero for {int(later.sum())} of {int(ever.sum())} "
        f"exposed subjects; {waited:g} of their {total:g} units of follow-up came before it. "
        "Groups by what came later must not be compared from time zero: use a landmark or "
        "a Mantel–Byar test.",
    )
