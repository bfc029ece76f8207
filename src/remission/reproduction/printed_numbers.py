"""The printed numbers of a claim, each by its place in the claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from remission.audit.claims import Claims
from remission.audit.fields import NOT_SIGNIFICANT, Claim
from remission.audit.kinds_of_words import Same, Wording

Path: TypeAlias = tuple[str | int, ...]
"""The keys, and the positions in lists from 0, that lead to a number in its claim."""

_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "proportion": ("count", "base", "percent"),
    "parts": ("parts", "total", "percents"),
    "flow": ("nodes",),
    "contingency": ("counts", "events", "bases", "p", "statistic"),
    "interval": ("estimate", "lower", "upper", "count", "base"),
    "ratio": ("estimate", "lower", "upper", "p"),
    "survival": ("estimate", "se", "lower", "upper", "n", "events"),
    "strata": ("total", "strata"),
    "summary": ("groups", "total", "p"),
    "curve": ("groups", "p", "hr", "hr_lower", "hr_upper"),
    "definition": ("printed",),
}
"""Kind of claim → its fields that hold printed numbers."""
_NAMES_OF_BASES = frozenset(("base", "bases", "n"))
_NOT_NUMBERS = ("label", "times", "risk_times")
_BESIDE = frozenset(("base", "bases", "n", "total", "events"))
"""What the auditor wrote beside a print, and need not be bound: of how many it is, of which all."""
VALUE = "value"


def printed_numbers(claim: Claim, claims: Claims) -> dict[Path, str]:
    """Return every printed number of a claim as text, by its place in the claim.

    A base that is named stands as its number. A claim ``same`` has the one place ``value``, whose
    text is its first mention; one about words has none.
    """
    if isinstance(claim, Wording):
        return {}
    if isinstance(claim, Same):
        return {(VALUE,): claim.mentions[0].value}
    given: dict[str, Any] = claim.model_dump(exclude_none=True)
    found: dict[Path, str] = {}
    for name in _NUMBERS[given["kind"]]:
        for path, value in flattened(_estimates(given.get(name)), (name,)):
            is_base = bool({name, path[-1]} & _NAMES_OF_BASES) or (
                given["kind"] == "parts" and name == "total")
            size = claims.size(value) if is_base else None
            if value != NOT_SIGNIFICANT:
                found[path] = str(value if size is None else size)
    return found


def _estimates(given: Any) -> Any:
    """Return strata as their estimates; anything else as it is."""
    if isinstance(given, dict) and "estimate" in given:
        return given["estimate"]
    if isinstance(given, list | tuple) and any(
            isinstance(one, dict) and "estimate" in one for one in given):
        return [one["estimate"] for one in given]
    return given


def is_beside(path: Path, claim: Claim) -> bool:
    """Whether a number stands beside the print, such as of how many it is, and may stay unbound."""
    kind: str = claim.model_dump(include={"kind"})["kind"]
    if kind == "strata" or (kind == "summary" and path[0] == "total" and path[-1] != "n"):
        return False
    if kind == "contingency" and path[0] == "events":
        return False
    return bool(_BESIDE & {path[0], path[-1]}) or path[-2:-1] == ("at_risk",)


def flattened(given: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield every value of nested tables and lists with its path, without the labels of a claim."""
    if isinstance(given, dict):
        for key, value in given.items():
            if key not in _NOT_NUMBERS:
                yield from flattened(value, (*path, key))
    elif isinstance(given, list | tuple):
        for number, value in enumerate(given):
            yield from flattened(value, (*path, number))
    elif given is not None:
        yield path, given
