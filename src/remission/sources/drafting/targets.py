"""What a column may be mapped to: each column of each table, on each occasion a table has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from remission.records.column import Column, Table
from remission.records.labels import LANGUAGES, code_labels, label, synonyms, table_label
from remission.records.tables import CLINICAL_TABLES, TABLES
from remission.sources.drafting.words import Words, words_of

ONE_ROW_A_SUBJECT = ("subject", "follow_up")
DEFAULT_OCCASION: Mapping[str, str] = {"disease_episode": "diagnosis", "assessment": "baseline"}
"""What is meant in a row of a child where nothing is said."""

_OF_ANOTHER_OCCASION = {"marrow_blast_percent": "", "response_reported": "end of cycle"}
_NEVER_MAPPED = {"sequence", "source_value", "source_unit", "subject_id", "site_id"}


@dataclass(frozen=True)
class Occasion:
    """A table, and which of its rows is meant: relapse, the ANC, before the infusion.

    ``constants`` is what the block then says; ``words`` are the phrases that tell it.
    """

    table: Table
    name: str = ""
    constants: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    words: tuple[Words, ...] = field(default=(), hash=False, compare=False)


@dataclass(frozen=True)
class Target:
    """One column on one occasion, and the phrases by which it is called."""

    occasion: Occasion
    column: Column
    phrases: tuple[Words, ...] = field(hash=False, compare=False)

    @property
    def table(self) -> str:
        """The name of its table."""
        return self.occasion.table.name

    def __str__(self) -> str:
        """Return ``disease_episode.start_day (relapse)``."""
        occasion = f" ({self.occasion.name})" if self.occasion.name else ""
        return f"{self.table}.{self.column.name}{occasion}"


@lru_cache(maxsize=1)
def all_targets() -> tuple[Target, ...]:
    """Return every target, in the order of the data model."""
    return tuple(target for table in CLINICAL_TABLES for occasion in occasions_of(table.name)
                 for target in _targets(occasion))


@lru_cache(maxsize=len(TABLES))
def occasions_of(table: str) -> tuple[Occasion, ...]:
    """Return the occasions of a table; the first is the table itself, on any occasion."""
    declared = TABLES[table]
    found = [Occasion(declared)]
    found.extend(
        Occasion(declared, block["name"], block["constants"], _phrases(block["words"]))
        for block in synonyms()["blocks"] if block["table"] == table)
    for column in ("test", "alteration"):
        if column in declared.by_name and table in ("laboratory", "genetics"):
            found.extend(
                Occasion(declared, code, {column: code}, _code_phrases(table, column, code))
                for code in declared.by_name[column].codes if code != "OTHER")
    return tuple(found)


@lru_cache(maxsize=len(TABLES))
def default_occasion(table: str, column: str) -> str:
    """Return the occasion of a column of a row of a child where nothing is said; may be none."""
    return _OF_ANOTHER_OCCASION.get(column, DEFAULT_OCCASION.get(table, ""))


def table_words(table: str) -> tuple[Words, ...]:
    """Return the phrases by which a sheet or a column is known to be about a table."""
    written = [*synonyms()["tables"].get(table, ()), table,
               *(table_label(table, language) for language in LANGUAGES)]
    return _phrases(written)


def context_of(occasion: Occasion) -> frozenset[str]:
    """Return every word that belongs to a table and its occasion."""
    return _context(occasion.table.name, occasion.name)


@lru_cache(maxsize=500)
def _context(table: str, name: str) -> frozenset[str]:
    occasion = next(one for one in occasions_of(table) if one.name == name)
    return frozenset(word for phrase in (*table_words(table), *occasion.words)
                     for word in phrase)


def _targets(occasion: Occasion) -> list[Target]:
    table = occasion.table
    if occasion.constants.get("test"):
        return [Target(occasion, table.by_name["value"], occasion.words)]
    if occasion.constants.get("alteration"):
        return [Target(occasion, table.by_name["status"], occasion.words)]
    return [Target(occasion, column, _column_phrases(table.name, column.name))
            for column in table.columns
            if column.name not in _NEVER_MAPPED | set(occasion.constants)
            and not (column.name == table.numbered and len(table.key) == 2)]


def _column_phrases(table: str, column: str) -> tuple[Words, ...]:
    written = [*_names_of(column), *synonyms()["columns"].get(table, {}).get(column, ()),
               *(label(table, column, language) for language in LANGUAGES)]
    return _phrases(written)


def _names_of(column: str) -> list[str]:
    """Return the name of a column as a phrase; ``hla_of`` would say no more than ``hla``."""
    return [] if column.endswith("_of") else [column]


def _code_phrases(table: str, column: str, code: str) -> tuple[Words, ...]:
    written = [code, *(code_labels(table, column, language)[code] for language in LANGUAGES),
               *synonyms()["codes"].get(table, {}).get(column, {}).get(code, ())]
    return _phrases(written)


def _phrases(written: list[str] | tuple[str, ...]) -> tuple[Words, ...]:
    return tuple(dict.fromkeys(words for text in written if (words := words_of(text))))
