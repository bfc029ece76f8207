"""remission simulate: a virtual cohort like a published one, with the truth behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remission.cli.console import out, print_json, steps
from remission.cli.options import AsJson

if TYPE_CHECKING:
    from remission.virtual.write_virtual import Design


def simulate(  # noqa: PLR0917 - the options of the command line
    output: Annotated[Path, typer.Option(
        "--output", "-o", help="The folder to write into; it must be empty or not there.")],
    like: Annotated[str, typer.Option(
        help="The study whose numbers the children are drawn from.")] = "zhang-2025",
    n: Annotated[int, typer.Option("--n", help="How many children.")] = 100,
    seed: Annotated[int, typer.Option(help="The same seed gives the same children.")] = 1,
    replicates: Annotated[int | None, typer.Option(
        help="Write this many cohorts of --n children, with a column 'replicate' (Parquet).",
    )] = None,
    jobs: Annotated[int, typer.Option(
        help="Processes to use; the children are the same for any number.")] = 1,
    fault: Annotated[list[str] | None, typer.Option(
        metavar="KIND=RATE", help="With --dirty: another rate of a kind of fault; repeat.",
    )] = None,
    *,
    dirty: Annotated[bool, typer.Option(
        "--dirty", help="Write them as clinics do, with faults, to be imported.")] = False,
    parquet: Annotated[bool, typer.Option(
        "--parquet", help="Write Parquet; so is every cohort of over 20,000 children.")] = False,
    pharmacokinetics: Annotated[bool, typer.Option(
        "--pharmacokinetics", help="Write concentrations of blinatumomab beside the truth.",
    )] = False,
    as_json: AsJson = False,
) -> None:
    """Simulate children who were given blinatumomab: their records, and what really happened.

    The study folder can be checked, derived and reported like any other; every page of it says
    that the children are simulated. DIR/truth holds one row a child, and one an event.
    Rates of faults are refused without --dirty.
    """
    from remission.errors import InputError, Problem
    from remission.virtual.write_virtual import Design, write_virtual_cohort

    if fault and not dirty:
        raise InputError(Problem(
            "--fault", "Records without faults have no rates of faults.", "",
            "Add --dirty, or leave out --fault."))
    design = Design(like, n, seed, replicates=replicates, parquet=parquet,
                    pharmacokinetics=pharmacokinetics)
    with steps(quiet=as_json) as step:
        step("simulating")
        if dirty:
            from remission.virtual.write_dirty import write_dirty_cohort

            files = write_dirty_cohort(design, output, faults=fault or ())
        else:
            files = write_virtual_cohort(design, output, jobs=jobs)
    if as_json:
        print_json({"files": [str(file) for file in files], "children": n,
                    "replicates": replicates, "like": like, "seed": seed})
        return
    _show(design, output, dirty=dirty)


def _show(design: Design, output: Path, *, dirty: bool) -> None:
    console = out()
    cohorts = "" if design.replicates is None else f" in each of {design.replicates:,} cohorts"
    console.print(f"{design.n:,} simulated children{cohorts}, like {design.like}: {output}")
    console.print(f"What really happened: {output / 'truth'}")
    if dirty:
        console.print("The files of the clinic hold faults, listed in truth/planted.csv. Next:\n"
                      f"  remission import {output / 'records'} --to {output}\n"
                      f"  remission check {output}")
    elif design.replicates is None:
        console.print(f"Next:\n  remission check {output}\n  remission report {output} -o REPORT")
