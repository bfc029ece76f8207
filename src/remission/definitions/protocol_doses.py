"""Doses of a schedule against the doses given: each expected one, and each that nobody expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, criteria_sets
from remission.definitions.cycles import cycle_spans
from remission.definitions.inputs import Lazy, no_value, settled, stacked
from remission.definitions.transplant import index_grafts
from remission.records.column import SOURCE

ON_SCHEDULE, OFF_DOSE, OFF_DAY = "ON_SCHEDULE", "OFF_DOSE", "OFF_DAY"
MISSED, UNPLANNED = "MISSED", "UNPLANNED"
NO_ORIGIN = "the day that the schedule counts from is not known"
UNDATED = "a dose of the drug has no day, days that run backwards, or too many"
NO_DOSE = "the dose given is missing or in another unit than the schedule"

_INSTANCE = ["subject_id", "purpose", "instance"]
_DRUG = [*_INSTANCE, "drug"]
_DAY_1 = ("LINE", "FIRST_INFUSION", "FIRST_DOSE")
_RELATIVE = 1e-9


@dataclass(frozen=True)
class Records:
    """The frames that a comparison reads, each with its keys, needed columns and ``_source``."""

    doses: Lazy
    lines: Lazy
    exposure: Lazy
    transplants: Lazy
    follow_up: Lazy


def judged_doses(records: Records, blocks: tuple[Criteria, ...]) -> Lazy:
    """Return one row an expected dose of blocks of which the child has rows, and one an extra.

    Columns: ``subject_id, purpose, instance`` (the line's number, or 0), ``drug``,
    ``expected`` (whether the schedule has it), ``expected_day`` and ``given_day`` (days; null
    where there is none), ``status`` (ON_SCHEDULE, OFF_DOSE, OFF_DAY, MISSED, UNPLANNED; null where
    it cannot be told, with a ``note``) and ``source``, the row of the dose given.
    """
    rule = criteria_sets("protocol.comparison")["ten_percent_three_days"]
    rows = settled(_rows(records, blocks, rule))
    origins = settled(_origins(rows, records, blocks))
    parts = [_strangers(rows)]
    if any(_lines(blocks, dated=True)):
        parts.append(_with_days(rows, origins, records.follow_up, blocks, rule))
    if any(_lines(blocks, dated=False)):
        parts.append(_without_days(rows, origins, blocks, rule))
    return stacked(parts)


def _rows(records: Records, blocks: tuple[Criteria, ...], rule: Criteria) -> Lazy:
    """Return the doses given in the blocks: instance, drug of the schedule, days and faults."""
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
    return (
        records.doses.filter(purpose.is_in([block["purpose"] for block in blocks]))
        .join(grafts, on="subject_id", how="left")
        .filter(~by_graft | is_of_graft)
        .with_columns(
            instance=nw.when(by_line).then(nw.coalesce(nw.col("line_no"), nw.lit(0)))
            .otherwise(nw.lit(0)),
            given_drug=nw.col("drug"),
            drug=_drug_of_schedule(blocks),
            length=nw.when((length >= 0) & (length <= rule["longest_row"])).then(length),
        ).select(*_DRUG, "given_drug", "dose", "unit", "start_day", "length", SOURCE)
    )


def _drug_of_schedule(blocks: tuple[Criteria, ...]) -> nw.Expr:
    """Return the schedule's name of the drug of a row; null for one that it does not name."""
    name = nw.col("drug").str.strip_chars().str.to_lowercase()
    drug: nw.Expr = nw.lit(None, dtype=nw.String)
    for block in blocks:
        for line in block["lines"]:
            is_this = (nw.col("purpose") == block["purpose"]) & name.is_in(line["names"])
            drug = nw.when(is_this).then(nw.lit(line["drug"])).otherwise(drug)
    return drug


def _origins(rows: Lazy, records: Records, blocks: tuple[Criteria, ...]) -> Lazy:
    """Return ``origin``, the day each schedule counts from, of every instance with rows.

    Null where it is not known; several rows where the schedule begins anew with each cycle.
    """
    instances = rows.select(*_INSTANCE).unique()
    spans = cycle_spans(records.exposure)
    ends = spans.with_columns(
        open=nw.when(nw.col("infusion_end").is_null()).then(1).otherwise(0)
        .max().over("subject_id")).select(
        "subject_id", nw.when(nw.col("open") == 0).then(nw.col("infusion_end")).alias("origin"))
    first = rows.with_columns(
        open=nw.when(nw.col("start_day").is_null()).then(1).otherwise(0),
    ).group_by(*_INSTANCE).agg(
        nw.col("start_day").min().alias("origin"), nw.col("open").max(),
    ).select(*_INSTANCE, nw.when(nw.col("open") == 0).then(nw.col("origin")).alias("origin"))
    found: dict[str, tuple[Lazy, list[str]]] = {
        "LINE": (records.lines.select(
            "subject_id", nw.col("line_no").alias("instance"),
            nw.col("start_day").alias("origin")), ["subject_id", "instance"]),
        "FIRST_INFUSION": (spans.filter(nw.col("cycle_no") == 1).select(
            "subject_id", nw.col("cycle_start").alias("origin")), ["subject_id"]),
        "TRANSPLANT": (index_grafts(records.transplants).select(
            "subject_id", nw.col("graft_day").alias("origin")), ["subject_id"]),
        "CYCLE_END": (ends, ["subject_id"]),
        "FIRST_DOSE": (first, _INSTANCE),
    }
    parts = []
    for kind in dict.fromkeys(block["origin"] for block in blocks):
        purposes = [block["purpose"] for block in blocks if block["origin"] == kind]
        table, keys = found[kind]
        parts.append(instances.filter(nw.col("purpose").is_in(purposes)).join(
            table, on=keys, how="left").select(*_INSTANCE, nw.col("origin").cast(nw.Int64)))
    return stacked(parts).unique()


def _lines(blocks: tuple[Criteria, ...], *, dated: bool) -> Iterator[tuple[Criteria, Any]]:
    """Yield (block, line) of the lines with days, or of those without."""
    for block in blocks:
        for line in block["lines"]:
            if ("days" in line) is dated:
                yield block, line


def _planned(line: Any, rule: Criteria) -> list[nw.Expr]:
    """Return what a line says of its doses, as columns of its expected doses."""
    def number(key: str) -> nw.Expr:
        return nw.lit(float(line[key]) if key in line else None, dtype=nw.Float64).alias(key)

    return [
        nw.lit(line["drug"]).alias("drug"), number("dose"), number("dose_or"),
        nw.lit(line.get("unit"), dtype=nw.String).alias("unit"),
        nw.lit(line.get("within", 0)).alias("within"),
        nw.lit(line.get("off_day_within", rule["off_day_within"])).alias("off_day_within"),
    ]


def _on_schedule(rule: Criteria) -> nw.Expr:
    """Return whether a given dose is that of the schedule; null where it cannot be compared.

    Reads ``dose``, ``dose_or``, ``unit`` of the schedule, ``given`` and whether it is
    ``comparable``: of one unit, without a missing dose.
    """
    def near(key: str) -> nw.Expr:
        wanted = nw.col(key)
        slack = wanted * rule["dose_tolerance"] * (1 + _RELATIVE)
        is_near: nw.Expr = (nw.col("given") - wanted).abs() <= slack
        return is_near.fill_null(value=False)

    comparable = (nw.col("comparable") & (nw.col("given_unit") == nw.col("unit"))).fill_null(
        value=False)
    return (
        nw.when(nw.col("dose").is_null()).then(nw.lit(ON_SCHEDULE))
        .when(~comparable).then(nw.lit(None, dtype=nw.String))
        .when(near("dose") | near("dose_or")).then(nw.lit(ON_SCHEDULE))
        .otherwise(nw.lit(OFF_DOSE)))


def _with_days(
    rows: Lazy, origins: Lazy, follow_up: Lazy, blocks: tuple[Criteria, ...], rule: Criteria
) -> Lazy:
    """Return the doses that the schedule puts on days, and the given ones of the same drugs."""
    expected = settled(_expected(origins, follow_up, blocks, rule))
    given = settled(_given_days(rows, blocks, rule))
    keys = [*_DRUG, "day"]
    same_day = expected.join(given, on=keys).with_columns(given_day=nw.col("day"))
    rest_expected = settled(expected.join(given.select(*keys), on=keys, how="anti"))
    rest_given = settled(given.join(expected.select(*keys), on=keys, how="anti"))
    moved = settled(_moved(rest_expected, rest_given))
    on_schedule = _on_schedule(rule)
    late = nw.when(nw.col("gap") <= nw.col("within")).then(on_schedule).otherwise(nw.lit(OFF_DAY))
    absent = rest_expected.join(moved.select(*keys), on=keys, how="anti")
    return stacked([
        _as_given(same_day.with_columns(status=on_schedule)),
        _as_given(moved.with_columns(status=late)),
        _absent(absent, rows),
        _extra(rest_given, moved, origins),
        _undated(rows, blocks),
    ])


def _expected(
    origins: Lazy, follow_up: Lazy, blocks: tuple[Criteria, ...], rule: Criteria
) -> Lazy:
    """Return the expected doses with days, as far as they fell due within follow-up."""
    parts: list[Lazy] = []
    for block, line in _lines(blocks, dated=True):
        planned = origins.filter(nw.col("purpose") == block["purpose"]).select(
            *_INSTANCE, "origin", *_planned(line, rule))
        first = block["origin"] in _DAY_1
        parts.extend(planned.with_columns(day=nw.col("origin") + (day - first))
                     for day in line["days"])
    until = follow_up.select(
        "subject_id", nw.coalesce("death_day", "last_contact_day").alias("until"))
    due = nw.col("until").is_null() | nw.col("day").is_null() | (nw.col("day") <= nw.col("until"))
    expected = stacked(parts).drop("origin").unique()
    return expected.join(until, on="subject_id", how="left").filter(due).drop("until")


def _given_days(rows: Lazy, blocks: tuple[Criteria, ...], rule: Criteria) -> Lazy:
    """Return what was given of each drug with days on each day: the sum of its doses."""
    dated = rows.filter(~nw.col("length").is_null() & _is_dated(blocks)).with_columns(
        offset=nw.lit(0))
    days, step = settled(dated), 1
    while step <= rule["longest_row"]:
        later = days.with_columns(offset=nw.col("offset") + step).filter(
            nw.col("offset") <= nw.col("length"))
        days, step = settled(stacked([days, later])), step * 2
    unit = nw.col("unit")
    return days.with_columns(day=nw.col("start_day") + nw.col("offset")).group_by(
        *_DRUG, "day").agg(
        nw.col("dose").sum().alias("given"), nw.len().alias("rows"),
        nw.col("dose").count().alias("doses"), unit.count().alias("units"),
        unit.min().alias("given_unit"), unit.max().alias("last_unit"), nw.col(SOURCE).min(),
    ).with_columns(
        comparable=(nw.col("doses") == nw.col("rows")) & (nw.col("units") == nw.col("rows"))
        & (nw.col("given_unit") == nw.col("last_unit"))
    ).select(*_DRUG, "day", "given", "given_unit", "comparable", SOURCE)


def _is_dated(blocks: tuple[Criteria, ...]) -> nw.Expr:
    """Return whether the schedule puts the drug of a row on days."""
    is_dated = nw.lit(False)
    for block, line in _lines(blocks, dated=True):
        is_dated = is_dated | (
            (nw.col("purpose") == block["purpose"]) & (nw.col("drug") == line["drug"]))
    return is_dated


def _moved(expected: Lazy, given: Lazy) -> Lazy:
    """Pair what was given on another day with the expected dose that it is nearest to.

    Each given dose takes the nearest expected one (of two the earlier), each expected one keeps
    the nearest of those that took it (of two the earlier).
    """
    by_given, by_expected = [*_DRUG, "given_day"], [*_DRUG, "day"]
    pairs = expected.join(given.rename({"day": "given_day"}), on=_DRUG).with_columns(
        gap=(nw.col("given_day") - nw.col("day")).abs())
    pairs = settled(pairs.filter(nw.col("gap") <= nw.col("off_day_within")))
    pairs = pairs.filter(nw.col("gap") == nw.col("gap").min().over(*by_given))
    pairs = pairs.filter(nw.col("day") == nw.col("day").min().over(*by_given))
    pairs = pairs.filter(nw.col("gap") == nw.col("gap").min().over(*by_expected))
    return pairs.filter(nw.col("given_day") == nw.col("given_day").min().over(*by_expected))


def _as_given(judged: Lazy) -> Lazy:
    """Return expected doses that were given, with the status decided before."""
    return judged.with_columns(source=nw.col(SOURCE)).select(
        *_DRUG, *_entry(expected=True, expected_day=nw.col("day"), given_day=nw.col("given_day"),
                        status=nw.col("status"), note=_why_unclear()))


def _absent(expected: Lazy, rows: Lazy) -> Lazy:
    """Return expected doses that were not given, or of which this cannot be told."""
    undated = rows.filter(nw.col("length").is_null()).group_by(*_DRUG).agg(
        nw.col(SOURCE).min().alias("source"))
    note = nw.when(nw.col("day").is_null()).then(nw.lit(NO_ORIGIN)).when(
        ~nw.col("source").is_null()).then(nw.lit(UNDATED))
    return expected.join(undated, on=_DRUG, how="left").with_columns(note=note).select(
        *_DRUG, *_entry(
            expected=True, expected_day=nw.col("day"), note=nw.col("note"),
            status=nw.when(nw.col("note").is_null()).then(nw.lit(MISSED))))


def _extra(given: Lazy, moved: Lazy, origins: Lazy) -> Lazy:
    """Return doses given on days that no schedule names, where the schedule's days are known."""
    known = origins.filter(~nw.col("origin").is_null()).select(*_INSTANCE).unique()
    taken = moved.select(*_DRUG, nw.col("given_day").alias("day"))
    return given.join(known, on=_INSTANCE).join(
        taken, on=[*_DRUG, "day"], how="anti").with_columns(source=nw.col(SOURCE)).select(
        *_DRUG, *_entry(expected=False, given_day=nw.col("day"), status=nw.lit(UNPLANNED)))


def _undated(rows: Lazy, blocks: tuple[Criteria, ...]) -> Lazy:
    """Return the rows of drugs with days that have no day of their own."""
    return rows.filter(nw.col("length").is_null() & _is_dated(blocks)).with_columns(
        source=nw.col(SOURCE)).select(*_DRUG, *_entry(expected=False, note=nw.lit(UNDATED)))


def _without_days(
    rows: Lazy, origins: Lazy, blocks: tuple[Criteria, ...], rule: Criteria
) -> Lazy:
    """Return the drugs that the schedule names without days: given at all, in which dose."""
    instances = origins.select(*_INSTANCE).unique()
    parts = [
        instances.filter(nw.col("purpose") == block["purpose"]).select(
            *_INSTANCE, *_planned(line, rule), nw.lit(line.get("optional", False)).alias("free"))
        for block, line in _lines(blocks, dated=False)
    ]
    given = rows.select(
        *_DRUG, nw.col("dose").alias("given"), nw.col("unit").alias("given_unit"),
        (~nw.col("dose").is_null()).alias("comparable"), SOURCE)
    each = stacked(parts).join(given, on=_DRUG, how="left").with_columns(
        status=_on_schedule(rule))
    status = nw.col("status")
    counted = each.with_columns(
        is_given=nw.when(nw.col(SOURCE).is_null()).then(0).otherwise(1),
        free=nw.when(nw.col("free")).then(1).otherwise(0),
        off=nw.when(status == OFF_DOSE).then(1).otherwise(0),
        unclear=nw.when(status.is_null()).then(1).otherwise(0),
    ).group_by(*_DRUG).agg(
        nw.col("is_given", "free", "off", "unclear").max(),
        nw.col(SOURCE).min().alias("source"),
    ).filter((nw.col("is_given") == 1) | (nw.col("free") == 0))
    return counted.with_columns(
        status=nw.when(nw.col("is_given") == 0).then(nw.lit(MISSED))
        .when(nw.col("off") == 1).then(nw.lit(OFF_DOSE))
        .when(nw.col("unclear") == 0).then(nw.lit(ON_SCHEDULE)),
    ).select(*_DRUG, *_entry(expected=True, status=nw.col("status"), note=_why_unclear()))


def _strangers(rows: Lazy) -> Lazy:
    """Return the rows of drugs that the schedule does not name, under the record's own name."""
    return rows.filter(nw.col("drug").is_null()).with_columns(
        drug=nw.col("given_drug"), source=nw.col(SOURCE)).select(
        *_DRUG, *_entry(expected=False, given_day=nw.col("start_day"), status=nw.lit(UNPLANNED)))


def _entry(
    *, expected: bool, expected_day: nw.Expr | None = None, given_day: nw.Expr | None = None,
    status: nw.Expr | None = None, note: nw.Expr | None = None,
) -> list[nw.Expr]:
    """Return the columns of one judged dose; what is left out is null. ``source`` is there."""
    no_day, no_text = no_value(nw.Int64), nw.lit(None, dtype=nw.String)
    return [
        nw.lit(expected).alias("expected"),
        (no_day if expected_day is None else expected_day).alias("expected_day"),
        (no_day if given_day is None else given_day).alias("given_day"),
        (no_text if status is None else status).alias("status"),
        (no_text if note is None else note).alias("note"), nw.col("source")]


def _why_unclear() -> nw.Expr:
    """Return the note of a dose that was given but cannot be compared."""
    return nw.when(nw.col("status").is_null()).then(nw.lit(NO_DOSE))
