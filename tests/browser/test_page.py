"""The report in a real browser: it answers by mouse and keyboard, offline, on a phone, on paper."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
           "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium of this machine."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield running
        running.close()


class Visit:
    """A page opened from disk, with everything it complained of or tried to load."""

    def __init__(self, browser: Any, report: Path, anchor: str = "", **context: Any) -> None:
        self.context = browser.new_context(offline=True, **context)
        self.page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("console", lambda message: self.troubles.append(message.text)
                     if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", lambda request: self.troubles.append(request.url)
                     if not request.url.startswith("file:") else None)
        self.page.goto(f"file://{report / 'report.html'}{anchor}")


@pytest.fixture
def visit(browser: Any, demo: Path) -> Iterator[Visit]:
    """The demo report on a wide screen."""
    visiting = Visit(browser, demo / "report", viewport={"width": 1400, "height": 900})
    yield visiting
    visiting.context.close()
    assert visiting.troubles == []


def number(page: Any, address: str) -> Any:
    return page.locator(f'[id="{address}"]')


def test_a_click_opens_the_children_the_rule_and_the_test(visit: Visit) -> None:
    page = visit.page
    panel = page.locator("#panel")
    assert panel.is_hidden()
    cell = number(page, "t2.relapse_after_transplant.Y.Haploidentical")
    cell.click()
    assert panel.is_visible()
    text = panel.inner_text()
    assert "Relapse after transplant · Haploidentical" in text
    assert "Buchmann 2022" in text
    assert "Fisher exact, two-sided" in text and "chosen because" in text
    assert "Beside it: P = 0.19, Pearson" in text
    children = panel.locator(".ids span").all_inner_texts()
    assert "of 21 transplanted children in the group Haploidentical" in text
    assert len(children) == int(cell.inner_text().split("/")[0])
    assert "relapses.csv" in text or "recaidas.csv" in text
    assert page.url.endswith("#t2.relapse_after_transplant.Y.Haploidentical")


def test_escape_closes_and_focus_returns(visit: Visit) -> None:
    page = visit.page
    cell = number(page, "t1.sex.F.Overall")
    cell.click()
    assert page.evaluate("document.activeElement.id") == "panel-head"
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()
    assert page.evaluate("document.activeElement.id") == "t1.sex.F.Overall"
    assert "#" not in page.url


def test_the_keyboard_alone_is_enough(visit: Visit) -> None:
    page = visit.page
    page.evaluate("document.getElementById('t1.age_years.Overall').focus()")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "t1.age_years.R/R"
    page.keyboard.press("ArrowDown")      # the row of the age group's name holds only a P
    assert page.evaluate("document.activeElement.id") == "t1.age_group.1_TO_10.R/R"
    page.keyboard.press("Enter")
    assert "1 to 10 years" in page.locator("#panel").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")            # a table is one stop: the next one is outside it
    assert not page.evaluate("document.activeElement.id").startswith("t1.")


def test_an_address_opens_its_number(browser: Any, demo: Path) -> None:
    visiting = Visit(browser, demo / "report", "#t2.death.Y.Overall")
    assert "Death" in visiting.page.locator("#panel").inner_text()
    assert visiting.troubles == []
    visiting.context.close()


def test_numbers_at_risk_in_a_drawing_answer(visit: Visit) -> None:
    page = visit.page
    risk = page.locator('.drawing [id^="f2.R/R.risk."]').first
    assert risk.get_attribute("role") == "button"
    risk.focus()
    page.keyboard.press("Enter")
    text = page.locator("#panel").inner_text()
    assert "27 children in the group R/R were under observation" in text
    assert len(page.locator("#panel .ids span").all()) == 27


def test_every_number_opens_a_panel_with_words(visit: Visit) -> None:
    page = visit.page
    silent = page.evaluate("""() => {
      const silent = [];
      for (const number of document.querySelectorAll('.number, .drawing [role=button]')) {
        number.dispatchEvent(new MouseEvent('click', {bubbles: true}));
        const panel = document.getElementById('panel');
        if (panel.hidden || panel.innerText.length < 60) silent.push(number.id);
      }
      return silent;
    }""")
    assert silent == []


def test_a_refusal_is_told_in_the_page(browser: Any, uci_report: Path) -> None:
    visiting = Visit(browser, uci_report)
    text = visiting.page.locator(".refusal").inner_text()
    assert "Not estimated. Relapse is recorded for 28 children without its day" in text
    assert visiting.page.locator(".refusal svg").count() == 0
    visiting.page.locator('[id="cumulative_incidence.refused"]').click()
    assert len(visiting.page.locator("#panel .ids span").all()) == 28
    assert visiting.troubles == []
    visiting.context.close()


def test_a_phone_reads_it(browser: Any, demo: Path) -> None:
    visiting = Visit(browser, demo / "report", viewport={"width": 390, "height": 844},
                     has_touch=True, is_mobile=True)
    page = visiting.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "only tables scroll"
    cell = number(page, "t1.age_years.Intolerant")
    cell.scroll_into_view_if_needed()
    first = page.locator("#t1 tbody th").first.bounding_box()
    assert first["x"] >= 0, "the first column stays"
    cell.tap()
    box = page.locator("#panel").bounding_box()
    assert box["width"] == 390 and box["y"] > 300, "the panel comes from below"
    assert visiting.troubles == []
    visiting.context.close()


def test_paper_has_no_panel_and_cuts_no_table(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    number(page, "t1.sex.F.Overall").click()
    page.emulate_media(media="print")
    assert page.locator("#panel").is_hidden()
    assert page.locator(".hint").is_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('.table .scroll')).breakInside"
                         ) == "avoid"
    for paper in ("A4", "Letter"):
        assert len(page.pdf(format=paper)) > 20_000


def test_text_has_enough_contrast(visit: Visit) -> None:
    lowest = visit.page.evaluate("""() => {
      const channel = (value) => {
        const share = value / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      };
      const light = (colour) => {
        const [red, green, blue] = colour.match(/\\d+/g).map(Number);
        return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
      };
      const paper = light(getComputedStyle(document.body).backgroundColor);
      return Math.min(...[...document.querySelectorAll('main p, main th, main td, main h2 i')]
        .map((node) => (paper + 0.05) / (light(getComputedStyle(node).color) + 0.05)));
    }""")
    assert lowest >= 7
