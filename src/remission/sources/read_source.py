"""Open whatever the centre sent: one delimited file, one workbook, or a folder of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from remission.errors import InputError, Problem, RemissionError, raise_if_any
from remission.files import printable
from remission.sources.delimited import read_delimited
from remission.sources.excel import read_excel
from remission.sources.redcap import read_redcap
from remission.sources.redcap_recognise import find_redcap, hint_of_redcap
from remission.sources.sheet import Sheet, Source, fingerprint
from remission.sources.statistical_files import STATISTICAL_SUFFIXES, read_statistical

TEXT_SUFFIXES = {".csv", ".tsv", ".txt", ".dat"}
EXCEL_SUFFIXES = {".xlsx", ".xlsm"}


def read_source(
    path: Path, *, delimiter: str | None = None, encoding: str | None = None,
    redcap_dictionary: Path | None = None,
) -> Source:
    """Return every sheet found at ``path``.

    A folder gives one sheet for each delimited, SPSS or SAS file and for each sheet of each
    workbook; the files of a REDCap project give one sheet a form. ``redcap_dictionary`` says that
    ``path`` is an export of REDCap with that dictionary. Raises :class:`InputError` with the
    problems of all files together.
    """
    if not path.exists():
        raise InputError(Problem(
            str(path), "There is no such file or folder.", "", _nearby(path),
        ))
    project = find_redcap(path, dictionary=redcap_dictionary)
    of_project = () if project is None else project.all
    files = [] if path in of_project else [
        file for file in _files_of(path) if file not in of_project]
    raise_if_any(_unreadable_names([*of_project, *files]))
    sheets: dict[str, Sheet] = {}
    said: list[str] = []
    problems: list[Problem] = []
    if project is not None:
        try:
            sheets, said = read_redcap(project, delimiter=delimiter)
        except RemissionError as error:
            problems.extend(error.problems)
    for file in files:
        try:
            found, sniffed = _read_one(file, delimiter, encoding)
        except RemissionError as error:
            problems.extend(error.problems)
            continue
        problems.extend(_twice(sheets, found))
        sheets.update(found)
        said.extend(sniffed)
    if problems:
        raise InputError(problems)
    if not sheets:
        raise InputError(Problem(
            str(path), "No sheet with any cell was found.", "There is nothing to import.",
            "Give a .csv, .tsv, .txt, .xlsx, SPSS or SAS file, or a folder that holds some.",
        ))
    if path.is_dir():
        said.extend(_not_read(path, [*of_project, *files]))
    return Source(sheets, tuple(said), tuple(map(fingerprint, (*of_project, *files))))


def _not_read(folder: Path, files: Iterable[Path]) -> list[str]:
    """Return what to say of the files of a folder that were passed over."""
    read = set(files)
    passed = sorted(file.name for file in folder.iterdir()
                    if file.is_file() and file not in read and not file.name.startswith("."))
    named = ", ".join(map(printable, passed))
    return [f"Not read, neither text, .xlsx, SPSS nor SAS: {named}"] if passed else []


def _unreadable_names(files: Iterable[Path]) -> list[Problem]:
    """Return a problem for each file whose name could not be written down as a row's source."""
    return [
        Problem(printable(file.name), "The name of this file holds characters that are no text.",
                "Every row is named by its file.", "Rename the file.")
        for file in files if printable(file.name) != file.name
    ]


def _twice(before: Mapping[str, Sheet], found: Mapping[str, Sheet]) -> list[Problem]:
    """Return a problem for each sheet whose name another file has used already."""
    return [
        Problem(
            f"{before[name].file} and {found[name].file}", f"Both are the sheet {name!r}.",
            "One would take the place of the other, and its rows would be lost.",
            "Rename one of the sheets, or import the files one after the other.")
        for name in found if name in before
    ]


def _read_one(
    file: Path, delimiter: str | None, encoding: str | None
) -> tuple[dict[str, Sheet], list[str]]:
    if file.suffix.lower() in EXCEL_SUFFIXES:
        return read_excel(file)
    if file.suffix.lower() in STATISTICAL_SUFFIXES:
        return read_statistical(file)
    sheet, said = read_delimited(file, delimiter=delimiter, encoding=encoding)
    return {sheet.name: sheet}, [said, *hint_of_redcap(file.name, sheet.cells.columns)]


def _files_of(path: Path) -> list[Path]:
    known = TEXT_SUFFIXES | EXCEL_SUFFIXES | STATISTICAL_SUFFIXES
    if path.is_dir():
        return sorted(
            file for file in path.iterdir()
            if file.suffix.lower() in known and not file.name.startswith((".", "~$"))
        )
    if path.suffix.lower() not in known:
        raise InputError(Problem(
            str(path), f"Files ending in {path.suffix or 'nothing'} cannot be read yet.", "",
            "Save the records as .csv, .xlsx or .sav and import that file.",
        ))
    return [path]


def _nearby(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"The folder {folder} does not exist either; check the path."
    names = sorted(item.name for item in folder.iterdir() if not item.name.startswith("."))[:8]
    return f"The folder holds: {', '.join(names) or 'nothing'}."
