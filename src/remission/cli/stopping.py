"""A request to stop ends a run in good order: what was staged is removed, and one line says so."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_REQUESTS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """The run was asked to stop; no ``except Exception`` on the way out may hold it up."""

    def __init__(self, number: int) -> None:
        """Keep which signal asked."""
        self.number = number
        super().__init__(number)


@contextmanager
def stoppable() -> Iterator[None]:
    """Let an interrupt, or a request to end, raise :class:`Stopped` in the main thread.

    Requests that this process was started to ignore (``nohup``, a job in the background) stay
    ignored; further ones are ignored once the first has arrived, so that the cleaning up is done.
    """
    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        for request in _REQUESTS:
            signal.signal(request, signal.SIG_IGN)
        raise Stopped(number)

    before = {request: signal.getsignal(request) for request in _REQUESTS}
    for request, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(request, stop)
    try:
        yield
    finally:
        for request, handler in before.items():
            signal.signal(request, handler)
