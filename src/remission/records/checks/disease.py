"""Rules about the disease: the marrow at an episode, months, and performance scores."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals.stable.v2 as nw

from remission.days import DAYS_PER_MONTH
from remission.records.checks.rule import Finding, rule
from remission.records.column import SOURCE
from remission.records.study import Study

_REMISSION_BLASTS = 5.0
_DAYS_OFF = 31
"""Reported months and recorded days may differ by the length of a month, not by more."""
_STEP = 10


@rule(
    why="The site of a relapse decides its risk group; one of the two entries is wrong.",
    cure="Correct marrow or marrow_blast_percent.",
)
def marrow_against_blasts(study: Study) -> Iterator[Finding]:
    """Find episodes without the marrow whose marrow held 5 % blasts or more."""
    held = study.table("disease_episode").filter(
        (nw.col("marrow") == "N") & (nw.col("marrow_blast_percent") >= _REMISSION_BLASTS))
    for row in held.iter_rows(named=True):
        yield Finding(row["subject_id"], (row[SOURCE],),
                      f"marrow is N, but marrow_blast_percent is {row['marrow_blast_percent']:g}.")


@rule(
    why="The months decide whether a relapse is early; they and the days cannot both be right.",
    cure="Correct months_since_diagnosis_reported, or the day of the episode or the diagnosis.",
)
def months_against_days(study: Study) -> Iterator[Finding]:
    """Find episodes whose months from diagnosis differ from their days by more than a month."""
    episodes = study.table("disease_episode")
    diagnoses = episodes.filter(nw.col("phase") == "INITIAL_DIAGNOSIS").select(
        "subject_id", nw.col("start_day").alias("diagnosed"), nw.col(SOURCE).alias("first_row"))
    joined = episodes.join(diagnoses, on="subject_id").with_columns(
        days=nw.col("start_day") - nw.col("diagnosed"))
    expected = nw.col("months_since_diagnosis_reported") * DAYS_PER_MONTH
    for row in joined.filter((nw.col("days") - expected).abs() > _DAYS_OFF).iter_rows(named=True):
        yield Finding(
            row["subject_id"], (row[SOURCE], row["first_row"]),
            f"months_since_diagnosis_reported is {row['months_since_diagnosis_reported']:g}, but "
            f"the episode is {row['days']} days after the diagnosis.")


@rule(
    why="Lansky and Karnofsky scores have steps of 10; another number is not a score.",
    cure="Correct performance_score.",
    source="Lansky 1987, Cancer 60:1651; CIBMTR forms manual, appendix L",
)
def performance_score_between_steps(study: Study) -> Iterator[Finding]:
    """Find performance scores that are not a step of the scale."""
    subjects = study.table("subject").filter(nw.col("performance_score") % _STEP != 0)
    for row in subjects.iter_rows(named=True):
        yield Finding(row["subject_id"], (row[SOURCE],),
                      f"performance_score is {row['performance_score']}.")
