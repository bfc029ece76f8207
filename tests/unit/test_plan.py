"""The plan: every wrong choice is told together, with its line and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from remission.errors import InputError, PlanError
from remission.plan import Plan, read_plan


def problems_of(tmp_path: Path, text: str) -> str:
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as error:
        read_plan(path)
    return "\n".join(str(problem) for problem in error.value.problems)


SURVIVAL = '[[analyses]]\nkind = "survival"\ntitle = "OS"\nendpoint = "os"\n'


def test_unknown_keys_have_their_line_and_the_nearest_word(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\nanchr = "transplant"\n')
    assert "study.toml, line 3" in text
    assert "Did you mean 'anchor'" in text


def test_unknown_values_list_what_is_known(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\nanchor = "birth"\n')
    assert "line 3" in text and "'first_infusion', 'diagnosis' or 'transplant'" in text


def test_missing_keys_are_named(tmp_path: Path) -> None:
    text = problems_of(tmp_path, "[study]\n" + SURVIVAL)
    assert "'study.title' is missing" in text
    assert "at' is missing" in text


def test_endpoints_groups_and_populations_must_exist(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\n' + SURVIVAL
                       + 'at = ["1 year"]\nby = "arm"\npopulation = "itt"\n')
    assert "no [endpoints.os]" in text
    assert "no [groups.arm]" in text
    assert "no [populations.itt]" in text


def test_a_duration_must_be_one(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\n[endpoints.os]\nlabel = "OS"\n'
                       'events = ["death"]\n' + SURVIVAL + 'at = ["five years"]\n')
    assert "'five years' is not a duration; write it as '100 days' or '5 years'" in text


def test_an_event_cannot_compete_with_itself(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\n[endpoints.e]\nlabel = "E"\n'
                       'events = ["death"]\ncompeting = ["death"]\n')
    assert "death cannot be both event and competing" in text


def test_a_value_belongs_to_one_level(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\n[groups.g]\nvariable = "sex"\n'
                       'label = "sex"\nlevels = { a = ["F"], b = ["F", "M"] }\n')
    assert "F stands in two levels" in text


def test_unknown_kinds_of_analysis_list_the_known_ones(tmp_path: Path) -> None:
    text = problems_of(tmp_path, '[study]\ntitle = "x"\n[[analyses]]\nkind = "forest"\n')
    assert "'characteristics', 'transplant', 'survival', 'cumulative_incidence'" in text


def test_broken_toml_says_where(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text("[study\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"Not valid TOML.*line 1"):
        read_plan(path)


def test_the_fingerprint_tells_plans_apart_and_spells_out_defaults() -> None:
    bare = Plan.model_validate({"study": {"title": "x"}})
    spelt = Plan.model_validate({"study": {"title": "x", "anchor": "first_infusion"}})
    other = Plan.model_validate({"study": {"title": "x", "anchor": "transplant"}})
    assert bare.fingerprint == spelt.fingerprint != other.fingerprint
