"""The dose of cells in the graft, from the counts of the product or as recorded, and checked."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import RELATIVE, Criteria
from remission.definitions.definition import KEYS, RECORDED, definition
from remission.definitions.infusions import size_on
from remission.definitions.inputs import Lazy, settled
from remission.records.column import SOURCE
from remission.records.transplant import CD34_DOSES

_KEYS = list(KEYS["transplant"])
COMPUTED = "cells/µL × volume × 1000 / kg"
NO_GRAFT_HAS_IT = "no graft has such a dose: the unit is probably another"


@definition(
    label="CD34⁺ cell dose", grain="transplant", kind="number", unit="10⁶/kg",
    needs=("transplant.day", "transplant.cd34_1e6_kg", "transplant.cd34_per_ul",
           "transplant.product_volume_ml", "transplant.graft", "transplant.donor",
           "laboratory.WEIGHT"),
    criteria="dosing.cd34",
)
def cd34_dose(transplants: Lazy, laboratory: Lazy, criteria: Criteria) -> Lazy:
    """CD34⁺ cells of the graft by weight of the recipient, where a graft can hold so many."""
    days = settled(transplants.select(*_KEYS, nw.col("day").alias("on")))
    joined = transplants.join(
        size_on(days, laboratory, "weight", *_KEYS), on=_KEYS, how="left")
    recorded = nw.col("cd34_1e6_kg")
    doses = joined.with_columns(computed=(
        nw.col("cd34_per_ul") * nw.col("product_volume_ml") * 1000 / nw.col("weight") / 1e6),
    ).with_columns(dose=nw.coalesce("computed", recorded)).with_columns(
        is_plausible=_is_plausible())
    is_computed = ~nw.col("computed").is_null()
    apart = (recorded - nw.col("computed")).abs() > nw.col("computed") * (
        criteria["agrees_within"] / 100 * (1 + RELATIVE))
    has_product = ~nw.col("cd34_per_ul").is_null() & ~nw.col("product_volume_ml").is_null()
    return doses.select(
        *_KEYS, nw.when(nw.col("is_plausible")).then(nw.col("dose")).alias("value"),
        nw.when(nw.col("is_plausible") & is_computed).then(nw.lit(COMPUTED))
        .when(nw.col("is_plausible")).then(nw.lit(RECORDED)).alias("how"),
        nw.when(nw.col("dose").is_null() & has_product)
        .then(nw.lit("the recipient's weight is not known"))
        .when(nw.col("dose").is_null()).then(nw.lit("not recorded"))
        .when(~nw.col("is_plausible")).then(nw.lit(NO_GRAFT_HAS_IT))
        .when(apart).then(nw.lit("the centre recorded another dose")).alias("note"),
        nw.col(SOURCE).alias("source"),
    )


def _is_plausible() -> nw.Expr:
    """Return whether a graft of its source can hold the dose; our own limits."""
    dose = nw.col("dose")
    cells = nw.coalesce("graft", nw.when(nw.col("donor") == "CORD").then(nw.lit("CORD")))
    low: nw.Expr = nw.lit(min(low for low, _ in CD34_DOSES.values()))
    high: nw.Expr = nw.lit(max(high for _, high in CD34_DOSES.values()))
    for source, (least, most) in CD34_DOSES.items():
        low = nw.when(cells == source).then(nw.lit(least)).otherwise(low)
        high = nw.when(cells == source).then(nw.lit(most)).otherwise(high)
    return (dose >= low * (1 - RELATIVE)) & (dose <= high * (1 + RELATIVE))
