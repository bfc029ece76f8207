"""Files that appear whole or not at all, and names that stay inside their folder."""

from __future__ import annotations

import hashlib
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

_LONGEST_NAME = 60
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def safe_name(text: str) -> str:
    """Return a file name made of a text: no separators, no dots in front, never too long.

    Where anything had to change a short fingerprint of the text is added, so that two texts never
    share a name.
    """
    cleaned = re.sub(r"[^\w\-+ ]", "_", text).strip(" _")[:_LONGEST_NAME]
    if cleaned == text and cleaned:
        return cleaned
    return f"{cleaned or 'unnamed'}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def printable(text: str) -> str:
    """Return a text without the control characters that Word and Excel files cannot hold."""
    return _CONTROL.sub("\ufffd", text)


def has_control_characters(text: str) -> bool:
    """Return whether a text holds characters that no person typed."""
    return _CONTROL.search(text) is not None


@contextmanager
def staging(beside: Path) -> Iterator[Path]:
    """Yield a scratch folder on the disk of ``beside``; it is gone afterwards, whatever happens.

    It ignores itself in version control, because dates may pass through it.
    """
    beside.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=beside.parent, prefix=".remission-") as scratch:
        (Path(scratch) / ".gitignore").write_text("*\n", encoding="utf-8")
        yield Path(scratch)


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


def put_in_place(pairs: list[tuple[Path, Path]], scratch: Path) -> None:
    """Rename each (finished, target); if one fails, those before it are put back.

    Old targets are moved into ``scratch``, which the caller removes.
    """
    moved: list[tuple[Path, Path]] = []
    with uninterrupted():
        try:
            for number, (finished, target) in enumerate(pairs):
                if target.exists():
                    kept = scratch / f"old-{number}"
                    target.replace(kept)
                    moved.append((kept, target))
                finished.replace(target)
        except OSError:
            for kept, target in reversed(moved):
                if target.is_dir():
                    shutil.rmtree(target)
                elif target.exists():
                    target.unlink()
                kept.replace(target)
            raise
