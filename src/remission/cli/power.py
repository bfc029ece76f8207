"""remission power: how many children show a difference, by virtual trials."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remission.cli.console import out, print_json, steps
from remission.cli.options import AsJson

if TYPE_CHECKING:
    from rich.console import RenderableType

    from remission.virtual.planning.power import Planned


def power(  # noqa: PLR0917 - the options of the command line
    outcome: Annotated[str, typer.Option(
        help="What is compared: mrd_clearance, efs or nrm.")],
    difference: Annotated[float, typer.Option(
        metavar="POINTS", help="The true difference in percentage points; 0 for type I error.")],
    n: Annotated[str, typer.Option(
        "--n", metavar="N,N,…", help="How many children, one or more numbers.")] = "60,80,105,150",
    like: Annotated[str, typer.Option(
        help="The study whose numbers the children are drawn from.")] = "zhang-2025",
    historical: Annotated[str | None, typer.Option(
        metavar="PERCENT", help="One arm against this value, or 'own' for that of the study; "
        "left out, two arms are compared.")] = None,
    at: Annotated[str, typer.Option(
        help="When event-free survival and mortality are read.")] = "2 years",
    alpha: Annotated[float, typer.Option(help="The level of the tests, two-sided.")] = 0.05,
    replicates: Annotated[int, typer.Option(help="How many virtual trials of each size.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same trials.")] = 1,
    jobs: Annotated[int | None, typer.Option(
        help="Processes to use, all cores if left out; the numbers are the same for any.")] = None,
    output: Annotated[Path | None, typer.Option(
        "--output", "-o", help="Write a page, the figure and the numbers into this folder.",
    )] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what number of children shows a difference in MRD clearance, EFS or NRM.

    Virtual trials are drawn like a published study; one number, the log odds of responding or the
    log hazard, is moved in one arm until the printed measure differs by what is asked. Each trial
    is analysed as a real one would be, with the transplant as a time-dependent covariate.
    """
    from remission.virtual.planning.design import read_design
    from remission.virtual.planning.power import plan_trial

    design = read_design(like, outcome, difference, n, historical, at, alpha=alpha,
                         replicates=replicates, seed=seed)
    if output is not None:
        from remission.virtual.planning.write_power import check_target, write_power

        check_target(output)
    with steps(quiet=as_json) as step:
        planned = plan_trial(design, jobs=jobs or os.cpu_count() or 1, progress=step)
        if output is not None:
            step(f"writing {output}")
            write_power(planned, output)
    if as_json:
        from remission.virtual.planning.told import as_dict

        print_json(as_dict(planned))
        return
    _show(planned)
    if output is not None:
        out().print(str(output / "power.html"), style="bold")


def _show(planned: Planned) -> None:
    from remission.virtual.planning import told

    console = out()
    console.print(told.of_design(planned), style="bold")
    for line in told.of_effect(planned):
        console.print(line)
    for n in planned.design.sizes:
        console.print(f"\n{n} children, {planned.design.replicates:,} trials", style="bold")
        console.print(_table(told.POWER_COLUMNS, [
            told.power_cells(power) for power in planned.powers if power.n == n]))
    console.print("\nEstimates", style="bold")
    console.print(_table(told.ESTIMATE_COLUMNS, [
        told.estimate_cells(power) for power in planned.powers if power.quantity]))
    console.print("\n" + told.conclusion(planned), style="bold")
    for line in told.notes(planned):
        console.print(line)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for head in columns:
        table.add_column(head, justify="left" if head == "Analysis" else "right")
    for row in rows:
        table.add_row(*row)
    return table
