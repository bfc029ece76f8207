"""The doors between the rooms: imports go down the levels, never sideways."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

SOURCE = ROOT / "src" / "remission"
LEVELS = {
    "errors": 0, "days": 0, "units": 0, "files": 0, "toml_lines": 0,
    "second_process": 0,
    "toml": 1, "own_files": 1,
    "plan": 2,
    "records": 3,
    "sources": 4, "definitions": 4, "statistics": 4,
    "analyses": 5,
    "report": 6, "exports": 6,
    "audit": 7, "virtual": 7,
    "reconstruct": 8, "reproduction": 8,
    "cli": 9,
}
FILES = sorted(path for path in SOURCE.rglob("*.py") if path.parent != SOURCE or (
    path.stem in LEVELS))


def room_of(path: Path) -> str:
    """Return the room a file stands in; a file of the top level is a room of its own."""
    inside = path.relative_to(SOURCE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imported_rooms(path: Path) -> set[str]:
    """Return the rooms a file imports from, wherever in the file the import stands."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        rooms |= {name.split(".")[1] for name in names if name.startswith("remission.")}
    return rooms


def test_every_room_has_a_level() -> None:
    rooms = {path.name for path in SOURCE.iterdir() if path.is_dir() and (
        path / "__init__.py").exists()}
    assert rooms <= set(LEVELS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_room_imports_only_from_below(path: Path) -> None:
    room = room_of(path)
    for other in imported_rooms(path) - {room, "__version__"}:
        assert LEVELS[other] < LEVELS[room], f"{room} must not import from {other}"


def test_statistics_know_only_the_ground_floor() -> None:
    for path in (SOURCE / "statistics").glob("*.py"):
        assert imported_rooms(path) <= {"statistics", "errors"}, path.name


def test_simulated_truth_never_reads_the_definitions() -> None:
    for path in (SOURCE / "virtual").glob("*.py"):
        assert not imported_rooms(path) & {"definitions", "analyses"}, path.name


def test_frames_stay_out_of_statistics_and_medicine_too() -> None:
    for path in (SOURCE / "statistics").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "polars" not in text and "narwhals" not in text, path.name
        assert not re.search(r"scipy\.stats|from scipy import .*\bstats\b", text), path.name


def test_tables_and_figures_never_compute() -> None:
    for path in (SOURCE / "report").rglob("*.py"):
        assert "statistics" not in imported_rooms(path), path.name
