"""What only a fact tells of: bridging before blinatumomab, tumour lysis, cells after the graft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from remission.virtual.rows import table
from remission.virtual.stream import Flags, Floats
from remission.virtual.study_tables import together
from remission.virtual.treatment import Cycles

if TYPE_CHECKING:
    from remission.reconstruct.record import Levels

_BEGUN, _ENDED = -21, -11
_LYSIS_FROM, _LYSIS_TO = 1, 4
"""First and last day of tumour lysis, from the beginning of its cycle."""
_LYSIS_GRADE = 3
"""The least grade that CTCAE v5 knows of it: present."""


def with_lines(
    tables: Mapping[str, pl.DataFrame], levels: Levels, ids: pl.Series
) -> dict[str, pl.DataFrame]:
    """Return the tables with bridging lines, and the cyclophosphamide given in them."""
    doses = {dose: np.flatnonzero(levels.is_level("cyclophosphamide", dose))
             for dose in ("300", "1000")}
    owner = np.sort(np.concatenate(list(doses.values())))
    if not len(owner):
        return dict(tables)
    begun, ended = np.full(len(owner), _BEGUN), np.full(len(owner), _ENDED)
    lines = table("treatment_line", ids, owner, intent="BRIDGING",
                  regimen="cyclophosphamide, cytarabine, mercaptopurine", start_day=begun,
                  end_day=ended)
    given = np.where(np.isin(owner, doses["1000"]), 1000.0, 300.0)
    drugs = table("drug_dose", ids, owner, dose_no=np.ones(len(owner), dtype=np.int64),
                  purpose="BRIDGING", drug="cyclophosphamide", dose=given, unit="mg/m2",
                  route="IV", start_day=begun, end_day=begun, relative_to="FIRST_INFUSION")
    known = tables["treatment_line"].drop("line_no")
    return {**tables, **together([{"treatment_line": known}, {"treatment_line": lines}]),
            "drug_dose": drugs}


def with_tumour_lysis(
    tables: Mapping[str, pl.DataFrame], cycles: Cycles, has_lysis: Flags, ids: pl.Series
) -> dict[str, pl.DataFrame]:
    """Return the tables with an event in each cycle with tumour lysis; ``has_lysis`` is (k,)."""
    if not has_lysis.any():
        return dict(tables)
    start = cycles.start[has_lysis]
    events = table(
        "adverse_event", ids, cycles.owner[has_lysis], term="Tumor lysis syndrome", group="TLS",
        start_day=start + _LYSIS_FROM, end_day=start + _LYSIS_TO,
        grade=np.full(len(start), _LYSIS_GRADE), grading="CTCAE5", serious="Y", related="Y",
        action="NONE", cycle_no=cycles.number[has_lysis])
    known = tables["adverse_event"].drop("event_no")
    return {**tables, **together([{"adverse_event": known}, {"adverse_event": events}])}


def with_lymphocytes(
    tables: Mapping[str, pl.DataFrame], day: Floats, ids: pl.Series
) -> dict[str, pl.DataFrame]:
    """Return the tables with donor lymphocytes; ``day`` (n,) is not a number without them."""
    owner = np.flatnonzero(~np.isnan(day))
    if not len(owner):
        return dict(tables)
    given = table("cell_therapy", ids, owner, therapy_no=np.ones(len(owner), dtype=np.int64),
                  kind="DLI", day=day[owner].astype(np.int64))
    cells = tables["cell_therapy"]
    every = pl.concat([cells.select(pl.exclude("therapy_no")), given.drop("therapy_no")],
                      how="diagonal").sort("subject_id", "day", maintain_order=True)
    number = pl.int_range(1, pl.len() + 1).over("subject_id").alias("therapy_no")
    return {**tables, "cell_therapy": every.select("subject_id", number,
                                                   pl.exclude("subject_id"))}
