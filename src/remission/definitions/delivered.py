"""How much blinatumomab was given: fraction of the planned dose, and the dose in all."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.cycles import CYCLE
from remission.definitions.definition import definition
from remission.definitions.infusions import (
    NO_SIZE,
    PLANS_DIFFER,
    SEVERAL_UNITS,
    SKIPS,
    body_surface_formula,
    cycle_counts,
    cycle_sizes,
    day_counting,
    dose_units,
    fault_in_words,
    first_rows,
    of_first_cycle,
    planned_lengths,
    with_days,
)
from remission.definitions.inputs import Lazy, settled
from remission.plan import Plan

_KEYS = list(CYCLE)
_NEEDS = ("exposure.dose", "exposure.dose_unit", "exposure.start_day", "exposure.end_day",
          "exposure.planned_days", "laboratory.WEIGHT", "laboratory.HEIGHT")
_PER_M2 = "ug/m2/d"
NO_DOSE = "a dose or its unit is missing"
_REFERENCE = (
    "exposure: dose × days of each segment; days as chosen for cycle_days_infused, body surface "
    "as for body_surface where the record is in the other unit.")


@definition(
    label="Delivered fraction of the planned dose", grain="cycle", kind="number", needs=_NEEDS,
    criteria="dosing.schedule", wants_plan=True,
)
def delivered_fraction(exposure: Lazy, laboratory: Lazy, criteria: Criteria, plan: Plan) -> Lazy:
    """Dose infused in the cycle divided by the dose of the schedule for its planned days."""
    segments = with_days(exposure, day_counting(plan)).with_columns(
        part=nw.col("dose") * nw.col("days"))
    given = segments.group_by(*_KEYS).agg(
        nw.col("part").sum().alias("infused"), nw.col("fault").min())
    sizes = settled(cycle_sizes(exposure, laboratory, body_surface_formula(plan)))
    cycles = given
    for part in (dose_units(exposure), planned_lengths(exposure), sizes, first_rows(exposure)):
        cycles = cycles.join(part, on=_KEYS)
    if criteria["shortest"] == criteria["longest"]:
        cycles = cycles.with_columns(
            planned=nw.when(~nw.col("plans_differ")).then(
                nw.coalesce(nw.col("planned"), nw.lit(criteria["longest"]))))
    planned = _planned_dose(criteria)
    incomplete = (nw.col("doses") < nw.col("segments")) | (nw.col("units") < nw.col("segments"))
    judged = cycles.with_columns(wanted=planned).with_columns(
        note=nw.when(~nw.col("fault").is_null()).then(fault_in_words())
        .when(incomplete).then(nw.lit(NO_DOSE))
        .when(nw.col("several_units")).then(nw.lit(SEVERAL_UNITS))
        .when(nw.col("plans_differ")).then(nw.lit(PLANS_DIFFER))
        .when(nw.col("planned").is_null()).then(nw.lit("the planned days are not recorded"))
        .when(nw.col("wanted").is_null()).then(nw.lit(NO_SIZE))
        .when(nw.col("wanted") <= 0).then(nw.lit("the schedule plans no dose for these days")))
    return judged.select(
        *_KEYS,
        nw.when(nw.col("note").is_null()).then(nw.col("infused") / nw.col("wanted"))
        .alias("value"), "note", "source")


def _planned_dose(schedule: Criteria) -> nw.Expr:
    """Return the dose of the schedule for ``planned`` days, in the unit of the record."""
    first = _sum_of_steps(schedule, "first_cycle")
    later = _sum_of_steps(schedule, "later_cycles")
    return nw.when(nw.col("cycle_no") == 1).then(first).otherwise(later)


def _sum_of_steps(schedule: Criteria, cycle: str) -> nw.Expr:
    steps = schedule[cycle]
    ends = [*(following["from"] - 1 for following in steps[1:]), None]
    total: nw.Expr = nw.lit(0.0)
    for step, last in zip(steps, ends, strict=True):
        until = nw.col("planned") if last is None else nw.min_horizontal(
            nw.col("planned"), nw.lit(last))
        days = nw.when(nw.col("planned") >= step["from"]).then(until - step["from"] + 1).when(
            ~nw.col("planned").is_null()).then(nw.lit(0))
        total = total + days * _dose_a_day(schedule, step["dose"])
    return total


def _dose_a_day(schedule: Criteria, name: str) -> nw.Expr:
    """Return one dose of the schedule in the unit of the record."""
    dose = schedule[name]
    by_surface: nw.Expr = dose["per_m2"] * nw.col("surface")
    if "cap" in dose:
        capped = nw.when(by_surface > dose["cap"]).then(nw.lit(float(dose["cap"])))
        by_surface = nw.coalesce(capped, by_surface)
    absolute: nw.Expr = by_surface
    if "fixed" in dose:
        is_heavy = schedule.threshold("fixed_from").met_by(nw.col("weight"))
        absolute = nw.when(is_heavy).then(nw.lit(float(dose["fixed"]))).otherwise(by_surface)
    return nw.when(nw.col("unit") == _PER_M2).then(nw.lit(float(dose["per_m2"]))).otherwise(
        absolute)


@definition(
    label="Cumulative dose of blinatumomab by body surface", grain="subject", kind="number",
    unit="µg/m²", needs=_NEEDS, reference=_REFERENCE, evidence="D", wants_plan=True,
)
def cumulative_dose_per_m2(exposure: Lazy, laboratory: Lazy, plan: Plan) -> Lazy:
    """Dose over all cycles in µg/m²; days at µg a day are divided by the body surface."""
    own = nw.col("dose_unit") == _PER_M2
    return _cumulative(exposure, laboratory, plan,
                       nw.when(own).then(nw.col("dose")).otherwise(
                           nw.col("dose") / nw.col("surface")))


@definition(
    label="Cumulative dose of blinatumomab", grain="subject", kind="number", unit="µg",
    needs=_NEEDS, reference=_REFERENCE, evidence="D", wants_plan=True,
)
def cumulative_dose(exposure: Lazy, laboratory: Lazy, plan: Plan) -> Lazy:
    """Dose over all cycles in µg; days at µg/m² a day are multiplied by the body surface."""
    other = nw.col("dose_unit") == _PER_M2
    return _cumulative(exposure, laboratory, plan,
                       nw.when(other).then(nw.col("dose") * nw.col("surface")).otherwise(
                           nw.col("dose")))


def _cumulative(exposure: Lazy, laboratory: Lazy, plan: Plan, dose: nw.Expr) -> Lazy:
    """Return the sum of dose × days over all segments of each child, or why it is not known."""
    sizes = cycle_sizes(exposure, laboratory, body_surface_formula(plan)).select(
        *_KEYS, "surface")
    no_dose = nw.col("dose").is_null() | nw.col("dose_unit").is_null()
    part = nw.col("days") * dose
    segments = with_days(exposure, day_counting(plan)).join(
        sizes, on=_KEYS, how="left").with_columns(
        part=part, no_dose=nw.when(no_dose).then(1).otherwise(0),
        no_part=nw.when(part.is_null()).then(1).otherwise(0))
    summed = segments.group_by("subject_id").agg(
        nw.col("part").sum().alias("total"), nw.col("fault").min(),
        nw.col("no_dose", "no_part").max())
    first = of_first_cycle(first_rows(exposure)).drop("cycle_no")
    note = (
        nw.when(~nw.col("fault").is_null()).then(fault_in_words())
        .when(nw.col("no_dose") == 1).then(nw.lit(NO_DOSE))
        .when(nw.col("no_part") == 1).then(nw.lit(NO_SIZE))
        .when(nw.col("skips")).then(nw.lit(SKIPS)))
    return summed.join(cycle_counts(exposure), on="subject_id").join(
        first, on="subject_id").with_columns(note=note).select(
        "subject_id", nw.when(nw.col("note").is_null()).then(nw.col("total")).alias("value"),
        "note", "source")
