"""Work in other processes, and their end: what is made never depends on how many there are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

Made = TypeVar("Made")


def each(
    function: Callable[..., Made], calls: Sequence[tuple[Any, ...]], *, jobs: int
) -> Iterator[Made]:
    """Yield what the function makes of each call, in their order, in ``jobs`` processes."""
    if jobs == 1 or len(calls) < 2:
        yield from (function(*call) for call in calls)
        return
    from joblib import Parallel, delayed

    threads_before = set(threading.enumerate())
    try:
        yield from Parallel(n_jobs=jobs, return_as="generator")(
            delayed(function)(*call) for call in calls)
    finally:
        _end_workers(threads_before)


def _end_workers(threads_before: set[threading.Thread]) -> None:
    """End the processes of this machine: idle ones keep the output open for minutes.

    Their scratch folder and semaphores go too: the command line leaves without the usual
    taking down. A semaphore lives until the thread that fed the workers has ended.
    """
    from joblib.externals.loky import get_reusable_executor
    from joblib.parallel import get_active_backend

    if type(get_active_backend()[0]).__name__ == "LokyBackend":
        get_reusable_executor(reuse=True).terminate(kill_workers=True)
        for thread in set(threading.enumerate()) - threads_before:
            if thread.name == "QueueFeederThread":
                thread.join(timeout=10)
