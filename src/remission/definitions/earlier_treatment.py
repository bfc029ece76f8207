"""What came before blinatumomab: lines of chemotherapy, and relapses."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.baseline import first_infusions
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy, settled
from remission.records.column import SOURCE

_FULL_LINES = ("FRONTLINE", "SALVAGE")


@definition(
    label="Prior lines of chemotherapy", grain="subject", kind="number", unit="lines",
    needs=("subject.subject_id", "treatment_line.intent", "treatment_line.start_day",
           "exposure.start_day"),
    reference="Frontline and salvage lines as recorded by the centre (treatment_line.intent); "
              "debulking before the infusion, bridging and maintenance belong to a line and are "
              "none of their own.", evidence="D",
)
def prior_lines(subjects: Lazy, lines: Lazy, exposure: Lazy) -> Lazy:
    """Frontline and salvage lines begun before the first infusion."""
    return _counted(subjects, exposure, lines, nw.col("intent").is_in(_FULL_LINES),
                    "the first day of a line is not known", "no line is recorded")


@definition(
    label="Relapses before blinatumomab", grain="subject", kind="number", unit="relapses",
    needs=("subject.subject_id", "disease_episode.phase", "disease_episode.start_day",
           "exposure.start_day"),
    reference="As recorded by the centre (disease_episode.phase).", evidence="D",
)
def relapses_before_infusion(subjects: Lazy, episodes: Lazy, exposure: Lazy) -> Lazy:
    """Relapses recorded up to the first infusion; none only where an episode is recorded."""
    return _counted(subjects, exposure, episodes, nw.col("phase") == "RELAPSE",
                    "the day of a relapse is not known", "no episode of the disease is recorded")


def _counted(  # noqa: PLR0917 - what is counted, and what is said where it cannot be
    subjects: Lazy, exposure: Lazy, rows: Lazy, counts: nw.Expr, undated: str, nothing: str
) -> Lazy:
    """Return how many of the rows that count lie up to the first infusion.

    One without a day leaves the number unknown; a subject without any row has none.
    """
    rows = rows.with_columns(counts=nw.when(counts.fill_null(value=False)).then(1).otherwise(0))
    known = settled(subjects.select("subject_id", nw.col(SOURCE).alias("subject_row")).join(
        first_infusions(exposure), on="subject_id", how="left"))
    placed = rows.join(known.select("subject_id", "first_infusion"), on="subject_id")
    is_undated = nw.col("start_day").is_null() & (nw.col("counts") == 1)
    is_before = (nw.col("start_day") <= nw.col("first_infusion")).fill_null(value=False)
    found = placed.with_columns(
        undated=nw.when(is_undated).then(1).otherwise(0),
        before=nw.when(is_before).then(nw.col("counts")).otherwise(0),
    ).group_by("subject_id").agg(
        nw.col("before").sum(), nw.col("undated").max(), nw.col(SOURCE).max().alias("row"))
    joined = known.join(found, on="subject_id", how="left")
    is_infused = ~nw.col("first_infusion").is_null()
    return joined.select(
        "subject_id",
        nw.when(is_infused & (nw.col("undated") == 0)).then(nw.col("before")).alias("value"),
        nw.when(~is_infused).then(nw.lit("no infusion is recorded"))
        .when(nw.col("undated").is_null()).then(nw.lit(nothing))
        .when(nw.col("undated") == 1).then(nw.lit(undated)).alias("note"),
        nw.coalesce("row", "subject_row").alias("source"))
