"""Reading whole columns at once gives what reading cell by cell gives."""

from __future__ import annotations

import csv
import io
import math
from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from remission.days import parse_date
from remission.records.column import Column
from remission.records.tables import TABLES
from remission.sources.date_texts import read_dates
from remission.sources.distinct import by_value, repeated
from remission.sources.grid import grid_of_text
from remission.sources.sheet import AMBIGUOUS, Sheet
from remission.sources.typed import _value, typed

CHECKED = settings(deadline=None)

PIECES = st.sampled_from(["a", "1", "é", "名", '"', '""', ",", ",", ";", "\n", "\n", "\r\n", "\r",
                          " ", "\t", "\x1c", "\u3000", '"x, y"', '"one\ntwo"'])


@CHECKED
@given(st.lists(PIECES, max_size=40).map("".join), st.sampled_from(",;\t"))
def test_text_is_cut_as_pythons_reader_cuts_it(text: str, delimiter: str) -> None:
    assume(text.strip())
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        with pytest.raises(csv.Error):
            grid_of_text(text, delimiter)
        return
    grid = grid_of_text(text, delimiter)
    assert grid.widths.to_list() == [len(row) for row in rows]
    assert [grid.row(number) for number in range(len(grid))] == [
        [cell.strip() for cell in row] for row in rows]


def test_a_row_is_counted_once_however_many_lines_it_has() -> None:
    grid = grid_of_text('a,b\n"one\ntwo",2\n\nlast,3\n', ",")
    assert grid.widths.to_list() == [2, 2, 0, 2]
    assert grid.row(1) == ["one\ntwo", "2"]


NUMBERS = st.one_of(
    st.floats(allow_nan=False).map(repr), st.integers().map(str),
    st.text("0123456789.,-+eE ", max_size=8),
    st.sampled_from(["1e999", "nan", "inf", "1_000", "١٢", "1,5", "1.500", "2,500", "5.0", "--5"]))
COLUMNS = [column for table in TABLES.values() for column in table.columns]
OF_EACH_KIND = [next(column for column in COLUMNS if column.kind == kind)
                for kind in ("number", "integer", "day", "code", "codes", "text")]


@CHECKED
@given(st.lists(st.none() | NUMBERS | st.sampled_from(["F", "Y", "PTCY|TAC", "x"])),
       st.sampled_from(OF_EACH_KIND), st.sampled_from([".", ",", AMBIGUOUS]))
def test_cells_are_typed_as_one_by_one(
    cells: list[str | None], column: Column, decimal: str
) -> None:
    texts = pl.Series(cells, dtype=pl.String)
    values, problems = typed(texts, column, where=lambda row: f"row {row}", decimal=decimal)
    expected = [None if cell is None else _value(cell, column, decimal) for cell in cells]
    assert values.to_list() == expected
    unread = {cell for cell, value in zip(cells, expected, strict=True)
              if cell is not None and value is None}
    assert len(problems) == len(unread)


LAYOUTS = ["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%y", "%d%m%Y", "%d %b %Y", "%Y-%m-%d %H:%M:%S",
           "%d.%m.%Y %H:%M"]
MOMENTS = st.datetimes(datetime(1960, 1, 1), datetime(2060, 1, 1))


@CHECKED
@given(st.sampled_from(LAYOUTS), st.data())
def test_dates_are_read_as_one_by_one(layout: str, data: st.DataObject) -> None:
    written = MOMENTS.map(lambda moment: moment.strftime(layout))
    bare = written.map(lambda text: text.replace("/0", "/").removeprefix("0"))
    odd = st.text("0123456789/-.: ", max_size=12)
    texts = data.draw(st.lists(written | bare | odd | st.none()))

    def one(text: str | None) -> date | None:
        try:
            return None if text is None else parse_date(text, layout)
        except ValueError:
            return None

    sheet = Sheet("x", "x.csv", pl.DataFrame(), ())
    found = read_dates(pl.Series(texts, dtype=pl.String), layout, sheet)
    assert found.to_list() == [one(text) for text in texts]


def test_each_distinct_text_is_read_once() -> None:
    seen: list[str] = []

    def read(text: str) -> float:
        seen.append(text)
        return math.nan if text == "x" else float(text)

    by_value(pl.Series(["1", "2", "1", None, "1"]), read, pl.Float64)
    assert seen == ["1", "2"]


def test_rows_that_hold_the_same_are_told_together() -> None:
    texts = pl.Series(["a", "b", "a", "a"])
    found = list(repeated(texts, texts == "a"))
    assert [(one.text, one.rows, one.count) for one in found] == [("a", (0, 2, 3), 3)]
    assert found[0].places(lambda row: f"x.csv, row {row + 2}, column c") == (
        "x.csv, row 2, column c (and 2 more rows: 4, 5)")
