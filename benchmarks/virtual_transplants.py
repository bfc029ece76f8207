"""Records of many virtual transplants as Parquet, made by whole columns: for benchmarks only.

    python benchmarks/virtual_transplants.py 500000 FOLDER

Counts of both cells on the same days, 27 rows a subject on average: low until recovery, then high,
some days skipped; transfusions while platelets are low; relapse, graft-versus-host disease, death.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl

from remission.records.storage import schema_of
from remission.records.tables import TABLES

SEED = 20_250_101


def write_transplants(subjects: int, folder: Path) -> int:
    """Write the tables of so many subjects into a folder; return the rows of the laboratory."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(SEED)
    names = ("S" + pl.Series("subject_id", np.arange(subjects)).cast(pl.String).str.zfill(7))
    graft = draw.integers(60, 200, subjects)
    everyone = np.arange(subjects)
    _write(folder, "subject", names, everyone, {})
    _write(folder, "transplant", names, everyone, {
        "transplant_no": 1, "day": graft, "donor_age_days": draw.integers(0, 20_000, subjects)})
    _write_course(folder, names, graft, draw)
    return _write_counts(folder, names, graft, draw)


def _write_course(
    folder: Path, names: pl.Series, graft: np.ndarray, draw: np.random.Generator
) -> None:
    """Write follow-up, relapses and graft-versus-host disease."""
    subjects = len(names)
    last = graft + draw.integers(5, 2000, subjects)
    dead = pl.Series(draw.random(subjects) < 0.3)
    _write(folder, "follow_up", names, np.arange(subjects), {
        "vital_status": np.where(dead, "DEAD", "ALIVE"), "last_contact_day": last,
        "death_day": pl.select(pl.when(dead).then(pl.Series(last))).to_series()})
    relapsed = np.flatnonzero(draw.random(subjects) < 0.4)
    _write(folder, "disease_episode", names, relapsed, {
        "episode_no": 2, "phase": "RELAPSE", "start_day": draw.integers(1, 900, len(relapsed))})
    graded = np.flatnonzero(draw.random(subjects) < 0.5)
    _write(folder, "gvhd", names, graded, {
        "gvhd_no": 1, "kind": draw.choice(["ACUTE", "CHRONIC"], len(graded)),
        "max_grade": draw.choice(["I", "II", "III", "MILD", "SEVERE", "EXTENSIVE"], len(graded)),
        "onset_day": graft[graded] + draw.integers(10, 300, len(graded))})


def _write_counts(
    folder: Path, names: pl.Series, graft: np.ndarray, draw: np.random.Generator
) -> int:
    """Write counts of neutrophils and platelets and the transfusions; return the rows."""
    days = draw.integers(8, 21, len(names))
    who = np.repeat(np.arange(len(names)), days)
    first = np.repeat(np.cumsum(days) - days, days)
    skipped = np.cumsum(1 + (draw.random(len(who)) < 0.15))
    after = skipped - skipped[first] + 1
    recovery = draw.integers(6, 20, len(names))[who]
    size = draw.random(len(who))
    neutrophils = np.where(after < recovery, size * 0.45, 0.5 + size * 3)
    is_low = after < recovery + draw.integers(-3, 8, len(names))[who]
    platelets = np.where(is_low, 5 + size * 14, 20 + size * 100)
    both = np.column_stack([neutrophils, platelets]).ravel().round(3)
    tests = pl.Series(np.tile([0, 1], len(who))).replace_strict({0: "ANC", 1: "PLT"})
    _write(folder, "laboratory", names, np.repeat(who, 2), {
        "test": tests, "day": np.repeat(graft[who] + after, 2), "sequence": 1, "value": both,
        "sign": "=", "unit": "10*9/L"})
    given = np.flatnonzero(is_low & (draw.random(len(who)) < 0.15))
    _write(folder, "transfusion", names, who[given], {
        "transfusion_no": np.arange(1, len(given) + 1), "product": "PLATELET",
        "day": (graft[who] + after)[given]})
    return 2 * len(who)


def _write(
    folder: Path, table: str, names: pl.Series, who: np.ndarray, columns: dict[str, object]
) -> None:
    """Write a table with every declared column, null where nothing is given."""
    declared = schema_of(TABLES[table])
    given = {name: values if isinstance(values, (np.ndarray, pl.Series)) else pl.lit(values)
             for name, values in columns.items() if name in declared}
    frame = pl.DataFrame({"subject_id": names.gather(who)}).with_columns(
        *(pl.Series(name, values) if not isinstance(values, pl.Expr) else values.alias(name)
          for name, values in given.items()),
        _source=pl.format(f"{table}:{{}}", pl.int_range(2, pl.len() + 2)))
    frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None).alias(name)).cast(dtype)
        for name, dtype in declared.items()).write_parquet(folder / f"{table}.parquet")


if __name__ == "__main__":
    print(f"{write_transplants(int(sys.argv[1]), Path(sys.argv[2])):,} laboratory rows")
