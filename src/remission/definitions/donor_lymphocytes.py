"""Donor lymphocytes after a transplant."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.definition import KEYS, definition
from remission.definitions.inputs import Lazy, settled
from remission.definitions.transplant import in_time_of_graft
from remission.definitions.visits import NO_GRAFT_DAY, grafts_with_time
from remission.records.column import SOURCE

_KEYS = list(KEYS["transplant"])


@definition(
    label="Donor lymphocyte infusion", grain="transplant", kind="yes_no",
    needs=("transplant.day", "cell_therapy.kind", "cell_therapy.day"),
    day_label="Day of the first donor lymphocyte infusion",
    reference="A row in the table of cell therapies: infusions of cells are always recorded as "
              "such (cell_therapy.kind).", evidence="D",
)
def donor_lymphocytes(transplants: Lazy, cells: Lazy) -> Lazy:
    """Donor lymphocytes after the graft and before the next; the day counts from the graft."""
    grafts = settled(grafts_with_time(transplants))
    given = in_time_of_graft(cells.filter(nw.col("kind") == "DLI"), grafts)
    first = given.filter(nw.col("after") == nw.col("after").min().over(*_KEYS)).group_by(
        *_KEYS).agg(nw.col("after").min(), nw.col(SOURCE).min().alias("row"))
    has_day = ~nw.col("graft").is_null()
    return grafts.join(first, on=_KEYS, how="left").select(
        *_KEYS,
        nw.when(~nw.col("row").is_null()).then(nw.lit("Y")).when(has_day).then(nw.lit("N"))
        .alias("value"),
        nw.col("after").alias("day"),
        nw.when(~has_day).then(nw.lit(NO_GRAFT_DAY)).alias("note"),
        nw.coalesce("row", "graft_row").alias("source"))
