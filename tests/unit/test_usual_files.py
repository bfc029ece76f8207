"""Files as centres send them: encodings, marks, titles, footers, and workbooks made by hand."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from remission.errors import InputError
from remission.sources.delimited import read_delimited
from remission.sources.excel import read_excel
from remission.sources.importing import import_site
from remission.sources.layout import unit_of
from remission.sources.mapping import read_mapping
from remission.sources.read_source import read_source
from remission.sources.sheet import Sheet


def read(tmp_path: Path, data: bytes | str, **options: str) -> tuple[Sheet, str]:
    """Return the sheet of a delimited file and what is said of it."""
    (tmp_path / "x.csv").write_bytes(data.encode() if isinstance(data, str) else data)
    return read_delimited(tmp_path / "x.csv", **options)


LETTERS = [
    ("utf-8", "niño,José,北京", "utf-8"), ("utf-8-sig", "niño,José,北京", "utf-8 (its mark)"),
    ("utf-16", "niño,José,北京", "utf-16 (its mark)"), ("utf-32", "niño,José,北京", "utf-32"),
    ("utf-16-le", "nino,Jose,no", "utf-16-le (no mark"),
    ("utf-16-be", "nino,Jose,no", "utf-16-be (no mark"),
    ("cp1252", "niño,José,señal “sí”", "cp1252"), ("latin-1", "niño,José,señal", "cp1252"),
    ("gb18030", "姓名,复发日期,移植后白血病", "gb18030"),
    ("gbk", "患者,男,微小残留病阳性", "gb18030"),
    ("cp1251", "ребёнок,рецидив,нет", "cp1251"), ("mac_roman", "niño,José,señal", "mac_roman"),
    ("cp1250", "Ťažký,Źrebię,ťah", "cp1250"),
]


@pytest.mark.parametrize(("encoding", "cells", "said"), LETTERS)
def test_the_encoding_is_found_and_said_with_its_reason(
    tmp_path: Path, encoding: str, cells: str, said: str
) -> None:
    sheet, told = read(tmp_path, f"a,b,c\n{cells}\n".encode(encoding))
    assert list(sheet.cells.row(0)) == cells.split(",")
    assert f"x.csv: {said}" in told


def test_a_given_encoding_holds_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    data = "a,b\nÅngström,é\n".encode("cp437")
    sheet, told = read(tmp_path, data, encoding="cp437")
    assert sheet.cells.row(0) == ("Ångström", "é") and "cp437 (given)" in told
    with pytest.raises(InputError, match="Not readable as utf-8: byte 5"):
        read(tmp_path, data, encoding="utf-8")
    with pytest.raises(InputError, match="'nonsense' is no encoding"):
        read(tmp_path, data, encoding="nonsense")


@pytest.mark.parametrize(("text", "name"), [
    ("a^b\n1^2\n", "caret"), ("a~b\n1~2\n", "tilde"), ("a\x1fb\n1\x1f2\n", "unit separator"),
    ("sep=;\na;b\n1;2\n", "semicolon (named in the file)"),
    ("a;b\n1,5;2,5\n1,25;3\n", "semicolon"), ("a\tb\n\"x, y, z\"\t2\n", "tab"),
])
def test_delimiters(tmp_path: Path, text: str, name: str) -> None:
    sheet, told = read(tmp_path, text)
    assert sheet.cells.columns == ["a", "b"] and name in told


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending(tmp_path: Path, ending: str) -> None:
    sheet, _ = read(tmp_path, ending.join(["a,b", "1,2", '"x, y",3', ""]))
    assert sheet.cells.rows() == [("1", "2"), ("x, y", "3")]
    assert list(sheet.row_numbers) == [2, 3]


@pytest.mark.parametrize("text", ["a,b,\n1,2,\n", "a,b\n1,2,\n3,4,\n", "a,b\n1,2,,,\n"])
def test_delimiters_after_the_last_cell_are_no_cells(tmp_path: Path, text: str) -> None:
    sheet, _ = read(tmp_path, text)
    assert sheet.cells.columns == ["a", "b"] and sheet.cells.row(0) == ("1", "2")


def test_lines_above_and_below_the_table_are_set_aside_and_told(tmp_path: Path) -> None:
    sheet, told = read(tmp_path, "Export of the ward\nPrinted 2024-01-01\n\nid,test,value\n"
                                 "A,ANC,1\nB,ANC,2\n\nTotal: 2 rows\n")
    assert sheet.cells.rows() == [("A", "ANC", "1"), ("B", "ANC", "2")]
    assert list(sheet.row_numbers) == [5, 6]
    assert sheet.set_aside == {1: "a line above the header", 2: "a line above the header",
                               8: "a line below the table"}
    assert "set aside as a line above the header: rows 1, 2; " in told
    assert "ward" not in told, "what stands there may name a person"


def test_a_row_that_is_cut_off_is_no_footer(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 3: 1 cells under 3 column names"):
        read(tmp_path, "id,test,value\nA,ANC,1\nB")


NUMBERS = [
    ("a;b\n1.234,5;x\n2.000;y\n", [1234.5, 2000.0], "decimal comma, thousands point"),
    ('a;b\n"1,234.5";x\n"2,000";y\n', [1234.5, 2000.0], "decimal point, thousands comma"),
    ("a;b\n1 234,5;x\n2 000;y\n", [1234.5, 2000.0], "thousands space"),
    ("a;b\n1\u00a0234;x\n7;y\n", [1234.0, 7.0], "thousands space"),
    ("a;b\n1'234.5;x\n7;y\n", [1234.5, 7.0], "apostrophe"),
    ("a;b\n1.234.567;x\n7;y\n", [1234567.0, 7.0], "thousands point"),
]
CD34 = 'site = "N"\nsubject_id = { field = "b" }\n[subject]\n[transplant]\n' \
       'cd34_1e6_kg = { field = "a" }\n'


@pytest.mark.parametrize(("text", "values", "said"), NUMBERS)
def test_one_number_with_both_marks_tells_which_is_which(
    tmp_path: Path, text: str, values: list[float], said: str
) -> None:
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(CD34, encoding="utf-8")
    source = read_source(tmp_path / "x.csv")
    tables = import_site(source, read_mapping(tmp_path / "mapping.toml")).tables
    assert tables["transplant"]["cd34_1e6_kg"].to_list() == values
    assert said in source.sniffed[0]


def test_the_mapping_names_the_mark_between_thousands(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a;b\n1.234;x\n", encoding="utf-8")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('decimal = ","\nthousands = "."\n' + CD34, encoding="utf-8")
    tables = import_site(read_source(tmp_path / "x.csv"), read_mapping(mapping)).tables
    assert tables["transplant"]["cd34_1e6_kg"].to_list() == [1234.0]


@pytest.mark.parametrize(("header", "found"), [
    ("WBC (10^9/L)", ("WBC", "10^9/L")), ("WBC [×10⁹/L]", ("WBC", "×10⁹/L")),
    ("Hb (g/dL)", ("Hb", "g/dL")), ("CRP(mg/L)", ("CRP", "mg/L")), ("Blasts (%)", ("Blasts", "%")),
    ("IL-6 (pg/mL)", ("IL-6", "pg/mL")), ("Age (years)", ("Age", "years")),
    ("Dose (ug/m2/d)", ("Dose", "ug/m2/d")), ("ALT (U/L)", ("ALT", "U/L")),
    ("Sex (M/F)", None), ("Relapse (yes/no)", None), ("MRD", None), ("Name (first)", None),
])
def test_a_unit_in_a_header(header: str, found: tuple[str, str] | None) -> None:
    assert unit_of(header) == found


def test_units_of_headers_stand_in_the_fields_of_a_sheet(tmp_path: Path) -> None:
    sheet, _ = read(tmp_path, "id,WBC (10^9/L)\nA,5\n")
    assert sheet.cells.columns == ["id", "WBC (10^9/L)"]
    assert list(sheet.fields) == ["WBC (10^9/L)"]
    field = sheet.fields["WBC (10^9/L)"]
    assert (field.label, field.unit) == ("WBC", "10^9/L")


def workbook(path: Path, *rows: tuple[Any, ...], **sheets: list[tuple[Any, ...]]) -> Any:
    """Write a workbook with one sheet of rows, and others by name; return it to go on."""
    book = openpyxl.Workbook()
    book.worksheets[0].title = "data"
    for row in rows:
        book.worksheets[0].append(row)
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append(row)
    book.save(path)
    return book


def test_a_header_of_two_rows_is_joined(tmp_path: Path) -> None:
    book = workbook(tmp_path / "x.xlsx", ("Counts after transplant",), (None,),
                    ("id", "Day 0", None, "Day 28", None, "note"),
                    (None, "ANC", "PLT", "ANC", "PLT", None), ("A", 1, 2, 3, 4, "x"))
    sheet = book.worksheets[0]
    for merged in ("A1:F1", "A3:A4", "B3:C3", "D3:E3", "F3:F4"):
        sheet.merge_cells(merged)
    book.save(tmp_path / "x.xlsx")
    sheets, told = read_excel(tmp_path / "x.xlsx")
    assert sheets["data"].cells.columns == [
        "id", "Day 0 – ANC", "Day 0 – PLT", "Day 28 – ANC", "Day 28 – PLT", "note"]
    assert sheets["data"].cells.rows() == [("A", "1", "2", "3", "4", "x")]
    assert list(sheets["data"].row_numbers) == [5]
    assert "set aside as a line above the header: row 1" in told[0]


def test_merged_cells_of_the_table_are_read_in_each_row(tmp_path: Path) -> None:
    book = workbook(tmp_path / "x.xlsx", ("id", "test"), ("A", "ANC"), (None, "PLT"), ("B", "ANC"))
    book.worksheets[0].merge_cells("A2:A3")
    book.save(tmp_path / "x.xlsx")
    sheets, told = read_excel(tmp_path / "x.xlsx")
    assert sheets["data"].cells["id"].to_list() == ["A", "A", "B"]
    assert "merged cells are read in each of their rows: from row 2" in told[0]


@pytest.mark.parametrize("mac", [False, True])
def test_dates_of_a_workbook_in_every_form(tmp_path: Path, mac: bool) -> None:
    book = openpyxl.Workbook()
    if mac:
        book.epoch = CALENDAR_MAC_1904
    sheet = book.worksheets[0]
    serial = (date(2020, 3, 1) - (date(1904, 1, 1) if mac else date(1899, 12, 30))).days
    sheet.append(("id", "start", "seen"))
    sheet.append(("A", datetime(2020, 3, 1), "01/04/2020"))
    sheet.append(("B", serial, serial + 31))
    book.save(tmp_path / "x.xlsx")
    (tmp_path / "mapping.toml").write_text("""
