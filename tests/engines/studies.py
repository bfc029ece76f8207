"""What the oracle tests share: studies made of rows, and what the definitions say of them.

The oracle judges polars, one drawn cohort after the other, so that a failing one is made as small
as it can be. Another engine (``--engine``), where a question costs much more than a row, is asked
once a test: all cohorts of the test are joined to one study, of which it must say what polars says.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from remission.definitions.cohort import derive_definition
from remission.definitions.engines import on_engine, to_polars
from remission.plan import Plan
from remission.records.storage import as_frame, schema_of
from remission.records.study import Study
from remission.records.tables import TABLES

SUBJECTS = ("A", "B", "C")
CHECKED = settings(max_examples=150, deadline=None,
                   suppress_health_check=[HealthCheck.too_slow])
NUMBERS = ("transplant_no", "episode_no", "assessment_no", "cycle_no", "item")
"""What parts the rows of one subject, where a definition has several."""


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


ASKED: list[tuple[str, Study]] = []
"""What the running test asked: the definition and the study."""
_MOST_JOINED = 100


def agree_on(engine: str, asked: Iterable[tuple[str, Study]]) -> None:
    """Check that an engine says of the studies that were asked about what polars says."""
    together: dict[tuple[str, str], list[Study]] = {}
    for name, study in asked:
        together.setdefault((name, study.plan.model_dump_json()), []).append(study)
    for (name, _), studies in together.items():
        joined = _joined(studies[-_MOST_JOINED:])
        expected, found = rows_of(name, joined), rows_of(name, joined, engine)
        different = {key: (expected.get(key), found.get(key))
                     for key in expected.keys() | found.keys()
                     if not _same_row(expected.get(key), found.get(key))}
        shown = dict(list(different.items())[:3])
        assert not different, f"{name}: polars and {engine} differ, of {len(different)}: {shown}"


def _joined(studies: list[Study]) -> Study:
    """Return several studies of one plan as one, each with subjects of its own."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for number, study in enumerate(studies):
        for name, frame in study.tables.items():
            native: pl.DataFrame = frame.to_native()
            parts.setdefault(name, []).append(native.with_columns(
                pl.col("subject_id") + f"/{number}"))
    return replace(studies[0], tables={
        name: as_frame(pl.concat(frames)) for name, frames in parts.items()})


def _same_row(one: Mapping[str, Any] | None, two: Mapping[str, Any] | None) -> bool:
    """Say whether two answers are the same; numbers may differ in their last digits."""
    return one is not None and two is not None and one.keys() == two.keys() and all(
        is_same(value, two[name]) for name, value in one.items())


def is_same(one: object, two: object) -> bool:
    """Say whether two values are the same; numbers may differ in their last digits."""
    if isinstance(one, float) and isinstance(two, int | float):
        return math.isclose(one, two, rel_tol=1e-9, abs_tol=1e-12)
    return one == two


def derived_rows(name: str, study: Study) -> dict[Any, dict[str, Any]]:
    """Return key → row of one definition, and remember that it was asked."""
    ASKED.append((name, study))
    return rows_of(name, study)


def rows_of(name: str, study: Study, engine: str = "polars") -> dict[Any, dict[str, Any]]:
    """Return key → row of one definition: the subject alone, or the subject and a number."""
    with on_engine(study, engine) as placed:
        frame = to_polars(derive_definition(placed, name))
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
    pairs = {key: tuple(tuple(answers.get(key, nothing).get(field) for field in asked)
                        for answers in (expected, found)) for key in keys}
    different = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
    assert not different, f"oracle and definition of {name} differ in {asked}: {different}"
