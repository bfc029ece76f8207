"""What tables, columns and codes are called in a query, in each language.

The one place where queries take these names from.
"""

from __future__ import annotations

from remission.plan import Language


def table_name(table: str, language: Language) -> str:
    """Return what a table is called."""
    del language
    return table


def column_name(table: str, column: str, language: Language) -> str:
    """Return what a column is called."""
    del table, language
    return column


def code_name(table: str, column: str, code: str, language: Language) -> str:
    """Return what a code of a column is called."""
    del table, column, language
    return code
