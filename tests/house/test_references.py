"""Every definition, criterion and check cites its source, and says when it rests on memory."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from remission.definitions import cohort  # noqa: F401 - declares every definition
from remission.definitions.criteria import EVIDENCE, criteria_sets, default_set
from remission.definitions.definition import REGISTRY
from remission.records.checks import RULES
from remission.records.tables import TABLES
from remission.units import TEST_UNITS

CRITERIA = [
    (path.name, part, name, entry)
    for path in (files("remission.definitions") / "criteria").iterdir()
    if path.name.endswith(".toml")
    for part, entries in tomllib.loads(path.read_text("utf-8")).items()
    for name, entry in entries.items() if name != "default"
]


@pytest.mark.parametrize(("file", "part", "name", "entry"), CRITERIA,
                         ids=[f"{file}:{part}.{name}" for file, part, name, _ in CRITERIA])
def test_every_criterion_has_wording_source_and_evidence(
    file: str, part: str, name: str, entry: dict[str, object]
) -> None:
    assert str(entry["wording"]).strip()
    assert any(char.isdigit() for char in str(entry["source"])), "a source has a year or a page"
    assert set(str(entry["evidence"]).split()) <= set(EVIDENCE)
    notion = f"{file.removesuffix('.toml')}.{part}"
    assert name in criteria_sets(notion)
    assert default_set(notion) in criteria_sets(notion)


@pytest.mark.parametrize("name", REGISTRY)
def test_every_definition_has_a_rule_in_words_and_a_reference(name: str) -> None:
    definition = REGISTRY[name]
    assert definition.words
    assert definition.reference or definition.criteria, f"{name} cites nothing"


@pytest.mark.parametrize("name", REGISTRY)
def test_every_need_exists(name: str) -> None:
    for need in REGISTRY[name].needs:
        table, _, column = need.partition(".")
        known = TEST_UNITS if table == "laboratory" else {}
        assert column in known or column in TABLES[table].by_name, need


@pytest.mark.parametrize("name", RULES)
def test_every_check_says_why_what_to_do_and_on_whose_word(name: str) -> None:
    rule = RULES[name]
    assert rule.why and rule.cure and rule.source
