"""A second process that draws while the first one goes on.

It is started before there is something to draw, so that it has loaded matplotlib by then. Parts go
in as soon as their analysis is answered, and drawings come out, one after the other, as pickles
over pipes between processes of this program on this machine.
Where it cannot start, or ends before its time, the first process draws itself: the report
is the same, only later.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol

from remission.report.drawn import Drawn
from remission.second_process import SecondProcess, begin


class Drawings(Protocol):
    """Where figures are drawn: here, or in other processes."""

    def draw(self, parts: Sequence[Drawn], banner: str) -> Iterator[str | bytes]:
        """Yield every figure as SVG text, then every figure as PNG."""


class Here:
    """Draws in this process, when a drawing is asked for."""

    def draw(self, parts: Sequence[Drawn], banner: str) -> Iterator[str | bytes]:
        """Yield every figure as SVG text, then every figure as PNG."""
        from remission.report.figures.draw import draw
        from remission.report.figures.painted import as_png
        from remission.report.figures.svg import as_svg

        figures = [draw(part, banner=banner) for part in parts]
        yield from (as_svg(figure) for figure in figures)
        yield from (as_png(figure) for figure in figures)


_LOST = (OSError, EOFError, pickle.UnpicklingError)
"""What the first process meets when the process is gone, or was cut off within a drawing."""


_SVG, _PNG = 0, 1


@dataclass(frozen=True)
class _Order:
    """A figure in the hands of the process; ``number`` counts those it was given."""

    part: Drawn
    banner: str
    number: int

    def is_of(self, part: Drawn, banner: str) -> bool:
        return self.banner == banner and (self.part is part or self.part == part)


class Workshop(SecondProcess):
    """Draws in another process; ``with Workshop() as workshop`` starts and ends it."""

    module = "remission.report.figures.workshop"

    def __init__(self) -> None:
        """Start the process."""
        super().__init__()
        self._foreseen: dict[str, _Order] = {}
        self._orders = 0
        self._drawings: dict[tuple[int, int], str | bytes] = {}

    def foresee(self, part: Drawn, banner: str) -> None:
        """Have a figure drawn now that :meth:`draw` will be asked for."""
        self._foreseen[part.address] = self._handed_over(part, banner)

    def draw(self, parts: Sequence[Drawn], banner: str) -> Iterator[str | bytes]:
        """Hand over the figures now; yield their SVG texts and then their PNG as they come.

        Figures that were foreseen are in hand already, unless they have changed since.
        """
        orders = [self._foreseen.pop(part.address, None) for part in parts]
        taken = [order if order is not None and order.is_of(part, banner)
                 else self._handed_over(part, banner)
                 for part, order in zip(parts, orders, strict=True)]
        return (self._drawing(order, kind) for kind in (_SVG, _PNG) for order in taken)

    def _handed_over(self, part: Drawn, banner: str) -> _Order:
        """Send a figure; where the process has ended it is drawn here once it is asked for."""
        order = _Order(part, banner, self._orders)
        self._orders += 1
        if self.process is not None and self.process.stdin is not None:
            with suppress(OSError):
                pickle.dump((part, banner), self.process.stdin)
                self.process.stdin.flush()
        return order

    def _drawing(self, order: _Order, kind: int) -> str | bytes:
        """Return a drawing; wait for it, or draw it here if it will not come."""
        wanted = order.number, kind
        if self.process is not None and self.process.stdout is not None:
            with suppress(*_LOST):
                while wanted not in self._drawings:
                    number, of_kind, drawing = pickle.load(self.process.stdout)
                    self._drawings[number, of_kind] = drawing
        if wanted not in self._drawings:
            for own, drawing in enumerate(Here().draw([order.part], order.banner)):
                self._drawings[order.number, own] = drawing
        return self._drawings.pop(wanted)


def _work() -> None:
    """Draw whatever comes in until the other end closes.

    What waits is drawn as SVG first: the page holds every one of them, and is written first.
    """
    waiting: SimpleQueue[tuple[Drawn, str] | None] = SimpleQueue()
    Thread(target=_receive, args=(waiting,), daemon=True).start()
    # Loaded before the first figure arrives.
    import matplotlib.backends.backend_agg  # noqa: F401

    from remission.report.figures.draw import draw
    from remission.report.figures.painted import painted
    from remission.report.figures.svg import as_svg

    # Packed and sent by a thread: the first process takes a drawing when it needs it, and the pipe
    # to it holds less than one, so that the next would have to wait.
    half_done: deque[tuple[int, Any]] = deque()
    with ThreadPoolExecutor(1) as sender:
        for number in count():
            while half_done and waiting.empty():
                own, figure = half_done.popleft()
                sender.submit(_send, own, _PNG, painted(figure)).add_done_callback(_end_where_lost)
            given = waiting.get()
            if given is None:
                return
            part, banner = given
            figure = draw(part, banner=banner)
            sender.submit(_send, number, _SVG, as_svg(figure)).add_done_callback(_end_where_lost)
            half_done.append((number, figure))


def _receive(waiting: SimpleQueue[tuple[Drawn, str] | None]) -> None:
    """Take what the first process gives at any time, so that it never waits for a drawing."""
    with suppress(EOFError):
        while True:
            waiting.put(pickle.load(sys.stdin.buffer))
    waiting.put(None)


def _send(number: int, kind: int, drawing: Any) -> None:
    """Send a drawing to the first process, packed if it is a picture."""
    from remission.report.figures.painted import packed

    pickle.dump((number, kind, packed(drawing) if kind == _PNG else drawing), sys.stdout.buffer)
    sys.stdout.buffer.flush()


def _end_where_lost(sent: Future[None]) -> None:
    """End this process where a drawing could not be sent: the first one sees that, and draws."""
    if sent.exception() is not None:
        os._exit(1)


if __name__ == "__main__":
    begin()
    _work()
