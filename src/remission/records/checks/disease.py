"""Rules about episodes of the disease: what they involve, and what came first."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals.stable.v2 as nw

from remission.days import DAYS_PER_MONTH
from remission.records.checks.rule import (
    ROW,
    At,
    Finding,
    each,
    known,
    rows_of,
    rule,
    taken,
)
from remission.records.checks.values import ColumnOf
from remission.records.storage import Frame
from remission.records.study import Study

_REMISSION_BLASTS = 5.0
_DAYS_OFF = 31
"""Reported months and recorded days may differ by the length of a month, not by more."""


def _diagnoses(study: Study) -> Frame:
    """Return ``subject_id, since`` (day) and ``since_row`` of every initial diagnosis."""
    return rows_of(study, "disease_episode").filter(
        nw.col("phase") == "INITIAL_DIAGNOSIS").select(
        "subject_id", nw.col("start_day").alias("since"), nw.col(ROW).alias("since_row"))


@rule(
    what="{count} initial diagnoses are recorded, on the days {days}.",
    why="A disease is diagnosed for the first time once; the others are relapses or repetitions.",
    cure="Keep the first, and give the others their phase, or remove them.",
)
def two_diagnoses(study: Study) -> Iterator[Finding]:
    """Find children with more than one initial diagnosis."""
    found: dict[str, list[dict[str, int | None]]] = {}
    for row in _diagnoses(study).iter_rows(named=True):
        found.setdefault(row["subject_id"], []).append(row)
    for subject, rows in found.items():
        if len(rows) > 1:
            yield Finding(
                subject, tuple(At("disease_episode", row["since_row"] or 0, ("phase",))
                               for row in rows),
                {"count": len(rows), "days": tuple(row["since"] for row in rows)})


@rule(
    what="Relapse on day {start_day}, diagnosis on day {since}.",
    why="A relapse is the return of a disease that was diagnosed and then gone.",
    cure="Correct the day of the diagnosis or of the relapse.",
    source="Buchmann 2022, Blood 139:1785: relapse is only possible after remission",
)
def relapse_before_diagnosis(study: Study) -> Iterator[Finding]:
    """Find relapses dated on or before the initial diagnosis."""
    relapses = rows_of(study, "disease_episode").filter(nw.col("phase") == "RELAPSE").join(
        _diagnoses(study), on="subject_id")
    for row in relapses.filter(nw.col("start_day") <= nw.col("since")).iter_rows(named=True):
        yield Finding(
            row["subject_id"], (At("disease_episode", row["since_row"], ("start_day",)),
                                At("disease_episode", row[ROW], ("start_day",))),
            {"start_day": row["start_day"], "since": row["since"]})


@rule(
    what="[disease_episode.marrow] is {marrow}, but [disease_episode.marrow_blast_percent] is "
         "{marrow_blast_percent}.",
    why="The site of a relapse decides its risk group; one of the two entries is wrong.",
    cure="Correct [disease_episode.marrow] or [disease_episode.marrow_blast_percent].",
)
def marrow_against_blasts(study: Study) -> Iterator[Finding]:
    """Find episodes without the marrow whose marrow held 5 % blasts or more."""
    held = rows_of(study, "disease_episode").filter(
        (nw.col("marrow") == "N") & (nw.col("marrow_blast_percent") >= _REMISSION_BLASTS))
    yield from each(held, "disease_episode", "marrow", "marrow_blast_percent",
                    values=("marrow", "marrow_blast_percent", "start_day"))


@rule(
    what={
        "diagnosis": "[disease_episode.months_since_diagnosis_reported] is {months}, but the "
                     "episode is {days} days after the diagnosis.",
        "frontline": "[disease_episode.months_since_frontline_end_reported] is {months}, but the "
                     "episode is {days} days after the end of frontline therapy.",
    },
    why="The months decide whether a relapse is early; they and the days cannot both be right.",
    cure="Correct the reported months, or the day of the episode, of the diagnosis or of the end "
         "of therapy.",
)
def months_against_days(study: Study) -> Iterator[Finding]:
    """Find episodes whose reported months differ from their days by more than a month."""
    frontline = rows_of(study, "treatment_line").filter(nw.col("intent") == "FRONTLINE")
    ends = frontline.filter(
        nw.col("end_day") == nw.col("end_day").max().over("subject_id")).unique(
        "subject_id", keep="first").select(
        "subject_id", nw.col("end_day").alias("since"), nw.col(ROW).alias("since_row"))
    yield from _off(study, _diagnoses(study), "months_since_diagnosis_reported",
                    case="diagnosis", origin=ColumnOf("disease_episode", "start_day"))
    yield from _off(study, ends, "months_since_frontline_end_reported",
                    case="frontline", origin=ColumnOf("treatment_line", "end_day"))


def _off(
    study: Study, origins: Frame, months: str, *, case: str, origin: ColumnOf
) -> Iterator[Finding]:
    """Yield the episodes whose months from an origin do not fit their days from it."""
    joined = rows_of(study, "disease_episode").join(origins, on="subject_id").with_columns(
        days=nw.col("start_day") - nw.col("since"))
    off = joined.filter((nw.col("days") - nw.col(months) * DAYS_PER_MONTH).abs() > _DAYS_OFF)
    for row in off.iter_rows(named=True):
        yield Finding(
            row["subject_id"], (At("disease_episode", row[ROW], (months, "start_day")),
                                At(origin.table, row["since_row"], (origin.column,))),
            {"months": row[months], "days": row["days"]}, case)


@rule(
    what="Testicular disease is recorded for a girl.",
    why="A girl has no testicular disease.",
    cure="Correct [subject.sex] in [subject] or [disease_episode.testis] in [disease_episode].",
)
def testis_in_a_girl(study: Study) -> Iterator[Finding]:
    """Find testicular disease in girls."""
    girls = rows_of(study, "subject").filter(nw.col("sex") == "F").select(
        "subject_id", nw.col(ROW).alias("girl_row"))
    episodes = rows_of(study, "disease_episode").filter(nw.col("testis") == "Y")
    for row in episodes.join(girls, on="subject_id").iter_rows(named=True):
        yield Finding(
            row["subject_id"], (At("disease_episode", row[ROW], ("testis",)),
                                At("subject", row["girl_row"], ("sex",))),
            taken(row, "disease_episode", "phase", "start_day"))


@rule(
    what="A relapse is recorded for a child whose disease is not malignant.",
    why="A disease that is not malignant does not relapse; after a transplant the word would be "
        "graft failure.",
    cure="Correct the diagnosis or the relapse.",
)
def relapse_of_non_malignant_disease(study: Study) -> Iterator[Finding]:
    """Find relapses of a disease that is not malignant."""
    episodes = rows_of(study, "disease_episode")
    benign = episodes.filter(nw.col("diagnosis") == "NON_MALIGNANT").select(
        "subject_id", nw.col(ROW).alias("diagnosis_row"))
    relapses = episodes.filter(nw.col("phase") == "RELAPSE")
    for row in relapses.join(benign, on="subject_id").iter_rows(named=True):
        yield Finding(
            row["subject_id"], (At("disease_episode", row["diagnosis_row"], ("diagnosis",)),
                                At("disease_episode", row[ROW], ("phase",))),
            taken(row, "disease_episode", "start_day"))


@rule(
    what="The transplant of day {day} was in {status_at_transplant}, but a relapse is recorded "
         "on day {relapsed}, before it.",
    why="After a relapse a remission is the second or a later one.",
    cure="Correct [transplant.status_at_transplant], or the relapse.",
    source="Buchmann 2022, Blood 139:1785: relapse ends a first remission",
)
def first_remission_after_relapse(study: Study) -> Iterator[Finding]:
    """Find transplants in first remission that follow a relapse."""
    relapses = rows_of(study, "disease_episode").filter(
        (nw.col("phase") == "RELAPSE") & known("start_day")).select(
        "subject_id", nw.col("start_day").alias("relapsed"), nw.col(ROW).alias("relapse_row"))
    grafts = rows_of(study, "transplant").filter(nw.col("status_at_transplant") == "CR1")
    after = grafts.join(relapses, on="subject_id").filter(nw.col("relapsed") < nw.col("day"))
    first = after.filter(
        nw.col("relapsed") == nw.col("relapsed").min().over("subject_id", "transplant_no"))
    for row in first.iter_rows(named=True):
        yield Finding(
            row["subject_id"], (At("transplant", row[ROW], ("status_at_transplant",)),
                                At("disease_episode", row["relapse_row"], ("start_day",))),
            taken(row, "transplant", "day", "status_at_transplant", "relapsed"))
