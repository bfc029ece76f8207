"""Files that appear whole or not at all, and names that stay inside their folder."""

from __future__ import annotations

import hashlib
import re
import shutil
import signal
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

SCRATCH = ".remission-"
"""How the name of every scratch folder begins."""

_LONGEST_NAME = 60
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)
"""Names that Windows keeps for devices."""


def safe_name(text: str, *, taken: Collection[str] = ()) -> str:
    """Return a file name made of a text: no separators, no dots in front, never too long.

    Where anything had to change, or the name is one of ``taken`` on a disk that does not tell
    capitals apart, a short fingerprint of the text is added: two texts never share a name.
    """
    cleaned = re.sub(r"[^\w\-+ ]", "_", text).strip(" _")[:_LONGEST_NAME]
    is_taken = cleaned.casefold() in {name.casefold() for name in taken}
    if cleaned and cleaned == text and not is_taken and not _DEVICES.match(text):
        return cleaned
    fingerprint = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{cleaned or 'unnamed'}-{fingerprint}"


def printable(text: str) -> str:
    """Return a text without the control characters that Word and Excel files cannot hold."""
    return _CONTROL.sub("\ufffd", text)


def has_control_characters(text: str) -> bool:
    """Return whether a text holds characters that no person typed."""
    return _CONTROL.search(text) is not None


@contextmanager
def staging(beside: Path) -> Iterator[Path]:
    """Yield a scratch folder on the disk of ``beside``; it is gone afterwards, whatever happens.

    It ignores itself in version control, because dates may pass through it. Folders made for it
    go too, unless something was put into them.
    """
    made = [folder for folder in (beside.parent, *beside.parent.parents) if not folder.exists()]
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=beside.parent, prefix=SCRATCH) as scratch:
            (Path(scratch) / ".gitignore").write_text("*\n", encoding="utf-8", newline="\n")
            yield Path(scratch)
    finally:
        remove_empty(made)


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove those of the folders, inner ones first, that hold nothing."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back an interrupt or a request to end until the block is done.

    For the few renames that put finished files in place: they are done all or not begun.
    """
    waiting: list[int] = []

    def remember(number: int, frame: FrameType | None) -> None:
        del frame
        waiting.append(number)

    before = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            before[number] = signal.signal(number, remember)
        except ValueError:  # not in the main thread: signals do not arrive here anyway
            break
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if waiting:
            signal.raise_signal(waiting[0])


def put_in_place(
    pairs: list[tuple[Path, Path]], scratch: Path, *, remove: Iterable[Path] = ()
) -> None:
    """Rename each (finished, target) and take away ``remove``: all, or everything is put back.

    Old files are moved into ``scratch``, which the caller removes.
    """
    kept: list[tuple[Path, Path]] = []
    placed: list[Path] = []
    with uninterrupted():
        try:
            for target in (*remove, *(target for _, target in pairs)):
                if target.exists() or target.is_symlink():
                    old = scratch / f"old-{len(kept)}"
                    target.replace(old)
                    kept.append((old, target))
            for finished, target in pairs:
                target.parent.mkdir(parents=True, exist_ok=True)
                finished.replace(target)
                placed.append(target)
        except OSError:
            for target in placed:
                if target.is_dir():
                    shutil.rmtree(target)
                else:
                    target.unlink()
            for old, target in kept:
                old.replace(target)
            raise
