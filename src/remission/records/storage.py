"""How declared columns are stored in frames: the one place that knows data types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from remission.records.column import SOURCE, Column, Kind, Table

Frame = nw.DataFrame[Any]
"""An eager frame; one row per thing that happened."""

Lazy = nw.LazyFrame[Any]
"""A frame that is still to be computed, on whatever engine."""

_DTYPES: dict[Kind, type[pl.DataType]] = {
    "text": pl.String,
    "code": pl.String,
    "codes": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "day": pl.Int64,
}


def dtype_of(column: Column) -> type[pl.DataType]:
    """Return the storage type of a column."""
    return _DTYPES[column.kind]


def schema_of(table: Table) -> dict[str, type[pl.DataType]]:
    """Return name → storage type of every column of a table, with the source column last."""
    return {
        **{column.name: dtype_of(column) for column in table.columns},
        SOURCE: pl.String,
    }


def empty_frame(table: Table) -> Frame:
    """Return a table without rows, with every declared column."""
    return nw.from_native(pl.DataFrame(schema=schema_of(table)), eager_only=True)


def as_frame(native: pl.DataFrame) -> Frame:
    """Return a polars frame as the frame the rooms pass around."""
    return nw.from_native(native, eager_only=True)


METADATA = "remission"
"""Key of the Parquet metadata that says what each column means: JSON, column → description."""


def write_parquet(frame: Frame, meant: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """Write a frame with what its columns mean beside it."""
    frame.to_native().write_parquet(
        path, metadata={METADATA: json.dumps(meant, ensure_ascii=False)})
