"""remission demo: the main job on the embedded example study, from two centres' files."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from remission.cli.console import out, print_json, steps
from remission.cli.options import AsJson

CENTRES = (("north", "north.toml"), ("south", "south.toml"))
"""Each centre of the example: its folder of files and its mapping."""


def demo(
    output: Annotated[Path, typer.Option(
        "--output", "-o", help="The folder to write into.")] = Path("remission-demo"),
    *,
    as_json: AsJson = False,
) -> None:
    """Import two simulated centres, check them, and write the whole report."""
    from remission.cli.report import make_report, show_report
    from remission.report.write_report import check_target
    from remission.sources.importing import import_site
    from remission.sources.mapping import read_mapping
    from remission.sources.read_source import read_source
    from remission.sources.write_import import write_import

    check_target(output / "report")
    with as_file(files("remission") / "example") as example, steps(quiet=as_json) as step:
        for centre, rules in CENTRES:
            step(f"importing centre {centre}")
            source = read_source(example / centre)
            imported = import_site(source, read_mapping(example / rules))
            write_import(output / "study", imported, files=source.files,
                         plan=example / "study.toml")
        summary = make_report(output / "study", output / "report", step=step)
    if as_json:
        print_json(summary)
        return
    out().print("\nThe children of this example are simulated, not patients.")
    show_report(output / "report", summary)
