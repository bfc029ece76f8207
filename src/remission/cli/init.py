"""remission init: a study folder that a newcomer can fill."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from remission.cli.console import out, print_json
from remission.cli.options import AsJson


def init(
    folder: Annotated[Path, typer.Argument(help="The study folder to make.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Make a study folder: a commented plan, empty tables, a workbook with drop-downs."""
    from remission.sources.template import write_template

    files = write_template(folder)
    if as_json:
        print_json({"folder": str(folder), "files": [str(file) for file in files]})
        return
    console = out()
    console.print(f"{folder} is ready. Read {folder / 'README.md'} first.", style="bold")
    console.print(f"  plan       {folder / 'study.toml'}")
    console.print(f"  workbook   {folder / 'records.xlsx'}  (drop-downs for every code)")
    console.print(f"  or tables  {folder / 'tables'}/*.csv")
