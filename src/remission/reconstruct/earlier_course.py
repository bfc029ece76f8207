"""What came before blinatumomab where facts tell how many lines of chemotherapy there were.

The second of two lines ends before what came after it, and the marrow taken then says whether the
disease was refractory to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from remission.virtual.parameters import Parameters
from remission.virtual.people import (
    FIRST_RELAPSE,
    MRD_OF_BLASTS,
    REFRACTORY,
    YOUNGEST_DIAGNOSIS,
    People,
)
from remission.virtual.stream import Flags, Floats, Stream
from remission.virtual.study_tables import together
from remission.virtual.treatment import marrow_rows

if TYPE_CHECKING:
    from remission.reconstruct.record import Levels

_RELAPSED = (100, 125)
"""Days before the first infusion of a relapse that was followed by a line of its own."""
_FRONTLINE = 60
_SECOND_LINE, _REST = 40, 12
_FOLLOW_UP = 2
_BLASTS_OF_REFRACTORY, _BLASTS_OF_REMISSION = 20.0, 1.0
"""Blasts (percent) after the line: at least so many where it failed, so many where it did not."""


def with_prior_lines(people: People, levels: Levels, stream: Stream) -> People:
    """Return the children with as many lines as facts say, relapses early enough for these."""
    if not levels.has("lines"):
        return people
    lines = np.where(levels.is_level("lines", "2"), 2, 1)
    is_early = (people.episode == FIRST_RELAPSE) & (lines == 2)
    relapsed = np.where(is_early, -stream.whole(people.n, *_RELAPSED), people.relapsed)
    earliest = -(people.age_days - YOUNGEST_DIAGNOSIS)
    diagnosed = np.where(is_early, np.maximum(np.minimum(
        people.diagnosed, relapsed - _FRONTLINE), earliest), people.diagnosed)
    return replace(people, prior_lines=lines, relapsed=relapsed,
                   diagnosed=diagnosed.astype(np.int64))


def with_second_lines(
    tables: Mapping[str, pl.DataFrame], people: People, levels: Levels, parameters: Parameters,
    ids: pl.Series,
) -> dict[str, pl.DataFrame]:
    """Return the tables with the end of each second line, and the marrow that was taken then."""
    if not levels.has("lines"):
        return dict(tables)
    lines = tables["treatment_line"]
    begun, ended = _span(lines.filter(pl.col("intent") == "SALVAGE"), ids)
    last = np.where(people.episode == FIRST_RELAPSE, begun + _SECOND_LINE, np.fmin(
        ended, people.relapsed_again - _REST))
    last = np.fmax(np.where(people.episode == REFRACTORY, ended, last), begun)
    days = dict(zip(ids, last, strict=True))
    is_salvage = pl.col("intent") == "SALVAGE"
    lines = lines.with_columns(end_day=pl.when(is_salvage).then(
        pl.col("subject_id").replace_strict(days, return_dtype=pl.Float64)).otherwise(
        pl.col("end_day")).cast(pl.Int64))
    marrows = _marrows(people, last + 1, parameters, ids)
    known = tables["assessment"].drop("assessment_no")
    return {**tables, "treatment_line": lines,
            **together([{"assessment": known}, {"assessment": marrows}])}


def _span(lines: pl.DataFrame, ids: pl.Series) -> tuple[Floats, Floats]:
    """Return the first and last day of the line of each child (n,), not a number without one."""
    rows = {row["subject_id"]: (row["start_day"], row["end_day"])
            for row in lines.iter_rows(named=True)}
    days = np.array([rows.get(child, (np.nan, np.nan)) for child in ids], dtype=np.float64)
    return days[:, 0], days[:, 1]


def _marrows(
    people: People, day: Floats, parameters: Parameters, ids: pl.Series
) -> pl.DataFrame:
    owner = np.flatnonzero(~np.isnan(day))
    fails: Flags = people.episode[owner] == REFRACTORY
    blasts = np.where(fails, np.maximum(people.blasts[owner], _BLASTS_OF_REFRACTORY),
                      _BLASTS_OF_REMISSION)
    return marrow_rows(parameters, ids, owner, day[owner], blasts,
                       np.where(fails, blasts * MRD_OF_BLASTS, np.nan).round(1),
                       np.full(len(owner), _FOLLOW_UP))
