"""remission map: a centre's columns drafted into a mapping, and a mapping reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remission.cli.console import out, print_json, steps
from remission.cli.options import AsJson

if TYPE_CHECKING:
    from remission.sources.drafting.draft import Draft
    from remission.sources.drafting.review import Review
    from remission.sources.sheet import Source

_SHOWN = 12


def map_records(
    source: Annotated[Path, typer.Argument(help="A file of the centre, or a folder of them.")],
    output: Annotated[Path, typer.Option(
        "--output", "-o", help="The mapping to write.")] = Path("mapping.toml"),
    mapping: Annotated[Path | None, typer.Option(
        "--mapping", help="The mapping to review.")] = None,
    site: Annotated[str | None, typer.Option(
        help="What to call the centre; else the name of the file or folder.")] = None,
    delimiter: Annotated[str | None, typer.Option(
        help="The delimiter, where sniffing is wrong.")] = None,
    *,
    review: Annotated[bool, typer.Option(
        "--review", help="Show what the mapping reads and leaves; writes nothing.")] = False,
    replace: Annotated[bool, typer.Option(
        "--replace", help="Write over a mapping that is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Draft the mapping of a centre's files, or review one (--mapping FILE --review).

    Each line of a draft says how sure it is and why. A person reads and corrects it.
    """
    from remission.sources.drafting.drafting import draft_mapping
    from remission.sources.read_source import read_source

    _check_options(review=review, mapping=mapping, output=output, replace=replace)
    with steps(quiet=as_json) as step:
        step("reading the source")
        found = read_source(source, delimiter=delimiter)
        step("comparing names, labels and values")
        draft = draft_mapping(found, site=site or source.stem)
    if mapping is not None:
        _review(found, mapping, draft, as_json=as_json)
        return
    _write(draft, output)
    if as_json:
        print_json(_draft_as_dict(draft, output))
        return
    _show_draft(draft, source, output)


def _check_options(
    *, review: bool, mapping: Path | None, output: Path, replace: bool
) -> None:
    """Raise for a review without a mapping, a mapping without a review, a mapping in the way."""
    from remission.errors import InputError, OutputError, Problem

    if review and mapping is None:
        raise InputError(Problem("--review", "There is no mapping to review.", "",
                                 "Write --mapping FILE beside it."))
    if mapping is not None and not review:
        raise InputError(Problem("--mapping", "A mapping is given, but nothing to do with it.", "",
                                 "Write --review beside it; or leave it out for a new draft."))
    if mapping is None and output.exists() and not replace:
        raise OutputError(Problem(
            str(output), "There is something here already.",
            "A mapping that a person corrected would be lost.",
            "Give another name (-o FILE), or --replace."))


def _write(draft: Draft, output: Path) -> None:
    from remission.files import put_in_place, staging
    from remission.sources.drafting.write_draft import draft_as_toml

    target = output.resolve()
    with staging(target) as scratch:
        staged = scratch / "mapping.toml"
        staged.write_text(draft_as_toml(draft), encoding="utf-8", newline="\n")
        put_in_place([(staged, target)], scratch)


def _counts(draft: Draft) -> dict[str, int]:
    from remission.sources.drafting.draft import confidence

    counts = {"high": 0, "likely": 0, "guess": 0}
    for _, _, line in draft.lines:
        if line.field is not None:
            counts[confidence(line.sure)] += 1
    return counts


def _draft_as_dict(draft: Draft, output: Path) -> dict[str, Any]:
    return {
        "output": str(output), "site": draft.site.cell, "subject_id": draft.subject_id.cell,
        "remarks": list(draft.remarks), "sureness": _counts(draft),
        "lines": [{"table": block.table, "occasion": block.occasion, "sheet": block.sheet,
                   "column": column, "cell": line.cell, "sure": line.sure, "why": line.why,
                   "instead": list(line.instead)} for block, column, line in draft.lines],
        "unmapped": {f"{left.sheet}.{left.field}": left.reason for left in draft.left_out},
    }


