"""The command line: one verb a file; heavy imports happen inside the verbs."""

from __future__ import annotations

from typing import Annotated

import typer

from remission.cli import (
    audit,
    check,
    demo,
    derive,
    dictionary,
    dose,
    export,
    importing,
    init,
    mapping,
    reconstruct,
    report,
    simulate,
)

app = typer.Typer(
    name="remission",
    help="From a centre's records to the paper: import, check, derive, report.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(show: bool) -> None:
    if show:
        from remission import __version__

        typer.echo(f"remission {__version__}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[bool, typer.Option(
        "--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """From a centre's records to the paper: import, check, derive, report."""
    del version  # handled by its callback before any verb runs


app.command("demo")(demo.demo)
app.command("dictionary")(dictionary.dictionary)
app.command("init")(init.init)
app.command("import")(importing.import_records)
app.command("map")(mapping.map_records)
app.command("check")(check.check)
app.command("derive")(derive.derive)
app.command("report")(report.report)
app.command("export")(export.export)
app.add_typer(dose.app, name="dose")
app.command("audit")(audit.audit)
app.command("simulate")(simulate.simulate)
app.command("reconstruct")(reconstruct.reconstruct)
