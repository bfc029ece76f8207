"""Checking a study with a million laboratory values: how long, and which rules take it.

``python benchmarks/check.py [ROWS]`` prints the time of reading nothing but checking.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import polars as pl

from remission.plan import Plan
from remission.records.checks import RULES, check_study
from remission.records.storage import as_frame, schema_of
from remission.records.study import Study
from remission.records.tables import TABLES
from remission.units import canonical_unit

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
VALUES_EACH = 500
TESTS = {"ANC": 3.0, "WBC": 6.0, "PLT": 200.0, "HGB": 110.0, "CRP": 12.0, "CD3_PERCENT": 70.0,
         "CD4_PERCENT": 40.0, "CD8_PERCENT": 30.0, "IL6": 9.0, "ALT": 40.0}


def table(name: str, **columns: object) -> pl.DataFrame:
    """Return a table of the data model with some columns filled."""
    schema = schema_of(TABLES[name])
    given = pl.DataFrame(columns)
    return given.with_columns(
        pl.format(f"{name}.csv:{{}}", pl.int_range(2, pl.len() + 2)).alias("_source")).select(
        pl.col(column).cast(kind) if column in given.columns or column == "_source"
        else pl.lit(None, dtype=kind).alias(column) for column, kind in schema.items())


def study_of_rows(rows: int) -> Study:
    """Return a study with so many laboratory values, 500 a child, a fault in one of 10 000."""
    random = np.random.default_rng(1)
    children = [f"C{number:05d}" for number in range(rows // VALUES_EACH)]
    names = np.array(list(TESTS))
    test = names[np.arange(rows) % len(names)]
    value = np.array([TESTS[name] for name in names])[np.arange(rows) % len(names)]
    value = np.round(value * random.uniform(0.95, 1.05, rows), 2)
    value[random.integers(0, rows, rows // 10_000)] *= 1000
    unit = np.array([canonical_unit(name) for name in names])[np.arange(rows) % len(names)]
    laboratory = table(
        "laboratory", subject_id=np.repeat(children, VALUES_EACH), test=test,
        day=np.tile(np.arange(VALUES_EACH) // len(names), len(children)),
        sequence=np.ones(rows, dtype=int), value=value, unit=unit, source_unit=unit,
        specimen=np.full(rows, "BLOOD"))
    tables = {
        "subject": table("subject", subject_id=children,
                         site_id=[f"S{number % 20}" for number in range(len(children))],
                         age_at_index_days=[2000] * len(children)),
        "follow_up": table("follow_up", subject_id=children,
                           vital_status=["ALIVE"] * len(children),
                           last_contact_day=[900] * len(children)),
        "laboratory": laboratory,
    }
    return Study(plan=Plan.model_validate({"study": {"title": "A benchmark"}}),
                 tables={name: as_frame(frame) for name, frame in tables.items()})


def main() -> None:
    """Print the time of all rules together and of the slowest."""
    study = study_of_rows(ROWS)
    begun = time.perf_counter()
    found = check_study(study)
    took = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{ROWS} laboratory values of {ROWS // VALUES_EACH} children: {took:.1f} s, "
          f"{len(found)} queries, peak memory {peak:.0f} MB")
    times = {}
    for name, rule in RULES.items():
        begun = time.perf_counter()
        list(rule.queries(study))
        times[name] = time.perf_counter() - begun
    for name in sorted(times, key=times.__getitem__, reverse=True)[:8]:
        print(f"  {name}: {times[name]:.2f} s")


if __name__ == "__main__":
    main()
