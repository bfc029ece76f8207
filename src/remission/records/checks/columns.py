"""Rules that read every table: limits of columns, percentages, rows twice, rows of other rows."""

from __future__ import annotations

from collections.abc import Iterator

import narwhals.stable.v2 as nw

from remission.records.checks.rule import OWN, ROW, At, Finding, each, known, rows_of, rule
from remission.records.checks.values import CodeOf, ColumnOf, TableOf, UnitOf
from remission.records.column import Column
from remission.records.storage import Frame
from remission.records.study import Study
from remission.records.tables import CLINICAL_TABLES

_FEWEST = 3
"""Percentages from which on a column may be judged."""
_ROWS_NAMED = 5
_NEVER_SO_LOW = "CD3_PERCENT"
_FEWEST_TWICE = {"laboratory": 5}
"""Two equal values of one day happen; so many of one child are a file that was read twice."""


@rule(
    what={
        "between": "{column} is {value}{unit}; expected {least} to {most}.",
        "least": "{column} is {value}{unit}; expected at least {least}.",
    },
    why="The value lies outside what this column can hold.",
    cure="Correct the value, or its unit in the mapping.",
)
def out_of_range(study: Study) -> Iterator[Finding]:
    """Find values outside the limits declared for their column."""
    for table in CLINICAL_TABLES:
        limited = [column for column in table.columns if column.minimum is not None]
        if not limited or not study.has(table.name):
            continue
        # Looked at together first: nearly all columns hold nothing to name.
        held = study.table(table.name).select(
            *(_is_outside(column).any() for column in limited)).row(0)
        for column, is_broken in zip(limited, held, strict=True):
            if is_broken:
                yield from _outside(study, table.name, column)


def _is_outside(column: Column) -> nw.Expr:
    """Return whether the values of a column lie outside its limits."""
    value = nw.col(column.name)
    too_low: nw.Expr = value < column.minimum
    return too_low if column.maximum is None else too_low | (value > column.maximum)


def _outside(study: Study, table: str, column: Column) -> Iterator[Finding]:
    """Yield the rows of a table whose value of a column lies outside its limits."""
    least, most = column.minimum, column.maximum
    for row in rows_of(study, table).filter(_is_outside(column)).iter_rows(named=True):
        yield Finding(
            row["subject_id"], (At(table, row[ROW], (column.name,)),),
            {"column": ColumnOf(table, column.name), "value": row[column.name],
             "unit": UnitOf(column.unit or ""), "least": least, "most": most},
            "least" if most is None else "between")


@rule(
    what={
        "column": "All {count} values of {column} are at most {most}: they look like fractions.",
        "test": "All {count} values of {test} are at most {most} %: they look like fractions.",
    },
    why="Read as percent, every value of this column would be at most 1 %.",
    cure='Declare the unit in the mapping (unit = "fraction") or write percentages.',
    source="data dictionary: percentages are stored in percent, 0 to 100",
)
def percent_as_fraction(study: Study) -> Iterator[Finding]:
    """Find percentage columns of a site that look like fractions (MRD may truly be so low)."""
    sites = study.table("subject").select("subject_id", "site_id")
    for table in CLINICAL_TABLES:
        for column in table.columns:
            if column.is_percent and not column.name.startswith("mrd_") and study.has(table.name):
                rows = rows_of(study, table.name).filter(known(column.name)).join(
                    sites, on="subject_id").select("site_id", ROW, value=nw.col(column.name))
                yield from _fractions(rows, ColumnOf(table.name, column.name))
    # Chimerism and the other subsets may truly lie under 1 % in every sample of a centre.
    cells = rows_of(study, "laboratory").filter(
        (nw.col("test") == _NEVER_SO_LOW) & (nw.col("unit") == "%") & known("value")).join(
        sites, on="subject_id").select("site_id", ROW, "value")
    yield from _fractions(cells, ColumnOf("laboratory", "value"), _NEVER_SO_LOW)


def _fractions(rows: Frame, column: ColumnOf, test: str | None = None) -> Iterator[Finding]:
    """Yield the sites all of whose values are at most 1, and not whole; with their first rows."""
    value = nw.col("value")
    of_sites = rows.group_by("site_id").agg(
        value.len().alias("count"), value.max().alias("most"), value.min().alias("least"),
        (value != value.round()).any().alias("has_parts"))
    looks_so = of_sites.filter(
        (nw.col("count") >= _FEWEST) & (nw.col("most") > 0) & (nw.col("most") <= 1)
        & (nw.col("least") >= 0) & nw.col("has_parts"))
    for site in looks_so.iter_rows(named=True):
        first = rows.filter(nw.col("site_id") == site["site_id"])[ROW].head(_ROWS_NAMED).to_list()
        named = {"column": column} if test is None else {
            "test": CodeOf("laboratory", "test", test)}
        yield Finding(
            "", tuple(At(column.table, row, (column.column,)) for row in first),
            {**named, "count": site["count"], "most": site["most"]},
            "column" if test is None else "test", site_id=site["site_id"])


