"""A second process that draws while the first one goes on: figures cost most of a report's time.

The worker is started before the records are read, so that it has loaded matplotlib by the time
there is something to draw. Parts go in and drawings come out, one after the other, as pickles
over pipes between two processes of this program on this machine.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Protocol

from remission.report.parts import Figure


class Drawings(Protocol):
    """Where figures are drawn: here, or in a second process."""

    def draw(self, parts: Sequence[Figure], banner: str) -> Iterator[str | bytes]:
        """Yield every figure as SVG text, then every figure as PNG."""


class Here:
    """Draws in this process, when a drawing is asked for."""

    def draw(self, parts: Sequence[Figure], banner: str) -> Iterator[str | bytes]:
        """Yield every figure as SVG text, then every figure as PNG."""
        from remission.report.figures.curves import draw_curves
        from remission.report.figures.style import as_png, as_svg

        figures = [draw_curves(part, banner=banner) for part in parts]
        yield from (as_svg(figure) for figure in figures)
        yield from (as_png(figure) for figure in figures)


class Workshop:
    """Draws in a second process; ``with Workshop() as workshop`` starts and ends it."""

    def __init__(self) -> None:
        """Start the worker."""
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "remission.report.figures.workshop"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        given, taken = self._worker.stdin, self._worker.stdout
        assert given is not None, "a pipe was asked for"
        assert taken is not None, "a pipe was asked for"
        self._in, self._out = given, taken

    def __enter__(self) -> Workshop:
        """Return the running workshop."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the worker at once: whatever was wanted of it has been taken."""
        self._worker.kill()
        self._in.close()
        self._out.close()
        self._worker.wait()

    def draw(self, parts: Sequence[Figure], banner: str) -> Iterator[str | bytes]:
        """Hand over the figures now; yield their SVG texts and then their PNG as they come."""
        pickle.dump((parts, banner), self._in)
        self._in.flush()
        return (pickle.load(self._out) for _ in range(2 * len(parts)))


def _work() -> None:
    """Draw whatever comes in until the other end closes."""
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_svg
    import matplotlib.figure  # noqa: F401 - loaded before the first figure arrives

    while True:
        try:
            parts, banner = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        for drawing in Here().draw(parts, banner):
            pickle.dump(drawing, sys.stdout.buffer)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    _work()
