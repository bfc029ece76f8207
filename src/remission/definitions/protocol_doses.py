"""Doses of a schedule against the doses given: each expected one, and each that nobody expected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.criteria import Criteria, criteria_sets
from remission.definitions.inputs import Lazy, no_value, settled, stacked
from remission.definitions.protocol_rows import (
    DRUG,
    INSTANCE,
    NO_DOSE,
    Records,
    origins_of_blocks,
    rows_of_blocks,
    unit_of_schedule,
)
from remission.records.column import SOURCE

ON_SCHEDULE, OFF_DOSE, OFF_DAY = "ON_SCHEDULE", "OFF_DOSE", "OFF_DAY"
MISSED, UNPLANNED = "MISSED", "UNPLANNED"
NO_ORIGIN = "the day that the schedule counts from is not known"
UNDATED = "a dose of the drug has no day, days that run backwards, or too many"
CAPPED = "given at the usual most of a dose, which the schedule does not state"

_DAY_1 = ("LINE", "FIRST_INFUSION", "FIRST_DOSE")
_RELATIVE = 1e-9


def judged_doses(records: Records, blocks: tuple[Criteria, ...]) -> Lazy:
    """Return one row an expected dose of blocks of which the child has rows, and one an extra.

    Columns: ``subject_id, purpose, instance`` (the line's number, or 0), ``drug``,
    ``expected`` (whether the schedule has it), ``expected_day`` and ``given_day`` (days; null
    where there is none), ``expected_dose`` and ``given_dose`` in ``dose_unit`` (the schedule's;
    null where the schedule states no dose, or the one given cannot be converted), ``status``
    (ON_SCHEDULE, OFF_DOSE, OFF_DAY, MISSED, UNPLANNED; null where it cannot be told, with a
    ``note``) and ``source``, the row of the dose given.
    """
    rule = criteria_sets("protocol.comparison")["ten_percent_three_days"]
    rows = settled(rows_of_blocks(records, blocks, rule))
    origins = settled(origins_of_blocks(rows, records, blocks))
    parts = [_strangers(rows)]
    if any(_lines(blocks, dated=True)):
        parts.append(_with_days(rows, origins, records.follow_up, blocks, rule))
    if any(_lines(blocks, dated=False)):
        parts.append(_without_days(rows, origins, blocks, rule))
    return stacked(parts)


def _lines(blocks: tuple[Criteria, ...], *, dated: bool) -> Iterator[tuple[Criteria, Any]]:
    """Yield (block, line) of the lines with days, or of those without."""
    for block in blocks:
        for line in block["lines"]:
            if ("days" in line) is dated:
                yield block, line


def _planned(line: Any, rule: Criteria) -> list[nw.Expr]:
    """Return what a line says of its doses, as columns of its expected doses."""
    def number(name: str, value: float | None) -> nw.Expr:
        return nw.lit(None if value is None else float(value), dtype=nw.Float64).alias(name)

    return [
        nw.lit(line["drug"]).alias("drug"), number("dose", line.get("dose")),
        number("dose_or", line.get("dose_or")),
        number("usual_most", line.get("flag_above", {}).get("value")),
        nw.lit(line.get("within", 0)).alias("within"),
        nw.lit(line.get("off_day_within", rule["off_day_within"])).alias("off_day_within"),
    ]


def _on_schedule(rule: Criteria) -> nw.Expr:
    """Return whether a given dose is that of the schedule; null where it cannot be compared.

    Reads ``dose``, ``dose_or`` of the schedule and ``given``, in the same unit.
    """
    def near(key: str) -> nw.Expr:
        wanted = nw.col(key)
        slack = wanted * rule["dose_tolerance"] * (1 + _RELATIVE)
        is_near: nw.Expr = (nw.col("given") - wanted).abs() <= slack
        return is_near.fill_null(value=False)

    return (
        nw.when(nw.col("dose").is_null()).then(nw.lit(ON_SCHEDULE))
        .when(nw.col("given").is_null()).then(nw.lit(None, dtype=nw.String))
        .when(near("dose") | near("dose_or")).then(nw.lit(ON_SCHEDULE))
        .otherwise(nw.lit(OFF_DOSE)))


def _with_days(
    rows: Lazy, origins: Lazy, follow_up: Lazy, blocks: tuple[Criteria, ...], rule: Criteria
) -> Lazy:
    """Return the doses that the schedule puts on days, and the given ones of the same drugs."""
    expected = settled(_expected(origins, follow_up, blocks, rule))
    given = settled(_given_days(rows, blocks, rule))
    keys = [*DRUG, "day"]
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
        _absent(absent, rows, blocks),
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
            *INSTANCE, "origin", *_planned(line, rule))
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
    is_complete = nw.col("known") == nw.col("rows")
    return days.with_columns(day=nw.col("start_day") + nw.col("offset")).group_by(
        *DRUG, "day").agg(
        nw.col("given").sum(), nw.len().alias("rows"), nw.col("given").count().alias("known"),
        nw.col("size", "dose_unit", "why").min(), nw.col(SOURCE).min(),
    ).with_columns(given=nw.when(is_complete).then(nw.col("given"))).drop("rows", "known")


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
    by_given, by_expected = [*DRUG, "given_day"], [*DRUG, "day"]
    pairs = expected.join(given.rename({"day": "given_day"}), on=DRUG).with_columns(
        gap=(nw.col("given_day") - nw.col("day")).abs())
    pairs = settled(pairs.filter(nw.col("gap") <= nw.col("off_day_within")))
    pairs = pairs.filter(nw.col("gap") == nw.col("gap").min().over(*by_given))
    pairs = pairs.filter(nw.col("day") == nw.col("day").min().over(*by_given))
    pairs = pairs.filter(nw.col("gap") == nw.col("gap").min().over(*by_expected))
    return pairs.filter(nw.col("given_day") == nw.col("given_day").min().over(*by_expected))


def _as_given(judged: Lazy) -> Lazy:
    """Return expected doses that were given, with the status decided before."""
    return judged.with_columns(source=nw.col(SOURCE)).select(
        *DRUG, *_entry(expected=True, expected_day=nw.col("day"), given_day=nw.col("given_day"),
                        expected_dose=nw.col("dose"), given_dose=nw.col("given"),
                        dose_unit=nw.col("dose_unit"), status=nw.col("status"), note=_why()))


def _absent(expected: Lazy, rows: Lazy, blocks: tuple[Criteria, ...]) -> Lazy:
    """Return expected doses that were not given, or of which this cannot be told."""
    undated = rows.filter(nw.col("length").is_null()).group_by(*DRUG).agg(
        nw.col(SOURCE).min().alias("source"))
    note = nw.when(nw.col("day").is_null()).then(nw.lit(NO_ORIGIN)).when(
        ~nw.col("source").is_null()).then(nw.lit(UNDATED))
    return expected.join(undated, on=DRUG, how="left").with_columns(note=note).select(
        *DRUG, *_entry(
            expected=True, expected_day=nw.col("day"), expected_dose=nw.col("dose"),
            dose_unit=unit_of_schedule(blocks), note=nw.col("note"),
            status=nw.when(nw.col("note").is_null()).then(nw.lit(MISSED))))


def _extra(given: Lazy, moved: Lazy, origins: Lazy) -> Lazy:
    """Return doses given on days that no schedule names, where the schedule's days are known."""
    known = origins.filter(~nw.col("origin").is_null()).select(*INSTANCE).unique()
    taken = moved.select(*DRUG, nw.col("given_day").alias("day"))
    return given.join(known, on=INSTANCE).join(
        taken, on=[*DRUG, "day"], how="anti").with_columns(source=nw.col(SOURCE)).select(
        *DRUG, *_entry(
            expected=False, given_day=nw.col("day"), given_dose=nw.col("given"),
            dose_unit=nw.col("dose_unit"), status=nw.lit(UNPLANNED)))


def _undated(rows: Lazy, blocks: tuple[Criteria, ...]) -> Lazy:
    """Return the rows of drugs with days that have no day of their own."""
    return rows.filter(nw.col("length").is_null() & _is_dated(blocks)).with_columns(
        source=nw.col(SOURCE)).select(
        *DRUG, *_entry(expected=False, given_dose=nw.col("given"),
                        dose_unit=nw.col("dose_unit"), note=nw.lit(UNDATED)))


def _without_days(
    rows: Lazy, origins: Lazy, blocks: tuple[Criteria, ...], rule: Criteria
) -> Lazy:
    """Return the drugs that the schedule names without days: given at all, in which dose."""
    instances = origins.select(*INSTANCE).unique()
    parts = [
        instances.filter(nw.col("purpose") == block["purpose"]).select(
            *INSTANCE, *_planned(line, rule), nw.lit(line.get("optional", False)).alias("free"))
        for block, line in _lines(blocks, dated=False)
    ]
    given = rows.select(*DRUG, "given", "size", "why", "start_day", SOURCE)
    each = stacked(parts).join(given, on=DRUG, how="left").with_columns(
        status=_on_schedule(rule))
    status = nw.col("status")
    counted = each.with_columns(
        is_given=nw.when(nw.col(SOURCE).is_null()).then(0).otherwise(1),
        free=nw.when(nw.col("free")).then(1).otherwise(0),
        off=nw.when(status == OFF_DOSE).then(1).otherwise(0),
        unclear=nw.when(status.is_null()).then(1).otherwise(0),
    ).group_by(*DRUG).agg(
        nw.col("is_given", "free", "off", "unclear", "dose", "usual_most", "size").max(),
        nw.col("why", "start_day").min(), nw.len().alias("rows"),
        nw.col("given").min(), nw.col(SOURCE).min().alias("source"),
    ).filter((nw.col("is_given") == 1) | (nw.col("free") == 0))
    return counted.with_columns(
        given=nw.when(nw.col("rows") == 1).then(nw.col("given")),
        status=nw.when(nw.col("is_given") == 0).then(nw.lit(MISSED))
        .when(nw.col("off") == 1).then(nw.lit(OFF_DOSE))
        .when(nw.col("unclear") == 0).then(nw.lit(ON_SCHEDULE)),
    ).select(*DRUG, *_entry(
        expected=True, given_day=nw.col("start_day"), expected_dose=nw.col("dose"),
        given_dose=nw.col("given"), dose_unit=unit_of_schedule(blocks), status=nw.col("status"),
        note=_why()))


def _strangers(rows: Lazy) -> Lazy:
    """Return the rows of drugs that the schedule does not name, under the record's own name."""
    return rows.filter(nw.col("drug").is_null()).with_columns(
        drug=nw.col("given_drug"), source=nw.col(SOURCE)).select(
        *DRUG, *_entry(
            expected=False, given_day=nw.col("start_day"), given_dose=nw.col("recorded_dose"),
            dose_unit=nw.col("recorded_unit"), status=nw.lit(UNPLANNED)))


_NOTHING = {
    **dict.fromkeys(("expected_day", "given_day"), no_value(nw.Int64)),
    **dict.fromkeys(("expected_dose", "given_dose"), no_value(nw.Float64)),
    **dict.fromkeys(("dose_unit", "status", "note"), nw.lit(None, dtype=nw.String)),
}


def _entry(*, expected: bool, **given: nw.Expr) -> list[nw.Expr]:
    """Return the columns of one judged dose; what is left out is null. ``source`` is there."""
    columns = (given.get(name, nothing).alias(name) for name, nothing in _NOTHING.items())
    return [nw.lit(expected).alias("expected"), *columns, nw.col("source")]


def _why() -> nw.Expr:
    """Return why a dose that was given cannot be compared, or what may explain another dose."""
    most, size = nw.col("usual_most"), nw.col("size")
    is_capped = (nw.col("dose") * size > most * (1 + _RELATIVE)) & (
        (nw.col("given") * size - most).abs() <= most * _RELATIVE)
    return nw.when(nw.col("status").is_null()).then(
        nw.coalesce("why", nw.lit(NO_DOSE))).when(
        (nw.col("status") == OFF_DOSE) & is_capped.fill_null(value=False)).then(nw.lit(CAPPED))
