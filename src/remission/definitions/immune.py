"""The immune system during blinatumomab and after a transplant, at planned visits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import narwhals.stable.v2 as nw

from remission.days import DAYS_PER_YEAR
from remission.definitions.criteria import RELATIVE, Criteria
from remission.definitions.definition import ITEM, KEYS, Item, definition
from remission.definitions.detection import (
    ABOVE,
    BELOW,
    caution,
    change_of_pairs,
    paired,
)
from remission.definitions.inputs import Lazy, no_value, settled
from remission.definitions.lymphocyte_values import (
    MEASURES,
    SUBSETS,
    TESTS,
    lymphocyte_values,
)
from remission.definitions.transplant import in_time_of_graft
from remission.definitions.visits import (
    NO_END,
    NO_GRAFT_DAY,
    NO_INFUSION,
    NO_SAMPLE,
    VISIT,
    at_visits,
    for_each_item,
    grafts_with_time,
    infusions,
    visit_labels,
    visits_of,
)
from remission.plan import Plan

_GRAFT = KEYS["transplant"]
_DURING, _AFTER_GRAFT = visits_of("during_blinatumomab"), visits_of("after_graft")
_BASELINE = _DURING["visits"][0]["code"]
_LABORATORY = tuple(f"laboratory.{test}" for test in TESTS)
_INFUSION = ("subject.age_at_index_days", "subject.age_at_index_years_reported",
             "exposure.start_day", "exposure.end_day")
_RANGES = {"LOW": "below the range for age", "WITHIN": "within the range for age",
           "HIGH": "above the range for age"}
NOT_COUNTED = "a percentage without a count of lymphocytes on its day"


def _items(
    measures: Mapping[str, Item], visits: Criteria, words: str = "", skip: str = ""
) -> dict[str, Item]:
    """Return an item for each measure and visit, named ``measure_visit``."""
    return {
        f"{measure}_{visit}": Item(f"{item.label}{words}, {label}", item.unit)
        for measure, item in measures.items()
        for visit, label in visit_labels(visits["visits"]).items() if visit != skip
    }


_OF_SUBSETS = {name: Item(label) for name, label in SUBSETS.items()}
_VALUES, _VALUES_AFTER = _items(MEASURES, _DURING), _items(MEASURES, _AFTER_GRAFT)
_CHANGES = _items(MEASURES, _DURING, ", change from baseline", _BASELINE)
_RANGE_ITEMS = _items(_OF_SUBSETS, _DURING, " for age")
_RANGE_ITEMS_AFTER = _items(_OF_SUBSETS, _AFTER_GRAFT, " for age")


@definition(
    label="Lymphocyte subsets", grain="subject", kind="number", items=_VALUES,
    needs=(*_INFUSION, *_LABORATORY), criteria="visits.during_blinatumomab", wants_plan=True,
)
def lymphocytes(
    subjects: Lazy, exposure: Lazy, laboratory: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Lymphocytes and their subsets at each visit of the first cycle, counted or from percent."""
    begun = settled(infusions(subjects, exposure, plan))
    seen = settled(_during(begun, laboratory, criteria))
    wanted = for_each_item(begun, _VALUES).with_columns(
        row=nw.col("subject_row"), no_visit=_not_begun())
    return _shown(wanted, seen, "subject_id")


@definition(
    label="Lymphocyte subsets after transplant", grain="transplant", kind="number",
    items=_VALUES_AFTER, needs=("transplant.day", *_LABORATORY), criteria="visits.after_graft",
)
def immune_reconstitution(transplants: Lazy, laboratory: Lazy, criteria: Criteria) -> Lazy:
    """Lymphocytes and their subsets at each visit after a transplant, counted or from percent."""
    grafts = settled(grafts_with_time(transplants))
    seen = settled(_after_graft(grafts, laboratory, criteria))
    wanted = for_each_item(grafts, _VALUES_AFTER).with_columns(
        row=nw.col("graft_row"), no_visit=_no_graft())
    return _shown(wanted, seen, *_GRAFT)


def _during(begun: Lazy, laboratory: Lazy, criteria: Criteria) -> Lazy:
    """Return the value of each measure and visit of the first cycle, with ``item``."""
    values = lymphocyte_values(laboratory).join(
        begun.select("subject_id", "began", "ended"), on="subject_id").with_columns(
        after=nw.col("day") - nw.col("began"))
    return _as_items(at_visits(settled(values), criteria["visits"], "subject_id", "measure"))


def _after_graft(grafts: Lazy, laboratory: Lazy, criteria: Criteria) -> Lazy:
    """Return the value of each measure and visit after each graft, with ``item``."""
    values = in_time_of_graft(lymphocyte_values(laboratory), grafts)
    return _as_items(at_visits(settled(values), criteria["visits"], *_GRAFT, "measure"))


def _as_items(seen: Lazy) -> Lazy:
    return seen.with_columns(item=nw.concat_str("measure", VISIT, separator="_"))


