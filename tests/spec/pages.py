"""The pages of docs/definitions, from the registry and from the worked examples beside this file.

``python -m tests.spec.pages docs/definitions`` writes them; a test fails when one is stale. Each
directory of ``tests/spec`` is a page; a definition stands on the page that shows it most often.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from remission.definitions import cohort  # noqa: F401 - declares every definition
from remission.definitions.criteria import EVIDENCE, Criteria, criteria_sets, default_set
from remission.definitions.definition import REGISTRY, Definition
from tests.spec.examples import Example, examples_markdown, recorded

_HEAD = ("Generated from the definitions and their worked examples; do not edit by hand "
         "(`make docs`).")
_GRAINS = {"subject": "child"}
_NO_EXAMPLES = "others"
_MEMORY = "**from memory, to be verified by a person**"
_PROSE = re.compile(r"[\w,()–<>≥≤. ]* [\w,()–<>≥≤. ]*")
"""Words, unlike a code or a pattern: they have a space and no other signs."""


def pages() -> dict[str, str]:
    """Return every page by file name."""
    chapters = recorded()
    home = _homes(chapters)
    names = [*chapters, *([_NO_EXAMPLES] if _NO_EXAMPLES in home.values() else [])]
    found = {f"{name}.md": _page(name, [REGISTRY[each] for each in REGISTRY if home[each] == name],
                                 chapters.get(name, [])) for name in names}
    return {"README.md": _index(names, home), **found}


def _homes(chapters: Mapping[str, list[Example]]) -> dict[str, str]:
    """Return definition → the chapter that shows it most, or that of its neighbours in the code."""
    shown = {name: Counter(call.name for example in examples for call in example.calls)
             for name, examples in chapters.items()}
    home: dict[str, str] = {}
    for name in REGISTRY:
        best = max(shown, key=lambda chapter: shown[chapter][name])
        if shown[best][name]:
            home[name] = best
    for name, definition in REGISTRY.items():
        beside = [home[other] for other in home
                  if REGISTRY[other].rule.__module__ == definition.rule.__module__]
        own = definition.rule.__module__.rpartition(".")[2]
        home.setdefault(name, beside[0] if beside else own if own in chapters else _NO_EXAMPLES)
    return home


def _index(names: list[str], home: Mapping[str, str]) -> str:
    lines = ["# Definitions", "", _HEAD, "",
             "What each derived word means, on whose word, and worked examples of it. Tags of "
             "evidence: " + "; ".join(f"{tag} {words}" for tag, words in EVIDENCE.items())
             + ". ⚠ marks what rests on memory in part.",
             "", "| page | definition | sets | evidence |", "|---|---|---|---|"]
    for page in names:
        for name, definition in REGISTRY.items():
            if home[name] == page:
                lines.append(f"| [{_title(page)}]({page}.md) | {definition.label} (`{name}`) | "
                             f"{_sets_in_short(definition)} | {_evidence_in_short(definition)} |")
    lines.extend(f"| [{_title(page)}]({page}.md) | | | |" for page in names
                 if page not in home.values())
    return "\n".join(lines) + "\n"


def _sets(definition: Definition) -> list[Criteria]:
    """Return the sets of a definition, the default first."""
    if definition.criteria is None:
        return []
    sets = criteria_sets(definition.criteria)
    default = default_set(definition.criteria)
    return [sets[default], *(each for name, each in sets.items() if name != default)]


def _sets_in_short(definition: Definition) -> str:
    return ", ".join(f"`{each.name}`" for each in _sets(definition))


def _evidence_in_short(definition: Definition) -> str:
    tags = [each.evidence for each in _sets(definition)] or [definition.evidence]
    shown = "; ".join(dict.fromkeys(tag for tag in tags if tag))
    return f"{shown} ⚠" if "M" in shown.split() or "M;" in shown.split() else shown


def _page(name: str, definitions: list[Definition], examples: list[Example]) -> str:
    lines = [f"# {_title(name)}", "", _HEAD, "", "[All definitions](README.md)", ""]
    for definition in definitions:
        lines.extend(_definition(definition))
    if examples:
        lines.extend(["## Worked examples", "",
                      "Each table shows only the columns that matter; `unknown` stands where the "
                      "records do not tell.", ""])
        for example in examples:
            lines.extend(examples_markdown(example))
    return "\n".join(lines).rstrip() + "\n"


def _title(name: str) -> str:
    return {"gvhd": "Graft-versus-host disease"}.get(name, name.replace("_", " ").capitalize())


def _definition(definition: Definition) -> Iterator[str]:
    yield from (f"## {definition.label}", "", f"`{definition.name}`: {definition.words}.", "")
    yield f"- One value for each {_GRAINS.get(definition.grain, _in_words(definition.grain))}"
    if definition.unit:
        yield f"- Unit: {definition.unit}"
    if definition.levels:
        yield "- Values: " + "; ".join(
            f"`{code}` {label}" for code, label in definition.levels.items())
    if definition.day_label:
        yield f"- Day: {_lower(definition.day_label)} (`{definition.name}_day`)"
    yield "- Reads " + ", ".join(f"`{need}`" for need in definition.needs)
    if definition.reference:
        yield f"- Reference: {definition.reference}"
    if definition.evidence:
        yield f"- Evidence: {_spelled_out(definition.evidence)}"
    yield ""
    for number, each in enumerate(_sets(definition)):
        yield from _set(each, is_default=number == 0)


def _lower(text: str) -> str:
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def _spelled_out(evidence: str) -> str:
    return "; ".join(_MEMORY if tag == "M" else EVIDENCE[tag] for tag in evidence.split())


def _set(criteria: Criteria, *, is_default: bool) -> Iterator[str]:
    default = " (taken where the plan does not choose)" if is_default else ""
    yield from (f"### `{criteria.name}`{default}", "", f"{_sentence(criteria.wording)}", "",
                f"- Source: {criteria.source}",
                f"- Evidence: {_spelled_out(criteria.evidence)}")
    tables = {}
    for key, value in criteria.values.items():
        if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
            tables[key] = value
        else:
            yield f"- {_in_words(key)}: {_shown(value)}"
    yield ""
    for key, rows in tables.items():
        yield from (f"{_in_words(key).capitalize()}:", "", *_rows(rows), "")


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith(".") else ".")


def _in_words(key: str) -> str:
    return key.replace("_", " ")


def _shown(value: Any) -> str:
    """Return a parameter as a person reads it."""
    if isinstance(value, Mapping) and {"value", "unit", "inclusive"} <= set(value):
        unit = value["unit"].replace("10*9/L", "×10⁹/L").replace("Cel", "°C")
        return f"{value['value']:g} {unit}, {'included' if value['inclusive'] else 'not included'}"
    if isinstance(value, Mapping):
        return "; ".join(f"`{key}` {_shown(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_shown(inner) for inner in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value if _PROSE.fullmatch(value) else f"`{value}`" if value else "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _rows(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    keys = list(dict.fromkeys(key for row in rows for key in row))
    yield "| " + " | ".join(_in_words(key) for key in keys) + " |"
    yield "|" + "---|" * len(keys)
    for row in rows:
        cells = [_shown(row[key]) if key in row else "" for key in keys]
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def write(folder: Path) -> None:
    """Write every page into a folder and remove pages that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    written = pages()
    for old in folder.glob("*.md"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
