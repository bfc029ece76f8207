"""The sheets for the centres: nothing a coordinator typed is lost, nothing foreign overwritten."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from remission.errors import OutputError
from remission.records.checks import Query
from remission.report.write_queries import write_queries
from tests.conftest import study_of

HEADS = ["Query", "Child", "Rows", "What is wrong", "Why it matters", "What to do", "Answer",
         "Comment"]


def query(subject: str = "A", what: str = "Dies twice.", site: str = "North",
          rows: tuple[str, ...] = ("x.csv:2",)) -> Query:
    return Query(site, subject, "a_rule", rows, what, "It matters.", "Look.")


def write(folder: Path, *queries: Query, sites: Sequence[str] = ("North", "South")) -> list[Path]:
    children = "\n".join(f"C{number} | {site}" for number, site in enumerate(sites))
    return write_queries(queries, study_of(subject=f"subject_id | site_id\n{children}"), folder)


def lines(path: Path, sheet: str = "Queries") -> list[dict[str, Any]]:
    head, *rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def answer(path: Path, row: int, **cells: object) -> None:
    book = openpyxl.load_workbook(path)
    for name, value in cells.items():
        book["Queries"].cell(row, HEADS.index(name) + 1, value)
    book.save(path)


def test_answers_stay_with_the_queries_that_are_still_asked(tmp_path: Path) -> None:
    (path,) = write(tmp_path, query("A"), query("B"))
    answer(path, 2, Answer="confirmed", Comment="seen on paper")
    answer(path, 3, Answer=date(2024, 5, 1))
    write(tmp_path, query("0"), query("B"), query("A", rows=("x.csv:2",)))
    found = {line["Child"]: (line["Answer"], line["Comment"]) for line in lines(path)}
    assert found == {"0": (None, None), "A": ("confirmed", "seen on paper"),
                     "B": ("2024-05-01", None)}
    assert openpyxl.load_workbook(path).sheetnames == ["Queries"]


@pytest.mark.parametrize("now", [query("B"), query("A", "Dies thrice.")])
def test_the_answer_to_a_query_that_is_gone_is_kept_apart(tmp_path: Path, now: Query) -> None:
    (path,) = write(tmp_path, query("A"))
    answer(path, 2, Answer="corrected")
    for _ in range(2):
        write(tmp_path, now)
        assert lines(path)[0]["Answer"] is None
        (kept,) = lines(path, "Answered")
        assert (kept["Child"], kept["What is wrong"], kept["Answer"]) == (
            "A", "Dies twice.", "corrected")
    write(tmp_path, query("A"))
    assert lines(path)[0]["Answer"] == "corrected", "asked again, the answer is back"
    assert openpyxl.load_workbook(path).sheetnames == ["Queries"]


def test_a_sheet_without_queries_goes_unless_it_was_answered(tmp_path: Path) -> None:
    north, south = write(tmp_path, query("A"), query("B", site="South"))
    answer(north, 2, Comment="asked the ward")
    assert write(tmp_path) == []
    assert not south.exists()
    assert lines(north) == []
    assert lines(north, "Answered")[0]["Comment"] == "asked the ward"
    assert json.loads((tmp_path / "queries.json").read_text(encoding="utf-8")) == {
        "written_by": "remission", "files": ["North.xlsx", "queries.json"]}


def test_answers_of_a_centre_that_left_the_study_stay_as_they_are(tmp_path: Path) -> None:
    (north,) = write(tmp_path, query("A"))
    answer(north, 2, Answer="confirmed")
    sent = north.read_bytes()
    write(tmp_path, query("B", site="South"), sites=["South"])
    write(tmp_path, query("B", site="South"), sites=["South"])
    assert north.read_bytes() == sent


def test_columns_and_notes_a_centre_added_go_to_the_comment(tmp_path: Path) -> None:
    (path,) = write(tmp_path, query("A"), query("B"))
    book = openpyxl.load_workbook(path)
    sheet = book["Queries"]
    sheet["I1"], sheet["I2"], sheet["J3"], sheet["H2"] = "By", "Dr. Who", "loose words", "ok"
    sheet["C3"].comment = openpyxl.comments.Comment("wrong row", "me")
    sheet.insert_cols(1)
    book.save(path)
    write(tmp_path, query("A"), query("B"))
    assert [line["Comment"] for line in lines(path)] == ["ok\nBy: Dr. Who",
                                                         "loose words\nwrong row"]


def test_a_sheet_of_another_shape_is_refused(tmp_path: Path) -> None:
    (path,) = write(tmp_path, query("A"))
    book = openpyxl.load_workbook(path)
    book.create_sheet("Notes")["A1"] = "mine"
    book.save(path)
    with pytest.raises(OutputError, match="sheet Notes: This is not a sheet of queries"):
        write(tmp_path, query("A"))


def test_files_of_somebody_else_are_refused(tmp_path: Path) -> None:
    (tmp_path / "North.xlsx").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="not written by an earlier run"):
        write(tmp_path, query("A"), query("B", site="South"))
    assert [path.name for path in tmp_path.iterdir()] == ["North.xlsx"], "all centres or none"


@pytest.mark.parametrize(("spoil", "what"), [
    (lambda path: path.write_bytes(b"PK broken"), "cannot be read"),
    (lambda path: path.write_bytes(b""), "The file is empty"),
    (lambda path: path.with_name("~$North.xlsx").touch(), "open in a spreadsheet program"),
    (lambda path: path.with_name(".~lock.North.xlsx#").touch(), "open in a spreadsheet program"),
])
def test_a_sheet_that_cannot_be_read_is_not_overwritten(
    tmp_path: Path, spoil: Any, what: str
) -> None:
    (path,) = write(tmp_path, query("A"))
    spoil(path)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(OutputError, match=what) as error:
        write(tmp_path, query("A"), query("B", site="South"))
    assert all(problem.cure for problem in error.value.problems)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_names_of_sites_become_names_of_files(tmp_path: Path) -> None:
    sites = ["../up", "a/b", "North", "north", "", "all-centres", "=1+1"]
    written = write(tmp_path / "q", *(query(site=site) for site in sites), sites=["North"])
    assert len({path.name.casefold() for path in written}) == len(sites)
    assert {path.parent for path in written} == {tmp_path / "q"}
    assert all(path.exists() for path in written)
    assert [path.name for path in tmp_path.iterdir()] == ["q"]


def test_texts_are_texts_in_the_sheet(tmp_path: Path) -> None:
    nasty = ["=1+1", "+1", "-1", "@SUM(A1)", "#N/A", "a\x07b", "x\ud800"]
    rows = tuple(f"x.csv:{number}" for number in range(5000))
    (path,) = write(tmp_path, *(query(subject, what=subject) for subject in nasty),
                    query("long", rows=rows))
    sheet = openpyxl.load_workbook(path)["Queries"]
    cells = [row[1] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [*nasty[:5], "a\ufffdb", "x\ufffd", "long"]
    assert {cell.data_type for cell in cells} == {"s"}
    assert sheet.cell(9, 3).value.endswith("and 4800 more rows")
    answer(path, 2, Answer="confirmed")
    write(tmp_path, query("=1+1", what="=1+1"))
    assert lines(path)[0]["Answer"] == "confirmed"


def test_an_answer_follows_its_query_to_another_row(tmp_path: Path) -> None:
    (path,) = write(tmp_path, query("A", rows=("x.csv:2",)), query("A", rows=("x.csv:3",)))
    answer(path, 3, Answer="confirmed")
    write(tmp_path, query("A", rows=("x.csv:3",)), query("A", rows=("x.csv:4",)))
    assert [line["Answer"] for line in lines(path)] == ["confirmed", None]
    write(tmp_path, query("A", rows=("x.csv:9",)))
    assert [line["Answer"] for line in lines(path)] == ["confirmed"]


def test_what_is_typed_below_the_queries_is_kept(tmp_path: Path) -> None:
    (path,) = write(tmp_path, query("A"))
    book = openpyxl.load_workbook(path)
    book["Queries"]["B5"] = "please call on Monday"
    book.save(path)
    write(tmp_path, query("A"))
    assert "please call on Monday" in str(lines(path, "Answered")[0]["Comment"])
