"""Tables kept as Parquet: one file, or a folder of parts under the name of the table."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from remission.errors import Problem, did_you_mean
from remission.records.column import SOURCE, Table
from remission.records.storage import schema_of

SUFFIX = ".parquet"
REPLICATE = "replicate"
"""The key column of simulated replicates; their subjects bear it in their identifier too."""


def parts_of(path: Path) -> list[Path]:
    """Return the files of a table: itself, or the parts in its folder in their order."""
    return sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]


def read_parquet_table(path: Path, table: Table) -> tuple[pl.DataFrame, list[Problem]]:
    """Return (typed table, problems) of a Parquet table whose columns bear our own names."""
    where = f"tables/{path.name}"
    try:
        found = pl.read_parquet(parts_of(path), hive_partitioning=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        return pl.DataFrame(schema=schema_of(table)), [Problem(
            where, "This file cannot be read as Parquet.", str(error).split("\n", maxsplit=1)[0],
            "Write it again, or give the table as CSV.")]
    schema = schema_of(table)
    problems = [
        Problem(f"{where}, column {name}", f"{table.name} has no column {name!r}.", "",
                did_you_mean(name, schema))
        for name in found.columns if name not in schema and name != REPLICATE]
    columns = []
    for name, dtype in schema.items():
        if name not in found.columns:
            columns.append(pl.Series(name, [None] * len(found), dtype=dtype))
            continue
        try:
            columns.append(found[name].cast(dtype))
        except pl.exceptions.PolarsError:
            problems.append(Problem(
                f"{where}, column {name}", f"It holds {found[name].dtype}, not {dtype}.",
                "A value of another kind would be lost.", "Write the column with its own type."))
            columns.append(pl.Series(name, [None] * len(found), dtype=dtype))
    frame = pl.DataFrame(columns)
    own = pl.format("{}:{}", pl.lit(path.name), pl.int_range(1, pl.len() + 1))
    return frame.with_columns(pl.coalesce(pl.col(SOURCE), own).alias(SOURCE)), problems
