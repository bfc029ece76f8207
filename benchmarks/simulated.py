"""How long simulated children take to derive, a part of their files after the other.

    python benchmarks/simulated.py [--children 100000] [--like zhang-2025] [--engine polars]
        [--together 5] [--what plan|clinical] [--records FOLDER] [--limit 3600]

``remission simulate`` writes the children (or those of ``--records`` are taken) as parts of 20,000.
Every definition looks at one child at a time, so that parts can be read and derived one after
another: memory is that of ``--together`` parts and of the answers, whatever the number of children.
``plan`` derives what the study's own analyses use, ``clinical`` every definition of transplant,
toxicity and response too; the endpoints of the plan go with both. The measurement is a process of
its own, reading included.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from derive import definitions

ROOT = Path(__file__).parents[1]
RESPONSE = ("response", "cycle_response", "responder", "mrd", "next_therapy", "endpoints")
SHOWN = 12


def asked(plan: Any, what: str) -> list[str]:
    """Return the definitions that the plan uses, or these and all clinical ones."""
    from remission.definitions.chapters import CHAPTERS
    from remission.definitions.cohort import definitions_of

    names = definitions_of(plan)
    if what == "clinical":
        names += [*definitions(), *(name for chapter in RESPONSE for name in CHAPTERS[chapter])]
    return list(dict.fromkeys(names))


def studies(folder: Path, plan: Any, together: int) -> Iterator[Any]:
    """Yield the study of every few parts, in order; a part is the same children in each table."""
    from remission.records.storage import as_frame
    from remission.records.study import Study
    from remission.records.tables import TABLES
    from remission.sources.parquet_tables import parts_of

    parts = {path.stem: parts_of(path) for path in (folder / "tables").glob("*.parquet")}
    for begin in range(0, len(parts["subject"]), together):
        yield Study(plan, {
            table: as_frame(_table(files[begin:begin + together], TABLES[table]))
            for table, files in parts.items()})


def _table(files: list[Path], table: Any) -> pl.DataFrame:
    """Return some parts of a table as a study folder is read."""
    from remission.sources.laboratory_units import in_canonical_units
    from remission.sources.parquet_tables import read_parquet_table

    read = [read_parquet_table(file, table) for file in files]
    assert not any(problems for _, problems in read)
    rows = pl.concat([frame for frame, _ in read])
    return in_canonical_units(rows) if table.name == "laboratory" else rows


def measure(folder: Path, engine: str, what: str, together: int) -> dict[str, Any]:
    """Derive all parts; return wall and CPU seconds, of each definition too, and gigabytes."""
    from remission.definitions.cohort import derive_definition
    from remission.definitions.endpoints import derive_endpoint
    from remission.definitions.engines import on_engine, to_polars
    from remission.plan import read_plan

    plan = read_plan(folder / "study.toml")
    names = asked(plan, what)
    cpu: dict[str, float] = {}
    rows, known, begun = 0, 0, time.perf_counter()
    before = time.process_time()
    for study in studies(folder, plan, together):
        rows += sum(len(frame) for frame in study.tables.values())
        with on_engine(study, engine) as placed:
            for name in (*names, *plan.endpoints):
                since = time.process_time()
                lazy = (derive_definition(placed, name) if name in names
                        else derive_endpoint(placed, plan.endpoints[name]))
                answers = to_polars(lazy)
                known += len(answers)
                cpu[name] = cpu.get(name, 0.0) + time.process_time() - since
    return {"wall": time.perf_counter() - begun, "cpu": time.process_time() - before,
            "definitions": len(names), "endpoints": len(plan.endpoints), "rows": rows,
            "answers": known, "of_each": cpu,
            "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}


def tell(found: dict[str, Any], children: int) -> None:
    """Print the whole and what took longest."""
    print(f"{children:,} simulated children, {found['rows']:,} rows: {found['definitions']} "
          f"definitions and {found['endpoints']} endpoints, {found['answers']:,} answers")
    print(f"  {found['wall']:.1f} s, {found['cpu']:.1f} s of CPU (deriving "
          f"{sum(found['of_each'].values()):.1f}), peak {found['gigabytes']:.1f} GB")
    for name, took in sorted(found["of_each"].items(), key=lambda of: -of[1])[:SHOWN]:
        print(f"    {name} {took:.2f} s of CPU")


def simulate(children: int, like: str, folder: Path) -> None:
    """Write the children with the command that users have."""
    subprocess.run(
        [sys.executable, "-m", "remission", "simulate", "--like", like, "--n", str(children),
         "--parquet", "--jobs", "2", "--output", str(folder)], check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--children", type=int, default=100_000)
    parser.add_argument("--like", default="zhang-2025")
    parser.add_argument("--engine", default="polars")
    parser.add_argument("--together", type=int, default=5, help="parts derived at a time")
    parser.add_argument("--what", choices=("plan", "clinical"), default="clinical")
    parser.add_argument("--records", type=Path, help="children that were simulated before")
    parser.add_argument("--limit", type=float, default=3600, help="seconds for deriving")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.records, given.engine, given.what, given.together)))
        return
    with tempfile.TemporaryDirectory(prefix="remission-") as place:
        folder = given.records or Path(place) / "study"
        if given.records is None:
            simulate(given.children, given.like, folder)
        children = pl.scan_parquet(folder / "tables" / "subject.parquet").select(
            pl.len()).collect().item()
        done = subprocess.run(
            [sys.executable, __file__, "--measure", "--records", str(folder), "--engine",
             given.engine, "--what", given.what, "--together", str(given.together)],
            check=True, stdout=subprocess.PIPE, text=True, timeout=given.limit)
        tell(json.loads(done.stdout.splitlines()[-1]), children)


if __name__ == "__main__":
    main()
