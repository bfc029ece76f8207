"""Refractory disease at the first infusion."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.baseline import first_infusions
from remission.definitions.criteria import Criteria
from remission.definitions.definition import RECORDED, definition
from remission.definitions.disease_course import in_order, latest_episodes, marrow_clear, mrd_clear
from remission.definitions.disease_status import initial_diagnoses
from remission.definitions.inputs import Lazy, settled
from remission.records.column import SOURCE

FROM_MARROW = "from the marrow"
NO_MARROW = "no marrow tells it, and no episode says it"


@definition(
    label="Refractory disease", grain="subject", kind="yes_no", criteria="refractory.state",
    needs=("subject.subject_id", "disease_episode.phase", "disease_episode.start_day",
           "assessment.day", "assessment.specimen", "assessment.blast_percent",
           "assessment.mrd_method", "assessment.mrd_percent", "assessment.mrd_sign",
           "treatment_line.intent", "treatment_line.start_day", "treatment_line.end_day",
           "exposure.start_day"),
)
def refractory(  # noqa: PLR0917 - one frame for each table it reads
    subjects: Lazy, episodes: Lazy, assessments: Lazy, lines: Lazy, exposure: Lazy,
    criteria: Criteria,
) -> Lazy:
    """Whether the disease was refractory when blinatumomab was begun."""
    known = settled(subjects.select("subject_id", nw.col(SOURCE).alias("subject_row")).join(
        first_infusions(exposure), on="subject_id", how="left"))
    begun = nw.col("start_day") >= nw.col("first_infusion")
    salvage = settled(lines.filter(nw.col("intent") == "SALVAGE").join(
        known, on="subject_id").filter(~begun.fill_null(value=False)))
    marrows = assessments.filter(nw.col("specimen") == "BM").join(
        known, on="subject_id").filter(_until_infusion("day"))
    if "time_point" in criteria.values:
        measured = _treatment_failure(marrows, episodes, criteria)
        recorded = _first_word(episodes)
    else:
        measured = _after_second_line(marrows, salvage, criteria)
        recorded = _last_word(episodes, salvage, known)
    joined = known.join(measured, on="subject_id", how="left").join(
        recorded, on="subject_id", how="left")
    is_measured, is_recorded = ~nw.col("fails").is_null(), ~nw.col("recorded").is_null()
    return joined.select(
        "subject_id",
        nw.when(nw.col("fails") == 1).then(nw.lit("Y")).when(is_measured).then(nw.lit("N"))
        .otherwise(nw.col("recorded")).alias("value"),
        nw.when(is_measured).then(nw.lit(FROM_MARROW))
        .when(is_recorded).then(nw.lit(RECORDED)).alias("how"),
        nw.when(~is_measured & ~is_recorded).then(nw.lit(NO_MARROW)).alias("note"),
        nw.coalesce("marrow_row", "episode_row", "subject_row").alias("source"))


def _until_infusion(day: str) -> nw.Expr:
    """Return whether a day lies up to the first infusion; without an infusion every day does."""
    return ~nw.col(day).is_null() & (
        nw.col("first_infusion").is_null() | (nw.col(day) <= nw.col("first_infusion")))


def _after_second_line(marrows: Lazy, salvage: Lazy, criteria: Criteria) -> Lazy:
    """Return ``fails`` (1 or 0) of the first marrow by the method after the second-line induction.

    The second line is that of the lowest number of ``salvage``, the lines begun before the
    infusion or without a first day; without its last day it is not complete.
    """
    second = salvage.filter(
        nw.col("line_no") == nw.col("line_no").min().over("subject_id"),
    ).filter(_until_infusion("end_day")).select("subject_id", "end_day")
    # morphology alone does not confirm
    told = marrows.filter(nw.col("mrd_method").is_in(criteria["methods"])).with_columns(
        clear=mrd_clear(criteria)).filter(~nw.col("clear").is_null())
    after = told.join(second, on="subject_id").filter(nw.col("day") >= nw.col("end_day"))
    return _worst(after.filter(nw.col("day") == nw.col("day").min().over("subject_id")))


def _treatment_failure(marrows: Lazy, episodes: Lazy, criteria: Criteria) -> Lazy:
    """Return ``fails``: 0 once a marrow is in remission, 1 if none is up to the time point.

    Marrows count up to and including the first one at or after the time point.
    """
    told = settled(marrows.with_columns(clear=marrow_clear(criteria)).filter(
        ~nw.col("clear").is_null(),
    ).join(initial_diagnoses(episodes).select(
        "subject_id", nw.col("start_day").alias("diagnosed")), on="subject_id").with_columns(
        since=nw.col("day") - nw.col("diagnosed")).filter(nw.col("since") > 0))
    ends = told.filter(nw.col("since") >= criteria["time_point"]).group_by("subject_id").agg(
        nw.col("since").min().alias("end"))
    read = told.join(ends, on="subject_id", how="left").filter(
        nw.col("end").is_null() | (nw.col("since") <= nw.col("end")))
    best = read.filter(nw.col("clear") == nw.col("clear").max().over("subject_id"))
    last = best.filter(nw.col("day") == nw.col("day").max().over("subject_id"))
    decided = last.filter((nw.col("clear") == 1) | ~nw.col("end").is_null())
    return _worst(decided)


def _worst(marrows: Lazy) -> Lazy:
    """Return ``subject_id, fails, marrow_row`` of the marrow of one day of each subject."""
    worst = marrows.filter(nw.col("clear") == nw.col("clear").min().over("subject_id"))
    return worst.filter(
        nw.col("assessment_no") == nw.col("assessment_no").min().over("subject_id")).select(
        "subject_id", (1 - nw.col("clear")).alias("fails"), nw.col(SOURCE).alias("marrow_row"))


def _last_word(episodes: Lazy, salvage: Lazy, known: Lazy) -> Lazy:
    """Return what the last dated episode before the infusion says: ``recorded, episode_row``.

    A relapse says "not refractory" only where no second-line treatment before it is recorded.
    """
    salvaged = salvage.select("subject_id").unique().with_columns(salvaged=nw.lit(1))
    dated = episodes.join(known, on="subject_id").filter(_until_infusion("start_day"))
    is_relapse = (nw.col("phase") == "RELAPSE") & nw.col("salvaged").is_null()
    return _word(
        latest_episodes(dated).join(salvaged, on="subject_id", how="left"), is_relapse)


def _first_word(episodes: Lazy) -> Lazy:
    """Return what the first episode after the initial diagnosis says: a relapse needs remission."""
    after = in_order(episodes).filter(nw.col("phase").is_in(["RELAPSE", "REFRACTORY"]))
    earliest = after.filter(nw.col("place") == nw.col("place").min().over("subject_id"))
    first = earliest.filter(
        nw.col("episode_no") == nw.col("episode_no").min().over("subject_id"))
    return _word(first, nw.col("phase") == "RELAPSE")


def _word(episodes: Lazy, is_relapse: nw.Expr) -> Lazy:
    return episodes.select(
        "subject_id",
        nw.when(nw.col("phase") == "REFRACTORY").then(nw.lit("Y"))
        .when(is_relapse).then(nw.lit("N")).alias("recorded"),
        nw.col(SOURCE).alias("episode_row"))
