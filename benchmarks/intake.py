"""How long a laboratory's file takes to become a study, and how that grows with its rows.

    python benchmarks/intake.py [--runs 3] [--sizes 10000,100000,1000000]

Whole processes, from start to files written, with the most memory each held, in turn with the
pandas script that a user would write instead (``peer_intake.py``), which keeps no source of a row,
no reason of an empty value and refuses nothing. Then the study is read again and checked.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from timing import spread

from remission.units import TEST_UNITS, canonical_unit

PEER = Path(__file__).with_name("peer_intake.py")
ROWS_OF_A_CHILD = 2000
TESTS = (("WBC", "10*9/L", 5.0), ("ANC", "cells/uL", 2500.0), ("PLT", "10*9/L", 200.0),
         ("HGB", "g/dL", 11.0), ("ALT", "U/L", 40.0), ("CREATININE", "mg/dL", 0.4),
         ("CRP", "mg/dL", 1.2), ("IL6", "pg/mL", 30.0))
"""Test, the unit the laboratory uses, and a usual value in it."""

MAPPING = """
site = "North"
subject_id = { field = "record" }

[anchor]
field = "start"
date = "%d/%m/%Y"

[subject]
when = { field = "first", is = ["1"] }

[laboratory]
test = { field = "analyte", codes = { CODES } }
day = { field = "sampled", date = "%d/%m/%Y" }
value = { field = "result", null = { nd = "NOT_DONE" } }
unit = { field = "unit" }
"""


def write_files(folder: Path, rows: int) -> None:
    """Write the laboratory's file, its mapping, a plan, and the units for the peer."""
    chance = random.Random(rows)
    lines = ["record,start,sampled,analyte,result,unit,first"]
    for number in range(rows):
        child, of_child = divmod(number, ROWS_OF_A_CHILD)
        test, unit, usual = TESTS[of_child % len(TESTS)]
        start = date(2018, 1, 1) + timedelta(child * 37 % 1500)
        sampled = start + timedelta(of_child // len(TESTS))
        result = "nd" if chance.random() < 0.01 else (
            f"{usual * chance.lognormvariate(0, 0.3):.3f}")
        lines.append(f"C{child:05d},{start:%d/%m/%Y},{sampled:%d/%m/%Y},{test.lower()},{result},"
                     f"{unit},{int(of_child == 0)}")
    codes = ", ".join(f'{test.lower()} = "{test}"' for test, _, _ in TESTS)
    units = ["test,unit,factor,canonical", *(
        f"{test},{unit},{ratio[0] / ratio[1]},{canonical_unit(test)}"
        for test, _, _ in TESTS for unit, ratio in TEST_UNITS[test].items())]
    for name, text in (("labs.csv", "\n".join(lines)), ("units.csv", "\n".join(units)),
                       ("mapping.toml", MAPPING.replace("CODES", codes)),
                       ("study.toml", '[study]\ntitle = "A million values"')):
        (folder / name).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def measured(*command: object) -> tuple[float, float]:
    """Return (seconds, most memory in MB) of a command as a whole process."""
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, *map(str, command)], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    taken = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return taken, used.ru_maxrss / 1024


def compare(folder: Path, rows: int, runs: int) -> float:
    """Print the times of one size, ours and the peer's in turn; return our median."""
    write_files(folder, rows)
    study, labs = folder / "study", folder / "labs.csv"
    jobs = {
        "remission import": ("-m", "remission", "import", labs, "--mapping",
                             folder / "mapping.toml", "--to", study, "--json"),
        "pandas": (PEER, labs, folder / "units.csv", folder / "peer.csv"),
        "remission check": ("-m", "remission", "check", study, "--json"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    memory: dict[str, float] = dict.fromkeys(jobs, 0.0)
    for number in range(runs + 1):
        shutil.rmtree(study, ignore_errors=True)
        for name, command in jobs.items():
            taken, most = measured(*command)
            memory[name] = max(memory[name], most)
            if number:
                seconds[name].append(taken)
    print(f"{rows:,} rows, {labs.stat().st_size / 1e6:.1f} MB")
    for name, taken in seconds.items():
        print(f"  {name}: {spread(taken)} s, at most {memory[name]:.0f} MB")
    ratios = [theirs / ours for ours, theirs in zip(
        seconds["remission import"], seconds["pandas"], strict=True)]
    print(f"  ratio of pandas to the import: {spread(ratios)}", flush=True)
    return statistics.median(seconds["remission import"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    chosen = parser.parse_args()
    sizes = [int(size) for size in chosen.sizes.split(",")]
    times = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            times.append(compare(Path(scratch), size, chosen.runs))
    for before, after in zip(range(len(sizes)), range(1, len(sizes)), strict=False):
        power = math.log(times[after] / times[before]) / math.log(sizes[after] / sizes[before])
        print(f"from {sizes[before]:,} to {sizes[after]:,} rows the time grows as rows^{power:.2f}")


main()
