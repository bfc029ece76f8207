"""What a person sees in the terminal: steps as they happen, problems, and what was written."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from remission.errors import RemissionError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status


def out() -> Console:
    """Return the console for results (standard output)."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def err() -> Console:
    """Return the console for progress and problems (standard error)."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print a value as one JSON document on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


class Steps:
    """Names the step that runs, and says how long it took when the next one begins."""

    def __init__(self, *, quiet: bool) -> None:
        """Begin; ``quiet`` shows nothing (for ``--json``)."""
        self._console = None if quiet else err()
        self._status: Status | None = None
        self._name = ""
        self._begun = 0.0

    def __call__(self, name: str) -> None:
        """Begin a step."""
        self.done()
        self._name, self._begun = name, time.perf_counter()
        if self._console is not None and self._console.is_terminal:
            self._status = self._console.status(f"{name} …")
            self._status.start()

    def done(self) -> None:
        """End the running step."""
        if self._status is not None:
            self._status.stop()
            self._status = None
        if self._console is not None and self._name:
            took = time.perf_counter() - self._begun
            self._console.print(f"  {self._name} [dim]{took:.1f} s[/dim]")
        self._name = ""


@contextmanager
def steps(*, quiet: bool) -> Iterator[Steps]:
    """Yield a step printer; the last step ends, and the spinner stops, whatever happens."""
    running = Steps(quiet=quiet)
    try:
        yield running
    finally:
        running.done()


def show_error(error: RemissionError, *, as_json: bool) -> None:
    """Show every problem of a run: what, where, why, what to do."""
    if as_json:
        print_json({"error": type(error).__name__,
                    "problems": [problem.as_dict() for problem in error.problems]})
        return
    console = err()
    count = len(error.problems)
    console.print(f"[bold]{count} problem{'' if count == 1 else 's'}; nothing was written.[/bold]")
    for problem in error.problems:
        console.print(f"\n[bold]{_plain(problem.where)}[/bold]")
        console.print(f"  {_plain(problem.what)}")
        if problem.why:
            console.print(f"  {_plain(problem.why)}")
        if problem.cure:
            console.print(f"  → {_plain(problem.cure)}")


def _plain(text: str) -> str:
    """Return text with rich's markup brackets escaped."""
    from rich.markup import escape

    return escape(text)


def wants_json(arguments: list[str] | None = None) -> bool:
    """Return whether the command line asks for JSON."""
    return "--json" in (sys.argv[1:] if arguments is None else arguments)
