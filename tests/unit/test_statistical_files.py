"""SPSS and SAS files as they are read: values as a person sees them, labels, missing values."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime, time
from pathlib import Path

import polars as pl
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remission.errors import InputError
from remission.sources.read_source import read_source
from remission.sources.sheet import Sheet

CASES = pl.DataFrame({
    "id": [1.0, 2.0, 3.0],
    "sex": [1.0, 9.0, None],
    "weight": [12.25, 99.0, 97.5],
    "born": [date(2012, 8, 5), None, date(1955, 12, 31)],
    "word": ["Ana", "", "Z"],
})
SEX = {1: "Girl", 2: "Boy", 9: "Not known"}


def sheet_of(path: Path) -> Sheet:
    return read_source(path).sheets[path.stem]


@pytest.fixture
def sav(tmp_path: Path) -> Path:
    path = tmp_path / "children.sav"
    pyreadstat.write_sav(
        CASES, str(path), column_labels={"sex": "Sex of the child"},
        variable_value_labels={"sex": SEX, "word": {"Z": "Not asked"}},
        missing_ranges={"sex": [9], "weight": [{"lo": 97, "hi": 99}], "word": ["Z"]})
    return path


def test_numbers_and_dates_stand_as_a_person_sees_them(sav: Path) -> None:
    assert sheet_of(sav).columns == {
        "id": ["1", "2", "3"], "sex": ["1", "9", None], "weight": ["12.25", "99", "97.5"],
        "born": ["2012-08-05", None, "1955-12-31"], "word": ["Ana", None, "Z"]}


def test_case_one_is_row_two(sav: Path) -> None:
    assert sheet_of(sav).where(0, "sex") == "children.sav, row 2, column sex"


def test_labels_choices_and_missing_values_are_kept_apart(sav: Path) -> None:
    fields = sheet_of(sav).fields
    assert fields["sex"].label == "Sex of the child"
    assert (fields["sex"].kind, fields["sex"].choices) == ("code", {"1": "Girl", "2": "Boy"})
    assert fields["sex"].missing == {"9": "Not known"}
    assert fields["weight"].missing == {"99": "", "97.5": ""}
    assert fields["word"].missing == {"Z": "Not asked"}
    assert (fields["born"].kind, fields["born"].date) == ("date", "%Y-%m-%d")
    assert (fields["weight"].kind, fields["word"].kind) == ("number", "text")


def test_the_run_says_what_was_read(sav: Path) -> None:
    assert read_source(sav).sniffed == ("children.sav: SPSS, utf-8, 3 rows, 5 columns",)


@pytest.mark.parametrize(("suffix", "names"), [
    (".zsav", str.lower), (".por", str.upper), (".xpt", str.lower)])
def test_every_kind_of_file_gives_the_same_cells(tmp_path: Path, suffix: str, names: object
                                                 ) -> None:
    path = tmp_path / f"children{suffix}"
    match suffix:
        case ".zsav":
            pyreadstat.write_sav(CASES, str(path), compress=True)
        case ".por":
            pyreadstat.write_por(CASES, str(path))
        case ".xpt":
            pyreadstat.write_xport(CASES, str(path), file_format_version=5)
    columns = sheet_of(path).columns
    assert {name.lower(): cells for name, cells in columns.items()} == {
        "id": ["1", "2", "3"], "sex": ["1", "9", None], "weight": ["12.25", "99", "97.5"],
        "born": ["2012-08-05", None, "1955-12-31"], "word": ["Ana", None, "Z"]}
    assert {name.lower(): names(name.lower()) for name in columns} == {  # type: ignore[operator]  # its type is wider than its value
        name.lower(): name for name in columns}


def test_a_por_file_says_that_it_lost_its_missing_values(tmp_path: Path) -> None:
    pyreadstat.write_por(CASES, str(tmp_path / "old.por"))
    assert "user-missing values of such a file arrive empty" in (
        read_source(tmp_path / "old.por").sniffed[1])


def test_moments_and_times_of_the_day(tmp_path: Path) -> None:
    path = tmp_path / "moments.sav"
    moments = pl.DataFrame({
        "seen": [datetime(2020, 1, 2, 3, 4, 5), None], "at": [time(1, 2, 3), None],
        "day": [datetime(2020, 1, 2), datetime(2021, 5, 6)]})
    pyreadstat.write_sav(moments, str(path))
    sheet = sheet_of(path)
    assert sheet.columns["seen"] == ["2020-01-02 03:04:05", None]
    assert sheet.columns["day"] == ["2020-01-02", "2021-05-06"]
    assert sheet.columns["at"] == ["01:02:03", None]
    assert sheet.fields["seen"].date == "%Y-%m-%d %H:%M:%S"
    assert sheet.fields["day"].date == "%Y-%m-%d"


def test_a_month_is_not_made_a_day(tmp_path: Path) -> None:
    path = tmp_path / "months.sav"
    seconds = (datetime(2012, 8, 1) - datetime(1582, 10, 14)).total_seconds()
    pyreadstat.write_sav(pl.DataFrame({"m": [seconds]}), str(path), variable_format={"m": "MOYR8"})
    assert sheet_of(path).columns["m"] == ["2012-08"]
    assert sheet_of(path).fields["m"].date == "%Y-%m"


def test_a_number_that_is_no_date_stays_the_number(tmp_path: Path) -> None:
    path = tmp_path / "far.sav"
    pyreadstat.write_sav(pl.DataFrame({"d": [9e15]}), str(path), variable_format={"d": "DATE11"})
    assert sheet_of(path).columns["d"] == ["9000000000000000"]


def test_old_western_letters_are_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "old.xpt"
    pyreadstat.write_xport(pl.DataFrame({"word": ["Xuxa"]}), str(path), file_format_version=5)
    path.write_bytes(path.read_bytes().replace(b"Xuxa", b"Xux\xe1"))
    source = read_source(path)
    assert source.sheets["old"].columns["word"] == ["Xuxá"]
    assert "cp1252 (not UTF-8: check accents)" in source.sniffed[0]


@pytest.mark.parametrize("suffix", [".sav", ".zsav", ".por", ".xpt", ".sas7bdat"])
def test_a_file_that_is_none_is_refused_with_what_to_do(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"page{suffix}"
    path.write_bytes(b"<html>404 Not Found</html>".ljust(160))
    with pytest.raises(InputError) as refused:
        read_source(path)
    assert f"page{suffix}: The file cannot be read" in str(refused.value)
    assert "export the table as .csv" in str(refused.value)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.sav").touch()
    with pytest.raises(InputError, match="The file is empty"):
        read_source(tmp_path / "empty.sav")


@settings(max_examples=40, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(min_value=0, max_value=0.999), suffix=st.sampled_from([".sav", ".xpt"]))
def test_a_file_cut_off_anywhere_is_refused_or_whole(
    tmp_path: Path, share: float, suffix: str
) -> None:
    many = pl.concat([CASES] * 30)
    path = tmp_path / f"cut{suffix}"
    if suffix == ".sav":
        pyreadstat.write_sav(many, str(path))
    else:
        pyreadstat.write_xport(many, str(path), file_format_version=5)
    data = path.read_bytes()
    path.write_bytes(data[:int(len(data) * share)])
    try:
        sheet = sheet_of(path)
    except InputError:
        return
    assert suffix == ".xpt", "an SPSS file knows how many cases it holds"
    assert sheet.columns["id"] == many["id"].cast(pl.Int64).cast(pl.String).to_list()[
        :len(sheet.cells)]


def test_a_transport_file_of_several_tables_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.xpt"
    pyreadstat.write_xport(CASES, str(path), file_format_version=5)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[240:])
    with pytest.raises(InputError, match="The file holds 2 tables"):
        read_source(path)


def test_pandas_is_not_needed(sav: Path) -> None:
    code = ("import sys; sys.modules['pandas'] = None\n"
            "from pathlib import Path\n"
            "from remission.sources.read_source import read_source\n"
            f"print(len(read_source(Path({str(sav)!r})).sheets['children'].cells))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          check=False, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("3", "")
