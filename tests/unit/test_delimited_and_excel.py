"""Reading files: what is sniffed is said, and nothing is lost in silence."""

from __future__ import annotations

import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import docx
import openpyxl
import pytest

from remission.errors import InputError
from remission.sources.delimited import read_delimited
from remission.sources.excel import as_text, read_excel
from remission.sources.identity import identity_mapping
from remission.sources.importing import import_site
from remission.sources.read_source import read_source


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(("text", "said"), [
    ("a,b\n1,2\n", "comma (sniffed), decimal point"),
    ("a;b\n1,5;2\n", "semicolon (sniffed), decimal comma"),
    ("a\tb\n1.5\t2\n", "tab (sniffed), decimal point"),
    ("a|b\n1|2\n", "bar (sniffed)"),
])
def test_delimiter_and_decimal_are_sniffed_and_said(tmp_path: Path, text: str, said: str) -> None:
    sheet, found = read_delimited(write(tmp_path / "x.csv", text))
    assert said in found
    assert sheet.cells.columns == ["a", "b"]


@pytest.mark.parametrize(("encoding", "said"), [
    ("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("cp1252", "cp1252"),
])
def test_encodings(tmp_path: Path, encoding: str, said: str) -> None:
    sheet, found = read_delimited(write(tmp_path / "x.csv", "niño;año\nJosé;3\n", encoding))
    assert said in found
    assert sheet.cells.row(0) == ("José", "3")


def test_blank_rows_are_passed_over_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    sheet, _ = read_delimited(write(tmp_path / "x.csv", "a,b\n1,2\n\n , \n3,\n"))
    assert sheet.cells.rows() == [("1", "2"), ("3", None)]
    assert sheet.where(1, "b") == "x.csv, row 5, column b"


def test_quoted_cells_may_hold_the_delimiter_and_line_breaks(tmp_path: Path) -> None:
    sheet, _ = read_delimited(write(tmp_path / "x.csv", 'a,b\n"x, y","one\ntwo"\n'))
    assert sheet.cells.rows() == [("x, y", "one\ntwo")]


@pytest.mark.parametrize(("text", "what"), [
    ("a,b\n1,2,3\n", "3 cells under 2 column names"),
    ("a,b\n1\n", "1 cells under 2 column names"),
    ("a,a\n1,2\n", "stands twice"),
    ("a,\n1,2\n", "holds values but has no name"),
    (" , \n1,2\n", "There is no header row"),
    ("", "The file is empty"),
    ('a,b\n"1,2\n', "Not readable as delimited text"),
])
def test_broken_text_says_where_and_why(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as error:
        read_delimited(write(tmp_path / "x.csv", text))
    assert all(problem.cure for problem in error.value.problems)


def test_a_wrong_delimiter_names_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="looks delimited by ';'"):
        read_delimited(write(tmp_path / "x.csv", "a;b;c\n1;2;3\n"), delimiter=",")


@pytest.mark.parametrize(("cell", "text"), [
    (None, ""), (True, "TRUE"), (3.0, "3"), (3.25, "3.25"), (7, "7"), ("x", "x"),
    (datetime(2021, 3, 4), "2021-03-04"), (date(2021, 3, 4), "2021-03-04"),
    (datetime(2021, 3, 4, 10, 30), "2021-03-04 10:30:00"),
])
def test_excel_cells_become_what_a_person_would_type(cell: object, text: str) -> None:
    assert as_text(cell) == text


def test_a_workbook_gives_a_sheet_a_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.worksheets[0]
    first.title = "subject"
    for row in (["subject_id", "n", None], ["A", 3.0, None], [None, None, None]):
        first.append(row)
    book.create_sheet("empty")
    book.save(tmp_path / "x.xlsx")
    sheets, said = read_excel(tmp_path / "x.xlsx")
    assert list(sheets) == ["subject"]
    assert sheets["subject"].cells.rows() == [("A", "3")]
    assert sheets["subject"].sources == ("x.xlsx[subject]:2",)
    assert said == ["x.xlsx, sheet 'subject': 1 rows, 2 columns"]


def _workbook_with(path: Path, part: str, content: bytes) -> None:
    """Write a workbook one part of which holds something else."""
    openpyxl.Workbook().save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, was in parts.items():
            archive.writestr(name, content if name == part else was)


@pytest.mark.parametrize(("content", "what", "cure"), [
    (b"a,b\n", "Not an Excel workbook in the .xlsx format", "name it .csv"),
    (b"", "The file is empty", "export it again"),
    (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "locked by a password", "without a password"),
    (b"PK\x03\x04 and then cut off", "or a damaged one", "copy it again"),
])
def test_what_is_not_a_workbook_says_what_it_is(
    tmp_path: Path, content: bytes, what: str, cure: str
) -> None:
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(InputError, match=what) as error:
        read_excel(tmp_path / "x.xlsx")
    assert cure in error.value.problems[0].cure


@pytest.mark.parametrize("part", ["[Content_Types].xml", "xl/workbook.xml",
                                  "xl/worksheets/sheet1.xml"])
def test_a_workbook_with_a_damaged_part_says_so(tmp_path: Path, part: str) -> None:
    _workbook_with(tmp_path / "x.xlsx", part, b"<worksheet><sheetData><row><f>")
    with pytest.raises(InputError, match="or a damaged one"):
        read_excel(tmp_path / "x.xlsx")


def test_a_word_file_named_as_a_workbook_says_so(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "x.xlsx"))
    with pytest.raises(InputError, match="Not an Excel workbook"):
        read_excel(tmp_path / "x.xlsx")


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path / "records.csv", "a\n1\n")
    with pytest.raises(InputError, match=r"The folder holds: records\.csv"):
        read_source(tmp_path / "recrods.csv")


