"""The dose of cells in the graft, as recorded and checked."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy
from remission.records.column import SOURCE


@definition(
    label="CD34⁺ cell dose", grain="transplant", kind="number", unit="10⁶/kg",
    needs=("transplant.cd34_1e6_kg", "transplant.graft", "transplant.donor"),
    criteria="graft_dose.cd34",
)
def cd34_dose(transplants: Lazy, criteria: Criteria) -> Lazy:
    """CD34⁺ cells of the graft by weight of the recipient."""
    dose, limits = nw.col("cd34_1e6_kg"), criteria["limits"]
    cells = nw.coalesce("graft", nw.when(nw.col("donor") == "CORD").then(nw.lit("CORD")))
    low: nw.Expr = nw.lit(min(limit["low"] for limit in limits.values()))
    high: nw.Expr = nw.lit(max(limit["high"] for limit in limits.values()))
    for source, limit in limits.items():
        low = nw.when(cells == source).then(nw.lit(limit["low"])).otherwise(low)
        high = nw.when(cells == source).then(nw.lit(limit["high"])).otherwise(high)
    is_plausible = (dose >= low) & (dose <= high)
    return transplants.select(
        "subject_id", "transplant_no", nw.when(is_plausible).then(dose).alias("value"),
        nw.when(dose.is_null()).then(nw.lit("not recorded"))
        .when(~is_plausible).then(nw.lit("no graft has such a dose: the unit is probably another"))
        .alias("note"),
        nw.col(SOURCE).alias("source"),
    )