def _not_begun() -> nw.Expr:
    """Return why a visit during the infusion has no day."""
    of_end = nw.col(ITEM).str.ends_with("_end")
    return nw.when(nw.col("began").is_null()).then(nw.lit(NO_INFUSION)).when(
        of_end & nw.col("ended").is_null()).then(nw.lit(NO_END))


def _no_graft() -> nw.Expr:
    return nw.when(nw.col("graft").is_null()).then(nw.lit(NO_GRAFT_DAY))


def _shown(wanted: Lazy, seen: Lazy, *keys: str) -> Lazy:
    """Return value, day, how, note and source of every item; ``wanted`` says why there is none."""
    found = seen.select(*keys, ITEM, "value", nw.col("after").alias("day"), "how", "flag", "why",
                        nw.col("row").alias("found_row"))
    joined = wanted.join(found, on=[*keys, ITEM], how="left").join(
        _in_percent_only(seen, *keys), on=[*keys, ITEM], how="left")
    is_missing = nw.col("found_row").is_null()
    return joined.select(
        *keys, ITEM, "value", "day", "how",
        nw.when(is_missing).then(_no_value())
        .when(nw.col("value").is_null()).then(nw.col("why"))
        .otherwise(caution(nw.col("flag"))).alias("note"),
        nw.coalesce("found_row", "row").alias("source"),
    )


def _in_percent_only(seen: Lazy, *keys: str) -> Lazy:
    """Return the items of absolute values of which the visit has the percentage."""
    return seen.filter(nw.col("measure").str.ends_with("_percent")).select(
        *keys, nw.col(ITEM).str.replace_all("_percent", "", literal=True).alias(ITEM),
        nw.lit(1).alias("percent_seen"))


def _no_value() -> nw.Expr:
    """Return why an item has no value at its visit."""
    in_percent = nw.when(~nw.col("percent_seen").is_null()).then(nw.lit(NOT_COUNTED))
    return nw.coalesce(nw.col("no_visit"), in_percent, nw.lit(NO_SAMPLE))


