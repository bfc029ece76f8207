"""The tutorial's commands, run as a reader would run them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the code blocks of the page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


@pytest.fixture(scope="module")
def place(uci_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the reader has it: the data set's file and the project's studies."""
    folder = tmp_path_factory.mktemp("tutorial")
    shutil.copy(uci_csv.with_name("bone-marrow_original37.arff"), folder / "bone-marrow.arff")
    shutil.copytree(ROOT / "studies", folder / "studies")
    return folder


def test_the_snippet_makes_the_table_of_the_arff(place: Path, uci_csv: Path) -> None:
    (snippet,) = blocks("python")
    subprocess.run([sys.executable, "-c", snippet], cwd=place, check=True)
    made = (place / "bone_marrow_original.csv").read_text(encoding="utf-8").splitlines()
    shared = uci_csv.read_text(encoding="utf-8").splitlines()
    assert len(made) == 188
    assert made == shared


def test_every_command_runs_and_gives_what_the_page_says(place: Path, uci_csv: Path) -> None:
    shutil.copy(uci_csv, place / "bone_marrow_original.csv")
    printed = []
    for block in blocks("sh"):
        for line in block.strip().splitlines():
            words = shlex.split(line)
            assert words[0] == "remission"
            done = subprocess.run([sys.executable, "-m", *words], cwd=place, text=True,
                                  capture_output=True, check=False)
            assert done.returncode == 0, done.stderr
            printed.append(done.stdout)
    assert "16 queries to 1 centre" in printed[1]
    assert ("Refused: Cumulative incidence of relapse: Relapse is recorded for 28 children"
            in printed[2])
    for name in ("children/imports/PL.json", "children/queries/PL.xlsx", "report/report.html",
                 "report/report.docx", "report/tables.xlsx", "report/manifest.json",
                 "cohort/subject.csv", "cohort/variables.json"):
        assert (place / name).exists(), name
