"""What a table is made of: heads, rows and cells, the same for html, Word and Excel."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from remission.report.spans import Cell, Span


@dataclass(frozen=True)
class Head:
    """The head of a column: its label, and what stands under it (n = 68).

    ``over`` names several columns side by side; they all bear it. A column that ``is_text`` holds
    words, which stand at its left and may run over lines.
    """

    label: str
    under: Span = ""
    over: str = ""
    is_text: bool = False


@dataclass(frozen=True)
class Row:
    """A row of a table; ``level`` rows are indented under their variable."""

    label: str
    cells: tuple[Cell, ...]
    is_level: bool = False


@dataclass(frozen=True)
class Table:
    """A table as a journal sets it: caption, heads, rows, one note."""

    address: str
    number: int
    title: str
    subtitle: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    note: tuple[Span, ...]

    @property
    def caption(self) -> str:
        """``Table 1``."""
        return f"Table {self.number}"

    @property
    def spans(self) -> tuple[tuple[str, int], ...]:
        """What stands over several heads, and over how many; nothing where nothing does."""
        if not any(head.over for head in self.heads):
            return ()
        return tuple((over, len(list(heads)))
                     for over, heads in groupby(self.heads, key=lambda head: head.over))
