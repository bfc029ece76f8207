"""The page of queries: the course of a child, the rows as recorded, and nothing that names."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from html.parser import HTMLParser

import pytest

from remission.plan import Language
from remission.records.checks import check_study
from remission.report.queries_page.course import LANES, Courses, Mark
from remission.report.queries_page.page import queries_html
from remission.report.queries_page.timeline import timeline_svg
from remission.report.queries_page.words import WORDS
from tests.conftest import study_of
from tests.unit.check_cases import CASES, CLEAN

LANGUAGES: tuple[Language, ...] = ("en", "es", "zh")


def page_of(language: Language = "en", **tables: str) -> str:
    study = study_of(**{**CLEAN, **tables})
    return queries_html(check_study(study), study, language)


def test_a_row_stands_as_recorded_with_the_values_at_fault_marked() -> None:
    page = page_of(transplant="""
        subject_id | transplant_no | day | hla_matched | hla_of | donor
        A          | 1             | 90  | 11          | 10     | CORD
    """)
    assert "<b>transplant</b> <code>transplant row 2</code>" in page
    assert "<span>hla_matched</span> <mark>11</mark>" in page
    assert "<span>donor</span> <b>CORD</b>" in page


def test_what_is_missing_is_marked_as_empty() -> None:
    page = page_of(adverse_event="""
        subject_id | event_no | term   | grade | grading
        A          | 1        | Sepsis | 3     |
    """)
    assert '<span>grading</span> <mark class="none">empty</mark>' in page


def test_free_text_is_not_shown() -> None:
    page = page_of(adverse_event="""
        subject_id | event_no | term   | grade | organism
        A          | 1        | Sepsis | 3     | told by Dr Canary
    """, subject="""
        subject_id | site_id | sex
        A          | <North> | F
        B          | South   | M
    """)
    assert "Canary" not in page and "free text, not shown" in page
    assert "<North>" not in page and "&lt;North&gt;" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_query_of_every_rule_can_be_shown(language: Language) -> None:
    words = WORDS[language]
    for case in CASES[::7]:
        page = page_of(language, **case.tables)
        assert f'<html lang="{words.tag}">' in page and words.kind in page
        HTMLParser().feed(page)
        assert "http://" not in page and "https://" not in page
        assert "None" not in re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)


def test_states_are_counted_and_said() -> None:
    study = study_of(**{**CLEAN, "disease_episode": """
        subject_id | episode_no | phase   | start_day | testis
        A          | 1          | RELAPSE | 20        | Y
    """})
    (query,) = check_study(study)
    page = queries_html([replace(query, state="unresolved")], study, "en")
    assert "<b>1</b><span>cannot be resolved</span>" in page
    assert 'data-state="unresolved"' in page and 'value="open"' not in page


def test_a_course_has_every_kind_of_event_and_rings_what_is_asked_about() -> None:
    study = study_of(**{
        **CLEAN, "cell_therapy": "subject_id | therapy_no | kind | day\nA | 1 | DLI | 150",
        "adverse_event": "subject_id | event_no | group | start_day | end_day | grade\n"
                         "A | 1 | CRS | 1 | 4 | 2"})
    asked = frozenset([("transplant", 0), ("laboratory", 0)])
    marks = Courses(study, WORDS["en"]).marks("A", asked)
    assert {mark.lane for mark in marks} == set(LANES)
    assert {mark.lane for mark in marks if mark.is_asked} == {"graft", "other"}
    assert "death, day 400" in {mark.says for mark in marks}
    assert "CRS grade 2, day 1–4" in {mark.says for mark in marks}
    assert "marrow: under 5 % blasts, day 28" in {mark.says for mark in marks}
    drawing = timeline_svg(marks, WORDS["en"], "A")
    assert drawing.count('class="ring"') == 2
    assert drawing.count("<title>") == len(marks)


@pytest.mark.parametrize(("first", "last"), [(-3000, 5000), (0, 0), (-20, 90), (-40_000, 40_000),
                                             (500, 600), (-900, -800)])
def test_a_timeline_keeps_every_mark_on_the_paper(first: int, last: int) -> None:
    marks = [Mark("disease", "square", first, first, "a", False),
             Mark("exposure", "bar", first, last, "b", True)]
    drawing = timeline_svg(marks, WORDS["en"], "A")
    xs = [float(x) for x in re.findall(r' x="(-?[\d.]+)"', drawing)]
    assert xs and min(xs) >= 0 and max(xs) <= 880
    labels = [float(x) for x in re.findall(r'class="day" x="([\d.]+)"', drawing)]
    assert labels and all(b - a >= 34 for a, b in zip(sorted(labels), sorted(labels)[1:],
                                                      strict=False))


def test_a_child_without_any_day_has_no_timeline() -> None:
    assert timeline_svg([], WORDS["en"], "A") == ""


def test_the_words_of_the_page_are_complete_in_every_language() -> None:
    for field in fields(WORDS["en"]):
        said = [getattr(WORDS[language], field.name) for language in LANGUAGES]
        assert all(said)
        if isinstance(said[0], dict):
            assert said[0].keys() == said[1].keys() == said[2].keys()
        else:
            assert len({tuple(sorted(re.findall(r"\{\w+\}", text))) for text in said}) == 1
