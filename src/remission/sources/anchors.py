"""Day 0 of every subject as a calendar date, from the column that the mapping names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from remission.days import parse_partial_date
from remission.errors import Problem
from remission.sources.date_texts import ISO, read_dates, unreadable
from remission.sources.distinct import repeated
from remission.sources.echo import echo
from remission.sources.mapping import Cell, SiteMapping
from remission.sources.sheet import Sheet, Source
from remission.sources.vault import DATES, dated

_ANCHORS = pl.Schema({"subject_id": pl.String, "anchor": pl.Date})


@dataclass(frozen=True)
class Anchors:
    """The calendar date of each subject's day 0: ``subject_id, anchor``."""

    of: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_ANCHORS))
    vault: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DATES))
    problems: tuple[Problem, ...] = ()

    def dates(self, subjects: pl.Series) -> pl.Series:
        """Return the anchor date of each subject; null for one who has none."""
        return pl.DataFrame({"subject_id": subjects}).join(
            self.of, on="subject_id", how="left", maintain_order="left")["anchor"]


def read_anchors(
    source: Source, mapping: SiteMapping, sheet_of: Callable[[str | None], Sheet]
) -> Anchors:
    """Return the anchor date of every subject; none when the mapping has no ``[anchor]``."""
    anchor = mapping.anchor
    if anchor is None:
        return Anchors()
    sheet = sheet_of(anchor.sheet)
    who = mapping.subject_id if anchor.subject is None else Cell(
        field=anchor.subject, width=mapping.subject_id.width)
    subjects = sheet.subjects(who).alias("subject_id")
    texts = sheet.cells[anchor.field].set(subjects.is_null(), None)
    dates = read_dates(texts, anchor.date, sheet)

    def where(index: int) -> str:
        return sheet.where(index, anchor.field)

    problems = [_no_anchor_date(found.text, anchor.date, found.places(where),
                                hidden=sheet.hides(anchor.field))
                for found in repeated(texts, texts.is_not_null() & dates.is_null())]
    rows = pl.DataFrame([subjects, dates.alias("anchor")]).with_columns(
        first=pl.col("anchor").drop_nulls().first().over("subject_id"))
    others = rows["anchor"].is_not_null() & (rows["anchor"] != rows["first"])
    problems.extend(
        Problem(found.places(where), f"Subject {found.text} has two anchor dates.",
                "Day 0 must be one day.", "Keep one of them.")
        for found in repeated(subjects, others))
    kept = rows.select("subject_id", "anchor").filter(~others & rows["anchor"].is_not_null())
    vault = dated(
        kept["subject_id"], "subject", "anchor",
        sheet.source_column.filter(~others & rows["anchor"].is_not_null()),
        kept["anchor"].dt.to_string(ISO))
    return Anchors(kept.unique(maintain_order=True), vault, tuple(problems))


def _no_anchor_date(text: str, layout: str, where: str, *, hidden: bool) -> Problem:
    shown = echo(text, hidden=hidden)
    if parse_partial_date(text, layout) is None:
        return unreadable(shown, layout, where)
    return Problem(where, f"{shown} is a date without its day.",
                   "Day 0 must be known to the day: every other day counts from it.",
                   "Write the whole date.")
