"""Whether a child was transplanted."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy
from remission.records.column import SOURCE


@definition(
    label="Transplanted", grain="subject", kind="yes_no", day_label="Day of the first transplant",
    needs=("subject.subject_id", "transplant.day"),
    reference="A row in the transplant table: transplants are always recorded as such [D].",
)
def transplanted(subjects: Lazy, transplants: Lazy) -> Lazy:
    """Whether a transplant is recorded; its day is that of the first."""
    first = transplants.filter(nw.col("transplant_no") == 1).select(
        "subject_id", "day", nw.col(SOURCE).alias("graft_row"))
    return (
        subjects.select("subject_id", nw.col(SOURCE).alias("subject_row"))
        .join(first, on="subject_id", how="left")
        .select(
            "subject_id",
            nw.when(~nw.col("graft_row").is_null()).then(nw.lit("Y")).otherwise(nw.lit("N"))
            .alias("value"),
            "day",
            nw.coalesce("graft_row", "subject_row").alias("source"),
        )
    )
