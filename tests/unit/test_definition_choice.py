"""Which set of a definition holds: the plan's own choice, that of the one it follows, the default.
"""

from __future__ import annotations

import pytest

from remission.definitions import cohort  # noqa: F401 - declares every definition
from remission.definitions.criteria import criteria_sets
from remission.definitions.definition import REGISTRY
from remission.errors import PlanError
from remission.plan import Plan


@pytest.mark.parametrize(("chosen", "expected"), [
    ({}, "eln_2024"),
    ({"response": "zhang_2025"}, "zhang_2025"),
    ({"response": "zhang_2025", "best_response": "amgen"}, "amgen"),
])
def test_a_definition_follows_another_unless_it_has_its_own_choice(
    chosen: dict[str, str], expected: str
) -> None:
    plan = Plan.model_validate({"study": {"title": "x"}, "definitions": chosen})
    criteria = REGISTRY["best_response"].chosen_criteria(plan)
    assert criteria is not None and criteria.name == expected


def test_what_is_followed_has_the_same_sets() -> None:
    for definition in REGISTRY.values():
        if definition.follows and definition.criteria is not None:
            followed = REGISTRY[definition.follows].criteria
            assert followed is not None
            assert set(criteria_sets(followed)) <= set(criteria_sets(definition.criteria))


def test_a_followed_choice_without_a_set_of_its_name_says_what_to_do() -> None:
    plan = Plan.model_validate({"study": {"title": "x"}, "definitions": {"response": "mine"}})
    with pytest.raises(PlanError) as refused:
        REGISTRY["responder"].chosen_criteria(plan)
    assert "responder has no set 'mine'. It follows the choice for response" in str(refused.value)
    assert "add the set [responder.mine] to definitions/criteria/response.toml" in str(
        refused.value)
