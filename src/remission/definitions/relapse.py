"""Relapse as the centre recorded it: after the anchor, and after the transplant."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.absence import NOT_ASKED, with_none_known
from remission.definitions.definition import definition
from remission.definitions.inputs import Lazy, settled
from remission.definitions.sequences import different
from remission.definitions.transplant import index_grafts
from remission.plan import Plan
from remission.records.column import SOURCE

_REFERENCE = (
    "As recorded by the centre (disease_episode, phase RELAPSE); the marrow behind it is not "
    "judged here (consensus on it: Buchmann 2022, Blood 139:1785, doi "
    "10.1182/blood.2021012328). On the day of the origin itself a relapse is the state at the "
    "start, not an event.")
NO_DAY_OF_RELAPSE = "relapse known without its day"


def first_relapses(relapses: Lazy) -> Lazy:
    """Return the first relapse of each subject that has any: ``time, row, undated``.

    ``relapses`` holds ``subject_id, episode_no, time, _source``; time is days after an origin and
    null where it is not known. ``undated`` tells that a relapse without its day may have come
    first: an episode with a higher number than a dated one came after it.
    """
    dated = relapses.filter(~nw.col("time").is_null())
    earliest = dated.filter(nw.col("time") == nw.col("time").min().over("subject_id"))
    first = _first_episode(earliest).select(
        "subject_id", "time", nw.col("episode_no").alias("dated_no"),
        nw.col(SOURCE).alias("dated_row"))
    undated = _first_episode(relapses.filter(nw.col("time").is_null())).select(
        "subject_id", nw.col("episode_no").alias("undated_no"),
        nw.col(SOURCE).alias("undated_row"))
    comes_later = (nw.col("undated_no") > nw.col("dated_no")).fill_null(value=False)
    return (
        different(relapses.select("subject_id"))
        .join(first, on="subject_id", how="left")
        .join(undated, on="subject_id", how="left")
        .with_columns(undated=~nw.col("undated_no").is_null() & ~comes_later)
        .select("subject_id", "time", nw.coalesce("dated_row", "undated_row").alias("row"),
                "undated")
    )


def relapses_after(episodes: Lazy) -> Lazy:
    """Return the relapses after day 0 with ``time``, their day; without a day they count too."""
    return episodes.filter(
        (nw.col("phase") == "RELAPSE")
        & ((nw.col("start_day") > 0) | nw.col("start_day").is_null())
    ).with_columns(time=nw.col("start_day"))


def _first_episode(rows: Lazy) -> Lazy:
    return rows.filter(nw.col("episode_no") == nw.col("episode_no").min().over("subject_id"))


@definition(
    label="Relapse", grain="subject", kind="yes_no", day_label="Day of relapse",
    needs=("subject.subject_id", "disease_episode.phase", "disease_episode.start_day",
           "form_status.status"),
    reference=f"{_REFERENCE} A relapse without its day is taken as after day 0.", evidence="D",
    wants_plan=True,
)
def relapse(subjects: Lazy, episodes: Lazy, forms: Lazy, plan: Plan) -> Lazy:
    """A relapse after day 0, as recorded by the centre; its day is that of the first."""
    after = relapses_after(episodes)
    asked = with_none_known(
        subjects.select("subject_id", nw.col(SOURCE).alias("subject_row")), forms, "RELAPSE", plan)
    return asked.join(first_relapses(after), on="subject_id", how="left").select(
        "subject_id",
        nw.when(~nw.col("row").is_null()).then(nw.lit("Y"))
        .when(nw.col("none_known")).then(nw.lit("N")).alias("value"),
        nw.when(~nw.col("undated")).then(nw.col("time")).alias("day"),
        nw.when(nw.col("undated")).then(nw.lit(NO_DAY_OF_RELAPSE))
        .when(nw.col("row").is_null() & ~nw.col("none_known")).then(nw.lit(NOT_ASKED))
        .alias("note"),
        nw.coalesce("row", "subject_row").alias("source"),
    )


@definition(
    label="Relapse after transplant", grain="subject", kind="yes_no",
    day_label="Days from transplant to relapse",
    needs=("transplant.day", "disease_episode.phase", "disease_episode.start_day",
           "form_status.status"),
    reference=_REFERENCE, evidence="D", wants_plan=True,
)
def relapse_after_transplant(
    transplants: Lazy, episodes: Lazy, forms: Lazy, plan: Plan
) -> Lazy:
    """A relapse after the day of the transplant; its day counts from it."""
    grafts = settled(with_none_known(index_grafts(transplants), forms, "RELAPSE", plan))
    placed = episodes.filter(nw.col("phase") == "RELAPSE").join(
        grafts.select("subject_id", "graft_day"), on="subject_id",
    ).with_columns(time=nw.col("start_day") - nw.col("graft_day")).filter(
        (nw.col("time") > 0) | nw.col("start_day").is_null()
        | (nw.col("graft_day").is_null() & (nw.col("start_day") > 0)))
    is_after = ~nw.col("time").is_null()
    return grafts.join(first_relapses(placed), on="subject_id", how="left").select(
        "subject_id",
        nw.when(is_after).then(nw.lit("Y"))
        .when(nw.col("row").is_null() & nw.col("none_known")).then(nw.lit("N")).alias("value"),
        nw.when(~nw.col("undated")).then(nw.col("time")).alias("day"),
        nw.when(~is_after & nw.col("undated"))
        .then(nw.lit("a relapse cannot be placed before or after the transplant: its day, or the "
                     "day of the transplant, is not known"))
        .when(nw.col("undated")).then(nw.lit(NO_DAY_OF_RELAPSE))
        .when(nw.col("row").is_null() & ~nw.col("none_known")).then(nw.lit(NOT_ASKED))
        .alias("note"),
        nw.coalesce("row", "graft_row").alias("source"),
    )
