"""How long the main job takes: beside what users would pick instead, and as the study grows.

    python benchmarks/report.py [--runs 9] [--sizes 64,256,1024,4096]

Whole processes, from start to files written, in turn (A B A B …) after one warm-up each, so that
a drift of the machine falls on both. Ratios are printed with their spread; absolute times belong
to the machine of the day. Both sides have their bytecode, as an installed package has: a checkout
on a machine that is told not to write any would be compiled anew by every run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path

from remission.virtual.clinics import north_files
from remission.virtual.truth import simulate_children

PEER = Path(__file__).with_name("peer_report.py")


def seconds(*command: object) -> float:
    """Return how long a command took as a whole process."""
    begun = time.perf_counter()
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    return time.perf_counter() - begun


def keep_bytecode(folder: Path) -> None:
    """Let every process keep its bytecode, outside of the checkout."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)


def remission(*arguments: object) -> float:
    return seconds(sys.executable, "-m", "remission", *arguments, "--json")


def spread(values: list[float], digits: int = 2) -> str:
    return (f"median {statistics.median(values):.{digits}f} "
            f"(min {min(values):.{digits}f}, max {max(values):.{digits}f})")


def beside_the_peer(runs: int, folder: Path) -> None:
    """Time ``remission report`` on the demo study and the peer script on its cohort, in turn."""
    remission("demo", "-o", folder / "demo")
    study = folder / "demo" / "study"
    remission("derive", study, "-o", folder / "cohort")
    ours, theirs = [], []
    for number in range(runs + 1):
        mine = remission("report", study, "-o", folder / "report")
        peer = seconds(sys.executable, PEER, folder / "cohort" / "subject.csv", folder / "peer")
        if number:
            ours.append(mine)
            theirs.append(peer)
    ratios = [peer / mine for mine, peer in zip(ours, theirs, strict=True)]
    print(f"remission report, demo study: {spread(ours)} s")
    print(f"tableone + lifelines + matplotlib + python-docx: {spread(theirs)} s")
    print(f"ratio, pair by pair: {spread(ratios, 1)}")


def by_size(sizes: list[int], folder: Path) -> None:
    """Time import and report of simulated studies of growing size."""
    example = files("remission") / "example"
    for size in sizes:
        source, study = folder / f"north-{size}", folder / f"study-{size}"
        source.mkdir()
        for name, text in north_files(simulate_children(size, seed=size)).items():
            (source / name).write_text(text, encoding="utf-8", newline="\n")
        for name in ("north.toml", "study.toml"):
            shutil.copy(str(example / name), folder / name)
        imported = remission("import", source, "--mapping", folder / "north.toml", "--to", study)
        reported = remission("report", study, "-o", folder / f"report-{size}")
        rows = sum(len(path.read_text(encoding="utf-8").splitlines()) - 1
                   for path in (study / "tables").glob("*.csv"))
        print(f"{size:6d} children, {rows:7d} rows: import {imported:6.2f} s, "
              f"report {reported:6.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--sizes", default="64,256,1024,4096")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        keep_bytecode(Path(scratch) / "bytecode")
        beside_the_peer(chosen.runs, Path(scratch))
        by_size([int(size) for size in chosen.sizes.split(",")], Path(scratch))


main()
