"""Every rule is worded in every language, and says the same values in each."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from remission.plan import Language
from remission.records.checks import RULES, check_study, title_of, worded
from remission.records.checks.values import names_in
from remission.records.checks.wording import templates_of, translated, written_in
from remission.records.tables import TABLES
from tests.conftest import study_of
from tests.unit.check_cases import CASES, CLEAN

LANGUAGES: tuple[Language, ...] = ("es", "zh")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def values_in(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_worded_and_nothing_else_is(language: Language) -> None:
    assert list(written_in(language)) == list(written_in("zh"))
    assert set(written_in(language)) == set(RULES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", RULES)
def test_a_translation_names_the_same_values_and_columns(name: str, language: Language) -> None:
    rule, written = RULES[name], translated(name, language)
    assert set(written) == {"title", "what", "why", "cure"}
    assert set(templates_of(written)) == set(rule.what)
    for case, template in rule.what.items():
        other = templates_of(written)[case]
        assert values_in(other) == values_in(template), case
        assert names_in(other) == names_in(template), case
    for part, text in (("why", rule.why), ("cure", rule.cure)):
        assert names_in(written[part]) == names_in(text)
        assert not values_in(written[part])
    texts = [*templates_of(written).values(), written["why"], written["cure"], written["title"]]
    assert all(text.strip() == text and text for text in texts)
    assert language != "zh" or all(CHINESE.search(text) for text in (
        written["why"], written["cure"], written["title"]))


@pytest.mark.parametrize("name", RULES)
def test_a_rule_names_tables_and_columns_that_exist(name: str) -> None:
    rule = RULES[name]
    for text in (*rule.what.values(), rule.why, rule.cure):
        for table, column in names_in(text):
            assert table in TABLES and (not column or column in TABLES[table].by_name)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule} {case.case}" for case in CASES])
def test_every_query_can_be_asked_in_every_language(case: object) -> None:
    asked = check_study(study_of(**{**CLEAN, **case.tables}))  # type: ignore[attr-defined]  # parametrized over what has it
    for query in asked:
        for language in ("en", *LANGUAGES):
            words = worded(query, language)
            assert words.what and words.why and words.cure
            assert "{" not in words.what and title_of(RULES[query.rule], language)
