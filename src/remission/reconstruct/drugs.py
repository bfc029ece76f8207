"""Drugs of a protocol as rows of ``drug_dose``: debulking, intrathecal, around the graft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from remission.reconstruct.blueprint_drugs import Drug
from remission.records.storage import schema_of
from remission.records.tables import TABLES

_RELATIVE = {"debulking": "LINE", "transplant": "TRANSPLANT", "cycle_end": None}


def with_drugs(
    tables: Mapping[str, pl.DataFrame], drugs: Sequence[Drug]
) -> dict[str, pl.DataFrame]:
    """Return the tables with every drug given on its days to each child who lived to them."""
    if not drugs:
        return dict(tables)
    last = tables["follow_up"].select("subject_id", "last_contact_day")
    rows = [_rows(drug, place, _anchors(tables, drug.at)) for place, drug in enumerate(drugs)]
    given = pl.concat(rows).join(last, on="subject_id").filter(
        pl.col("start_day") <= pl.col("last_contact_day"),
    ).with_columns(end_day=pl.min_horizontal("end_day", "last_contact_day")).drop(
        "last_contact_day")
    if "drug_dose" in tables:
        given = pl.concat([tables["drug_dose"].drop("dose_no"), given], how="diagonal_relaxed")
    given = given.sort("subject_id", "start_day", "place", "end_day", nulls_last=True,
                       maintain_order=True)
    schema = schema_of(TABLES["drug_dose"])
    numbered = given.with_columns(
        dose_no=pl.int_range(1, pl.len() + 1).over("subject_id")).drop("place")
    columns = [column for column in schema if column in numbered.columns]
    return {**tables, "drug_dose": numbered.select(
        pl.col(column).cast(schema[column]) for column in columns)}


def _anchors(tables: Mapping[str, pl.DataFrame], at: str) -> pl.DataFrame:
    """Return ``subject_id, day, line_no``: the days from which the days of a drug count."""
    none = pl.lit(None, dtype=pl.Int64).alias("line_no")
    if at == "debulking":
        return tables["treatment_line"].filter(pl.col("intent") == "DEBULKING").select(
            "subject_id", pl.col("start_day").alias("day"), "line_no")
    if at == "transplant":
        return tables["transplant"].select("subject_id", "day", none)
    return tables["exposure"].group_by("subject_id", "cycle_no", maintain_order=True).agg(
        pl.col("end_day").max().alias("day")).select("subject_id", "day", none)


def _rows(drug: Drug, place: int, anchors: pl.DataFrame) -> pl.DataFrame:
    days = pl.DataFrame({"after": list(drug.days)})
    until = 0 if drug.lasts is None else drug.lasts - 1
    return anchors.join(days, how="cross").select(
        "subject_id", pl.lit(drug.purpose).alias("purpose"), pl.lit(drug.drug).alias("drug"),
        pl.lit(float(drug.dose)).alias("dose"), pl.lit(drug.unit).alias("unit"),
        pl.lit(drug.route).alias("route"), (pl.col("day") + pl.col("after")).alias("start_day"),
        (pl.col("day") + pl.col("after") + until).alias("end_day"),
        pl.lit(_RELATIVE[drug.at], dtype=pl.String).alias("relative_to"), "line_no",
        pl.lit(place).alias("place"))
