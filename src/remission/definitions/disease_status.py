"""The disease at diagnosis and at the start: as recorded, and from the marrow."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.baseline import baseline_status, first_infusions
from remission.definitions.cns_status import cns_status
from remission.definitions.criteria import Criteria, criteria_sets
from remission.definitions.definition import KEYS, definition
from remission.definitions.disease_course import latest_episodes
from remission.definitions.inputs import Lazy, settled
from remission.records.column import SOURCE
from remission.records.disease import DISEASE_EPISODE
from remission.records.subject import SUBJECT

STATUSES = {
    "RR": "relapsed or refractory", "MRD_POS": "remission, MRD positive",
    "MRD_NEG": "remission, MRD negative", "CR_MRD_UNKNOWN": "remission, MRD not known",
}
_STATUS_NEEDS = (
    "subject.cohort", "disease_episode.phase", "disease_episode.start_day",
    "disease_episode.cns", "disease_episode.testis", "disease_episode.other_site",
    "assessment.day", "assessment.specimen", "assessment.blast_percent", "assessment.mrd_method",
    "assessment.mrd_percent", "assessment.mrd_sign", "assessment.mrd_lod_percent",
    "assessment.cns_status", "assessment.cns_signs", "exposure.start_day",
    "laboratory.CSF_WBC", "laboratory.CSF_RBC", "laboratory.WBC", "laboratory.RBC",
)
OUTSIDE_THE_MARROW = "disease outside the marrow"
AGAINST_COHORT = "the centre's reason for blinatumomab says otherwise"


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


@definition(
    label="Disease status at first blinatumomab", grain="subject", kind="category",
    criteria="baseline.status", needs=_STATUS_NEEDS, levels=STATUSES,
    day_label="Day of the marrow before the first infusion",
)
def status_at_first_infusion(  # noqa: PLR0917 - one frame for each table it reads
    subjects: Lazy, episodes: Lazy, assessments: Lazy, exposure: Lazy, counts: Lazy,
    criteria: Criteria,
) -> Lazy:
    """Disease status just before the first infusion, from marrow and spinal fluid."""
    examined = _with_cns_status(assessments, counts)
    return _statuses(subjects, episodes, examined, exposure, criteria).select(
        "subject_id", "value", "day", "note", "source")


@definition(
    label="Initial class", grain="subject", kind="category",
    criteria="disease_status.initial_class", needs=_STATUS_NEEDS,
)
def initial_class(  # noqa: PLR0917 - one frame for each table it reads
    subjects: Lazy, episodes: Lazy, assessments: Lazy, exposure: Lazy, counts: Lazy,
    criteria: Criteria,
) -> Lazy:
    """Class of the disease for which blinatumomab was given, before any treatment to reduce it."""
    at_infusion = criteria_sets("baseline.status")[criteria["status"]]
    examined = _with_cns_status(assessments, counts)
    statuses = settled(_statuses(subjects, episodes, examined, exposure, at_infusion))
    joined = statuses.join(_last_phase(episodes, statuses), on="subject_id", how="left")
    cohort, status = nw.col("cohort"), nw.col("value")
    # a relapse of long ago does not speak where the centre names another reason
    is_silent = cohort.is_null() | (cohort == "OTHER")
    by_episode = nw.when(is_silent).then(nw.col("of_episode"))
    of_centre = nw.when(cohort.is_in(["RR", "MRD_POS"])).then(cohort)
    from_marrow = nw.when(status != "CR_MRD_UNKNOWN").then(status)
    found = nw.coalesce(of_centre, by_episode, from_marrow)
    return joined.select(
        "subject_id", found.alias("value"),
        nw.when(~of_centre.is_null()).then(nw.lit("from the centre's reason for blinatumomab"))
        .when(~by_episode.is_null()).then(nw.lit("from the last episode before blinatumomab"))
        .when(~from_marrow.is_null()).then(nw.lit("from the marrow before blinatumomab"))
        .alias("how"),
        nw.when((cohort == "CHEMO_INTOLERANT") & (from_marrow == "RR")).then(
            nw.lit(AGAINST_COHORT))
        .when(found.is_null() & (status == "CR_MRD_UNKNOWN"))
        .then(nw.lit("MRD before the first infusion is not known"))
        .when(found.is_null()).then(nw.col("note")).alias("note"),
        nw.when(~of_centre.is_null()).then(nw.col("subject_row"))
        .when(~by_episode.is_null()).then(nw.col("phase_row"))
        .otherwise(nw.col("source")).alias("source"))


def _with_cns_status(assessments: Lazy, counts: Lazy) -> Lazy:
    """Return the examinations with the main class of their CNS status, from counts where told."""
    judged = cns_status(assessments, counts, criteria_sets("cns_status.group")["cog"])
    keys = KEYS["assessment"]
    return settled(assessments.join(
        judged.select(*keys, nw.col("value").str.slice(0, 4).alias("told")),
        on=list(keys), how="left",
    ).with_columns(cns_status=nw.coalesce("told", "cns_status")))


def _statuses(
    subjects: Lazy, episodes: Lazy, assessments: Lazy, exposure: Lazy, criteria: Criteria
) -> Lazy:
    """Return ``cohort, first_infusion, value, day, note, source, subject_row`` of every subject.

    Disease outside the marrow that an episode tells, found no earlier than the marrow and no later
    than the first infusion, is disease at the infusion whatever the marrow holds.
    """
    marrow = baseline_status(assessments, exposure, criteria).rename({SOURCE: "status_row"})
    joined = settled(
        subjects.select("subject_id", "cohort", nw.col(SOURCE).alias("subject_row"))
        .join(first_infusions(exposure), on="subject_id", how="left")
        .join(marrow, on="subject_id", how="left"))
    elsewhere = _outside(episodes, joined, criteria)
    is_elsewhere = ~nw.col("outside_row").is_null()
    days = criteria["days_before_infusion"]
    return joined.join(elsewhere, on="subject_id", how="left").select(
        "subject_id", "cohort", "first_infusion", "subject_row",
        nw.when(is_elsewhere).then(nw.lit("RR")).otherwise(nw.col("status")).alias("value"),
        "day",
        nw.when(is_elsewhere & (nw.col("status") != "RR")).then(nw.lit(OUTSIDE_THE_MARROW))
        .when(is_elsewhere | ~nw.col("status").is_null()).then(nw.lit(None, dtype=nw.String))
        .when(nw.col("first_infusion").is_null()).then(nw.lit("no infusion is recorded"))
        .when(nw.col("day").is_null())
        .then(nw.lit(f"no marrow in the {days} days up to the first infusion"))
        .otherwise(nw.lit("the blasts of the marrow are not recorded")).alias("note"),
        nw.coalesce(nw.when(is_elsewhere & ~(nw.col("status") == "RR").fill_null(value=False))
                    .then(nw.col("outside_row")), "status_row", "subject_row").alias("source"))


def _outside(episodes: Lazy, marrows: Lazy, criteria: Criteria) -> Lazy:
    """Return ``subject_id, outside_row``: an episode outside the marrow not before its marrow."""
    is_outside = (nw.col("cns") == "Y") | (nw.col("testis") == "Y") | ~nw.col(
        "other_site").is_null()
    ahead = nw.col("first_infusion") - nw.col("start_day")
    found = episodes.filter(
        nw.col("phase").is_in(["RELAPSE", "REFRACTORY"]) & is_outside,
    ).join(marrows.select("subject_id", "first_infusion", "day"), on="subject_id").filter(
        (ahead >= 0) & (ahead <= criteria["days_before_infusion"])
        & (nw.col("day").is_null() | (nw.col("start_day") >= nw.col("day"))))
    return latest_episodes(found).select("subject_id", nw.col(SOURCE).alias("outside_row"))


def _last_phase(episodes: Lazy, statuses: Lazy) -> Lazy:
    """Return ``subject_id, of_episode, phase_row``: the class of the gravest episode so far.

    Any relapse or refractory state up to the first infusion makes the class, else MRD that came
    back.
    """
    so_far = episodes.join(
        statuses.select("subject_id", "first_infusion"), on="subject_id",
    ).filter(nw.col("start_day") <= nw.col("first_infusion")).with_columns(
        rank=nw.when(nw.col("phase").is_in(["RELAPSE", "REFRACTORY"])).then(1)
        .when(nw.col("phase") == "MRD_RECURRENCE").then(0)).filter(~nw.col("rank").is_null())
    gravest = so_far.filter(nw.col("rank") == nw.col("rank").max().over("subject_id"))
    return latest_episodes(gravest).select(
        "subject_id", nw.when(nw.col("rank") == 1).then(nw.lit("RR")).otherwise(nw.lit("MRD_POS"))
        .alias("of_episode"), nw.col(SOURCE).alias("phase_row"))
