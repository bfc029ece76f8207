"""Disease status: as the centre recorded it, and whether the disease came back."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.absence import is_complete
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy
from remission.plan import Plan
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
    """The centre's own risk group at initial diagnosis."""
    return _initial(episodes, "risk_group_reported")


def _initial(episodes: Lazy, column: str) -> Lazy:
    """Return one column of the first recorded initial diagnosis of each subject."""
    initial = episodes.filter(nw.col("phase") == "INITIAL_DIAGNOSIS")
    first = initial.filter(
        nw.col("episode_no") == nw.col("episode_no").min().over("subject_id"))
    return first.select(
        "subject_id", nw.col(column).alias("value"), nw.col(SOURCE).alias("source"))


@definition(
    label="Relapse", grain="subject", kind="yes_no", day_label="Day of relapse",
    needs=("subject.subject_id", "disease_episode.phase", "disease_episode.start_day",
           "form_status.status"),
    reference="A recorded relapse after the anchor: Buchmann 2022, Blood 139:1785, doi "
              "10.1182/blood.2021012328 [V]; a relapse whose day is not known is taken as after "
              "the anchor [D].",
    wants_plan=True,
)
def relapse(subjects: Lazy, episodes: Lazy, forms: Lazy, plan: Plan) -> Lazy:
    """A relapse after day 0, as recorded by the centre; its day is the first one known."""
    after = episodes.filter(
        (nw.col("phase") == "RELAPSE")
        & ((nw.col("start_day") > 0) | nw.col("start_day").is_null())
    )
    counted = after.group_by("subject_id").agg(
        nw.col("start_day").min().alias("day"),
        nw.col("start_day").is_null().sum().alias("without_day"),
        nw.col(SOURCE).min().alias("source"),
    )
    return (
        subjects.select("subject_id", nw.col(SOURCE).alias("subject_row"))
        .join(counted, on="subject_id", how="left")
        .join(is_complete(forms, "RELAPSE"), on="subject_id", how="left")
        .select(
            "subject_id",
            nw.when(~nw.col("source").is_null()).then(nw.lit("Y"))
            .when((nw.col("complete") == "Y")
                  | (nw.lit("RELAPSE" in plan.records.absent_means_none)
                     & nw.col("complete").is_null())).then(nw.lit("N")).alias("value"),
            nw.when(nw.col("without_day") == 0).then(nw.col("day")).alias("day"),
            nw.coalesce("source", "subject_row").alias("source"),
            nw.when(nw.col("without_day") > 0)
            .then(nw.lit("the day of relapse is not recorded"))
            .when(nw.col("source").is_null() & nw.col("complete").is_null())
            .then(nw.lit("no relapse row, and the form is not marked complete")).alias("note"),
        )
    )
