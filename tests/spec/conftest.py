"""spec: a definition shown by a table of at most a few rows and what it gives for each child."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from remission.definitions.cohort import derive_definition
from remission.definitions.definition import REGISTRY
from remission.definitions.endpoints import derive_endpoint
from remission.definitions.engines import on_engine, to_polars
from remission.plan import Endpoint
from tests.conftest import study_of

Spec = Callable[..., None]


@pytest.fixture
def spec(request: pytest.FixtureRequest) -> Spec:
    """Return the checker: definition, set, tables as text, expected value of each child.

    An ``endpoint`` of a plan takes the place of a definition. Of several parts the answer is a
    tuple.

    A key of ``expected`` is the child, or (child, number) where a row is a cycle, a transplant …;
    the item stands last where a definition has several.
    """

    engine = request.config.getoption("--engine")

    def check(
        name: str, expected: Mapping[Any, Any], *, criteria: str | None = None,
        part: str | tuple[str, ...] = "value", records: Mapping[str, Any] | None = None,
        definitions: Mapping[str, str] | None = None,
        endpoint: Mapping[str, Any] | None = None, **tables: str,
    ) -> None:
        chosen = {} if criteria is None else {REGISTRY[name].chosen_as: criteria}
        plan: dict[str, object] = {"definitions": {**chosen, **(definitions or {})}}
        if records is not None:
            plan["records"] = dict(records)
        with on_engine(study_of(plan, **tables), engine) as study:
            derived = to_polars(
                derive_definition(study, name) if endpoint is None else derive_endpoint(
                    study, Endpoint.model_validate({"label": name, **endpoint})))
        columns = REGISTRY[name].keys if endpoint is None else ("subject_id",)
        keys = [derived[key].to_list() for key in columns]
        values = derived[part].to_list() if isinstance(part, str) else derived.select(*part).rows()
        found = dict(zip(zip(*keys, strict=True), values, strict=True))
        found |= {key[0]: value for key, value in found.items() if keys[0].count(key[0]) == 1}
        nothing = None if isinstance(part, str) else (None,) * len(part)
        assert {key: found.get(key, nothing) for key in expected} == {
            key: pytest.approx(value, rel=1e-14) if isinstance(value, float) else value
            for key, value in expected.items()}

    return check
