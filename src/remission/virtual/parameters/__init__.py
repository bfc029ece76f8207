"""What virtual cohorts are drawn from: one TOML a published study, every number with its place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from remission.errors import InputError, Problem, did_you_mean

PLAN = ".study"
"""How the name of a study's plan ends, beside its parameters."""


@dataclass(frozen=True)
class Parameters:
    """The numbers of one study by dotted name (``people.male``).

    An entry holds ``value``, ``source`` and, where the paper does not print it, ``origin``
    (``derived`` or ``invented``).
    """

    name: str
    entries: Mapping[str, Mapping[str, Any]]

    def value(self, name: str) -> Any:
        """Return a value as it is written. Raises ``KeyError`` for a name that is not there."""
        return self.entries[name]["value"]

    def number(self, name: str) -> float:
        """Return a number."""
        return float(self.value(name))

    def by_level(self, name: str, levels: tuple[str, ...]) -> npt.NDArray[np.float64]:
        """Return one number for each level (levels,); 0 for a level that the study lacks."""
        given = self.value(name)
        return np.array([float(given.get(level, 0.0)) for level in levels])

    def shares(self, name: str, levels: tuple[str, ...]) -> npt.NDArray[np.float64]:
        """Return the share of each level (levels,), adding up to 1; even without any."""
        given = self.by_level(name, levels) if name in self.entries else np.ones(len(levels))
        return np.asarray(given / given.sum())

    def changed(self, values: Mapping[str, Any]) -> Parameters:
        """Return the numbers with others in place of some, which say that they were changed."""
        return Parameters(self.name, {**self.entries, **{
            name: {**self.entries[name], "value": value, "origin": "changed"}
            for name, value in values.items()}})


def studies() -> tuple[str, ...]:
    """Return the names of the studies that can be simulated."""
    folder = files("remission.virtual") / "parameters"
    names = (path.name.removesuffix(".toml") for path in folder.iterdir()
             if path.name.endswith(".toml"))
    return tuple(sorted(name for name in names if not name.endswith(PLAN)))


@cache
def read_parameters(name: str) -> Parameters:
    """Return the parameters of a study.

    Raises :class:`InputError` for a study that there is not.
    """
    _check(name)
    return Parameters(name, dict(_flat(tomllib.loads(_text(name)), "")))


def plan_text(name: str) -> str:
    """Return the plan (``study.toml``) of a study, as text.

    Raises :class:`InputError` for a study that there is not.
    """
    _check(name)
    return _text(f"{name}{PLAN}")


def _check(name: str) -> None:
    if name not in studies():
        raise InputError(Problem(
            f"--like {name}", "There are no parameters of such a study.",
            "A virtual cohort is drawn from the numbers of a published one.",
            did_you_mean(name, studies())))


def _text(name: str) -> str:
    return (files("remission.virtual") / "parameters" / f"{name}.toml").read_text("utf-8")


def _flat(values: Mapping[str, Any], above: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, entry in values.items():
        if "value" in entry:
            yield f"{above}{name}", entry
        else:
            yield from _flat(entry, f"{above}{name}.")
