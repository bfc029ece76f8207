"""Claims + bindings + Results → each printed number with ours, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

from remission.analyses.results import Results
from remission.audit.claims import Claims
from remission.audit.fields import Claim
from remission.audit.findings import Verdict
from remission.audit.kinds_of_words import Mention, Same, Wording
from remission.audit.printed import HALF_UP, Printed, printed
from remission.audit.run import as_written, audit_claim
from remission.reproduction.addresses import Ours, find_ours
from remission.reproduction.bindings import Binding, Bindings, shown_path
from remission.reproduction.printed_numbers import VALUE, Path, is_beside, printed_numbers


class Status(StrEnum):
    """What became of a printed number; the later, the worse."""

    EQUAL = "equal"
    ROUNDING = "equal after rounding"
    NO_NUMBER = "not a number"
    BECAUSE = "different because"
    NOT_YET = "not yet reproduced"
    DIFFERENT = "different"


WORST_LAST = tuple(Status)
_SIGNIFICANT = 12
"""Digits of a float that are no noise, as in ``results.json``."""


@dataclass(frozen=True)
class ComparedNumber:
    """A printed number and ours; ``field`` is its place in the claim, ``ours`` None if unbound."""

    field: str
    printed: str
    ours: Ours | None
    status: Status
    says: str = ""


@dataclass(frozen=True)
class ComparedClaim:
    """A claim with each of its numbers; ``why`` tells of what is not equal."""

    id: str
    where: str
    printed: str
    status: Status
    numbers: tuple[ComparedNumber, ...]
    why: str = ""


@dataclass(frozen=True)
class Reproduction:
    """All claims of a paper with our numbers, in their order."""

    claims: tuple[ComparedClaim, ...]

    def count(self, status: Status) -> int:
        """Return how many claims have a status."""
        return sum(claim.status is status for claim in self.claims)


def reproduce(bindings: Bindings, results: Results) -> Reproduction:
    """Return every claim with our numbers beside the printed ones.

    Raises :class:`~remission.errors.InputError` naming every address that is no result of ours,
    or that several results bear.
    """
    ours = find_ours(bindings, results)
    return Reproduction(tuple(
        _compared(claim, bindings.claims, bindings.reproduced.get(claim.id), ours)
        for claim in bindings.claims.claims))


def _compared(
    claim: Claim, claims: Claims, binding: Binding | None, ours: Mapping[str, Ours]
) -> ComparedClaim:
    if isinstance(claim, Wording):
        return ComparedClaim(claim.id, claim.where, claim.text, Status.NO_NUMBER, (),
                             "About words.")
    shown = claim.words or as_written(claim)
    if binding is None:
        return ComparedClaim(claim.id, claim.where, shown, Status.NOT_YET, ())
    numbers = tuple(_numbers(claim, claims, binding, ours))
    why = binding.because
    if any(number.status is Status.DIFFERENT for number in numbers):
        why = _reason(claim, claims, binding, numbers)
        if why:
            numbers = tuple(_with_reason(number) for number in numbers)
    worst = max((number.status for number in numbers), key=WORST_LAST.index,
                default=Status.NO_NUMBER)
    return ComparedClaim(claim.id, claim.where, shown, worst, numbers, why)


def _numbers(
    claim: Claim, claims: Claims, binding: Binding, ours: Mapping[str, Ours]
) -> Iterator[ComparedNumber]:
    addresses = binding.addresses
    if isinstance(claim, Same):
        address = addresses.get((VALUE,))
        for mention in claim.mentions:
            value = None if address is None else ours[address]
            yield _number(mention.where, _mentioned(mention), value, binding)
        return
    for path, text in printed_numbers(claim, claims).items():
        address = addresses.get(path)
        if address is not None or not is_beside(path, claim):
            yield _number(_label(path, claim), printed(text),
                          None if address is None else ours[address], binding)


def _mentioned(mention: Mention) -> Printed:
    """Return a mention as the number that it is of the quantity."""
    number = printed(mention.value)
    if mention.complement:
        return Printed(number.text, 100 - number.value, number.step, number.sign)
    if mention.inverse:
        return Printed(number.text, 1 / number.value, number.step / number.value**2, number.sign)
    return number


def _label(path: Path, claim: Any) -> str:
    """Return the place of a number in words: the label of its group or part where it has one."""
    labels = getattr(claim, "labels", ()) or getattr(claim, "rows", ())
    head, *rest = path
    if head in ("groups", "strata") and rest:
        one = getattr(claim, head)[rest[0]]
        return " ".join(filter(None, (one.label, shown_path(tuple(rest[1:])))))
    if head in ("parts", "percents", "events", "bases", "counts") and rest and labels:
        columns = getattr(claim, "columns", ())
        last = columns[rest[1]] if len(rest) > 1 and columns else shown_path(tuple(rest[1:]))
        return " ".join(filter(None, (labels[int(rest[0])], "%" if head == "percents" else last)))
    return shown_path(path[1:] if head == "nodes" else path)


def _number(field: str, text: Printed, ours: Ours | None, binding: Binding) -> ComparedNumber:
    if ours is None:
        status = Status.NO_NUMBER if binding.because else Status.NOT_YET
        return ComparedNumber(field, text.text, None, status)
    if ours.value is None:
        return ComparedNumber(field, text.text, ours, Status.DIFFERENT, ours.note)
    return ComparedNumber(field, text.text, ours, status_of(text, ours.value), ours.note)


def status_of(text: Printed, ours: float) -> Status:
    """Return whether a number of ours prints as a printed one does, by which rule of rounding."""
    rules = text.rules(Fraction(f"{ours:.{_SIGNIFICANT}g}"))
    if HALF_UP in rules:
        return Status.EQUAL
    return Status.ROUNDING if rules else Status.DIFFERENT


def _reason(
    claim: Claim, claims: Claims, binding: Binding, numbers: Sequence[ComparedNumber]
) -> str:
    """Return why numbers differ: as the binding says, as the audit finds, as we refuse to say."""
    found = audit_claim(claim, claims)
    refused = dict.fromkeys(number.says for number in numbers
                            if number.ours is not None and number.ours.value is None)
    if found.verdict is Verdict.CONTRADICTS:
        return " ".join(filter(None, (binding.because, f"The audit: {found.explanation}")))
    if binding.because:
        return binding.because
    unexplained = any(number.status is Status.DIFFERENT and not (
        number.ours is not None and number.ours.results and number.ours.value is None)
        for number in numbers)
    return "" if unexplained else " ".join(f"No number of ours: {note}" for note in refused)


def _with_reason(number: ComparedNumber) -> ComparedNumber:
    if number.status is not Status.DIFFERENT:
        return number
    return replace(number, status=Status.BECAUSE)