def _show_draft(draft: Draft, source: Path, output: Path) -> None:
    console = out()
    for remark in draft.remarks:
        console.print(remark, style="bold")
    counts = _counts(draft)
    console.print(
        f"Columns mapped: {counts['high']} high, {counts['likely']} likely, {counts['guess']} "
        f"guessed; left out {len(draft.left_out)}.")
    console.print(
        f"{output} · read and correct it, then: remission map {source} --mapping {output} "
        "--review", style="bold")


def _review(source: Source, path: Path, draft: Draft, *, as_json: bool) -> None:
    from remission.sources.drafting.review import review_mapping
    from remission.sources.mapping import read_mapping

    found = review_mapping(source, read_mapping(path), draft)
    needed = _needed_for(found)
    if as_json:
        print_json({
            "mapping": str(path), "share_of_cells_read": round(found.share_read, 4),
            "read": [{"sheet": column.sheet, "column": column.field, "by": list(column.by),
                      "filled": column.filled} for column in found.read],
            "unmapped": dict(found.unmapped),
            "doubts": [vars(doubt) for doubt in found.doubts],
            "codes_not_named": [{"sheet": one.sheet, "column": one.field, "for": one.column,
                                 "values": dict(one.values)} for one in found.unnamed],
            "not_covered": {**{column: [] for column in found.not_covered}, **needed},
        })
        return
    _show_review(found, needed)


def _needed_for(found: Review) -> dict[str, list[str]]:
    """Return each column and test that is not covered → the definitions that would read it."""
    from remission.definitions import cohort  # noqa: F401 - declares every definition
    from remission.definitions.definition import REGISTRY
    from remission.records.tables import TABLES

    needed: dict[str, list[str]] = {}
    for definition in REGISTRY.values():
        for need in definition.needs:
            table, _, column = need.partition(".")
            if need not in found.covered and column not in TABLES[table].key:
                needed.setdefault(need, []).append(definition.label)
    return needed


def _show_review(found: Review, needed: dict[str, list[str]]) -> None:
    from remission.sources.drafting.review import left_with_values

    console = out()
    console.print(f"{found.share_read:.1%} of the filled cells stand in columns that are read.",
                  style="bold")
    _table("Read", ("sheet", "column", "cells", "by"), [
        (column.sheet, column.field, str(column.filled), ", ".join(column.by))
        for column in found.read])
    _table("Not read", ("column", "reason"), [
        (name, reason or "no reason is given") for name, reason in left_with_values(found).items()])
    _table("Looks like something else", ("sheet", "column", "read as", "looks like"), [
        (doubt.sheet, doubt.field, doubt.read_as, doubt.looks_like) for doubt in found.doubts])
    _table("Values that are not named: the import would stop", ("sheet", "column", "for", "values"),
           [(one.sheet, one.field, one.column, ", ".join(
               f"{value} ({count})" for value, count in list(one.values.items())[:_SHOWN]))
            for one in found.unnamed])
    _table("Of the data model, not covered", ("column", "would be used for"), [
        (column, _few(labels)) for column, labels in _by_table(needed, found).items()])


def _by_table(needed: dict[str, list[str]], found: Review) -> dict[str, list[str]]:
    """Return what is not covered; a table of which nothing is covered stands once."""
    begun = {name.partition(".")[0] for name in found.covered}
    listed: dict[str, list[str]] = {}
    for column, labels in sorted(needed.items()):
        table = column.partition(".")[0]
        shown = listed.setdefault(column if table in begun else f"{table} (no column)", [])
        shown.extend(label for label in labels if label not in shown)
    return listed


def _few(labels: list[str]) -> str:
    more = f" and {len(labels) - 3} more" if len(labels) > 3 else ""
    return "; ".join(labels[:3]) + more


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if not rows:
        return
    from rich.table import Table
    from rich.text import Text

    from remission.files import printable

    table = Table(title=Text(title), title_justify="left", title_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console = out()
    console.soft_wrap = False
    console.print(table)
