"""A second process of this program, spoken to over pipes: how it starts and how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from types import TracebackType
from typing import Self


class SecondProcess:
    """A module of the package that runs beside the first process; ``with`` ends it.

    ``process`` is None where it could not start, or has been ended.
    """

    module: str

    def __init__(self) -> None:
        """Start it."""
        self.process = _started(self.module)

    def __enter__(self) -> Self:
        """Return itself, running."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it at once: whatever was wanted of it has been taken."""
        self.end()

    def end(self) -> None:
        """End the process and wait until it is gone; nothing more comes of it."""
        if self.process is None:
            return
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self.process.wait()
        self.process = None


def _started(module: str) -> subprocess.Popen[bytes] | None:
    """Start a module of the package as a process; return None where that is not possible.

    It never imports from the working folder, and in a session of its own it is not reached by the
    interrupt meant for the first process, which ends it. Its complaints are not shown: what goes
    wrong there is done again here.
    """
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True)
    except OSError:
        return None


def begin() -> None:
    """Begin as the second process: only the first one ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
