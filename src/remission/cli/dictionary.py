"""remission dictionary: the data model for REDCap, Excel, a reader or a program."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from remission.cli.console import out

if TYPE_CHECKING:
    from remission.plan import Language


def dictionary(
    output: Annotated[Path | None, typer.Option(
        "--output", "-o", help="The file to write; without it text is shown.")] = None,
    language: Annotated[Literal["en", "es", "zh"], typer.Option(
        help="Language of the labels: en, es or zh.")] = "en",
    *,
    redcap: Annotated[bool, typer.Option(
        "--redcap", help="A data dictionary to load into REDCap (CSV, 18 columns).")] = False,
    excel: Annotated[bool, typer.Option(
        "--excel", help="A workbook to fill, with drop-downs.")] = False,
    markdown: Annotated[bool, typer.Option(
        "--markdown", help="A page to read.")] = False,
    as_json: Annotated[bool, typer.Option(
        "--json", help="JSON Schema (draft 2020-12), one definition a table.")] = False,
) -> None:
    """Write the data model: what to record, in a form that is read back without a mapping.

    Beside a REDCap dictionary stands a page that says which of its forms repeat.
    """
    chosen = _only_one({"--redcap": redcap, "--excel": excel, "--markdown": markdown,
                        "--json": as_json})
    if chosen == "--excel":
        _excel(output, language)
        return
    texts = {"": _text(chosen, language)}
    if chosen == "--redcap":
        from remission.records.redcap_dictionary import redcap_instruments

        texts["-instruments"] = redcap_instruments(language)
    _show_or_write(texts, output)


def _only_one(asked: dict[str, bool]) -> str:
    """Return the one form asked for. Raises where there is none or several."""
    from remission.errors import InputError, Problem

    chosen = [name for name, is_asked in asked.items() if is_asked]
    if len(chosen) != 1:
        raise InputError(Problem(
            "remission dictionary", "Several forms are asked for." if chosen else
            "No form is asked for.", "One file holds one form.",
            f"Give one of {', '.join(asked)}."))
    return chosen[0]


def _text(chosen: str, language: Language) -> str:
    from remission.records.dictionary import dictionary_markdown
    from remission.records.json_schema import json_schema
    from remission.records.redcap_dictionary import redcap_dictionary

    made: dict[str, Callable[[], str]] = {
        "--redcap": lambda: redcap_dictionary(language),
        "--markdown": lambda: dictionary_markdown(language),
        "--json": lambda: json.dumps(json_schema(language), ensure_ascii=False, indent=2) + "\n",
    }
    return made[chosen]()


def _excel(output: Path | None, language: Language) -> None:
    from remission.errors import InputError, Problem
    from remission.sources.template_workbook import write_workbook

    if output is None:
        raise InputError(Problem("--excel", "A workbook cannot be shown here.", "",
                                 "Name the file: -o records.xlsx."))
    if output.suffix.lower() != ".xlsx":
        raise InputError(Problem(
            str(output), "A workbook has a name that ends in .xlsx.",
            "Excel does not open it under another.", f"Write -o {output.with_suffix('.xlsx')}."))
    _write({output: lambda path: write_workbook(path, language=language)})


def _show_or_write(texts: dict[str, str], output: Path | None) -> None:
    if output is None:
        typer.echo(texts[""], nl=False)
        return
    _write({output.with_name(f"{output.stem}{part}{'.txt' if part else output.suffix}"):
            _writer(text) for part, text in texts.items()})


def _writer(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text, encoding="utf-8", newline="\n")


def _write(files: dict[Path, Callable[[Path], object]]) -> None:
    """Write all files or none; a file that is there already is not written over."""
    from remission.errors import OutputError, Problem
    from remission.files import put_in_place, staging

    there = [path for path in files if path.exists()]
    if there:
        raise OutputError(Problem(
            ", ".join(map(str, there)), "There is something here already.",
            "It may hold records.", "Give another name (-o FILE)."))
    targets = [path.resolve() for path in files]
    with staging(targets[0]) as scratch:
        staged = [scratch / target.name for target in targets]
        for path, write in zip(staged, files.values(), strict=True):
            write(path)
        put_in_place(list(zip(staged, targets, strict=True)), scratch)
    for path in files:
        out().print(str(path), style="bold")
