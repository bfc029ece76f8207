"""The analyses a plan may ask for: tables of variables, and curves over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from remission.days import Duration, parse_duration
from remission.plan.words import Label, Name, Text, Time, Title, twice
from remission.toml import Choices, Unfit, refuse

Show = Literal["auto", "n_percent", "every_level", "median_range", "median_quartiles", "mean_sd"]
"""How a variable is shown; ``every_level`` shows the no beside the yes, and levels nobody has."""


class Asked(Choices):
    """What every analysis has: its title, and whom it is about.

    ``name`` is what the ids of its results begin with; its kind, numbered, when it is left out.
    Without ``in_text`` the results in words pass it over.
    """

    name: Name | None = None
    title: Title
    population: Label | None = None
    in_text: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the cohort that it reads, besides groups, populations and endpoints."""
        return ()


class WithLevel(Choices):
    """A confidence level, which intervals have."""

    level: float = Field(0.95, gt=0, lt=1)

    @property
    def confidence(self) -> str:
        """The confidence level in words: ``95%``, ``97.5%``."""
        return f"{100 * self.level:.10g}%"


class VariableChoice(Choices):
    """A variable in a table, with how it is shown."""

    name: Label
    label: Label | None = None
    show: Show = "auto"
    level: Label | None = None
    labels: Mapping[Text, Label] = Field(default_factory=dict)
    digits: int | None = Field(None, ge=0, le=6)
    test: bool = True


def as_choice(given: object) -> object:
    """Read the name of a variable as the table that holds nothing else."""
    return {"name": given} if isinstance(given, str) else given


def as_choices(given: object) -> object:
    """Read a list in which names may stand for tables that hold nothing else."""
    return tuple(map(as_choice, given)) if isinstance(given, list | tuple) else given


class _WithVariables(Asked):
    by: Label | None = None
    overall: bool = True
    test: bool = True
    exact: bool = False
    variables: tuple[VariableChoice, ...] = Field(min_length=1)

    @field_validator("variables", mode="before")
    @classmethod
    def _names_are_choices(cls, given: object) -> object:
        return as_choices(given)

    @field_validator("variables")
    @classmethod
    def _each_once(cls, variables: tuple[VariableChoice, ...]) -> tuple[VariableChoice, ...]:
        refuse(twice(variable.name for variable in variables))
        return variables

    @property
    def columns(self) -> tuple[str, ...]:
        """The variables of the table."""
        return tuple(choice.name for choice in self.variables)


class Characteristics(_WithVariables):
    """A table of what the subjects were like, by group; ``exact`` asks for Fisher's test alone.

    With the base ``cycles`` each cycle counts, and variables of cycles stand beside those of their
    subject.
    """

    kind: Literal["characteristics"] = "characteristics"
    base: Literal["patients", "cycles"] = "patients"


class TransplantOutcomes(_WithVariables):
    """A table of what happened after transplant, each proportion with its base and interval."""

    kind: Literal["transplant"] = "transplant"
    base: ClassVar[Literal["patients"]] = "patients"


class OfEndpoint(Asked, WithLevel):
    """An endpoint at some times, on an axis of a unit that may end early."""

    endpoint: Label
    at: tuple[Time, ...] = Field(min_length=1)
    unit: Literal["days", "months", "years"] = "years"
    until: Time | None = None

    @field_validator("at")
    @classmethod
    def _each_once(cls, at: tuple[str, ...]) -> tuple[str, ...]:
        return each_time_once(at)

    @field_validator("until")
    @classmethod
    def _reaches_every_time(cls, until: str | None, info: ValidationInfo) -> str | None:
        if until is not None:
            end = parse_duration(until).days
            beyond = [text for text in info.data.get("at", ()) if parse_duration(text).days > end]
            if beyond:
                raise Unfit(f"ends the axis at {until!r}, before the time {beyond[0]!r} of at",
                            "Write a later end, or remove that time.")
        return until

    @property
    def times(self) -> tuple[Duration, ...]:
        """The times asked for."""
        return tuple(parse_duration(text) for text in self.at)


def each_time_once(at: tuple[str, ...]) -> tuple[str, ...]:
    """Return times as they are; refuses one that stands there already, in other words too."""
    days = [round(parse_duration(text).days, 6) for text in at]
    refuse(((number,), Unfit(f"is {text!r}, the same time as {at[days.index(day)]!r} before it",
                             "Remove one of them."))
           for number, (text, day) in enumerate(zip(at, days, strict=True))
           if day in days[:number])
    return at


class _OverTime(OfEndpoint):
    by: Label | None = None


class Survival(_OverTime):
    """A Kaplan–Meier curve with numbers at risk and the log-rank test between groups."""

    kind: Literal["survival"] = "survival"
    ci: Literal["log-log", "log", "plain"] = "log-log"


class CumulativeIncidence(_OverTime):
    """The cumulative incidence of an event with its competing events (Aalen–Johansen)."""

    kind: Literal["cumulative_incidence"] = "cumulative_incidence"
