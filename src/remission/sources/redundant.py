"""Columns of a centre's file that repeat others: compared, so that disagreements are asked."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from remission.records.column import SOURCE
from remission.records.storage import schema_of
from remission.records.subject import SOURCE_DISAGREEMENT
from remission.sources.echo import HIDDEN, without_dates
from remission.sources.mapping import ANY, Redundant, SiteMapping
from remission.sources.sheet import Sheet


def disagreements(
    mapping: SiteMapping, sheet_of: Callable[[str | None], Sheet]
) -> pl.DataFrame:
    """Return one row of ``source_disagreement`` for each cell that contradicts its origin."""
    rows: list[dict[str, str | None]] = []
    for redundant in mapping.redundant:
        sheet = sheet_of(redundant.sheet)
        subjects = sheet.subjects(mapping.subject_id)
        decimal = mapping.decimal or sheet.decimal
        for index in range(len(sheet.cells)):
            row = _compare(redundant, sheet, index, decimal)
            if row is not None:
                rows.append({"subject_id": subjects[index], **row,
                             SOURCE: sheet.sources[index]})
    found = pl.DataFrame(rows, schema=schema_of(SOURCE_DISAGREEMENT))
    return found.with_columns(without_dates(found[name])[0] for name in ("field", "of", "expected"))


def _compare(
    redundant: Redundant, sheet: Sheet, index: int, decimal: str
) -> dict[str, str | None] | None:
    actual = sheet.columns[redundant.field][index]
    origins = [sheet.columns[name][index] for name in redundant.of]
    if actual is None or any(origin is None for origin in origins):
        return None
    expected = _expected(redundant, [str(origin) for origin in origins], decimal)
    if expected is None or expected == actual:
        return None
    shown = [HIDDEN if sheet.hides(name) else text
             for name, text in zip(redundant.of, origins, strict=True)]
    named = ", ".join(f"{name} = {text}" for name, text in zip(redundant.of, shown, strict=True))
    given = HIDDEN if sheet.hides(redundant.field) else actual
    return {"field": f"{redundant.field} = {given}", "of": named,
            "expected": f"{redundant.field} = {expected}"
                        + (f" ({redundant.says})" if redundant.says else "")}


def _expected(redundant: Redundant, origins: list[str], decimal: str) -> str | None:
    if redundant.codes:
        return redundant.codes.get(",".join(origins), redundant.codes.get(ANY))
    if redundant.bins:
        try:
            value = float(origins[0].replace(decimal, "."))
        except ValueError:
            return "unknown: the other is not a number"
        for limit in redundant.bins:
            if ((limit.below is None or value < limit.below)
                    and (limit.at_most is None or value <= limit.at_most)):
                return limit.is_
        return None
    return redundant.same if len(set(origins)) == 1 else redundant.different
