"""The command line; thin: one file per verb."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

UNREADABLE = 2
"""Exit status when something given cannot be read or written, or the plan cannot be followed."""
CLOSED = 1
"""Exit status when whoever read the output stopped reading (``| head``)."""


def main() -> None:
    """Run the command line and leave with its exit status.

    Every :class:`~remission.errors.RemissionError` is shown with all its problems; with
    ``--json`` as a JSON document on standard output.
    """
    # A run makes many objects and few cycles: looking for cycles less often saves a tenth of it.
    gc.set_threshold(100_000, 20, 50)
    status = run()
    # All files are written and closed. Taking the libraries down one by one would take a tenth
    # of a short run, so the process is left at once.
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(status)


def run() -> int:
    """Run the command line on ``sys.argv``; return its exit status."""
    # Nothing else is imported before an interrupt can be met in good order.
    from remission.cli.stopping import Stopped, stoppable

    try:
        with stoppable():
            return _run_and_tell()
    except Stopped as stopped:
        print("Stopped before the end; no file is half written.", file=sys.stderr)
        return 128 + stopped.number


def _run_and_tell() -> int:
    """Run the verb; show what it and the operating system refuse."""
    from remission.cli.console import accept_any_text, show_error, wants_json
    from remission.errors import RemissionError

    accept_any_text()
    try:
        return _run_app()
    except RemissionError as error:
        show_error(error, as_json=wants_json())
    except BrokenPipeError:
        return CLOSED
    except OSError as error:
        from remission.cli.system_errors import system_error

        show_error(system_error(error), as_json=wants_json(), outcome="no file is half written")
    return UNREADABLE


def _run_app() -> int:
    """Run the verb; return its status once everything said has been taken."""
    from remission.cli.app import app

    try:
        app()
    except SystemExit as done:
        status = done.code if isinstance(done.code, int) else int(done.code is not None)
    else:
        status = 0
    sys.stdout.flush()
    return status
