"""Rows in order: the lowest of a key, what the row before, after and the last known one hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import narwhals.stable.v2 as nw
import polars as pl

from remission.definitions.engines import collected
from remission.records.storage import Lazy

_NOTHING: Mapping[str, str] = MappingProxyType({})


def in_sequence(
    rows: Lazy, *, key: str, order_by: str, before: Mapping[str, str] = _NOTHING,
    following: Mapping[str, str] = _NOTHING, last_known: Mapping[str, str] = _NOTHING,
) -> Lazy:
    """Add columns that look at other rows of the same ``key``.

    ``order_by`` holds a whole number that no two rows share, and in whose order the rows of one
    key stand together. ``before`` maps a new column to the one whose value it takes from the row
    before, ``following`` from the row after, ``last_known`` from the last row up to and including
    this one where it is not null. Null where the key has no such row.
    """
    if rows.implementation.is_polars():
        return nw.from_native(_sorted(
            rows.to_native(), key, order_by,
            before=before, following=following, last_known=last_known))
    ordered = {"order_by": order_by}
    return rows.with_columns(
        *(nw.col(name).shift(1).over(key, **ordered).alias(new) for new, name in before.items()),
        *(nw.col(name).shift(-1).over(key, **ordered).alias(new)
          for new, name in following.items()),
        *(nw.col(name).fill_null(strategy="forward").over(key, **ordered).alias(new)
          for new, name in last_known.items()),
    )


def lowest_of_each(rows: Lazy, *, key: str, value: str) -> Lazy:
    """Return one row a ``key``, a whole number, with the lowest of its values.

    On polars rows are put in order first, which the windows that follow want anyway: where no two
    share a key, as most counts do, that is a third of the work of grouping them.
    """
    if not rows.implementation.is_polars():
        return rows.group_by(key).agg(nw.col(value).min())
    native: pl.DataFrame = rows.select(key, value).to_native().collect()
    native = native.set_sorted(key) if native[key].is_sorted() else native.sort(key)
    if (native[key] == native[key].shift(1)).any():
        native = native.group_by(key).agg(pl.col(value).min())
    return nw.from_native(native.lazy())


def with_lowest(rows: Lazy, keys: tuple[str, ...], *by: str) -> Lazy:
    """Return the rows of each key that hold the lowest of one column, of these those of the next.

    A row without a value has not the lowest, and where none has one there is no row.
    """
    if rows.implementation.is_duckdb():
        return _ranked_first(rows, keys, by)
    for name in by:
        rows = rows.filter(nw.col(name) == nw.col(name).min().over(*keys))
    return rows


def different(rows: Lazy) -> Lazy:
    """Return each row once. On DuckDB they are grouped, where narwhals would number them."""
    if rows.implementation.is_duckdb():
        distinct: Lazy = nw.from_native(rows.to_native().distinct())
        return distinct
    return rows.unique()


def alone_and_several(rows: Lazy, keys: tuple[str, ...]) -> tuple[Lazy | None, Lazy]:
    """Return the rows that are the only one of their key, and the others.

    To count the rows of each key is cheaper than to compare them only on polars; elsewhere all
    are among the others, and there is nothing for the only ones (None).
    """
    if not rows.implementation.is_polars():
        return None, rows
    counted = rows.with_columns(of_key=nw.len().over(*keys))
    is_alone = nw.col("of_key") == 1
    return counted.filter(is_alone).drop("of_key"), counted.filter(~is_alone).drop("of_key")


Bounds = tuple[int, int] | None
"""The first and the last day of any span; None where no span has both."""


def bounds_of(spans: Lazy, *, since: str, until: str) -> Bounds:
    """Return the first and the last day of the spans, which the two columns hold."""
    first, last = collected(spans.select(
        nw.col(since).min().alias("since"), nw.col(until).max().alias("until"))).row(0)
    return None if first is None or last is None else (int(first), int(last))


def reached(rows: Lazy, bounds: Bounds, *, and_before: bool = False) -> Lazy:
    """Return the rows whose ``day`` lies between the first and the last day of any of the spans.

    Most rows of a long record lie far from the few weeks that are asked about: they need not be
    joined to each span to be found outside it. Those ``and_before`` the first day stay if asked.
    """
    if bounds is None:
        return rows.head(0)
    within = nw.col("day") <= bounds[1]
    return rows.filter(within if and_before else within & (nw.col("day") >= bounds[0]))


def _ranked_first(rows: Lazy, keys: tuple[str, ...], by: tuple[str, ...]) -> Lazy:
    """Rank the rows of each key once by all columns, instead of once for each.

    For DuckDB each window is another pass over the rows, and each step costs it a millisecond.
    """
    from duckdb import SQLExpression

    over = (f"PARTITION BY {', '.join(map(_quoted, keys))} "
            f"ORDER BY {', '.join(f'{_quoted(name)} NULLS LAST' for name in by)}")
    known = " AND ".join(f"{_quoted(name)} IS NOT NULL" for name in by)
    ranked = rows.to_native().select(
        *map(_quoted, rows.collect_schema().names()),
        SQLExpression(f"rank() OVER ({over})").alias("rank_of_key"),
    ).filter(f"rank_of_key = 1 AND {known}")
    first: Lazy = nw.from_native(ranked)
    return first.drop("rank_of_key")


def _quoted(name: str) -> str:
    """Return the name of a column as DuckDB reads it in a text."""
    return f'"{name}"'


def _sorted(
    rows: pl.LazyFrame, key: str, order_by: str, *, before: Mapping[str, str],
    following: Mapping[str, str], last_known: Mapping[str, str],
) -> pl.LazyFrame:
    """Look along the whole column and keep what belongs to the same key.

    For polars a window for each key costs twenty times one shift over all rows in order.
    """
    same_before = pl.col(key) == pl.col(key).shift(1)
    same_after = pl.col(key) == pl.col(key).shift(-1)
    return rows.sort(order_by).with_columns(
        *(pl.when(same_before).then(pl.col(name).shift(1)).alias(new)
          for new, name in before.items()),
        *(pl.when(same_after).then(pl.col(name).shift(-1)).alias(new)
          for new, name in following.items()),
        *(pl.when(pl.col(key) == pl.when(pl.col(name).is_not_null()).then(key).forward_fill())
          .then(pl.col(name).forward_fill()).alias(new) for new, name in last_known.items()),
    )
