"""What several rules of one run need is computed once and kept until the run ends.

A rule of the checks or the definitions does not know of other rules. Within a run
(:func:`one_run`) the same columns of a table are the same frame, and a function marked with
:func:`once` gives its last answer again where it is asked with the same frames or the same study.
Frames and studies are the same by identity, words and tuples of plain values by what they say.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

Answer = TypeVar("Answer")

_FUNCTIONS = 6
"""How many functions keep their answer: those that were asked last."""

_RUN: ContextVar[dict[Hashable, Any] | None] = ContextVar("run", default=None)


@contextmanager
def one_run() -> Iterator[None]:
    """Keep what is computed once until the end of the block."""
    token = _RUN.set({})
    try:
        yield
    finally:
        _RUN.reset(token)


def kept(owner: object, key: Hashable, make: Callable[[], Answer]) -> Answer:
    """Return what was made of an owner under a key in this run, made now if it is the first time.

    The owner is known by its identity, and lives as long as the run.
    """
    run = _RUN.get()
    if run is None:
        return make()
    named = id(owner), key
    if named not in run:
        run[named] = owner, make()
    found: Answer = run[named][1]
    return found


def once(function: Callable[..., Answer]) -> Callable[..., Answer]:
    """Let a function of frames and choices give its last answer again, if asked the same.

    Only the last is kept, and of few functions: what is shared is asked for in a row, and frames
    are large.
    """

    @wraps(function)
    def remembered(*given: Any) -> Answer:
        run = _RUN.get()
        if run is None:
            return function(*given)
        answers: dict[Any, Any] = run.setdefault(once, {})
        before, answer = answers.pop(remembered, ((), None))
        if len(before) != len(given) or not all(map(_is_same, before, given)):
            answer = function(*given)
        answers[remembered] = given, answer
        if len(answers) > _FUNCTIONS:
            del answers[next(iter(answers))]
        found: Answer = answer
        return found

    return remembered


def _is_same(one: object, other: object) -> bool:
    return one is other or (isinstance(one, str | tuple) and one == other)
