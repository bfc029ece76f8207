"""A second process that draws while the first one goes on: figures cost most of a report's time.

The worker is started before the records are read, so that it has loaded matplotlib by the time
there is something to draw. Parts go in and drawings come out, one after the other, as pickles
over pipes between two processes of this program on this machine. Where the worker cannot start, or
ends before its time, the first process draws itself: the report is the same, only later.
"""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from types import TracebackType
from typing import Protocol

from remission.report.drawn import Drawn


class Drawings(Protocol):
    """Where figures are drawn: here, or in a second process."""

    def draw(self, parts: Sequence[Drawn], banner: str) -> Iterator[str | bytes]:
        """Yield every figure as SVG text, then every figure as PNG."""


class Here:
    """Draws in this process, when a drawing is asked for."""

    def draw(self, parts: Sequence[Drawn], banner: str) -> Iterator[str | bytes]:
        """Yield every figure as SVG text, then every figure as PNG."""
        from remission.report.figures.draw import draw
        from remission.report.figures.style import as_png, as_svg

        figures = [draw(part, banner=banner) for part in parts]
        yield from (as_svg(figure) for figure in figures)
        yield from (as_png(figure) for figure in figures)


_LOST = (OSError, EOFError, pickle.UnpicklingError)
"""What the first process meets when the worker is gone, or was cut off within a drawing."""


class Workshop:
    """Draws in a second process; ``with Workshop() as workshop`` starts and ends it."""

    def __init__(self) -> None:
        """Start the worker."""
        self._worker = _start()

    def __enter__(self) -> Workshop:
        """Return the running workshop."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the worker at once: whatever was wanted of it has been taken."""
        if self._worker is None:
            return
        self._worker.kill()
        for pipe in (self._worker.stdin, self._worker.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._worker.wait()

    def draw(self, parts: Sequence[Drawn], banner: str) -> Iterator[str | bytes]:
        """Hand over the figures now; yield their SVG texts and then their PNG as they come."""
        if self._worker is not None and self._worker.stdin is not None:
            with suppress(OSError):
                pickle.dump((parts, banner), self._worker.stdin)
                self._worker.stdin.flush()
        return self._drawings(parts, banner)

    def _drawings(self, parts: Sequence[Drawn], banner: str) -> Iterator[str | bytes]:
        """Yield the worker's drawings; from where it fails on, those drawn here."""
        taken = 0
        if self._worker is not None and self._worker.stdout is not None:
            with suppress(*_LOST):
                while taken < 2 * len(parts):
                    drawing = pickle.load(self._worker.stdout)
                    taken += 1
                    yield drawing
        yield from islice(Here().draw(parts, banner), taken, None)


def _start() -> subprocess.Popen[bytes] | None:
    """Start the worker; return None where that is not possible.

    It never imports from the working folder, and in a session of its own it is not reached by the
    interrupt meant for the first process, which ends it. Its complaints are not shown: what goes
    wrong there is done again here.
    """
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "remission.report.figures.workshop"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True)
    except OSError:
        return None


def _work() -> None:
    """Draw whatever comes in until the other end closes."""
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_svg
    import matplotlib.figure  # noqa: F401 - loaded before the first figure arrives

    with suppress(EOFError, BrokenPipeError):
        while True:
            parts, banner = pickle.load(sys.stdin.buffer)
            for drawing in Here().draw(parts, banner):
                pickle.dump(drawing, sys.stdout.buffer)
                sys.stdout.buffer.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _work()