@definition(
    label="Change of lymphocyte subsets", grain="subject", kind="number", items=_CHANGES,
    needs=(*_INFUSION, *_LABORATORY), criteria="visits.during_blinatumomab", wants_plan=True,
)
def lymphocyte_change(
    subjects: Lazy, exposure: Lazy, laboratory: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Value at a visit less the value before blinatumomab: the magnitude of activation."""
    begun = settled(infusions(subjects, exposure, plan))
    seen = settled(_during(begun, laboratory, criteria))
    baseline = seen.filter(nw.col(VISIT) == _BASELINE)
    later = seen.filter(nw.col(VISIT) != _BASELINE)
    # A baseline stands beside every later visit of its measure.
    before = later.select("subject_id", "measure", ITEM).join(
        baseline.drop(ITEM), on=["subject_id", "measure"])
    return _changes(for_each_item(begun, _CHANGES), before, later)


def _changes(wanted: Lazy, before: Lazy, later: Lazy) -> Lazy:
    """Return the change of every pair, or which of its members is missing."""
    keys = ["subject_id", ITEM]
    known = ~nw.col("value").is_null()
    pairs = paired(before.filter(known), later.filter(known), *keys)
    change, why = change_of_pairs()
    changes = pairs.select(*keys, change.alias("value"), why.alias("why"),
                           nw.col("row_after").alias("found_row"))
    ended = later.filter(known).select(*keys, nw.col("row").alias("later_row"),
                                       nw.col("after").alias("day"))
    return wanted.join(changes, on=keys, how="left").join(ended, on=keys, how="left").select(
        *keys, "value", "day",
        nw.when(~nw.col("found_row").is_null()).then(nw.col("why"))
        .when(nw.col("later_row").is_null()).then(nw.lit("no value after"))
        .otherwise(nw.lit("no value before")).alias("note"),
        nw.coalesce("found_row", "later_row", "subject_row").alias("source"),
    )


@definition(
    label="Lymphocyte subsets for age", grain="subject", kind="category", levels=_RANGES,
    items=_RANGE_ITEMS, needs=(*_INFUSION, *_LABORATORY), criteria="immune.range",
    wants_plan=True,
)
def lymphocyte_range(
    subjects: Lazy, exposure: Lazy, laboratory: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Lymphocyte subsets at each visit of the first cycle against the range for the child's age."""
    begun = settled(infusions(subjects, exposure, plan))
    seen = settled(_during(begun, laboratory, _DURING))
    wanted = for_each_item(begun, _RANGE_ITEMS).with_columns(
        row=nw.col("subject_row"), no_visit=_not_begun())
    return _against_age(wanted, seen, subjects, criteria, "subject_id")


@definition(
    label="Lymphocyte subsets for age after transplant", grain="transplant", kind="category",
    levels=_RANGES, items=_RANGE_ITEMS_AFTER, criteria="immune.range",
    needs=("transplant.day", *_LABORATORY, "subject.age_at_index_days",
           "subject.age_at_index_years_reported"),
)
def immune_reconstitution_range(
    transplants: Lazy, laboratory: Lazy, subjects: Lazy, criteria: Criteria
) -> Lazy:
    """Lymphocyte subsets at each visit after a transplant against the range for the child's age."""
    grafts = settled(grafts_with_time(transplants))
    seen = settled(_after_graft(grafts, laboratory, _AFTER_GRAFT))
    wanted = for_each_item(grafts, _RANGE_ITEMS_AFTER).with_columns(
        row=nw.col("graft_row"), no_visit=_no_graft())
    return _against_age(wanted, seen, subjects, criteria, *_GRAFT)


def _against_age(
    wanted: Lazy, seen: Lazy, subjects: Lazy, criteria: Criteria, *keys: str
) -> Lazy:
    """Return the place of each value in the range for the age on its day, or why there is none."""
    ages = subjects.select("subject_id", "age_at_index_days", "age_at_index_years_reported")
    is_known = ~nw.col("value").is_null()
    aged = seen.filter(nw.col("measure").is_in(list(SUBSETS)) & is_known).join(
        ages, on="subject_id", how="left").with_columns(
        band=_band(criteria)).with_columns(
        low=_limit(criteria, "low"), high=_limit(criteria, "high"),
        by_memory=_rests_on_memory(criteria))
    value, flag, low, high = (nw.col(name) for name in ("value", "flag", "low", "high"))
    is_low = value < low * (1 - RELATIVE)
    is_high = value > high * (1 + RELATIVE)
    place = (
        nw.when(low.is_null()).then(nw.lit(None, dtype=nw.String))
        .when(flag == BELOW).then(nw.when(value <= low * (1 + RELATIVE)).then(nw.lit("LOW")))
        .when(flag == ABOVE).then(nw.when(value >= high * (1 - RELATIVE)).then(nw.lit("HIGH")))
        .when(is_low).then(nw.lit("LOW")).when(is_high).then(nw.lit("HIGH"))
        .otherwise(nw.lit("WITHIN"))
    )
    has_age = ~nw.col("age_at_index_days").is_null() | ~nw.col(
        "age_at_index_years_reported").is_null()
    why = (
        nw.when(~has_age).then(nw.lit("the age is not known"))
        .when(low.is_null()).then(nw.lit("there is no range for this age"))
        .when(nw.col("place").is_null()).then(nw.lit("the value is a limit that does not decide"))
        .when(nw.col("by_memory")).then(nw.lit("the range is cited from memory"))
    )
    placed = aged.with_columns(place=place).select(
        *keys, ITEM, "place", why.alias("why"), nw.col("after").alias("day"),
        nw.col("row").alias("found_row"))
    return wanted.join(placed, on=[*keys, ITEM], how="left").join(
        _in_percent_only(seen, *keys), on=[*keys, ITEM], how="left",
    ).select(
        *keys, ITEM, nw.col("place").alias("value"), "day",
        nw.when(~nw.col("found_row").is_null()).then(nw.col("why"))
        .otherwise(_no_value()).alias("note"),
        nw.coalesce("found_row", "row").alias("source"),
    )


def _band(criteria: Criteria) -> nw.Expr:
    """Return the number of the age band on the day of the sample; null above the last."""
    band = no_value(nw.Int64)
    for number, ages in reversed(list(enumerate(criteria["ages"]))):
        band = nw.when(_is_younger(ages["below"])).then(nw.lit(number)).otherwise(band)
    return band


def _limit(criteria: Criteria, part: str) -> nw.Expr:
    """Return the lower or the upper limit of the measure in its age band."""
    limit: nw.Expr = nw.lit(None, dtype=nw.Float64)
    for place, ages in _cells(criteria):
        limit = nw.when(place).then(float(ages[part])).otherwise(limit)
    return limit


def _rests_on_memory(criteria: Criteria) -> nw.Expr:
    """Return whether the limits of the measure in its age band are cited from memory."""
    tagged: nw.Expr = nw.lit(False)
    for place, ages in _cells(criteria):
        if "M" in ages["evidence"].split():
            tagged = tagged | place
    return tagged


def _cells(criteria: Criteria) -> Iterator[tuple[nw.Expr, Mapping[str, Any]]]:
    """Yield each cell of the table: where a row belongs to it, and its limits and evidence."""
    for number, ages in enumerate(criteria["ages"]):
        for measure in SUBSETS:
            yield (nw.col("band") == number) & (nw.col("measure") == measure), ages[measure]


def _is_younger(years: float) -> nw.Expr:
    """Whether the child is below a birthday on the day of the sample.

    Days decide where the age is known in days: the first day on which the birthday can fall.
    """
    by_days = nw.col("age_at_index_days") + nw.col("day") < math.floor(years * DAYS_PER_YEAR)
    by_years = (
        nw.col("age_at_index_years_reported") + nw.col("day") / DAYS_PER_YEAR < years)
    return nw.coalesce(by_days, by_years)
