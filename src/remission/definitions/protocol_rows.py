"""Doses as recorded, made ready to be compared with a schedule: drug, days, dose in its unit."""

from __future__ import annotations

from dataclasses import dataclass

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria
from remission.definitions.cycles import cycle_spans
from remission.definitions.infusions import sizes_on
from remission.definitions.inputs import Lazy, settled, stacked
from remission.definitions.transplant import index_grafts
from remission.records.column import SOURCE

NO_DOSE = "the dose given is missing or in a unit that the schedule's cannot be compared with"
NO_SIZE = "no recent weight or no recent height to compare the dose given with the schedule's"
OF_DONOR = "the donor's weight is not recorded: a dose in another unit cannot be compared"
INCOMPARABLE = (NO_DOSE, NO_SIZE, OF_DONOR)
"""Why a dose that was given cannot be compared; its day is known all the same."""

INSTANCE = ["subject_id", "purpose", "instance"]
DRUG = [*INSTANCE, "drug"]
_UNITS = {
    "mg": ("mass", 1.0, ""), "mg/m2": ("mass", 1.0, "surface"), "mg/kg": ("mass", 1.0, "weight"),
    "ug": ("mass", 0.001, ""), "ug/kg": ("mass", 0.001, "weight"),
    "U": ("units", 1.0, ""), "U/m2": ("units", 1.0, "surface"), "cGy": ("radiation", 1.0, ""),
}
"""Unit → what it measures, how much of it in mg (or U), and the size that it is given by."""


@dataclass(frozen=True)
class Records:
    """The frames that a comparison reads, each with its keys, needed columns and ``_source``.

    ``sizes`` holds the weights and heights, ``formula`` how the body surface is had from them.
    """

    doses: Lazy
    lines: Lazy
    exposure: Lazy
    transplants: Lazy
    follow_up: Lazy
    sizes: Lazy
    formula: Criteria


def rows_of_blocks(records: Records, blocks: tuple[Criteria, ...], rule: Criteria) -> Lazy:
    """Return the doses given in the blocks: instance, drug of the schedule, days and dose.

    Columns: ``DRUG, given_drug, recorded_dose, recorded_unit, start_day``, ``length`` (days after
    the first; null where the days have a fault), ``given`` (the dose in the schedule's unit
    ``dose_unit``, null with ``why``), ``size`` (m², kg or 1, what that unit is given by), source.
    """
    purpose, start, end = nw.col("purpose"), nw.col("start_day"), nw.col("end_day")
    by_line = purpose.is_in([block["purpose"] for block in blocks if block["origin"] == "LINE"])
    grafts = index_grafts(records.transplants).select("subject_id", "graft_day", "next_graft")
    before = rule["belongs_before_graft"]
    is_of_graft = (
        start.is_null() | nw.col("graft_day").is_null()
        | ((start >= nw.col("graft_day") - before)
           & (nw.col("next_graft").is_null() | (start < nw.col("next_graft") - before))))
    by_graft = purpose.is_in(
        [block["purpose"] for block in blocks if block["origin"] == "TRANSPLANT"])
    length = nw.coalesce(end, start) - start
    rows = settled(
        records.doses.filter(purpose.is_in([block["purpose"] for block in blocks]))
        .join(grafts, on="subject_id", how="left")
        .filter(~by_graft | is_of_graft)
        .with_columns(
            instance=nw.when(by_line).then(nw.coalesce(nw.col("line_no"), nw.lit(0)))
            .otherwise(nw.lit(0)),
            given_drug=nw.col("drug"), recorded_dose=nw.col("dose"), recorded_unit=nw.col("unit"),
            drug=_drug_of_schedule(blocks),
            length=nw.when((length >= 0) & (length <= rule["longest_row"])).then(length),
        ))
    days = rows.select("subject_id", "dose_no", start.alias("on"))
    sizes = settled(sizes_on(days, records.sizes, records.formula, "subject_id", "dose_no"))
    sized = rows.join(sizes.select("subject_id", "dose_no", "weight", "surface"),
                      on=["subject_id", "dose_no"], how="left")
    return _in_unit_of_schedule(sized, blocks).select(
        *DRUG, "given_drug", "recorded_dose", "recorded_unit", "start_day", "length", "given",
        "dose_unit", "size", "why", SOURCE)


def _drug_of_schedule(blocks: tuple[Criteria, ...]) -> nw.Expr:
    """Return the schedule's name of the drug of a row; null for one that it does not name."""
    name = nw.col("drug").str.strip_chars().str.to_lowercase()
    drug: nw.Expr = nw.lit(None, dtype=nw.String)
    for block in blocks:
        for line in block["lines"]:
            is_this = (nw.col("purpose") == block["purpose"]) & name.is_in(line["names"])
            drug = nw.when(is_this).then(nw.lit(line["drug"])).otherwise(drug)
    return drug


