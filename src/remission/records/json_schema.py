"""The data model as JSON Schema (draft 2020-12): one definition a table."""

from __future__ import annotations

from typing import Any

from remission.plan import Language
from remission.records.column import Column, Table
from remission.records.labels import code_labels, label, table_label
from remission.records.tables import TABLES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {"text": "string", "integer": "integer", "number": "number", "day": "integer"}


def json_schema(language: Language = "en") -> dict[str, Any]:
    """Return the schema of a study: an object with a list of rows for each table."""
    return {
        "$schema": DIALECT,
        "title": "remission: the tables of a study",
        "type": "object",
        "properties": {name: {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}
                       for name in TABLES},
        "required": ["subject"],
        "additionalProperties": False,
        "$defs": {name: _table(table, language) for name, table in TABLES.items()},
    }


def _table(table: Table, language: Language) -> dict[str, Any]:
    required = [column.name for column in table.columns
                if column.required or column.name in table.key]
    return {
        "type": "object",
        "title": table_label(table.name, language),
        "description": table.meaning,
        "properties": {column.name: _column(table, column, language, is_required=(
            column.name in required)) for column in table.columns},
        "required": required,
        "additionalProperties": False,
    }


def _column(
    table: Table, column: Column, language: Language, *, is_required: bool
) -> dict[str, Any]:
    told: dict[str, Any] = {"title": label(table.name, column.name, language)}
    if column.unit:
        told["description"] = column.unit
    if column.codes:
        labels = code_labels(table.name, column.name, language)
        one_of = [{"const": code, "title": labels[code]} for code in column.codes]
        if column.kind == "codes":
            listed = {"type": "array", "items": {"oneOf": one_of}, "uniqueItems": True}
            return told | (listed if is_required else {"anyOf": [listed, {"type": "null"}]})
        return told | {"oneOf": one_of if is_required else [*one_of, {"type": "null"}]}
    kind = _TYPES[column.kind]
    told["type"] = kind if is_required else [kind, "null"]
    if column.minimum is not None:
        told["minimum"] = column.minimum
    if column.maximum is not None:
        told["maximum"] = column.maximum
    return told
