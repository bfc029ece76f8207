"""The written report: every number answers, files are whole, and the same input is the same."""

from __future__ import annotations

import json
import math
import re
import zipfile
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import docx
import openpyxl
import pytest

import remission
from remission.analyses.results import Result, Results
from remission.analyses.run import analyse_cohort
from remission.definitions.cohort import definitions_of
from remission.errors import OutputError
from remission.report.drawn import Figure, Line
from remission.report.figures.draw import draw
from remission.report.figures.paper import Stroke, Words
from remission.report.figures.sheet import sheet_of
from remission.report.figures.style import settings
from remission.report.figures.svg import as_svg
from remission.report.outline import PartsOfAnalyses, outline
from remission.report.parts import Document, Paragraph, Refusal
from remission.report.spans import Number, address
from remission.report.table_parts import Head, Row, Table
from remission.report.write_docx import write_docx
from remission.report.write_report import check_target
from remission.report.write_xlsx import write_xlsx
from tests.conftest import ROOT, run


class Page(HTMLParser):
    """Collects the ids, the live numbers and everything the page would load from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.numbers: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "id" in given:
            self.ids.append(str(given["id"]))
        if "number" in str(given.get("class", "")).split():
            self.numbers.append(str(given["id"]))
        if tag in ("link", "img", "iframe") or "src" in given:
            self.loads.append(f"{tag} {given}")


def page_of(report: Path) -> tuple[Page, dict]:  # type: ignore[type-arg]  # of any shape
    text = (report / "report.html").read_text(encoding="utf-8")
    answers = re.search(r'<script type="application/json" id="answers">(.*?)</script>', text, re.S)
    assert answers is not None
    return Page(text), json.loads(answers[1])


@pytest.fixture(params=["demo", "uci_report"])
def report(request: pytest.FixtureRequest) -> Path:
    found: Path = request.getfixturevalue(request.param)
    return found / "report" if request.param == "demo" else found


def test_all_files_are_there(report: Path) -> None:
    names = {str(path.relative_to(report)) for path in report.rglob("*") if path.is_file()}
    assert {"report.html", "report.docx", "tables.xlsx", "results.json", "manifest.json",
            "figures/figure-1.svg", "figures/figure-1.png"} <= names


def test_every_number_of_the_page_answers_and_every_id_is_its_own(report: Path) -> None:
    page, answers = page_of(report)
    assert len(page.numbers) > 100
    assert set(page.numbers) <= set(answers["numbers"])
    assert len(page.ids) == len(set(page.ids))
    drawn = set(answers["numbers"]) - set(page.numbers)
    assert drawn and drawn <= set(page.ids), "numbers at risk in the drawings answer too"


def test_the_page_is_self_contained(report: Path) -> None:
    page, _ = page_of(report)
    assert page.loads == []
    text = (report / "report.html").read_text(encoding="utf-8")
    outside = set(re.findall(r"https?://[^\s\"'<>)]+", text))
    assert all(url.startswith(("http://www.w3.org/", "https://www.w3.org/")) for url in outside)


def test_answers_name_rule_source_children_and_rows(report: Path) -> None:
    _, answers = page_of(report)
    for name, answer in answers["numbers"].items():
        assert answer["s"] and all(answer["s"]), name
        rule, reference, _ = answers["rules"][answer["r"]]
        assert rule and reference, name
        if answer["i"] and "w" not in answer:
            rows = answers["rows"][answer["c"]]
            assert all(rows[index] is not None for index in answer["i"]), name


def test_counts_equal_the_children_behind_them(report: Path) -> None:
    rows = json.loads((report / "results.json").read_text(encoding="utf-8"))
    counts = [row for row in rows if row["statistic"] in ("count", "n", "events", "at_risk")]
    assert len(counts) > 50
    for row in counts:
        assert row["value"] == len(row["subjects"]), row


def test_results_have_the_fields_of_the_house(report: Path) -> None:
    rows = json.loads((report / "results.json").read_text(encoding="utf-8"))
    assert {tuple(row) for row in rows} == {(
        "id", "analysis", "population", "group", "variable", "level", "at", "statistic", "value",
        "unit", "base", "method", "note", "subjects")}
    for row in rows:
        assert row["statistic"] != "percent" or row["base"], "a percentage names its base"
        assert row["statistic"] != "p" or row["value"] is None or row["method"], "a P its test"
        assert row["value"] is not None or row["note"] or row["statistic"].startswith(
            ("curve_", "lower", "upper", "se")), row


def test_the_manifest_tells_inputs_versions_and_plan(report: Path) -> None:
    manifest = json.loads((report / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["plan_sha256"]) == 64
    assert all(len(file["sha256"]) == 64 for file in manifest["inputs"])
    assert manifest["packages"]["polars"]
    assert any("rests on memory" in warning for warning in manifest["warnings"]) == (
        "nci_1996" in manifest["definitions"].values()
        or any("seattle" in str(value) and manifest["study"].startswith("Unrelated")
               for value in manifest["definitions"].values()))


def test_the_same_input_gives_the_same_bytes(demo: Path, tmp_path: Path) -> None:
    done = run("report", demo / "study", "-o", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    for name in ("results.json", "manifest.json", "report.html", "report.docx", "tables.xlsx",
                 "figures/figure-1.svg", "figures/figure-1.png"):
        assert (tmp_path / "again" / name).read_bytes() == (
            demo / "report" / name).read_bytes(), name


def test_parts_made_while_analysing_are_those_of_the_finished_results(demo: Path) -> None:
    study = remission.read(demo / "study")
    cohort = remission.derive(study, only=definitions_of(study.plan))
    made = PartsOfAnalyses(cohort)
    results = analyse_cohort(cohort, answered=made.add)
    assert outline(cohort, results, made) == outline(cohort, results)
    assert made.parts


def test_word_has_captions_footnotes_and_alternative_text(report: Path) -> None:
    with zipfile.ZipFile(report / "report.docx") as archive:
        body = archive.read("word/document.xml").decode()
        notes = archive.read("word/footnotes.xml").decode()
    assert body.count("SEQ Table") == 2
    assert body.count("SEQ Figure") >= 2
    assert body.count("footnoteReference") == notes.count('w:id="') - 2
    assert body.count('descr="') == body.count("<pic:pic")
    word = docx.Document(str(report / "report.docx"))
    assert word.paragraphs[0].style.name == "Title"
    assert len(word.tables) >= 5


def test_word_and_html_print_the_same_cells(report: Path) -> None:
    page = (report / "report.html").read_text(encoding="utf-8")
    word = docx.Document(str(report / "report.docx"))
    printed = {line for table in word.tables for row in table.rows for cell in row.cells
               for line in cell.text.split("\n")}
    with zipfile.ZipFile(report / "report.docx") as archive:
        notes = archive.read("word/footnotes.xml").decode()
    shown = set(re.findall(r'class="number" id="t\d\.[^"]*">([^<]*)<', page))
    cells = {text.replace("&lt;", "<").replace("&gt;", ">") for text in shown}
    assert all(text in notes for text in cells - printed), "what is in no cell is in a note"


def test_excel_has_a_sheet_a_table_and_all_results(report: Path) -> None:
    book = openpyxl.load_workbook(report / "tables.xlsx")
    assert book.sheetnames[:2] == ["Table 1", "Table 2"]
    assert book.sheetnames[-1] == "Results"
    values = [cell for row in book["Table 1"].iter_rows(values_only=True) for cell in row if cell]
    assert any("median" in str(value) for value in values), "the note stands under the table"


def test_simulated_children_are_marked_everywhere(demo: Path) -> None:
    mark = "simulated children, not patients"
    report = demo / "report"
    assert mark in (report / "report.html").read_text(encoding="utf-8")
    assert mark.upper() in (report / "figures" / "figure-1.svg").read_text(encoding="utf-8")
    with zipfile.ZipFile(report / "report.docx") as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()
                 if name.endswith(".xml")}
    assert mark.upper() in parts["word/document.xml"]
    assert any(mark.upper() in text for name, text in parts.items() if "header" in name)
    book = openpyxl.load_workbook(report / "tables.xlsx")
    assert book["Table 1"]["A2"].value == mark.upper()


def test_a_folder_with_other_files_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="they would be lost"):
        check_target(tmp_path)
    with pytest.raises(OutputError, match="This is a file"):
        check_target(tmp_path / "thesis.docx")
    check_target(tmp_path / "new")


def test_a_second_report_replaces_the_first_whole(demo: Path, tmp_path: Path) -> None:
    target = tmp_path / "report"
    assert run("report", demo / "study", "-o", target).returncode == 0
    plan = tmp_path / "study.toml"
    text = (demo / "study" / "study.toml").read_text(encoding="utf-8")
    plan.write_text("\n[[analyses]]".join(text.split("\n[[analyses]]")[:2]), encoding="utf-8")
    assert run("report", demo / "study", "-o", target, "--plan", plan).returncode == 0
    assert sorted(path.name for path in target.iterdir()) == [
        "manifest.json", "report.docx", "report.html", "results.json", "tables.xlsx"]
    (target / "mine.txt").write_text("mine", encoding="utf-8")
    done = run("report", demo / "study", "-o", target)
    assert done.returncode == 2
    assert "not an earlier report: mine.txt" in done.stderr
    assert not list(tmp_path.glob(".remission-*"))


NASTY = ("=1+1", "+1", "-1", "@SUM(A1)", "#N/A", "a\x07b\x1b", "x\ud800")


def _nasty_document() -> Document:
    row = Row(NASTY[0], tuple(NASTY))
    table = Table("t1", 1, "=" + "T\x00" * 200, "", tuple(Head(text, text) for text in NASTY),
                  (row,), "=note\x07")
    sentence = Paragraph("p", "=Heading\x07", (NASTY,))
    refusal = Refusal("r", "=Title\x07", NASTY, "=cure\x07")
    return Document(table.title, "sub\x07", "", (), (table, sentence, refusal), "colophon\x07")


def test_texts_are_texts_in_the_workbook(tmp_path: Path) -> None:
    results = Results([Result("=1+1", "@v", "count", math.inf, note="-note\x07")])
    write_xlsx(_nasty_document(), results, tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row
             if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    values = {cell.value for cell in cells}
    assert {"=1+1", "+1", "-1", "@SUM(A1)", "#N/A", "a\ufffdb\ufffd", "x\ufffd", "inf"} <= values
    assert all(len(title) <= 31 and not set(title) & set("[]:*?/\\") for title in book.sheetnames)


def test_texts_are_texts_in_word(tmp_path: Path) -> None:
    write_docx(_nasty_document(), iter(()), tmp_path / "x.docx")
    word = docx.Document(str(tmp_path / "x.docx"))
    assert len(word.core_properties.title) == 255
    assert [cell.text for cell in word.tables[0].rows[1].cells][1:] == [
        *NASTY[:5], "a\ufffdb\ufffd", "x\ufffd"]


def test_texts_are_written_alike_on_every_system() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        for call in re.findall(r"\.write_text\((?:[^()]|\([^()]*\))*\)", path.read_text("utf-8")):
            assert 'newline="\\n"' in call, f"{path}: {call}"


def test_addresses_hold_no_spaces_or_quotes() -> None:
    assert address("t1", 'a "b" c', "", "10/10") == "t1.a__b__c.10/10"


def _figure(lines: tuple[Line, ...], *, rising: bool = False) -> Figure:
    estimates = Table("f1.estimates", 0, "", "", (), (), "")
    return Figure("f1", 1, "T", "", "Overall survival, %", "Years", "years", 365.25, (0.0, 365.25),
                  lines, rising, "log-rank P = 0.5", estimates, "")


def _line(label: str, last: float, few: float | None = None) -> Line:
    risk = tuple(Number(str(n), f"f1.{label}.risk.{n}", (Result("a", "v", "at_risk", n),))
                 for n in (9, 3))
    return Line(label, ((0.0, 100.0, None, None), (50.0, last, last - 5, last + 5)), (60.0,), risk,
                300.0, few)


def test_a_curve_ends_with_its_last_child_and_pales_where_few_remain() -> None:
    svg = as_svg(draw(_figure((_line("A", 80.0, few=200.0), _line("B", 79.0)))))
    assert 'stroke-opacity="0.35"' in svg
    assert svg.count("f1.A.risk") == 2
    figure = _figure((_line("A", 80.0),))
    with settings():
        sheet = sheet_of(figure, "")
    curve = [mark for mark in draw(figure).marks
             if isinstance(mark, Stroke) and mark.width == 1.5]
    assert [max(x for x, _ in mark.points) for mark in curve] == pytest.approx(
        [sheet.left + 300.0 / sheet.day])


def test_labels_at_the_line_ends_keep_apart() -> None:
    drawn = draw(_figure(tuple(_line(name, 80.0) for name in "ABC")))
    heights = sorted(mark.y for mark in drawn.marks
                     if isinstance(mark, Words) and ".label." in mark.address)
    assert len(heights) == 3
    assert all(upper - lower >= 12 for lower, upper in pairwise(heights)), "points apart"
