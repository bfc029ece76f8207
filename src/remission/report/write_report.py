"""Everything of a report, written whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from remission.analyses.results import Results
from remission.definitions.cohort import Cohort
from remission.errors import OutputError, Problem
from remission.records.checks import Query
from remission.report.outline import figures_of, outline
from remission.report.parts import Document

Progress = Callable[[str], None]
_MARK = "manifest.json"


@dataclass(frozen=True)
class _Contents:
    """What a report is written from."""

    document: Document
    cohort: Cohort
    results: Results
    queries: Sequence[Query]


def write_report(
    cohort: Cohort, results: Results, queries: Sequence[Query],
    folder: Path | str, *, progress: Progress = lambda _: None,
) -> Document:
    """Write ``report.html``, ``report.docx``, ``tables.xlsx``, figures, results and manifest.

    An earlier report in ``folder`` is replaced as a whole. Raises
    :class:`~remission.errors.OutputError` when the folder holds anything else.
    """
    folder = Path(folder)
    check_target(folder)
    document = outline(cohort, results, queries)
    contents = _Contents(document, cohort, results, queries)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".remission-") as scratch:
        staged = Path(scratch) / "report"
        staged.mkdir()
        _write_all(contents, staged, progress)
        if folder.exists():
            folder.replace(Path(scratch) / "old")
        staged.replace(folder)
    return document


def check_target(folder: Path) -> None:
    """Refuse a folder that is not empty and not an earlier report: nothing of anyone's is lost."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OutputError(Problem(str(folder), "This is a file, not a folder.",
                                  "A report is a folder of files.", "Choose another name."))
    if any(folder.iterdir()) and not (folder / _MARK).is_file():
        raise OutputError(Problem(
            str(folder), "This folder holds files that are not a report.",
            "A new report replaces the whole folder, and they would be lost.",
            "Choose a new folder for the report (-o).",
        ))


def _write_all(contents: _Contents, folder: Path, progress: Progress) -> None:
    from remission.report.manifest import manifest_json
    from remission.report.write_docx import write_docx
    from remission.report.write_html import report_html
    from remission.report.write_xlsx import write_xlsx

    document, results = contents.document, contents.results
    progress("figures")
    drawings = _write_figures(document, folder / "figures")
    progress("report.html")
    page = report_html(document, contents.cohort, results, contents.queries, drawings)
    (folder / "report.html").write_text(page, encoding="utf-8")
    progress("report.docx")
    write_docx(document, folder / "figures", folder / "report.docx")
    progress("tables.xlsx")
    write_xlsx(document, results, folder / "tables.xlsx")
    (folder / "results.json").write_text(results.to_json(), encoding="utf-8")
    (folder / _MARK).write_text(manifest_json(contents.cohort, contents.queries), encoding="utf-8")


def _write_figures(document: Document, folder: Path) -> dict[str, str]:
    """Write each figure as SVG and PNG; return address → SVG text."""
    from remission.report.figures.curves import draw_curves
    from remission.report.figures.style import as_png, as_svg

    folder.mkdir()
    drawings = {}
    for part in figures_of(document):
        drawing = draw_curves(part, banner=document.banner)
        name = part.caption.lower().replace(" ", "-")
        drawings[part.address] = as_svg(drawing)
        (folder / f"{name}.svg").write_text(drawings[part.address], encoding="utf-8")
        (folder / f"{name}.png").write_bytes(as_png(drawing))
    if not drawings:
        shutil.rmtree(folder)
        folder.mkdir()
    return drawings
