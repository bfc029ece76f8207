"""A reproduction as parts of the report: counts at the top, then every claim beside ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from remission.report import formats
from remission.report.parts import Part
from remission.report.spans import Cell, Number, Span, address
from remission.report.table_parts import Head, Row, Table
from remission.reproduction.compare import (
    ComparedClaim,
    ComparedNumber,
    Reproduction,
    Status,
)

ADDRESS = "reproduction"
_MORE_DIGITS = 2
"""Digits of ours beyond the printed ones, where the two are not equal."""


def parts_of_reproduction(found: Reproduction) -> tuple[Part, ...]:
    """Return the table of counts by place in the paper, and the table of all claims."""
    return _counts(found), _claims(found)


def summary(found: Reproduction) -> str:
    """Return ``312 of 417 printed claims equal``, and how many are what else."""
    others = [f"{found.count(status)} {status}" for status in Status
              if status is not Status.EQUAL and found.count(status)]
    said = f"{found.count(Status.EQUAL)} of {len(found.claims)} printed claims equal"
    return f"{said} ({', '.join(others)})" if others else said


def _place(claim: ComparedClaim) -> str:
    """Return the place of a claim in the paper without its inner parts: ``Table 2``."""
    return claim.where.partition(",")[0]


def _counts(found: Reproduction) -> Table:
    statuses = [status for status in Status if found.count(status)]
    places = Counter((_place(claim), claim.status) for claim in found.claims)
    totals = Counter(claim.status for claim in found.claims)

    def cells(counts: dict[Status, int]) -> tuple[Cell, ...]:
        shown = (str(counts[status]) if counts[status] else "" for status in statuses)
        return (*shown, str(sum(counts.values())))

    rows = [Row("All claims", cells({status: totals[status] for status in statuses}))]
    rows += [Row(name, cells({status: places[name, status] for status in statuses}), is_level=True)
             for name in dict.fromkeys(map(_place, found.claims))]
    heads = (*(Head(str(status).capitalize()) for status in statuses), Head("Claims"))
    return Table(ADDRESS, 0, "Reproduction of the printed numbers", "", heads, tuple(rows), (
        f"{summary(found)}. A claim takes the worst of its numbers. Equal: ours prints so with "
        "halves rounded up. After rounding: by another rule, such as digits cut off.",))


def _claims(found: Reproduction) -> Table:
    rows = [row for name in dict.fromkeys(claim.where for claim in found.claims)
            for row in _of_place(name, [each for each in found.claims if each.where == name])]
    heads = (Head("Printed", is_text=True), Head("Ours", is_text=True),
             Head("Outcome", is_text=True), Head("Why", is_text=True))
    return Table(f"{ADDRESS}_claims", 0, "Every printed claim with our number", "", heads,
                 tuple(rows), ("In the order of the paper.",))


def _of_place(name: str, claims: list[ComparedClaim]) -> Iterator[Row]:
    yield Row(name, ("", "", "", ""))
    for claim in claims:
        yield Row(claim.id, (_shown(claim), _ours(claim), str(claim.status), claim.why),
                  is_level=True)
        odd = [number for number in claim.numbers
               if number.status not in (Status.EQUAL, claim.status)
               or (number.status is not Status.EQUAL and len(claim.numbers) > 1)]
        for place, number in enumerate(odd):
            ours = _live(claim, number, f"{place}_odd")
            yield Row(f"{claim.id}: {number.field}", (
                number.printed, ours, str(number.status), number.says), is_level=True)


def _shown(claim: ComparedClaim) -> str:
    """Return the printed numbers of a claim; its words where it has none."""
    if not claim.numbers:
        return claim.printed
    return "; ".join(number.printed for number in claim.numbers)


def _ours(claim: ComparedClaim) -> Cell:
    """Return our numbers of a claim, each of them live."""
    if not any(number.ours for number in claim.numbers):
        return formats.EN_DASH
    spans = [span for place, number in enumerate(claim.numbers)
             for span in ("; ", _live(claim, number, str(place)))]
    return tuple(spans[1:])


def _live(claim: ComparedClaim, number: ComparedNumber, place: str) -> Span:
    if number.ours is None or not number.ours.results:
        return formats.EN_DASH
    return Number(shown(number), address(ADDRESS, claim.id, place), number.ours.results)


def shown(number: ComparedNumber) -> str:
    """Return our number with the digits of the printed one, and more where they are not equal."""
    from remission.audit.printed import printed

    if number.ours is None or number.ours.value is None:
        return formats.EN_DASH
    text = printed(number.printed)
    digits = text.digits
    if number.status is Status.EQUAL and text.sign != "=":
        return number.printed
    if number.status is not Status.EQUAL and not float(number.ours.value).is_integer():
        digits += _MORE_DIGITS
    return formats.rounded(number.ours.value, digits).replace("-", "−")
