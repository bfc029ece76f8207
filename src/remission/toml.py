"""TOML files into checked models, with errors that name file, line and what to write instead."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from remission.errors import InputError, Problem, RemissionError, did_you_mean, place

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class Choices(BaseModel):
    """Base of every model read from TOML: frozen, and a key that is not known is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Model = TypeVar("Model", bound=BaseModel)
Location: TypeAlias = tuple[str | int, ...]
"""The keys that lead to a value in a file."""


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """Return a TOML file as (values, text).

    Raises :class:`InputError` when the file is missing or is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(Problem(
            str(path), "This file does not exist.", "",
            "Check the path: it has to be an existing .toml file.",
        )) from None
    except UnicodeDecodeError as error:
        raise InputError(Problem(
            str(path), f"Not UTF-8 text (byte {error.start}).", "TOML is UTF-8 by definition.",
            "Save the file again with the encoding UTF-8.",
        )) from None
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        raise InputError(Problem(
            str(path), f"Not valid TOML: {error}.", "",
            "Correct that line; text needs quotes, lists need [ ], names repeat only in [[ ]].",
        )) from None


def check_model(
    model: type[Model], values: dict[str, Any], text: str, path: Path,
    *, error: type[RemissionError] = InputError, at: Location = (),
) -> Model:
    """Return ``values`` as a checked model; ``at`` is where they stand in the file.

    Raises ``error`` with one problem for each thing that is wrong, all together.
    """
    try:
        return model.model_validate(values)
    except ValidationError as invalid:
        problems = tuple(
            _as_problem(detail, model, text, path, at) for detail in invalid.errors()
        )
        raise error(problems) from None


def line_of(text: str, location: Location) -> int | None:
    """Return the line (from 1) on which the key at ``location`` is written, if it can be found."""
    lines = text.splitlines()
    begin, found = 0, None
    names = list(location)
    for depth, name in enumerate(names):
        if isinstance(name, int):
            continue
        following = names[depth + 1] if depth + 1 < len(names) else None
        nth = following if isinstance(following, int) else 0
        header = ".".join(str(part) for part in names[: depth + 1] if isinstance(part, str))
        pattern = re.compile(
            rf"\s*(\[\[?\s*{re.escape(header)}\s*\]\]?|[\"']?{re.escape(name)}[\"']?\s*(=|\.))"
            rf"|.*[{{,]\s*[\"']?{re.escape(name)}[\"']?\s*="
        )
        hits = [number for number in range(begin, len(lines)) if pattern.match(lines[number])]
        if len(hits) > nth:
            begin = found = hits[nth]
    return None if found is None else found + 1


def _as_problem(
    detail: ErrorDetails, model: type[BaseModel], text: str, path: Path,
    at: Location,
) -> Problem:
    inside = tuple(detail["loc"])
    location = (*at, *inside)
    written = ".".join(str(part) for part in location)
    line = line_of(text, location)
    where = place(f"{path}" if line is None else f"{path}, line {line}")
    if detail["type"] == "extra_forbidden":
        return Problem(
            where, f"The key {written!r} is not known here.", "",
            did_you_mean(str(location[-1]), _keys_at(model, inside[:-1])),
        )
    if detail["type"] == "missing":
        return Problem(where, f"{written!r} is missing.", "It has no default.",
                       f"Write {location[-1]} = … there.")
    given = detail.get("input")
    shown = f" (given: {given!r})" if isinstance(given, str | int | float | bool) else ""
    message = detail["msg"].removeprefix("Value error, ")
    return Problem(where, f"{written!r}{shown}: {message}.".replace("..", "."), "",
                   "Correct it there.")


def _keys_at(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys a model knows at a location, as far as its annotations tell."""
    current: list[type[BaseModel]] = [model]
    for part in location:
        if isinstance(part, int):
            continue
        inner: list[type[BaseModel]] = []
        for candidate in current:
            field = candidate.model_fields.get(part)
            if field is not None:
                inner.extend(_models_in(field.annotation))
            elif _tag(candidate) == part:
                inner.append(candidate)
        current = inner or current
    return sorted({name for candidate in current for name in candidate.model_fields})


def _tag(model: type[BaseModel]) -> str | None:
    """Return the value of a model's ``kind`` when it is told apart by one."""
    field = model.model_fields.get("kind")
    return None if field is None else str(field.default)


def _models_in(annotation: object) -> list[type[BaseModel]]:
    """Return every model that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    found: list[type[BaseModel]] = []
    for part in getattr(annotation, "__args__", ()):
        found.extend(_models_in(part))
    return found
