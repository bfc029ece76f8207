"""Timing side by side: calls in turn, ratios run by run, with their spread."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

Call = Callable[[], object]
Timings = dict[str, list[float]]


def seconds(call: Call) -> float:
    """Return how long a call took."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def in_turn(calls: Mapping[str, Call], runs: int) -> Timings:
    """Return the seconds of each call, run in turn (A B A B …) after a warm-up of each.

    So that a drift of the machine falls on all of them.
    """
    times: Timings = {name: [] for name in calls}
    for number in range(runs + 1):
        for name, call in calls.items():
            taken = seconds(call)
            if number:
                times[name].append(taken)
    return times


def spread(values: list[float], *, digits: int = 3) -> str:
    """Return ``median (least to most)``."""
    return (f"{statistics.median(values):.{digits}g} "
            f"({min(values):.{digits}g} to {max(values):.{digits}g})")


def tell(title: str, times: Mapping[str, list[float]]) -> None:
    """Print each time in ms and, of each peer, its ratio to ours (the first), run by run."""
    print(title)
    ours, *peers = times
    for name, values in times.items():
        print(f"  {name}: {spread([1000 * value for value in values])} ms")
    for peer in peers:
        ratios = [theirs / mine for mine, theirs in zip(times[ours], times[peer], strict=True)]
        print(f"  ratio to {peer}: {spread(ratios)}", flush=True)