def test_a_folder_gives_every_file_and_all_their_problems(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "x\n1\n")
    write(tmp_path / "b.csv", "x,y\n1\n")
    write(tmp_path / "c.csv", "")
    with pytest.raises(InputError) as error:
        read_source(tmp_path)
    assert [problem.where.split(",")[0] for problem in error.value.problems] == ["b.csv", "c.csv"]


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Files ending in \.dta cannot be read yet"):
        read_source(write(tmp_path / "x.dta", "x"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "caf\udce9.csv", "a\n1\n")
    with pytest.raises(InputError, match=r"caf\ufffd\.csv: The name of this file"):
        read_source(tmp_path)


def test_files_that_are_passed_over_are_named(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "id\n1\n")
    write(tmp_path / "old.xls", "x")
    assert "Not read, neither text, .xlsx, SPSS nor SAS: old.xls" in read_source(tmp_path).sniffed


def test_the_delimiter_may_be_named(tmp_path: Path) -> None:
    sheet, _ = read_delimited(write(tmp_path / "a.csv", "a\tb\n1\t2\n"), delimiter="tab")
    assert sheet.cells.columns == ["a", "b"]


def test_a_percent_cell_is_read_as_it_is_shown(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "mrd", "plain"])
    sheet.append(["A", 0.0001, 0.85])
    sheet["B2"].number_format = "0.00%"
    book.save(tmp_path / "x.xlsx")
    cells = read_excel(tmp_path / "x.xlsx")[0]["Sheet"].cells
    assert cells.rows() == [("A", "0.01", "0.85")]


def test_a_date_that_excel_counts_is_no_study_day(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    subject, follow_up = book.create_sheet("subject"), book.create_sheet("follow_up")
    subject.append(["subject_id", "site_id", "index_date"])
    subject.append(["A", "1", "2005-01-01"])
    follow_up.append(["subject_id", "vital_status", "last_contact_day"])
    follow_up.append(["A", "ALIVE", 38718])
    book.save(tmp_path / "x.xlsx")
    source = read_source(tmp_path / "x.xlsx")
    with pytest.raises(InputError, match="looks like a date as Excel counts it"):
        import_site(source, identity_mapping(source))

