"""How long transplant and toxicity take to derive: on each engine, as a study grows, beside pandas.

    python benchmarks/derive.py [--subjects 500000] [--engines polars,duckdb,spark]
        [--sizes 1000,10000,100000,1000000] [--by-hand 100000] [--limit 900] [--plot FILE]

Virtual records are written once, as Parquet, into a folder that is removed at the end. Every
measurement is a process of its own, with its peak of memory; none takes longer than the limit.
``--subjects 0``, ``--by-hand 0`` and ``--sizes ""`` leave out a part.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl
from virtual_children import write_children

TOLD = ["TRANSFUSION", "RELAPSE", "ACUTE_GVHD", "CHRONIC_GVHD"]
NEUTROPHILS = "neutrophil_recovery"
PLOT = Path(__file__).parents[1] / "docs" / "images" / "derive-cost.svg"


TRANSPLANT = ("transplant", "graft_dose", "engraftment", "graft_failure", "chimerism",
              "surveillance", "gvhd", "gvhd_grade", "relapse")
TOXICITY = ("toxicity_window", "crs", "icans", "ctcae", "fever", "tumour_lysis", "adverse_events")


def definitions() -> list[str]:
    """Return every definition of transplant and of toxicity."""
    from remission.definitions.chapters import CHAPTERS

    return [name for chapter in (*TRANSPLANT, *TOXICITY) for name in CHAPTERS[chapter]]


def measure(folder: Path, engine: str, names: list[str]) -> dict[str, Any]:
    """Read the study and derive the definitions on an engine; return seconds and gigabytes."""
    from remission.definitions.cohort import derive_definition
    from remission.definitions.engines import each_derived, on_engine, to_polars
    from remission.plan import Plan
    from remission.records.storage import as_frame
    from remission.records.study import Study

    begun = time.perf_counter()
    plan = Plan.model_validate({"study": {"title": "x"}, "records": {"absent_means_none": TOLD}})
    study = Study(plan, {path.stem: as_frame(pl.read_parquet(path))
                         for path in folder.glob("*.parquet")})
    reading = time.perf_counter() - begun
    seconds: dict[str, float] = {}

    def derive(placed: Study, name: str) -> Any:
        begun = time.perf_counter()
        answers = to_polars(derive_definition(placed, name))
        seconds[name] = time.perf_counter() - begun
        return answers

    begun = time.perf_counter()
    with on_engine(study, engine) as placed:
        for _, answers in each_derived(placed, names or definitions(), derive):
            days = _days(answers) if names else None
        whole = time.perf_counter() - begun
        peak = peak_gigabytes()
    return {"reading": reading, "whole": whole, "seconds": seconds, "gigabytes": peak,
            "days": days}


def _days(answers: Any) -> dict[str, int]:
    return {"recovered": int((answers["value"] == "Y").sum()), "sum": int(answers["day"].sum())}


def by_hand(folder: Path) -> dict[str, Any]:
    """Derive neutrophil recovery as a user would: pandas, one function a child."""
    import pandas as pd

    laboratory = pd.read_parquet(folder / "laboratory.parquet")
    transplant = pd.read_parquet(folder / "transplant.parquet")
    begun = time.perf_counter()
    counts = laboratory[laboratory["test"] == "ANC"].merge(
        transplant[["subject_id", "day"]].rename(columns={"day": "graft"}), on="subject_id")
    counts["after"] = counts["day"] - counts["graft"]

    def first_of_three(child: Any) -> float:
        daily = child[child["after"] > 0].groupby("after")["value"].min().sort_index()
        low = daily.index[daily < 0.5]
        if len(low) == 0:
            return float("nan")
        high = daily[daily.index > low[0]] >= 0.5
        whole = high & high.shift(-1, fill_value=False) & high.shift(-2, fill_value=False)
        return float(whole.index[whole][0]) if whole.any() else float("nan")

    days = counts.groupby("subject_id")[["after", "value"]].apply(first_of_three)
    seconds = time.perf_counter() - begun
    return {"whole": seconds, "gigabytes": peak_gigabytes(),
            "days": {"recovered": int(days.notna().sum()), "sum": int(days.sum())}}


def peak_gigabytes() -> float:
    """Return the most memory this process held, and those it started with it (Spark's Java)."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (own + sum(_peaks_below(os.getpid()))) / 2**20


def _peaks_below(parent: int) -> list[int]:
    """Return the peaks, in kilobytes, of the processes below one, where the system tells."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        except OSError:
            continue
        if int(fields["PPid"]) == parent and "VmHWM" in fields:
            found.append(int(fields["VmHWM"].split()[0]))
            found.extend(_peaks_below(int(fields["Pid"])))
    return found


def in_own_process(limit: float, *arguments: object) -> dict[str, Any] | None:
    """Return what a measurement in a process of its own found; ``None`` beyond the limit."""
    command = [sys.executable, __file__, "--measure", *map(str, arguments)]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True,
                              timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    except subprocess.CalledProcessError as failed:
        raise SystemExit(failed.stderr) from failed
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def deriving(found: dict[str, Any]) -> float:
    return float(found["whole"])


def at_full_size(folder: Path, engines: list[str], limit: float) -> None:
    """Print what each engine takes for all definitions, and polars for neutrophils alone."""
    alone = in_own_process(limit, folder, "polars", NEUTROPHILS)
    if alone is not None:
        print(f"  {NEUTROPHILS} alone, polars: {deriving(alone):.2f} s")
    first = None
    for engine in engines:
        found = in_own_process(limit, folder, engine)
        if found is None:
            print(f"  all on {engine}: not done in {limit:.0f} s")
            continue
        first = first or deriving(found)
        print(f"  all on {engine}: {deriving(found):.1f} s ({deriving(found) / first:.1f} times), "
              f"reading {found['reading']:.1f} s, peak {found['gigabytes']:.1f} GB")
        if engine == "polars":
            for name, took in found["seconds"].items():
                print(f"    {name} {took:.2f} s")


def beside_pandas(folder: Path, limit: float) -> None:
    """Print how many times longer one function a child takes; both must find the same days."""
    ours, theirs = in_own_process(limit, folder, "polars", NEUTROPHILS), in_own_process(
        limit, folder, "by-hand")
    if ours is None or theirs is None:
        print(f"  not done in {limit:.0f} s")
        return
    assert ours["days"] == theirs["days"], (ours["days"], theirs["days"])
    print(f"  ours {deriving(ours):.2f} s, pandas groupby.apply {deriving(theirs):.1f} s, "
          f"ratio {deriving(theirs) / deriving(ours):.0f}")


def growth(place: Path, sizes: list[int], engines: list[str], limit: float) -> dict[str, Any]:
    """Return engine → [(subjects, seconds)] of all definitions together."""
    found: dict[str, Any] = {engine: [] for engine in engines}
    for size in sizes:
        folder = study_of(place, size)
        for engine in engines:
            done = in_own_process(limit, folder, engine)
            if done is not None:
                found[engine].append((size, deriving(done)))
                print(f"  {size:,} subjects, {engine}: {deriving(done):.2f} s", flush=True)
    return found


def study_of(place: Path, subjects: int) -> Path:
    """Return the folder of a study of so many subjects, written when first asked for."""
    folder = place / str(subjects)
    if not folder.exists():
        print(f"{subjects:,} subjects, {write_children(subjects, folder):,} laboratory rows",
              flush=True)
    return folder


def draw(found: dict[str, Any], file: Path) -> None:
    """Draw seconds against subjects, both on logarithmic axes."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    mpl.rcParams.update({"svg.hashsalt": "remission", "svg.fonttype": "none"})
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for engine, marker in zip(found, "osD^", strict=False):
        axes.loglog(*zip(*found[engine], strict=True), marker=marker, label=engine)
    axes.set_xlabel("subjects (28 laboratory rows each)")
    axes.set_ylabel("seconds, transplant and toxicity")
    axes.grid(visible=True, alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=500_000)
    parser.add_argument("--engines", default="polars,duckdb,spark")
    parser.add_argument("--sizes", default="1000,10000,100000,1000000")
    parser.add_argument("--by-hand", type=int, default=100_000)
    parser.add_argument("--limit", type=float, default=900, help="seconds for one measurement")
    parser.add_argument("--plot", type=Path, default=PLOT)
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        folder, engine, *names = given.measure
        print(json.dumps(by_hand(Path(folder)) if engine == "by-hand"
                         else measure(Path(folder), engine, names)))
        return
    engines = given.engines.split(",")
    with tempfile.TemporaryDirectory(prefix="remission-") as place:
        if given.subjects:
            at_full_size(study_of(Path(place), given.subjects), engines, given.limit)
        if given.by_hand:
            beside_pandas(study_of(Path(place), given.by_hand), given.limit)
        if given.sizes:
            sizes = [int(size) for size in given.sizes.split(",")]
            draw(growth(Path(place), sizes, [engine for engine in engines if engine != "spark"],
                        given.limit), given.plot)


if __name__ == "__main__":
    main()
