"""Cycles as facts tell them: marrows in part cleared, infusions that went on after grade 4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from remission.reconstruct.catalogue import NO, YES
from remission.virtual.people import MRD_OF_BLASTS, People
from remission.virtual.rows import rounded
from remission.virtual.toxicity import Syndromes
from remission.virtual.treatment import OVERT, Treatment

if TYPE_CHECKING:
    from remission.reconstruct.record import Levels

_HELD, _WORST = 3, 4
"""The grade that interrupts the infusion for days, and the one that ends it."""
_LEAST_BLASTS = 25.0
"""Blasts (percent) from which a fall to a third leaves overt disease."""
_LEFT, _UNCHANGED = 0.33, 0.95
_MOST_LEFT = 24.5
"""Blasts (percent) that are still a partial remission, below 25."""


def held(syndromes: Syndromes, levels: Levels) -> Syndromes:
    """Return the syndromes as the infusion sees them: one that went on was only interrupted."""
    if not levels.has("resumed"):
        return syndromes
    went_on = levels.of_cycles("resumed", (NO, YES)) == 1
    return replace(syndromes, **{name: np.where(
        went_on & (getattr(syndromes, name) == _WORST), _HELD, getattr(syndromes, name))
        for name in ("crs", "icans")})


def with_grades(treatment: Treatment, syndromes: Syndromes) -> Treatment:
    """Return the cycles with the grades that there were."""
    cycles = treatment.cycles
    at = (cycles.owner, cycles.number - 1)
    return replace(treatment, cycles=replace(
        cycles, crs=syndromes.crs[at], icans=syndromes.icans[at]))


def with_blasts_enough(people: People, levels: Levels) -> People:
    """Return the children with so many blasts that those in part cleared stay overt."""
    if not levels.has("partial"):
        return people
    is_low = (levels.of_cycles("partial", (NO, YES)) == 1).any(axis=1) & (
        people.blasts < _LEAST_BLASTS)
    blasts = np.where(is_low, people.blasts + _LEAST_BLASTS, people.blasts)
    return replace(people, blasts=blasts, mrd=np.where(
        is_low, rounded(blasts * MRD_OF_BLASTS, 1), people.mrd))


def with_partial_marrows(treatment: Treatment, people: People, levels: Levels) -> Treatment:
    """Return the cycles with a third of the blasts left where facts say so, else nearly all."""
    if not levels.has("partial"):
        return treatment
    cycles = treatment.cycles
    is_partial = levels.of_cycles("partial", (NO, YES))[cycles.owner, cycles.number - 1] == 1
    left = rounded(people.blasts[cycles.owner] * np.where(is_partial, _LEFT, _UNCHANGED), 1)
    is_overt = cycles.state == OVERT
    left = np.where(is_partial, np.minimum(left, _MOST_LEFT), left)
    return replace(treatment, cycles=replace(
        cycles, blasts=np.where(is_overt, left, cycles.blasts),
        mrd=np.where(is_overt, rounded(left * MRD_OF_BLASTS, 1), cycles.mrd)))


def with_actions(
    tables: Mapping[str, pl.DataFrame], levels: Levels, ids: pl.Series
) -> dict[str, pl.DataFrame]:
    """Return the tables with an interruption in place of an end where the infusion went on."""
    if not levels.has("resumed"):
        return dict(tables)
    went_on = levels.of_cycles("resumed", (NO, YES)) == 1
    child, cycle = np.nonzero(went_on)
    resumed = pl.DataFrame({"subject_id": ids.gather(child), "cycle_no": cycle + 1,
                            "went_on": np.ones(len(child), dtype=bool)})
    events = tables["adverse_event"]
    joined = events.join(resumed.cast({"cycle_no": events.schema["cycle_no"]}),
                         on=["subject_id", "cycle_no"], how="left", maintain_order="left")
    is_interrupted = pl.col("went_on").fill_null(value=False) & (
        pl.col("action") == "DISCONTINUED")
    return {**tables, "adverse_event": joined.with_columns(
        action=pl.when(is_interrupted).then(pl.lit("INTERRUPTED")).otherwise(
            pl.col("action")).cast(events.schema["action"])).drop("went_on")}
