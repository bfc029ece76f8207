"""Results: one long table; every number that will be printed is one row."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any

ALL = "Overall"
"""The group of everyone."""

OUTSIDE = "outside"
"""The level of the row that counts who is in none of the groups."""

BANDS = "bands"
"""The level of a comparison in all bands of grades at once."""

_SIGNIFICANT = 12
"""Digits kept of a float, so that the same input gives the same bytes."""


_SINGULAR = {"children": "child", "patients": "patient", "events": "event", "cycles": "cycle",
             "pairs": "pair"}


def people(n: int, word: str) -> str:
    """Return ``1 child``, ``12 children``, ``1 transplanted child``, ``1 child with ICANS``."""
    if n != 1:
        return f"{n} {word}"
    words = word.split(" ")
    place = next((place for place, one in enumerate(words) if one in _SINGULAR), None)
    if place is not None:
        words[place] = _SINGULAR[words[place]]
    return " ".join([str(n), *words])


def in_sentence(words: str) -> str:
    """Return words as they stand inside a sentence: acronyms keep their capitals."""
    first = words.split(" ", maxsplit=1)[0]
    is_acronym = first[1:].lower() != first[1:] or any(char.isdigit() for char in first)
    return words if is_acronym else f"{words[0].lower()}{words[1:]}"


@dataclass(frozen=True)
class Base:
    """What a number is a share of, or was computed on: how many, of what."""

    n: int
    of: str

    def __str__(self) -> str:
        """Return ``187 children``, ``1 child``."""
        return people(self.n, self.of)


@dataclass(frozen=True)
class Result:
    """One number, or the reason why there is none.

    ``statistic`` says what ``value`` is (count, percent, median, survival, p …); ``at`` is a
    time in days; ``base`` is what it was computed on; ``method`` how, with its conventions;
    ``note`` what must be said with it; ``subjects`` the children behind it.
    """

    analysis: str
    variable: str
    statistic: str
    value: float | str | None
    group: str = ALL
    level: str = ""
    at: float | None = None
    unit: str = ""
    base: Base | None = None
    method: str = ""
    note: str = ""
    population: str = "all"
    subjects: tuple[str, ...] = field(default=())

    @cached_property
    def id(self) -> str:
        """A readable name for this row, for addresses."""
        parts = [self.analysis, self.variable, self.level, self.group, self.statistic]
        if self.at is not None:
            parts.append(f"{self.at:g}")
        return ".".join(_slug(part) for part in parts if part)

    @property
    def number(self) -> float:
        """The value as a number. Raises ``ValueError`` when there is none (see ``note``)."""
        if self.value is None:
            raise ValueError(f"{self.id} has no value: {self.note}")
        return float(self.value)

    def as_dict(self) -> dict[str, Any]:
        """Return the row with the fields of ``results.json``, in their order."""
        return {
            "id": self.id, "analysis": self.analysis, "population": self.population,
            "group": self.group, "variable": self.variable, "level": self.level, "at": self.at,
            "statistic": self.statistic, "value": _stable(self.value), "unit": self.unit,
            "base": None if self.base is None else {"n": self.base.n, "of": self.base.of},
            "method": self.method, "note": self.note, "subjects": list(self.subjects),
        }


_FIELDS = frozenset(item.name for item in fields(Result))


class Results(Sequence[Result]):
    """All rows of a study's results, in the order they were computed."""

    def __init__(self, rows: Iterable[Result] = ()) -> None:
        """Keep the rows."""
        self._rows = tuple(rows)

    def __getitem__(self, index: Any) -> Any:
        """Return one row, or the rows of a slice as Results."""
        found = self._rows[index]
        return Results(found) if isinstance(index, slice) else found

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Result]:
        """Yield the rows in order."""
        return iter(self._rows)

    @cached_property
    def _of_analysis(self) -> Mapping[str, Results]:
        """The rows of each analysis: most questions are about one of them."""
        return _apart(self._rows, "analysis")

    @cached_property
    def _of_variable(self) -> Mapping[str, Results]:
        """The rows of each variable: of an analysis, most questions are about one of them."""
        return _apart(self._rows, "variable")

    def select(self, **wanted: object) -> Results:
        """Return the rows whose fields equal what is asked: ``select(variable="sex")``.

        A tuple, list or set asks for any of its members. Raises ``TypeError`` for a field that
        does not exist.
        """
        unknown = set(wanted) - _FIELDS
        if unknown:
            raise TypeError(f"Results have no field {', '.join(sorted(unknown))}.")
        if isinstance(analysis := wanted.get("analysis"), str):
            del wanted["analysis"]
            return self._of_analysis.get(analysis, Results()).select(**wanted)
        if isinstance(variable := wanted.get("variable"), str):
            del wanted["variable"]
            return self._of_variable.get(variable, Results()).select(**wanted)
        rows: Sequence[Result] = self._rows
        for name, value in wanted.items():
            rows = _matching(rows, name, value)
        return Results(rows) if wanted else self

    def one(self, **wanted: object) -> Result:
        """Return the only row that matches. Raises ``LookupError`` when there is none, or two."""
        found = self.select(**wanted)
        if len(found) != 1:
            raise LookupError(f"{len(found)} results match {wanted}; one was expected.")
        row: Result = found[0]
        return row

    def find(self, **wanted: object) -> Result | None:
        """Return the first row that matches, or None."""
        found = self.select(**wanted)
        return found[0] if len(found) else None

    def to_json(self) -> str:
        """Return the rows as a JSON list; the same results give the same bytes."""
        as_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        rows = ",\n".join(as_written(row.as_dict()) for row in self._rows)
        return f"[\n{rows}\n]\n"


def _apart(rows: Sequence[Result], name: str) -> Mapping[str, Results]:
    """Return the rows of each value of a field."""
    field_of = attrgetter(name)
    found: dict[str, list[Result]] = {}
    for row in rows:
        found.setdefault(field_of(row), []).append(row)
    return {value: Results(of_value) for value, of_value in found.items()}


def _matching(rows: Sequence[Result], name: str, value: object) -> list[Result]:
    """Return the rows of which a field equals a value, or any of several."""
    field_of = attrgetter(name)
    if isinstance(value, tuple | list | set):
        return [row for row in rows if field_of(row) in value]
    return [row for row in rows if field_of(row) == value]


def _stable(value: float | str | None) -> float | int | str | None:
    """Return a value as JSON keeps it: NaN is null, whole floats stay floats, digits are cut."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return float(f"{value:.{_SIGNIFICANT}g}")
    return value


@lru_cache(maxsize=4096)
def _slug(text: str) -> str:
    cleaned = "".join(char if char.isalnum() or char in "_-" else "-" for char in text)
    return "-".join(part for part in cleaned.split("-") if part)
