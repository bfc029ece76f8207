"""The course of the disease: episodes in order, remissions between them, relapses counted."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, criteria_sets
from remission.definitions.definition import KEYS, definition
from remission.definitions.inputs import Lazy, settled, stacked
from remission.records.column import SOURCE

EPISODE = KEYS["disease_episode"]
IN_ORDER = ("place", "episode_no")
COURSE_NEEDS = (
    "disease_episode.phase", "disease_episode.start_day",
    "assessment.day", "assessment.specimen", "assessment.blast_percent",
    "assessment.mrd_percent", "assessment.mrd_sign",
    "treatment_line.end_day", "treatment_line.blast_percent_after",
    "transplant.day", "transplant.status_at_transplant",
)
REMITTED, PERSISTENT = 1, 0
NOT_THE_FIRST = "not the first relapse after a remission"
NO_REMISSION = "everything examined since the episode before shows disease: not a relapse"
UNDOCUMENTED = "no record shows a remission since the episode before"


@dataclass(frozen=True)
class Course:
    """What tells the course of the disease: episodes, examinations, lines and transplants."""

    episodes: Lazy
    assessments: Lazy
    lines: Lazy
    transplants: Lazy


def in_order(episodes: Lazy) -> Lazy:
    """Add ``place``: with ``episode_no`` the order of a subject's episodes.

    That of the days where every episode has one, else that of the numbers.
    """
    without_day = nw.when(nw.col("start_day").is_null()).then(1).otherwise(0)
    return episodes.with_columns(without_day=without_day).with_columns(
        gaps=nw.col("without_day").max().over("subject_id"),
    ).with_columns(
        place=nw.when(nw.col("gaps") == 0).then(nw.col("start_day")).otherwise(0),
    ).drop("without_day", "gaps")


def latest_episodes(episodes: Lazy) -> Lazy:
    """Return the last dated episode of each subject: of one day, that of the highest number."""
    last = episodes.filter(nw.col("start_day") == nw.col("start_day").max().over("subject_id"))
    return last.filter(nw.col("episode_no") == nw.col("episode_no").max().over("subject_id"))


def marrow_share() -> nw.Expr:
    """Return MRD in percent as far as a row tells it: what is not detected is none.

    A value below a limit is that limit, which it does not exceed.
    """
    sign = nw.col("mrd_sign")
    return nw.when(sign == "ND").then(nw.lit(0.0)).when(
        sign.is_null() | sign.is_in(["=", "<"])).then(nw.col("mrd_percent"))


def marrow_clear(criteria: Criteria) -> nw.Expr:
    """Return 1 for a row of a marrow in remission, 0 for one with disease, null if untold.

    MRD decides where there is any, else morphology.
    """
    has_blasts = criteria.threshold("blasts").met_by(nw.col("blast_percent"))
    by_morphology = nw.when(has_blasts).then(nw.lit(PERSISTENT)).when(
        ~nw.col("blast_percent").is_null()).then(nw.lit(REMITTED))
    return nw.coalesce(mrd_clear(criteria), by_morphology)


def mrd_clear(criteria: Criteria) -> nw.Expr:
    """Return 1 for MRD of a remission, 0 for MRD of disease, null if untold.

    "Below a limit" that is itself disease tells nothing.
    """
    share = marrow_share()
    has_mrd = criteria.threshold("mrd").met_by(share)
    told = ~share.is_null() & ~((nw.col("mrd_sign") == "<") & has_mrd).fill_null(value=False)
    return nw.when(told & has_mrd).then(nw.lit(PERSISTENT)).when(told).then(nw.lit(REMITTED))


def counted_relapses(course: Course, criteria: Criteria) -> Lazy:
    """Return each recorded relapse with the remission before it and its number.

    ``subject_id, episode_no, start_day, remission`` (1 documented, 0 persistent disease, null
    nothing examined), ``number`` (null where it is none or cannot be told), ``note``, ``_source``.
    """
    relapses = settled(_with_remission(course, criteria))
    is_undocumented = nw.col("remission").is_null()
    counts = nw.col("remission") == REMITTED
    if criteria["undocumented"] == "counts":
        counts = is_undocumented | counts
    undecided = is_undocumented & (criteria["undocumented"] == "undecided")
    over = {"order_by": IN_ORDER}
    numbered = relapses.with_columns(
        counts=nw.when(counts).then(1).otherwise(0),
        undecided=nw.when(undecided).then(1).otherwise(0),
    ).with_columns(
        number=nw.col("counts").cum_sum().over("subject_id", **over),
        unsure=nw.col("undecided").cum_sum().over("subject_id", **over))
    return settled(settled(numbered).select(
        *EPISODE, "start_day", "remission",
        nw.when((nw.col("counts") == 1) & (nw.col("unsure") == 0)).then(nw.col("number"))
        .alias("number"),
        nw.when(nw.col("remission") == PERSISTENT).then(nw.lit(NO_REMISSION))
        .when(nw.col("undecided") == 1).then(nw.lit(UNDOCUMENTED))
        .when(nw.col("unsure") > 0)
        .then(nw.lit("an earlier relapse is not known to have followed a remission"))
        .alias("note"),
        SOURCE))


def first_relapse(course: Course) -> Lazy:
    """Return the first relapse of each subject that has one, as the centre recorded it."""
    recorded = criteria_sets("relapse.number")["recorded"]
    return counted_relapses(course, recorded).filter(nw.col("number") == 1)


def _with_remission(course: Course, criteria: Criteria) -> Lazy:
    """Return the recorded relapses with what was read since the episode of disease before."""
    disease = in_order(course.episodes.select(*EPISODE, "phase", "start_day", SOURCE)).filter(
        nw.col("phase").is_in(["INITIAL_DIAGNOSIS", "RELAPSE", "REFRACTORY"]))
    relapses = disease.with_columns(
        before=nw.col("start_day").shift(1).over("subject_id", order_by=IN_ORDER),
    ).filter(nw.col("phase") == "RELAPSE")
    between = relapses.select(*EPISODE, "before", "start_day").join(
        _readings(course, criteria), on="subject_id").filter(
        (nw.col("day") > nw.col("before")) & (nw.col("day") < nw.col("start_day")))
    # what shows disease just before the recorded day is the relapse itself
    is_its_own = nw.col("start_day") - nw.col("day") <= criteria["days_of_its_own"]
    between = between.filter((nw.col("clear") == REMITTED) | ~is_its_own)
    found = between.group_by(*EPISODE).agg(nw.col("clear").max().alias("remission"))
    return relapses.join(found, on=list(EPISODE), how="left")


def _readings(course: Course, criteria: Criteria) -> Lazy:
    """Return every record of a marrow in remission (``clear`` 1) or not (0), with its day."""
    marrows = course.assessments.filter(nw.col("specimen") == "BM").select(
        "subject_id", "day", marrow_clear(criteria).alias("clear"))
    after = nw.col("blast_percent_after")
    has_blasts = criteria.threshold("blasts").met_by(after)
    lines = course.lines.filter(~after.is_null()).select(
        "subject_id", nw.col("end_day").alias("day"),
        nw.when(has_blasts).then(nw.lit(PERSISTENT)).otherwise(nw.lit(REMITTED)).alias("clear"))
    status = nw.col("status_at_transplant")
    grafts = course.transplants.filter(~status.is_null()).select(
        "subject_id", "day",
        nw.when(status == "ACTIVE").then(nw.lit(PERSISTENT)).otherwise(nw.lit(REMITTED))
        .alias("clear"))
    return stacked([marrows, lines, grafts]).filter(~nw.col("clear").is_null())


@definition(
    label="Number of the relapse", grain="disease_episode", kind="number",
    criteria="relapse.number", needs=COURSE_NEEDS,
)
def relapse_number(
    episodes: Lazy, assessments: Lazy, lines: Lazy, transplants: Lazy, criteria: Criteria
) -> Lazy:
    """How many times the disease came back after remission, this relapse included."""
    course = Course(episodes, assessments, lines, transplants)
    return counted_relapses(course, criteria).select(
        *EPISODE, nw.col("number").alias("value"), "note", nw.col(SOURCE).alias("source"))


@definition(
    label="Relapse after a transplant", grain="disease_episode", kind="yes_no",
    day_label="Days from the last transplant to the relapse",
    needs=("disease_episode.phase", "disease_episode.start_day", "transplant.day"),
    reference="Any graft before the relapse, also of an earlier line; on the day of the graft the "
              "relapse is the state it was given in (Buchmann 2022, Blood 139:1785, counts "
              "relapses after transplant apart).", evidence="D",
)
def post_transplant_relapse(episodes: Lazy, transplants: Lazy) -> Lazy:
    """A relapse after the day of any transplant; its day counts from the last one before it."""
    relapses = episodes.filter(nw.col("phase") == "RELAPSE").select(
        *EPISODE, "start_day", SOURCE)
    pairs = relapses.select(*EPISODE, "start_day").join(
        transplants.select("subject_id", nw.col("day").alias("graft_day")), on="subject_id")
    after = nw.col("start_day") - nw.col("graft_day")
    seen = pairs.with_columns(
        since=nw.when(after > 0).then(after),
        unplaced=nw.when(after.is_null()).then(1).otherwise(0),
    ).group_by(*EPISODE).agg(nw.col("since").min(), nw.col("unplaced").max())
    is_after, is_unplaced = ~nw.col("since").is_null(), nw.col("unplaced") == 1
    return relapses.join(seen, on=list(EPISODE), how="left").select(
        *EPISODE,
        nw.when(is_after).then(nw.lit("Y"))
        .when(is_unplaced).then(nw.lit(None, dtype=nw.String)).otherwise(nw.lit("N"))
        .alias("value"),
        nw.col("since").alias("day"),
        nw.when(~is_after & is_unplaced)
        .then(nw.lit("the day of the relapse or of a transplant is not known")).alias("note"),
        nw.col(SOURCE).alias("source"))
