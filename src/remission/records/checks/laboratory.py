"""Rules about laboratory values: units, limits of assays, and numbers no child can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import narwhals.stable.v2 as nw

from remission import units
from remission.records.checks.rule import OWN, ROW, At, Finding, known, rows_of, rule
from remission.records.checks.values import CodeOf, Values
from remission.records.storage import Frame
from remission.records.study import Study

_MOST_THAT_LIVES = {
    "ANC": 500.0, "WBC": 2000.0, "ALC": 1500.0, "PLT": 5000.0, "HGB": 250.0,
    "WEIGHT": 250.0, "HEIGHT": 220.0,
}
"""Canonical units (×10⁹/L, g/L, kg, cm). ANC above 500 is a unit mistake: data model."""
_LEAST_THAT_LIVES = {"HGB": 20.0, "WEIGHT": 1.5, "HEIGHT": 35.0}
"""Haemoglobin in g/dL read as g/L lies under 20; of sizes dosing.limits reads no less either."""

_SUBSET_POINTS = 10.0
_LEAST_SUM, _MOST_SUM = 95.0, 105.0
_DECIMALS = 6
"""Of sums of percentages: 57.6 − 21.33 − 26.27 is 10 points, and not more by a binary rest."""
_CYTOKINES = ("IL1B", "IL2", "IL4", "IL5", "IL6", "IL8", "IL10", "IL12", "IL17", "IFNG", "TNFA",
              "IFNA")


def _by_child_and_test(
    rows: Frame, columns: tuple[str, ...], values: Values | None = None
) -> Iterator[Finding]:
    """Yield a finding for each child and test of some laboratory rows: one value, or several."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    picked = rows.select("subject_id", "test", "value", "unit", "day", ROW)
    for row in picked.iter_rows(named=True):
        found.setdefault((row["subject_id"], row["test"]), []).append(row)
    for (subject, test), group in found.items():
        numbers = [row["value"] for row in group]
        named: Values = {**(values or {}), "test": CodeOf("laboratory", "test", test),
                 "unit": group[0]["unit"]}
        at = tuple(At("laboratory", row[ROW], columns) for row in group)
        if len(group) == 1:
            yield Finding(subject, at, {**named, "value": numbers[0], "day": group[0]["day"]},
                          "one")
        else:
            yield Finding(subject, at, {**named, "count": len(group), "least": min(numbers),
                                        "most": max(numbers)}, "several")


def _beyond(study: Study, limits: Mapping[str, float], *, above: bool) -> Iterator[Finding]:
    """Yield the values of tests that lie above (or below) their limit, by child and test."""
    laboratory = rows_of(study, "laboratory")
    for test, limit in limits.items():
        value = nw.col("value")
        beyond = laboratory.filter(
            (nw.col("test") == test) & (nw.col("unit") == units.canonical_unit(test))
            & ((value > limit) if above else (value < limit) & (value >= 0)))
        yield from _by_child_and_test(beyond, ("value", "unit"), {"limit": limit})


@rule(
    what={
        "one": "{test} is {value} {unit} on day {day}; above {limit} {unit} does not occur.",
        "several": "{test} is {least} to {most} {unit} in {count} rows; above {limit} {unit} "
                   "does not occur.",
    },
    why="No child lives with such a value; the unit is probably another one.",
    cure="Set the unit the laboratory used in the mapping, or correct the value.",
)
def impossible_value(study: Study) -> Iterator[Finding]:
    """Find laboratory values above what is compatible with life."""
    yield from _beyond(study, _MOST_THAT_LIVES, above=True)


@rule(
    what={
        "one": "{test} is {value} {unit} on day {day}; below {limit} {unit} does not occur.",
        "several": "{test} is {least} to {most} {unit} in {count} rows; below {limit} {unit} "
                   "does not occur.",
    },
    why="No child has so little; the unit is probably another one, and doses by body surface "
        "would be wrong many times over.",
    cure="Correct the value, or set its unit in the mapping.",
    source=OWN,
)
def impossible_size(study: Study) -> Iterator[Finding]:
    """Find haemoglobin, weights and heights below those of any child."""
    yield from _beyond(study, _LEAST_THAT_LIVES, above=False)


