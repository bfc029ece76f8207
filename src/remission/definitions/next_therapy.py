"""What was given after blinatumomab: transplant, CAR-T cells, chemotherapy or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import narwhals.stable.v2 as nw

from remission.definitions.baseline import first_infusions
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy, settled
from remission.records.column import SOURCE

THERAPIES: Mapping[str, str] = MappingProxyType({
    "HSCT": "transplant", "CAR_T": "CAR-T cells", "CHEMOTHERAPY": "chemotherapy",
    "NONE": "none recorded",
})


@definition(
    label="Treatment after blinatumomab", grain="subject", kind="category", levels=THERAPIES,
    day_label="Day of the treatment after blinatumomab",
    needs=("exposure.start_day", "transplant.day", "cell_therapy.kind", "cell_therapy.day",
           "treatment_line.start_day"),
    reference="As recorded (transplant, cell_therapy, treatment_line) after the first infusion; of "
              "several, a transplant is named before CAR-T cells and these before chemotherapy; "
              "the boxes are those of Olaya-Vargas 2025, Front Oncol 15:1653329, and Zhang 2025, "
              "Front Immunol 16:1607138.", evidence="S D",
)
def next_therapy(
    exposure: Lazy, transplants: Lazy, cell_therapies: Lazy, lines: Lazy
) -> Lazy:
    """Transplant, CAR-T cells or chemotherapy after the first infusion; its day is the first."""
    first = settled(first_infusions(exposure))
    infusion = settled(exposure.filter(
        nw.col("segment_no") == nw.col("segment_no").min().over("subject_id", "cycle_no")).filter(
        nw.col("cycle_no") == nw.col("cycle_no").min().over("subject_id")).select(
        "subject_id", nw.col(SOURCE).alias("infusion_row")))
    given = {
        "HSCT": transplants.select("subject_id", "day", SOURCE),
        "CAR_T": cell_therapies.filter(nw.col("kind") == "CAR_T").select(
            "subject_id", "day", SOURCE),
        # a line without its first day may lie before the infusion
        "CHEMOTHERAPY": lines.filter(~nw.col("start_day").is_null()).select(
            "subject_id", nw.col("start_day").alias("day"), SOURCE),
    }
    joined = infusion.join(first, on="subject_id", how="left")
    for code, rows in given.items():
        joined = joined.join(_first_after(rows, first, code), on="subject_id", how="left")
    was_grafted, was_infused, was_treated = (
        ~nw.col(f"{code}_row").is_null() for code in given)
    value = (
        nw.when(was_grafted).then(nw.lit("HSCT")).when(was_infused).then(nw.lit("CAR_T"))
        .when(was_treated).then(nw.lit("CHEMOTHERAPY")).otherwise(nw.lit("NONE")))
    day = (
        nw.when(was_grafted).then(nw.col("HSCT")).when(was_infused).then(nw.col("CAR_T"))
        .when(was_treated).then(nw.col("CHEMOTHERAPY")))
    is_dated = ~nw.col("first_infusion").is_null()
    return joined.select(
        "subject_id", nw.when(is_dated).then(value).alias("value"),
        nw.when(is_dated).then(day).alias("day"),
        nw.when(~is_dated).then(nw.lit("the day of the first infusion is not known"))
        .alias("note"),
        nw.coalesce(*(f"{code}_row" for code in given), "infusion_row").alias("source"))


def _first_after(rows: Lazy, first: Lazy, code: str) -> Lazy:
    """Return the day (named as the code) and row of the first treatment after the infusion.

    One without a day counts only where none has one.
    """
    after = rows.join(first, on="subject_id").filter(
        nw.col("day").is_null() | (nw.col("day") > nw.col("first_infusion"))).with_columns(
        earliest=nw.col("day").min().over("subject_id"))
    return after.filter(
        nw.col("earliest").is_null() | (nw.col("day") == nw.col("earliest")),
    ).group_by("subject_id").agg(
        nw.col("day").min().alias(code), nw.col(SOURCE).min().alias(f"{code}_row"))
