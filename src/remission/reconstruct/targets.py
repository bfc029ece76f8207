"""What values of children shall print: summaries, tests, and what binds columns to one another.

``rows`` are masks (n,) over the children; a child without a value, NaN, is in no summary. Printed
numbers are given as text, with their digits: ``"0.30"``, ``"<0.0001"``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from remission.audit.printed import Printed, printed
from remission.statistics.arrays import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class Column:
    """A column of values: the size of the last digit recorded, and what a value can be.

    ``low`` and ``high`` are one number for all children or one for each (n,); where they are
    equal the value is known.
    """

    name: str
    step: str = "0.01"
    low: float | FloatArray = 0.0
    high: float | FloatArray = np.inf

    @property
    def digits(self) -> int:
        """Decimals of a recorded value."""
        return printed(self.step).digits


@dataclass(frozen=True)
class Ratio:
    """The value of one column over that of another, where both are known and the other is not 0."""

    above: str
    below: str


@dataclass(frozen=True)
class Change:
    """One column, or ratio, less another, where both are known."""

    after: str | Ratio
    before: str | Ratio


Quantity: TypeAlias = str | Change | Ratio
"""What is described: a column by its name, or what is computed from two."""

Part: TypeAlias = Literal["minimum", "q1", "median", "q3", "maximum", "mean", "sd"]
SHARES: dict[Part, float] = {"minimum": 0.0, "q1": 0.25, "median": 0.5, "q3": 0.75,
                             "maximum": 1.0}
"""The part of a summary at each share; quartiles are of type 6."""
MOMENTS: tuple[Part, ...] = ("mean", "sd")


@dataclass(frozen=True, eq=False)
class Summary:
    """What is printed of the values of some children; None where nothing is.

    ``paired_with`` names a column that must be known too: the summary is then of complete pairs.
    ``weight``, from 1 to 3, is how much it counts where not all can be met; so of a test.
    """

    of: Quantity
    rows: BoolArray
    median: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    q1: str | None = None
    q3: str | None = None
    mean: str | None = None
    sd: str | None = None
    name: str = ""
    paired_with: str | None = None
    weight: int = 1

    @cached_property
    def parts(self) -> dict[Part, Printed]:
        """The printed numbers by what they are."""
        names: tuple[Part, ...] = (*SHARES, *MOMENTS)
        return {name: printed(getattr(self, name)) for name in names
                if getattr(self, name) is not None}


@dataclass(frozen=True, eq=False)
class Test:
    """A printed P value of ranks, two-sided, as the analyses compute it.

    ``groups``: Mann–Whitney between two masks, Kruskal–Wallis between more. Of one mask and a
    :class:`Change` it is Wilcoxon's signed-rank test of the pairs, which may be said to rise
    (or not: to fall).
    """

    __test__ = False  # not a test of pytest

    of: Quantity
    groups: tuple[BoolArray, ...]
    p: str
    name: str = ""
    rises: bool | None = None
    weight: int = 1

    def __post_init__(self) -> None:
        """Refuse one group of what is not a change of pairs."""
        if len(self.groups) == 1 and not isinstance(self.of, Change):
            raise ValueError("One group has a signed-rank test of a Change only.")

    @property
    def printed(self) -> Printed:
        """The printed P value."""
        return printed(self.p)


Target: TypeAlias = Summary | Test


@dataclass(frozen=True)
class AtMost:
    """The sum of some columns is at most another column, in every child of whom all are known.

    It falls ``short`` of that column by so much at most. The whole may be a number: 100, of
    percentages.
    """

    parts: tuple[str, ...]
    whole: str | float
    short: float = np.inf


@dataclass(frozen=True)
class Percent:
    """A column is 100 × one column over another, to within so many percent points.

    The other columns are as exact as their last digit: 0.08 of 0.10 may be 72% or 89%.
    """

    column: str
    part: str
    whole: str
    within: float = 0.5


Relation: TypeAlias = AtMost | Percent


@dataclass(frozen=True, eq=False)
class Size:
    """How many of some children are measured."""

    rows: BoolArray
    least: int
    most: int


@dataclass(frozen=True, eq=False)
class Panel:
    """Columns that are known together or not at all, with how many children are measured.

    Who of the mask ``open_to`` is measured is for the search to choose; the others stay as the
    start has them. Of ``within``, another column, only those are who have a value of it.
    """

    columns: tuple[str, ...]
    open_to: BoolArray
    sizes: tuple[Size, ...] = ()
    within: str | None = None
