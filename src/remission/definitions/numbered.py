"""Subjects as whole numbers while rules run: engines compare these several times faster than texts.

Rules see ``subject_id`` only as a key, so that its type is nothing to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import polars as pl

SUBJECT = "subject_id"


class Numbers:
    """The subjects of a run; the number of each is its place among them."""

    def __init__(self, subjects: pl.Series) -> None:
        """Number subjects in the order of their names."""
        self._names = subjects.unique().sort()

    def numbered(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return a table with the number of each subject; a new one is given the next."""
        names = table[SUBJECT]
        found = names.cast(pl.Enum(self._names), strict=False)
        if found.null_count() > names.null_count():
            new = names.filter(found.is_null()).drop_nulls().unique().sort()
            self._names = pl.concat([self._names, new])
            found = names.cast(pl.Enum(self._names))
        return table.with_columns(found.to_physical().cast(pl.Int32).alias(SUBJECT))

    def named(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows with the subjects that were numbered."""
        return rows.with_columns(self._names.gather(rows[SUBJECT]).alias(SUBJECT))


_RUN: ContextVar[Numbers | None] = ContextVar("subjects", default=None)


@contextmanager
def numbering(subjects: pl.Series) -> Iterator[Numbers]:
    """Give each subject its number until the end of the block."""
    numbers = Numbers(subjects)
    token = _RUN.set(numbers)
    try:
        yield numbers
    finally:
        _RUN.reset(token)


def with_names(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows as they are, or with the subjects of this run where they have their numbers."""
    numbers = _RUN.get()
    if numbers is None or not rows.schema.get(SUBJECT, pl.String()).is_integer():
        return rows
    return numbers.named(rows)
