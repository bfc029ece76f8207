"""The part of a blueprint that is about numbers: which columns a paper describes, and of whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from remission.toml import Choices

MOST_MOVES, STARTS = 20_000, 8
"""Moves from each start of the search for days, and starts."""

Word = Annotated[str, Field(min_length=1)]
Condition: TypeAlias = Mapping[Word, str | tuple[str, ...]]
"""Fact (or group) → the level, or the levels, that it may have; all of them together."""
Moment = Literal["start", "before", "end", "last_end", "crs", "icans"]
AGE, BLASTS, MRD = "AGE", "BLASTS", "MRD"
"""What is no test of the laboratory: age in months, blasts and MRD of the first marrow."""
CD34_DOSE, NEUTROPHIL_DAY, PLATELET_DAY = "CD34_DOSE", "NEUTROPHIL_DAY", "PLATELET_DAY"
"""What is of the graft: CD34 cells in 10⁶/kg, and the days after it on which counts recovered."""


class Limit(Choices):
    """Between which values a column lies in some children."""

    who: Condition = Field(description="In whom.")
    low: float | int = Field(0, description="The least value.")
    high: float | int = Field(1e6, description="The greatest value.")


class ValueColumn(Choices):
    """A column of values: one test at one moment."""

    test: Word = Field(description="A test of the laboratory, or AGE, BLASTS, MRD, "
                       "CD34_DOSE, NEUTROPHIL_DAY, PLATELET_DAY.")
    at: Moment = Field("start", description="When: before the first infusion, at the end of the "
                       "first cycle or of the last, at the first CRS or ICANS.")
    specimen: Literal["", "BLOOD", "SERUM", "CSF"] = Field("", description="What was examined.")
    step: Word = Field("0.01", description="The size of the last digit recorded, as text.")
    low: float | int = Field(0, description="The least value.")
    high: float | int = Field(1e6, description="The greatest value.")
    limits: tuple[Limit, ...] = Field((), description="Narrower limits of some children.")
    among: Condition = Field(default_factory=dict, description="Who may be measured.")
    spread: Literal["", "even", "log"] = Field(
        "", description="How values that nothing binds are drawn anew between their limits; as "
        "the search leaves them without. Not for columns that are tested or related.")
    per: float | int = Field(
        1, description="What the recorded value is multiplied by to be one of the column.")


class Whole(Choices):
    """Columns whose sum is at most another, or a number."""

    parts: tuple[Word, ...] = Field(description="The columns.")
    whole: Word | float | int = Field(description="The column that they are parts of, or a "
                                      "number, such as 100 of percentages.")
    short: float | int = Field(1e6, description="By how much the sum falls short at most.")


class Share(Choices):
    """A column in percent of another."""

    column: Word = Field(description="The percentage.")
    part: Word = Field(description="The part.")
    whole: Word = Field(description="The whole.")


class MeasuredOf(Choices):
    """How many of some children are measured."""

    who: Condition = Field(default_factory=dict, description="Of whom.")
    least: int = Field(0, description="How many at least.")
    most: int = Field(10**6, description="How many at most.")


class Measured(Choices):
    """Columns that are known together, and of how many."""

    columns: tuple[Word, ...] = Field(description="The columns.")
    within: Word | None = Field(
        None, description="A column; only those may be measured who have a value of it.")
    sizes: tuple[MeasuredOf, ...] = Field((), description="How many, of whom.")


class Described(Choices):
    """A claim that describes a column: its summary by groups, and their test."""

    claim: Word = Field(description="The id of the claim.")
    of: str | tuple[str, ...] = Field(description='The column, or one for each group; "a - b" is '
                                      'a change, "a / b" a ratio.')
    who: tuple[Condition, ...] = Field((), description="Who is in each group; all without.")
    total: Condition | None = Field(None, description="Who is everyone, where it is described.")
    test: Literal["", "groups", "pairs"] = Field(
        "", description="What the P value compares: the groups, or the pairs of two columns.")
    way: Literal["", "rises", "falls"] = Field(
        "", description="Which way the pairs go, where the paper says so.")
    weight: int = Field(
        1, ge=1, le=3, description="How much it counts when not all can be met.")
    part: Literal["", "minimum", "median", "maximum"] = Field(
        "", description="Same, definition: which number of the column is printed.")
    times: int = Field(
        1, description="Same, definition: what it is multiplied by, such as 12 for years.")


class Unchanged(Choices):
    """Columns that a paper says do not differ, without a number: P is above 0.05."""

    of: str | tuple[str, ...] = Field(description="The column of groups, or two of pairs.")
    who: tuple[Condition, ...] = Field((), description="Who is in each group; all without.")
    test: Literal["groups", "pairs"] = Field("pairs", description="What is compared.")
    because: Word = Field(description="Where the paper says so.")


class Cases(Choices):
    """A claim that prints one value of each of some children."""

    claim: Word = Field(description="The id of the claim.")
    of: Word = Field(description="The column.")
    who: Condition = Field(description="Whom the cases are the first of, in order.")
    numbers: tuple[int, ...] = Field(description="The number of the case behind each group.")


class Search(Choices):
    """Columns that are searched for together."""

    columns: Mapping[Word, ValueColumn] = Field(description="The columns, by name.")
    at_most: tuple[Whole, ...] = Field((), description="Sums that cannot exceed another column.")
    percent: tuple[Share, ...] = Field((), description="Percentages of other columns.")
    measured: tuple[Measured, ...] = Field((), description="Who is measured, as far as chosen.")
    described: tuple[Described, ...] = Field((), description="The claims that describe them.")
    unchanged: tuple[Unchanged, ...] = Field((), description="What is said not to differ.")
    cases: tuple[Cases, ...] = Field((), description="The claims that print single values.")
    moves: int = Field(0, description="Moves of the search; the usual number without.")
    starts: int = Field(0, description="Starts of the search; the usual number without.")
    seed: int = Field(0, description="What is added to the seed: searches differ by chance.")


class Times(Choices):
    """How the events of survival follow from facts; days count from the first infusion."""

    at_start: Condition | None = Field(
        None, description="Who has an event at time zero, such as no response.")
    relapse: str = Field("relapse_time", description="The fact with the days of a relapse.")
    death: str = Field("death_time", description="The fact with the days of a death.")
    last: tuple[int, int] = Field(description="First and last day of a last contact.")
    year: float | int = Field(365.25, description="The days of the year that survival is at.")
    graft: str = Field("transplant_time", description="The fact with the days of the graft.")
    until: float | int = Field(
        0, description="The year, with its fraction, after which nobody was seen; 0: no such.")
    moves: int = Field(MOST_MOVES, description="Moves of the search from each start.")
    starts: int = Field(STARTS, description="Starts of the search.")
