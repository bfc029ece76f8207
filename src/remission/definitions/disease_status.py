"""The disease at diagnosis and at the start, as the centre recorded it."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy
from remission.records.column import SOURCE
from remission.records.disease import DISEASE_EPISODE
from remission.records.subject import SUBJECT


@definition(
    label="Disease status at start", grain="subject", kind="category",
    needs=("subject.cohort",), levels=SUBJECT.by_name["cohort"].codes,
    reference="As recorded by the centre (subject.cohort).",
)
def disease_status(subjects: Lazy) -> Lazy:
    """Why blinatumomab was given, as the centre recorded it."""
    return subjects.select(
        "subject_id", nw.col("cohort").alias("value"), nw.col(SOURCE).alias("source"))


@definition(
    label="Diagnosis", grain="subject", kind="category",
    needs=("disease_episode.phase", "disease_episode.diagnosis"),
    levels=DISEASE_EPISODE.by_name["diagnosis"].codes,
    reference="As recorded by the centre (disease_episode.diagnosis, initial diagnosis).",
)
def diagnosis(episodes: Lazy) -> Lazy:
    """The disease at initial diagnosis, as the centre recorded it."""
    return _initial(episodes, "diagnosis")


@definition(
    label="Risk group", grain="subject", kind="category",
    needs=("disease_episode.phase", "disease_episode.risk_group_reported"),
    levels=DISEASE_EPISODE.by_name["risk_group_reported"].codes,
    reference="As recorded by the centre (disease_episode.risk_group_reported).",
)
def risk_group_reported(episodes: Lazy) -> Lazy:
    """The centre's own risk group, as recorded with the disease."""
    return _initial(episodes, "risk_group_reported")


def initial_diagnoses(episodes: Lazy) -> Lazy:
    """Return the initial diagnosis of each subject: of several, the first by number."""
    initial = episodes.filter(nw.col("phase") == "INITIAL_DIAGNOSIS")
    return initial.filter(nw.col("episode_no") == nw.col("episode_no").min().over("subject_id"))


def _initial(episodes: Lazy, column: str) -> Lazy:
    """Return one column of the first recorded initial diagnosis of each subject."""
    return initial_diagnoses(episodes).select(
        "subject_id", nw.col(column).alias("value"), nw.col(SOURCE).alias("source"))
