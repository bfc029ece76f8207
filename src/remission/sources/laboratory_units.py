"""Laboratory values in the one unit of their test; what cannot be converted is left as it is."""

from __future__ import annotations

import polars as pl

from remission.units import TEST_UNITS, canonical_unit, spelled


def in_canonical_units(laboratory: pl.DataFrame) -> pl.DataFrame:
    """Return the table with values, limits and unit in the canonical unit of each test.

    What the laboratory gave stays in ``source_value`` and ``source_unit``. A row without unit,
    or with one its test cannot have, is not touched: checks ask about it, definitions skip it.
    """
    ratios = pl.DataFrame(
        [
            {"test": test, "unit": unit, "_num": float(ratio[0]), "_den": float(ratio[1]),
             "_canonical": canonical_unit(test)}
            for test, unit_ratios in TEST_UNITS.items()
            for unit, ratio in unit_ratios.items()
        ]
    )
    laboratory = laboratory.with_columns(pl.col("unit").replace({
        unit: spelled(unit) for unit in laboratory["unit"].drop_nulls().unique().to_list()}))
    joined = laboratory.join(ratios, on=["test", "unit"], how="left", maintain_order="left")
    known = pl.col("_num").is_not_null()
    converted = known & (pl.col("unit") != pl.col("_canonical"))

    def scaled(name: str) -> pl.Expr:
        return (
            pl.when(converted).then(pl.col(name) * pl.col("_num") / pl.col("_den"))
            .otherwise(pl.col(name)).alias(name)
        )

    def kept(name: str, original: str) -> pl.Expr:
        return (
            pl.when(converted & pl.col(name).is_null()).then(pl.col(original))
            .otherwise(pl.col(name)).alias(name)
        )

    return joined.with_columns(
        kept("source_value", "value"), kept("source_unit", "unit"),
    ).with_columns(
        scaled("value"), scaled("lower_limit"), scaled("upper_limit"), scaled("lod"),
        pl.when(known).then(pl.col("_canonical")).otherwise(pl.col("unit")).alias("unit"),
    ).select(laboratory.columns)
