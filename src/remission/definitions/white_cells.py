"""The white-cell count and its groups, at diagnosis and before the first infusion."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.baseline import first_infusions
from remission.definitions.criteria import Criteria
from remission.definitions.definition import definition
from remission.definitions.disease_status import initial_diagnoses
from remission.definitions.inputs import Lazy
from remission.records.column import SOURCE


@definition(
    label="White cells at diagnosis", grain="subject", kind="category",
    criteria="white_cells.group", needs=("disease_episode.phase", "disease_episode.wbc"),
)
def white_cell_group(episodes: Lazy, criteria: Criteria) -> Lazy:
    """Group of the white-cell count at initial diagnosis."""
    return initial_diagnoses(episodes).select(
        "subject_id", _group(nw.col("wbc"), criteria).alias("value"),
        nw.when(nw.col("wbc").is_null()).then(nw.lit("the count at diagnosis is not recorded"))
        .alias("note"),
        nw.col(SOURCE).alias("source"))


@definition(
    label="White cells before blinatumomab", grain="subject", kind="category",
    criteria="white_cells.group", needs=("laboratory.WBC", "exposure.start_day"),
    day_label="Day of the white-cell count before blinatumomab",
)
def white_cell_group_at_start(counts: Lazy, exposure: Lazy, criteria: Criteria) -> Lazy:
    """Group of the last white-cell count before the first infusion."""
    return _at_start(counts, exposure, criteria).with_columns(
        value=_group(nw.col("value"), criteria))


@definition(
    label="White-cell count before blinatumomab", grain="subject", kind="number", unit="10*9/L",
    criteria="white_cells.group", needs=("laboratory.WBC", "exposure.start_day"),
    day_label="Day of the white-cell count before blinatumomab",
    follows="white_cell_group_at_start",
)
def white_cells_at_start(counts: Lazy, exposure: Lazy, criteria: Criteria) -> Lazy:
    """The last white-cell count before the first infusion."""
    return _at_start(counts, exposure, criteria)


def _at_start(counts: Lazy, exposure: Lazy, criteria: Criteria) -> Lazy:
    """Return ``subject_id, day, value, source`` of the last count, the highest of its day."""
    ahead = nw.col("first_infusion") - nw.col("day")
    before = counts.join(first_infusions(exposure), on="subject_id").filter(
        (ahead >= 0) & (ahead <= criteria["days_before_infusion"]))
    last = before.filter(nw.col("day") == nw.col("day").max().over("subject_id"))
    highest = last.filter(nw.col("value") == nw.col("value").max().over("subject_id"))
    return highest.group_by("subject_id", "day").agg(
        nw.col("value").max(), nw.col(SOURCE).min().alias("source"))


def _group(count: nw.Expr, criteria: Criteria) -> nw.Expr:
    """Return the code of the group of a count in 10⁹/L."""
    low, middle, high = (level["code"] for level in criteria["levels"])
    from_lower = criteria.threshold("lower").met_by(count)
    over_upper = criteria.threshold("upper").met_by(count)
    return nw.when(over_upper).then(nw.lit(high)).when(from_lower).then(nw.lit(middle)).when(
        ~from_lower).then(nw.lit(low))
