"""What must hold before tables can be joined: keys are given and unique, and have a subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from remission.errors import Problem
from remission.records.column import SOURCE, Table
from remission.records.tables import TABLES

_SIDE = {"null_reason", "partial_date", "source_disagreement"}
_SHOWN = 5


def integrity_problems(
    tables: Mapping[str, pl.DataFrame], *, asks_for_subjects: bool = True
) -> list[Problem]:
    """Return every broken key of a set of tables, with the rows to open.

    ``asks_for_subjects`` is off where the subject table could not be read at all.
    """
    problems: list[Problem] = []
    subjects = tables["subject"]["subject_id"].to_list() if "subject" in tables else []
    if not subjects and asks_for_subjects:
        problems.append(Problem(
            "tables/subject.csv", "The study has no subject.",
            "Every table is joined to a subject, and every denominator counts subjects.",
            "Write one row for each child, with subject_id and site_id.",
        ))
    for name, frame in tables.items():
        if name in _SIDE:
            continue
        problems.extend(_missing_required(TABLES[name], frame))
        problems.extend(_duplicate_keys(TABLES[name], frame))
        if name != "subject" and subjects:
            problems.extend(_without_subject(name, frame, set(subjects)))
    return problems


def _missing_required(table: Table, frame: pl.DataFrame) -> Iterator[Problem]:
    required = {column.name for column in table.columns if column.required} | set(table.key)
    for name in [column.name for column in table.columns if column.name in required]:
        if frame[name].null_count():
            rows = frame.filter(pl.col(name).is_null())[SOURCE].to_list()
            yield Problem(
                _places(rows), f"{table.name}.{name} is empty.",
                "It identifies the row." if name in table.key else "It is required.",
                f"Fill {name}.",
            )


def _duplicate_keys(table: Table, frame: pl.DataFrame) -> Iterator[Problem]:
    key = list(table.key)
    known = frame.drop_nulls(key)
    twice = known.filter(pl.struct(key).is_duplicated())
    grouped = twice.group_by(key, maintain_order=True).agg(pl.col(SOURCE))
    for row in grouped.iter_rows(named=True):
        named = ", ".join(f"{part} {row[part]}" for part in key)
        why = (
            "A child has one follow-up row: the last that is known."
            if table.name == "follow_up" else
            f"Each row of {table.name} is one thing that happened, known by {' + '.join(key)}."
        )
        yield Problem(
            " and ".join(_source_place(source) for source in row[SOURCE]),
            f"{table.name} has {len(row[SOURCE])} rows for {named}.", why,
            "Keep the right row, or give the rows different numbers.",
        )


def _without_subject(name: str, frame: pl.DataFrame, subjects: set[str]) -> Iterator[Problem]:
    strangers = frame.filter(
        pl.col("subject_id").is_not_null() & ~pl.col("subject_id").is_in(list(subjects)))
    grouped = strangers.group_by("subject_id", maintain_order=True).agg(pl.col(SOURCE))
    for row in grouped.iter_rows(named=True):
        yield Problem(
            _places(row[SOURCE]),
            f"{name} has rows for {row['subject_id']}, who is not in subject.",
            "A row must belong to a child of the study.",
            "Add the child to subject, or correct the identifier.",
        )


def _places(sources: list[str]) -> str:
    """Return the first places by name, and how many more there are."""
    more = f" and {len(sources) - _SHOWN} more rows" if len(sources) > _SHOWN else ""
    return ", ".join(_source_place(source) for source in sources[:_SHOWN]) + more


def _source_place(source: str) -> str:
    file, _, row = source.rpartition(":")
    return f"{file}, row {row}"
