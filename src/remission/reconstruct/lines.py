"""Lines of treatment before blinatumomab that only a fact tells of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from remission.virtual.rows import table
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