@rule(
    what={
        "one": "{test} is {value} {unit} on day {day}.",
        "several": "{test} is {least} to {most} {unit} in {count} rows.",
    },
    why="Nothing that a laboratory counts or measures here is below zero.",
    cure="Correct the value; if a code stands for a missing one, name it under null in the "
         "mapping.",
    source=OWN,
)
def negative_value(study: Study) -> Iterator[Finding]:
    """Find laboratory values below zero."""
    below = rows_of(study, "laboratory").filter(
        (nw.col("value") < 0) & (nw.col("unit").fill_null("") != "%"))
    yield from _by_child_and_test(below, ("value",))


@rule(
    what={
        "one": "{test} is {value} {unit} on day {day}.",
        "several": "{test} is {least} to {most} {unit} in {count} rows.",
    },
    why="A share of a whole lies between 0 and 100 %.",
    cure="Correct the value, or its unit in the mapping.",
)
def percentage_out_of_range(study: Study) -> Iterator[Finding]:
    """Find laboratory percentages below 0 or above 100."""
    percentages = [test for test in units.TEST_UNITS if units.canonical_unit(test) == "%"]
    outside = rows_of(study, "laboratory").filter(
        nw.col("test").is_in(percentages) & (nw.col("unit") == "%")
        & ((nw.col("value") < 0) | (nw.col("value") > 100)))
    yield from _by_child_and_test(outside, ("value", "unit"))


@rule(
    what={
        "one": "{test} is {value} {unit} on day {day}, below the limit of detection in its row.",
        "several": "{test} is {least} to {most} {unit} in {count} rows, below the limit of "
                   "detection in each.",
    },
    why="Below its assay's limit of detection a number is not a measurement.",
    cure="Set [laboratory.sign] to '<' with the limit as value, or correct value or limit.",
    source="data model: a value below its assay's limit is not a value",
)
def value_below_limit(study: Study) -> Iterator[Finding]:
    """Find laboratory values given as measured although below their limit of detection."""
    below = rows_of(study, "laboratory").filter(
        (nw.col("value") < nw.col("lod")) & (nw.col("sign").fill_null("=") != "<")
        & (nw.col("value") >= 0))
    yield from _by_child_and_test(below, ("value", "lod", "sign"))


@rule(
    what="Cytokine values without a specimen: {count}.",
    why="Serum and spinal fluid must not be mixed, so a cytokine of neither is not used.",
    cure="Write the specimen (SERUM, BLOOD or CSF).",
    source="definitions: cytokines, serum and spinal fluid are never paired as the same matrix",
)
def cytokine_without_specimen(study: Study) -> Iterator[Finding]:
    """Find cytokines whose specimen is not recorded."""
    bare = rows_of(study, "laboratory").filter(
        nw.col("test").is_in(_CYTOKINES) & nw.col("specimen").is_null() & known("value"))
    found: dict[str, list[int]] = {}
    for subject, row in bare.select("subject_id", ROW).iter_rows():
        found.setdefault(subject, []).append(row)
    for subject, rows in found.items():
        yield Finding(subject, tuple(At("laboratory", row, ("specimen",)) for row in rows),
                      {"count": len(rows)})


@rule(
    what={
        "none": "{test} has values without a unit: {count}; it is measured in {known}.",
        "other": "{test} has values in the unit '{unit}': {count}; it is measured in {known}.",
    },
    why="A number without a unit its test can have cannot be compared with any threshold.",
    cure="Write the unit of the test (the query names those it knows).",
)
def unknown_unit(study: Study) -> Iterator[Finding]:
    """Find laboratory tests without a unit, or in one they cannot have."""
    laboratory = rows_of(study, "laboratory").filter(known("value"))
    sites = study.table("subject").select("subject_id", "site_id")
    for test, unit in laboratory.select("test", "unit").unique().sort("test", "unit").iter_rows():
        if units.ratio_to_canonical(test, unit or "") is not None:
            continue
        is_unit = nw.col("unit").is_null() if unit is None else nw.col("unit") == unit
        strange = laboratory.filter((nw.col("test") == test) & is_unit).join(
            sites, on="subject_id")
        found: dict[str, list[int]] = {}
        for site, row in strange.select("site_id", ROW).iter_rows():
            found.setdefault(site, []).append(row)
        for site, rows in found.items():
            yield Finding(
                "", tuple(At("laboratory", row, ("unit",)) for row in rows),
                {"test": CodeOf("laboratory", "test", test), "unit": unit, "count": len(rows),
                 "known": tuple(units.TEST_UNITS[test])},
                "none" if unit is None else "other", site_id=site)


