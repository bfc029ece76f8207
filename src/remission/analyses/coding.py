"""Factors of a model as columns of numbers: levels against a reference, numbers for each unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from remission.definitions.cohort import Cohort
from remission.plan import Factor

COUNTED = ("category", "yes_no")
NO, YES = "no", "yes"
"""The levels of a number that is cut in two: not above the value, and above it."""


@dataclass(frozen=True)
class CodedFactor:
    """A factor as it enters a model.

    ``values`` holds, for each subject of the cohort, its level or its number, None where not
    known. ``levels`` are code → label of the levels that occur, the reference first; none for a
    number, of which one unit is ``per`` of the variable's.
    """

    name: str
    label: str
    values: tuple[str | float | None, ...]
    levels: dict[str, str]
    per: float = 1.0

    @property
    def is_number(self) -> bool:
        """Whether it enters as a number."""
        return not self.levels

    @property
    def reference(self) -> str:
        """The code of the level that others are compared with; empty for a number."""
        return next(iter(self.levels), "")

    @property
    def terms(self) -> list[str]:
        """The levels that have a coefficient; the one empty name for a number."""
        return [""] if self.is_number else list(self.levels)[1:]

    def term_name(self, level: str) -> str:
        """Return what a coefficient is called in messages."""
        return f"{self.label}: {self.levels[level]}" if level else self.label

    def known(self, indices: Sequence[int]) -> list[int]:
        """Return those of some subjects of whom it is known."""
        return [index for index in indices if self.values[index] is not None]

    def column(self, level: str, indices: Sequence[int]) -> list[float]:
        """Return the column of one coefficient for subjects of whom it is known."""
        if self.is_number:
            return [float(self.values[index] or 0) / self.per for index in indices]
        return [float(self.values[index] == level) for index in indices]


def coded_factor(cohort: Cohort, factor: Factor, indices: Sequence[int]) -> CodedFactor:
    """Return a factor of the plan, with the levels that occur among some subjects."""
    variable = cohort.variables[factor.name]
    given = cohort.column(factor.name)
    label = factor.label or variable.label
    unit = f" {variable.unit}" if variable.unit else ""
    if factor.above is not None:
        named = {NO: f"≤ {factor.above:g}{unit}", YES: f"> {factor.above:g}{unit}"}
        return _of_levels(factor, label, [
            None if value is None else (YES if value > factor.above else NO) for value in given],
            named, indices)
    if factor.levels:
        level_of = {str(code): name for name, codes in factor.levels.items() for code in codes}
        return _of_levels(factor, label, [level_of.get(str(value)) for value in given],
                          {name: name for name in factor.levels}, indices)
    if variable.kind in COUNTED:
        codes = [value if value in variable.levels else None for value in given]
        named = dict(variable.levels)
        if variable.kind == "yes_no":
            named = {code: named[code] for code in ("N", "Y")}
        return _of_levels(factor, label, codes, named, indices)
    per = factor.per or 1.0
    shown = f"{per:g}{unit}" if per != 1 else unit.strip() or "unit"
    return CodedFactor(factor.name, f"{label}, per {shown}", tuple(given), {}, per)


def _of_levels(
    factor: Factor, label: str, codes: list[str | None], named: dict[str, str],
    indices: Sequence[int],
) -> CodedFactor:
    """Return a factor of levels: those that occur, the reference of the plan before the others."""
    present = {codes[index] for index in indices}
    levels = {code: words for code, words in named.items() if code in present}
    if factor.reference in levels:
        levels = {factor.reference: levels[factor.reference], **levels}
    return CodedFactor(factor.name, label, tuple(codes), levels)
