"""Columns of text as wholes: each distinct value is read once, however many rows hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

_ROWS_NAMED = 6

Where = Callable[[int], str]
"""Row index → the place a person can open."""


def by_value(
    texts: pl.Series, read: Callable[[str], object | None], dtype: type[pl.DataType] | pl.DataType
) -> pl.Series:
    """Return ``read`` of every text as a series of ``dtype``; it is called once a distinct text."""
    known = texts.drop_nulls().unique(maintain_order=True)
    values = pl.Series([read(text) for text in known], dtype=dtype)
    if not len(known):
        return empty_column(len(texts), dtype)
    return texts.replace_strict(known, values, default=None, return_dtype=dtype)


def empty_column(length: int, dtype: type[pl.DataType] | pl.DataType) -> pl.Series:
    """Return a series of nulls."""
    return pl.Series([None], dtype=dtype).new_from_index(0, length)


@dataclass(frozen=True)
class Repeated:
    """One text that stands in one or more rows: the first of them, and how many there are."""

    text: str
    rows: tuple[int, ...]
    count: int

    def places(self, where: Where) -> str:
        """Return the first place, and the numbers of the next rows that hold the same."""
        if self.count == 1:
            return where(self.rows[0])
        named = [where(row).split("row ")[-1].split(",")[0] for row in self.rows[1:]]
        dots = " …" if self.count > _ROWS_NAMED else ""
        return (f"{where(self.rows[0])} (and {self.count - 1} more rows: "
                f"{', '.join(named)}{dots})")


def repeated(texts: pl.Series, chosen: pl.Series) -> Iterator[Repeated]:
    """Yield each distinct text among the chosen rows, in the order of its first row."""
    rows = pl.DataFrame({"text": texts, "row": pl.int_range(len(texts), eager=True)}).filter(chosen)
    if not len(rows):
        return
    grouped = rows.group_by("text", maintain_order=True).agg(
        pl.col("row").head(_ROWS_NAMED), pl.len().alias("count"))
    for text, first, count in grouped.iter_rows():
        yield Repeated(text, tuple(first), count)
