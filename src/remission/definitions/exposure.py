"""Blinatumomab as it was given: cycles, days, step-up, early stop, premedication, size."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.cycles import CYCLE, cycle_spans
from remission.definitions.definition import definition
from remission.definitions.infusions import (
    DAYS_NEEDS,
    IS_FIRST,
    NO_SIZE,
    PLANS_DIFFER,
    SEVERAL_UNITS,
    SKIPS,
    body_surface_formula,
    cycle_counts,
    cycle_sizes,
    cycles_with_days,
    day_counting,
    dose_units,
    first_rows,
    of_first_cycle,
    planned_lengths,
)
from remission.definitions.inputs import Lazy, settled
from remission.plan import Plan
from remission.records.column import SOURCE
from remission.records.treatment import EXPOSURE

_KEYS = list(CYCLE)
_RELATIVE = 1e-9
_DAYS_REFERENCE = (
    "exposure, first and last day of each segment; days are counted by the set that the plan "
    "chooses for cycle_days_infused. Segments that overlap or have no days leave it unknown.")


@definition(
    label="Cycles of blinatumomab", grain="subject", kind="number", unit="cycles",
    needs=("exposure.start_day",),
    reference="As recorded by the centre (exposure.cycle_no); numbers with a gap leave it "
              "unknown.", evidence="D",
)
def cycles_given(exposure: Lazy) -> Lazy:
    """Number of cycles of blinatumomab with a recorded segment."""
    first = of_first_cycle(first_rows(exposure)).drop("cycle_no")
    return settled(cycle_counts(exposure)).join(first, on="subject_id").select(
        "subject_id", nw.when(~nw.col("skips")).then(nw.col("cycles")).alias("value"),
        nw.when(nw.col("skips")).then(nw.lit(SKIPS)).alias("note"), "source")


@definition(
    label="Days infused in the cycle", grain="cycle", kind="number", unit="days",
    needs=DAYS_NEEDS, criteria="exposure.days",
)
def cycle_days_infused(exposure: Lazy, criteria: Criteria) -> Lazy:
    """Days of infusion in the cycle, over all its segments."""
    return cycles_with_days(exposure, criteria).select(
        *_KEYS, nw.col("days").alias("value"), nw.col("fault").alias("note"),
        nw.col(SOURCE).alias("source"))


@definition(
    label="Days of blinatumomab", grain="subject", kind="number", unit="days", needs=DAYS_NEEDS,
    reference=_DAYS_REFERENCE, evidence="D", wants_plan=True,
)
def days_infused(exposure: Lazy, plan: Plan) -> Lazy:
    """Days of infusion over all cycles of the child."""
    cycles = settled(cycles_with_days(exposure, day_counting(plan)))
    faulty = cycles.filter(~nw.col("fault").is_null())
    worst = of_first_cycle(faulty).select(
        "subject_id", "fault", nw.col(SOURCE).alias("fault_row"))
    first = of_first_cycle(cycles).select("subject_id", nw.col(SOURCE).alias("first_row"))
    summed = cycles.group_by("subject_id").agg(nw.col("days").sum())
    joined = cycle_counts(exposure).join(summed, on="subject_id").join(
        worst, on="subject_id", how="left").join(first, on="subject_id")
    is_known = nw.col("fault").is_null() & ~nw.col("skips")
    return joined.select(
        "subject_id", nw.when(is_known).then(nw.col("days")).alias("value"),
        nw.coalesce("fault", nw.when(nw.col("skips")).then(nw.lit(SKIPS))).alias("note"),
        nw.coalesce("fault_row", "first_row").alias("source"))


@definition(
    label="Step-up dosing", grain="cycle", kind="yes_no",
    needs=("exposure.dose", "exposure.dose_unit", "exposure.start_day"),
    reference="exposure.dose by segment: the first dose of the cycle is lower than a later one. A "
              "step back and up again after a full first dose is none.", evidence="D",
)
def step_up(exposure: Lazy) -> Lazy:
    """The cycle began at a lower dose than it reached."""
    earlier = nw.col("start_day").cum_max().over(*_KEYS, order_by="segment_no")
    backwards = exposure.filter(~nw.col("start_day").is_null()).with_columns(
        reached=earlier).filter(nw.col("reached") > nw.col("start_day")).select(
        *_KEYS, nw.lit(1).alias("backwards")).unique()
    first = exposure.filter(IS_FIRST).select(
        *_KEYS, nw.col("dose").alias("first_dose"), nw.col(SOURCE).alias("source"))
    reached = exposure.group_by(*_KEYS).agg(
        nw.col("dose").max().alias("highest"), nw.col("dose").min().alias("lowest"))
    joined = dose_units(exposure).join(reached, on=_KEYS).join(first, on=_KEYS).join(
        backwards, on=_KEYS, how="left")
    mixed = nw.col("several_units") | (
        (nw.col("segments") > 1) & (nw.col("units") < nw.col("segments")))
    note = (
        nw.when(mixed).then(nw.lit(SEVERAL_UNITS))
        .when(~nw.col("backwards").is_null())
        .then(nw.lit("the numbers of the segments do not follow their days"))
        .when(nw.col("lowest") <= 0).then(nw.lit("a segment has no dose above 0")))
    rises = (nw.col("highest") > nw.col("first_dose") * (1 + _RELATIVE)).fill_null(value=False)
    is_missing = nw.col("doses") < nw.col("segments")
    return joined.with_columns(fault=note).select(
        *_KEYS,
        nw.when(~nw.col("fault").is_null()).then(nw.lit(None, dtype=nw.String))
        .when(rises).then(nw.lit("Y")).when(~is_missing).then(nw.lit("N")).alias("value"),
        nw.coalesce("fault", nw.when(is_missing & ~rises).then(
            nw.lit("a dose of the cycle is missing"))).alias("note"),
        "source")


@definition(
    label="Length of the first cycle", grain="subject", kind="category",
    needs=(*DAYS_NEEDS, "exposure.planned_days"), criteria="exposure.regimen", wants_plan=True,
)
def regimen_length(exposure: Lazy, criteria: Criteria, plan: Plan) -> Lazy:
    """Group of length of the first cycle."""
    return _lengths(exposure, criteria, plan).filter(nw.col("cycle_no") == 1).drop("cycle_no")


@definition(
    label="Length of the cycle", grain="cycle", kind="category",
    needs=(*DAYS_NEEDS, "exposure.planned_days"), criteria="exposure.regimen", wants_plan=True,
)
def cycle_regimen_length(exposure: Lazy, criteria: Criteria, plan: Plan) -> Lazy:
    """Group of length of the cycle."""
    return _lengths(exposure, criteria, plan)


def _lengths(exposure: Lazy, criteria: Criteria, plan: Plan) -> Lazy:
    """Return the group of every cycle by the days infused or planned."""
    cycles = cycles_with_days(exposure, day_counting(plan))
    length, note = nw.col("days"), nw.col("fault")
    if criteria["of"] == "planned":
        cycles = cycles.join(planned_lengths(exposure), on=_KEYS)
        length = nw.col("planned")
        note = _note_of_plan()
    *bounded, last = criteria["levels"]
    group: nw.Expr = nw.lit(last["code"])
    for level in reversed(bounded):
        group = nw.when(length <= level["at_most"]).then(nw.lit(level["code"])).otherwise(group)
    return cycles.select(
        *_KEYS, nw.when(~length.is_null()).then(group).alias("value"), note.alias("note"),
        nw.col(SOURCE).alias("source"))


def _note_of_plan() -> nw.Expr:
    """Return why the planned days of a cycle are not known."""
    return nw.when(nw.col("plans_differ")).then(nw.lit(PLANS_DIFFER)).when(
        nw.col("planned").is_null()).then(nw.lit("the planned days are not recorded"))


@definition(
    label="Stopped early", grain="cycle", kind="yes_no", day_label="Day of the early stop",
    needs=(*DAYS_NEEDS, "exposure.planned_days", "exposure.end_reason"), wants_plan=True,
    reference="Days infused against exposure.planned_days; where one is not known, "
              "exposure.end_reason of the last segment. Days and reason that contradict each other "
              "leave it unknown.", evidence="D",
)
def stopped_early(exposure: Lazy, plan: Plan) -> Lazy:
    """The cycle ended before its planned days or, without them, for a reason other than its end."""
    return _stops(exposure, plan).select(
        *_KEYS, nw.col("early").alias("value"),
        nw.when((nw.col("early") == "Y") & nw.col("fault").is_null())
        .then(nw.col("infusion_end")).alias("day"), "note", "source")


@definition(
    label="Reason of the early stop", grain="cycle", kind="category",
    needs=(*DAYS_NEEDS, "exposure.planned_days", "exposure.end_reason"), wants_plan=True,
    levels={"NONE": "not stopped early", **{
        code: label for code, label in EXPOSURE.by_name["end_reason"].codes.items()
        if code != "COMPLETED"}},
    reference="exposure.end_reason of the last segment of a cycle that was stopped early.",
    evidence="D",
)
def early_stop_reason(exposure: Lazy, plan: Plan) -> Lazy:
    """Why the cycle was stopped early, as the centre recorded it."""
    reason = nw.col("end_reason")
    return _stops(exposure, plan).select(
        *_KEYS,
        nw.when(nw.col("early") == "N").then(nw.lit("NONE"))
        .when((nw.col("early") == "Y") & (reason != "COMPLETED")).then(reason).alias("value"),
        nw.coalesce("note", nw.when((nw.col("early") == "Y") & reason.is_null())
                    .then(nw.lit("the reason is not recorded"))).alias("note"),
        "source")


def _stops(exposure: Lazy, plan: Plan) -> Lazy:
    """Return ``early`` (Y, N, null), ``end_reason``, ``note`` and the last segment's row."""
    last = exposure.filter(
        nw.col("segment_no") == nw.col("segment_no").max().over(*_KEYS)).select(
        *_KEYS, "end_reason", nw.col(SOURCE).alias("source"))
    cycles = cycles_with_days(exposure, day_counting(plan)).join(
        planned_lengths(exposure), on=_KEYS).join(last, on=_KEYS)
    reason, days, planned = nw.col("end_reason"), nw.col("days"), nw.col("planned")
    both = ~days.is_null() & ~planned.is_null()
    contradicts = both & (days < planned) & (reason == "COMPLETED").fill_null(value=False)
    unknown = nw.lit(None, dtype=nw.String)
    return cycles.select(
        *_KEYS, "end_reason", "infusion_end", "fault", "source",
        nw.when(nw.col("plans_differ") | contradicts).then(unknown)
        .when(both & (days >= planned)).then(nw.lit("N"))
        .when(both).then(nw.lit("Y"))
        .when(reason == "COMPLETED").then(nw.lit("N"))
        .when(~reason.is_null()).then(nw.lit("Y")).alias("early"),
        nw.when(nw.col("plans_differ")).then(nw.lit(PLANS_DIFFER))
        .when(contradicts).then(nw.lit("recorded as completed, but with fewer days than planned"))
        .when(~both & reason.is_null())
        .then(nw.lit("neither the days with the plan nor the reason are known")).alias("note"))


