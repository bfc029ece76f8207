"""Adverse events as the centre recorded them: which cycle each belongs to, and its grade."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals.stable.v2 as nw

from remission.definitions.absence import with_none_known
from remission.definitions.cycles import CYCLE
from remission.definitions.grades import DEATH, OBSERVATION, observations
from remission.definitions.inputs import Lazy, settled, stacked
from remission.definitions.toxicity_window import COURSE, in_windows
from remission.plan import Plan

EVENTS = (*COURSE, "adverse_event.group", "adverse_event.term", "adverse_event.grade",
          "adverse_event.grading", "adverse_event.start_day", "adverse_event.end_day",
          "adverse_event.cycle_no", "form_status.status")
"""What a rule on reported events needs: the five frames of the windows, events and forms."""


@dataclass(frozen=True)
class Reported:
    """The reported events of one kind: those of each cycle, and those that fit no cycle.

    Both are observations, ``placed`` with ``end_day``. ``forms`` and ``plan`` say whether having
    no event means none.
    """

    placed: Lazy
    unplaced: Lazy
    forms: Lazy
    plan: Plan

    def with_none_known(self, cycles: Lazy) -> Lazy:
        """Add ``none_known`` to every cycle: whether having no event means none."""
        return with_none_known(cycles, self.forms, "ADVERSE_EVENT", self.plan)

    def in_any_cycle(self, windows: Lazy) -> Lazy:
        """Return, for every cycle, the events that may or may not belong to it."""
        return windows.select(*CYCLE).join(
            self.unplaced.drop("cycle_no"), on="subject_id",
        ).with_columns(least=nw.lit(0, dtype=nw.Int64)).select(*OBSERVATION)


def reported_events(
    windows: Lazy, events: Lazy, forms: Lazy, plan: Plan, *, grading: str
) -> Reported:
    """Return the events of one kind, placed by their day or else by the cycle they name.

    An event without a grade, or of another system than ``grading``, may be of any grade; one of
    another system is left out where the same day has one of the right system.
    """
    is_graded = ~nw.col("grade").is_null() & (nw.col("grading") == grading).fill_null(value=False)
    own = _without_twins(events, grading).with_columns(
        least=nw.when(is_graded).then(nw.col("grade")).otherwise(nw.lit(0)),
        most=nw.when(is_graded).then(nw.col("grade")).otherwise(nw.lit(DEATH)),
        number=nw.col("event_no"), day=nw.col("start_day"), named=nw.col("cycle_no"),
    ).drop("cycle_no")
    by_day = in_windows(own.filter(~nw.col("day").is_null()), windows)
    named = own.filter(~nw.col("named").is_null()).join(
        windows.select("subject_id", "cycle_no", "cycle_start", named=nw.col("cycle_no")),
        on=["subject_id", "named"],
    ).filter(nw.col("day").is_null() | nw.col("cycle_start").is_null())
    unplaced = own.filter(nw.col("day").is_null()).join(
        windows.select("subject_id", named=nw.col("cycle_no"), found=nw.lit(1)),
        on=["subject_id", "named"], how="left",
    ).filter(nw.col("found").is_null()).with_columns(cycle_no=nw.col("named"))
    kept = ("end_day",)
    return Reported(
        placed=settled(stacked([observations(part, reported=1, kept=kept)
                                  for part in (by_day, named)])),
        unplaced=observations(unplaced, reported=1), forms=forms, plan=plan)


def _without_twins(events: Lazy, grading: str) -> Lazy:
    """Return the events but those of another system beside one of the right system that day."""
    graded = events.filter(nw.col("grading") == grading).filter(
        ~nw.col("start_day").is_null()).select("subject_id", "start_day").unique().with_columns(
        twin=nw.lit(1))
    is_other = (nw.col("grading") != grading).fill_null(value=False)
    return events.join(graded, on=["subject_id", "start_day"], how="left").filter(
        ~is_other | nw.col("twin").is_null()).drop("twin")
