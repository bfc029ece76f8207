"""A study written as SDTM and imported again is the study that was written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.exports.dataset import Dataset
from remission.exports.sdtm import sdtm_of
from remission.exports.transport import write_transport
from remission.plan import Plan
from remission.records.column import SOURCE, Column, Table
from remission.records.storage import as_frame, schema_of
from remission.records.study import Study
from remission.records.tables import CLINICAL_TABLES
from remission.sources.built_in import import_without_mapping
from remission.sources.importing import Imported
from remission.sources.laboratory_units import in_canonical_units
from remission.sources.read_source import read_source
from remission.sources.study_folder import read_study
from remission.units import canonical_unit

CHILDREN = ("A-1", "B")


def a_value(column: Column, number: int) -> Any:
    """Return one value that a column may hold, others for other numbers."""
    match column.kind:
        case "code":
            return list(column.codes)[number % len(column.codes)]
        case "codes":
            return "|".join(list(column.codes)[:1 + number % 2])
        case "integer":
            low = int(column.minimum or 0)
            return low + number % (int(column.maximum or 20) - low + 1)
        case "day":
            return (-3, 0, 1, 27)[number % 4]
        case "number":
            return (column.minimum or 0) + 0.1 + number / 8
        case "text":
            return ("n. vastus — «left»", "two words", "x")[number % 3]


def rows_of(
    table: Table, subject: str, count: int, shift: int, share: int
) -> list[dict[str, Any]]:
    """Return rows of a child; of the cells that may be empty one of each ``share`` is."""
    rows = []
    for number in range(count):
        needed = {*table.key, *(column.name for column in table.columns if column.required)}
        row = {column.name: None if column.name not in needed and share
               and (place + number + shift) % share == 0 else a_value(column, number + shift)
               for place, column in enumerate(table.columns)}
        row["subject_id"] = subject
        if table.numbered is not None:
            row[table.numbered] = number + 1
        rows.append(row | {SOURCE: f"{table.name}.csv:{number + 2}"})
    return rows


def one_of_every_table(shift: int, share: int = 0) -> Study:
    """Return a study in which every column of every table holds something, or some are empty."""
    tables = {}
    for table in CLINICAL_TABLES:
        count = 1 if table.name in ("subject", "follow_up") else 3
        rows = [row for subject in CHILDREN for row in rows_of(table, subject, count, shift, share)]
        for position, row in enumerate(rows):
            if table.name in ("toxicity_sign", "gvhd_organ", "transfusion"):
                row["day"] = position
            if table.name == "subject":
                row |= {"index_year": 2019, "site_id": "North"}
            if table.name == "exposure":
                row["cycle_no"] = position + 1
            if table.name == "laboratory":
                row |= {"sequence": position + 1, "unit": canonical_unit(row["test"]),
                        "specimen": "CSF" if row["test"].startswith("CSF") else "SERUM"}
                if row["value"] is None:
                    row |= {"sign": None, "unit": None}
        frame = pl.DataFrame(rows, schema=schema_of(table))
        tables[table.name] = as_frame(
            in_canonical_units(frame) if table.name == "laboratory" else frame)
    return Study(Plan.model_validate({"study": {"title": "Études, 2 sites"}}), tables)


def back(datasets: tuple[Dataset, ...], folder: Path, *, transport: bool) -> Imported:
    for found in datasets:
        if transport:
            write_transport(found, folder / f"{found.named}.xpt")
        else:
            found.frame.write_csv(folder / f"{found.named}.csv")
    return import_without_mapping(read_source(folder))


def same(name: str, study: Study, tables: Mapping[str, pl.DataFrame]) -> None:
    table = next(found for found in CLINICAL_TABLES if found.name == name)
    columns = [column.name for column in table.columns]
    ours: pl.DataFrame = study.table(name).to_native().select(columns).sort(table.key)
    theirs = tables[name].select(columns).sort(table.key)
    for column in columns:
        assert theirs[column].to_list() == ours[column].to_list(), f"{name}.{column}"


@settings(max_examples=20, deadline=None)
@given(shift=st.integers(min_value=0, max_value=40), share=st.sampled_from([0, 2, 3, 5]))
def test_every_column_of_every_table_comes_back(
    tmp_path_factory: pytest.TempPathFactory, shift: int, share: int
) -> None:
    study = one_of_every_table(shift, share)
    imported = back(sdtm_of(study).datasets, tmp_path_factory.mktemp("sdtm"), transport=False)
    for table in CLINICAL_TABLES:
        same(table.name, study, imported.tables)
    assert imported.rows_unused == ()


def test_transport_files_bring_the_same_back(tmp_path: Path) -> None:
    study = in_plain_letters(one_of_every_table(3, 3))
    imported = back(sdtm_of(study).datasets, tmp_path, transport=True)
    for table in CLINICAL_TABLES:
        same(table.name, study, imported.tables)


def in_plain_letters(study: Study) -> Study:
    """Return the study without the letters and codes that a transport file spells otherwise."""
    tables = {name: as_frame(frame.to_native().with_columns(
        pl.col(pl.String).str.replace_all("[—«»]", "-"))) for name, frame in study.tables.items()}
    return Study(study.plan, tables)


def test_what_a_transport_file_spells_otherwise_is_told(tmp_path: Path) -> None:
    datasets = sdtm_of(one_of_every_table(0)).datasets
    events = next(found for found in datasets if found.name == "AE")
    changes = write_transport(events, tmp_path / "ae.xpt")
    assert [(change.variable, change.whole, change.written) for change in changes
            if change.what == "text"] == [("AETERM", "n. vastus — «left»", "n. vastus - left")]
    assert all(len(change.written) <= 40 for change in changes if change.what == "label")


def test_study_days_leave_out_day_0() -> None:
    events = next(found for found in sdtm_of(one_of_every_table(0)).datasets
                  if found.name == "AE")
    assert events.frame["AESTDY"].to_list() == [-3, 1, 2, -3, 1, 2]


def test_the_demo_comes_back(demo: Path, tmp_path: Path) -> None:
    study = read_study(demo / "study")
    imported = back(sdtm_of(study).datasets, tmp_path, transport=False)
    for table in CLINICAL_TABLES:
        if study.has(table.name):
            same(table.name, study, imported.tables)