@definition(
    label="Dexamethasone before the infusion", grain="cycle", kind="yes_no",
    needs=("exposure.dexamethasone_mg_m2", "exposure.start_day", "exposure.end_day",
           "drug_dose.purpose", "drug_dose.drug", "drug_dose.dose", "drug_dose.unit",
           "drug_dose.start_day", "laboratory.WEIGHT", "laboratory.HEIGHT"),
    criteria="exposure.dexamethasone", wants_plan=True,
)
def dexamethasone_premedication(
    exposure: Lazy, doses: Lazy, laboratory: Lazy, criteria: Criteria, plan: Plan
) -> Lazy:
    """Dexamethasone before a segment of the cycle, with the infusion or as premedication."""
    given = nw.col("dexamethasone_mg_m2")
    enough = criteria.threshold("dose")
    first = exposure.filter(IS_FIRST).select(
        *_KEYS, given.alias("first_given"), nw.col(SOURCE).alias("source"))
    met = exposure.with_columns(
        met=nw.when(enough.met_by(given).fill_null(value=False)).then(1).otherwise(0),
    ).group_by(*_KEYS).agg(nw.col("met").max())
    apart = settled(_dexamethasone_apart(exposure, doses, laboratory, body_surface_formula(plan)))
    is_enough = enough.met_by(nw.col("per_m2")).fill_null(value=False)
    if "most" in criteria.values:
        in_mg = (nw.col("unit") == "mg") & criteria.threshold("most").met_by(nw.col("dose"))
        is_enough = is_enough | in_mg.fill_null(value=False)
    of_doses = apart.with_columns(
        dose_met=nw.when(is_enough).then(1).otherwise(0),
        dose_open=nw.when(nw.col("per_m2").is_null()).then(1).otherwise(0),
    ).group_by(*_KEYS).agg(nw.col("dose_met", "dose_open").max(), nw.col(SOURCE).min()
                           .alias("dose_row"))
    joined = met.join(first, on=_KEYS).join(of_doses, on=_KEYS, how="left")
    by_dose = (nw.col("dose_met") == 1).fill_null(value=False)
    is_met = (nw.col("met") == 1) | by_dose
    is_open = (nw.col("dose_open") == 1).fill_null(value=False)
    unknown = ~is_met & (is_open | (nw.col("first_given").is_null() & nw.col("dose_row").is_null()))
    return joined.select(
        *_KEYS,
        nw.when(is_met).then(nw.lit("Y")).when(~unknown).then(nw.lit("N")).alias("value"),
        nw.when(unknown & is_open).then(nw.lit("its dose for each m² is not known"))
        .when(unknown).then(nw.lit("not recorded for the first segment")).alias("note"),
        nw.when(by_dose & (nw.col("met") == 0)).then(nw.col("dose_row"))
        .otherwise(nw.col("source")).alias("source"))


