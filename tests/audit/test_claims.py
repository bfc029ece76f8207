"""The format of claims: what is read, what is refused and how, and its generated pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from remission.audit.claims import read_claims
from remission.audit.document import KINDS, claims_markdown, claims_schema, template
from remission.errors import InputError
from tests.conftest import ROOT

HEAD = '[paper]\ntitle = "A paper"\n[bases]\npatients = 54\n'


def claims_of(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "claims.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def test_the_template_shows_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    path.write_text(template(), encoding="utf-8")
    claims = read_claims(path)
    assert {claim.kind for claim in claims.claims} == {
        kind.model_fields["kind"].default for kind in KINDS}


def test_the_pages_of_the_format_are_fresh() -> None:
    docs = ROOT / "docs"
    assert (docs / "claims.md").read_text("utf-8") == claims_markdown(), "run: make docs"
    assert (docs / "claims.schema.json").read_text("utf-8") == claims_schema(), "run: make docs"


@pytest.mark.parametrize("study", ["zhang-2025", "olaya-2025"])
def test_the_papers_can_be_read(study: str) -> None:
    assert len(read_claims(ROOT / "studies" / study / "claims.toml").claims) >= 10


def test_a_base_may_be_named(tmp_path: Path) -> None:
    claims = read_claims(claims_of(tmp_path, ""))
    assert (claims.size("patients"), claims.size("1,400"), claims.size(7)) == (54, 1400, 7)
    assert claims.size(None) is None


@pytest.mark.parametrize(("block", "line", "says"), [
    ('kind = "proportion"\ncount = 3\nbase = "patient"\npercent = "5"', 10, "'patients'"),
    ('kind = "proportion"\ncount = 3\nbase = 54\npercent = "5,4"', 11, "decimal point"),
    ('kind = "proportion"\ncount = 3\nbase = 54\npercent = 5.4', 11, 'percent = "5.4"'),
    ('kind = "proportion"\ncount = 3', 8, "at least two"),
    ('kind = "proportion"\ncount = "3.5"\nbase = 54', 9, "whole number"),
    ('kind = "portion"\ncount = 3', 8, "proportion"),
    ('kind = "parts"\nparts = [3, 4]', 8, "total"),
    ('kind = "contingency"\ncounts = [[1, 2], [3]]', 8, "same number"),
    ('kind = "contingency"\ncounts = [[1, 2], [3, 4]]\np = "n.s."', 10, "NS"),
    ('kind = "flow"\nnodes = { a = 1 }\nsplits = { a = ["b"] }', 10, "under nodes"),
    ('kind = "definition"\nstates = "s"\nbecause = "b"\nprinted = "1"\nexpected = "1/0"', 12,
     "share"),
])
def test_a_mistake_is_told_with_its_line_and_a_cure(
    tmp_path: Path, block: str, line: int, says: str
) -> None:
    path = claims_of(tmp_path, f'[[claims]]\nid = "a"\nwhere = "Table 1"\n{block}\n')
    with pytest.raises(InputError) as caught:
        read_claims(path)
    text = "\n".join(map(str, caught.value.problems))
    assert says in text, text
    assert any(f"line {number}" in text for number in (line, 5)), text


def test_an_id_stands_once(tmp_path: Path) -> None:
    block = '[[claims]]\nid = "a"\nwhere = "x"\nkind = "wording"\ntext = "words"\n'
    with pytest.raises(InputError, match=r"line 11: .*another claim has already"):
        read_claims(claims_of(tmp_path, block * 2))
