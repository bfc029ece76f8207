"""remission export: the study as ADaM, SDTM, Parquet or CSV, with what each column means."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from remission.cli.console import out, print_json, steps
from remission.cli.options import AsJson, StudyFolder


def export(
    study: StudyFolder,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write into.")],
    *,
    adam: Annotated[bool, typer.Option(
        "--adam", help="ADSL, ADTTE, ADRS, ADAE and ADLB: CSV and SAS transport.")] = False,
    sdtm: Annotated[bool, typer.Option(
        "--sdtm", help="The SDTM domains: CSV and SAS transport.")] = False,
    parquet: Annotated[bool, typer.Option(
        "--parquet", help="Tables and cohort as Parquet, labels inside.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Tables and cohort as CSV.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write the study for other programs: one folder a form, with a listing of every variable.

    Without any form it is refused.
    """
    asked = {"adam": adam, "sdtm": sdtm, "parquet": parquet, "csv": csv}
    forms = [form for form, is_asked in asked.items() if is_asked]
    if not forms:
        raise typer.BadParameter("Say in which form: --adam, --sdtm, --parquet or --csv.")
    from remission.definitions.cohort import derive_cohort
    from remission.exports.write_export import check_export_target, write_export
    from remission.sources.study_folder import read_study

    check_export_target(output)
    with steps(quiet=as_json) as step:
        step("reading the records")
        records = read_study(study)
        step("deriving")
        cohort = derive_cohort(records, only=() if forms == ["sdtm"] else None)
        step("writing")
        files = write_export(cohort, output, forms)
    if as_json:
        print_json({"files": [str(file) for file in files], "subjects": len(cohort.subjects)})
        return
    console = out()
    console.print(f"{len(cohort.subjects)} {cohort.plan.study.people}")
    for form in forms:
        inside = sum(output / form in file.parents for file in files)
        console.print(f"  {output / form}: {inside} files", style="bold")
