"""Folders that are written again: only files an earlier run wrote are replaced or removed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from remission.errors import OutputError, Problem
from remission.files import SCRATCH, put_in_place, remove_empty, staging

_US = "remission"
_NAMED = 5
"""Strange files that a refusal names."""


def index_of(files: Iterable[str]) -> dict[str, object]:
    """Return what marks a folder's files as written here: relative names, in order."""
    return {"written_by": _US, "files": sorted(files)}


def own_files(folder: Path, index: str) -> set[str]:
    """Return the files in ``folder`` that its index says an earlier run wrote.

    Empty where there is no index, or one that somebody else wrote or spoilt.
    """
    try:
        written = json.loads((folder / index).read_text(encoding="utf-8"))
        listed = set(written["files"]) if written["written_by"] == _US else set()
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return set()
    return listed.intersection(_present(folder)) if listed else set()


def check_folder(folder: Path) -> None:
    """Raise :class:`OutputError` when files cannot be written into a folder, there or to be made.

    ``folder`` is an absolute path.
    """
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir():
        raise OutputError(Problem(
            str(there), "This is a file, not a folder.", "A folder is needed to write into.",
            "Choose another name."))
    if not os.access(there, os.W_OK | os.X_OK):
        raise OutputError(Problem(
            str(there), "This folder is read-only for you.", "Nothing can be written into it.",
            "Choose a folder of your own (-o), or change the permissions of this one."))


def refuse_strangers(folder: Path, own: set[str]) -> None:
    """Raise :class:`OutputError` when a folder holds any file that is not one of its own."""
    strange = list(islice((name for name in _present(folder) if name not in own), _NAMED + 1))
    if strange:
        named = ", ".join(strange[:_NAMED]) + (" and more" if len(strange) > _NAMED else "")
        raise OutputError(Problem(
            str(folder), f"This folder holds files that are not an earlier report: {named}.",
            "A new report replaces the old one as a whole, and they would be lost or be taken "
            "for a part of it.",
            "Choose a new folder for the report (-o), or move these files elsewhere."))


def refuse_others(folder: Path, names: Iterable[str], own: set[str]) -> None:
    """Raise :class:`OutputError` for each name that somebody else's file in the folder bears."""
    problems = [
        Problem(str(folder / name), "This file was not written by an earlier run.",
                "It would be overwritten.", "Move it elsewhere, or choose another folder (-o).")
        for name in names if name not in own and (folder / name).exists()
    ]
    if problems:
        raise OutputError(problems)


@contextmanager
def rewritten(folder: Path, earlier: Callable[[], set[str]]) -> Iterator[Path]:
    """Yield a scratch folder; what was written there replaces ``earlier()`` in ``folder``.

    All files or none. ``earlier`` is asked when the new ones are ready; it may refuse.
    """
    with staging(folder / "new") as scratch:
        staged = scratch / "new"
        staged.mkdir()
        yield staged
        files = list(_present(staged))
        gone = [folder / name for name in earlier().difference(files)]
        put_in_place([(staged / name, folder / name) for name in files], scratch, remove=gone)
        emptied = {place for path in gone for place in path.parents if folder in place.parents}
        remove_empty(sorted(emptied, key=lambda place: len(place.parts), reverse=True))


def _present(folder: Path) -> Iterator[str]:
    """Yield the relative name of every file, and of every link, which may lead anywhere."""
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(name for name in folders
                            if not (here == folder and name.startswith(SCRATCH)))
        links = [name for name in folders if (here / name).is_symlink()]
        for name in sorted([*files, *links]):
            yield (here / name).relative_to(folder).as_posix()
