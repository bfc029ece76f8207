"""Lines: every key of a TOML text is found where it stands, whatever stands around it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remission.toml_lines import Location, line_of, lines_of
from tests.conftest import ROOT

TEXT = '''\
# title = "in a comment"; [study]
top = 1                               # top = 2
[study]
title = "[analyses] title = 'no'"
long = """
title = "inside"
[[analyses]]
\\""" # not the end"""
literal = \'\'\'
[groups.g]\'\'\'
"quoted key" = 1
dotted . 'second key'."third\\u0021" = 2

[groups.g]
levels = { "R/R" = ["RR"], "a = {b" = [1,
  2], c.d = { e = 3 } }

[[analyses]]
kind = "survival"
at = [
  "1 year",   # ] not the end
  "2 years",
]

[analyses.inner]
deep = 2020-01-01 07:30:00

[[analyses]]
kind = "transplant"
variables = [
    { name = "age" }, "sex",
    { name = "death", labels = { Y = "yes" } },
]
[[analyses.parts]]
[[analyses.parts]]
last = true

[late.implied]
x = 1
[late]
y = [[1, 2], [3,
4]]
'''


@pytest.mark.parametrize(("location", "line"), [
    (("top",), 2), (("study",), 3), (("study", "title"), 4), (("study", "long"), 5),
    (("study", "literal"), 9), (("study", "quoted key"), 11),
    (("study", "dotted", "second key", "third!"), 12), (("groups",), 14), (("groups", "g"), 14),
    (("groups", "g", "levels", "R/R", 0), 15), (("groups", "g", "levels", "a = {b", 0), 15),
    (("groups", "g", "levels", "a = {b", 1), 16), (("groups", "g", "levels", "c", "d", "e"), 16),
    (("analyses",), 18), (("analyses", 0), 18), (("analyses", 0, "at", 1), 22),
    (("analyses", 0, "inner"), 25), (("analyses", 0, "inner", "deep"), 26),
    (("analyses", 1), 28), (("analyses", 1, "kind"), 29),
    (("analyses", 1, "variables", 1), 31), (("analyses", 1, "variables", 2, "labels", "Y"), 32),
    (("analyses", 1, "parts", 0), 34), (("analyses", 1, "parts", 1, "last"), 36),
    (("late",), 40), (("late", "implied"), 38), (("late", "y", 1), 41), (("late", "y", 1, 1), 42),
])
def test_a_key_has_the_line_it_stands_on(location: Location, line: int) -> None:
    assert line_of(TEXT, location) == line


@pytest.mark.parametrize(("location", "line"), [
    (("analyses", 1, "title"), 28), (("analyses", 0, "title"), 18), (("study", "anchor"), 3),
    (("groups", "g", "levels", "c", "f"), 16), (("records",), None),
])
def test_a_key_that_is_missing_has_the_line_of_its_table(
    location: Location, line: int | None
) -> None:
    assert line_of(TEXT, location) == line


def places(value: Any, at: Location = ()) -> Iterator[Location]:
    """Yield the location of every table, key and item of what was read."""
    inside = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ())
    for key, inner in inside:
        yield (*at, key)
        yield from places(inner, (*at, key))


@pytest.mark.parametrize("text", [TEXT, "", "\n", "a=1", "a = []\n[b]\n[[c]]", *(
    path.read_text(encoding="utf-8") for folder in ("src", "studies")
    for path in sorted((ROOT / folder).rglob("*.toml")))])
def test_all_that_is_read_has_a_line_and_nothing_else(text: str) -> None:
    assert set(lines_of(text)) == set(places(tomllib.loads(text)))


class Writer:
    """Writes a document line by line and remembers where each key went."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.lines, self.expected = draw, [""], {}

    def add(self, text: str) -> None:
        first, *more = text.split("\n")
        self.lines[-1] += first
        self.lines += more

    def key(self, name: str) -> str:
        plain = name.isascii() and name.isalnum()
        escaped = "".join(f"\\U{ord(letter):08x}" for letter in name)
        return self.draw(st.sampled_from([f'"{escaped}"', *([name] if plain else [])]))

    def table(self, values: dict[str, Any], at: Location) -> None:
        """Write the pairs of a table first, then the tables in it."""
        for name, value in values.items():
            if not is_block(value):
                self.space()
                self.pair(name, value, at)
                self.add("\n")
        for name, value in values.items():
            for number, block in enumerate(value if is_block(value) else []):
                header = ".".join(map(self.key, (*filter_names(at), name)))
                self.space()
                self.expected.setdefault((*at, name), len(self.lines))
                self.expected[*at, name, number] = len(self.lines)
                self.add(f"[[ {header} ]]\n")
                self.table(block, (*at, name, number))

    def space(self) -> None:
        self.add(self.draw(st.sampled_from(["", "\n", "# a = 1\n", "\t", "#]\n\n  "])))

    def pair(self, name: str, value: Any, at: Location) -> None:
        self.expected[*at, name] = len(self.lines)
        self.add(f"{self.key(name)} = ")
        self.value(value, (*at, name))

    def value(self, value: Any, at: Location) -> None:
        if isinstance(value, dict):
            self.add("{")
            for number, (name, inner) in enumerate(value.items()):
                self.add(", " if number else " ")
                self.pair(name, inner, at)
            self.add(" }")
        elif isinstance(value, list):
            self.add("[")
            for number, inner in enumerate(value):
                self.add(self.draw(st.sampled_from(["", " ", "\n", "# ]\n"])))
                self.expected[*at, number] = len(self.lines)
                self.value(inner, (*at, number))
                self.add(",")
            self.add("]")
        else:
            self.add(value)


def is_block(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(
        isinstance(item, dict) and item.get("block") for item in value)


def filter_names(at: Location) -> list[str]:
    return [part for part in at if isinstance(part, str)]


names = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=5) | (
    st.sampled_from(["a", "b", "1"]))
scalars = st.sampled_from([
    "1", "-1.5e3", "true", "1979-05-27 07:32:00", '"a = 1 # ]"', "'[a]'", '""', "''",
    '"""\na = 1\n[[a]]\n"""', "'''\n''a = 1'''", '"""" \\""" """""', '"\\"] #"', '""""""'])
inline = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6)
tables = st.recursive(
    st.dictionaries(names, inline, max_size=3),
    lambda inner: st.dictionaries(names, inline | st.lists(
        inner.map(lambda table: {"block": "true", **table}), min_size=1, max_size=3), max_size=3),
    max_leaves=6)


@given(st.data(), tables)
def test_whatever_is_written_is_found_on_its_line(
    data: st.DataObject, values: dict[str, Any]
) -> None:
    writer = Writer(data.draw)
    writer.table(values, ())
    text = "\n".join(writer.lines)
    tomllib.loads(text)                       # the writer writes valid TOML
    assert lines_of(text) == writer.expected


def test_a_byte_order_mark_is_not_part_of_the_first_key(tmp_path: Path) -> None:
    from remission.toml import read_toml

    path = tmp_path / "study.toml"
    path.write_text("a = 1\n", encoding="utf-8-sig")
    values, text = read_toml(path)
    assert values == {"a": 1} and line_of(text, ("a",)) == 1
