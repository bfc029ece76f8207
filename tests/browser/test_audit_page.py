"""The page of an audit in a real browser: offline, and filtered by verdict and by place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from remission.audit import audit_claims, read_claims, write_html
from tests.browser.test_page import Visit, browser  # noqa: F401 - a fixture
from tests.conftest import ROOT

pytestmark = pytest.mark.browser


def test_findings_are_filtered_by_verdict_and_place(browser: Any, tmp_path: Path) -> None:  # noqa: F811
    audit = audit_claims(read_claims(ROOT / "studies" / "olaya-2025" / "claims.toml"))
    write_html(audit, tmp_path / "report.html")
    visiting = Visit(browser, tmp_path)
    page, shown = visiting.page, visiting.page.locator("article:visible")
    assert shown.count() == len(audit.findings)
    page.uncheck("input[value=agrees]")
    assert shown.count() == sum(found.verdict != "agrees" for found in audit.findings)
    page.check("input[value=agrees]")
    place = audit.findings[0].where
    page.select_option("select[name=place]", place)
    assert shown.count() == sum(found.where == place for found in audit.findings)
    assert page.locator("#filter output").inner_text() == f"{shown.count()} shown"
    visiting.context.close()
    assert visiting.troubles == []
