"""The part of a blueprint that is about logistic models: whose odds ratios a paper prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from remission.reconstruct.blueprint_values import Condition, Word
from remission.toml import Choices, Unfit

Method: TypeAlias = Literal["maximum_likelihood", "firth"]
TestOfTable: TypeAlias = Literal["wald", "fisher", "chi_square"]
MAXIMUM_LIKELIHOOD: Method = "maximum_likelihood"
FIRTH: Method = "firth"
MODEL_MOVES = 3000


class Term(Choices):
    """A covariate: who has it, or the values of a column; and the claims about its ratio."""

    who: Condition | None = Field(None, description="Who has it: 1 of these, 0 of the others.")
    of: str = Field("", description='A column of values, as "search.column".')
    per: float | int = Field(1, description="How much of the column one unit of the ratio is.")
    claims: tuple[Word, ...] = Field((), description="The claims of its ratio; none: it adjusts.")
    inverse: bool = Field(
        False, description="The claims are of the other outcome: one over the ratio.")

    @model_validator(mode="after")
    def _is_one_thing(self) -> Term:
        if (self.who is None) == (not self.of):
            raise Unfit("needs either who or of", 'Write who = { sex = "F" }, or of = "a.b".')
        return self


class Model(Choices):
    """A logistic model of some children."""

    outcome: Condition = Field(description="Who has the outcome.")
    among: Condition = Field(default_factory=dict, description="Of whom; everyone without.")
    method: Method = Field(MAXIMUM_LIKELIHOOD, description="How it is fitted.")
    terms: Annotated[tuple[Term, ...], Field(min_length=1)] = Field(description="Covariates.")
    test: TestOfTable = Field("wald", description="One term: the test behind its P value.")
    moves: int = Field(MODEL_MOVES, description="Rounds of the search.")
    weight: Annotated[int, Field(gt=0)] = Field(
        1, description="One term: how much its claims count where not all can be met.")
    because: str = Field("", description="How the claims are read here.")

    @property
    def is_table(self) -> bool:
        """Whether a fourfold table decides it: one term that is a condition."""
        return len(self.terms) == 1 and self.terms[0].who is not None

    @property
    def conditions(self) -> Iterator[Condition]:
        """Every condition of it."""
        yield from (self.outcome, self.among)
        yield from (term.who for term in self.terms if term.who is not None)
