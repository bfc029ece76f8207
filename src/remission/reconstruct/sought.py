"""Values that were sought become what records hold: ages, marrows, rows of the laboratory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from remission.reconstruct.blueprint import Blueprint
from remission.reconstruct.blueprint_values import (
    AGE,
    BLASTS,
    CD34_DOSE,
    MRD,
    NEUTROPHIL_DAY,
    PLATELET_DAY,
    ValueColumn,
)
from remission.reconstruct.described import Searched
from remission.units import canonical_unit
from remission.virtual.laboratory import Values
from remission.virtual.people import People
from remission.virtual.rows import table, words
from remission.virtual.stream import Flags, Floats, Ints
from remission.virtual.transplants import GivenGrafts, Grafts
from remission.virtual.treatment import Cycles

_MONTH = 30.4375
_NOT_OF_THE_LABORATORY = (AGE, BLASTS, MRD, CD34_DOSE, NEUTROPHIL_DAY, PLATELET_DAY)


@dataclass(frozen=True)
class Moments:
    """The days on which values are taken, of each child (n,), not a number where there is none."""

    cycles: Cycles
    crs: tuple[Ints, Floats]
    icans: tuple[Ints, Floats]
    n: int

    def days(self, at: str) -> Floats:
        """Return the days of a moment."""
        first = np.searchsorted(self.cycles.owner, np.arange(self.n))
        if at == "end":
            return self.cycles.end[first].astype(float)
        if at == "last_end":
            return self.cycles.end[self.cycles.last(self.n)].astype(float)
        if at in ("crs", "icans"):
            return self._onset(self.crs if at == "crs" else self.icans)
        return np.full(self.n, -1.0)

    def _onset(self, graded: tuple[Ints, Floats]) -> Floats:
        """Return the first day of a syndrome in any cycle."""
        found = np.full(self.n, np.inf)
        has = graded[0] > 0
        np.minimum.at(found, self.cycles.owner[has], graded[1][has])
        return np.where(np.isinf(found), np.nan, found)


class Sought:
    """The values found, as columns of the blueprint."""

    def __init__(self, blueprint: Blueprint, searched: Mapping[str, Searched]) -> None:
        """Keep each column with its values; ``described`` are tests with claims of everybody."""
        self._columns: list[tuple[ValueColumn, Floats]] = []
        self._described: set[str] = set()
        for name, search in blueprint.values.items():
            for column, given in search.columns.items():
                self._columns.append((given, searched[name].values[column] / given.per))
                if search.described:
                    self._described.add(given.test.removesuffix("_PERCENT"))

    def ages(self) -> dict[str, Ints]:
        """Return the field of the ages in days, where ages were sought in whole months."""
        found = [values for column, values in self._columns if column.test == AGE]
        return {"age_days": np.round(found[0] * _MONTH).astype(np.int64)} if found else {}

    def with_marrow(self, people: People) -> People:
        """Return the children with blasts and MRD of their first marrow as sought."""
        fields = {BLASTS: "blasts", MRD: "mrd"}
        for column, values in self._columns:
            if column.test in fields:
                field = fields[column.test]
                people = replace(people, **{field: np.where(
                    np.isnan(values), getattr(people, field), values)})
        return people

    def with_recovery(self, known: GivenGrafts | None) -> GivenGrafts | None:
        """Return what is known of the grafts with the days of recovery that were sought."""
        for column, values in self._columns:
            if known is not None and column.test == NEUTROPHIL_DAY:
                known = replace(known, neutrophil_day=values)
            if known is not None and column.test == PLATELET_DAY:
                known = replace(known, platelet_day=values)
        return known

    def with_cells(self, grafts: Grafts) -> Grafts:
        """Return the grafts with the CD34 doses that were sought."""
        for column, values in self._columns:
            if column.test == CD34_DOSE:
                sought = values[grafts.owner]
                grafts = replace(grafts, cd34=np.where(np.isnan(sought), grafts.cd34, sought))
        return grafts

    def without(self, drawn: Iterable[Values]) -> Iterator[Values]:
        """Yield drawn values without those in whose place sought ones stand."""
        cases: dict[str, Flags] = {}
        for column, values in self._columns:
            cases[column.test] = ~np.isnan(values) | cases.get(
                column.test, np.zeros(len(values), dtype=np.bool_))
        for one in drawn:
            if one.test.removesuffix("_PERCENT") in self._described:
                continue
            if one.test not in cases:
                yield one
                continue
            kept = ~cases[one.test][one.owner]
            yield replace(one, owner=one.owner[kept], day=one.day[kept], value=one.value[kept],
                          limit=None if one.limit is None else one.limit[kept])

    def measured(self, moments: Moments) -> Iterator[Values]:
        """Yield the sought values of the laboratory; those of spinal fluid stand apart."""
        for column, values in self._columns:
            if column.test not in _NOT_OF_THE_LABORATORY and column.specimen != "CSF":
                owner, day = _known(values, moments.days(column.at))
                yield Values(column.test, owner, day, values[owner])

    def with_fluid(
        self, tables: Mapping[str, pl.DataFrame], moments: Moments, ids: pl.Series
    ) -> dict[str, pl.DataFrame]:
        """Return the tables with the values of spinal fluid, beside the serum of that day."""
        rows = [tables["laboratory"]]
        for column, values in self._columns:
            if column.specimen == "CSF":
                owner, day = _known(values, moments.days(column.at))
                unit = canonical_unit(column.test)
                rows.append(table(
                    "laboratory", ids, owner, test=column.test, day=day, sequence=2,
                    value=values[owner], sign="=", unit=unit,
                    specimen=words(np.zeros(len(owner), dtype=np.int64), ("CSF",))))
        return {**tables, "laboratory": pl.concat(rows, how="diagonal").sort(
            "subject_id", maintain_order=True)}


def _known(values: Floats, days: Floats) -> tuple[Ints, Ints]:
    """Return who has a value and a day for it, and that day."""
    owner = np.flatnonzero(~np.isnan(values) & ~np.isnan(days))
    return owner, days[owner].astype(np.int64)
