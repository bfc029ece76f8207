"""remission audit: are the printed numbers of a paper true, as far as print can tell."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remission.cli.console import Steps, out, print_json, steps
from remission.cli.options import AsJson

if TYPE_CHECKING:
    from remission.audit.run import Audit

_CONTRADICTED = 1
_LONG = 1.0
"""Seconds after which a run tells what it does."""


def audit(
    claims: Annotated[Path | None, typer.Argument(
        help="The claims of a paper (claims.toml), or the folder of a report.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write them as a page.")] = None,
    docx: Annotated[Path | None, typer.Option("--docx", help="Write them as a Word file.")] = None,
    *,
    template: Annotated[bool, typer.Option(
        "--template", help="Write a commented file of claims to begin with.")] = False,
    as_json: AsJson = False,
) -> None:
    """Recompute the printed numbers of a paper; leave with status 1 when any contradict."""
    if template:
        _write_template(claims)
        return
    with steps(quiet=as_json) as step:
        found = _audited(_given(claims), step)
        if html is not None or docx is not None:
            _write(found, html, docx, step)
    if as_json:
        print_json([finding.as_dict() for finding in found.findings])
    else:
        _show(found)
        for path in filter(None, (html, docx)):
            out().print(str(path), style="bold")
    if found.has_contradictions:
        raise typer.Exit(_CONTRADICTED)


def _given(claims: Path | None) -> Path:
    if claims is None:
        raise typer.BadParameter(
            "a file is needed: remission audit claims.toml (--template writes one to begin with)")
    return claims


def _audited(path: Path, step: Steps) -> Audit:
    """Audit a file of claims; tells what it does once that takes long."""
    from time import perf_counter

    from remission.audit.claims import read_claims
    from remission.audit.own_report import read_report
    from remission.audit.run import audit_claims

    claims = (read_report if path.is_dir() else read_claims)(path)
    begun, told = perf_counter(), False

    def progress(name: str) -> None:
        nonlocal told
        if not told and perf_counter() - begun > _LONG:
            told = True
            step(f"checking {len(claims.claims)} claims, from {name} on")

    return audit_claims(claims, progress=progress)


def _write(found: Audit, html: Path | None, docx: Path | None, step: Steps) -> None:
    from remission.audit.write import write_html, write_word

    if html is not None:
        write_html(found, html)
    if docx is not None:
        step(f"writing {docx}")
        write_word(found, docx)


def _write_template(path: Path | None) -> None:
    """Write the commented file to a path that is free, or to standard output."""
    from remission.audit.document import template
    from remission.audit.write import write_text
    from remission.errors import OutputError, Problem

    if path is None:
        typer.echo(template(), nl=False)
        return
    if path.exists():
        raise OutputError(Problem(str(path), "There is a file here already.",
                                  "It would be overwritten.", "Choose another name."))
    write_text(template(), path)
    out().print(str(path), style="bold")


def _show(found: Audit) -> None:
    """Show what does not simply agree, and how many of each verdict there are."""
    from remission.audit.findings import Verdict

    console = out()
    for verdict in (Verdict.CONTRADICTS, Verdict.READING, Verdict.UNKNOWN):
        findings = found.of(verdict)
        if findings:
            console.print(f"\n{str(verdict).capitalize()}", style="bold")
        for finding in findings:
            console.print(f"  {finding.where} ({finding.id}): {finding.explanation}")
    counts = Counter(finding.verdict for finding in found.findings)
    console.print("\n" + ", ".join(
        f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict]) + ".")
