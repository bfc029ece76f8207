"""A virtual cohort on disk: a study folder, and the truth beside it.

The children are drawn in blocks, the blocks are written in parts of a fixed size: the same seed
gives the same bytes for any number of workers. Small cohorts are CSV, large ones Parquet, in which
a table of several parts is a folder of that name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from remission.errors import OutputError, Problem, raise_if_any
from remission.files import put_in_place, staging
from remission.statistics.workers import each
from remission.virtual.parameters import plan_text, read_parameters
from remission.virtual.simulate import Simulated, blocks_of, simulate_block

PART = 20_000
"""Children written together: a part of the format, as the bytes depend on it."""
LARGEST_CSV = 20_000
"""Cohorts of more children are written as Parquet without being asked to."""
TABLES, TRUTH = "tables", "truth"
_TRUTHS = ("truth", "truth_events", "concentrations")


@dataclass(frozen=True)
class Design:
    """What is to be simulated; ``replicates`` is None for one cohort without that column."""

    like: str
    n: int
    seed: int
    replicates: int | None = None
    parquet: bool = False
    pharmacokinetics: bool = False

    @property
    def is_parquet(self) -> bool:
        """Whether the tables are written as Parquet."""
        return self.parquet or self.replicates is not None or self.n > LARGEST_CSV


Unit = tuple[int, int, int]
"""Replicate, block and number of children of one block."""


def check_design(design: Design) -> None:
    """Refuse a design that cannot be simulated, with all that is wrong.

    Raises :class:`InputError`.
    """
    counts = {"--n": design.n, "--replicates": design.replicates}
    problems = [Problem(f"{option} {number}", "There must be at least one.", "",
                        "Give a number of 1 or more.")
                for option, number in counts.items() if number is not None and number < 1]
    if design.seed < 0:
        problems.append(Problem(f"--seed {design.seed}", "A seed is not negative.", "",
                                "Give 0 or any larger whole number."))
    raise_if_any(problems)
    read_parameters(design.like)


def write_virtual_cohort(design: Design, folder: Path, *, jobs: int = 1) -> list[Path]:
    """Write a study folder (``study.toml``, ``tables``, ``truth``) and return what was written.

    Raises :class:`OutputError` when something is there already, and :class:`InputError` for a
    design that cannot be simulated.
    """
    check_design(design)
    check_free(folder)
    folder = folder.resolve()
    with staging(folder) as scratch:
        whole = scratch / "study"
        for name in (TABLES, TRUTH):
            (whole / name).mkdir(parents=True)
        (whole / "study.toml").write_text(plan_text(design.like), encoding="utf-8", newline="\n")
        _write_parts(design, whole, jobs)
        if folder.is_dir():
            folder.rmdir()
        put_in_place([(whole, folder)], scratch)
    return sorted((folder / TABLES).iterdir())


def check_free(folder: Path) -> None:
    """Refuse a folder that holds something. Raises :class:`OutputError`."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise OutputError(Problem(
            str(folder), "There is something here already.",
            "Simulated children would stand among other records.",
            "Choose another folder (-o), or remove this one."))


def parts_of(design: Design) -> Iterator[list[Unit]]:
    """Yield the blocks of each part, in order."""
    part: list[Unit] = []
    for replicate in range(design.replicates or 1):
        for block, n in blocks_of(design.n):
            part.append((replicate, block, n))
            if sum(unit[2] for unit in part) >= PART:
                yield part
                part = []
    if part:
        yield part


def simulated(design: Design, units: Sequence[Unit]) -> Simulated:
    """Return the children of some blocks together."""
    parameters = read_parameters(design.like)
    found = [simulate_block(
        parameters, seed=design.seed, replicate=replicate, block=block, n=n,
        is_replicate=design.replicates is not None, pharmacokinetics=design.pharmacokinetics)
        for replicate, block, n in units]
    if len(found) == 1:
        return found[0]
    return Simulated(
        {name: pl.concat([one.tables[name] for one in found]) for name in found[0].tables},
        *(pl.concat([getattr(one, part) for one in found])
          for part in ("truth", "events", "concentrations")))


def _write_parts(design: Design, whole: Path, jobs: int) -> None:
    """Write every part; those of one table have the names of their order."""
    parts = list(parts_of(design))
    if not design.is_parquet:
        _write_csv(simulated(design, [unit for part in parts for unit in part]), whole)
        return
    names = [None] if len(parts) == 1 else [
        f"part-{number:05d}" for number in range(1, len(parts) + 1)]
    calls = [(design, part, whole, name) for part, name in zip(parts, names, strict=True)]
    for _ in each(_write_part, calls, jobs=jobs):
        pass


def _write_part(design: Design, part: list[Unit], whole: Path, name: str | None) -> None:
    found = simulated(design, part)
    for folder, frames in ((TABLES, found.tables), (TRUTH, _truths(found))):
        for table, rows in frames.items():
            path = whole / folder / f"{table}.parquet"
            if name is not None:
                path.mkdir(exist_ok=True)
                path /= f"{name}.parquet"
            rows.write_parquet(path, compression="zstd", compression_level=1)


def _write_csv(found: Simulated, whole: Path) -> None:
    for folder, frames in ((TABLES, found.tables), (TRUTH, _truths(found))):
        for table, rows in frames.items():
            if len(rows):
                rows.write_csv(whole / folder / f"{table}.csv")


def _truths(found: Simulated) -> dict[str, pl.DataFrame]:
    frames = (found.truth, found.events, found.concentrations)
    return {name: rows for name, rows in zip(_TRUTHS, frames, strict=True) if len(rows.columns)}

