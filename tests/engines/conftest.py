"""Which of these tests belong to every day: the first oracle on polars. The rest take minutes."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what ``make test-engines`` runs: the oracles of the chapters, and other engines."""
    for item in items:
        if "tests/engines/" not in item.nodeid:
            continue
        is_first = item.nodeid.startswith("tests/engines/test_oracle.py")
        if not is_first or any(name in item.name for name in ("duckdb", "pandas", "spark")):
            item.add_marker("engines")
