"""Treatment that only a fact tells of: bridging before blinatumomab, cells after the graft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from remission.virtual.rows import table
from remission.virtual.stream import Floats
from remission.virtual.study_tables import together

if TYPE_CHECKING:
    from remission.reconstruct.record import Levels

_BEGUN, _ENDED = -21, -11


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


def with_lymphocytes(
    tables: Mapping[str, pl.DataFrame], day: Floats, ids: pl.Series
) -> dict[str, pl.DataFrame]:
    """Return the tables with donor lymphocytes; ``day`` (n,) is not a number without them."""
    owner = np.flatnonzero(~np.isnan(day))
    cells = tables["cell_therapy"]
    given = table("cell_therapy", ids, owner, therapy_no=np.ones(len(owner), dtype=np.int64),
                  kind="DLI", day=day[owner].astype(np.int64))
    if not len(owner):
        return dict(tables)
    every = pl.concat([cells.select(pl.exclude("therapy_no")), given.drop("therapy_no")],
                      how="diagonal").sort("subject_id", "day", maintain_order=True)
    number = pl.int_range(1, pl.len() + 1).over("subject_id").alias("therapy_no")
    return {**tables, "cell_therapy": every.select("subject_id", number,
                                                   pl.exclude("subject_id"))}
