"""remission reconstruct: records of children who never were that print what a paper prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remission.cli.console import out, plan_to_write, print_json, steps
from remission.cli.options import AsJson

if TYPE_CHECKING:
    from remission.reconstruct.reconstruct import Reconstruction


def reconstruct(
    claims: Annotated[Path, typer.Argument(
        help="The claims of a paper (claims.toml); the blueprint, reconstruction.toml, is beside.",
    )],
    output: Annotated[Path, typer.Option(
        "--output", "-o", help="The study folder; tables and account in it are made anew.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same records.")] = 1,
    *,
    as_json: AsJson = False,
) -> None:
    """Make records that print every number of a paper that can be true at once.

    Of numbers that cannot all be met the fewest are given up, each with a smallest set of printed
    numbers that it cannot hold together with. Every identifier begins with RECONSTRUCTED.
    """
    from remission.own_files import check_folder
    from remission.reconstruct.reconstruct import reconstruct as reconstructed
    from remission.reconstruct.write_study import as_data, write_reconstruction

    # Said now, and not after minutes of searching.
    check_folder(output.resolve())
    with steps(quiet=as_json) as step:
        step("finding what can hold together")
        found = reconstructed(claims, seed=seed)
        step("writing the records")
        files = write_reconstruction(found, output)
    if as_json:
        print_json({"files": [str(file) for file in files], **as_data(found)})
        return
    _show(found, output)


def _show(found: Reconstruction, output: Path) -> None:
    from remission.reconstruct.write_study import why

    console, facts = out(), found.facts
    console.print(f"{len(facts.children)} reconstructed children, "
                  f"{sum(map(len, facts.cycles))} cycles: {output}")
    console.print(f"Claims about counts: {len(facts.met)} met, {len(facts.unmet)} given up.")
    for unmet in facts.unmet:
        console.print(f"  {unmet.claim.id}: {why(unmet)}")
    first = plan_to_write(output)
    lines = (*([first] if first else ()), f"remission check {output}",
             f"remission report {output} -o REPORT")
    console.print("\n  ".join(("Next:", *lines)))
