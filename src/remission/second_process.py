"""A second process of this program, spoken to over pipes: how it starts and how it ends."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
from contextlib import suppress

_MANY_OBJECTS = (100_000, 20, 50)


def started(module: str) -> subprocess.Popen[bytes] | None:
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
    """Begin as the second process: the first one ends it, and cycles are looked for seldom."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(*_MANY_OBJECTS)


def end(process: subprocess.Popen[bytes] | None) -> None:
    """End a process at once and wait until it is gone."""
    if process is None:
        return
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    process.wait()
