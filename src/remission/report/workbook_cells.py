"""Cells of a workbook that hold what was meant: text stays text, whatever it begins with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from remission.files import printable
from remission.report.workbook import LONGEST


def put(sheet: Any, row: int, column: int, value: str | float | None) -> Any:
    """Write one value and return its cell; a text is never read as a formula or an error.

    A number that Excel has no cell for (infinite, not a number) is written as a word.
    """
    cell = sheet.cell(row, column)
    if isinstance(value, float) and not math.isfinite(value):
        value = str(value)
    if isinstance(value, str):
        cell.value = printable(value)[:LONGEST]
        cell.data_type = "s"
    else:
        cell.value = value
    return cell


def put_row(sheet: Any, row: int, values: Sequence[str | float | None]) -> None:
    """Write values side by side, from the first column on."""
    for column, value in enumerate(values, start=1):
        put(sheet, row, column, value)
