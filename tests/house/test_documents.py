"""The pages of the project are current: generated ones are fresh, and no link is dead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from remission import __version__
from remission.records.dictionary import dictionary_markdown
from remission.virtual.example import example_files
from tests.conftest import ROOT
from tests.spec.pages import pages

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob(
    "*.md"), *(ROOT / "studies").rglob("*.md")])


def test_the_data_dictionary_is_fresh() -> None:
    page = ROOT / "docs" / "data-dictionary.md"
    assert page.read_text(encoding="utf-8") == dictionary_markdown(), "run: make docs"


def test_the_pages_of_the_definitions_are_fresh() -> None:
    written = {page.name: page.read_text(encoding="utf-8")
               for page in (ROOT / "docs" / "definitions").glob("*.md")}
    assert written == pages(), "run: make docs"


def test_the_embedded_example_is_fresh() -> None:
    folder = ROOT / "src" / "remission" / "example"
    for name, text in example_files().items():
        assert (folder / name).read_text(encoding="utf-8") == text, f"{name}; run: make example"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


def test_the_version_is_one() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{__version__}"' in pyproject
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {__version__}" in changelog
    assert "Numbers that changed" in changelog


def test_the_project_names_no_machine_and_no_registry() -> None:
    patterns = re.compile(r"/(?:work|root)/|pypi\.org|registry\.npmjs|files\.pythonhosted")
    for path in ROOT.rglob("*"):
        parts = set(path.relative_to(ROOT).parts)
        if path.is_file() and not parts & {".venv", ".git", ".mypy_cache", ".ruff_cache", "demo",
                                           ".hypothesis", ".pytest_cache", "__pycache__"}:
            if path.name == "test_documents.py" or path.suffix in (".png", ".pdf"):
                continue
            assert not patterns.search(path.read_text(encoding="utf-8", errors="replace")), path
