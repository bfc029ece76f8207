"""The worked examples as data: every spec test is called with a ``spec`` that writes down."""

from __future__ import annotations

import inspect
import io
import tokenize
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any

_HERE = Path(__file__).parent
_SHOWN_ROWS = 12
_PARTS = {"value": "value", "how": "how it came about", "note": "note",
          "source": "deciding row"}


@dataclass(frozen=True)
class Call:
    """One call of ``spec``: what was asked of which tables, and the answer.

    ``records`` is what the plan says of the records and of other definitions.
    """

    name: str
    expected: Mapping[Any, Any]
    criteria: str | None
    part: str | tuple[str, ...]
    records: Mapping[str, Any]
    endpoint: Mapping[str, Any] | None
    tables: Mapping[str, str]


@dataclass(frozen=True)
class Example:
    """One spec test: its sentence, what its comments say, and its calls."""

    title: str
    says: tuple[str, ...]
    calls: tuple[Call, ...]


def recorded() -> dict[str, list[Example]]:
    """Return chapter → its worked examples, in the order of the files."""
    return {folder.name: [example for path in sorted(folder.glob("test_*.py"))
                          for example in _examples(folder.name, path.stem)]
            for folder in sorted(_HERE.iterdir()) if (folder / "__init__.py").exists()}


def _examples(chapter: str, module: str) -> Iterator[Example]:
    loaded = import_module(f"tests.spec.{chapter}.{module}")
    for name, function in vars(loaded).items():
        if name.startswith("test_") and "spec" in inspect.signature(function).parameters:
            yield Example(_title(name), tuple(_comments(function)), tuple(_calls(function)))


def _title(name: str) -> str:
    words = name.removeprefix("test_").replace("_s_", "'s ").replace("_", " ")
    return words[0].upper() + words[1:]


def _calls(function: Callable[..., None]) -> list[Call]:
    """Return what a spec test asks, under each of its parameters."""
    calls: list[Call] = []

    def spec(
        name: str, expected: Mapping[Any, Any], *, criteria: str | None = None,
        part: str | tuple[str, ...] = "value", records: Mapping[str, Any] | None = None,
        definitions: Mapping[str, str] | None = None,
        endpoint: Mapping[str, Any] | None = None, **tables: str,
    ) -> None:
        said = {**(records or {}), **(definitions or {})}
        calls.append(Call(name, dict(expected), criteria, part, said, endpoint, tables))

    for parameters in _parameters(function):
        function(spec=spec, **parameters)
    return calls


def _parameters(function: Callable[..., None]) -> Iterator[dict[str, Any]]:
    """Yield the arguments of each run of a parametrised test; none at all for a plain one."""
    marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "parametrize"]
    choices = []
    for mark in marks:
        names, values = mark.args[0], mark.args[1]
        names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
        rows = [getattr(row, "values", row) for row in values]
        choices.append([dict(zip(names, row if len(names) > 1 or hasattr(given, "values")
                                 else (row,), strict=True))
                        for row, given in zip(rows, values, strict=True)])
    for chosen in product(*choices):
        yield {name: value for part in chosen for name, value in part.items()}


def _comments(function: Callable[..., None]) -> Iterator[str]:
    """Yield what the comments of a test say, each block as one sentence or more."""
    block: list[str] = []
    last = -1
    source = io.StringIO(inspect.getsource(function))
    for token in tokenize.generate_tokens(source.readline):
        if token.type == tokenize.COMMENT and token.line.lstrip().startswith("# "):
            if block and token.start[0] != last + 1:
                yield " ".join(block)
                block = []
            block.append(token.string.removeprefix("# "))
            last = token.start[0]
    if block:
        yield " ".join(block)


def examples_markdown(example: Example) -> Iterator[str]:
    """Yield the lines of one example: tables, then what is expected of them."""
    yield from (f"### {example.title}", "")
    for says in example.says:
        yield from (says, "")
    for tables, records, calls in _by_tables(example.calls):
        for name, rows in tables.items():
            yield from (f"`{name}`", "", *_table(rows), "")
        for key, value in records.items():
            shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            yield from (f"The plan says `{key}`: {shown}.", "")
        yield from (*_expected(calls), "")


def _by_tables(
    calls: tuple[Call, ...],
) -> Iterator[tuple[Mapping[str, str], Mapping[str, Any], list[Call]]]:
    """Yield neighbouring calls on the same records together, with the tables not yet shown."""
    before: Mapping[str, str] = MappingProxyType({})
    group: list[Call] = []
    for call in calls:
        if group and (call.tables, call.records) != (group[0].tables, group[0].records):
            yield _unlike(group[0].tables, before), group[0].records, group
            before, group = group[0].tables, []
        group.append(call)
    if group:
        yield _unlike(group[0].tables, before), group[0].records, group


def _unlike(tables: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    return {name: rows for name, rows in tables.items() if before.get(name) != rows}


def _table(text: str) -> Iterator[str]:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    header, *body = ([cell.strip() for cell in line.split("|")] for line in lines)
    yield _line(header)
    yield "|" + "---|" * len(header)
    yield from (_line(row) for row in body[:_SHOWN_ROWS])
    if len(body) > _SHOWN_ROWS:
        yield ""
        yield f"… and {len(body) - _SHOWN_ROWS} more rows"


def _expected(calls: list[Call]) -> Iterator[str]:
    """Yield what the definitions give, a line a call and a column a child."""
    keys = list(dict.fromkeys(key for call in calls for key in call.expected))
    asked, under = ("definition", "set") if calls[0].endpoint is None else ("endpoint", "of")
    yield _line([asked, under, "part", *(_key(key) for key in keys)])
    yield "|" + "---|" * (len(keys) + 3)
    for call in calls:
        answers = ["" if key not in call.expected else _answer(call, call.expected[key])
                   for key in keys]
        yield _line([_asked(call), _under(call), _part(call.part), *answers])


def _asked(call: Call) -> str:
    return call.name if call.endpoint is not None else f"`{call.name}`"


def _under(call: Call) -> str:
    """Return the set a definition was asked under, or what an endpoint is made of."""
    if call.endpoint is None:
        return f"`{call.criteria}`" if call.criteria else "default"
    return "; ".join(f"{key} {', '.join(value) if isinstance(value, list) else value}"
                     for key, value in call.endpoint.items())


def _part(part: str | tuple[str, ...]) -> str:
    return _PARTS.get(part, part) if isinstance(part, str) else ", ".join(part)


def _key(key: Any) -> str:
    return ", ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _answer(call: Call, value: Any) -> str:
    if isinstance(value, tuple):
        return "unknown" if set(value) == {None} else f"**{', '.join(map(str, value))}**"
    if value is None:
        return "unknown" if call.part == "value" else "–"
    shown = f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"**{shown}**" if call.part in ("value", "day") else shown


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
