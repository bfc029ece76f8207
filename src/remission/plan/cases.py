"""Single cases: some variables of each child of a population, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from remission.plan.analyses import Asked, as_choices
from remission.plan.words import Label, Text, twice
from remission.toml import Choices, Unfit, refuse


class Shown(Choices):
    """A variable of each case: a number in its unit, or days in another ``unit``.

    ``over`` stands over the columns of variables side by side that bear the same.
    """

    name: Label
    label: Label | None = None
    over: Text = ""
    unit: Literal["days", "months", "years"] | None = None
    digits: int | None = Field(None, ge=0, le=6)
    labels: Mapping[Text, Label] = Field(default_factory=dict)


class Cases(Asked):
    """A listing of the children of a population, numbered in the order of the records.

    One without any value of ``needs``, or of all that is shown, is left out and counted.
    """

    kind: Literal["cases"] = "cases"
    by: ClassVar[None] = None
    case_label: Label = "case"
    shown: tuple[Shown, ...] = Field(min_length=1)
    needs: tuple[Label, ...] | None = None

    @field_validator("shown", mode="before")
    @classmethod
    def _names_are_choices(cls, given: object) -> object:
        return as_choices(given)

    @field_validator("shown")
    @classmethod
    def _each_once(cls, shown: tuple[Shown, ...]) -> tuple[Shown, ...]:
        refuse(twice(one.name for one in shown))
        return shown

    @field_validator("needs")
    @classmethod
    def _are_shown(
        cls, needs: tuple[str, ...] | None, info: ValidationInfo
    ) -> tuple[str, ...] | None:
        known = [one.name for one in info.data.get("shown", ())]
        refuse(((place,), Unfit(f"is {name!r}, which is not shown",
                                "Add it to shown, or remove it."))
               for place, name in enumerate(needs or ()) if known and name not in known)
        return needs

    @property
    def columns(self) -> tuple[str, ...]:
        """The variables that are shown."""
        return tuple(one.name for one in self.shown)

    @property
    def needed(self) -> tuple[str, ...]:
        """The variables of which a case has at least one."""
        return self.columns if self.needs is None else self.needs