def unit_of_schedule(blocks: tuple[Criteria, ...]) -> nw.Expr:
    """Return the unit in which the schedule states the doses of a ``drug``; null for none."""
    unit: nw.Expr = nw.lit(None, dtype=nw.String)
    for block in blocks:
        for line in block["lines"]:
            if "unit" in line:
                is_this = (nw.col("purpose") == block["purpose"]) & (
                    nw.col("drug") == line["drug"])
                unit = nw.when(is_this).then(nw.lit(line["unit"])).otherwise(unit)
    return unit


def _in_unit_of_schedule(rows: Lazy, blocks: tuple[Criteria, ...]) -> Lazy:
    """Add ``given``, the dose in the schedule's unit (``dose_unit``), or ``why`` there is none."""
    donors = [block["purpose"] for block in blocks if block.values.get("of") == "donor"]
    is_donor = nw.col("purpose").is_in(donors)
    own, other = nw.col("unit"), nw.col("dose_unit")
    is_same = (own == other).fill_null(value=False)
    is_alike = nw.lit(False)
    for unit, (kind, _, _) in _UNITS.items():
        alike = [each for each, (of_kind, _, _) in _UNITS.items() if of_kind == kind]
        is_alike = is_alike | ((own == unit) & other.is_in(alike)).fill_null(value=False)
    converted = nw.col("dose") * _amount(own) / _amount(other)
    given = nw.when(is_same).then(nw.col("dose")).when(is_alike & ~is_donor).then(converted)
    is_stated = ~other.is_null()
    return rows.with_columns(dose_unit=unit_of_schedule(blocks)).with_columns(
        given=given, size=nw.when(~is_donor).then(_size(other)),
    ).with_columns(why=(
        nw.when(~nw.col("given").is_null() | ~is_stated).then(nw.lit(None, dtype=nw.String))
        .when(nw.col("dose").is_null() | ~is_alike).then(nw.lit(NO_DOSE))
        .when(is_donor).then(nw.lit(OF_DONOR)).otherwise(nw.lit(NO_SIZE))))


def _amount(unit: nw.Expr) -> nw.Expr:
    """Return how much one of a unit is in the child, in mg or U; null without the size."""
    scale: nw.Expr = nw.lit(1.0)
    for name, (_, factor, _) in _UNITS.items():
        scale = nw.when(unit == name).then(nw.lit(factor)).otherwise(scale)
    return scale * _size(unit)


def _size(unit: nw.Expr) -> nw.Expr:
    """Return the size that a unit is given by: m² or kg of the child, or 1."""
    size: nw.Expr = nw.lit(1.0)
    for name, (_, _, by) in _UNITS.items():
        if by:
            size = nw.when(unit == name).then(nw.col(by)).otherwise(size)
    return size


def origins_of_blocks(rows: Lazy, records: Records, blocks: tuple[Criteria, ...]) -> Lazy:
    """Return ``origin``, the day each schedule counts from, of every instance with rows.

    Null where it is not known; several rows where the schedule begins anew with each cycle.
    """
    instances = rows.select(*INSTANCE).unique()
    spans = cycle_spans(records.exposure)
    ends = spans.with_columns(
        open=nw.when(nw.col("infusion_end").is_null()).then(1).otherwise(0)
        .max().over("subject_id")).select(
        "subject_id", nw.when(nw.col("open") == 0).then(nw.col("infusion_end")).alias("origin"))
    first = rows.with_columns(
        open=nw.when(nw.col("start_day").is_null()).then(1).otherwise(0),
    ).group_by(*INSTANCE).agg(
        nw.col("start_day").min().alias("origin"), nw.col("open").max(),
    ).select(*INSTANCE, nw.when(nw.col("open") == 0).then(nw.col("origin")).alias("origin"))
    found: dict[str, tuple[Lazy, list[str]]] = {
        "LINE": (records.lines.select(
            "subject_id", nw.col("line_no").alias("instance"),
            nw.col("start_day").alias("origin")), ["subject_id", "instance"]),
        "FIRST_INFUSION": (spans.filter(nw.col("cycle_no") == 1).select(
            "subject_id", nw.col("cycle_start").alias("origin")), ["subject_id"]),
        "TRANSPLANT": (index_grafts(records.transplants).select(
            "subject_id", nw.col("graft_day").alias("origin")), ["subject_id"]),
        "CYCLE_END": (ends, ["subject_id"]),
        "FIRST_DOSE": (first, INSTANCE),
    }
    parts = []
    for kind in dict.fromkeys(block["origin"] for block in blocks):
        purposes = [block["purpose"] for block in blocks if block["origin"] == kind]
        table, keys = found[kind]
        parts.append(instances.filter(nw.col("purpose").is_in(purposes)).join(
            table, on=keys, how="left").select(*INSTANCE, nw.col("origin").cast(nw.Int64)))
    return stacked(parts).unique()
