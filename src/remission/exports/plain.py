"""The study's tables and the cohort as they are, with the meaning of every column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from remission.definitions.cohort import Cohort, meanings
from remission.records.column import SOURCE, Table
from remission.records.storage import Frame, write_parquet
from remission.records.tables import TABLES


def frames_of(cohort: Cohort) -> Iterator[tuple[str, Frame, dict[str, dict[str, Any]]]]:
    """Yield (path without ending, frame, what each column means) of tables and cohort."""
    for name, table in TABLES.items():
        if cohort.study.has(name):
            yield f"tables/{name}", cohort.study.table(name), _described(table)
    described = {name: variable.described() for name, variable in cohort.variables.items()}
    for grain, frame in cohort.frames.items():
        yield f"cohort/{grain}", frame, meanings(frame, described)


def _described(table: Table) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        column.name: {
            "label": column.meaning, "kind": column.kind, "unit": column.unit,
            "levels": {} if column.name == "test" else dict(column.codes),
            "key": column.name in table.key}
        for column in table.columns}
    return found | {SOURCE: {"label": "The row of the centre's file: file:row.", "kind": "text"}}


def write_plain(cohort: Cohort, folder: Path, kind: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Write every frame as ``parquet`` or ``csv``; return path → column → meaning."""
    written = {}
    for path, frame, meant in frames_of(cohort):
        target = folder / f"{path}.{kind}"
        target.parent.mkdir(parents=True, exist_ok=True)
        if kind == "parquet":
            write_parquet(frame, meant, target)
        else:
            frame.write_csv(target)
        written[f"{path}.{kind}"] = meant
    return written
