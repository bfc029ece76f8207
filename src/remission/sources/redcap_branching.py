"""REDCap's branching logic: true, false or unknown, and never a guess.

Understood are ``and``, ``or``, ``not``, parentheses, ``=``, ``<>``, ``!=``, ``<``, ``>``, ``<=``,
``>=`` between fields (``[age]``, ``[visit_1_arm_1][age]``, ``[race(2)]``), the ``[event-name]``,
quoted texts and numbers. What holds anything else (functions, sums, other smart variables) is
unknown, and so is what depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"""
    \s*(?: (?P<reference>(?:\[[^\[\]]*\])+)
         | (?P<text>"[^"\\]*"|'[^'\\]*')
         | (?P<number>\d+(?:\.\d+)?|\.\d+)
         | (?P<operator><>|!=|<=|>=|=|<|>)
         | (?P<word>[A-Za-z_]\w*)
         | (?P<mark>[(),+*/^-]) )""", re.VERBOSE)
_FIELD = re.compile(r"(?:\[(?P<event>[a-z0-9_]+)\])?"
                    r"\[(?P<field>[a-z][a-z0-9_]*)(?:\((?P<code>[^()\[\]]+)\))?\]")
EVENT_NAME = "event-name"
_NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)")
_DEEPEST = 50


@dataclass(frozen=True)
class Reference:
    """A field that logic looks at: in the same event, or in another; ``code`` of a checkbox."""

    field: str
    event: str | None = None
    code: str | None = None


ValueOf = Callable[[Reference], str | None]
"""The text a field holds ('' where it is blank), or None where that is not known."""


@dataclass(frozen=True)
class _Literal:
    text: str
    is_quoted: bool


_Operand = Reference | _Literal | None


@dataclass(frozen=True)
class _Comparison:
    operator: str
    left: _Operand
    right: _Operand

    def holds(self, value_of: ValueOf) -> bool | None:
        left, right = (_text(side, value_of) for side in (self.left, self.right))
        if left is None or right is None:
            return None
        if self.operator in ("<", ">", "<=", ">="):
            return _is_ordered(self.operator, left, right)
        is_loose = any(isinstance(side, _Literal) and not side.is_quoted
                       for side in (self.left, self.right))
        same = _is_same(left, right, is_loose=is_loose)
        return same if self.operator == "=" or same is None else not same


@dataclass(frozen=True)
class _Joined:
    word: str
    parts: tuple[Logic, ...]

    def holds(self, value_of: ValueOf) -> bool | None:
        decisive = self.word == "or"
        found = [part.holds(value_of) for part in self.parts]
        if decisive in found:
            return decisive
        return None if None in found else not decisive


@dataclass(frozen=True)
class _Not:
    part: Logic

    def holds(self, value_of: ValueOf) -> bool | None:
        found = self.part.holds(value_of)
        return None if found is None else not found


@dataclass(frozen=True)
class _Unknown:
    def holds(self, value_of: ValueOf) -> bool | None:
        del value_of
        return None


Logic = _Comparison | _Joined | _Not | _Unknown
_UNKNOWN = _Unknown()


def is_shown(logic: str, value_of: ValueOf) -> bool | None:
    """Return whether branching logic shows its field; None where that is not known."""
    return parsed(logic).holds(value_of)


@lru_cache(maxsize=4096)
def parsed(logic: str) -> Logic:
    """Return the logic ready to be asked; what is not understood is unknown as a whole."""
    try:
        return _Parser(logic).whole()
    except _NotUnderstoodError:
        return _UNKNOWN


class _NotUnderstoodError(Exception):
    """The text is no logic that this reader knows."""


class _Parser:
    """Reads tokens from the left; ``or`` binds less than ``and``, ``and`` less than ``not``."""

    def __init__(self, logic: str) -> None:
        self.tokens = _tokens(logic)
        self.at = 0
        self.depth = 0

    def whole(self) -> Logic:
        found = self.joined("or")
        if self.at < len(self.tokens):
            raise _NotUnderstoodError
        return found

    def joined(self, word: str) -> Logic:
        parts = [self.joined("and") if word == "or" else self.negated()]
        while self.take("word", word):
            parts.append(self.joined("and") if word == "or" else self.negated())
        return parts[0] if len(parts) == 1 else _Joined(word, tuple(parts))

    def negated(self) -> Logic:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _NotUnderstoodError
        found = _Not(self.negated()) if self.take("word", "not") else self.primary()
        self.depth -= 1
        return found

    def primary(self) -> Logic:
        if self.take("mark", "("):
            inner = self.joined("or")
            if not self.take("mark", ")"):
                raise _NotUnderstoodError
            if self.peek()[0] == "operator":
                raise _NotUnderstoodError
            return inner
        left = self.operand()
        kind, operator = self.peek()
        if kind != "operator":
            return _UNKNOWN  # a bare field or function: true in some versions, false in others
        self.at += 1
        return _Comparison("<>" if operator == "!=" else operator, left, self.operand())

    def operand(self) -> _Operand:
        kind, text = self.peek()
        self.at += 1
        if kind == "reference":
            return _reference(text)
        if kind == "text":
            return _Literal(text[1:-1], is_quoted=True)
        if kind == "number":
            return _Literal(text, is_quoted=False)
        if (kind, text) == ("mark", "-") and self.peek()[0] == "number":
            self.at += 1
            return _Literal(f"-{self.tokens[self.at - 1][1]}", is_quoted=False)
        if kind == "word" and self.take("mark", "("):
            self.skip_to_end_of_call()
            return None
        raise _NotUnderstoodError

    def skip_to_end_of_call(self) -> None:
        is_open = 1
        while is_open:
            kind, text = self.peek()
            if kind == "end":
                raise _NotUnderstoodError
            is_open += {"(": 1, ")": -1}.get(text, 0) if kind == "mark" else 0
            self.at += 1

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, kind: str, text: str) -> bool:
        if self.peek() != (kind, text):
            return False
        self.at += 1
        return True


def _tokens(logic: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    text = logic.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _NotUnderstoodError
        found = match[match.lastgroup]
        tokens.append((match.lastgroup, found.lower() if match.lastgroup == "word" else found))
        at = match.end()
    return tokens


def _reference(text: str) -> Reference | None:
    if text == f"[{EVENT_NAME}]":
        return Reference(EVENT_NAME)
    match = _FIELD.fullmatch(text)
    return None if match is None else Reference(
        match["field"], match["event"], match["code"] and match["code"].strip())


def _text(side: _Operand, value_of: ValueOf) -> str | None:
    if side is None:
        return None
    return side.text if isinstance(side, _Literal) else value_of(side)


def _is_same(left: str, right: str, *, is_loose: bool) -> bool | None:
    """Return whether two texts are equal; unknown where they differ only in how they are written.

    ``1`` and ``1.0`` are equal beside a bare number; beside a quoted one, REDCap's two readers of
    logic (on the page and on the server) do not agree. Neither do they on capitals.
    """
    if left == right:
        return True
    if _NUMBER.fullmatch(left) and _NUMBER.fullmatch(right) and float(left) == float(right):
        return True if is_loose else None
    if "" in (left, right):
        return None if is_loose else False
    return None if left.casefold().strip() == right.casefold().strip() else False


def _is_ordered(operator: str, left: str, right: str) -> bool | None:
    if not (_NUMBER.fullmatch(left) and _NUMBER.fullmatch(right)):
        return None
    first, second = float(left), float(right)
    return {"<": first < second, ">": first > second,
            "<=": first <= second, ">=": first >= second}[operator]
