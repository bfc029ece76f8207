"""What came before blinatumomab: lines of chemotherapy, and relapses."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals.stable.v2 as nw

from remission.definitions.baseline import first_infusions
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy
from remission.records.column import SOURCE

NO_INFUSION = "no infusion is recorded"
UNCLEAR_LINE = "the first day of a line, or what it was for, is not known"
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
    found = begun_before(lines, exposure, "intent", _FULL_LINES, day_included=False)
    return _counted(subjects, exposure, found, UNCLEAR_LINE, "no line is recorded")


@definition(
    label="Relapses before blinatumomab", grain="subject", kind="number", unit="relapses",
    needs=("subject.subject_id", "disease_episode.phase", "disease_episode.start_day",
           "exposure.start_day"),
    reference="As recorded by the centre (disease_episode.phase).", evidence="D",
)
def relapses_before_infusion(subjects: Lazy, episodes: Lazy, exposure: Lazy) -> Lazy:
    """Relapses recorded up to the first infusion; none only where an episode is recorded."""
    found = begun_before(episodes, exposure, "phase", ("RELAPSE",), day_included=True)
    return _counted(subjects, exposure, found, "the day or the phase of an episode is not known",
                    "no episode of the disease is recorded")


def _counted(subjects: Lazy, exposure: Lazy, found: Lazy, unclear: str, nothing: str) -> Lazy:
    """Return how many rows count, where every row tells whether it does; else why it is unknown."""
    joined = of_infused(subjects, exposure, found)
    unclear_rows = nw.col("unclear")
    return joined.select(
        "subject_id",
        nw.when(unclear_rows == 0).then(nw.col("counted")).alias("value"),
        nw.when(nw.col("first_infusion").is_null()).then(nw.lit(NO_INFUSION))
        .when(unclear_rows.is_null()).then(nw.lit(nothing))
        .when(unclear_rows == 1).then(nw.lit(unclear)).alias("note"),
        nw.coalesce("row", "subject_row").alias("source"))


def begun_before(
    rows: Lazy, exposure: Lazy, column: str, wanted: Sequence[str], *, day_included: bool
) -> Lazy:
    """Return which rows of a kind were begun before the first infusion, of each subject with one.

    Back come ``subject_id, counted, unclear, counted_row, row``: how many of ``rows`` hold a
    ``wanted`` code in ``column`` and began before it, or on its day where that is included;
    ``unclear`` is 1 where another may be one of them, for want of its day or its code.
    """
    day, first, code = nw.col("start_day"), nw.col("first_infusion"), nw.col(column)
    is_before = (day <= first if day_included else day < first).fill_null(value=False)
    is_wanted = code.is_in(list(wanted)).fill_null(value=False)
    is_one = is_before & is_wanted
    may_be = (is_before | day.is_null()) & (is_wanted | code.is_null())
    return rows.join(first_infusions(exposure), on="subject_id").with_columns(
        counted=nw.when(is_one).then(1).otherwise(0),
        unclear=nw.when(may_be & ~is_one).then(1).otherwise(0),
        counted_row=nw.when(is_one).then(nw.col(SOURCE)),
    ).group_by("subject_id").agg(
        nw.col("counted").sum(), nw.col("unclear").max(), nw.col("counted_row").min(),
        nw.col(SOURCE).max().alias("row"))


def of_infused(subjects: Lazy, exposure: Lazy, found: Lazy) -> Lazy:
    """Join what was found to every subject: with ``first_infusion`` and ``subject_row``."""
    return subjects.select("subject_id", nw.col(SOURCE).alias("subject_row")).join(
        first_infusions(exposure), on="subject_id", how="left").join(
        found, on="subject_id", how="left")
