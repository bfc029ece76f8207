"""The command line; thin: one file per verb."""

from __future__ import annotations

import gc
import os
import sys

UNREADABLE = 2
"""Exit status when something given cannot be read or the plan cannot be followed."""


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
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def run() -> int:
    """Run the command line on ``sys.argv``; return its exit status."""
    from remission.cli.app import app
    from remission.errors import RemissionError

    try:
        app()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    except RemissionError as error:
        from remission.cli.console import show_error, wants_json

        show_error(error, as_json=wants_json())
        return UNREADABLE
    return 0
