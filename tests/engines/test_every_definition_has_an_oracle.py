"""Every definition, under each of its sets, is compared with an oracle by some test beside this.

What a test compares is read from its parameters and from the words in its own body: the cases, the
names of definitions and of sets.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from remission.definitions.chapters import CHAPTER_OF
from remission.definitions.criteria import criteria_sets, default_set
from remission.definitions.definition import REGISTRY
from tests.engines.case import Case

EXCEPTIONS: Mapping[str, str] = {}
"""Definition, or definition and set, → why no oracle judges it."""


def words_of(thing: object) -> Iterator[str]:
    """Yield the words in a parameter: a case names its definition and what its plan chooses."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, Case):
        yield thing.name
        yield from words_of(thing.plan)
    elif isinstance(thing, Mapping):
        yield from itertools.chain.from_iterable(map(words_of, thing.values()))
    elif isinstance(thing, list | tuple):
        yield from itertools.chain.from_iterable(map(words_of, thing))


def words_of_runs(test: Callable[..., Any]) -> Iterator[set[str]]:
    """Yield the words of each run of a test: those of its body, and of one set of parameters."""
    marks = [mark for mark in getattr(test, "pytestmark", ())
             if mark.name == "parametrize" and mark.args[0] != "engine"]
    drawn = getattr(test, "hypothesis", None)
    body = (drawn.inner_test if drawn is not None else test).__code__.co_consts
    for run in itertools.product(*(list(mark.args[1]) for mark in marks)):
        yield {*words_of(list(body)), *words_of(list(run))}


def compared() -> set[tuple[str, str | None]]:
    """Return each definition that a test compares, with each set under which it does."""
    found: set[tuple[str, str | None]] = set()
    for file in sorted(Path(__file__).parent.glob("test_oracle*.py")):
        module = importlib.import_module(f"tests.engines.{file.stem}")
        for name, test in vars(module).items():
            if not name.startswith("test_"):
                continue
            for words in words_of_runs(test):
                found |= {(word, chosen) for word in words & CHAPTER_OF.keys()
                          for chosen in (*words - CHAPTER_OF.keys(), None)}
    return found


def wanted(name: str) -> Iterator[tuple[str, str | None]]:
    """Yield a definition, and each of its sets besides the one that is taken without a choice."""
    yield name, None
    notion = REGISTRY[name].criteria
    if notion is not None:
        for chosen in criteria_sets(notion):
            if chosen != default_set(notion):
                yield name, chosen


@pytest.fixture(scope="module")
def comparisons() -> set[tuple[str, str | None]]:
    """What the tests of the oracles compare."""
    return compared()


def test_every_definition_and_set_has_an_oracle(
    comparisons: set[tuple[str, str | None]]
) -> None:
    without = [" by ".join(part for part in asked if part)
               for name in CHAPTER_OF for asked in wanted(name) if asked not in comparisons]
    assert sorted(set(without) - EXCEPTIONS.keys()) == []
    assert set(without) >= EXCEPTIONS.keys(), "an exception has an oracle by now"


def test_a_definition_without_a_comparison_is_seen(
    comparisons: set[tuple[str, str | None]]
) -> None:
    assert ("crs_grade", None) in comparisons
    assert ("crs_grade", "eln_2024") not in comparisons
    assert ("platelet_recovery", "olaya_2025_last_day") in comparisons
    assert ("response", "zhang_2025_first_cycle") not in comparisons
