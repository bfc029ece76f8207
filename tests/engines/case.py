"""A definition beside the oracle: how its tables are drawn, and what the oracle says of them.

On polars each drawn cohort is a study of its own, so that a failing one is made as small as it can
be. On the other engines, where a question costs much more than a row, all cohorts are put into
one study and asked at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from remission.definitions.cohort import derive_definition
from remission.definitions.definition import KEYS, REGISTRY
from remission.definitions.endpoints import derive_endpoint
from remission.definitions.engines import ENGINES, local_spark, on_engine, to_polars
from remission.plan import Endpoint
from tests.engines.studies import is_same, study_of

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Answers = dict[Any, tuple[Any, ...]]

EVERY_ENGINE = [pytest.param(name, marks=pytest.mark.spark) if name == "spark" else name
                for name in ENGINES]
_TOGETHER = 100
"""Cohorts that are asked at once on engines other than polars."""


_FEW_ROWS = {
    "spark.sql.shuffle.partitions": "1", "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.constraintPropagation.enabled": "false",
}
"""Spark as it suits a few hundred rows: to write and compile a program for each takes longer."""


@dataclass(frozen=True)
class Case:
    """A definition, or an endpoint, under one plan.

    ``tables`` draws the records of a few subjects; ``expected`` asks the oracle and returns, for
    each key, what ``parts`` of the answer must be.
    """

    name: str
    tables: st.SearchStrategy[Tables]
    expected: Callable[[Tables], Answers]
    plan: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[str, ...] = ("value", "day")
    endpoint: Endpoint | None = None
    examples: int = 100

    def __str__(self) -> str:
        """Return the definition and what the plan chooses."""
        return " ".join([self.name, *(f"{value}" for value in self.plan.values())])


def agree(case: Case, engine: str) -> None:
    """Check a case on one engine against the oracle."""
    if engine == "polars":
        settings(max_examples=case.examples, deadline=None,
                 suppress_health_check=[HealthCheck.too_slow])(
            given(case.tables)(lambda tables: _compare(case, tables, engine)))()
        return
    start(engine)
    _compare(case, _together(case), engine)


def start(engine: str) -> None:
    """Skip the test where the engine is not installed; keep Spark running for those that follow."""
    for package in ENGINES[engine]:
        pytest.importorskip(package, reason="make test-engines installs every engine")
    if engine == "spark":
        for name, value in _FEW_ROWS.items():
            local_spark().conf.set(name, value)


def _compare(case: Case, tables: Tables, engine: str) -> None:
    expected, found = case.expected(tables), _answers(case, tables, engine)
    different = {key: (answer, found.get(key)) for key, answer in expected.items()
                 if not _same(answer, found.get(key, (None,) * len(case.parts)))}
    shown = dict(list(different.items())[:3])
    rows = {name: [row for row in of_table if row["subject_id"] in _subjects(shown)]
            for name, of_table in tables.items()}
    assert not different, f"oracle and {engine} differ, of {len(different)}: {shown}\nby {rows}"
    assert set(found) <= set(expected)


def _same(answer: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Say whether two answers are the same; numbers may differ in their last digits."""
    return len(answer) == len(other) and all(map(is_same, answer, other))


def _subjects(keys: Mapping[Any, Any]) -> set[str]:
    return {key[0] if isinstance(key, tuple) else key for key in keys}


def _answers(case: Case, tables: Tables, engine: str) -> Answers:
    study = study_of(dict(case.plan), **tables)
    keys = KEYS["subject"] if case.endpoint else REGISTRY[case.name].keys
    with on_engine(study, engine) as placed:
        lazy = (derive_endpoint(placed, case.endpoint) if case.endpoint
                else derive_definition(placed, case.name))
        rows = to_polars(lazy).to_native()
    found: Answers = {}
    for row in rows.iter_rows(named=True):
        key = tuple(row[key] for key in keys)
        assert key not in found, f"two rows for {key}"
        found[key] = tuple(row.get(part) for part in case.parts)
    return {key[0] if len(keys) == 1 else key: answer for key, answer in found.items()}


def _together(case: Case) -> Tables:
    """Return many drawn cohorts as one, each with subjects of its own."""
    together: Tables = {}
    number = 0

    @settings(max_examples=_TOGETHER, deadline=None, phases=[Phase.generate], database=None,
              suppress_health_check=[HealthCheck.too_slow])
    @given(case.tables)
    def gather(tables: Tables) -> None:
        nonlocal number
        number += 1
        for name, rows in tables.items():
            together.setdefault(name, []).extend(
                {**row, "subject_id": f"{row['subject_id']}{number}"} for row in rows)

    gather()
    return together
