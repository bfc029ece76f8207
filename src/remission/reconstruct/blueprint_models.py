"""The part of a blueprint that is about regression models: whose ratios a paper prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from remission.reconstruct.blueprint_values import Condition, Word
from remission.toml import Choices, Unfit

Method: TypeAlias = Literal["maximum_likelihood", "firth"]
TestOfTable: TypeAlias = Literal["wald", "fisher", "chi_square"]
ModelEndpoint: TypeAlias = Literal["", "efs", "efs_assessed", "os", "mrd_response"]
MRD_RESPONSE: ModelEndpoint = "mrd_response"
OF_MARROWS: tuple[ModelEndpoint, ...] = ("efs_assessed", MRD_RESPONSE)
"""Endpoints with days of marrows in them."""
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
    part: Literal["estimate", "p"] = Field(
        "estimate", description="Same, definition: which number of the ratio is printed.")
    way: Literal["", "rises", "falls"] = Field(
        "", description="Whether the ratio is above 1 or below, where only P is printed.")

    @model_validator(mode="after")
    def _is_one_thing(self) -> Term:
        if (self.who is None) == (not self.of):
            raise Unfit("needs either who or of", 'Write who = { sex = "F" }, or of = "a.b".')
        return self


class Model(Choices):
    """A logistic model of some children, or with an endpoint a Cox model."""

    outcome: Condition = Field(default_factory=dict, description="Who has the outcome.")
    endpoint: ModelEndpoint = Field("", description="Cox regression: the endpoint, from the first "
                               "infusion; efs_assessed has no response on the day of the marrow. "
                               "Not beside an outcome.")
    among: Condition = Field(default_factory=dict, description="Of whom; everyone without.")
    method: Method = Field(MAXIMUM_LIKELIHOOD, description="How it is fitted.")
    terms: Annotated[tuple[Term, ...], Field(min_length=1)] = Field(description="Covariates.")
    test: TestOfTable = Field("wald", description="One term: the test behind its P value.")
    moves: int = Field(MODEL_MOVES, description="Rounds of the search.")
    weight: Annotated[int, Field(gt=0)] = Field(
        1, description="One term: how much its claims count where not all can be met.")
    because: str = Field("", description="How the claims are read here.")

    @model_validator(mode="after")
    def _has_one_outcome(self) -> Model:
        if bool(self.outcome) == bool(self.endpoint):
            raise Unfit("needs either an outcome or an endpoint",
                        'Write outcome = { failed = "yes" }, or endpoint = "efs".')
        return self

    @property
    def is_table(self) -> bool:
        """Whether a fourfold table decides it: one term that is a condition."""
        return not self.endpoint and len(self.terms) == 1 and self.terms[0].who is not None

    @property
    def conditions(self) -> Iterator[Condition]:
        """Every condition of it."""
        yield from (self.outcome, self.among)
        yield from (term.who for term in self.terms if term.who is not None)
