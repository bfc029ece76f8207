"""Segments of infusion as several definitions read them: days, faults, units, size of the child."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, criteria_sets, default_set
from remission.definitions.cycles import CYCLE, cycle_spans
from remission.definitions.inputs import Lazy, settled
from remission.plan import Plan
from remission.records.column import SOURCE

FAULTS = (
    "a segment has no first or no last day",
    "a segment ends before it starts",
    "infusion segments overlap",
    "a segment has no dose above 0",
)
"""Why the days of a cycle cannot be counted, in the order in which they are told."""

PLANS_DIFFER = "the segments of the cycle give different planned days"
SKIPS = "the numbers of the cycles do not run from 1 without a gap"
SEVERAL_UNITS = "the doses of the cycle are not in one unit"
NO_SIZE = "no recent weight or no recent height"
IS_FIRST = nw.col("segment_no") == nw.col("segment_no").min().over(*CYCLE)
DAYS_NEEDS = ("exposure.dose", "exposure.start_day", "exposure.end_day")


def chosen_by(plan: Plan, definition: str, notion: str) -> Criteria:
    """Return the set that the plan chooses for a definition, for another that builds on it."""
    return criteria_sets(notion)[plan.definitions.get(definition, default_set(notion))]


def day_counting(plan: Plan) -> Criteria:
    """Return how the study counts days of infusion: the set of ``cycle_days_infused``."""
    return chosen_by(plan, "cycle_days_infused", "exposure.days")


def with_days(exposure: Lazy, counting: Criteria) -> Lazy:
    """Add ``days`` of infusion and ``fault``, the index in ``FAULTS`` or null, to each segment.

    ``exposure`` holds the keys, ``dose``, ``start_day`` and ``end_day``.
    """
    keys = [*CYCLE, "segment_no"]
    day = {"order_by": ["start_day", "end_day", "cycle_no", "segment_no"]}
    start, end = nw.col("start_day"), nw.col("end_day")
    runs = exposure.filter(end >= start).with_columns(
        next_start=start.shift(-1).over("subject_id", **day),
        reached=end.cum_max().over("subject_id", **day),
    ).with_columns(reached=nw.col("reached").shift(1).over("subject_id", **day))
    length = end - start
    if counting.name == "calendar_days":
        is_shared = (nw.col("next_start") == end).fill_null(value=False)
        length = nw.when(is_shared).then(length).otherwise(length + 1)
    overlaps = ((nw.col("next_start") < end) | (nw.col("reached") > start)).fill_null(value=False)
    spans = runs.select(*keys, length.alias("days"), overlaps.alias("overlaps"))
    return exposure.join(spans, on=keys, how="left").with_columns(
        fault=nw.when(start.is_null() | end.is_null()).then(nw.lit(0))
        .when(end < start).then(nw.lit(1))
        .when(nw.col("overlaps")).then(nw.lit(2))
        .when(nw.col("dose") <= 0).then(nw.lit(3)))


def cycles_with_days(exposure: Lazy, counting: Criteria) -> Lazy:
    """Return one row a cycle: its span, ``days`` (null where faulty) and ``fault`` in words."""
    summed = with_days(exposure, counting).group_by(*CYCLE).agg(
        nw.col("days").sum(), nw.col("fault").min())
    return summed.join(cycle_spans(exposure), on=list(CYCLE)).with_columns(
        days=nw.when(nw.col("fault").is_null()).then(nw.col("days")),
        fault=fault_in_words())


def fault_in_words() -> nw.Expr:
    """Return ``fault`` as a sentence."""
    words: nw.Expr = nw.lit(None, dtype=nw.String)
    for index, text in enumerate(FAULTS):
        words = nw.when(nw.col("fault") == index).then(nw.lit(text)).otherwise(words)
    return words


def planned_lengths(exposure: Lazy) -> Lazy:
    """Return ``planned`` days of each cycle (null where none or several), ``plans_differ``."""
    lengths = exposure.group_by(*CYCLE).agg(
        nw.col("planned_days").min().alias("shortest"), nw.col("planned_days").max()
        .alias("planned"))
    differ = (nw.col("shortest") != nw.col("planned")).fill_null(value=False)
    return lengths.select(
        *CYCLE, nw.when(~differ).then(nw.col("planned")).alias("planned"),
        differ.alias("plans_differ"))


def cycle_counts(exposure: Lazy) -> Lazy:
    """Return ``cycles`` (number) and ``skips`` (whether a number is left out) of each child."""
    return exposure.select(*CYCLE).unique().group_by("subject_id").agg(
        nw.len().alias("cycles"), nw.col("cycle_no").max().alias("highest")).select(
        "subject_id", "cycles", (nw.col("cycles") != nw.col("highest")).alias("skips"))


def dose_units(exposure: Lazy) -> Lazy:
    """Return ``segments``, ``doses`` and ``units`` (how many are known) and ``unit`` of each cycle.

    ``several_units`` tells that two segments have different ones.
    """
    unit = nw.col("dose_unit")
    counted = exposure.group_by(*CYCLE).agg(
        nw.len().alias("segments"), nw.col("dose").count().alias("doses"),
        unit.count().alias("units"), unit.min().alias("unit"), unit.max().alias("last_unit"))
    return counted.with_columns(
        several_units=(nw.col("unit") != nw.col("last_unit")).fill_null(value=False),
    ).drop("last_unit")


def first_rows(exposure: Lazy) -> Lazy:
    """Return ``source``, the row of the first segment by number, of each cycle."""
    return exposure.filter(IS_FIRST).select(*CYCLE, nw.col(SOURCE).alias("source"))


def of_first_cycle(cycles: Lazy) -> Lazy:
    """Return the row of the cycle with the lowest number of each child."""
    return cycles.filter(nw.col("cycle_no") == nw.col("cycle_no").min().over("subject_id"))


def body_surface_formula(plan: Plan) -> Criteria:
    """Return the formula that the plan chooses for ``body_surface``."""
    return chosen_by(plan, "body_surface", "dosing.body_surface")


def cycle_sizes(exposure: Lazy, laboratory: Lazy, formula: Criteria) -> Lazy:
    """Return ``weight`` (kg), ``height`` (cm), ``surface`` (m²), ``weight_row`` of each cycle.

    They are those of its first day, null where there is none recent enough.
    """
    starts = cycle_spans(exposure).select(*CYCLE, nw.col("cycle_start").alias("on"))
    return sizes_on(settled(starts), laboratory, formula, *CYCLE).drop("on")


def sizes_on(days: Lazy, laboratory: Lazy, formula: Criteria, *keys: str) -> Lazy:
    """Return ``weight`` (kg), ``height`` (cm), ``surface`` (m²), ``weight_row`` on some days.

    ``days`` hold the keys, the subject among them, and the day ``on``; a size is that of the last
    day up to it, null where there is none recent enough.
    """
    sizes = days
    for what in ("weight", "height"):
        sizes = sizes.join(size_on(days, laboratory, what, *keys), on=list(keys), how="left")
    surface = (nw.lit(formula["coefficient"]) * nw.col("height") ** formula["height_power"]
               * nw.col("weight") ** formula["weight_power"])
    return sizes.with_columns(surface=surface).drop("height_row")


def size_on(days: Lazy, laboratory: Lazy, what: str, *keys: str) -> Lazy:
    """Return the ``weight`` (kg) or ``height`` (cm) on some days, and its row ``weight_row`` …

    As in :func:`sizes_on`; days without a size that is recent enough are left out.
    """
    limits = criteria_sets("dosing.limits")["people"][what]
    within = criteria_sets("dosing.body_size")["recent"][f"{what}_within"]
    value = nw.col("value")
    real = laboratory.filter(
        (nw.col("test") == what.upper()) & (value >= limits["lowest"])
        & (value <= limits["highest"]))
    return _last_before(real, days, within, *keys).rename(
        {"value": what, SOURCE: f"{what}_row"})


def _last_before(values: Lazy, days: Lazy, within: int, *keys: str) -> Lazy:
    """Return the value of the last day up to each of the days, the lowest of that day."""
    age = nw.col("on") - nw.col("day")
    near = values.join(days, on="subject_id").filter((age >= 0) & (age <= within))
    last = near.filter(nw.col("day") == nw.col("day").max().over(*keys))
    lowest = last.filter(nw.col("value") == nw.col("value").min().over(*keys))
    return lowest.group_by(*keys).agg(nw.col("value").min(), nw.col(SOURCE).min())
