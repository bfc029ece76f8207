"""What a source's own dictionary says now, beside what it said at the import before.

A mapping is written for one dictionary. Where a code, a type or a field is no longer what it was,
the same mapping would read something else; where a label changed or a field was added, it reads
the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from remission.errors import Problem
from remission.sources.sheet import Field

Known = Mapping[str, Mapping[str, Any]]
"""Sheet → field → what its dictionary says of it, as the account of an import keeps it."""

_TYPE = {"kind": "type", "unit": "unit", "date": "layout of dates"}
_CODES = {"choices": "code", "missing": "missing-data code"}


@dataclass(frozen=True)
class Change:
    """One thing that the dictionary says otherwise; ``stops`` where a mapping may read it wrong."""

    sheets: tuple[str, ...]
    field: str
    what: str
    stops: bool

    def __str__(self) -> str:
        """Return the change with its place, in one line."""
        return f"{self.where}: {self.what}"

    @property
    def where(self) -> str:
        """The sheets and the field."""
        return ", ".join((*self.sheets, *([f"field {self.field}"] if self.field else [])))


def account_of(fields: Mapping[str, Mapping[str, Field]]) -> dict[str, Any]:
    """Return the dictionary as the account of an import keeps it, with its fingerprint.

    A column that only repeats another (one choice of a checkbox field) changes with it.
    """
    sheets = {sheet: {name: _kept(known) for name, known in of_sheet.items() if not known.repeats}
              for sheet, of_sheet in fields.items() if of_sheet}
    text = json.dumps(sheets, sort_keys=True, ensure_ascii=False)
    return {"sha256": hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest(),
            "sheets": sheets}


def changes_since(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what changed between two dictionaries of :func:`account_of`; none if there was none.

    The same change in several sheets (as of an event's name) is told once.
    """
    if not before.get("sheets") or before["sha256"] == now["sha256"]:
        return ()
    if not now["sheets"]:
        return (Change(tuple(before["sheets"]), "", "the source came with a dictionary at the last "
                       "import, and comes without it now", stops=True),)
    merged: dict[tuple[str, str, bool], list[str]] = {}
    for sheet, name, what, stops in _differences(before["sheets"], now["sheets"]):
        merged.setdefault((name, what, stops), []).append(sheet)
    return tuple(Change(tuple(sheets), name, what, stops)
                 for (name, what, stops), sheets in merged.items())


def problem_of(change: Change) -> Problem:
    """Return the problem that a change is which stops an import."""
    return Problem(
        change.where, f"The dictionary changed since the last import: {change.what}.",
        "The mapping was written for the earlier dictionary and may read the field wrong.",
        "Correct the mapping where it uses the field, then import again with --accept-dictionary.")


def _kept(known: Field) -> dict[str, Any]:
    said = {"label": known.label, "kind": known.kind, "choices": dict(known.choices),
            "missing": dict(known.missing), "unit": known.unit, "date": known.date,
            "identifier": known.identifier}
    return {name: value for name, value in said.items() if value}


def _differences(before: Known, now: Known) -> Iterator[tuple[str, str, str, bool]]:
    """Yield (sheet, field, what changed, whether it stops the import)."""
    for sheet, fields in before.items():
        if sheet not in now:
            yield sheet, "", f"it is gone, with {len(fields)} fields", True
    for sheet, fields in now.items():
        if sheet not in before:
            yield sheet, "", f"it is new, with {len(fields)} fields", False
            continue
        was, new = before[sheet], fields
        for name in was:
            if name in new:
                yield from ((sheet, name, what, stops)
                            for what, stops in _of_field(was[name], new[name]))
            else:
                yield sheet, name, _gone(name, now), True
        for name in new:
            if name not in was:
                yield sheet, name, "it is new", False


def _gone(name: str, now: Known) -> str:
    others = [sheet for sheet, fields in now.items() if name in fields]
    return f"it is gone from here and stands in {', '.join(others)}" if others else "it is gone"


def _of_field(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for part, word in _TYPE.items():
        if was.get(part) != now.get(part):
            yield (f"its {word} was {was.get(part) or 'not said'}, "
                   f"is {now.get(part) or 'not said'}"), True
    for part, word in _CODES.items():
        listed = list(_of_codes(was.get(part, {}), now.get(part, {}), word))
        if listed:
            yield "; ".join(listed), True
    if was.get("label") != now.get("label"):
        yield f"its label was {was.get('label', '')!r}, is {now.get('label', '')!r}", False
    if was.get("identifier") != now.get("identifier"):
        yield "it is " + ("now" if now.get("identifier") else "no longer") + (
            " marked as naming a person"), False


def _of_codes(was: Mapping[str, str], now: Mapping[str, str], word: str) -> Iterator[str]:
    for code, label in was.items():
        if code not in now:
            yield f"{word} {code} ({label}) is gone"
        elif now[code] != label:
            yield f"{word} {code} was {label!r}, is {now[code]!r}"
    for code, label in now.items():
        if code not in was:
            yield f"{word} {code} ({label}) is new"
