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
    console.print(f"{folder} is ready; {folder / 'README.md'} explains it.", style="bold")
    console.print(
        f"1. Open {folder / 'records.xlsx'} and fill two sheets: subject and follow_up.\n"
        "   Its first sheet says what the others are for. They can wait.\n"
        "   You have an Excel sheet already? remission map YOURS.xlsx drafts how it is read.\n"
        f"2. remission import {folder / 'records.xlsx'} --to {folder}\n"
        f"3. remission check {folder}\n"
        f"4. remission report {folder} -o REPORT\n"
        f"Then choose what is asked in {folder / 'study.toml'}.")
