"""The index graft, and whether a child was transplanted."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.definition import KEYS, definition
from remission.definitions.inputs import Lazy, in_common, settled
from remission.records.column import SOURCE
from remission.records.once import once


def index_grafts(transplants: Lazy) -> Lazy:
    """Return the first graft on or after day 0 of each subject that has one.

    ``transplants`` holds ``subject_id, transplant_no, day, _source``; back come ``subject_id,
    transplant_no, graft_day, next_graft, graft_row`` (days). A graft before day 0 belongs to an
    earlier line of treatment. A graft without a day counts only where none has one.
    """
    return _index_grafts(in_common(transplants, *KEYS["transplant"], "day", SOURCE))


@once
def _index_grafts(transplants: Lazy) -> Lazy:
    candidates = with_next_graft(transplants).filter(
        nw.col("day").is_null() | (nw.col("day") >= 0))
    earliest = nw.col("day").min().over("subject_id")
    first = candidates.with_columns(earliest=earliest).filter(
        nw.col("earliest").is_null() | (nw.col("day") == nw.col("earliest")))
    return settled(first.filter(
        nw.col("transplant_no") == nw.col("transplant_no").min().over("subject_id"),
    ).select("subject_id", "transplant_no", nw.col("day").alias("graft_day"), "next_graft",
             nw.col(SOURCE).alias("graft_row")))


def with_next_graft(transplants: Lazy) -> Lazy:
    """Add ``next_graft``, the day of the subject's next graft by day; null when there is none.

    Most have one: only the grafts of those with several are compared with each other.
    """
    own = transplants.select("subject_id", "day").filter(nw.len().over("subject_id") > 1)
    later = own.join(
        own.rename({"day": "next_graft"}), on="subject_id",
    ).filter(nw.col("next_graft") > nw.col("day")).group_by("subject_id", "day").agg(
        nw.col("next_graft").min())
    return transplants.join(later, on=["subject_id", "day"], how="left")


def in_time_of_graft(rows: Lazy, grafts: Lazy) -> Lazy:
    """Return the rows that follow a graft, with ``after``: days from it, from 1 on.

    ``rows`` holds ``subject_id, day``; ``grafts`` holds ``subject_id, transplant_no, graft,
    next_graft`` (days). A row on the day of a graft or before it is left out, and so is one from
    the day of the next graft on.
    """
    return rows.join(
        grafts.select("subject_id", "transplant_no", "graft", "next_graft"), on="subject_id",
    ).with_columns(after=nw.col("day") - nw.col("graft")).filter(
        (nw.col("after") > 0)
        & (nw.col("next_graft").is_null() | (nw.col("day") < nw.col("next_graft"))))


@definition(
    label="Transplanted", grain="subject", kind="yes_no", day_label="Day of transplant",
    needs=("subject.subject_id", "transplant.day"),
    reference="A row in the transplant table: transplants are always recorded as such; one before "
              "day 0 belongs to an earlier line.", evidence="D",
)
def transplanted(subjects: Lazy, transplants: Lazy) -> Lazy:
    """A transplant on or after day 0; its day is that of the first."""
    return (
        subjects.select("subject_id", nw.col(SOURCE).alias("subject_row"))
        .join(index_grafts(transplants), on="subject_id", how="left")
        .select(
            "subject_id",
            nw.when(~nw.col("graft_row").is_null()).then(nw.lit("Y")).otherwise(nw.lit("N"))
            .alias("value"),
            nw.col("graft_day").alias("day"),
            nw.coalesce("graft_row", "subject_row").alias("source"),
        )
    )
