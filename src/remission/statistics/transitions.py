"""Transitions: who was in which state from when to when; the input of multi-state models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from remission.statistics.arrays import BoolArray, FloatArray, IntArray, refuse
from remission.statistics.labels import checked_labels, coded_labels
from remission.statistics.outcome import Outcome

ILLNESS_DEATH = ("well", "ill", "dead")


@dataclass(frozen=True, eq=False)
class Transitions:
    """Stays of subjects in states, one row a stay, any number of rows a subject.

    ``origin`` (n,) is the state of the row and ``target`` (n,) the state it ended in, at
    ``time`` (n,); where they are equal no transition was seen and observation ended or goes on
    in another row. ``entry`` (n,) is when the stay came under observation. Both states are kept
    as places in ``states``, subjects as numbers from 0; times are in one unit, which results
    keep.
    """

    subject: IntArray
    origin: IntArray
    target: IntArray
    time: FloatArray
    entry: FloatArray
    states: tuple[object, ...]

    def __init__(
        self, subject: ArrayLike, origin: ArrayLike, target: ArrayLike, time: ArrayLike,
        *, entry: ArrayLike | None = None, states: Sequence[object] | None = None,
    ) -> None:
        """Check and keep the arrays; raises ``NotEstimable`` naming the first fault.

        Labels of subjects and states are of any kind that sorts. ``entry`` may be −inf: under
        observation from the beginning, as all are when it is left out. ``states`` gives the
        order of states, and may name some nobody was in.
        """
        ends, entries = _times(time, entry)
        n = len(ends)
        _, numbers = coded_labels(subject, n, where="Transitions", what="subject")
        both = np.concatenate([
            checked_labels(column, n, where="Transitions", what=name)
            for name, column in (("origin", origin), ("target", target))])
        found, places = coded_labels(both, 2 * n, where="Transitions", what="state")
        named = found if states is None else tuple(states)
        if len(set(named)) != len(named) or not set(found) <= set(named):
            raise refuse("Transitions", f"The states are {list(found)}, not {list(named)}.")
        codes = np.array([named.index(label) for label in found], dtype=np.int64)[places]
        object.__setattr__(self, "subject", numbers)
        object.__setattr__(self, "origin", codes[:n])
        object.__setattr__(self, "target", codes[n:])
        object.__setattr__(self, "time", ends)
        object.__setattr__(self, "entry", entries)
        object.__setattr__(self, "states", named)
        _check_histories(self)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.time)

    @property
    def moved(self) -> BoolArray:
        """Which rows ended in a transition."""
        moved: BoolArray = self.origin != self.target
        return moved


def illness_death(
    outcome: Outcome, illness: ArrayLike, *, states: tuple[object, object, object] = ILLNESS_DEATH
) -> Transitions:
    """Return the stays of the illness–death model: well, ill, dead.

    ``outcome`` is the time to death (any cause) or censoring, its entry kept; ``illness`` (n,)
    the time illness began, NaN where it did not. Who fell ill at the very end of follow-up was
    never seen ill; who was ill at entry starts ill. Raises
    :class:`~remission.errors.NotEstimable` when an illness is negative or after the end.
    """
    onset = np.asarray(illness, dtype=np.float64)
    if onset.shape != outcome.time.shape:
        raise refuse("illness_death", f"{len(outcome)} subjects but {onset.shape} illnesses.")
    if (onset < 0).any() or (onset > outcome.time).any():
        raise refuse("illness_death", "An illness begins before 0 or after the end of follow-up.",
                     "Give NaN where it was not seen.")
    start = np.full(len(outcome), -np.inf) if outcome.entry is None else outcome.entry
    fell_ill = onset < outcome.time
    was_well = ~(onset <= start)
    dead = outcome.event > 0
    after_well = np.where(fell_ill, 1, np.where(dead, 2, 0))[was_well]
    after_ill = np.where(dead, 2, 1)[fell_ill]
    subject, label = np.arange(len(outcome)), np.asarray(states)
    return Transitions(
        np.concatenate((subject[was_well], subject[fell_ill])),
        label[np.repeat([0, 1], [len(after_well), len(after_ill)])],
        label[np.concatenate((after_well, after_ill))],
        np.concatenate((np.where(fell_ill, onset, outcome.time)[was_well],
                        outcome.time[fell_ill])),
        entry=np.concatenate((start[was_well], np.maximum(onset, start)[fell_ill])),
        states=states)


def _times(time: ArrayLike, entry: ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Return (ends, entries), tied times made equal by the rule of Outcome."""
    ends = np.asarray(time, dtype=np.float64)
    entries = (np.full(ends.shape, -np.inf) if entry is None
               else np.asarray(entry, dtype=np.float64))
    if ends.ndim != 1 or entries.shape != ends.shape:
        raise refuse("Transitions", f"Times of shape {ends.shape}, entries {entries.shape}.")
    begun = entries != -np.inf
    together = np.concatenate((ends, entries[begun]))
    merged = Outcome(together, np.zeros(len(together))).time
    ends, entries = merged[: len(ends)], entries.copy()
    entries[begun] = merged[len(ends):]
    if (entries >= ends).any():
        raise refuse("Transitions", f"{int((entries >= ends).sum())} rows end before they begin.",
                     "Drop rows without any time under observation.")
    return ends, entries


def _check_histories(rows: Transitions) -> None:
    """Refuse a subject in two rows at once, or one that is elsewhere the moment after."""
    order = np.lexsort((rows.entry, rows.subject))
    before, after = order[:-1], order[1:]
    same = rows.subject[before] == rows.subject[after]
    overlap = same & (rows.entry[after] < rows.time[before])
    if overlap.any():
        raise refuse("Transitions", f"{int(overlap.sum())} rows begin before the subject's "
                     "last row has ended.", "A subject is in one state at a time.")
    jumped = (same & (rows.entry[after] == rows.time[before])
              & (rows.origin[after] != rows.target[before]))
    if jumped.any():
        raise refuse("Transitions", f"{int(jumped.sum())} rows begin in another state than the "
                     "one the subject's last row ended in.")
