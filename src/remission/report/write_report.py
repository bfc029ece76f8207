"""Everything of a report, written whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from remission.analyses.results import Results
from remission.definitions.cohort import Cohort
from remission.errors import OutputError, Problem
from remission.records.checks import Query
from remission.report.figures.workshop import Drawings, Here
from remission.report.outline import figures_of, outline
from remission.report.parts import Document, Figure

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
    folder: Path | str, *, progress: Progress = lambda _: None, drawings: Drawings | None = None,
) -> Document:
    """Write ``report.html``, ``report.docx``, ``tables.xlsx``, figures, results and manifest.

    An earlier report in ``folder`` is replaced as a whole. ``drawings`` says where the figures
    are drawn: in a :class:`Workshop`, or here when it is left out. Raises
    :class:`~remission.errors.OutputError` when the folder holds anything else.
    """
    folder = Path(folder)
    check_target(folder)
    document = outline(cohort, results)
    contents = _Contents(document, cohort, results, queries)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".remission-") as scratch:
        staged = Path(scratch) / "report"
        staged.mkdir()
        _write_all(contents, staged, progress, drawings or Here())
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


def _write_all(
    contents: _Contents, folder: Path, progress: Progress, drawings: Drawings
) -> None:
    """Write every file; what needs no figure is written while they are drawn."""
    from remission.report.manifest import manifest_json
    from remission.report.write_docx import write_docx
    from remission.report.write_html import report_html
    from remission.report.write_xlsx import write_xlsx

    document, results = contents.document, contents.results
    figures = figures_of(document)
    drawn = drawings.draw(figures, document.banner)
    progress("tables.xlsx")
    write_xlsx(document, results, folder / "tables.xlsx")
    (folder / "results.json").write_text(results.to_json(), encoding="utf-8")
    (folder / _MARK).write_text(
        manifest_json(contents.cohort, contents.queries), encoding="utf-8")
    progress("report.html")
    (folder / "figures").mkdir()
    texts = {figure.address: _svg(drawn, figure, folder / "figures") for figure in figures}
    page = report_html(document, contents.cohort, results, contents.queries, texts)
    (folder / "report.html").write_text(page, encoding="utf-8")
    progress("report.docx")
    pictures = (_png(drawn, figure, folder / "figures") for figure in figures)
    write_docx(document, pictures, folder / "report.docx")


def _svg(drawn: Iterator[str | bytes], figure: Figure, folder: Path) -> str:
    """Take the next drawing, which is this figure's SVG, write it and return its text."""
    text = next(drawn)
    assert isinstance(text, str), "SVG comes before PNG"
    (folder / f"{figure.file_name}.svg").write_text(text, encoding="utf-8")
    return text


def _png(drawn: Iterator[str | bytes], figure: Figure, folder: Path) -> Path:
    """Take the next drawing, which is this figure's PNG, write it and return where."""
    picture = next(drawn)
    assert isinstance(picture, bytes), "PNG comes after SVG"
    path = folder / f"{figure.file_name}.png"
    path.write_bytes(picture)
    return path
