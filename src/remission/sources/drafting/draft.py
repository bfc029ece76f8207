"""A drafted mapping: its lines, how sure each is and why, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool
CellValue: TypeAlias = Scalar | dict[str, "CellValue"] | list["CellValue"]

HIGH, LIKELY, GUESS = 0.85, 0.68, 0.45
"""From these scores on a line is called so; below the last nothing is mapped."""


@dataclass(frozen=True)
class Line:
    """One line of the mapping: what a column of ours is read from, how sure (0 to 1), and why.

    ``instead`` are other columns that it might be read from, to be shown as comments.
    """

    cell: CellValue
    sure: float
    why: str
    instead: tuple[str, ...] = ()

    @property
    def field(self) -> str | None:
        """The column of the centre that it reads, if it reads one."""
        if isinstance(self.cell, dict):
            name = self.cell.get("field")
            return name if isinstance(name, str) else None
        return None

    @property
    def comment(self) -> str:
        """Return ``likely 0.74: name``."""
        return f"{confidence(self.sure)} {self.sure:.2f}: {self.why}"


@dataclass
class DraftBlock:
    """The lines of one block: the rows that one sheet gives to one table on one occasion."""

    table: str
    occasion: str
    number: int
    sheet: str
    lines: dict[str, Line] = field(default_factory=dict)
    when: list[CellValue] = field(default_factory=list)
    note: str = ""


@dataclass(frozen=True)
class LeftOut:
    """A column that nothing reads: the reason, or empty for the person to give, and a hint."""

    sheet: str
    field: str
    reason: str
    hint: str = ""


@dataclass(frozen=True)
class Draft:
    """A whole drafted mapping; ``remarks`` is what the person has to be told first."""

    site: Line
    subject_id: Line
    anchor: Mapping[str, Line]
    blocks: tuple[DraftBlock, ...]
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...]
    is_one_sheet: bool

    @property
    def lines(self) -> list[tuple[DraftBlock, str, Line]]:
        """Every line of every block: (block, column, line)."""
        return [(block, column, line) for block in self.blocks
                for column, line in block.lines.items()]


def confidence(sure: float) -> str:
    """Return ``high``, ``likely`` or ``guess``."""
    return "high" if sure >= HIGH else "likely" if sure >= LIKELY else "guess"
