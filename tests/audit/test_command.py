"""remission audit as a person runs it: exit codes, JSON, page, Word file, template."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

from remission.audit.claims import read_claims
from remission.audit.findings import Verdict
from remission.audit.run import audit_claims
from remission.audit.write import audit_html
from tests.conftest import ROOT, run

PAPERS = ("zhang-2025", "olaya-2025")


def claims_file(study: str) -> Path:
    return ROOT / "studies" / study / "claims.toml"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "claims.toml"
    path.write_text('[paper]\ntitle = "A <paper>"\n[[claims]]\nid = "a"\nwhere = "Table 1"\n'
                    'kind = "proportion"\ncount = 1\nbase = 3\npercent = "33"\n', encoding="utf-8")
    return path


def test_nothing_contradicts(good: Path) -> None:
    done = run("audit", good)
    assert (done.returncode, done.stdout.strip()) == (0, "1 agrees.")


def test_something_contradicts_in_json() -> None:
    done = run("audit", claims_file("olaya-2025"), "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert list(found[0]) == ["id", "where", "kind", "verdict", "printed", "recomputed",
                              "alternatives", "explanation", "note"]
    assert {one["verdict"] for one in found} <= {str(verdict) for verdict in Verdict}


def test_a_file_that_cannot_be_read(tmp_path: Path, good: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(good.read_text("utf-8").replace('"33"', '"33,3"'), encoding="utf-8")
    done = run("audit", bad)
    assert done.returncode == 2
    assert "line 9" in done.stderr and "decimal point" in done.stderr
    assert run("audit").returncode == 2
    assert run("audit", tmp_path / "none.toml").returncode == 2


def test_the_template_is_written_once_and_agrees(tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    assert run("audit", path, "--template").returncode == 0
    assert run("audit", path, "--template").returncode == 2
    assert run("audit", "--template").stdout == path.read_text("utf-8")
    assert run("audit", path).returncode == 0


def test_page_and_word_hold_every_finding(tmp_path: Path) -> None:
    page, word = tmp_path / "audit.html", tmp_path / "audit.docx"
    run("audit", claims_file("olaya-2025"), "--html", page, "--docx", word)
    text = page.read_text("utf-8")
    assert not re.search(r"(?:src|href)=\"?https?:|@import|url\(", text), "no network"
    with zipfile.ZipFile(word) as archive:
        document = archive.read("word/document.xml").decode()
    audit = audit_claims(read_claims(claims_file("olaya-2025")))
    for finding in audit.findings:
        assert f'id="{finding.id}"' in text
        assert finding.id in document
    assert run("audit", claims_file("olaya-2025"), "--html", tmp_path).returncode == 2


def test_the_words_of_a_paper_are_no_markup(good: Path) -> None:
    assert "A &lt;paper&gt;" in audit_html(audit_claims(read_claims(good)))
