"""The command line; thin: one file per verb."""

from __future__ import annotations

import sys

UNREADABLE = 2
"""Exit status when something given cannot be read or the plan cannot be followed."""


def main() -> None:
    """Run the command line and leave with its exit status.

    Every :class:`~remission.errors.RemissionError` is shown with all its problems; with
    ``--json`` as a JSON document on standard output.
    """
    from remission.cli.app import app
    from remission.errors import RemissionError

    try:
        app()
    except RemissionError as error:
        from remission.cli.console import show_error, wants_json

        show_error(error, as_json=wants_json())
        sys.exit(UNREADABLE)
