"""Random replicates in blocks, each with its own stream, the same for any number of workers.

A block's size depends on the work alone and its stream on the seed and its place, never on who
does it. The first thousand of ten thousand replicates are the same as a thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from remission.statistics.arrays import FloatArray, refuse
from remission.statistics.workers import each

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (replicates done, replicates in all) after each block, in order."""

Task: TypeAlias = Callable[[np.random.Generator, int], FloatArray]
"""Makes a number of replicates from one stream; replicates are the first axis."""

_MOST_CELLS = 4_000_000
"""Numbers a block may hold at once, so that a large cohort does not fill the memory."""


def in_blocks(
    task: Task, total: int, *, block: int, width: int, seed: int, workers: int = 1,
    progress: Progress | None = None,
) -> FloatArray:
    """Return ``total`` replicates of a task, the same for any number of workers.

    ``block`` replicates are made at once, fewer where each is ``width`` numbers and these would be
    too many. More than one worker means processes. Raises
    :class:`~remission.errors.NotEstimable` for a total, seed or number of workers that is none.
    """
    for name, value, least in (("replicates", total, 1), ("seed", seed, 0),
                               ("workers", workers, 1)):
        if not isinstance(value, int | np.integer) or value < least:
            raise refuse(name, f"A whole number from {least} is expected, not {value!r}.")
    size = max(1, min(block, _MOST_CELLS // width))
    sizes = [size] * (total // size) + ([total % size] if total % size else [])
    found: list[FloatArray] = []
    done = 0
    for part, made in zip(_made(task, sizes, seed, workers), sizes, strict=True):
        found.append(part)
        done += made
        if progress is not None:
            progress(done, total)
    return np.concatenate(found)


def _made(task: Task, sizes: list[int], seed: int, workers: int) -> Iterator[FloatArray]:
    streams = np.random.SeedSequence(seed).spawn(len(sizes))
    return each(_block, [(task, *job) for job in zip(streams, sizes, strict=True)], jobs=workers)


def _block(task: Task, stream: np.random.SeedSequence, size: int) -> FloatArray:
    return task(np.random.default_rng(stream), size)
