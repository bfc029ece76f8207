"""Whatever file comes in: a study with every row accounted for, or problems in words."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from remission.errors import InputError
from remission.files import has_control_characters
from remission.sources.importing import import_site
from remission.sources.mapping import SiteMapping, read_mapping
from remission.sources.read_source import read_source
from remission.sources.sheet import Source

FUZZED = settings(deadline=None, max_examples=120,
                  suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
CELLS = st.sampled_from(["", "", "A", "B", "1", "1,5", "2.5", "1.234", "2020-03-01", "03/2019",
                         "nd", "no", "#N/A", "NaN", "Größe", "北京", 'say "no"', "two\nlines",
                         "x, y", "x; y", " ", "\t", "=1", "'", "Total"])
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=12)
MAPPING = """
site = "N"
subject_id = { field = "id" }
[subject]
[transplant]
when = { field = "take", is_not = ["no"] }
cd34_1e6_kg = { field = "value", null = { nd = "NOT_DONE" } }
"""


@pytest.fixture(scope="module")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> SiteMapping:
    """The mapping of the fuzzed tables."""
    path = tmp_path_factory.mktemp("mapping") / "mapping.toml"
    path.write_text(MAPPING, encoding="utf-8")
    return read_mapping(path)


def read(data: bytes, suffix: str) -> Source | None:
    """Return what is read of a file, or None where it is refused in words."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x{suffix}"
        path.write_bytes(data)
        try:
            return read_source(path)
        except InputError as error:
            assert error.problems
            assert all(problem.where and problem.what and problem.cure
                       for problem in error.problems)
            return None


def written(rows: list[list[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


@FUZZED
@given(ROWS, st.sampled_from(",;\t|"), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_no_row_of_text_is_lost(rows: list[list[str]], delimiter: str, encoding: str) -> None:
    table = [["id", "take", "value"], *rows]
    source = read(written(table, delimiter).encode(encoding), ".csv")
    assume(source is not None)
    assert source is not None
    (sheet,) = source.sheets.values()
    held = [[cell.strip() or None for cell in row] for row in rows if any(map(str.strip, row))]
    shown = [list(row) for row in sheet.cells.rows()]
    assert shown == held[: len(shown)]
    assert len(shown) + len(sheet.set_aside) == len(held)


@FUZZED
@given(rows=ROWS)
def test_every_row_is_kept_or_set_aside_with_its_reason(
    mapping: SiteMapping, rows: list[list[str]]
) -> None:
    table = [["id", "take", "value"], *rows]
    source = read(written(table, ",").encode(), ".csv")
    assert source is None or len(source.sheets) == 1
    if source is None:
        return
    try:
        found = import_site(source, mapping)
    except InputError as error:
        assert all(problem.cure for problem in error.problems)
        return
    held = sum(any(map(str.strip, row)) for row in rows)
    assert found.rows_read == {"x": held}
    assert found.rows_kept["x"] + sum(found.rows_set_aside["x"].values()) == held
    taken = source.sheets["x"].cells["take"].drop_nulls()
    assert found.rows_written.get("transplant", 0) == len(taken.filter(taken != "no"))


@FUZZED
@given(rows=ROWS, above=st.integers(0, 3))
def test_no_row_of_a_workbook_is_lost(rows: list[list[str]], above: int) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for _ in range(above):
        sheet.append(["A title"])
    sheet.append(["id", "take", "value"])
    for row in rows:
        sheet.append([f" {cell}" if cell.startswith("=") else cell for cell in row])
    with tempfile.SpooledTemporaryFile() as file:
        book.save(file)
        file.seek(0)
        source = read(file.read(), ".xlsx")
    assert source is not None
    (found,) = source.sheets.values()
    held = [[cell.strip() or None for cell in row] for row in rows if any(map(str.strip, row))]
    shown = [list(row) for row in found.cells.rows()]
    assert shown == held[: len(shown)]
    assert len(shown) + len(found.set_aside) == len(held) + above


@FUZZED
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    for suffix in (".csv", ".xlsx"):
        read(data, suffix)


@FUZZED
@given(st.lists(st.sampled_from([b"a", b"1", b",", b";", b'"', b"\n", b"\r", b"\x00", b"\xff\xfe",
                                 b"\xe9", b"\xc3", b"\x1c", b"sep=", b"\xef\xbb\xbf", b" "]),
                max_size=60).map(b"".join))
def test_any_mixture_of_marks_is_read_or_refused_in_words(data: bytes) -> None:
    read(data, ".csv")


def workbook() -> bytes:
    """Return the bytes of a small workbook with merged cells, a date and a percent."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["id", "day", "share"])
    sheet.append(["A", 43891, 0.5])
    sheet["B2"].number_format, sheet["C2"].number_format = "yyyy-mm-dd", "0%"
    sheet.merge_cells("A2:A3")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


WORKBOOK = workbook()


@FUZZED
@given(st.integers(0, len(WORKBOOK)))
def test_a_workbook_that_is_cut_off_is_refused_in_words(length: int) -> None:
    assert read(WORKBOOK[:length], ".xlsx") is None or length == len(WORKBOOK)


@FUZZED
@given(st.data())
def test_a_workbook_with_changed_parts_is_read_or_refused_in_words(data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    content = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place:place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    parts[name] = bytes(content)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for part, was in parts.items():
            archive.writestr(part, was)
    read(file.getvalue(), ".xlsx")


@pytest.mark.parametrize("reference", [b'r="A9999999999"', b'r="XFD1"', b'r="ZZZZZZ1"', b'r="A0"'])
def test_a_cell_far_away_fills_no_memory(reference: bytes) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'r="A2"', reference))
    read(file.getvalue(), ".xlsx")


def test_a_row_of_a_million_cells_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n" + "," * 1_000_000 + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="more than 16,384 cells"):
        read_source(tmp_path / "x.csv")


@FUZZED
@given(st.text(max_size=30))
def test_any_name_of_a_column_is_read_or_refused_in_words(name: str) -> None:
    assume(not has_control_characters(name))
    source = read(written([["id", name], ["A", "1"]], ",").encode(errors="replace"), ".csv")
    if source is not None:
        assert source.sheets["x"].cells.height == 1
