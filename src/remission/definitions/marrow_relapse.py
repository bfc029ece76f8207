"""Relapse in the marrow by the consensus of Ponte di Legno: MRD, other tests, a repeat marrow."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, criteria_sets
from remission.definitions.definition import definition
from remission.definitions.disease_course import (
    COURSE_NEEDS,
    EPISODE,
    PERSISTENT,
    Course,
    counted_relapses,
    marrow_share,
)
from remission.definitions.inputs import Lazy, settled
from remission.records.column import SOURCE

_UNNAMED = "UNNAMED"
NO_MARROW = "no marrow with MRD around the day of the relapse"
MARROW_NEEDS = (*COURSE_NEEDS, "assessment.mrd_method")


@definition(
    label="Marrow relapse by consensus", grain="disease_episode", kind="category",
    criteria="relapse.marrow", needs=MARROW_NEEDS,
    levels={
        "RELAPSE": "relapse", "PENDING_SECOND_MARROW": "a second marrow is needed",
        "NOT_CONFIRMED": "not confirmed by the second marrow",
        "MRD_RECURRENCE": "MRD recurrence", "PERSISTENT": "persistent disease, no relapse",
    },
)
def marrow_relapse(
    episodes: Lazy, assessments: Lazy, lines: Lazy, transplants: Lazy, criteria: Criteria
) -> Lazy:
    """What MRD, the other tests of that marrow and a repeat marrow say of a relapse."""
    return judged_marrows(Course(episodes, assessments, lines, transplants), criteria)


def judged_marrows(course: Course, criteria: Criteria) -> Lazy:
    """Return ``subject_id, episode_no, value, day, note, source`` of each relapse or recurrence."""
    episodes = course.episodes.filter(nw.col("phase").is_in(["RELAPSE", "MRD_RECURRENCE"])).select(
        *EPISODE, "start_day", nw.col(SOURCE).alias("episode_row"))
    marrows = settled(_marrows(course, episodes))
    first = settled(_first_marrows(marrows, criteria))
    repeat = _repeat_tests(marrows, first, criteria)
    remission = counted_relapses(course, criteria_sets("relapse.number")["recorded"]).select(
        *EPISODE, "remission")
    joined = episodes
    for part in (remission, first, repeat):
        joined = joined.join(part, on=list(EPISODE), how="left")
    return joined.select(
        *EPISODE, _verdict(criteria).alias("value"), nw.col("first_day").alias("day"),
        nw.when(nw.col("share").is_null()).then(nw.lit(NO_MARROW)).alias("note"),
        nw.coalesce("share_row", "episode_row").alias("source"))


def _verdict(criteria: Criteria) -> nw.Expr:
    """Return the row of the consensus table that a marrow falls in."""
    share, others = nw.col("share"), nw.col("other_tests")
    at_least = {key: criteria.threshold(key).met_by(share)
                for key in ("certain", "one_other_test", "two_other_tests")}
    is_relapse = at_least["certain"] | (at_least["one_other_test"] & (others >= 1)) | (
        at_least["two_other_tests"] & (others >= 2))
    repeated = nw.col("repeat_tests")
    return (
        nw.when(nw.col("remission") == PERSISTENT).then(nw.lit("PERSISTENT"))
        .when(share.is_null()).then(nw.lit(None, dtype=nw.String))
        .when(~at_least["two_other_tests"]).then(nw.lit("MRD_RECURRENCE"))
        .when(is_relapse | (repeated >= 2)).then(nw.lit("RELAPSE"))
        .when(repeated.is_null()).then(nw.lit("PENDING_SECOND_MARROW"))
        .otherwise(nw.lit("NOT_CONFIRMED")))


def _marrows(course: Course, episodes: Lazy) -> Lazy:
    """Return the marrows of the subjects with an episode: days after it, share, method, blasts."""
    share = marrow_share()
    # "below 5 %" says nothing on this side of 1 %
    is_vague = ((nw.col("mrd_sign") == "<") & (nw.col("mrd_percent") >= 1)).fill_null(value=False)
    return course.assessments.filter(
        (nw.col("specimen") == "BM") & ~nw.col("day").is_null(),
    ).join(episodes.select(*EPISODE, "start_day"), on="subject_id").select(
        *EPISODE, "day", "assessment_no", nw.col(SOURCE).alias("share_row"),
        (nw.col("day") - nw.col("start_day")).alias("after"),
        nw.when(~is_vague).then(share).alias("share"),
        nw.coalesce("mrd_method", nw.lit(_UNNAMED)).alias("method"), "blast_percent")


def _first_marrows(marrows: Lazy, criteria: Criteria) -> Lazy:
    """Return, for each episode, its first marrow with MRD and its other positive tests."""
    around = criteria["days_around"]
    near = marrows.filter(~nw.col("share").is_null() & (nw.col("after") >= -around)
                          & (nw.col("after") <= around))
    day = near.group_by(*EPISODE).agg(nw.col("day").min().alias("first_day"))
    of_day = settled(marrows.join(day, on=list(EPISODE)).filter(
        nw.col("day") == nw.col("first_day")))
    highest = of_day.filter(nw.col("share") == nw.col("share").max().over(*EPISODE))
    deciding = highest.filter(
        nw.col("assessment_no") == nw.col("assessment_no").min().over(*EPISODE)).select(
        *EPISODE, "first_day", "share", nw.col("method").alias("by"), "share_row")
    others = _positive_tests(of_day, criteria).join(
        deciding.select(*EPISODE, "by"), on=list(EPISODE)).filter(nw.col("test") != nw.col("by"))
    return deciding.join(
        others.group_by(*EPISODE).agg(nw.len().alias("other_tests")),
        on=list(EPISODE), how="left",
    ).with_columns(nw.col("other_tests").fill_null(0))


def _repeat_tests(marrows: Lazy, first: Lazy, criteria: Criteria) -> Lazy:
    """Return how many tests were positive in the repeat marrow, where there is one."""
    later = marrows.join(first.select(*EPISODE, "first_day"), on=list(EPISODE)).with_columns(
        after=nw.col("day") - nw.col("first_day")).filter(
        (nw.col("after") > 0) & (nw.col("after") <= criteria["days_to_repeat"])
        & (~nw.col("share").is_null() | ~nw.col("blast_percent").is_null()))
    of_day = settled(later.filter(nw.col("day") == nw.col("day").min().over(*EPISODE)))
    counts = _positive_tests(of_day, criteria).group_by(*EPISODE).agg(
        nw.len().alias("repeat_tests"))
    return of_day.select(*EPISODE).unique().join(
        counts, on=list(EPISODE), how="left").with_columns(nw.col("repeat_tests").fill_null(0))


def _positive_tests(marrows: Lazy, criteria: Criteria) -> Lazy:
    """Return each positive test once: the MRD methods, and morphology."""
    by_mrd = marrows.filter(criteria.threshold("positive_test").met_by(nw.col("share"))).select(
        *EPISODE, nw.col("method").alias("test"))
    by_eye = marrows.filter(criteria.threshold("blasts").met_by(nw.col("blast_percent"))).select(
        *EPISODE, nw.lit("MORPHOLOGY").alias("test"))
    return nw.concat([by_mrd, by_eye]).unique()
