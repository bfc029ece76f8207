"""The values of a query and the sentence they make: a template is filled in every language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remission.plan import Language
from remission.records.checks.names import code_name, column_name, table_name

_NAMED = re.compile(r"\[([a-z_0-9]+)(?:\.([a-z_0-9]+))?\]")
"""``[transplant.day]`` or ``[transplant]`` in a template: what has a name in each language."""

_QUOTED: Mapping[Language, str] = {"en": "{}", "es": "«{}»", "zh": "“{}”"}
_IN_TABLE: Mapping[Language, str] = {
    "en": "{table}.{column}", "es": "«{column}» ({table})", "zh": "{table}“{column}”"}
_UNITS: Mapping[Language, Mapping[str, str]] = {
    "en": {}, "es": {"days": "días", "months": "meses", "years": "años"},
    "zh": {"days": "天", "months": "个月", "years": "岁"}}
_EMPTY: Mapping[Language, str] = {"en": "empty", "es": "vacío", "zh": "空"}
_BETWEEN: Mapping[Language, str] = {"en": ", ", "es": ", ", "zh": "、"}
_LAST: Mapping[Language, str] = {"en": " and ", "es": " y ", "zh": "和"}


@dataclass(frozen=True)
class TableOf:
    """A table, as a value of a query."""

    table: str

    def __str__(self) -> str:
        """Return the name of the table."""
        return self.table


@dataclass(frozen=True)
class ColumnOf:
    """A column of a table, as a value of a query."""

    table: str
    column: str

    def __str__(self) -> str:
        """Return ``table.column``."""
        return f"{self.table}.{self.column}"


@dataclass(frozen=True)
class CodeOf:
    """A code of a column, as a value of a query."""

    table: str
    column: str
    code: str

    def __str__(self) -> str:
        """Return the code itself."""
        return self.code


@dataclass(frozen=True)
class UnitOf:
    """The unit of a value, which follows it; empty where it has none."""

    unit: str

    def __str__(self) -> str:
        """Return the unit itself."""
        return self.unit


Scalar = str | int | float | None | TableOf | ColumnOf | CodeOf | UnitOf
Value = Scalar | tuple[Scalar, ...]
Values = Mapping[str, Value]


def fill(template: str, values: Values, language: Language = "en") -> str:
    """Return the sentence that a template and its values make in a language."""
    def named(found: re.Match[str]) -> str:
        table, column = found.groups()
        return table_name(table, language) if column is None else _QUOTED[language].format(
            column_name(table, column, language))

    text = _NAMED.sub(named, template).format_map(
        {name: shown(value, language) for name, value in values.items()})
    begins_with = values.get(template[1:template.find("}")]) if template[:1] == "{" else None
    # Spanish labels of codes are written small; a sentence is not.
    is_label = language == "es" and isinstance(begins_with, CodeOf)
    return f"{text[:1].upper()}{text[1:]}" if is_label else text


def shown(value: Value, language: Language) -> str:
    """Return one value as it is written in a language."""
    match value:
        case None:
            text = _EMPTY[language]
        case float():
            text = f"{value:.10g}"
        case TableOf(table):
            text = table_name(table, language)
        case ColumnOf(table, column):
            text = _IN_TABLE[language].format(
                table=table_name(table, language), column=column_name(table, column, language))
        case UnitOf(unit):
            text = f" {_UNITS[language].get(unit, unit)}" if unit else ""
        case CodeOf(table, column, code):
            text = code_name(table, column, code, language)
        case tuple():
            text = joined([shown(part, language) for part in value], language)
        case _:
            text = str(value)
    return text


def joined(words: Sequence[str], language: Language) -> str:
    """Return words as a list in a sentence: ``1, 2 and 4``."""
    *others, last = words
    return f"{_BETWEEN[language].join(others)}{_LAST[language]}{last}" if others else last


def plain(value: Value) -> object:
    """Return a value as JSON keeps it, the same whatever the language."""
    match value:
        case float():
            return f"{value:.10g}"
        case tuple():
            return [plain(part) for part in value]
        case TableOf() | ColumnOf() | CodeOf() | UnitOf():
            return str(value)
    return value


def names_in(template: str) -> set[tuple[str, str]]:
    """Return every (table, column) that a template names; the column is empty for a table."""
    return set(_NAMED.findall(template))
