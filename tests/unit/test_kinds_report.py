"""A report of every kind of analysis: whole, answering, the same bytes, nothing off the paper."""

from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest

from remission.analyses.run import analyse_cohort
from remission.plan import kinds_of_analysis
from remission.report.drawn import DRAWN
from remission.report.figures.draw import draw
from remission.report.figures.lettering import box_of
from remission.report.figures.paper import Words
from remission.report.figures.style import settings
from remission.report.figures.svg import as_svg
from remission.report.outline import figures_of, outline
from remission.report.parts import Document
from remission.report.write_report import write_report
from tests.unit.course import cohort_of
from tests.unit.test_report import page_of

LYMPHOCYTES = {"before": "lymphocytes_{measure}_baseline", "after": "lymphocytes_{measure}_end",
               "measures": ("cd3", "cd19"), "by": "status"}
ANALYSES = (
    {"kind": "characteristics", "title": "Children", "by": "status", "variables": ("sex",)},
    {"kind": "survival", "title": "OS", "endpoint": "os", "at": ("1 year",)},
    {"kind": "cumulative_incidence", "title": "CIR", "endpoint": "cir", "at": ("1 year",)},
    {"kind": "transplant", "title": "After transplant", "variables": ("relapse",)},
    {"kind": "risk_factors", "title": "Failure", "outcome": "remission_reached", "event": "N",
     "factors": ("sex", "disease_status", "age_group")},
    {"kind": "risk_factors", "title": "Relapse", "endpoint": "cir", "factors": ("sex",)},
    {"kind": "before_after", "title": "Lymphocytes", **LYMPHOCYTES},
    {"kind": "change_between_groups", "title": "Change", **LYMPHOCYTES},
    {"kind": "toxicity", "title": "Harm", "by": "status", "terms": ("crs_grade",)},
    {"kind": "time_dependent", "title": "Transplant", "endpoint": "efs", "at": ("1 year",),
     "landmarks": ("120 days",)},
    {"kind": "response", "title": "Response", "by": "status"},
    {"kind": "swimmer", "title": "Courses", "by": "status"},
    {"kind": "marrow_course", "title": "MRD"},
    {"kind": "timeline", "title": "Two children", "subjects": ["001", "002"]},
    {"kind": "participant_flow", "title": "Participants"},
    {"kind": "cases", "title": "Cases", "shown": ("sex", "age_months", "death_day")},
    {"kind": "toxicity", "title": "Harm in bands", "base": "cycles", "by": "status", "test": True,
     "bands": {"G0": (0,), "G1–2": (1, 2), "G3–5": (3, 4, 5)}, "terms": ("crs_grade",)},
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Path]:
    """The document, and the folder its report was written to."""
    cohort = cohort_of(*ANALYSES)
    folder = tmp_path_factory.mktemp("kinds") / "report"
    return write_report(cohort, analyse_cohort(cohort), (), folder), folder


def test_the_report_holds_every_kind() -> None:
    assert {analysis["kind"] for analysis in ANALYSES} == set(kinds_of_analysis())


def test_every_number_answers_under_an_address_of_its_own(written: tuple[Document, Path]) -> None:
    page, answers = page_of(written[1])
    assert len(page.ids) == len(set(page.ids))
    assert set(page.numbers) <= set(answers["numbers"])
    assert all(any(said.strip() for said in answer["s"])
               for answer in answers["numbers"].values())


def test_word_and_excel_hold_what_the_page_holds(written: tuple[Document, Path]) -> None:
    document, folder = written
    word = docx.Document(str(folder / "report.docx"))
    pictures = [name for name in zipfile.ZipFile(folder / "report.docx").namelist()
                if name.startswith("word/media/")]
    assert len(pictures) == len(figures_of(document))
    heads = {cell.text for table in word.tables for cell in table.rows[0].cells}
    assert "Multivariable" in heads
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    tables = [part.caption for part in document.parts if getattr(part, "rows", None)
              and not isinstance(part, DRAWN)]
    assert set(tables) <= set(book.sheetnames)


def test_no_sheet_cuts_off_a_number(written: tuple[Document, Path]) -> None:
    """A value wider than its column loses its sign, where it stands to the right."""
    for sheet in openpyxl.load_workbook(written[1] / "tables.xlsx"):
        for row in () if sheet.title == "Results" else sheet.iter_rows():
            for cell in row:
                if cell.alignment.horizontal == "right":
                    width = sheet.column_dimensions[cell.column_letter].width
                    lines = str(cell.value or "").split("\n")
                    assert max(map(len, lines)) < width, (sheet.title, cell.coordinate)
                    assert (sheet.row_dimensions[cell.row].height or 15) >= 15 * len(lines)


def test_figures_are_the_same_bytes_each_time(written: tuple[Document, Path]) -> None:
    cohort = cohort_of(*ANALYSES)
    again = outline(cohort, analyse_cohort(cohort))
    for figure in figures_of(again):
        drawn = as_svg(draw(figure, banner=again.banner))
        assert drawn == (written[1] / "figures" / f"{figure.file_name}.svg").read_text("utf-8")


def test_no_word_of_a_figure_leaves_the_paper(written: tuple[Document, Path]) -> None:
    for part in figures_of(written[0]):
        drawn = draw(part, banner=written[0].banner)
        with settings():
            boxes = {mark: box_of(mark) for mark in drawn.marks
                     if isinstance(mark, Words) and mark.text.strip()}
        for words, (left, bottom, right, top) in boxes.items():
            assert left >= 0 and right <= drawn.width, (part.title, words)
            assert bottom >= 0 and top <= drawn.height, (part.title, words)
