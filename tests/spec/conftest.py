"""spec: a definition shown by a table of at most a few rows and what it gives for each child."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from remission.definitions.cohort import derive_definition
from remission.definitions.definition import REGISTRY
from tests.conftest import study_of

Spec = Callable[..., None]


@pytest.fixture
def spec() -> Spec:
    """Return the checker: definition, set, tables as text, expected value of each child.

    A key of ``expected`` is the child, or (child, number) where a row is a cycle, a transplant …;
    the item stands last where a definition has several.
    """

    def check(
        name: str, expected: Mapping[str, Any], *, criteria: str | None = None, part: str = "value",
        records: Mapping[str, Any] | None = None, **tables: str,
    ) -> None:
        plan: dict[str, object] = {"definitions": {} if criteria is None else {name: criteria}}
        if records is not None:
            plan["records"] = dict(records)
        derived = derive_definition(study_of(plan, **tables), name).collect()
        keys = [derived[key].to_list() for key in REGISTRY[name].keys]
        values = derived[part].to_list()
        found = dict(zip(zip(*keys, strict=True), values, strict=True))
        found |= {key[0]: value for key, value in found.items() if keys[0].count(key[0]) == 1}
        assert {key: found.get(key) for key in expected} == dict(expected)

    return check