@rule(
    what="{test} on day {day} is given in {units}.",
    why="One laboratory reports a test in one unit; a second unit on one day is often a slip.",
    cure="Correct the unit that is wrong, or confirm that both are right.",
)
def units_differ_within_day(study: Study) -> Iterator[Finding]:
    """Find two values of a test on one day that were given in different units."""
    given = rows_of(study, "laboratory").filter(known("value")).with_columns(
        given=nw.coalesce("source_unit", "unit")).filter(known("given"))
    sample = ("subject_id", "test", "day")
    differ = given.filter(nw.col("given").n_unique().over(*sample) > 1)
    found: dict[tuple[str, str, int], dict[str, int]] = {}
    for subject, test, day, unit, row in differ.select(*sample, "given", ROW).iter_rows():
        found.setdefault((subject, test, day), {}).setdefault(units.spelled(unit), row)
    for (subject, test, day), rows in found.items():
        if len(rows) > 1:
            yield Finding(
                subject, tuple(At("laboratory", row, ("source_unit", "unit"))
                               for row in rows.values()),
                {"test": CodeOf("laboratory", "test", test), "day": day, "units": tuple(rows)})


@rule(
    what="On day {day} CD4 {CD4} % + CD8 {CD8} % differ from CD3 {CD3} % by {gap} points.",
    why="CD4 and CD8 cells are parts of the CD3 cells.",
    cure="Check the three percentages of that sample against the laboratory's report.",
    source="data model: CD4 + CD8 within CD3 ± 10 points [from memory: to be verified]",
)
def subsets_do_not_add_up(study: Study) -> Iterator[Finding]:
    """Find samples whose CD4 and CD8 percentages miss CD3 by more than 10 points."""
    gap = nw.col("CD4") + nw.col("CD8") - nw.col("CD3")
    samples = _percentages(study, "CD3", "CD4", "CD8").with_columns(
        gap=gap.abs().round(_DECIMALS))
    for row in samples.filter(nw.col("gap") > _SUBSET_POINTS).iter_rows(named=True):
        yield _of_sample(row, "CD3", "CD4", "CD8", "gap")


@rule(
    what="On day {day} CD3 {CD3} % + CD19 {CD19} % + NK {NK} % are {total} %.",
    why="T, B and NK cells together are all lymphocytes.",
    cure="Check the three percentages of that sample against the laboratory's report.",
    source="definitions: CD3 + CD19 + NK are 95 to 105 % [from memory: to be verified]",
)
def lymphocytes_do_not_add_up(study: Study) -> Iterator[Finding]:
    """Find samples whose CD3, CD19 and NK percentages do not add up to 95 to 105 %."""
    total = nw.col("CD3") + nw.col("CD19") + nw.col("NK")
    samples = _percentages(study, "CD3", "CD19", "NK").with_columns(
        total=total.round(_DECIMALS))
    outside = (nw.col("total") < _LEAST_SUM) | (nw.col("total") > _MOST_SUM)
    for row in samples.filter(outside).iter_rows(named=True):
        yield _of_sample(row, "CD3", "CD19", "NK", "total")


def _percentages(study: Study, *tests: str) -> Frame:
    """Return the samples in which each of some subsets has a percentage, a column a subset."""
    laboratory = rows_of(study, "laboratory").with_columns(
        specimen=nw.col("specimen").fill_null("BLOOD"))
    first, *others = (
        laboratory.filter(nw.col("test") == f"{test}_PERCENT").select(
            "subject_id", "day", "sequence", "specimen", nw.col("value").alias(test),
            nw.col(ROW).alias(f"row_{test}"))
        for test in tests)
    for other in others:
        first = first.join(other, on=["subject_id", "day", "sequence", "specimen"])
    return first


def _of_sample(row: dict[str, Any], *names: str) -> Finding:
    """Return the finding about one sample: its percentages and what they amount to."""
    at = tuple(At("laboratory", row[f"row_{test}"], ("value",)) for test in names[:-1])
    return Finding(row["subject_id"], at, {name: row[name] for name in (*names, "day")})
