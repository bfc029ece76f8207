"""Rules about values: limits of columns, units, and numbers no child can have."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals.stable.v2 as nw

from remission import units
from remission.records.checks.rule import Finding, rule
from remission.records.column import SOURCE, Column
from remission.records.storage import Frame
from remission.records.study import Study
from remission.records.tables import CLINICAL_TABLES
from remission.records.transplant import CD34_DOSES

_MOST_THAT_LIVES = {
    "ANC": 500.0, "WBC": 2000.0, "ALC": 1500.0, "PLT": 5000.0, "HGB": 250.0,
    "WEIGHT": 250.0, "HEIGHT": 220.0,
}
"""Canonical units (×10⁹/L, g/L, kg, cm). ANC above 500 is a unit mistake: data model."""

_SUBSET_POINTS = 10.0
_LEAST_SUM, _MOST_SUM = 95.0, 105.0


def _limited_columns() -> Iterator[tuple[str, Column]]:
    """Yield (table, column) of every column with limits."""
    for table in CLINICAL_TABLES:
        for column in table.columns:
            if column.minimum is not None or column.maximum is not None:
                yield table.name, column


@rule(
    why="The value lies outside what this column can hold.",
    cure="Correct the value, or its unit in the mapping.",
)
def out_of_range(study: Study) -> Iterator[Finding]:
    """Find values outside the limits declared for their column."""
    for table, column in _limited_columns():
        if not study.has(table):
            continue
        outside = nw.lit(False)
        if column.minimum is not None:
            outside = outside | (nw.col(column.name) < column.minimum)
        if column.maximum is not None:
            outside = outside | (nw.col(column.name) > column.maximum)
        for row in study.table(table).filter(outside).iter_rows(named=True):
            yield Finding(
                row["subject_id"], (row[SOURCE],),
                f"{table}.{column.name} is {row[column.name]:g}{_unit(column)}; "
                f"expected {_limits(column)}.",
            )


@rule(
    why="Read as percent, every value of this column would be at most 1 %.",
    cure='Declare the unit in the mapping (unit = "fraction") or write percentages.',
    source="data dictionary: percentages are stored in percent, 0 to 100",
)
def percent_as_fraction(study: Study) -> Iterator[Finding]:
    """Find percentage columns of a site that look like fractions (MRD may truly be so low)."""
    for table in CLINICAL_TABLES:
        for column in table.columns:
            if not column.is_percent or column.name.startswith("mrd_"):
                continue
            if not study.has(table.name):
                continue
            known = study.table(table.name).filter(~nw.col(column.name).is_null())
            by_site: dict[str, list[tuple[float, str]]] = {}
            for subject, value, row in known.select("subject_id", column.name, SOURCE).iter_rows():
                by_site.setdefault(study.site_of.get(subject, ""), []).append((value, row))
            for site, values in by_site.items():
                numbers = [value for value, _ in values]
                are_whole = all(float(number).is_integer() for number in numbers)
                if len(numbers) >= 3 and 0 < max(numbers) <= 1 and min(numbers) >= 0 and (
                        not are_whole):
                    yield Finding(
                        "", tuple(row for _, row in values[:5]),
                        f"All {len(numbers)} values of {table.name}.{column.name} are at most "
                        f"{max(numbers):g}: they look like fractions.", site_id=site,
                    )


@rule(
    why="No child lives with such a value; the unit is probably another one.",
    cure="Set the unit the laboratory used in the mapping, or correct the value.",
)
def impossible_value(study: Study) -> Iterator[Finding]:
    """Find laboratory values above what is compatible with life."""
    laboratory = study.table("laboratory")
    for test, most in _MOST_THAT_LIVES.items():
        unit = units.canonical_unit(test)
        high = laboratory.filter(
            (nw.col("test") == test) & (nw.col("unit") == unit) & (nw.col("value") > most))
        for row in high.iter_rows(named=True):
            yield Finding(
                row["subject_id"], (row[SOURCE],),
                f"{test} is {row['value']:g} {unit} on day {row['day']}; above {most:g} {unit} "
                "does not occur.",
            )


@rule(
    why="No graft holds such a dose; the unit, or the weight it was divided by, is another.",
    cure="Give CD34⁺ cells in 10⁶ for each kilogram of the recipient.",
    source="the project's own limits: 0.1 to 60 ×10⁶/kg, cord blood 0.01 to 10",
)
def cd34_dose_implausible(study: Study) -> Iterator[Finding]:
    """Find CD34⁺ doses that a graft of its source does not hold."""
    for row in study.table("transplant").iter_rows(named=True):
        cells = row["graft"] or ("CORD" if row["donor"] == "CORD" else None)
        dose = row["cd34_1e6_kg"]
        if dose is None or cells is None:
            continue
        low, high = CD34_DOSES[cells]
        if not low <= dose <= high:
            yield Finding(row["subject_id"], (row[SOURCE],),
                          f"The CD34⁺ dose is {dose:g} ×10⁶/kg; a graft of {cells} holds "
                          f"{low:g} to {high:g}.")


_CYTOKINES = ("IL1B", "IL2", "IL4", "IL5", "IL6", "IL8", "IL10", "IL12", "IL17", "IFNG", "TNFA",
              "IFNA")


@rule(
    why="Serum and spinal fluid must not be mixed, so a cytokine of neither is not used.",
    cure="Write the specimen (SERUM, BLOOD or CSF).",
    source="definitions: cytokines, serum and spinal fluid are never paired as the same matrix",
)
def cytokine_without_specimen(study: Study) -> Iterator[Finding]:
    """Find cytokines whose specimen is not recorded."""
    bare = study.table("laboratory").filter(
        nw.col("test").is_in(_CYTOKINES) & nw.col("specimen").is_null()
        & ~nw.col("value").is_null())
    found: dict[str, list[str]] = {}
    for subject, row in bare.select("subject_id", SOURCE).iter_rows():
        found.setdefault(subject, []).append(row)
    for subject, rows in found.items():
        values = "1 cytokine value has" if len(rows) == 1 else f"{len(rows)} cytokine values have"
        yield Finding(subject, tuple(rows), f"{values} no specimen.")


@rule(
    why="A number without a unit its test can have cannot be compared with any threshold.",
    cure="Write the unit of the test (the query names those it knows).",
)
def unknown_unit(study: Study) -> Iterator[Finding]:
    """Find laboratory tests without a unit, or in one they cannot have."""
    laboratory = study.table("laboratory").filter(~nw.col("value").is_null())
    found: dict[tuple[str, str, str | None], list[str]] = {}
    for row in laboratory.select("subject_id", "test", "unit", SOURCE).iter_rows(named=True):
        if units.ratio_to_canonical(row["test"], row["unit"] or "") is None:
            site = study.site_of.get(row["subject_id"], "")
            found.setdefault((site, row["test"], row["unit"]), []).append(row[SOURCE])
    for (site, test, unit), rows in found.items():
        given = "no unit" if unit is None else f"the unit {unit!r}"
        known = ", ".join(units.TEST_UNITS[test])
        values = "1 value" if len(rows) == 1 else f"{len(rows)} values"
        yield Finding("", tuple(rows), site_id=site,
                      what=f"{values} of {test} with {given}; it is measured in {known}.")


@rule(
    why="A share of a whole lies between 0 and 100 %.",
    cure="Correct the value, or its unit in the mapping.",
)
def percentage_out_of_range(study: Study) -> Iterator[Finding]:
    """Find laboratory percentages below 0 or above 100."""
    percentages = [test for test in units.TEST_UNITS if units.canonical_unit(test) == "%"]
    outside = study.table("laboratory").filter(
        nw.col("test").is_in(percentages) & (nw.col("unit") == "%")
        & ((nw.col("value") < 0) | (nw.col("value") > 100)))
    for row in outside.iter_rows(named=True):
        yield Finding(row["subject_id"], (row[SOURCE],),
                      f"{row['test']} is {row['value']:g} % on day {row['day']}.")


@rule(
    why="One laboratory reports a test in one unit; a second unit on one day is often a slip.",
    cure="Correct the unit that is wrong, or confirm that both are right.",
)
def units_differ_within_day(study: Study) -> Iterator[Finding]:
    """Find two values of a test on one day that were given in different units."""
    given: dict[tuple[str, str, int], dict[str, str]] = {}
    laboratory = study.table("laboratory").filter(~nw.col("value").is_null())
    for row in laboratory.iter_rows(named=True):
        unit = row["source_unit"] or row["unit"]
        if unit is not None:
            day = given.setdefault((row["subject_id"], row["test"], row["day"]), {})
            day.setdefault(units.spelled(unit), row[SOURCE])
    for (subject, test, day_of), rows in given.items():
        if len(rows) > 1:
            yield Finding(subject, tuple(rows.values()),
                          f"{test} on day {day_of} is given in {' and in '.join(rows)}.")


@rule(
    why="Below its assay's limit of detection a number is not a measurement.",
    cure="Set mrd_sign to '<' with the limit as value, or correct value or limit.",
    source="definitions: MRD states by method and sensitivity",
)
def mrd_below_limit(study: Study) -> Iterator[Finding]:
    """Find MRD values given as measured although below the limit of their assay."""
    below = study.table("assessment").filter(
        (nw.col("mrd_percent") < nw.col("mrd_lod_percent"))
        & ~nw.col("mrd_sign").is_in(["<", "ND"]))
    for row in below.iter_rows(named=True):
        yield Finding(
            row["subject_id"], (row[SOURCE],),
            f"MRD {row['mrd_percent']:g} % on day {row['day']} is below the assay's limit "
            f"{row['mrd_lod_percent']:g} %.",
        )


@rule(
    why="CD4 and CD8 cells are parts of the CD3 cells.",
    cure="Check the three percentages of that sample against the laboratory's report.",
    source="data model: CD4 + CD8 within CD3 ± 10 points [from memory: to be verified]",
)
def subsets_do_not_add_up(study: Study) -> Iterator[Finding]:
    """Find samples whose CD4 and CD8 percentages miss CD3 by more than 10 points."""
    for row in _percentages(study, "CD3", "CD4", "CD8").iter_rows(named=True):
        gap = row["CD4"] + row["CD8"] - row["CD3"]
        if abs(gap) > _SUBSET_POINTS:
            yield Finding(
                row["subject_id"], tuple(row[f"row_{test}"] for test in ("CD3", "CD4", "CD8")),
                f"On day {row['day']} CD4 {row['CD4']:g} % + CD8 {row['CD8']:g} % differ from "
                f"CD3 {row['CD3']:g} % by {abs(gap):g} points.",
            )


@rule(
    why="T, B and NK cells together are all lymphocytes.",
    cure="Check the three percentages of that sample against the laboratory's report.",
    source="definitions: CD3 + CD19 + NK are 95 to 105 % [from memory: to be verified]",
)
def lymphocytes_do_not_add_up(study: Study) -> Iterator[Finding]:
    """Find samples whose CD3, CD19 and NK percentages do not add up to 95 to 105 %."""
    for row in _percentages(study, "CD3", "CD19", "NK").iter_rows(named=True):
        total = row["CD3"] + row["CD19"] + row["NK"]
        if not _LEAST_SUM <= total <= _MOST_SUM:
            yield Finding(
                row["subject_id"], tuple(row[f"row_{test}"] for test in ("CD3", "CD19", "NK")),
                f"On day {row['day']} CD3 {row['CD3']:g} % + CD19 {row['CD19']:g} % + NK "
                f"{row['NK']:g} % are {total:g} %.",
            )


def _percentages(study: Study, *tests: str) -> Frame:
    """Return the days on which each of some subsets has a percentage, a column a subset."""
    laboratory = study.table("laboratory")
    first, *others = (
        laboratory.filter(nw.col("test") == f"{test}_PERCENT").select(
            "subject_id", "day", nw.col("value").alias(test), nw.col(SOURCE).alias(f"row_{test}"))
        for test in tests)
    for other in others:
        first = first.join(other, on=["subject_id", "day"])
    return first


def _unit(column: Column) -> str:
    return f" {column.unit}" if column.unit else ""


def _limits(column: Column) -> str:
    if column.maximum is None:
        return f"at least {column.minimum:g}"
    if column.minimum is None:
        return f"at most {column.maximum:g}"
    return f"{column.minimum:g} to {column.maximum:g}"
