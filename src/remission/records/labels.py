"""Labels of tables, columns and codes in English, Spanish and Chinese.

English stands where a column is declared; ``labels/es.toml`` and ``labels/zh.toml`` hold the
other two, in the words of paediatric haematology in Mexico and in China.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, get_args

from remission.plan import Language
from remission.records.column import YES_NO_UNKNOWN
from remission.records.subject import BIRTH_DATE, INDEX_DATE
from remission.records.tables import TABLES

LANGUAGES: tuple[Language, ...] = get_args(Language)


VAULT_DATE_LABELS: Mapping[str, Mapping[Language, str]] = MappingProxyType({
    INDEX_DATE: {"en": "Date of day 0", "es": "Fecha del día 0", "zh": "第0天日期"},
    BIRTH_DATE: {"en": "Date of birth", "es": "Fecha de nacimiento", "zh": "出生日期"},
})


def table_label(table: str, language: Language) -> str:
    """Return what a table is called. Raises ``KeyError`` for a table that is not declared."""
    if language == "en":
        return TABLES[table].name.replace("_", " ").capitalize().replace("Gvhd", "GVHD")
    return str(written_labels(language)["tables"][table])


def label(table: str, column: str, language: Language) -> str:
    """Return what a column is called.

    Raises ``KeyError`` for a table or a column that is not declared.
    """
    if language == "en":
        return TABLES[table].by_name[column].meaning.removesuffix(".")
    written = written_labels(language)
    of_table = written.get(table, {})
    return str(of_table[column] if column in of_table else written["common"][column])


def code_labels(table: str, column: str, language: Language) -> Mapping[str, str]:
    """Return code → label of a column, in the order of the codes; empty where it has none.

    Raises ``KeyError`` for a table or a column that is not declared.
    """
    codes = TABLES[table].by_name[column].codes
    if language == "en" or not codes:
        return codes
    written = written_labels(language)["codes"]
    own = written.get(table, {}).get(column)
    if own is None and codes.keys() <= YES_NO_UNKNOWN.keys():
        own = written["yes_no"]
    return MappingProxyType({code: str(own[code]) for code in codes})


@lru_cache(maxsize=1)
def synonyms() -> Mapping[str, Any]:
    """Return what centres call words, tables, columns and codes, as it is written."""
    text = (files("remission.records") / "labels" / "synonyms.toml").read_text("utf-8")
    return MappingProxyType(tomllib.loads(text))


@lru_cache(maxsize=len(LANGUAGES))
def written_labels(language: Language) -> Mapping[str, Any]:
    """Return a file of labels as it is written. Raises ``FileNotFoundError`` for English."""
    text = (files("remission.records") / "labels" / f"{language}.toml").read_text("utf-8")
    return MappingProxyType(tomllib.loads(text))
