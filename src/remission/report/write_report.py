"""Everything of a report, written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from remission.analyses.results import Results
from remission.definitions.cohort import Cohort
from remission.own_files import check_folder, own_files, refuse_strangers, rewritten
from remission.records.checks import Query
from remission.report.drawn import Drawn
from remission.report.figures.workshop import Drawings, Here
from remission.report.outline import PartsOfAnalyses, figures_of, outline
from remission.report.parts import Document, Ending

Progress = Callable[[str], None]
MANIFEST = "manifest.json"
"""The file of a report that lists all others."""


@dataclass(frozen=True)
class _Contents:
    """What a report is written from."""

    document: Document
    cohort: Cohort
    results: Results
    queries: Sequence[Query]
    files: Mapping[str, str]


def write_report(
    cohort: Cohort, results: Results, queries: Sequence[Query],
    folder: Path | str, *, progress: Progress = lambda _: None, drawings: Drawings | None = None,
    ending: Callable[[], Ending] = Ending, analysed: PartsOfAnalyses | None = None,
) -> Document:
    """Write ``report.html``, ``report.docx``, ``tables.xlsx``, figures, results and manifest.

    An earlier report in ``folder`` is replaced as a whole, file by file, so that the folder itself
    may be a link or the working folder. ``drawings`` says where the figures are drawn: in a
    :class:`Workshop`, or here when it is left out. ``ending`` is asked, while they are drawn, for
    what stands last, tables and words; ``analysed`` holds the parts of the analyses where they are
    made already. Raises :class:`~remission.errors.OutputError` when the folder holds anything
    else.
    """
    place = Path(folder).resolve()
    check_target(place)
    document = outline(cohort, results, analysed)
    drawn = (drawings or Here()).draw(figures_of(document), document.banner)
    last = ending()
    document = replace(document, parts=(*document.parts, *last.parts))
    contents = _Contents(document, cohort, results, queries, last.files)
    with rewritten(place, lambda: check_target(place)) as staged:
        _write_all(contents, staged, progress, drawn)
    return document


def check_target(folder: Path) -> set[str]:
    """Return the files of the earlier report in a folder, none where there is no such folder.

    Refuses a folder that holds anything else: nothing of anyone's is lost.
    """
    folder = folder.resolve()
    check_folder(folder)
    own = own_files(folder, MANIFEST)
    refuse_strangers(folder, own)
    return own


def _write_all(
    contents: _Contents, folder: Path, progress: Progress, drawn: Iterator[str | bytes]
) -> None:
    """Write every file; what needs no figure is written while they are drawn."""
    from remission.report.manifest import manifest_json
    from remission.report.write_docx import write_docx
    from remission.report.write_html import report_html
    from remission.report.write_xlsx import write_xlsx

    document, results = contents.document, contents.results
    figures = figures_of(document)
    progress("tables.xlsx")
    write_xlsx(document, results, folder / "tables.xlsx")
    _write_text(results.to_json(), folder / "results.json")
    for name, text in contents.files.items():
        _write_text(text, folder / name)
    progress("report.html")
    (folder / "figures").mkdir()
    texts = {figure.address: _svg(drawn, figure, folder / "figures") for figure in figures}
    page = report_html(document, contents.cohort, results, contents.queries, texts)
    _write_text(page, folder / "report.html")
    progress("report.docx")
    pictures = (_png(drawn, figure, folder / "figures") for figure in figures)
    write_docx(document, pictures, folder / "report.docx")
    names = [MANIFEST, *(path.relative_to(folder).as_posix() for path in folder.rglob("*")
                         if path.is_file())]
    _write_text(manifest_json(contents.cohort, contents.queries, names), folder / MANIFEST)


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _svg(drawn: Iterator[str | bytes], figure: Drawn, folder: Path) -> str:
    """Take the next drawing, which is this figure's SVG, write it and return its text."""
    text = next(drawn)
    assert isinstance(text, str), "SVG comes before PNG"
    _write_text(text, folder / f"{figure.file_name}.svg")
    return text


def _png(drawn: Iterator[str | bytes], figure: Drawn, folder: Path) -> Path:
    """Take the next drawing, which is this figure's PNG, write it and return where."""
    picture = next(drawn)
    assert isinstance(picture, bytes), "PNG comes after SVG"
    path = folder / f"{figure.file_name}.png"
    path.write_bytes(picture)
    return path
