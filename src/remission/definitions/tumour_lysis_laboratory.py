"""Laboratory tumour lysis: four tests around the start of treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.age import age_in_days, days_of_birthday
from remission.definitions.baseline_samples import baseline_samples, with_baseline
from remission.definitions.criteria import Criteria, Threshold, threshold_of
from remission.definitions.cycles import CYCLE
from remission.definitions.inputs import Lazy, settled
from remission.definitions.sequences import different
from remission.definitions.toxicity_window import NO_FIRST_INFUSION, toxicity_windows
from remission.records.column import SOURCE

TESTS = ("URATE", "POTASSIUM", "PHOSPHATE", "CALCIUM")
NOT_ALL = "not all of urate, potassium, phosphate and calcium can be judged"

Keys = tuple[str, ...]


@dataclass(frozen=True)
class Around:
    """Samples and seizures of the days around the starts of treatment.

    ``starts`` has one row for each of the ``keys`` (a subject, or its cycles): ``began`` (day),
    ``fault`` (why nothing can be said, or null) and ``_source``. ``samples`` know their baseline.
    """

    keys: Keys
    starts: Lazy
    samples: Lazy
    seizures: Lazy
    criteria: Criteria


def around_first_infusion(given: Sequence[Any]) -> Around:
    """Return what a rule was given, around the first infusion of each subject."""
    subjects, *course, laboratory, signs, criteria, plan = given
    firsts = different(toxicity_windows(course, plan).select(
        "subject_id", nw.col("first_infusion").alias("began")))
    starts = subjects.join(firsts, on="subject_id", how="left").with_columns(
        fault=nw.when(nw.col("began").is_null()).then(nw.lit(NO_FIRST_INFUSION)))
    return _around(("subject_id",), starts, laboratory, signs, criteria)


def around_cycles(given: Sequence[Any]) -> Around:
    """Return what a rule was given, around the first day of each cycle."""
    subjects, *course, laboratory, signs, criteria, plan = given
    cycles = toxicity_windows(course, plan).select(
        *CYCLE, "fault", SOURCE, nw.col("cycle_start").alias("began"))
    starts = cycles.join(subjects.drop(SOURCE), on="subject_id", how="left")
    return _around(CYCLE, starts, laboratory, signs, criteria)


def _around(
    keys: Keys, starts: Lazy, laboratory: Lazy, signs: Lazy, criteria: Criteria
) -> Around:
    """Return the rows near each start; the baseline is the last value up to that very start."""
    aged = settled(starts.with_columns(age=age_in_days() + nw.col("began")))
    born = days_of_birthday(criteria["child_below_years"])
    people = aged.select(*keys, "began", is_child=nw.col("age") < born)
    before = baseline_samples(
        laboratory, aged.select(*keys, nw.col("began").alias("baseline_until")), *keys)
    measured = laboratory.filter(nw.col("sign").fill_null("=") == "=").join(
        people, on="subject_id")
    samples = with_baseline(_near(measured, criteria), before, *keys, itself=True)
    seizures = signs.filter(
        ~nw.col("seizure").is_null() & (nw.col("seizure") != "NONE")
        & ~(nw.col("other_cause") == "Y").fill_null(value=False),
    ).join(people, on="subject_id")
    return Around(keys, aged, settled(samples), settled(_near(seizures, criteria)), criteria)


def _near(rows: Lazy, criteria: Criteria) -> Lazy:
    after = nw.col("day") - nw.col("began")
    return rows.filter((after >= criteria["from_day"]) & (after <= criteria["to_day"]))


def laboratory_lysis(around: Around) -> Lazy:
    """Return value, day, note and source of laboratory tumour lysis for every start."""
    keys, criteria = around.keys, around.criteria
    judged = settled(_judged(around.samples, criteria))
    tests = judged.group_by(*keys, "test").agg(
        nw.col("abnormal").max(), nw.col("open").max(),
        nw.col("abnormal_day").min().alias("abnormal_day"))
    is_normal = (nw.col("abnormal") == 0) & (nw.col("open") == 0)
    counted = tests.with_columns(normal=nw.when(is_normal).then(1).otherwise(0)).group_by(
        *keys).agg(nw.col("abnormal").sum().alias("abnormal_tests"),
                   nw.col("normal").sum().alias("normal_tests"))
    second = _same_day(judged, keys) if criteria["same_day"] else _second(tests, keys)
    joined = around.starts.select(*keys, "began", "fault", nw.col(SOURCE).alias("start_row"))
    for part in (counted, second, _deciding_rows(judged, second, keys),
                 _neighbours(judged, keys)):
        joined = joined.join(part, on=list(keys), how="left")
    few = criteria["tests_needed"]
    at_most = len(TESTS) - nw.col("normal_tests").fill_null(0)
    is_met = ~nw.col("met_day").is_null()
    is_none = at_most < few
    if criteria["same_day"]:
        all_known = (nw.col("normal_tests") + nw.col("abnormal_tests") == len(TESTS)).fill_null(
            value=False)
        is_none = is_none | (all_known & nw.col("neighbours").is_null())
    is_sound = nw.col("fault").is_null()
    return joined.select(
        *keys, "began",
        nw.when(~is_sound).then(nw.lit(None, dtype=nw.String)).when(is_met).then(nw.lit("Y"))
        .when(is_none).then(nw.lit("N")).alias("value"),
        nw.when(is_sound).then(nw.col("met_day")).alias("day"),
        nw.when(~is_sound).then(nw.col("fault"))
        .when(~is_met & ~is_none).then(nw.lit(NOT_ALL)).alias("note"),
        nw.coalesce("met_row", "start_row").alias("source"),
    )


def _judged(samples: Lazy, criteria: Criteria) -> Lazy:
    """Return the samples of the four tests with ``abnormal, open`` (1 or 0), ``abnormal_day``."""
    is_abnormal, is_open = nw.lit(False), nw.lit(False)
    for test in TESTS:
        of_test = nw.col("test") == test
        met, unclear = _abnormal(test, criteria)
        is_abnormal = is_abnormal | (of_test & met)
        is_open = is_open | (of_test & unclear & ~met)
    return samples.filter(nw.col("test").is_in(TESTS)).with_columns(
        abnormal=nw.when(is_abnormal).then(1).otherwise(0),
        open=nw.when(is_open).then(1).otherwise(0),
    ).with_columns(abnormal_day=nw.when(nw.col("abnormal") == 1).then(nw.col("day")))


def _abnormal(test: str, criteria: Criteria) -> tuple[nw.Expr, nw.Expr]:
    """Return whether a sample of a test is abnormal, and whether that may be."""
    low = test == "CALCIUM"
    limits = criteria[test.lower()]
    as_child, as_adult = (_compared(limits[who], low) for who in ("child", "adult"))
    child, known = nw.col("is_child"), ~nw.col("is_child").is_null()
    by_age = [nw.when(known & child).then(one).when(known).then(other).otherwise(both)
              for one, other, both in (
                  (as_child[0], as_adult[0], as_child[0] & as_adult[0]),
                  (as_child[1], as_adult[1], as_child[1] | as_adult[1] | as_child[0]
                   | as_adult[0]))]
    met, unclear = by_age
    change = criteria.values.get("fall" if low else "rise")
    if change is None:
        return met, unclear
    value, of = nw.col("value"), nw.col("baseline")
    threshold = threshold_of(change)
    changed = threshold.undercut_by(value, of) if low else threshold.met_by(value, of)
    is_later = nw.col("after_baseline").fill_null(value=False)
    return (met | (is_later & changed.fill_null(value=False)),
            unclear | nw.col("baseline").is_null())


def _compared(limit: dict[str, Any], low: bool) -> tuple[nw.Expr, nw.Expr]:
    """Return whether a value lies beyond a limit, and whether that cannot be told."""
    of = nw.col("upper_limit") if limit["unit"] == "ULN" else None
    threshold: Threshold = threshold_of(limit)
    value = nw.col("value")
    met = threshold.undercut_by(value, of) if low else threshold.met_by(value, of)
    return met.fill_null(value=False), nw.lit(False) if of is None else of.is_null()


def _second(tests: Lazy, keys: Keys) -> Lazy:
    """Return ``met_day`` of starts with two abnormal tests: the first day of the second."""
    dated = tests.filter(nw.col("abnormal") == 1).select(*keys, "test", "abnormal_day")
    rank = nw.col("one").cum_sum().over(*keys, order_by=["abnormal_day", "test"])
    return dated.with_columns(one=nw.lit(1)).with_columns(rank=rank).filter(
        nw.col("rank") == 2).select(*keys, nw.col("abnormal_day").alias("met_day"))


def _same_day(judged: Lazy, keys: Keys) -> Lazy:
    """Return ``met_day`` of starts with two abnormal tests on one day: the first such day."""
    days = different(judged.filter(nw.col("abnormal") == 1).select(*keys, "test", "day"))
    return days.group_by(*keys, "day").agg(nw.len().alias("tests")).filter(
        nw.col("tests") >= 2).group_by(*keys).agg(nw.col("day").min().alias("met_day"))


def _neighbours(judged: Lazy, keys: Keys) -> Lazy:
    """Return starts with two different tests abnormal on neighbouring days."""
    days = different(judged.filter(nw.col("abnormal") == 1).select(*keys, "test", "day"))
    before = days.select(*keys, nw.col("test").alias("other"), (nw.col("day") + 1).alias("day"))
    both = days.join(before, on=[*keys, "day"]).filter(nw.col("test") != nw.col("other"))
    return different(both.select(*keys)).with_columns(neighbours=nw.lit(1))


def _deciding_rows(judged: Lazy, second: Lazy, keys: Keys) -> Lazy:
    """Return the row of an abnormal sample of the day that makes it the syndrome."""
    return judged.filter(nw.col("abnormal") == 1).join(second, on=list(keys)).filter(
        nw.col("day") == nw.col("met_day")).group_by(*keys).agg(
        nw.col(SOURCE).min().alias("met_row"))
