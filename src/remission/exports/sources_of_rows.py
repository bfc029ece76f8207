"""Where a derived value comes from: its deciding row, as SRCDOM, SRCVAR and SRCSEQ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remission.exports.dataset import Meaning
from remission.exports.sdtm import Place, Sdtm
from remission.records.column import SOURCE
from remission.records.study import Study
from remission.records.tables import TABLES

PROVENANCE = (
    Meaning("SRCDOM", "Source Domain"), Meaning("SRCVAR", "Source Variable"),
    Meaning("SRCSEQ", "Source Sequence Number", "integer"),
    Meaning("SRCROW", "Row of the Centre's File",
            rule="file:row, as a person opens it; also where the row went into no domain"),
)

_TABLES_OF_EVENT: Mapping[str, tuple[str, ...]] = {
    "death": ("follow_up",), "death_without_relapse": ("follow_up",),
    "second_malignancy": ("follow_up",), "relapse": ("disease_episode",),
    "no_response": ("assessment", "exposure"), "mrd_response": ("assessment", "exposure"),
    "last contact": ("follow_up",),
    "last disease evaluation": ("assessment",), "transplant": ("transplant",),
    "CAR-T cells": ("cell_therapy",), "next line of treatment": ("treatment_line",),
    "acute_gvhd": ("gvhd", "gvhd_organ"), "acute_gvhd_2_4": ("gvhd", "gvhd_organ"),
    "acute_gvhd_3_4": ("gvhd", "gvhd_organ"), "chronic_gvhd": ("gvhd", "gvhd_organ"),
    "chronic_gvhd_moderate_severe": ("gvhd", "gvhd_organ"), "chronic_gvhd_systemic": ("gvhd",),
    "chronic_gvhd_severe": ("gvhd", "gvhd_organ"),
    "neutrophil_recovery": ("laboratory", "transplant"),
    "platelet_recovery": ("laboratory", "transplant"),
}
"""Event or end of follow-up → tables its deciding row may stand in, the likeliest first."""


Row = tuple[tuple[Any, ...], frozenset[int]]
"""The key of a row and the days that stand in it."""


@dataclass(frozen=True)
class RowsOfFiles:
    """Every row of the study by subject and ``file:row``: table → rows.

    A row of a centre's file may feed several tables, and several rows of one: the tables that a
    value may come from are named, and its day tells the rows of one table apart.
    """

    found: Mapping[tuple[str, str], Mapping[str, Sequence[Row]]]
    sdtm: Sdtm

    def of(
        self, subject: str, source: str | None, tables: Sequence[str], day: int | None = None
    ) -> dict[str, Any]:
        """Return SRCDOM, SRCVAR, SRCSEQ and SRCROW of a deciding row, as far as they are known."""
        if source is None:
            return {}
        rows = self.found.get((subject, source), {})
        table = next((name for name in tables if name in rows), None)
        if table is None:
            return {"SRCROW": source}
        keys = [key for key, _ in rows[table]]
        if len(keys) > 1:
            keys = [key for key, days in rows[table] if day in days]
        place = self.sdtm.places.get((table, keys[0])) if len(keys) == 1 else None
        return {"SRCROW": source} | (place_of(place) if place is not None else {})

    def of_event(
        self, subject: str, source: str | None, event: str | None, day: int | None
    ) -> dict[str, Any]:
        """Return the place of the row that decides an event or an end of follow-up."""
        return self.of(subject, source, _TABLES_OF_EVENT.get(event or "", ()), day)


def place_of(place: Place) -> dict[str, Any]:
    """Return where a row stands in SDTM, by the names that ADaM has for it."""
    return {"SRCDOM": place.domain, "SRCVAR": place.variable, "SRCSEQ": place.number}


def rows_of_files(study: Study, sdtm: Sdtm) -> RowsOfFiles:
    """Return where each row of a study stands in the centres' files and in SDTM."""
    found: dict[tuple[str, str], dict[str, list[Row]]] = {}
    for name, frame in study.tables.items():
        table = TABLES[name]
        if "subject_id" not in table.key:
            continue
        days = [column.name for column in table.columns if column.kind == "day"]
        for row in frame.iter_rows(named=True):
            rows = found.setdefault((row["subject_id"], row[SOURCE]), {})
            rows.setdefault(name, []).append((
                tuple(row[part] for part in table.key),
                frozenset(row[day] for day in days if row[day] is not None)))
    return RowsOfFiles(found, sdtm)
