"""Bindings: which of our results stands beside which printed number (``reproduction.toml``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from remission.audit.claims import Claims, read_claims
from remission.audit.fields import Label, Text
from remission.errors import Problem, did_you_mean, place, raise_if_any
from remission.reproduction.printed_numbers import Path as NumberPath
from remission.reproduction.printed_numbers import flattened, printed_numbers
from remission.toml import Choices, Location, check_model, line_of, read_toml

FILE = "reproduction.toml"
"""What the file of the bindings is called in the folder of a study."""
NOTHING = ""
"""Stands in a list where no number of ours belongs to the printed one."""

Addresses = tuple[Text, ...]


class GroupBinding(Choices):
    """Our numbers of one group of a summary or of a curve."""

    n: Text = Field(NOTHING, description="How many.")
    mean: Text = Field(NOTHING, description="The mean.")
    sd: Text = Field(NOTHING, description="The standard deviation.")
    se: Text = Field(NOTHING, description="The standard error of the mean.")
    median: Text = Field(NOTHING, description="The median.")
    minimum: Text = Field(NOTHING, description="The smallest value.")
    maximum: Text = Field(NOTHING, description="The largest value.")
    q1: Text = Field(NOTHING, description="The lower quartile.")
    q3: Text = Field(NOTHING, description="The upper quartile.")
    survival: Addresses = Field((), description="Survival at the times of a curve.")
    at_risk: Addresses = Field((), description="The numbers at risk of a curve.")
    events: Text = Field(NOTHING, description="The events of a curve.")


class Binding(Choices):
    """One claim with the results that stand beside its numbers, under the claim's own keys.

    An address is the id of a result (``results.json``), such an id with ``.base`` for what the
    result is a share of, either with `` × 1000`` after it in another unit, or several of them with
    `` + `` between for their sum. The claim ``same`` has one ``value`` for every place it is
    printed in. ``because`` says why ours differs, or why no number of ours can stand there.
    """

    claim: Label
    because: Text = ""
    value: Text = NOTHING
    printed: Text = NOTHING
    count: Text = NOTHING
    base: Text = NOTHING
    percent: Text = NOTHING
    parts: Addresses = ()
    percents: Addresses = ()
    counts: tuple[Addresses, ...] = ()
    events: Addresses | Text = ()
    bases: Addresses = ()
    nodes: Mapping[Label, Text] = Field(default_factory=dict)
    total: GroupBinding | Text = NOTHING
    strata: Addresses = ()
    groups: tuple[GroupBinding, ...] = ()
    estimate: Text = NOTHING
    se: Text = NOTHING
    lower: Text = NOTHING
    upper: Text = NOTHING
    n: Text = NOTHING
    p: Text = NOTHING
    statistic: Text = NOTHING
    hr: Text = NOTHING
    hr_lower: Text = NOTHING
    hr_upper: Text = NOTHING

    @property
    def addresses(self) -> dict[NumberPath, str]:
        """The address of each number that is bound, by its place in the claim."""
        given = self.model_dump(exclude={"claim", "because"}, exclude_unset=True)
        return {path: text for path, text in flattened(given) if text != NOTHING}


class _File(Choices):
    """``reproduction.toml`` as it is written."""

    claims: Text = Field("claims.toml", description="The file of the claims, beside this one.")
    reproduced: tuple[Binding, ...] = ()


@dataclass(frozen=True)
class Bindings:
    """The claims of a paper with what stands beside them; ``where`` names the line of each."""

    claims: Claims
    reproduced: Mapping[str, Binding]
    where: Mapping[str, str]


def read_reproduction(path: Path | str) -> Bindings:
    """Return the bindings of a ``reproduction.toml``, with the claims that it names.

    Raises :class:`~remission.errors.InputError` naming every key that is wrong, every claim that
    does not exist and every number that its claim does not have, with its line.
    """
    path = Path(path)
    values, text = read_toml(path)
    given = check_model(_File, values, text, path)
    claims = read_claims(path.parent / given.claims)
    raise_if_any(_misfits(given, claims, path, text))
    named = {binding.claim: number for number, binding in enumerate(given.reproduced)}
    return Bindings(claims, {binding.claim: binding for binding in given.reproduced}, {
        name: _place(path, text, ("reproduced", number)) for name, number in named.items()})


def _place(path: Path, text: str, location: Location) -> str:
    return place(f"{path}, line {line_of(text, location)}")


def _misfits(given: _File, claims: Claims, path: Path, text: str) -> Iterator[Problem]:
    """Yield claims that do not exist or are bound twice, and numbers that a claim has not."""
    by_id = {claim.id: claim for claim in claims.claims}
    seen: set[str] = set()
    for number, binding in enumerate(given.reproduced):
        where = _place(path, text, ("reproduced", number, "claim"))
        if binding.claim in seen:
            yield Problem(where, f"The claim {binding.claim!r} is bound already.", "",
                          "Remove one of the two blocks.")
        seen.add(binding.claim)
        claim: Any = by_id.get(binding.claim)
        if claim is None:
            yield Problem(where, f"There is no claim {binding.claim!r} in {given.claims}.", "",
                          did_you_mean(binding.claim, by_id))
            continue
        known = printed_numbers(claim, claims)
        for way in binding.addresses:
            if way not in known:
                yield Problem(
                    _place(path, text, ("reproduced", number, *way)),
                    f"The claim {claim.id!r} has no number {shown_path(way)!r}.", "",
                    did_you_mean(shown_path(way), map(shown_path, known)) if known
                    else "Remove it: the claim is about words.")


def shown_path(path: NumberPath) -> str:
    """Return the place of a number in its claim as text: ``groups 1 median``, from 1."""
    return " ".join(str(key + 1) if isinstance(key, int) else key for key in path)