@rule(
    what="{table} holds rows that repeat another one of this child: {count}.",
    why="A row that is read twice counts twice: one relapse, one event, one value.",
    cure="Remove the repetition, or say by a number or a value in what the rows differ.",
    source="data model: one row a thing that happened",
)
def recorded_twice(study: Study) -> Iterator[Finding]:
    """Find rows of a child that are the same as another one in everything but their number."""
    for table in CLINICAL_TABLES:
        number = table.key[-1]
        if (table.numbered is None and number != "sequence") or not study.has(table.name):
            continue
        told = [column.name for column in table.columns if column.name != number]
        rows = rows_of(study, table.name)
        found: dict[str, list[int]] = {}
        twice = rows.filter(rows.select(told).is_duplicated())
        for subject, row in twice.select("subject_id", ROW).iter_rows():
            found.setdefault(subject, []).append(row)
        for subject, same in found.items():
            if len(same) > _FEWEST_TWICE.get(table.name, 1):
                yield Finding(subject, tuple(At(table.name, row) for row in same),
                              {"table": TableOf(table.name), "count": len(same)})


_ROWS_OF_FORMS = {
    "RELAPSE": ("disease_episode", nw.col("phase") == "RELAPSE"),
    "ACUTE_GVHD": ("gvhd", nw.col("kind") == "ACUTE"),
    "CHRONIC_GVHD": ("gvhd", nw.col("kind") == "CHRONIC"),
    "ADVERSE_EVENT": ("adverse_event", ~nw.col("subject_id").is_null()),
    "TRANSFUSION": ("transfusion", ~nw.col("subject_id").is_null()),
    "SECOND_MALIGNANCY": ("follow_up", ~nw.col("second_malignancy_day").is_null()),
}


@rule(
    what="{form} was not collected, but {table} has a row.",
    why="What was not collected cannot have rows; either the form or the rows are wrong.",
    cure="Correct the form's status, or remove the rows.",
)
def rows_without_form(study: Study) -> Iterator[Finding]:
    """Find records under a form that was not collected."""
    closed = rows_of(study, "form_status").filter(nw.col("status") == "NOT_COLLECTED")
    if not len(closed):
        return
    for form, (table, is_of_form) in _ROWS_OF_FORMS.items():
        of_form = closed.filter(nw.col("form") == form).select(
            "subject_id", nw.col(ROW).alias("form_row"))
        rows = rows_of(study, table).filter(is_of_form)
        for row in rows.join(of_form, on="subject_id").iter_rows(named=True):
            yield Finding(
                row["subject_id"],
                (At(table, row[ROW]), At("form_status", row["form_row"], ("status",))),
                {"form": CodeOf("form_status", "form", form), "table": TableOf(table)})


@rule(
    what="A dose of {drug} belongs to line {line_no}, but no such line is recorded.",
    why="The days of its schedule count from that line.",
    cure="Correct [drug_dose.line_no], or add the line to [treatment_line].",
    source=OWN,
)
def dose_of_unknown_line(study: Study) -> Iterator[Finding]:
    """Find doses of a treatment line that is not recorded."""
    lines = study.table("treatment_line").select(
        "subject_id", "line_no", nw.lit(1).alias("recorded"))
    doses = rows_of(study, "drug_dose").filter(known("line_no")).join(
        lines, on=["subject_id", "line_no"], how="left")
    yield from each(doses.filter(nw.col("recorded").is_null()), "drug_dose", "line_no",
                    values=("drug", "line_no", "dose_no"))


@rule(
    what="{field}, but {of}: expected {expected}.",
    why="Two columns of the centre's own file say different things; only one can be used.",
    cure="Correct the column that is wrong in the centre's file and import again.",
    source="the mapping's [[redundant]] comparisons",
)
def repeated_column_disagrees(study: Study) -> Iterator[Finding]:
    """Find columns of a centre's own file that contradict each other."""
    yield from each(rows_of(study, "source_disagreement"), "source_disagreement",
                    "field", "of", "expected")
