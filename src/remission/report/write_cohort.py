"""Cohort → files: the frames as Parquet and CSV, and a dictionary of what each variable means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from remission.definitions.cohort import Cohort, meanings
from remission.definitions.definition import KEYS
from remission.definitions.listings import LISTINGS, derive_listing
from remission.errors import OutputError, Problem
from remission.own_files import (
    check_folder,
    index_of,
    own_files,
    refuse_others,
    rewritten,
)
from remission.records.storage import write_parquet

_INDEX = "cohort.json"
_NAMES = (*(f"{name}.{kind}" for name in (*KEYS, *LISTINGS) for kind in ("parquet", "csv")),
          "variables.json", "listings.json", _INDEX)


def write_cohort(cohort: Cohort, folder: Path) -> list[Path]:
    """Write each grain as ``subject.parquet`` and ``subject.csv`` …, and ``variables.json``.

    Beside them stand the lists of single doses and grades (``protocol_doses``,
    ``reported_grades``) that have rows, and ``listings.json``. Each Parquet file carries label,
    unit, rule and reference of its columns in its metadata.
    Returns the files. Those of an earlier run are replaced; other files in the folder stay. Raises
    :class:`~remission.errors.OutputError` as :func:`check_cohort_target` does.
    """
    place = folder.resolve()
    check_cohort_target(place)
    with rewritten(place, lambda: check_cohort_target(place)) as staged:
        described = described_variables(cohort)
        for grain, frame in cohort.frames.items():
            frame.write_csv(staged / f"{grain}.csv")
            write_parquet(frame, meanings(frame, described), staged / f"{grain}.parquet")
        _write_json(described, staged / "variables.json")
        _write_listings(cohort, staged)
        names = [_INDEX, *(path.name for path in staged.iterdir())]
        _write_json(index_of(names), staged / _INDEX)
    return [folder / name for name in sorted(names)]


def described_variables(cohort: Cohort) -> dict[str, Any]:
    """Return what each variable means that has a column in any frame, or whose items or time do."""
    columns = {column for frame in cohort.frames.values() for column in frame.columns}
    return {name: variable.described() for name, variable in cohort.variables.items()
            if columns & {name, f"{name}_time", *variable.items}}


def _write_listings(cohort: Cohort, folder: Path) -> None:
    """Write the lists that have rows, and what the columns of each mean."""
    written: dict[str, Any] = {}
    for name, listing in LISTINGS.items():
        rows = derive_listing(cohort.study, name)
        if len(rows):
            rows.write_csv(folder / f"{name}.csv")
            meant = {column: {"label": words} for column, words in listing.columns.items()}
            write_parquet(rows, meant, folder / f"{name}.parquet")
            written[name] = {"label": listing.label, "columns": dict(listing.columns)}
    _write_json(written, folder / "listings.json")


def check_cohort_target(folder: Path) -> set[str]:
    """Return which files of a folder an earlier run wrote.

    Raises :class:`~remission.errors.OutputError` when the folder holds the tables of a study,
    or somebody else's file has the name of one that is to be written.
    """
    folder = folder.resolve()
    check_folder(folder)
    study = folder.parent if folder.name == "tables" else folder
    if any((study / name).exists() for name in ("study.toml", "imports")):
        raise OutputError(Problem(
            str(folder), "This folder holds the records of a study.",
            "Derived tables would stand among the recorded ones and be read as such.",
            "Choose another folder (-o)."))
    own = own_files(folder, _INDEX)
    refuse_others(folder, _NAMES, own)
    return own


def _write_json(value: object, path: Path) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
