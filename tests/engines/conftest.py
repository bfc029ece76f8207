"""Which of these tests belong to every day, and the other engine beside polars."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engines.case import start
from tests.engines.studies import ASKED, agree_on

EVERY_DAY = ("tests/engines/test_oracle.py", "tests/engines/test_every_definition_has_an_oracle")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what ``make test-engines`` runs: the oracles of the chapters, and other engines."""
    for item in items:
        if "tests/engines/" not in item.nodeid:
            continue
        is_first = item.nodeid.startswith(EVERY_DAY)
        if not is_first or any(name in item.name for name in ("duckdb", "pandas", "spark")):
            item.add_marker("engines")


@pytest.fixture(autouse=True)
def other_engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """Ask the engine of ``--engine`` what a test asked of polars."""
    ASKED.clear()
    yield
    engine = request.config.getoption("--engine")
    if engine != "polars" and ASKED:
        start(engine)
        agree_on(engine, ASKED)
