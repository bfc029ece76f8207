"""What a person sees in the terminal: steps as they happen, problems, and what was written."""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from remission.errors import RemissionError
from remission.files import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status


def out() -> Console:
    """Return the console for results (standard output)."""
    return _console(stderr=False)


def plan_to_write(study: Path) -> str | None:
    """Return what to do where a study has records and no plan yet; None where it has one."""
    plan = study / "study.toml"
    if plan.exists():
        return None
    return f"write the plan, {plan} ('remission init DIR' makes one to copy)"


def err() -> Console:
    """Return the console for progress and problems (standard error)."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    """Return a console that shows names and values as they are.

    Brackets and colons in them are no commands, and control characters do not reach the terminal.
    """
    from rich.console import Console
    from rich.text import Text

    class PlainConsole(Console):
        def render_str(self, text: str, **options: Any) -> Text:
            return super().render_str(printable(text), **options)

    return PlainConsole(
        stderr=stderr, highlight=False, soft_wrap=True, markup=False, emoji=False)


def accept_any_text() -> None:
    """Let the output take every character: one that it cannot show is written as its code.

    Where the process was started without an output there is one that keeps nothing.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - to the end
            setattr(sys, name, nowhere)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def print_json(value: Any) -> None:
    """Print a value as one JSON document, which is valid whatever standard output can show."""
    is_unicode = "utf" in (sys.stdout.encoding or "").lower()
    print(json.dumps(value, ensure_ascii=not is_unicode, indent=2))


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
            from rich.text import Text

            self._status = self._console.status(Text(f"{printable(name)} …"))
            self._status.start()

    def done(self) -> None:
        """End the running step."""
        if self._status is not None:
            self._status.stop()
            self._status = None
        if self._console is not None and self._name:
            from rich.text import Text

            took = time.perf_counter() - self._begun
            self._console.print(
                Text.assemble(f"  {printable(self._name)} ", (f"{took:.1f} s", "dim")))
        self._name = ""


@contextmanager
def steps(*, quiet: bool) -> Iterator[Steps]:
    """Yield a step printer; the last step ends, and the spinner stops, whatever happens."""
    running = Steps(quiet=quiet)
    try:
        yield running
    finally:
        running.done()


def show_error(
    error: RemissionError, *, as_json: bool, outcome: str = "nothing was written"
) -> None:
    """Show every problem of a run: what, where, why, what to do.

    As a JSON document if so asked, and if standard output takes it.
    """
    if as_json:
        with suppress(OSError):
            print_json({"error": type(error).__name__,
                        "problems": [problem.as_dict() for problem in error.problems]})
            sys.stdout.flush()
            return
    console = err()
    count = len(error.problems)
    console.print(f"{count} problem{'' if count == 1 else 's'}; {outcome}.", style="bold")
    for problem in error.problems:
        console.print(f"\n{problem.where}", style="bold")
        for line in (problem.what, problem.why, problem.cure and f"→ {problem.cure}"):
            if line:
                console.print(f"  {line}")


def wants_json(arguments: list[str] | None = None) -> bool:
    """Return whether the command line asks for JSON."""
    return "--json" in (sys.argv[1:] if arguments is None else arguments)
