"""remission derive: the cohort, one row a subject, with every derived value and its rule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remission.cli.console import out, print_json, steps
from remission.cli.options import AsJson, StudyFolder

if TYPE_CHECKING:
    from remission.definitions.compare import Answer, Comparison


def derive(
    study: StudyFolder,
    output: Annotated[Path | None, typer.Option(
        "--output", "-o", help="The folder to write into.")] = None,
    *,
    compare: Annotated[str | None, typer.Option(
        "--compare", metavar="NOTION",
        help="Write nothing; show who changes under which set of a definition.")] = None,
    only: Annotated[list[str] | None, typer.Option(
        "--only", metavar="NAME",
        help="Derive this definition; repeat for several. All when left out.")] = None,
    engine: Annotated[str, typer.Option(
        "--engine", help="What runs the rules: polars, duckdb, pandas or spark.")] = "polars",
    as_json: AsJson = False,
) -> None:
    """Derive every definition of the plan; write the cohort and what each column means.

    With --compare nothing is written; the two together are refused. --only leaves out what it
    does not name, to look at a few definitions or to be quick on a slower engine.
    """
    if (output is None) == (compare is None):
        raise typer.BadParameter("Give a folder to write into (-o), or what to --compare.")
    if compare is not None:
        if only:
            raise typer.BadParameter("--compare says which definitions; leave out --only.")
        _compare(study, compare, engine, as_json=as_json)
    elif output is not None:
        _write(study, output, engine, only, as_json=as_json)


def _write(
    study: Path, output: Path, engine: str, only: list[str] | None, *, as_json: bool
) -> None:
    from remission.definitions.cohort import derive_cohort
    from remission.report.write_cohort import (
        check_cohort_target,
        described_variables,
        write_cohort,
    )
    from remission.sources.study_folder import read_study

    check_cohort_target(output)
    with steps(quiet=as_json) as step:
        step("reading the records")
        records = read_study(study)
        step("deriving")
        cohort = derive_cohort(records, only=only or None, engine=engine)
        step("writing")
        files = write_cohort(cohort, output)
    if as_json:
        print_json({"files": [str(file) for file in files],
                    "subjects": len(cohort.subjects),
                    "variables": len(described_variables(cohort))})
        return
    out().print(f"{len(cohort.subjects)} {cohort.plan.study.people}, "
                f"{len(described_variables(cohort))} variables: {', '.join(map(str, files))}")


def _compare(study: Path, notion: str, engine: str, *, as_json: bool) -> None:
    from remission.definitions.compare import compare_sets
    from remission.sources.study_folder import read_study

    with steps(quiet=as_json) as step:
        step("reading the records")
        records = read_study(study)
        step("deriving under each set")
        found = compare_sets(records, notion, engine=engine)
    if as_json:
        print_json([comparison.as_dict() for comparison in found])
        return
    for comparison in found:
        _show(comparison)


def _show(comparison: Comparison) -> None:
    """Print the sets with what each gives, and each key that changes under each set."""
    from rich.table import Table

    console = out()
    definition, changed = comparison.definition, comparison.changed
    console.print(f"{definition.label} ({definition.name})", style="bold")
    for name, criteria in comparison.sets.items():
        values = ", ".join(f"{_value(comparison, value)} {count}" for value, count in sorted(
            comparison.counts(name).items(), key=lambda pair: str(pair[0])))
        chosen = ", the plan's" if name == comparison.chosen else ""
        console.print(f"  {name}{chosen}: {values}\n    {criteria.wording} ({criteria.source})")
    rows = f"{definition.grain.replace('_', ' ')}s"
    console.print(f"{len(changed)} of {len(comparison.answers)} {rows} change.\n")
    if not changed:
        return
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    heads = [key.removesuffix("_id").removesuffix("_no").replace("_", " ").capitalize()
             for key in comparison.keys]
    for head in (*heads, "Set", "Value", "Day", "Row that decides", "Note"):
        table.add_column(head, overflow="fold", no_wrap=head in (*heads, "Set", "Day"))
    for key, under in changed.items():
        for number, (name, answer) in enumerate(under.items()):
            shown = map(str, key) if number == 0 else [""] * len(key)
            table.add_row(*shown, name, *_cells(comparison, answer))
    console.print(table)
    console.print()


def _cells(comparison: Comparison, answer: Answer) -> tuple[str, str, str, str]:
    day = "" if answer.day is None else str(answer.day)
    row = (answer.source or "").replace(":", " row ")
    return _value(comparison, answer.value), day, row, answer.note or ""


def _value(comparison: Comparison, value: Any) -> str:
    """Return a value as a person reads it: the label of a code, unknown for none."""
    if value is None:
        return "unknown"
    labels = {**comparison.definition.levels, **{
        level["code"]: level["label"] for criteria in comparison.sets.values()
        for level in criteria.values.get("levels", ()) if "label" in level}}
    return str(labels.get(value, f"{value:g}" if isinstance(value, float) else value))
