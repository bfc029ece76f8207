"""What tests share: the shared real data, small studies in words, and the reports they make."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from remission.plan import Plan
from remission.records.storage import as_frame, schema_of
from remission.records.study import Study
from remission.records.tables import TABLES

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
UCI = ROOT / "studies" / "uci-bmt-children"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the worked examples of the definitions run on another engine."""
    parser.addoption("--engine", default="polars", help="what runs tests/spec")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data beside the checkout; tests that need it skip without it."""
    if not SHARED.is_dir():
        pytest.skip("the public data sets are not beside the checkout (../shared/data)")
    return SHARED


@pytest.fixture(scope="session")
def uci_csv(shared_data: Path) -> Path:
    """The file of the 187 children."""
    return shared_data / "uci_bmt_children" / "bone_marrow_original.csv"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person does, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "remission", *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=120,
    )


@pytest.fixture(scope="session")
def uci_study(uci_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study folder of the 187 children, imported by the command line."""
    folder = tmp_path_factory.mktemp("uci") / "study"
    done = run("import", uci_csv, "--mapping", UCI / "mapping.toml", "--to", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def uci_report(uci_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the 187 children, written by the command line."""
    folder = tmp_path_factory.mktemp("uci") / "report"
    done = run("report", uci_study, "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo: ``study`` and ``report`` of the embedded example."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    done = run("demo", "-o", folder)
    assert done.returncode == 0, done.stderr
    return folder


def rows_of(text: str, table: str) -> pl.DataFrame:
    """Return a table written as text: a header, then a row a line, cells parted by ``|``."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    header, *body = ([cell.strip() for cell in line.split("|")] for line in lines)
    schema = schema_of(TABLES[table])
    columns = {
        name: pl.Series(name, [row[header.index(name)] or None if name in header else None
                               for row in body], dtype=pl.String).cast(dtype)
        for name, dtype in schema.items() if name != "_source"
    }
    sources = pl.Series("_source", [f"{table}:{number}" for number in range(2, len(body) + 2)])
    return pl.DataFrame([*columns.values(), sources])


def study_of(plan: dict[str, object] | None = None, **tables: str) -> Study:
    """Return a study written in words: one text table for each table that has rows."""
    choices: dict[str, object] = {"study": {"title": "A test"}, **(plan or {})}
    return Study(
        plan=Plan.model_validate(choices),
        tables={name: as_frame(rows_of(text, name)) for name, text in tables.items()},
    )
