"""The line on which every key of a TOML text stands; the standard reader does not tell."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from functools import lru_cache
from typing import TypeAlias

Location: TypeAlias = tuple[str | int, ...]
"""The keys, and the positions in lists from 0, that lead to a value in a file."""

_STRING = r'"(?:[^"\\]|\\.)*"|\'[^\']*\''
_LONG_STRING = r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:\'{0,2})'
_SPACE = re.compile(r"[ \t]*")
_BETWEEN = re.compile(r"(?:[\s,]|#[^\n]*)*")
_NAME = re.compile(rf"{_STRING}|[A-Za-z0-9_-]+")
_TEXT = re.compile(rf"{_LONG_STRING}|{_STRING}", re.DOTALL)
_BARE = re.compile(r"[^,\]}#\n]+")


def line_of(text: str, location: Location) -> int | None:
    """Return the line (from 1) of the key at ``location`` in a valid TOML text.

    A key that is not written has the line of the header of its table; None where there is none.
    """
    lines = lines_of(text)
    while location and location not in lines:
        location = location[:-1]
    return lines.get(location)


@lru_cache(maxsize=8)
def lines_of(text: str) -> dict[Location, int]:
    """Return the line (from 1) of every table, key and item of a valid TOML text."""
    return _Scanner(text).scan()


class _Scanner:
    """Walks once through a text that is known to be valid and notes where each key begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Location, int] = {}
        self.last_item: dict[Location, int] = {}
        self.ends = [match.start() for match in re.finditer("\n", text)]

    def scan(self) -> dict[Location, int]:
        table: Location = ()
        while self.skip(_BETWEEN) < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
        return self.lines

    def header(self) -> Location:
        """Read ``[a.b]`` or ``[[a.b]]``; return where the keys below it belong."""
        begin = self.at
        is_list = self.text.startswith("[[", begin)
        self.at += 2 if is_list else 1
        *parents, name = self.key()
        self.at = self.text.index("]", self.at) + (2 if is_list else 1)
        location: Location = ()
        for parent in parents:
            location = self.newest((*location, parent))
            self.note(location, begin)
        location = (*location, name)
        self.note(location, begin)
        if is_list:
            self.last_item[location] = self.last_item.get(location, -1) + 1
        location = self.newest(location)
        self.lines[location] = self.line(begin)
        return location

    def newest(self, location: Location) -> Location:
        """Return the last item of a list of tables; any other location as it is."""
        last = self.last_item.get(location)
        return location if last is None else (*location, last)

    def pair(self, table: Location) -> None:
        """Read ``key = value``; a dotted key also begins the tables it names."""
        begin = self.at
        location = table
        for name in self.key():
            location = (*location, name)
            self.note(location, begin)
        self.at = self.text.index("=", self.at) + 1
        self.value(location)

    def key(self) -> list[str]:
        """Read a dotted key; return its names without quotes."""
        names = [self.name()]
        while self.text[self.skip(_SPACE)] == ".":
            self.at += 1
            names.append(self.name())
        return names

    def name(self) -> str:
        """Read one name of a key, bare or in quotes."""
        match = _NAME.match(self.text, self.skip(_SPACE))
        assert match is not None, "the text is valid, so a name stands here"
        self.at = match.end()
        written = match.group()
        return next(iter(tomllib.loads(f"{written} = 0"))) if written[0] in "\"'" else written

    def value(self, location: Location) -> None:
        """Read a value; note the items of a list and the keys of an inline table."""
        opening = self.text[self.skip(_SPACE)]
        if opening == "[":
            self.items(location)
        elif opening == "{":
            self.inline_table(location)
        else:
            self.skip(_TEXT if opening in "\"'" else _BARE)

    def items(self, location: Location) -> None:
        """Read ``[1, 2]``."""
        self.at += 1
        number = 0
        while self.text[self.skip(_BETWEEN)] != "]":
            self.note((*location, number), self.at)
            self.value((*location, number))
            number += 1
        self.at += 1

    def inline_table(self, location: Location) -> None:
        """Read ``{ a = 1, b = 2 }``."""
        self.at += 1
        while self.text[self.skip(_BETWEEN)] != "}":
            self.pair(location)
        self.at += 1

    def skip(self, what: re.Pattern[str]) -> int:
        """Go past what stands here, if it does; return the new position."""
        match = what.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
        return self.at

    def note(self, location: Location, begin: int) -> None:
        """Keep the line of a location; the first mention counts."""
        self.lines.setdefault(location, self.line(begin))

    def line(self, begin: int) -> int:
        return bisect_left(self.ends, begin) + 1
