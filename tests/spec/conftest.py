"""spec: a definition shown by a table of at most a few rows and what it gives for each child."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from remission.definitions.cohort import derive_definition
from tests.conftest import study_of

Spec = Callable[..., None]


@pytest.fixture
def spec() -> Spec:
    """Return the checker: definition, set, tables as text, expected value of each child."""

    def check(
        name: str, expected: Mapping[str, Any], *, criteria: str | None = None, part: str = "value",
        records: Mapping[str, Any] | None = None, **tables: str,
    ) -> None:
        plan: dict[str, object] = {"definitions": {} if criteria is None else {name: criteria}}
        if records is not None:
            plan["records"] = dict(records)
        derived = derive_definition(study_of(plan, **tables), name).collect()
        found = dict(zip(derived["subject_id"].to_list(), derived[part].to_list(), strict=True))
        assert {subject: found.get(subject) for subject in expected} == dict(expected)

    return check
