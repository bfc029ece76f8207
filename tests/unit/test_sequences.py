"""Rows in order: the fast way of polars and the windows of the other engines say the same."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.definitions.sequences import (
    alone_and_several,
    bounds_of,
    different,
    in_sequence,
    lowest_of_each,
    reached,
    with_lowest,
)

ROWS = pl.DataFrame({
    "key":   [2, 1, 1, 1, 3, 2],
    "place": [21, 12, 11, 13, 31, 22],
    "day":   [1, 2, 1, 3, 1, 2],
    "seen":  [None, 7, None, None, None, 5],
}, schema={"key": pl.Int64, "place": pl.Int64, "day": pl.Int64, "seen": pl.Int64})


def looked(native: Any) -> dict[int, tuple[Any, ...]]:
    """Return place → the day before, the day after, the last value seen."""
    rows = in_sequence(
        nw.from_native(native).lazy(), key="key", order_by="place", before={"earlier": "day"},
        following={"later": "day"}, last_known={"last": "seen"}).collect(backend="polars")
    return {row["place"]: (row["earlier"], row["later"], row["last"])
            for row in rows.iter_rows(named=True)}


def test_rows_look_at_their_own_key_only() -> None:
    assert looked(ROWS.lazy()) == {
        11: (None, 2, None), 12: (1, 3, 7), 13: (2, None, 7),
        21: (None, 2, None), 22: (1, None, 5), 31: (None, None, None)}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.none() | st.integers(0, 5)), max_size=12))
def test_windows_say_the_same(drawn: list[tuple[int, int | None]]) -> None:
    duckdb = pytest.importorskip("duckdb", reason="make test installs DuckDB")
    places: dict[int, int] = {}
    rows = []
    for key, seen in drawn:
        places[key] = places.get(key, 0) + 1
        rows.append((key, key * 100 + places[key], places[key], seen))
    frame = pl.DataFrame(rows, schema=ROWS.schema, orient="row").sample(
        fraction=1, shuffle=True, seed=1)
    with duckdb.connect() as database:
        assert looked(frame.lazy()) == looked(database.from_arrow(frame.to_arrow()))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.none() | st.integers(0, 5)), max_size=12))
def test_the_lowest_of_each_key(drawn: list[tuple[int, int | None]]) -> None:
    duckdb = pytest.importorskip("duckdb", reason="make test installs DuckDB")
    frame = pl.DataFrame(drawn, schema={"key": pl.Int64, "value": pl.Int64}, orient="row")
    known = {key: [value for other, value in drawn if other == key and value is not None]
             for key, _ in drawn}
    expected = {key: min(values, default=None) for key, values in known.items()}
    with duckdb.connect() as database:
        for native in (frame.lazy(), database.from_arrow(frame.to_arrow())):
            rows = lowest_of_each(nw.from_native(native).lazy(), key="key", value="value")
            found = rows.collect(backend="polars").rows()
            assert len(found) == len(expected)
            assert dict(found) == expected


@pytest.mark.parametrize(("spans", "days"), [
    ([(3, 4), (6, None), (None, 8)], [3, 5, 8]), ([(None, None)], []), ([], [])])
def test_rows_that_no_span_reaches(
    spans: list[tuple[int | None, int | None]], days: list[int]
) -> None:
    duckdb = pytest.importorskip("duckdb", reason="make test installs DuckDB")
    rows = pl.DataFrame({"day": [2, 3, None, 5, 8, 9]})
    of_spans = pl.DataFrame(
        spans, schema={"first": pl.Int64, "last": pl.Int64}, orient="row")
    with duckdb.connect() as database:
        for place in (pl.DataFrame.lazy, lambda frame: database.from_arrow(frame.to_arrow())):
            bounds = bounds_of(nw.from_native(place(of_spans)).lazy(), since="first", until="last")
            near = reached(nw.from_native(place(rows)).lazy(), bounds)
            assert sorted(near.collect(backend="polars")["day"].to_list()) == days


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 2), st.none() | st.integers(-2, 2),
                          st.none() | st.integers(0, 2)), max_size=12))
def test_the_lowest_of_several_columns(
    drawn: list[tuple[int, int | None, int | None]]
) -> None:
    """Of each key the lowest first column, then the lowest second; without a value, no row."""
    duckdb = pytest.importorskip("duckdb", reason="make test installs DuckDB")
    frame = pl.DataFrame(drawn, orient="row", schema=dict.fromkeys(("key", "a", "b"), pl.Int64))
    expected = []
    for key in {key for key, _, _ in drawn}:
        lowest = min((a for other, a, _ in drawn if other == key and a is not None), default=None)
        of_lowest = [b for other, a, b in drawn if other == key and a == lowest and b is not None]
        if lowest is not None and of_lowest:
            expected += [(key, lowest, min(of_lowest))] * of_lowest.count(min(of_lowest))
    with duckdb.connect() as database:
        for native in (frame.lazy(), database.from_arrow(frame.to_arrow())):
            rows = nw.from_native(native).lazy()
            found = with_lowest(rows, ("key",), "a", "b").collect(backend="polars")
            assert found.columns == ["key", "a", "b"]
            assert sorted(found.rows()) == sorted(expected)
            once = different(rows).collect(backend="polars").rows()
            assert len(once) == len(set(drawn))
            assert set(once) == set(drawn)


def test_rows_alone_with_their_key_stand_apart() -> None:
    alone, several = alone_and_several(nw.from_native(ROWS.lazy()), ("key",))
    assert alone is not None
    assert alone.columns == several.columns == ROWS.columns
    assert alone.collect()["place"].to_list() == [31]
    assert sorted(several.collect()["place"].to_list()) == [11, 12, 13, 21, 22]


def test_other_engines_have_no_rows_that_stand_apart() -> None:
    duckdb = pytest.importorskip("duckdb", reason="make test installs DuckDB")
    with duckdb.connect() as database:
        rows = nw.from_native(database.from_arrow(ROWS.to_arrow())).lazy()
        assert alone_and_several(rows, ("key",)) == (None, rows)
