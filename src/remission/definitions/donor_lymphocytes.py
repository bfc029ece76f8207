"""Donor lymphocytes after a transplant."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.definition import KEYS, definition
from remission.definitions.inputs import Lazy, settled
from remission.definitions.transplant import in_time_of_graft
from remission.definitions.visits import NO_GRAFT_DAY, grafts_with_time
from remission.records.column import SOURCE

UNCLEAR = "the day of donor lymphocytes, or whether cells were such, is not known"
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
    may_be = settled(cells.filter((nw.col("kind") == "DLI") | nw.col("kind").is_null()))
    placed = settled(in_time_of_graft(may_be, grafts))
    given = placed.filter(nw.col("kind") == "DLI")
    first = given.filter(nw.col("after") == nw.col("after").min().over(*_KEYS)).group_by(
        *_KEYS).agg(nw.col("after").min(), nw.col(SOURCE).min().alias("row"))
    undated = may_be.filter(nw.col("day").is_null()).select("subject_id").unique().with_columns(
        undated=nw.lit(1))
    of_no_kind = placed.filter(nw.col("kind").is_null()).select(*_KEYS).unique().with_columns(
        of_no_kind=nw.lit(1))
    joined = grafts.join(first, on=_KEYS, how="left").join(
        undated, on="subject_id", how="left").join(of_no_kind, on=_KEYS, how="left")
    has_day, is_given = ~nw.col("graft").is_null(), ~nw.col("row").is_null()
    is_unclear = ~nw.col("undated").is_null() | ~nw.col("of_no_kind").is_null()
    return joined.select(
        *_KEYS,
        nw.when(is_given).then(nw.lit("Y")).when(has_day & ~is_unclear).then(nw.lit("N"))
        .alias("value"),
        nw.col("after").alias("day"),
        nw.when(~has_day).then(nw.lit(NO_GRAFT_DAY))
        .when(~is_given & is_unclear).then(nw.lit(UNCLEAR)).alias("note"),
        nw.coalesce("row", "graft_row").alias("source"))
