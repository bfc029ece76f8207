"""What tables, columns and codes are called in a query, in each language.

In English they bear the names of the files, by which a cell is found; in the other languages their
labels.
"""

from __future__ import annotations

from remission.plan import Language
from remission.records.labels import code_labels, label, table_label


def table_name(table: str, language: Language) -> str:
    """Return what a table is called."""
    return table if language == "en" else table_label(table, language)


def column_name(table: str, column: str, language: Language) -> str:
    """Return what a column is called."""
    return column if language == "en" else label(table, column, language)


def code_name(table: str, column: str, code: str, language: Language) -> str:
    """Return what a code of a column is called; one that is not declared is called by itself."""
    return code if language == "en" else code_labels(table, column, language).get(code, code)
