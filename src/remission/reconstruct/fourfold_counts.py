"""Fourfold tables as sums of the counting system: which of them can be, or come nearest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from remission.reconstruct.conditions import Predicate
from remission.reconstruct.counting import System
from remission.reconstruct.demands import Claimed
from remission.reconstruct.fourfold import WIDENED, Counts, Fourfold
from remission.reconstruct.solver import Sum, SumsTogether, solved


class Fourfolds:
    """The tables of the claims of odds ratios, each looked for once."""

    def __init__(self, system: System, all_claimed: Sequence[Claimed]) -> None:
        """Keep the system, and the sizes that claims print."""
        self._system, self._children = system, system.most[0] if system.most else 0
        self._sizes: dict[Predicate, int] = {
            demand.who: demand.counts[0] for one in all_claimed for demand in one.demands
            if len(demand.counts) == 1}
        self._known: dict[tuple[Fourfold, float], list[Counts]] = {}

    def together(self, asked: Iterable[Claimed]) -> list[SumsTogether]:
        """Return what the cells of the tables of some claims may be together."""
        return [self._sums(one.table) for one in asked if one.table is not None]

    def nearest(
        self, one: Claimed, sums: Iterable[Sum], together: Sequence[SumsTogether]
    ) -> tuple[list[int], SumsTogether] | None:
        """Return counts with a table near a ratio that no table prints, and that table.

        None where the claim has no table, or nothing within twice its ratio can be.
        """
        held = list(sums)
        for widened in WIDENED[1:] if one.table is not None else ():
            assert one.table is not None
            table = self._sums(one.table, widened)
            counts = solved(self._system, held, together=[*together, table])
            if counts is not None:
                return counts, table
        return None

    def _sums(self, table: Fourfold, widened: float = 1.0) -> SumsTogether:
        key = (table, widened)
        if key not in self._known:
            self._known[key] = table.tables(self._children, self._sizes, widened)
        return [self._system.counted(who) for who in table.cells], self._known[key]
