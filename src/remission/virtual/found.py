"""How well checks find planted faults: sensitivity, and the queries that nothing was behind."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from remission.records.checks import Query


@dataclass(frozen=True)
class Found:
    """What of the planted faults was found, by kind, and how many queries were false.

    ``by_kind`` maps a kind to (found, planted); kinds that no check looks for are not in it.
    """

    by_kind: dict[str, tuple[int, int]]
    queries: int
    false: int

    @property
    def sensitivity(self) -> float:
        """Share of the planted faults that a check asks about."""
        planted = sum(total for _, total in self.by_kind.values())
        return sum(found for found, _ in self.by_kind.values()) / planted if planted else 1.0

    @property
    def false_rate(self) -> float:
        """Share of the queries that touch no row with a planted fault."""
        return self.false / self.queries if self.queries else 0.0

    def lines(self) -> list[str]:
        """Return the figures in words."""
        kinds = [f"{kind}: {found} of {planted}"
                 for kind, (found, planted) in sorted(self.by_kind.items())]
        return [*kinds, f"sensitivity {self.sensitivity:.1%}, "
                        f"false queries {self.false} of {self.queries} ({self.false_rate:.1%})"]


def compare_with_planted(planted: pl.DataFrame, queries: Collection[Query]) -> Found:
    """Return how the queries of a study meet the planted faults (columns ``PLANTED``).

    A fault is found when the check that is there for it names its row; a query is false when it
    names no row with any fault.
    """
    asked = {(query.rule, row) for query in queries for row in query.rows}
    by_kind: dict[str, tuple[int, int]] = {}
    rows = set()
    for fault in planted.filter(pl.col("row").is_not_null()).iter_rows(named=True):
        row = f"{fault['table']}.csv:{fault['row']}"
        rows.add(row)
        if fault["rule"]:
            found, total = by_kind.get(fault["kind"], (0, 0))
            by_kind[fault["kind"]] = (found + ((fault["rule"], row) in asked), total + 1)
    false = sum(not rows & set(query.rows) for query in queries)
    return Found(by_kind, len(queries), false)
