"""A second process that derives from the end of the list while the first one begins at its front.

Rules of a small study take their time in asking, not in computing, so that a second process nearly
halves it. The study goes in and values come out, one definition after the other, as pickles over
pipes between processes of this program on this machine. What the second process has not sent by
the time it is wanted is derived by the first: the values are the same with it, without it, and
where it is lost.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Sequence
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

from remission.second_process import SecondProcess, begin

if TYPE_CHECKING:
    from remission.records.storage import Frame
    from remission.records.study import Study


class Beside(SecondProcess):
    """Derives in another process; ``with Beside() as beside`` starts and ends it."""

    module = "remission.definitions.beside"

    def __init__(self) -> None:
        """Start the process."""
        super().__init__()
        self._values: dict[str, Frame] = {}

    def ask(self, study: Study, names: Sequence[str]) -> None:
        """Have definitions of a study derived, the last of them first."""
        if self.process is not None:
            Thread(target=self._exchange, args=(study, tuple(reversed(names))), daemon=True).start()

    def taken(self, name: str) -> Frame | None:
        """Return the values of a definition, None where they have not come."""
        return self._values.pop(name, None)

    def _exchange(self, study: Study, names: tuple[str, ...]) -> None:
        """Send the study, and take in what comes until the process ends."""
        process = self.process
        if process is None or process.stdin is None or process.stdout is None:
            return
        # Closed pipes and cut messages: the process has ended, or was ended.
        with suppress(OSError, EOFError, ValueError, pickle.UnpicklingError):
            pickle.dump((study, names), process.stdin)
            process.stdin.flush()
            for _ in names:
                name, values = pickle.load(process.stdout)
                self._values[name] = values


def _work() -> None:
    """Derive what is asked for and send each as it is done."""
    # Loaded before the study arrives.
    from remission.definitions.definition import REGISTRY
    from remission.definitions.derived_values import derived_values
    from remission.definitions.engines import on_engine

    study, names = pickle.load(sys.stdin.buffer)
    with on_engine(study) as placed:
        for name in names:
            values = derived_values(REGISTRY[name], placed, spare_empty=False)
            pickle.dump((name, values), sys.stdout.buffer)
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    begin()
    with suppress(EOFError, OSError):
        _work()
