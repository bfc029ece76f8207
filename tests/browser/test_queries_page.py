"""The page of queries in a real browser: offline, filtered, on a phone, on paper, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from remission.plan import Language
from remission.records.checks import check_study
from remission.records.study import Study
from remission.report.queries_page.page import queries_html
from remission.sources.study_folder import read_study
from tests.browser.test_page import Visit, browser  # noqa: F401 - a fixture

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def study(demo: Path) -> Study:
    return read_study(demo / "study")


def written(study: Study, folder: Path, language: Language = "en") -> Path:
    page = queries_html(check_study(study), study, language)
    (folder / "report.html").write_text(page, encoding="utf-8", newline="\n")
    return folder


@pytest.fixture
def visit(browser: Any, study: Study, tmp_path: Path) -> Iterator[Visit]:  # noqa: F811
    visiting = Visit(browser, written(study, tmp_path), viewport={"width": 1280, "height": 900})
    yield visiting
    visiting.context.close()
    assert visiting.troubles == []


def test_queries_are_filtered_by_centre_rule_and_state(visit: Visit) -> None:
    page, shown = visit.page, visit.page.locator("article:visible")
    assert shown.count() == 4
    page.select_option("select[name=site]", "South")
    assert shown.count() == 2
    assert page.locator("section:visible").count() == 2
    page.select_option("select[name=rule]", "hla_matches_exceed")
    assert shown.count() == 1
    assert page.locator("#filter output").inner_text() == "1 shown"
    page.uncheck("input[value=open]")
    assert shown.count() == 0
    assert "No query has this centre" in page.locator("#filter output").inner_text()


def test_the_keyboard_reaches_filter_timelines_and_queries(visit: Visit) -> None:
    page, reached = visit.page, []
    for _ in range(16):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(
            "document.activeElement.name || document.activeElement.className"
            " || document.activeElement.getAttribute('href')"))
    assert reached[:4] == ["site", "rule", "state", "course"]
    ids = [f"#{name}" for name in page.locator("article").evaluate_all(
        "all => all.map((one) => one.id)")]
    assert [name for name in reached if name in ids] == ids
    page.keyboard.press("Shift+Tab")


def test_a_timeline_rings_the_row_that_is_asked_about(visit: Visit) -> None:
    section = visit.page.locator("section", has_text="S040")
    ring = section.locator(".course .graft .ring")
    assert ring.count() == 1
    box, paper = ring.bounding_box(), section.locator("svg").bounding_box()
    assert box["x"] >= paper["x"] and box["x"] + box["width"] <= paper["x"] + paper["width"]


def test_the_values_at_fault_are_told_to_a_screen_reader_too(visit: Visit) -> None:
    fault = visit.page.locator("li.fault", has_text="hla_matched")
    assert "at fault" in (fault.text_content() or "")


@pytest.mark.parametrize("language", ["en", "es", "zh"])
def test_a_phone_shows_everything_without_scrolling_the_page_sideways(
    browser: Any, study: Study, tmp_path: Path, language: Language  # noqa: F811
) -> None:
    visiting = Visit(browser, written(study, tmp_path, language),
                     viewport={"width": 360, "height": 740})
    page = visiting.page
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator("article:visible").count() == 4
    assert page.locator(".course").first.evaluate("one => one.scrollWidth > one.clientWidth")
    visiting.context.close()
    assert visiting.troubles == []


def test_paper_has_every_query_and_no_filter(visit: Visit) -> None:
    page = visit.page
    page.emulate_media(media="print")
    assert page.locator("#filter").is_hidden()
    assert page.locator("article:visible").count() == 4
    assert page.locator(".course svg").first.bounding_box()["width"] <= 1280
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_without_script_everything_is_there(browser: Any, study: Study, tmp_path: Path) -> None:  # noqa: F811
    visiting = Visit(browser, written(study, tmp_path), java_script_enabled=False)
    assert visiting.page.locator("article:visible").count() == 4
    assert visiting.page.locator("#filter").is_hidden()
    visiting.context.close()


def test_the_address_keeps_the_place(browser: Any, study: Study, tmp_path: Path) -> None:  # noqa: F811
    query = check_study(study)[-1]
    visiting = Visit(browser, written(study, tmp_path), anchor=f"#{query.id}")
    assert visiting.page.locator("article:target h3").inner_text() == query.what
    visiting.context.close()
