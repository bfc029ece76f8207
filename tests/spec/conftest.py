"""spec: a definition shown by a table of at most a few rows and what it gives for each child."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from remission.definitions.cohort import derive_definition
from remission.definitions.definition import KEYS, REGISTRY
from tests.conftest import study_of

Spec = Callable[..., None]


@pytest.fixture
def spec() -> Spec:
    """Return the checker: definition, set, tables as text, expected value of each child.

    A key of ``expected`` is the child, or (child, number) where a row is a cycle, a transplant …
    """

    def check(
        name: str, expected: Mapping[str, Any], *, criteria: str | None = None, part: str = "value",
        records: Mapping[str, Any] | None = None, definitions: Mapping[str, str] | None = None,
        **tables: str,
    ) -> None:
        chosen = {} if criteria is None else {REGISTRY[name].chosen_as: criteria}
        plan: dict[str, object] = {"definitions": {**chosen, **(definitions or {})}}
        if records is not None:
            plan["records"] = dict(records)
        derived = derive_definition(study_of(plan, **tables), name).collect()
        keys = [derived[key].to_list() for key in KEYS[REGISTRY[name].grain]]
        values = derived[part].to_list()
        found = dict(zip(keys[0], values, strict=True)) | dict(
            zip(zip(*keys, strict=True), values, strict=True))
        assert {key: found.get(key) for key in expected} == dict(expected)

    return check
