"""The sheets for the centres: nothing a coordinator typed is lost, nothing foreign overwritten."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from remission.errors import InputError, OutputError
from remission.plan import Language
from remission.records.checks import Query, check_study, worded
from remission.report.queries_page.words import WORDS as PAGE_WORDS
from remission.report.query_words import COLUMNS, WORDS
from remission.report.write_queries import Asked, write_queries
from tests.conftest import study_of
from tests.unit.check_cases import CLEAN
from tests.unit.test_checks import tables_of

HEADS = ["Query", "Child", "Rows", "What is wrong", "Why it matters", "What to do", "Answer",
         "Comment"]


def query(subject: str = "A", what: str = "Dies twice.", site: str = "North",
          rows: tuple[str, ...] = ("x.csv:2",)) -> Query:
    number = f"q{hashlib.sha256(f'{subject}{what}'.encode(errors='replace')).hexdigest()[:10]}"
    return Query(site, subject, "after_death", rows, what, "It matters.", "Look.", id=number)


def ask(folder: Path, *queries: Query, sites: Sequence[str] = ("North", "South"),
        answers: Path | None = None) -> Asked:
    children = "\n".join(f"C{number} | {site}" for number, site in enumerate(sites))
    study = study_of(subject=f"subject_id | site_id\n{children}")
    return write_queries(queries, study, folder, answers=answers)


def write(folder: Path, *queries: Query, sites: Sequence[str] = ("North", "South")) -> list[Path]:
    return ask(folder, *queries, sites=sites).files


def sent_back(path: Path, folder: Path, *, sheet: str = "Queries",
              **typed: tuple[object, object]) -> Path:
    """Copy a sheet as a centre sends it back, with (answer, comment) beside some children."""
    folder.mkdir(exist_ok=True)
    book = openpyxl.load_workbook(path)
    for row in book[sheet].iter_rows(min_row=2):
        if row[1].value in typed:
            row[6].value, row[7].value = typed[row[1].value]
    book.save(folder / path.name)
    return folder / path.name


def states(asked: Asked) -> dict[str, str]:
    return {one.subject_id: one.state for one in asked.queries}


def lines(path: Path, sheet: str = "Queries") -> list[dict[str, Any]]:
    head, *rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def answer(path: Path, row: int, **cells: object) -> None:
    book = openpyxl.load_workbook(path)
    for name, value in cells.items():
        book["Queries"].cell(row, HEADS.index(name) + 1, value)
    book.save(path)


def test_what_is_confirmed_or_beyond_resolving_is_not_asked_again(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "q", *map(query, "ABCD"))
    back = sent_back(path, tmp_path / "back", A=("confirmed", "seen on paper"),
                     B=("cannot be resolved", None), C=("corrected", None))
    asked = ask(tmp_path / "q", *map(query, "ABCD"), answers=back)
    assert states(asked) == {"A": "confirmed", "B": "unresolved", "C": "corrected", "D": "open"}
    assert asked.told == []
    assert {line["Child"]: line["Answer"] for line in lines(path)} == {"C": None, "D": None}
    assert "Answered “corrected”, but the records still say so." in lines(path)[0]["What is wrong"]
    assert {line["Child"]: (line["Answer"], line["Comment"]) for line in lines(
        path, "Answered")} == {"A": ("confirmed", "seen on paper"),
                               "B": ("cannot be resolved", None)}
    again = ask(tmp_path / "q", *map(query, "ABCD"))
    assert states(again) == states(asked), "kept in the study"
    assert again.told == []


def test_what_was_confirmed_is_asked_again_when_its_values_change(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "q", query("A"))
    ask(tmp_path / "q", query("A"),
        answers=sent_back(path, tmp_path / "back", A=("confirmed", None)))
    asked = ask(tmp_path / "q", query("A", "Dies thrice."))
    assert states(asked) == {"A": "open"}
    assert lines(path, "Answered")[0]["What is wrong"] == "Dies twice.", "the answer is kept"


def test_an_answer_typed_in_the_sheet_in_its_place_counts(tmp_path: Path) -> None:
    (path,) = write(tmp_path, query("A"), query("B"))
    answer(path, 2, Answer="Confirmed ", Comment="seen on paper")
    answer(path, 3, Comment="asked the ward")
    asked = ask(tmp_path, query("A"), query("B"))
    assert states(asked) == {"A": "confirmed", "B": "open"}
    assert lines(path)[0]["Comment"] == "asked the ward"


def test_comments_of_several_sheets_are_kept_together(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "q", query("A"))
    back = sent_back(path, tmp_path / "back", A=("confirmed", "seen on paper"))
    answer(path, 2, Comment="asked the ward")
    (asked,) = ask(tmp_path / "q", query("A"), answers=back).queries
    assert asked.comment == "asked the ward\nseen on paper"
    answer(path, 2, Comment="asked the ward")
    (asked,) = ask(tmp_path / "q", query("A")).queries
    assert asked.comment == "asked the ward\nseen on paper", "a part of it again adds nothing"


def test_a_centre_may_change_its_mind(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "q", query("A"))
    answer(path, 2, Answer="confirmed")
    ask(tmp_path / "q", query("A"))
    back = sent_back(path, tmp_path / "back", sheet="Answered", A=("open", None))
    assert states(ask(tmp_path / "q", query("A"), answers=back)) == {"A": "open"}


def test_an_earlier_sheet_without_answers_opens_nothing_again(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "q", query("A"), query("B"))
    old = sent_back(path, tmp_path / "old")
    answer(path, 2, Answer="confirmed")
    ask(tmp_path / "q", query("A"), query("B"))
    asked = ask(tmp_path / "q", query("A"), query("B"), answers=old)
    assert states(asked) == {"A": "confirmed", "B": "open"}


def test_a_folder_of_answers_is_read_whole(tmp_path: Path) -> None:
    north, south = write(tmp_path / "q", query("A"), query("B", site="South"))
    sent_back(north, tmp_path / "back", A=("confirmed", None))
    sent_back(south, tmp_path / "back", B=("confirmed", None))
    (tmp_path / "back" / "~$South.xlsx").touch()
    (tmp_path / "back" / "~$South.xlsx").unlink()
    asked = ask(tmp_path / "q", query("A"), query("B", site="South"), answers=tmp_path / "back")
    assert set(states(asked).values()) == {"confirmed"}
    assert asked.files == []


def test_there_must_be_something_to_read(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for given, what in ((tmp_path / "none.xlsx", "not there"),
                        (tmp_path / "empty", "no answered sheet")):
        with pytest.raises(InputError, match=what):
            ask(tmp_path / "q", query("A"), answers=given)
    assert not (tmp_path / "q").exists()


def test_what_was_done_to_a_sheet_is_told_with_its_row(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "q", *map(query, "ABCD"))
    book = openpyxl.load_workbook(path)
    sheet = book["Queries"]
    sheet["G2"], sheet["D3"] = "yes", "Died once."
    sheet["B6"], sheet["H6"] = "E", "please call on Monday"
    copied = [cell.value for cell in sheet[3]]
    sheet.delete_rows(4)
    sheet.append(copied)
    (tmp_path / "back").mkdir()
    book.save(tmp_path / "back" / "North.xlsx")
    asked = ask(tmp_path / "q", *map(query, "ABCD"), answers=tmp_path / "back")
    told = {problem.where: problem.what for problem in asked.told}
    ids = {one.subject_id: one.id for one in asked.queries}
    assert told == {
        "North.xlsx, Queries, row 2": "'yes' is not one of the answers.",
        "North.xlsx, Queries, row 3": "The text of 'What is wrong' was changed.",
        "North.xlsx, Queries, row 5": "This line was added.",
        "North.xlsx, Queries, row 6":
            f"Query {ids['B']} stands twice, first in North.xlsx, Queries, row 3.",
        "North.xlsx, Queries, row 4": f"The line of query {ids['C']} about C was deleted.",
    }
    assert all(problem.cure for problem in asked.told)
    assert set(states(asked).values()) == {"open"}
    kept = {line["Child"]: line["Comment"] for line in lines(path)}
    assert kept == {"A": "yes", "B": "Died once.", "C": None, "D": None}
    assert lines(path, "Answered")[0]["Comment"] == "E\nplease call on Monday"
    again = ask(tmp_path / "q", *map(query, "ABCD"))
    assert again.told == [], "told once"
    assert lines(path, "Answered")[0]["Comment"] == "E\nplease call on Monday"


def test_two_files_that_answer_differently_are_told_and_not_taken(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "q", query("A"))
    sent_back(path, tmp_path / "back", A=("confirmed", None)).rename(
        tmp_path / "back" / "one.xlsx")
    sent_back(path, tmp_path / "back", A=("corrected", None))
    asked = ask(tmp_path / "q", query("A"), answers=tmp_path / "back")
    assert states(asked) == {"A": "open"}
    (told,) = asked.told
    assert "answered in different ways" in told.what
    assert "one.xlsx, Queries, row 2" in told.where


def test_a_copy_of_the_cells_is_read_but_cannot_tell_what_is_gone(tmp_path: Path) -> None:
    (path,) = write(tmp_path / "q", query("A"), query("B"))
    book = openpyxl.load_workbook(path)
    book["Queries"]["G2"] = "confirmed"
    del book["sent"]
    (tmp_path / "back").mkdir()
    book.save(tmp_path / "back" / "mine.xlsx")
    asked = ask(tmp_path / "q", query("A"), query("B"), answers=tmp_path / "back")
    assert states(asked)["A"] == "confirmed"
    assert [problem.what for problem in asked.told] == ["The hidden sheet 'sent' is gone."]


def test_answers_that_were_kept_and_spoilt_stop_the_run(tmp_path: Path) -> None:
    (path,) = write(tmp_path, query("A"))
    answer(path, 2, Answer="confirmed")
    ask(tmp_path, query("A"))
    for text in ("{", "[]", '{"answers": [{"line": {}}], "remarks": []}'):
        (tmp_path / "answers.json").write_text(text, encoding="utf-8")
        with pytest.raises(OutputError, match="answers that were kept cannot be read"):
            ask(tmp_path, query("A"))


@pytest.mark.parametrize("language", ["es", "zh"])
def test_a_centre_is_asked_and_answers_in_its_language(tmp_path: Path, language: Language) -> None:
    broken = {**CLEAN, **tables_of("grade_5_alive"), **tables_of("hla_matches_exceed")}
    study = study_of({"sites": {"South": {"language": language}}}, **broken)
    words = WORDS[language]
    found = check_study(study)
    asked = write_queries(found, study, tmp_path / "q")
    north, south = asked.files
    assert openpyxl.load_workbook(north).sheetnames == ["Queries", "sent"]
    (line,) = lines(south, words.queries)
    (fatal,) = (one for one in found if one.rule == "grade_5_alive")
    assert line[words.what] == worded(fatal, language).what != fatal.what
    book = openpyxl.load_workbook(south)
    validation = book[words.queries].data_validations.dataValidation[0]
    assert validation.formula1 == f'"{",".join(words.states.values())}"'
    back = sent_back(south, tmp_path / "back", sheet=words.queries,
                     B=(words.states["confirmed"], "visto en papel"))
    again = write_queries(found, study, tmp_path / "q", answers=back)
    assert states(again)["B"] == "confirmed" and again.told == []
    (settled,) = lines(south, words.answered)
    assert settled[words.answer] == words.states["confirmed"]
    assert 'lang="en"' in (tmp_path / "q" / "queries.html").read_text(encoding="utf-8")
    write_queries(found, study, tmp_path / "q", language=language)
    page = (tmp_path / "q" / "queries.html").read_text(encoding="utf-8")
    assert f'lang="{PAGE_WORDS[language].tag}"' in page


def test_no_word_of_a_sheet_means_two_things() -> None:
    said = [(word.casefold(), state) for words in WORDS.values()
            for state, word in words.states.items()]
    assert len({word for word, _ in said}) == len(said)
    heads = {(getattr(words, column), column) for words in WORDS.values() for column in COLUMNS}
    assert len({head for head, _ in heads}) == len(heads)
    assert all("," not in word for words in WORDS.values() for word in words.states.values())


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
    assert states(ask(tmp_path, query("=1+1", what="=1+1"))) == {"=1+1": "confirmed"}
