"""Neutrophils and platelets at the visits of the first cycle."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.definition import ITEM, Item, definition
from remission.definitions.detection import caution, with_flags
from remission.definitions.inputs import Lazy, settled
from remission.definitions.visits import (
    NO_END,
    NO_INFUSION,
    NO_SAMPLE,
    VISIT,
    at_visits,
    first_of_day,
    for_each_item,
    infusions,
    visit_labels,
    visits_of,
)
from remission.plan import Plan
from remission.records.column import SOURCE

_TESTS = {"anc": "Neutrophils", "plt": "Platelets"}
_VISITS = visit_labels(visits_of("during_blinatumomab")["visits"])
_ITEMS = {f"{test}_{visit}": Item(f"{label}, {words}", "10*9/L")
          for test, label in _TESTS.items() for visit, words in _VISITS.items()}


@definition(
    label="Blood counts", grain="subject", kind="number", items=_ITEMS,
    needs=("subject.subject_id", "exposure.start_day", "exposure.end_day",
           *(f"laboratory.{test.upper()}" for test in _TESTS)),
    criteria="visits.during_blinatumomab", wants_plan=True,
)
def blood_counts(
    subjects: Lazy, exposure: Lazy, laboratory: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Neutrophils and platelets at each visit of the first cycle."""
    begun = settled(infusions(subjects, exposure, plan))
    values = with_flags(first_of_day(laboratory, "subject_id", "test")).select(
        "subject_id", "day", nw.col("test").str.to_lowercase().alias("measure"), "value", "flag",
        "limit", nw.col(SOURCE).alias("row"),
    ).join(begun.select("subject_id", "began", "ended"), on="subject_id").with_columns(
        after=nw.col("day") - nw.col("began"))
    seen = at_visits(settled(values), criteria["visits"], "subject_id", "measure").select(
        "subject_id", nw.concat_str("measure", VISIT, separator="_").alias(ITEM), "value", "after",
        "flag", "row")
    is_missing = nw.col("row").is_null()
    at_end = nw.col(ITEM).str.ends_with("_end")
    return for_each_item(begun, _ITEMS).join(seen, on=["subject_id", ITEM], how="left").select(
        "subject_id", ITEM, "value", nw.col("after").alias("day"),
        nw.when(is_missing & nw.col("began").is_null()).then(nw.lit(NO_INFUSION))
        .when(is_missing & at_end & nw.col("ended").is_null()).then(nw.lit(NO_END))
        .when(is_missing).then(nw.lit(NO_SAMPLE))
        .otherwise(caution(nw.col("flag"))).alias("note"),
        nw.coalesce("row", "subject_row").alias("source"))
