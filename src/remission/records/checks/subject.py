"""Rules about who the children are: identifiers, ages and performance scores."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from math import ceil, floor

import narwhals.stable.v2 as nw

from remission.days import DAYS_PER_YEAR
from remission.records.checks.rule import ROW, At, Finding, each, known, rows_of, rule, taken
from remission.records.study import Study

_STEP = 10
_YEARS_OFF = 1.0
"""Ages are given in completed years or to the nearest; both differ by less than one."""
_SCALES = {"LANSKY": (1, 16), "KARNOFSKY": (16, None), "NA": (0, 1)}
"""From this many years of age on, to less than."""


@rule(
    what="{subjects} differ only in how they are written.",
    why="One child under two identifiers is counted twice, with half of its records each.",
    cure="Write the identifier in one way in all files, or confirm that these are two children.",
)
def identifiers_alike(study: Study) -> Iterator[Finding]:
    """Find identifiers that differ only in capitals or in how a letter is stored."""
    spelled: dict[str, list[tuple[str, int]]] = {}
    for subject, row in rows_of(study, "subject").select("subject_id", ROW).iter_rows():
        plain = unicodedata.normalize("NFKC", subject).casefold()
        spelled.setdefault(plain, []).append((subject, row))
    for alike in spelled.values():
        if len(alike) > 1:
            yield Finding(
                alike[0][0], tuple(At("subject", row, ("subject_id",)) for _, row in alike),
                {"subjects": tuple(subject for subject, _ in alike)})


@rule(
    what="[subject.age_at_index_years_reported] is {years}, but [subject.age_at_index_days] "
         "{days} is {in_years} years.",
    why="The age decides doses, scales and groups; the two ages cannot both be right.",
    cure="Correct the age, the date of birth or the day 0.",
    source="data model: ages at events agree with days",
)
def ages_disagree(study: Study) -> Iterator[Finding]:
    """Find children whose age in years differs from their age in days by a year or more."""
    in_years = nw.col("age_at_index_days") / DAYS_PER_YEAR
    both = rows_of(study, "subject").with_columns(
        years=nw.col("age_at_index_years_reported"), days=nw.col("age_at_index_days"),
        in_years=in_years.round(1))
    off = both.filter((in_years - nw.col("years")).abs() >= _YEARS_OFF)
    yield from each(off, "subject", "age_at_index_years_reported", "age_at_index_days",
                    values=("years", "days", "in_years"))


@rule(
    what="[subject.performance_score] is {performance_score}.",
    why="Lansky and Karnofsky scores have steps of 10; another number is not a score.",
    cure="Correct [subject.performance_score].",
    source="Lansky 1987, Cancer 60:1651; CIBMTR forms manual, appendix L",
)
def performance_score_between_steps(study: Study) -> Iterator[Finding]:
    """Find performance scores that are not a step of the scale."""
    yield from each(rows_of(study, "subject").filter(nw.col("performance_score") % _STEP != 0),
                    "subject", "performance_score")


@rule(
    what="The scale of the performance score is {performance_scale}, but the child is {years} "
         "years old.",
    why="Each scale is made for an age; the score or the age is another.",
    cure="Correct [subject.performance_scale] or the age.",
    source="CIBMTR forms manual: Lansky from 1 to under 16 years, Karnofsky from 16 years",
)
def scale_against_age(study: Study) -> Iterator[Finding]:
    """Find performance scales that are not made for the age of the child.

    A birthday falls on either of two days of age, which depends on 29 February.
    """
    aged = rows_of(study, "subject").filter(known("age_at_index_days", "performance_scale"))
    for row in aged.iter_rows(named=True):
        days = row["age_at_index_days"]
        least, below = _SCALES[row["performance_scale"]]
        too_young = days < floor(least * DAYS_PER_YEAR)
        if too_young or (below is not None and days >= ceil(below * DAYS_PER_YEAR)):
            yield Finding(
                row["subject_id"],
                (At("subject", row[ROW], ("performance_scale", "age_at_index_days")),),
                {**taken(row, "subject", "performance_scale"),
                 "years": round(days / DAYS_PER_YEAR, 1)})
