"""One family of errors; each message says what is wrong, where, why it matters and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with what was given.

    ``where`` is a place a person can open (file, row, column); ``what`` states the fact;
    ``why`` says why it cannot stand; ``cure`` says what to do.
    """

    where: str
    what: str
    why: str
    cure: str

    def __str__(self) -> str:
        """Return the problem as one readable paragraph."""
        sentences = " ".join(part for part in (self.what, self.why, self.cure) if part)
        return f"{self.where}: {sentences}"

    def as_dict(self) -> dict[str, str]:
        """Return the four parts by name, for ``--json``."""
        return {"where": self.where, "what": self.what, "why": self.why, "cure": self.cure}


class RemissionError(Exception):
    """The base of every error this package raises on purpose; carries all problems of a run."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        """Keep the problems in the order found; several are reported together."""
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[RemissionError], tuple[tuple[Problem, ...]]]:
        """Return how to make the error again from its problems, as another process does."""
        return type(self), (self.problems,)


class InputError(RemissionError):
    """A file, a table or a mapping cannot be read as it is."""


class PlanError(RemissionError):
    """The plan (``study.toml``) asks for something that does not exist or contradicts itself."""


class OutputError(RemissionError):
    """A result cannot be written where it was asked for."""


class NotEstimable(RemissionError):  # noqa: N818 - named as the field says it, not as an error
    """A statistic cannot be had from these data; the message says why."""


def place(file: str, row: int | None = None, column: str | None = None) -> str:
    """Return ``file, row 3, column ANC`` from the parts that are known."""
    parts = [file]
    if row is not None:
        parts.append(f"row {row}")
    if column is not None:
        parts.append(f"column {column}")
    return ", ".join(parts)


def raise_if_any(problems: Iterable[Problem]) -> None:
    """Raise one :class:`InputError` that holds all problems, if there are any."""
    found = tuple(problems)
    if found:
        raise InputError(found)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a cure that names the nearest known words, or lists them all when none is near."""
    from difflib import get_close_matches

    choices = list(known)
    near = get_close_matches(word, choices, n=3, cutoff=0.6)
    if near:
        return "Did you mean " + " or ".join(repr(choice) for choice in near) + "?"
    return "Known: " + ", ".join(choices) + "."