site = "N"
subject_id = { field = "id" }
anchor = { field = "start", date = "%d/%m/%Y" }
[subject]
[follow_up]
last_contact_day = { field = "seen", date = "%d/%m/%Y" }
""", encoding="utf-8")
    tables = import_site(read_source(tmp_path / "x.xlsx"),
                         read_mapping(tmp_path / "mapping.toml")).tables
    assert tables["follow_up"]["last_contact_day"].to_list() == [31, 31]


def test_what_is_hidden_is_read_and_told(tmp_path: Path) -> None:
    book = workbook(tmp_path / "x.xlsx", ("id", "test"), ("A", "ANC"), ("B", "PLT"),
                    more=[("id", "x"), ("C", "1")])
    book["data"].row_dimensions[3].hidden = True
    book["data"].column_dimensions["B"].hidden = True
    book["more"].sheet_state = "veryHidden"
    book.save(tmp_path / "x.xlsx")
    sheets, told = read_excel(tmp_path / "x.xlsx")
    assert sheets["data"].cells["id"].to_list() == ["A", "B"]
    assert "hidden rows are read: 3; hidden columns are read: 2" in told[0]
    assert "the sheet is hidden, and is read" in told[1]


def test_numbers_as_text_error_cells_and_second_tables_are_told(tmp_path: Path) -> None:
    workbook(tmp_path / "x.xlsx", ("id", "n", "s"), ("A", "1,5", "#N/A"), ("B", 2.5, "x"), (None,),
             ("id", "name", "where"), ("A", "x", "y"))
    _, (told,) = read_excel(tmp_path / "x.xlsx")
    assert "numbers typed as text are read as they stand: row 2" in told
    assert "cells hold an Excel error: row 2" in told
    assert "row 5 looks like the header of a second table" in told


def test_tables_side_by_side_are_told(tmp_path: Path) -> None:
    workbook(tmp_path / "x.xlsx", ("id", "n", None, "id2", "m"), ("A", 1, None, "B", 2))
    _, (told,) = read_excel(tmp_path / "x.xlsx")
    assert "column 3 is empty, so that two tables may stand side by side" in told


def test_a_decimal_comma_typed_as_text_is_read_beside_numbers(tmp_path: Path) -> None:
    workbook(tmp_path / "x.xlsx", ("b", "a"), ("A", "1,5"), ("B", 2.5), ("C", 1.125))
    (tmp_path / "mapping.toml").write_text(CD34, encoding="utf-8")
    mapping = read_mapping(tmp_path / "mapping.toml")
    tables = import_site(read_source(tmp_path / "x.xlsx"), mapping).tables
    assert tables["transplant"]["cd34_1e6_kg"].to_list() == [1.5, 2.5, 1.125]
    workbook(tmp_path / "x.xlsx", ("b", "a"), ("A", "1,500"))
    with pytest.raises(InputError, match="'1,500'"):
        import_site(read_source(tmp_path / "x.xlsx"), mapping)


def test_a_workbook_that_says_it_is_smaller_than_it_is(tmp_path: Path) -> None:
    workbook(tmp_path / "y.xlsx", ("id", "n"), ("A", 1), ("B", 2))
    with zipfile.ZipFile(tmp_path / "y.xlsx") as old, zipfile.ZipFile(
            tmp_path / "x.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'ref="A1:B3"', b'ref="A1"'))
    assert len(read_excel(tmp_path / "x.xlsx")[0]["data"].cells) == 2


def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    workbook(tmp_path / "y.xlsx", ("id",))
    with zipfile.ZipFile(tmp_path / "y.xlsx") as old, zipfile.ZipFile(
            tmp_path / "x.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            padding = b" " * 2**28 if name.endswith("sheet1.xml") else b""
            new.writestr(name, old.read(name) + padding)
    with pytest.raises(InputError, match=r"unpacks to 0\.3 GB"):
        read_excel(tmp_path / "x.xlsx")