def _dexamethasone_apart(
    exposure: Lazy, doses: Lazy, laboratory: Lazy, formula: Criteria
) -> Lazy:
    """Return the premedication of each cycle: ``per_m2``, the dose in mg/m² where it is known.

    It belongs to a cycle from the day before its first day to the last of its infusion.
    """
    drug = nw.col("drug").str.strip_chars().str.to_lowercase()
    rows = doses.filter((nw.col("purpose") == "PREMEDICATION") & (drug == "dexamethasone"))
    sizes = cycle_sizes(exposure, laboratory, formula).select(*_KEYS, "weight", "surface")
    spans = cycle_spans(exposure).select(*_KEYS, "cycle_start", "infusion_end")
    day = nw.col("given_on")
    placed = rows.rename({"start_day": "given_on"}).join(spans, on="subject_id").filter(
        (day >= nw.col("cycle_start") - 1) & (day <= nw.coalesce("infusion_end", "cycle_start")))
    dose, unit = nw.col("dose"), nw.col("unit")
    return placed.join(sizes, on=_KEYS).with_columns(per_m2=(
        nw.when(unit == "mg/m2").then(dose)
        .when(unit == "mg").then(dose / nw.col("surface"))
        .when(unit == "mg/kg").then(dose * nw.col("weight") / nw.col("surface"))))


@definition(
    label="Body surface", grain="cycle", kind="number", unit="m²",
    needs=("exposure.start_day", "exposure.end_day", "laboratory.WEIGHT", "laboratory.HEIGHT"),
    criteria="dosing.body_surface",
)
def body_surface(exposure: Lazy, laboratory: Lazy, criteria: Criteria) -> Lazy:
    """Body surface on the first day of the cycle, from a recent weight and height."""
    return cycle_sizes(exposure, laboratory, criteria).select(
        *_KEYS, nw.col("surface").alias("value"),
        nw.when(nw.col("surface").is_null())
        .then(nw.lit(NO_SIZE)).alias("note"),
        nw.col("weight_row").alias("source"))
