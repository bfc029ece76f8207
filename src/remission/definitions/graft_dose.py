"""The dose of cells in the graft, as recorded and checked."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import RELATIVE
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy
from remission.records.column import SOURCE
from remission.records.transplant import CD34_DOSES


@definition(
    label="CD34⁺ cell dose", grain="transplant", kind="number", unit="10⁶/kg",
    needs=("transplant.cd34_1e6_kg", "transplant.graft", "transplant.donor"),
    reference="As recorded by the centre (transplant.cd34_1e6_kg), viable cells by weight of the "
              "recipient (Sutherland 1996, J Hematother 5:213); a dose outside 0.1 to 60 ×10⁶/kg, "
              "cord blood 0.01 to 10, is not analysed (our own limits).", evidence="D",
)
def cd34_dose(transplants: Lazy) -> Lazy:
    """CD34⁺ cells of the graft by weight of the recipient, where a graft can hold so many."""
    dose = nw.col("cd34_1e6_kg")
    cells = nw.coalesce("graft", nw.when(nw.col("donor") == "CORD").then(nw.lit("CORD")))
    low: nw.Expr = nw.lit(min(low for low, _ in CD34_DOSES.values()))
    high: nw.Expr = nw.lit(max(high for _, high in CD34_DOSES.values()))
    for source, (least, most) in CD34_DOSES.items():
        low = nw.when(cells == source).then(nw.lit(least)).otherwise(low)
        high = nw.when(cells == source).then(nw.lit(most)).otherwise(high)
    is_plausible = (dose >= low * (1 - RELATIVE)) & (dose <= high * (1 + RELATIVE))
    return transplants.select(
        "subject_id", "transplant_no", nw.when(is_plausible).then(dose).alias("value"),
        nw.when(dose.is_null()).then(nw.lit("not recorded"))
        .when(~is_plausible).then(nw.lit("no graft has such a dose: the unit is probably another"))
        .alias("note"),
        nw.col(SOURCE).alias("source"),
    )
