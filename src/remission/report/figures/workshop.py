"""Processes that draw while the first one goes on: figures cost most of a report's time.

A worker is started before the records are read, so that it has loaded matplotlib by the time
there is something to draw; more of them where there are many figures. Parts go in and drawings come
out, one after the other, as pickles over pipes between processes of this program on this machine.
Where a worker cannot start, or ends before its time, the first process draws itself: the report is
the same, only later.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from types import TracebackType
from typing import Protocol

from remission.report.drawn import Drawn


class Drawings(Protocol):
    """Where figures are drawn: here, or in other processes."""

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
_FIGURES_A_WORKER = 6
"""From how many figures on one more worker saves more than its own start takes."""


class Workshop:
    """Draws in other processes; ``with Workshop() as workshop`` starts and ends them."""

    def __init__(self) -> None:
        """Start the first worker."""
        self._workers = [_start()]

    def __enter__(self) -> Workshop:
        """Return the running workshop."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the workers at once: whatever was wanted of them has been taken."""
        for worker in self._workers:
            if worker is not None:
                _end(worker)

    def draw(self, parts: Sequence[Drawn], banner: str) -> Iterator[str | bytes]:
        """Hand over the figures now; yield their SVG texts and then their PNG as they come.

        Many figures are dealt out, one to each worker in turn.
        """
        wanted = min(os.cpu_count() or 1, len(parts) // _FIGURES_A_WORKER)
        self._workers.extend(_start() for _ in range(len(self._workers), wanted))
        shares = [parts[first::len(self._workers)] for first in range(len(self._workers))]
        for worker, share in zip(self._workers, shares, strict=True):
            _hand_over(worker, share, banner)
        return _in_turn(len(parts), [
            _drawings(worker, share, banner)
            for worker, share in zip(self._workers, shares, strict=True)])


def _hand_over(
    worker: subprocess.Popen[bytes] | None, parts: Sequence[Drawn], banner: str
) -> None:
    if worker is not None and worker.stdin is not None:
        with suppress(OSError):
            pickle.dump((parts, banner), worker.stdin)
            worker.stdin.flush()


def _in_turn(
    figures: int, streams: Sequence[Iterator[str | bytes]]
) -> Iterator[str | bytes]:
    """Yield the SVG of every figure, then the PNG of every figure, as they were dealt out."""
    for _ in ("SVG", "PNG"):
        for figure in range(figures):
            yield next(streams[figure % len(streams)])


def _drawings(
    worker: subprocess.Popen[bytes] | None, parts: Sequence[Drawn], banner: str
) -> Iterator[str | bytes]:
    """Yield a worker's drawings; from where it fails on, those drawn here."""
    taken = 0
    if worker is not None and worker.stdout is not None:
        with suppress(*_LOST):
            while taken < 2 * len(parts):
                drawing = pickle.load(worker.stdout)
                taken += 1
                yield drawing
    yield from islice(Here().draw(parts, banner), taken, None)


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    worker.wait()


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
    # Loaded before the first figure arrives.
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_svg
    import matplotlib.figure  # noqa: F401

    import remission.report.figures.draw  # noqa: F401

    # Sent by a thread: the first process takes a drawing when it needs it, and the pipe to it
    # holds less than one, so that the next would have to wait.
    with suppress(EOFError), ThreadPoolExecutor(1) as sender:
        while True:
            parts, banner = pickle.load(sys.stdin.buffer)
            for drawing in Here().draw(parts, banner):
                sender.submit(_send, drawing)


def _send(drawing: str | bytes) -> None:
    """Send a drawing to the first process; where that has ended nothing is left to do."""
    try:
        pickle.dump(drawing, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except OSError:
        os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _work()
