"""The workbook that a report is written into, as another library reads it."""

from __future__ import annotations

import math
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remission.report.workbook import LONGEST, Look, Workbook, letters

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1,
                max_size=40)
NUMBERS = st.integers(-10**12, 10**12) | st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workbook") / "w.xlsx"


def read(book: Workbook, file: Path) -> openpyxl.Workbook:
    book.save(file)
    return openpyxl.load_workbook(file)


@given(rows=st.lists(st.lists(TEXTS | NUMBERS | st.none(), min_size=1, max_size=30), min_size=1,
                     max_size=5))
def test_every_cell_is_read_as_it_was_written(
    rows: list[list[str | float | None]], file: Path
) -> None:
    book = Workbook()
    sheet = book.add("All")
    for number, row in enumerate(rows, start=1):
        sheet.write(number, row)
    found = read(book, file)["All"]
    for number, row in enumerate(rows, start=1):
        assert [found.cell(number, place).value for place in range(1, len(row) + 1)] == row


@pytest.mark.parametrize("text", ["=1+1", "+1", "#REF!", "<b>&\"'", "two\nlines", " spaces "])
def test_a_text_stays_the_same_text(text: str, file: Path) -> None:
    book = Workbook()
    book.add("Texts").write(1, [text])
    cell = read(book, file)["Texts"]["A1"]
    assert (cell.value, cell.data_type) == (text, "s")


def test_what_no_cell_can_hold_is_written_as_near_as_can_be(file: Path) -> None:
    book = Workbook()
    book.add("Odd").write(1, [math.inf, math.nan, "a\x07b", "x" * (LONGEST + 1), ""])
    cells = [cell.value for cell in read(book, file)["Odd"][1]]
    assert cells == ["inf", "nan", "a\ufffdb", "x" * LONGEST]


def test_looks_widths_and_panes_are_kept(file: Path) -> None:
    book = Workbook()
    sheet = book.add("Looks")
    sheet.write(2, ["over", None, "plain"], [
        Look(bold=True, colour="7C4307", horizontal="center", wrap=True, top="medium"),
        Look(bottom="thin")])
    sheet.join(2, 1, 2)
    sheet.widen(3, 40)
    sheet.frozen = (2, 1)
    found = read(book, file)["Looks"]
    first, second, third = found[2]
    assert first.font.b
    assert first.font.color.rgb == "FF7C4307"
    assert (first.alignment.horizontal, first.alignment.wrap_text) == ("center", True)
    assert first.border.top.style == "medium"
    assert not third.font.b
    assert second.value is None
    assert [str(cells) for cells in found.merged_cells.ranges] == ["A2:B2"]
    assert found.column_dimensions["C"].width == 40
    assert found.freeze_panes == "B3"


def test_a_filter_covers_all_cells(file: Path) -> None:
    book = Workbook()
    sheet = book.add("Jack's")
    sheet.write(1, ["a", "b"])
    sheet.write(3, [1, 2, 3])
    sheet.has_filter = True
    assert read(book, file)["Jack's"].auto_filter.ref == "A1:C3"


def test_sheets_have_names_that_excel_takes(file: Path) -> None:
    book = Workbook()
    for name in ("a/b", "A-B", "x" * 40, "x" * 40, ""):
        book.add(name)
    assert read(book, file).sheetnames == ["a-b", "A-B 2", "x" * 31, "x" * 29 + " 2", "Sheet"]


def test_the_same_cells_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        book = Workbook()
        book.add("S").write(1, ["a", 1.5], [Look(bold=True)])
        book.save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_columns_have_the_letters_of_a_workbook() -> None:
    assert [letters(column) for column in (1, 26, 27, 52, 53, 702, 703, 16_384)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]


def test_lines_of_text_have_room_where_there_are_several(file: Path) -> None:
    book = Workbook()
    sheet = book.add("Lines")
    sheet.write(1, ["one"])
    sheet.write(2, ["one\ntwo"], [Look(wrap=True)], lines=2)
    found = read(book, file)["Lines"]
    assert found.row_dimensions[1].height is None
    assert found.row_dimensions[2].height == 30
    assert found.page_setup.fitToHeight == 0
