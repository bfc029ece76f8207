"""A virtual cohort as a clinic sends it: dated files with faults, as CSV and as a REDCap export."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from remission.errors import InputError, Problem
from remission.files import put_in_place, staging
from remission.records.tables import TABLES
from remission.virtual.parameters import plan_text
from remission.virtual.recorded import Tables, as_clinics_record, chosen_rates
from remission.virtual.redcap_export import redcap_dictionary, redcap_records
from remission.virtual.simulate import blocks_of
from remission.virtual.stream import Stream
from remission.virtual.write_virtual import (
    LARGEST_CSV,
    Design,
    check_design,
    check_free,
    simulated,
)

RECORDS, REDCAP, TRUTH = "records", "redcap", "truth"


def write_dirty_cohort(
    design: Design, folder: Path, *, faults: Iterable[str] = ()
) -> list[Path]:
    """Write ``records`` (CSV), ``redcap`` (export and dictionary), ``truth`` and the plan.

    ``faults`` are ``kind=rate`` in place of the usual rates. Raises :class:`OutputError` when
    something is there already, and :class:`InputError` for what cannot be simulated so.
    """
    check_design(design)
    if design.is_parquet:
        raise InputError(Problem(
            "--dirty", "A clinic's files are CSV.",
            f"They hold one cohort of up to {LARGEST_CSV:,} children.",
            "Leave out --parquet and --replicates, and give a smaller --n."))
    rates = chosen_rates(faults)
    check_free(folder)
    units = [(0, block, n) for block, n in blocks_of(design.n)]
    found = simulated(design, units)
    stream = Stream("recording", design.seed, 0, 0)
    recorded, planted = as_clinics_record(found.tables, stream, rates)
    dated = with_dates(recorded, stream)
    folder = folder.resolve()
    with staging(folder) as scratch:
        whole = scratch / "study"
        for name in (RECORDS, REDCAP, TRUTH):
            (whole / name).mkdir(parents=True)
        (whole / "study.toml").write_text(plan_text(design.like), encoding="utf-8", newline="\n")
        for name, rows in dated.items():
            rows.write_csv(whole / RECORDS / f"{name}.csv")
        redcap_records(dated).write_csv(whole / REDCAP / "records.csv")
        (whole / REDCAP / "dictionary.csv").write_text(
            redcap_dictionary(dated), encoding="utf-8", newline="\n")
        for name, rows in (("truth", found.truth), ("truth_events", found.events),
                           ("planted", planted)):
            rows.write_csv(whole / TRUTH / f"{name}.csv")
        if folder.is_dir():
            folder.rmdir()
        put_in_place([(whole, folder)], scratch)
    return sorted((folder / RECORDS).iterdir())


def with_dates(tables: Tables, stream: Stream) -> Tables:
    """Return the tables with calendar dates in place of study days, as a clinic has them.

    ``subject`` gets ``index_date``, the day of the first infusion, which the import needs.
    """
    subject = tables["subject"]
    of_year = stream.whole(len(subject), 0, 364)
    begun = subject.select("subject_id", "index_year", of_year=pl.Series(of_year)).select(
        "subject_id", index_date=pl.date(pl.col("index_year"), 1, 1)
        + pl.duration(days=pl.col("of_year")))
    dated = {}
    for name, rows in tables.items():
        columns = [column.name for column in TABLES[name].columns
                   if column.kind == "day" and column.name in rows.columns]
        joined = rows.join(begun, on="subject_id", how="left", maintain_order="left")
        shown = joined.with_columns(
            (pl.col("index_date") + pl.duration(days=pl.col(column))).alias(column)
            for column in columns)
        dated[name] = shown if name == "subject" else shown.drop("index_date")
    return dated
