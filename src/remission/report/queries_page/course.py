"""A child's course as marks on lanes: what is drawn on the timeline, and what is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from remission.records.checks.rule import ROW, rows_of
from remission.records.study import Study
from remission.report.queries_page.words import PageWords

_REMISSION_BLASTS = 5.0
LANES = ("disease", "exposure", "marrow", "graft", "gvhd", "harm", "other", "follow_up")
_TABLES = {
    "disease_episode": "disease", "exposure": "exposure", "assessment": "marrow",
    "transplant": "graft", "cell_therapy": "graft", "gvhd": "gvhd", "adverse_event": "harm",
}
_DAYS = {"disease_episode": "start_day", "exposure": "start_day", "adverse_event": "start_day",
         "gvhd": "onset_day"}


@dataclass(frozen=True)
class Mark:
    """One thing on a lane: its shape, its first and last day, what it says, whether it is asked."""

    lane: str
    shape: str
    first: int
    last: int
    says: str
    is_asked: bool


Row = dict[str, Any]
Asked = frozenset[tuple[str, int]]
"""(table, row) of every row that a query names."""


class Courses:
    """The courses of the children of a study."""

    def __init__(self, study: Study, words: PageWords) -> None:
        """Take the study; tables are grouped by child when they are first asked for."""
        self._study = study
        self._words = words
        self._of_child: Callable[[str], Mapping[str, list[Row]]] = cache(self._grouped)

    def marks(self, subject: str, asked: Asked) -> list[Mark]:
        """Return what is drawn for a child; ``asked`` are the rows its queries name."""
        found = list(self._follow_up(subject, asked))
        for table, lane in _TABLES.items():
            day = _DAYS.get(table, "day")
            for row in self._of_child(table).get(subject, ()):
                if row[day] is not None:
                    shape, words = self._says(table, row)
                    last = row.get("end_day")
                    found.append(self._mark(
                        lane, shape, (row[day], row[day] if last is None else last), words,
                        (table, row[ROW]) in asked))
        found.extend(self._others(asked))
        return found

    def _mark(
        self, lane: str, shape: str, days: tuple[int, int], words: str, is_asked: bool
    ) -> Mark:
        first, last = days
        when = self._words.day.format(day=first if last <= first else f"{first}–{last}")
        return Mark(lane, shape, first, max(first, last), f"{words}, {when}", is_asked)

    def _grouped(self, table: str) -> Mapping[str, list[Row]]:
        grouped: dict[str, list[Row]] = {}
        for row in rows_of(self._study, table).iter_rows(named=True):
            grouped.setdefault(row["subject_id"], []).append(row)
        return grouped

    def _says(self, table: str, row: Row) -> tuple[str, str]:
        """Return (shape, words) of one row."""
        marks = self._words.marks
        match table:
            case "disease_episode":
                shape = "square" if row["phase"] == "INITIAL_DIAGNOSIS" else "triangle"
                words = [marks.get(row["phase"] or "", self._words.lanes["disease"])]
            case "exposure":
                shape, words = "bar", [f"{marks['infusion']} {row['cycle_no']}.{row['segment_no']}"]
            case "assessment":
                shape, words = self._marrow(row)
            case "transplant":
                shape, words = "diamond", [marks["graft"]]
            case "cell_therapy":
                shape, words = "hollow diamond", [row["kind"] or marks["cells"]]
            case "gvhd":
                shape, words = "dot", [marks["gvhd"], row["max_grade"] or ""]
            case _:
                grade = marks["grade"].format(grade=row["grade"]) if row["grade"] else ""
                shape, words = "bar", [row["group"] or self._words.lanes["harm"], grade]
        return shape, " ".join(filter(None, words))

    def _marrow(self, row: Row) -> tuple[str, list[str]]:
        marks = self._words.marks
        blasts = row["mrd_percent"] if row["blast_percent"] is None else row["blast_percent"]
        if row["specimen"] != "BM" or (blasts is None and row["mrd_sign"] != "ND"):
            return "tick", [marks["marrow"] if row["specimen"] == "BM" else row["specimen"] or ""]
        is_active = blasts is not None and blasts >= _REMISSION_BLASTS
        words = marks["active" if is_active else "remission"]
        return ("dot" if is_active else "hollow dot"), [f"{marks['marrow']}: {words}"]

    def _follow_up(self, subject: str, asked: Asked) -> Iterator[Mark]:
        for row in self._of_child("follow_up").get(subject, ()):
            is_dead = row["vital_status"] == "DEAD" or row["death_day"] is not None
            end = row["last_contact_day"] if row["death_day"] is None else row["death_day"]
            if end is not None:
                yield self._mark("follow_up", "cross" if is_dead else "hollow dot", (end, end),
                                 self._words.marks["dead" if is_dead else "alive"],
                                 ("follow_up", row[ROW]) in asked)

    def _others(self, asked: Asked) -> Iterator[Mark]:
        """Yield the rows asked about in tables that have no lane of their own."""
        for table, place in sorted(asked):
            if table in _TABLES or table == "follow_up":
                continue
            frame = self._study.table(table)
            day = next((name for name in ("day", "start_day") if name in frame.columns), None)
            value = None if day is None else frame.item(place, day)
            if value is not None:
                yield self._mark("other", "tick", (value, value),
                                 f"{self._words.marks['other']}: {table}", is_asked=True)
