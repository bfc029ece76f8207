"""Printed odds and hazard ratios: which number of a fitted model each printed number is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from remission.audit.claims import AnyClaim
from remission.audit.kinds_of_estimates import Ratio
from remission.audit.kinds_of_words import Definition, Same
from remission.audit.printed import Printed, printed
from remission.reconstruct.blueprint_models import Term
from remission.statistics.arrays import FloatArray

Number = TypeVar("Number", float, FloatArray)
RatioPart: TypeAlias = Literal["estimate", "lower", "upper", "p"]


@dataclass(frozen=True)
class PrintedRatio:
    """One printed number of a ratio; ``is_inverse`` where one over the ratio is printed.

    ``lower`` and ``upper`` are those printed: of an inverse ratio ``lower`` is one over the upper
    bound of the ratio itself. ``level`` is that of the interval; ``way`` says whether the ratio
    itself is above 1 or below, where that is known.
    """

    name: str
    part: RatioPart
    printed: Printed
    is_inverse: bool
    level: float
    way: Literal["", "rises", "falls"] = ""

    def points(self, estimate: float) -> bool:
        """Return whether a fitted ratio is on the side of 1 that is said, where one is."""
        return not self.way or (estimate > 1) == (self.way == "rises")

    def of(self, estimate: Number, lower: Number, upper: Number, p: Number) -> Number:
        """Return the number of a fitted ratio that is printed; arrays for arrays."""
        if self.part == "p":
            return p
        if not self.is_inverse:
            return {"estimate": estimate, "lower": lower, "upper": upper}[self.part]
        return 1 / {"estimate": estimate, "lower": upper, "upper": lower}[self.part]


def printed_ratios(term: Term, claim: AnyClaim) -> Iterator[PrintedRatio]:
    """Yield the numbers that a claim prints of the ratio of a term; words such as NS are none.

    Raises ``ValueError`` for a kind of claim that prints no ratio.
    """
    if isinstance(claim, Same):
        for mention in claim.mentions:
            yield PrintedRatio(claim.id, term.part, printed(mention.value),
                               term.inverse != mention.inverse, 0.95, term.way)
    elif isinstance(claim, Definition):
        yield PrintedRatio(claim.id, term.part, printed(claim.printed), term.inverse, 0.95,
                           term.way)
    elif not isinstance(claim, Ratio):
        raise ValueError(  # noqa: TRY004 - of the blueprint, not of the code
            f"a claim of the kind {claim.kind!r} has no ratio")
    else:
        parts: dict[RatioPart, str | None] = {
            "estimate": claim.estimate, "lower": claim.lower, "upper": claim.upper, "p": claim.p}
        for part, text in parts.items():
            if text is not None and any(sign.isdigit() for sign in text):
                yield PrintedRatio(claim.id, part, printed(text), term.inverse,
                                   float(printed(claim.level).value) / 100, term.way)
