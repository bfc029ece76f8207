"""remission demo: the main job on the embedded example study, from two centres' files."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from remission.cli.console import out, print_json, steps
from remission.cli.options import AsJson

CENTRES = ("North", "South")
"""The centres of the example; each has a folder of files and a mapping named after it."""


def demo(
    output: Annotated[Path, typer.Option(
        "--output", "-o", help="The folder to write into.")] = Path("remission-demo"),
    *,
    as_json: AsJson = False,
) -> None:
    """Import two simulated centres, check them, and write the whole report."""
    from remission.cli.report import make_report, show_report
    from remission.own_files import check_folder
    from remission.report.write_report import check_target
    from remission.sources.importing import import_site
    from remission.sources.mapping import read_mapping
    from remission.sources.read_source import read_source
    from remission.sources.write_import import write_import

    check_folder(output.resolve())
    check_target(output / "report")
    with as_file(files("remission") / "example") as example, steps(quiet=as_json) as step:
        _refuse_another_study(output / "study", example / "study.toml")
        for centre in CENTRES:
            step(f"importing centre {centre}")
            source = read_source(example / centre.lower())
            imported = import_site(source, read_mapping(example / f"{centre.lower()}.toml"))
            write_import(output / "study", imported, files=source.files,
                         plan=example / "study.toml")
        summary = make_report(output / "study", output / "report", step=step)
    if as_json:
        print_json(summary)
        return
    out().print("\nThe children of this example are simulated, not patients.")
    show_report(output / "report", summary)


def _refuse_another_study(study: Path, plan: Path) -> None:
    """Raise OutputError when a folder holds anything but the study of an earlier demo."""
    from remission.errors import OutputError, Problem

    if not study.exists() or (study.is_dir() and not any(study.iterdir())):
        return
    if not _is_demo(study, plan):
        raise OutputError(Problem(
            str(study), "There is something here that is not the study of an earlier demo.",
            "Simulated children would come into it.", "Choose another folder (-o)."))


def _is_demo(study: Path, plan: Path) -> bool:
    """Return whether a study has the demo's title and no centre but the demo's."""
    from remission.errors import RemissionError
    from remission.plan import read_plan

    try:
        titles = {read_plan(path).study.title for path in (study / "study.toml", plan)}
    except (RemissionError, OSError):
        return False
    return len(titles) == 1 and {
        path.stem for path in (study / "imports").glob("*.json")} <= set(CENTRES)
