"""TOML files into checked models, with errors that name file, line and what to write instead."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from remission.errors import InputError, Problem, RemissionError, did_you_mean, place
from remission.toml_lines import Location, line_of

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

__all__ = ["Choices", "Location", "Model", "Unfit", "check_model", "details_of", "line_of",
           "read_toml", "refuse", "written_key"]


class Choices(BaseModel):
    """Base of every model read from TOML: frozen, and nothing is taken for what it is not.

    A key that is not known is an error, and so is a number or a truth value written as text.
    """

    # Built when a file is read: as parts of another model most would be built a second time.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _lists_become_tuples(cls, given: object) -> object:
        return _frozen(given)


class Unfit(ValueError):  # noqa: N818 - raised inside models, never seen by a user as such
    """A value that cannot stand: ``what`` follows the name of its key, ``cure`` says what can."""

    def __init__(self, what: str, cure: str) -> None:
        """Keep both; neither ends in a key or a place, which are added when it is told."""
        super().__init__(what)
        self.what = what
        self.cure = cure


def details_of(unfit: Iterable[tuple[Location, Unfit]]) -> list[InitErrorDetails]:
    """Return values that cannot stand, with their places below the one judged, for pydantic."""
    return [InitErrorDetails(type="value_error", loc=location, input=None, ctx={"error": error})
            for location, error in unfit]


def refuse(unfit: Iterable[tuple[Location, Unfit]]) -> None:
    """Refuse, from inside a validator, all values that cannot stand; does nothing for none."""
    details = details_of(unfit)
    if details:
        raise ValidationError.from_exception_data("", details)


Model = TypeVar("Model", bound=BaseModel)
_LONGEST_SHOWN = 40


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """Return a TOML file as (values, text).

    Raises :class:`InputError` when the file is missing or is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(Problem(
            str(path), "This file does not exist.", "",
            "Check the path: it has to be an existing .toml file." if path.name != "study.toml"
            else "Check the folder. Where a study has no plan yet, 'remission init DIR' makes one "
                 "to copy into it.",
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
    model: type[Model], values: Any, text: str, path: Path, *,
    error: type[RemissionError] = InputError, at: Location = (), known: Iterable[str] = (),
) -> Model:
    """Return ``values`` as a checked model; ``at`` is where they stand in the file.

    ``known`` are further keys to compare with where a key is not known. Raises ``error`` with one
    problem for each thing that is wrong, all together and in the order of the file.
    """
    try:
        return model.model_validate(values)
    except ValidationError as invalid:
        faults = list(_faults(invalid, model, values, at, tuple(known)))
    placed = [(line_of(text, fault.location), fault) for fault in faults]
    placed.sort(key=lambda found: found[0] or 0)
    raise error([
        fault.problem(place(str(path) if line is None else f"{path}, line {line}"))
        for line, fault in placed
    ])


def _frozen(given: object) -> object:
    """Return a value of TOML with its lists as tuples, which is what strict models take."""
    if isinstance(given, list | tuple):
        return tuple(_frozen(item) for item in given)
    if isinstance(given, dict):
        return {key: _frozen(value) for key, value in given.items()}
    return given


@dataclass(frozen=True)
class _Fault:
    """One place where a file does not fit its model.

    ``location`` leads there as it is written in the file, ``kind`` is pydantic's name of what is
    wrong, ``given`` what stands there. ``wanted`` are the types the value may have, ``choices``
    the words it may be, ``known`` the keys that its table may have.
    """

    kind: str
    location: Location
    given: Any
    context: Mapping[str, Any]
    wanted: tuple[str, ...]
    choices: tuple[str, ...]
    field: FieldInfo | None
    known: tuple[str, ...]

    def problem(self, where: str) -> Problem:
        """Return the fault in words."""
        what, why, cure = _WORDS.get(self.kind, _wrong_type)(self)
        return Problem(where, f"{what}.", why, cure)

    @property
    def subject(self) -> str:
        """The key at fault, after the block of a list it stands in: the subject of a sentence."""
        block, inside = self.block
        if block and inside:
            return f"In {block}, {_path(inside)!r}"
        return block or repr(_path(inside))

    @property
    def block(self) -> tuple[str, Location]:
        """The block of a list in which the fault is, if it is in one, and where in it."""
        match self.location:
            case (str(name), int(number), *inside):
                return f"[[{written_key(name)}]] {number + 1}", tuple(inside)
        return "", self.location

    @property
    def is_in_list(self) -> bool:
        """Whether the fault is in an item of a list, which no header can name."""
        return any(isinstance(part, int) for part in self.location)

    @property
    def assigned(self) -> str:
        """``key =`` and a space; nothing for an item of a list."""
        last = self.location[-1] if self.location else 0
        return f"{written_key(last)} = " if isinstance(last, str) else ""


def _faults(
    invalid: ValidationError, model: type[BaseModel], values: object, at: Location,
    known: tuple[str, ...],
) -> Iterator[_Fault]:
    """Yield what is wrong; where a value is none of several types, that is one fault."""
    together: dict[Location, list[ErrorDetails]] = {}
    for detail in invalid.errors(include_url=False):
        if detail["type"] == "too_short" and detail["input"]:
            continue  # counts only the items that are right; those that are not are told
        together.setdefault(_as_written(detail, values), []).append(detail)
    for inside, details in together.items():
        wanted = tuple(dict.fromkeys(
            _TYPES[detail["type"]] for detail in details if detail["type"] in _TYPES))
        judged = [detail for detail in details if detail["type"] not in _TYPES]
        for detail in judged or details[:1]:
            owners = _models_at(model, detail["loc"][:-1])
            fields = {field.alias or name: field for owner in owners
                      for name, field in owner.model_fields.items()}
            yield _Fault(
                detail["type"], (*at, *inside), _given(detail), detail.get("ctx", {}), wanted,
                _choices(detail, owners), fields.get(str(inside[-1])) if inside else None,
                (*sorted(fields), *(known if len(inside) == 1 else ())))


def _as_written(detail: ErrorDetails, values: object) -> Location:
    """Return where an error is in the file: its location without the names of types and kinds."""
    location: Location = ()
    current: Any = values
    before: str | int | None = None
    for part in detail["loc"]:
        is_kind = (isinstance(before, int) and isinstance(current, dict)
                   and current.get("kind") == part)
        is_there = (part in current if isinstance(current, dict)
                    else isinstance(current, list | tuple) and isinstance(part, int))
        before = part
        if is_there and not is_kind:
            location, current = (*location, part), current[part]
    added = {"missing": detail["loc"][-1:], "union_tag_invalid": ("kind",)}
    return (*location, *added.get(detail["type"], ()))


def _given(detail: ErrorDetails) -> Any:
    given = detail.get("input")
    return given["kind"] if detail["type"] == "union_tag_invalid" else given


def _choices(detail: ErrorDetails, owners: list[type[BaseModel]]) -> tuple[str, ...]:
    """Return the words that a value may be, or the kinds that a table may be of."""
    if detail["type"].startswith("union_tag"):
        return tuple(filter(None, map(_tag, owners)))
    return tuple(re.findall("'([^']*)'", detail.get("ctx", {}).get("expected", "")))


_Said: TypeAlias = tuple[str, str, str]
"""What is wrong, why that cannot stand, and what to write instead."""


def _unknown_key(fault: _Fault) -> _Said:
    block, inside = fault.block
    before = f"In {block}, the" if block else "The"
    return (f"{before} key {_path(inside)!r} is not known here", "",
            did_you_mean(str(fault.location[-1]), fault.known))


def _missing(fault: _Fault) -> _Said:
    is_table = fault.field is not None and bool(_models_in(fault.field.annotation))
    what = f"{fault.assigned}…" if fault.is_in_list or not is_table else (
        f"the table [{_path(fault.location)}]")
    return f"{fault.subject} is missing", "It has no default.", f"Write {what} there."


def _no_kind(fault: _Fault) -> _Said:
    return (f"{fault.subject} needs kind = …, one of {_one_of(fault.choices)}", "",
            f'Write kind = "{fault.choices[0]}", or another of these, there.')


def _wrong_choice(fault: _Fault) -> _Said:
    given = fault.given if isinstance(fault.given, str) else ""
    same = [choice for choice in fault.choices if choice.casefold() == given.casefold()]
    near = did_you_mean(same[0] if same else given, fault.choices)
    return (f"{fault.subject} must be one of {_one_of(fault.choices)}, not {_shown(fault.given)}",
            "", near if near.startswith("Did") else "Write one of these.")


def _empty(fault: _Fault) -> _Said:
    if isinstance(fault.given, dict):
        return f"{fault.subject} holds nothing", "", "Write at least one, as name = …."
    return f"{fault.subject} is an empty list", "", "List at least one item, or remove the key."


def _out_of_range(fault: _Fault) -> _Said:
    limits = [] if fault.field is None else [
        f"{words} {getattr(limit, name):g}" for limit in fault.field.metadata
        for name, words in _LIMITS.items() if hasattr(limit, name)]
    return (f"{fault.subject} must be {' and '.join(limits)}, not {_shown(fault.given)}", "",
            "Write a number in this range.")


def _judged(fault: _Fault) -> _Said:
    error = fault.context["error"]
    if isinstance(error, Unfit):
        return f"{fault.subject} {error.what}", "", error.cure
    return f"{fault.subject}: {error}".rstrip("."), "", ""


def _wrong_type(fault: _Fault) -> _Said:
    wanted = [words for words in fault.wanted
              if words != "a whole number" or "a number" not in fault.wanted]
    said = " or ".join(wanted) or "written in another way"
    return (f"{fault.subject} must be {said}, not {_shown(fault.given)}", "",
            f"Write {_instead(fault)}.")


def _instead(fault: _Fault) -> str:
    """Return what to write in the place of a value of another type: the value itself if it can."""
    given, wanted = fault.given, fault.wanted
    is_scalar = not isinstance(given, dict | list | tuple)
    example = _EXAMPLES.get(wanted[0] if wanted else "", "another value")
    if "a table" in wanted and not fault.is_in_list:
        return f"the table [{_path(fault.location)}]"
    if "a list" in wanted and isinstance(given, dict) and len(fault.location) == 1:
        return f"[[{_path(fault.location)}]], with double brackets, for each of them"
    if "a list" in wanted and is_scalar:
        example = f"[{_as_toml(given)}]"
    elif "text" in wanted and is_scalar:
        example = _as_toml(str(_as_toml(given)))
    elif isinstance(given, str) and any(
            _NUMBERS[type_].fullmatch(given.strip()) for type_ in wanted if type_ in _NUMBERS):
        example = f"{given.strip()}, without quotes"
    return f"{fault.assigned}{example}"


_TYPES = {
    "string_type": "text", "int_type": "a whole number", "float_type": "a number",
    "bool_type": "true or false", "tuple_type": "a list", "dict_type": "a table",
    "model_type": "a table", "model_attributes_type": "a table",
}
_EXAMPLES = {
    "text": 'text in quotes, "…"', "a whole number": "a whole number, without quotes",
    "a number": "a number, without quotes", "true or false": "true or false, without quotes",
    "a list": "a list, [ … ]", "a table": "a table, { … }",
}
_LIMITS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
_NUMBERS = {"a whole number": re.compile(r"[+-]?\d+"),
            "a number": re.compile(r"[+-]?\d+(\.\d+)?")}
_WORDS: Mapping[str, Callable[[_Fault], _Said]] = {
    "extra_forbidden": _unknown_key, "missing": _missing, "union_tag_not_found": _no_kind,
    "union_tag_invalid": _wrong_choice, "literal_error": _wrong_choice, "too_short": _empty,
    "greater_than": _out_of_range, "greater_than_equal": _out_of_range,
    "less_than": _out_of_range, "less_than_equal": _out_of_range, "value_error": _judged,
}


def _one_of(choices: Sequence[str]) -> str:
    """Return ``'a', 'b' or 'c'``."""
    *others, last = map(repr, choices)
    return f"{', '.join(others)} or {last}" if others else last


def _path(location: Location) -> str:
    """Return keys as they are written in a file, with positions in lists from 1: ``at 2``."""
    path = ""
    for part in location:
        path += f" {part + 1}" if isinstance(part, int) else f".{written_key(part)}"
    return path.removeprefix(".")


def written_key(name: str) -> str:
    """Return a key as it is written: in quotes where it must be."""
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else _as_toml(name)


def _as_toml(value: object) -> str:
    """Return a single value as it is written in a file."""
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _shown(value: object) -> str:
    """Return a value for a message; a long one is cut off."""
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…")
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list | tuple) else _as_toml(value)


def _models_at(model: type[BaseModel], location: Location) -> list[type[BaseModel]]:
    """Return the models that may stand at a location, as far as the annotations tell."""
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
    return current


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
