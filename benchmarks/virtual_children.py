"""Records of many virtual children as Parquet, made by whole columns: for benchmarks only.

    python benchmarks/virtual_children.py 500000 FOLDER

Each has a cycle of blinatumomab and a transplant, and 28 rows of laboratory on average: six tests
on two days of the cycle, then counts of both cells after the graft, low until recovery, then high,
some days skipped. Transfusions while platelets are low, signs and events of the cycle, relapse,
graft-versus-host disease, death.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl

from remission.records.storage import schema_of
from remission.records.tables import TABLES

SEED = 20_250_101


IN_CYCLE = ("ANC", "PLT", "HGB", "ALT", "BILIRUBIN", "CREATININE")
UNITS = {"ANC": "10*9/L", "PLT": "10*9/L", "HGB": "g/dL", "ALT": "U/L", "BILIRUBIN": "mg/dL",
         "CREATININE": "mg/dL"}
"""The canonical unit of each test."""


def write_children(subjects: int, folder: Path) -> int:
    """Write the tables of so many subjects into a folder; return the rows of the laboratory."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(SEED)
    names = ("S" + pl.Series("subject_id", np.arange(subjects)).cast(pl.String).str.zfill(7))
    graft = draw.integers(60, 200, subjects)
    everyone = np.arange(subjects)
    _write(folder, "subject", names, everyone, {
        "sex": draw.choice(["F", "M"], subjects),
        "age_at_index_days": draw.integers(200, 6500, subjects)})
    _write(folder, "transplant", names, everyone, {
        "transplant_no": 1, "day": graft, "donor_age_days": draw.integers(0, 20_000, subjects)})
    _write_course(folder, names, graft, draw)
    _write_cycle(folder, names, draw)
    return _write_laboratory(folder, names, graft, draw)


def _write_cycle(folder: Path, names: pl.Series, draw: np.random.Generator) -> None:
    """Write a stepped-up cycle of 28 days, signs of some children, events of others."""
    everyone = np.arange(len(names))
    _write(folder, "exposure", names, np.repeat(everyone, 2), {
        "cycle_no": 1, "segment_no": np.tile([1, 2], len(names)),
        "dose": np.tile([5.0, 15.0], len(names)), "dose_unit": "ug/m2/d",
        "start_day": np.tile([0, 7], len(names)), "end_day": np.tile([6, 27], len(names))})
    febrile = np.repeat(np.flatnonzero(draw.random(len(names)) < 0.2), 3)
    _write(folder, "toxicity_sign", names, febrile, {
        "day": 1 + np.tile([0, 1, 2], len(febrile) // 3),
        "temperature_c": (37 + 3 * draw.random(len(febrile))).round(1),
        "hypotension": draw.choice(["NONE", "FLUIDS", "ONE_VASOPRESSOR"], len(febrile)),
        "oxygen": draw.choice(["NONE", "NASAL_LOW", "MASK"], len(febrile)),
        "capd_score": draw.integers(0, 20, len(febrile)), "consciousness": "AWAKE",
        "seizure": "NONE"})
    affected = np.flatnonzero(draw.random(len(names)) < 0.4)
    _write(folder, "adverse_event", names, affected, {
        "event_no": 1, "term": "infection",
        "group": draw.choice(["CRS", "INFECTION", "CYTOPENIA", "HEPATIC"], len(affected)),
        "start_day": draw.integers(0, 28, len(affected)),
        "grade": draw.integers(1, 5, len(affected)), "grading": "CTCAE5"})


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


def _write_laboratory(
    folder: Path, names: pl.Series, graft: np.ndarray, draw: np.random.Generator
) -> int:
    """Write the tests of the cycle, the counts after the graft and transfusions."""
    rows = pl.concat([_of_the_cycle(len(names), draw),
                      _after_the_graft(folder, names, graft, draw)])
    _write(folder, "laboratory", names, rows["who"].to_numpy(), {
        "test": rows["test"], "day": rows["day"], "sequence": 1, "value": rows["value"],
        "sign": "=", "unit": rows["test"].replace_strict(UNITS)})
    return len(rows)


def _of_the_cycle(subjects: int, draw: np.random.Generator) -> pl.DataFrame:
    """Return ``who, test, day, value`` of each test before the infusion and in its second week."""
    days, tests = np.array([-1, 9]), np.arange(len(IN_CYCLE))
    who = np.repeat(np.arange(subjects), len(days) * len(tests))
    test = np.tile(np.repeat(tests, len(days)), subjects)
    normal = np.array([3.0, 200.0, 11.0, 30.0, 0.5, 0.5])[test]
    return pl.DataFrame({
        "who": who, "test": pl.Series(test).replace_strict(dict(enumerate(IN_CYCLE))),
        "day": np.tile(days, subjects * len(tests)),
        "value": (normal * draw.lognormal(0, 0.9, len(who))).round(3)})


def _after_the_graft(
    folder: Path, names: pl.Series, graft: np.ndarray, draw: np.random.Generator
) -> pl.DataFrame:
    """Return ``who, test, day, value`` of both counts after the graft; write the transfusions."""
    days = draw.integers(3, 14, len(names))
    who = np.repeat(np.arange(len(names)), days)
    first = np.repeat(np.cumsum(days) - days, days)
    skipped = np.cumsum(1 + (draw.random(len(who)) < 0.15))
    after = skipped - skipped[first] + 8
    recovery = draw.integers(9, 20, len(names))[who]
    size = draw.random(len(who))
    neutrophils = np.where(after < recovery, size * 0.45, 0.5 + size * 3)
    is_low = after < recovery + draw.integers(-3, 8, len(names))[who]
    platelets = np.where(is_low, 5 + size * 14, 20 + size * 100)
    given = np.flatnonzero(is_low & (draw.random(len(who)) < 0.15))
    _write(folder, "transfusion", names, who[given], {
        "transfusion_no": np.arange(1, len(given) + 1), "product": "PLATELET",
        "day": (graft[who] + after)[given]})
    return pl.DataFrame({
        "who": np.repeat(who, 2),
        "test": pl.Series(np.tile([0, 1], len(who))).replace_strict({0: "ANC", 1: "PLT"}),
        "day": np.repeat(graft[who] + after, 2),
        "value": np.column_stack([neutrophils, platelets]).ravel().round(3)})


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
    print(f"{write_children(int(sys.argv[1]), Path(sys.argv[2])):,} laboratory rows")
