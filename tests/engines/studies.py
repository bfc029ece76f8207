"""What the oracle tests share: studies made of rows, and what the definitions say of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

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


Rows = dict[str, list[dict[str, Any]]]
"""The rows of each table."""


def cohort_of(children: list[Rows]) -> Rows:
    """Join children, each drawn as its own rows, to one cohort; every child has a subject row."""
    joined: Rows = {"subject": []}
    for number, child in enumerate(children, start=1):
        own = {"subject_id": f"S{number:02}", "site_id": "X"}
        for table, rows in {"subject": [{}], **child}.items():
            joined.setdefault(table, []).extend({**row, **own} for row in rows)
    return joined


@st.composite
def numbered(
    draw: st.DrawFn, rows: st.SearchStrategy[list[dict[str, Any]]], name: str
) -> list[dict[str, Any]]:
    """Draw rows with running numbers that do not follow the order of the rows."""
    drawn = draw(rows)
    numbers = draw(st.permutations(range(1, len(drawn) + 1)))
    return [{**row, name: number} for row, number in zip(drawn, numbers, strict=True)]


def some(
    most: int, *rows: st.SearchStrategy[dict[str, Any]], least: int = 0
) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return lists of rows of any of some kinds."""
    return st.lists(st.one_of(*rows), min_size=least, max_size=most)


def row(**fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Return rows of fields; a list is one of its values, anything else is that value."""
    return st.fixed_dictionaries({
        name: values if isinstance(values, st.SearchStrategy)
        else st.sampled_from(values) if isinstance(values, list) else st.just(values)
        for name, values in fields.items()})


def assert_same(
    expected: Mapping[Any, Mapping[str, Any]], name: str, study: Study, *fields: str
) -> None:
    """Compare what the oracle expects of every key with what a definition says of it.

    What a definition does not answer at all is compared as unknown.
    """
    asked = fields or ("value", "day")
    found = derived_rows(name, study)
    keys = set(expected) | {key for key, answer in found.items() if answer["value"] is not None}
    nothing: Mapping[str, Any] = {}
    assert {key: tuple(expected.get(key, nothing).get(field) for field in asked)
            for key in keys} == {
        key: tuple(found.get(key, nothing).get(field) for field in asked) for key in keys}
