"""Labels in Spanish and Chinese are complete, and none stands for what is not declared."""

from __future__ import annotations

import re

import pytest

from remission.records.column import YES_NO_UNKNOWN, Column
from remission.records.labels import (
    LANGUAGES,
    Language,
    code_labels,
    label,
    table_label,
    written_labels,
)
from remission.records.tables import TABLES

TRANSLATED: list[Language] = ["es", "zh"]
COLUMNS = [(table.name, column) for table in TABLES.values() for column in table.columns]
LONGEST = {"en": 120, "es": 60, "zh": 24}


def is_yes_no(column: Column) -> bool:
    return bool(column.codes) and column.codes.keys() <= YES_NO_UNKNOWN.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_column_and_code_has_a_short_label(language: Language) -> None:
    for table in TABLES:
        assert table_label(table, language).strip()
    for table, column in COLUMNS:
        assert 0 < len(label(table, column.name, language)) <= LONGEST[language]
        codes = code_labels(table, column.name, language)
        assert list(codes) == list(column.codes)
        assert all(text.strip() for text in codes.values())


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_label_stands_for_what_is_not_declared(language: Language) -> None:
    written = written_labels(language)
    assert set(written) == {"tables", "common", "codes", *TABLES}
    assert set(written["tables"]) == set(TABLES)
    for table in TABLES.values():
        assert {*written["common"], *written[table.name]} >= set(table.by_name)
        assert set(written[table.name]) <= set(table.by_name) - set(written["common"])
    for name, columns in written["codes"].items():
        if name == "yes_no":
            assert set(columns) == set(YES_NO_UNKNOWN)
            continue
        for column, codes in columns.items():
            declared = TABLES[name].by_name[column]
            assert set(codes) == set(declared.codes) and not is_yes_no(declared), column


@pytest.mark.parametrize("language", TRANSLATED)
def test_two_columns_of_a_table_and_two_codes_of_a_column_never_share_a_label(
    language: Language
) -> None:
    for table in TABLES.values():
        labels = [label(table.name, column.name, language) for column in table.columns]
        assert len(set(labels)) == len(labels), table.name
        for column in table.columns:
            words = list(code_labels(table.name, column.name, language).values())
            assert len(set(words)) == len(words), column.name


def test_chinese_labels_are_written_in_chinese() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    bare = [f"{table}.{column.name}" for table, column in COLUMNS
            if not chinese.search(label(table, column.name, "zh"))]
    assert bare == []
