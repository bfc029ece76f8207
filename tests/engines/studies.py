"""What the oracle tests share: studies made of rows, and what the definitions say of them."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import HealthCheck, settings

from remission.definitions.cohort import derive_definition
from remission.plan import Plan
from remission.records.storage import as_frame, schema_of
from remission.records.study import Study
from remission.records.tables import TABLES

SUBJECTS = ("A", "B", "C")
CHECKED = settings(max_examples=150, deadline=None,
                   suppress_health_check=[HealthCheck.too_slow])
NUMBERS = ("transplant_no", "episode_no", "assessment_no", "cycle_no")
"""The running numbers that part the rows of one subject, where a definition has several."""


def frame_of(table: str, rows: list[dict[str, Any]]) -> Any:
    """Return rows as a declared table, numbered in their order."""
    schema = schema_of(TABLES[table])
    filled = [{name: row.get(name) for name in schema} | {"_source": f"{table}:{number}"}
              for number, row in enumerate(rows, start=2)]
    return as_frame(pl.DataFrame(filled, schema=schema))


def study_of(plan: dict[str, Any], **tables: list[dict[str, Any]]) -> Study:
    """Return a study of rows."""
    return Study(plan=Plan.model_validate({"study": {"title": "oracle"}, **plan}),
                 tables={name: frame_of(name, rows) for name, rows in tables.items()})


def derived_rows(name: str, study: Study) -> dict[Any, dict[str, Any]]:
    """Return key → row of one definition: the subject alone, or the subject and a number."""
    frame = derive_definition(study, name).collect()
    numbers = [number for number in NUMBERS if number in frame.columns]
    found = {}
    for row in frame.iter_rows(named=True):
        parts = (row["subject_id"], *(row[number] for number in numbers))
        found[parts if numbers else row["subject_id"]] = row
    return found


def derived(name: str, study: Study) -> dict[Any, tuple[Any, Any]]:
    """Return key → (value, day) of one definition."""
    rows = derived_rows(name, study)
    return {key: (row["value"], row.get("day")) for key, row in rows.items()}
