"""remission derive: the cohort, one row a subject, with every derived value and its rule."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from remission.cli.console import out, print_json, steps
from remission.cli.options import AsJson, StudyFolder


def derive(
    study: StudyFolder,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write into.")],
    *,
    engine: Annotated[str, typer.Option(
        "--engine", help="What runs the rules: polars, duckdb, pandas or spark.")] = "polars",
    as_json: AsJson = False,
) -> None:
    """Derive every definition of the plan; write the cohort and what each column means."""
    from remission.definitions.cohort import derive_cohort
    from remission.report.write_cohort import check_cohort_target, write_cohort
    from remission.sources.study_folder import read_study

    check_cohort_target(output)
    with steps(quiet=as_json) as step:
        step("reading the records")
        records = read_study(study)
        step("deriving")
        cohort = derive_cohort(records, engine=engine)
        step("writing")
        files = write_cohort(cohort, output)
    if as_json:
        print_json({"files": [str(file) for file in files],
                    "subjects": len(cohort.subjects), "variables": len(cohort.variables)})
        return
    out().print(f"{len(cohort.subjects)} {cohort.plan.study.people}, "
                f"{len(cohort.variables)} variables: {', '.join(str(file) for file in files)}")
