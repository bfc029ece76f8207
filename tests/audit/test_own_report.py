"""Our own reports pass the checks that papers are put to."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from remission.audit import Verdict, audit_claims, read_report
from remission.audit.pages import audit_pages
from remission.errors import InputError
from tests.conftest import ROOT, run


def test_the_demo_agrees_with_itself(demo: Path) -> None:
    found = audit_claims(read_report(demo / "report"))
    assert Counter(one.verdict for one in found.findings) == {Verdict.AGREES: len(found.findings)}
    assert {one.kind for one in found.findings} == {
        "proportion", "interval", "parts", "contingency", "summary", "survival"}


def test_the_report_of_the_187_children_agrees_with_itself(uci_report: Path) -> None:
    found = audit_claims(read_report(uci_report))
    assert len(found.findings) > 50
    wrong = [one for one in found.findings if one.verdict is not Verdict.AGREES]
    assert not [one for one in wrong if one.verdict is Verdict.CONTRADICTS], wrong


def test_a_changed_number_is_found(demo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    shutil.copytree(demo / "report", folder)
    path = folder / "results.json"
    rows = json.loads(path.read_text("utf-8"))
    row = next(row for row in rows if row["statistic"] == "percent" and row["value"])
    row["value"] += 2
    path.write_text(json.dumps(rows), encoding="utf-8")
    done = run("audit", folder)
    assert done.returncode == 1
    assert row["variable"] in done.stdout


def test_a_folder_without_a_report_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"results\.json"):
        read_report(tmp_path)
    (tmp_path / "results.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(InputError, match="not the results"):
        read_report(tmp_path)


def test_the_pages_about_the_papers_are_fresh() -> None:
    pages = audit_pages(ROOT)
    assert len(pages) == 2
    for path, text in pages.items():
        assert path.read_text("utf-8") == text, "run: make docs"
