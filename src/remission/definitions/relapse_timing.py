"""When the first relapse came, and the risk that follows: BFM groups, high-risk relapse."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import narwhals.stable.v2 as nw

from remission.days import DAYS_PER_MONTH
from remission.definitions.criteria import Criteria, criteria_sets
from remission.definitions.definition import definition
from remission.definitions.disease_course import (
    COURSE_NEEDS,
    EPISODE,
    NOT_THE_FIRST,
    Course,
    first_relapse,
)
from remission.definitions.disease_status import initial_diagnoses
from remission.definitions.inputs import Lazy, settled
from remission.definitions.relapse_site import SITE_NEEDS, WITH_MARROW, sited_relapses
from remission.records.column import SOURCE

TIMING_NEEDS = (
    *COURSE_NEEDS, *SITE_NEEDS, "disease_episode.diagnosis",
    "disease_episode.months_since_diagnosis_reported",
    "disease_episode.months_since_frontline_end_reported",
    "treatment_line.intent", "treatment_line.start_day",
)
UNDATED = "EARLY_OR_LATE"
"""Past the limit of very early, but the end of frontline therapy is not known."""


@definition(
    label="Timing of the first relapse", grain="disease_episode", kind="category",
    criteria="relapse.timing", needs=TIMING_NEEDS,
)
def relapse_timing(  # noqa: PLR0917 - one frame for each table it reads
    episodes: Lazy, assessments: Lazy, lines: Lazy, transplants: Lazy, subjects: Lazy,
    criteria: Criteria,
) -> Lazy:
    """How early the first relapse came after diagnosis and after frontline therapy."""
    course = Course(episodes, assessments, lines, transplants)
    first = _timed(course, subjects, criteria).select(
        *EPISODE, "timing", "near_limit",
        nw.coalesce("months_since_diagnosis", "since_diagnosis").alias("since"))
    return _relapses(episodes).join(first, on=list(EPISODE), how="left").select(
        *EPISODE,
        nw.when(nw.col("timing") != UNDATED).then(nw.col("timing")).alias("value"),
        nw.when(nw.col("near_limit").is_null()).then(nw.lit(NOT_THE_FIRST))
        .when(nw.col("timing").is_null() & nw.col("since").is_null())
        .then(nw.lit("the time from diagnosis is not known"))
        .when(nw.col("timing") == UNDATED)
        .then(nw.lit("the end of frontline therapy is not known"))
        .when(nw.col("timing").is_null()).then(nw.lit("the site of the relapse is not known"))
        .when(nw.col("near_limit") == 1)
        .then(nw.lit("within days of the limit: calendar months may decide otherwise"))
        .alias("note"),
        nw.col(SOURCE).alias("source"))


@definition(
    label="BFM strategic group", grain="disease_episode", kind="category",
    criteria="relapse.strategic_group", needs=TIMING_NEEDS,
    levels={"S1": "S1", "S2": "S2", "S3": "S3", "S4": "S4"},
)
def bfm_strategic_group(  # noqa: PLR0917 - one frame for each table it reads
    episodes: Lazy, assessments: Lazy, lines: Lazy, transplants: Lazy, subjects: Lazy,
    criteria: Criteria,
) -> Lazy:
    """Strategic group of the first relapse, by lineage, site and timing."""
    course = Course(episodes, assessments, lines, transplants)
    first = _grouped(course, subjects, criteria).select(*EPISODE, "group", "known")
    return _relapses(episodes).join(first, on=list(EPISODE), how="left").select(
        *EPISODE, nw.col("group").alias("value"),
        nw.when(nw.col("known").is_null()).then(nw.lit(NOT_THE_FIRST))
        .when(nw.col("group").is_null())
        .then(nw.lit("lineage, site or timing of the relapse is not known")).alias("note"),
        nw.col(SOURCE).alias("source"))


@definition(
    label="High-risk first relapse", grain="subject", kind="yes_no",
    criteria="relapse.high_risk", needs=TIMING_NEEDS,
)
def high_risk_first_relapse(  # noqa: PLR0917 - one frame for each table it reads
    episodes: Lazy, assessments: Lazy, lines: Lazy, transplants: Lazy, subjects: Lazy,
    criteria: Criteria,
) -> Lazy:
    """Whether the first relapse was of high risk."""
    course = Course(episodes, assessments, lines, transplants)
    by_group = criteria["by"] == "strategic group"
    if by_group:
        groups = criteria_sets("relapse.strategic_group")["bfm"]
        first = _grouped(course, subjects, groups).with_columns(risk=nw.col("group"))
    else:
        timing = criteria_sets("relapse.timing")["cog"]
        first = _timed(course, subjects, timing).with_columns(
            risk=nw.when((nw.col("lineage") == "B") | nw.col("timing").is_in(criteria["high"]))
            .then(nw.col("timing"))
            .when(nw.col("lineage") == "T").then(nw.lit(criteria["high"][0])))
    return subjects.select("subject_id", nw.col(SOURCE).alias("subject_row")).join(
        first.select("subject_id", "risk", "known", SOURCE), on="subject_id", how="left",
    ).select(
        "subject_id",
        nw.when(nw.col("risk").is_in(criteria["high"])).then(nw.lit("Y"))
        .when(~nw.col("risk").is_null()).then(nw.lit("N")).alias("value"),
        nw.when(nw.col("known").is_null()).then(nw.lit("no relapse is recorded"))
        .when(nw.col("risk").is_null())
        .then(nw.lit("lineage, site or timing of the relapse is not known")).alias("note"),
        nw.coalesce(SOURCE, "subject_row").alias("source"))


def _relapses(episodes: Lazy) -> Lazy:
    return episodes.filter(nw.col("phase") == "RELAPSE").select(*EPISODE, SOURCE)


def _grouped(course: Course, subjects: Lazy, criteria: Criteria) -> Lazy:
    """Add ``group`` to the first relapses: the strategic group, null where it cannot be told.

    Where only the end of therapy is missing, early and late must agree on the group.
    """
    timed = _timed(course, subjects, criteria_sets("relapse.timing")["bfm"])
    lineage, timing, where = nw.col("lineage"), nw.col("timing"), nw.col("where")
    group: nw.Expr = nw.lit(None, dtype=nw.String)
    for row in criteria["groups"]:
        fits = where == row["site"]
        of_time: nw.Expr = nw.lit(None, dtype=nw.String)
        for time in ("VERY_EARLY", "EARLY", "LATE"):
            of_time = nw.when(timing == time).then(nw.lit(row[time])).otherwise(of_time)
        if row["EARLY"] == row["LATE"]:
            of_time = nw.when(timing == UNDATED).then(nw.lit(row["LATE"])).otherwise(of_time)
        if row["site"] in WITH_MARROW:
            t_group = criteria["t_lineage_with_marrow"]
            agrees = (lineage == "B") | (lineage.is_null() & (of_time == t_group))
            of_time = nw.when(lineage == "T").then(nw.lit(t_group)).when(agrees).then(of_time)
        group = nw.when(fits).then(of_time).otherwise(group)
    return timed.with_columns(group=group)


def _timed(course: Course, subjects: Lazy, criteria: Criteria) -> Lazy:
    """Return the first relapses with ``lineage``, ``where`` and ``timing``.

    ``where`` is the site, all sites without marrow being one; ``near_limit`` 1 where calendar
    months may decide otherwise; ``known`` is always 1.
    """
    by_site = criteria_sets("relapse.site")["bfm"]
    sites = sited_relapses(course.episodes, course.assessments, subjects, by_site).select(
        *EPISODE, nw.when(nw.col("value").is_in(WITH_MARROW)).then(nw.col("value"))
        .when(~nw.col("value").is_null()).then(nw.lit("EXTRAMEDULLARY")).alias("where"))
    dated = settled(_with_times(course).join(sites, on=list(EPISODE), how="left"))
    timing, near = (_bfm if "from_end_of_therapy" in criteria.values else _cog)(criteria)
    return settled(dated.with_columns(
        timing=timing, near_limit=nw.when(near.fill_null(value=False)).then(1).otherwise(0),
        known=nw.lit(1)))


def _bfm(criteria: Criteria) -> tuple[nw.Expr, nw.Expr]:
    """Return the timing from diagnosis and end of therapy, and whether it is near a limit."""
    of_diagnosis = _against("diagnosis", criteria["from_diagnosis"])
    of_therapy = _against("therapy", criteria["from_end_of_therapy"])
    timing = (
        nw.when(of_diagnosis.below).then(nw.lit("VERY_EARLY"))
        .when(of_diagnosis.below.is_null()).then(nw.lit(None, dtype=nw.String))
        .when(of_therapy.below).then(nw.lit("EARLY"))
        .when(~of_therapy.below).then(nw.lit("LATE")).otherwise(nw.lit(UNDATED)))
    near_therapy = of_therapy.near & ~of_diagnosis.below
    return timing, of_diagnosis.near | near_therapy


def _cog(criteria: Criteria) -> tuple[nw.Expr, nw.Expr]:
    """Return the timing from diagnosis by site, and whether it is near a limit."""
    marrow = _against("diagnosis", criteria["marrow"])
    elsewhere = _against("diagnosis", criteria["extramedullary"])
    is_elsewhere = nw.col("where") == "EXTRAMEDULLARY"
    in_marrow = nw.col("where").is_in(WITH_MARROW)
    early = (elsewhere.below & marrow.below) | (is_elsewhere & elsewhere.below) | (
        in_marrow & marrow.below)
    late = (~elsewhere.below & ~marrow.below) | (is_elsewhere & ~elsewhere.below) | (
        in_marrow & ~marrow.below)
    timing = nw.when(early).then(nw.lit("EARLY")).when(late).then(nw.lit("LATE"))
    return timing, (is_elsewhere & elsewhere.near) | (in_marrow & marrow.near)


class _Against(NamedTuple):
    """A time against a limit: whether below it, and whether days alone cannot tell."""

    below: nw.Expr
    near: nw.Expr


def _against(since: str, limit: Mapping[str, Any]) -> _Against:
    """Return a time since diagnosis or therapy against a limit in calendar months."""
    months, days = nw.col(f"months_since_{since}"), nw.col(f"since_{since}")
    told = ~months.is_null()
    reached = math.floor(limit["months"] * DAYS_PER_MONTH)
    return _Against(
        below=nw.when(told).then(months < limit["months"] * (1 - 1e-9)).when(
            ~days.is_null()).then(days < reached),
        near=~told & (days >= limit["shortest"]) & (days < limit["longest"]))


def _with_times(course: Course) -> Lazy:
    """Return the first relapses with the times since diagnosis and end of frontline therapy."""
    reported = course.episodes.select(
        *EPISODE, nw.col("months_since_diagnosis_reported").alias("months_since_diagnosis"),
        nw.col("months_since_frontline_end_reported").alias("months_since_therapy"))
    lineage = nw.col("diagnosis")
    diagnoses = initial_diagnoses(course.episodes).select(
        "subject_id", nw.col("start_day").alias("diagnosed"),
        nw.when(lineage == "B_ALL").then(nw.lit("B")).when(lineage == "T_ALL").then(nw.lit("T"))
        .alias("lineage"))
    first = settled(first_relapse(course).select(*EPISODE, "start_day", SOURCE))
    since = nw.col("start_day") - nw.col("diagnosed")
    return (
        first.join(reported, on=list(EPISODE), how="left")
        .join(diagnoses, on="subject_id", how="left")
        .join(_ends_of_frontline(course.lines, first), on="subject_id", how="left")
        .with_columns(
            since_diagnosis=nw.when(since > 0).then(since),
            since_therapy=nw.col("start_day") - nw.col("ended"))
    )


def _ends_of_frontline(lines: Lazy, first: Lazy) -> Lazy:
    """Return ``subject_id, ended``: the last day of frontline therapy and its maintenance.

    Maintenance that began before the relapse belongs to it. One line without its last day leaves
    the end unknown.
    """
    of_child = lines.join(first.select("subject_id", "start_day").rename(
        {"start_day": "relapsed"}), on="subject_id")
    is_frontline = nw.col("intent") == "FRONTLINE"
    continues = (nw.col("intent") == "MAINTENANCE") & (nw.col("start_day") < nw.col("relapsed"))
    ends = of_child.filter(is_frontline | continues).with_columns(
        open=nw.when(nw.col("end_day").is_null()).then(1).otherwise(0),
        frontline=nw.when(is_frontline).then(1).otherwise(0),
    ).group_by("subject_id").agg(
        nw.col("end_day").max().alias("last"), nw.col("open", "frontline").max())
    return ends.filter((nw.col("open") == 0) & (nw.col("frontline") == 1)).select(
        "subject_id", nw.col("last").alias("ended"))
