"""Subjects as whole numbers while rules run: engines compare these several times faster than texts.

Rules see ``subject_id`` only as a key, so that its type is nothing to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

SUBJECT = "subject_id"


class Numbers:
    """The subjects of a run; the number of each is its place among them."""

    def __init__(self, subjects: pl.Series) -> None:
        """Number subjects in the order of their names."""
        is_in_order = (subjects.slice(1) > subjects.head(-1)).fill_null(value=False).all()
        self._name(subjects if is_in_order else subjects.unique().sort())

    def _name(self, names: pl.Series) -> None:
        self._names, self._kind = names, pl.Enum(names)

    def numbered(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return a table with the number of each subject; a new one is given the next.

        Names are looked up once for rows of one subject that follow each other.
        """
        names = table[SUBJECT]
        begins = _beginnings(names)
        found = self._numbers_of(names.gather(begins)).to_numpy()  # without a name it is NaN
        numbers = np.repeat(found, np.diff(begins, append=len(names)))
        column = pl.Series(SUBJECT, numbers, nan_to_null=True).cast(pl.Int32)
        return table.with_columns(_in_chunks_of(names, column))

    def _numbers_of(self, names: pl.Series) -> pl.Series:
        """Return the numbers (Int32) of subjects."""
        if names.equals(self._names):
            return pl.arange(len(names), dtype=pl.Int32, eager=True)
        found = names.cast(self._kind, strict=False)
        if found.null_count() > names.null_count():
            new = names.filter(found.is_null()).drop_nulls().unique().sort()
            self._name(pl.concat([self._names, new]))
            found = names.cast(self._kind)
        return found.to_physical().cast(pl.Int32)

    def named(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows with the subjects that were numbered."""
        return rows.with_columns(self._names.gather(rows[SUBJECT]).alias(SUBJECT))


def _beginnings(names: pl.Series) -> NDArray[np.int64]:
    """Return the places where another name begins, the first among them.

    Chunk by chunk, as to compare a column of several with itself one row later copies it.
    """
    found: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    before, last = 0, names.clear()
    for chunk in names.get_chunks():
        if not chunk.head(1).equals(last):
            found.append(np.arange(before, before + len(chunk.head(1))))
        changes = chunk.slice(1).ne_missing(chunk.head(-1)).arg_true()
        found.append(changes.to_numpy() + (before + 1))
        before, last = before + len(chunk), chunk.tail(1)
    return np.concatenate(found)


def _in_chunks_of(names: pl.Series, column: pl.Series) -> pl.Series:
    """Return a column divided as another is: as one piece it would have all others copied."""
    pieces, begin = [], 0
    for length in names.chunk_lengths():
        pieces.append(column.slice(begin, length))
        begin += length
    return pl.concat(pieces, rechunk=False)


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
