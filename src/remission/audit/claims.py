"""Claims: the printed numbers of one paper, as a checked file (``claims.toml``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails

from remission.audit.fields import Base, Label, Text
from remission.audit.kinds_of_counts import Contingency, Flow, Interval, Parts, Proportion
from remission.audit.kinds_of_estimates import Curve, Ratio, Strata, Summary, Survival
from remission.audit.kinds_of_words import Definition, Same, Wording
from remission.audit.printed import whole
from remission.errors import did_you_mean
from remission.toml import Choices, Location, Unfit, check_model, details_of, read_toml

AnyClaim = Annotated[
    Proportion | Parts | Flow | Contingency | Ratio | Survival | Strata | Summary | Curve
    | Interval | Same | Definition | Wording,
    Field(discriminator="kind"),
]
_HOLD_BASES = ("base", "bases", "n", "could_be", "total")
"""The fields that hold a number of patients, or the name of one."""


class Paper(Choices):
    """The paper whose numbers these are."""

    title: Label = Field(description="Its title.")
    authors: Text = Field("", description="Who wrote it, as it is cited.")
    journal: Text = Field("", description="Where it appeared: journal, volume, page.")
    year: int | None = Field(None, description="When.")
    doi: Text = Field("", description="Its DOI, without https://doi.org/.")
    licence: Text = Field("", description="Under which licence its words are repeated here.")


class Claims(Choices):
    """The printed numbers of one paper, and the bases that they may be shares of."""

    paper: Paper
    bases: Mapping[Label, Annotated[int, Field(gt=0)]] = Field(
        default_factory=dict, description="The paper's numbers of patients, cycles …, by name.")
    claims: tuple[AnyClaim, ...] = Field((), description="The claims, in the paper's order.")
    _file: str = PrivateAttr("claims.toml")

    @property
    def file(self) -> str:
        """The file they were read from, for messages."""
        return self._file

    def size(self, base: Base | None) -> int | None:
        """Return a base as a number: itself, or what its name stands for."""
        if base is None:
            return None
        named = self.bases.get(base) if isinstance(base, str) else None
        return whole(base) if named is None else named

    @model_validator(mode="wrap")
    @classmethod
    def _fits_together(cls, given: Any, handler: ModelWrapValidatorHandler[Claims]) -> Claims:
        """Tell what does not fit together with what is wrong by itself."""
        found: list[InitErrorDetails] = []
        try:
            claims = handler(given)
        except ValidationError as invalid:
            found += [InitErrorDetails(type=detail["type"], loc=detail["loc"],
                                       input=detail["input"], ctx=detail.get("ctx", {}))
                      for detail in invalid.errors(include_url=False)]
        if isinstance(given, dict):
            found += details_of(_misfits(given))
        if found:
            raise ValidationError.from_exception_data(cls.__name__, found)
        return claims


def read_claims(path: Path | str) -> Claims:
    """Return the claims written in a ``claims.toml``.

    Raises :class:`~remission.errors.InputError` naming every key that is wrong, with its line and
    what to write instead.
    """
    values, text = read_toml(Path(path))
    claims = check_model(Claims, values, text, Path(path))
    claims._file = str(path)
    return claims


def _misfits(given: dict[str, Any]) -> Iterator[tuple[Location, Unfit]]:
    """Yield ids that stand twice, and bases that have no number."""
    claims, bases = given.get("claims"), given.get("bases", {})
    seen: set[object] = set()
    for number, claim in enumerate(claims if isinstance(claims, list | tuple) else ()):
        if not isinstance(claim, dict):
            continue
        name = claim.get("id")
        if isinstance(name, str) and name in seen:
            yield ("claims", number, "id"), Unfit(
                f"is {name!r}, which another claim has already", "Give each claim its own id.")
        seen.add(name)
        for location, base in _bases_in(claim):
            if base not in bases and not _is_whole(base):
                cure = "Write a whole number" + (
                    f", or a name of [bases]. {did_you_mean(base, bases)}" if bases
                    else ", or write its name with its number under [bases].")
                yield ("claims", number, *location), Unfit(
                    f"is {base!r}, which is neither a number nor a name of [bases]", cure)


def _bases_in(value: Any, location: Location = (), *, holds: bool = False) -> Iterator[
        tuple[Location, str]]:
    """Yield every text that should be a base, with where it stands."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _bases_in(inner, (*location, key), holds=key in _HOLD_BASES)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _bases_in(inner, (*location, number), holds=holds)
    elif holds and isinstance(value, str):
        yield location, value


def _is_whole(text: str) -> bool:
    try:
        whole(text)
    except ValueError:
        return False
    return True
