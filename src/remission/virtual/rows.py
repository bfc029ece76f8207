"""Arrays become the rows of declared tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from remission.records.storage import schema_of
from remission.records.tables import TABLES
from remission.virtual.stream import Flags, Floats, Ints

NONE = -1
"""As the position of a word: no value."""


def words(positions: Ints, names: Sequence[str]) -> pl.Series:
    """Return the names at some positions; null where the position is -1."""
    known = pl.Series([*names, None], dtype=pl.String)
    return known.gather(np.where(positions < 0, len(names), positions))


def yes_no(flags: Flags) -> pl.Series:
    """Return Y or N of each flag."""
    return words(flags.astype(np.int64), ("N", "Y"))


def days(values: Floats) -> pl.Series:
    """Return whole days; null where the value is not a number."""
    return pl.Series(values, nan_to_null=True).cast(pl.Int64)


def numbers(values: Floats) -> pl.Series:
    """Return numbers; null where the value is not a number."""
    return pl.Series(np.asarray(values, dtype=np.float64), nan_to_null=True)


def counted(owner: Ints) -> Ints:
    """Return the running number, from 1, of each row within its owner; ``owner`` is in order."""
    first = np.searchsorted(owner, owner, side="left")
    return np.arange(len(owner)) - first + 1


def table(name: str, ids: pl.Series, owner: Ints, **columns: Any) -> pl.DataFrame:
    """Return the rows of a declared table: each belongs to the subject at its ``owner``.

    Only columns that are given are there; a constant stands in every row.
    """
    schema = schema_of(TABLES[name])
    frame = pl.DataFrame({"subject_id": ids.gather(owner)}).with_columns(
        **{column: values if isinstance(values, pl.Series) else pl.lit(values)
           if np.isscalar(values) else pl.Series(values) for column, values in columns.items()})
    ordered = [column for column in schema if column in frame.columns]
    return frame.select(pl.col(column).cast(schema[column]) for column in ordered)


def rounded(values: Floats, digits: int = 0) -> Floats:
    """Return values with some decimals."""
    return np.asarray(np.round(values, digits), dtype=np.float64)


def significant(values: Floats) -> Floats:
    """Return positive values with two significant digits."""
    scale = 10.0 ** (1 - np.floor(np.log10(values)))
    return np.asarray(np.round(values * scale) / scale)
