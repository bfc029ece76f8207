"""A study folder for a newcomer: commented plan, empty tables, a workbook with drop-downs."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from remission.errors import OutputError, Problem
from remission.files import put_in_place, staging
from remission.records.tables import ENTERED_TABLES
from remission.sources.template_guide import guide_markdown
from remission.sources.template_workbook import write_workbook

_GUIDE = "<!-- which tables first -->"
"""Where the page holds the guide."""


def write_template(folder: Path) -> list[Path]:
    """Write a new study folder; return its files.

    Raises :class:`~remission.errors.OutputError` when the folder exists and is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(Problem(
            str(folder), "There is something here already.",
            "A new study begins in a folder of its own, so that nothing is overwritten.",
            "Choose a folder that does not exist yet."))
    place = folder.resolve()
    with staging(place / "new") as scratch:
        staged = scratch / "new"
        _write_files(staged)
        put_in_place([(path, place / path.name) for path in staged.iterdir()], scratch)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _write_files(folder: Path) -> None:
    """Write the plan, the page that explains it, the empty tables and the workbook."""
    (folder / "tables").mkdir(parents=True)
    template = files("remission.sources") / "template"
    for name in ("study.toml", "README.md"):
        text = (template / name).read_text("utf-8").replace(_GUIDE, guide_markdown())
        _write_text(text, folder / name)
    for table in ENTERED_TABLES:
        heads = ",".join(column.name for column in table.columns)
        _write_text(f"{heads}\n", folder / "tables" / f"{table.name}.csv")
    write_workbook(folder / "records.xlsx")


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
