"""The plan of a study (``study.toml``): every choice that is made, explicit and checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from remission.days import Duration, parse_duration
from remission.errors import PlanError
from remission.toml import Choices, check_model, read_toml

Origin = Literal["anchor", "transplant", "first_infusion", "diagnosis"]
Event = Literal["death", "relapse", "second_malignancy"]
Show = Literal["auto", "n_percent", "median_range", "median_quartiles", "mean_sd"]
AbsentTable = Literal[
    "RELAPSE", "ACUTE_GVHD", "CHRONIC_GVHD", "TRANSFUSION", "SECOND_MALIGNANCY"]


class StudyChoices(Choices):
    """What the study is."""

    title: str
    subtitle: str = ""
    anchor: Literal["first_infusion", "diagnosis", "transplant"] = "first_infusion"
    origin: Literal["patients", "simulated", "reconstructed"] = "patients"
    people: Literal["children", "patients"] = "children"
    significance: float = Field(0.05, gt=0, lt=1)


class RecordChoices(Choices):
    """How the records are read: what no row means, and the centres' own rules in words.

    ``reported_as`` says, for a definition whose values the centres reported themselves, by which
    rule they did: the report then prints that rule, and not the published one.
    """

    absent_means_none: tuple[AbsentTable, ...] = ()
    reported_as: Mapping[str, str] = Field(default_factory=dict)


class Endpoint(Choices):
    """A time-to-event endpoint: first of the events, else censored; ties go to the earlier line."""

    label: str
    origin: Origin = "anchor"
    events: tuple[Event, ...] = Field(min_length=1)
    competing: tuple[Event, ...] = ()
    censor: tuple[Literal["last_contact"], ...] = Field(("last_contact",), min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Endpoint:
        both = set(self.events) & set(self.competing)
        if both:
            raise ValueError(f"{', '.join(sorted(both))} cannot be both event and competing")
        return self


class Group(Choices):
    """A grouping of the subjects: a variable, and which of its values form each named level."""

    variable: str
    label: str
    levels: Mapping[str, tuple[str | int, ...]] = Field(default_factory=dict)

    @field_validator("levels")
    @classmethod
    def _each_value_once(
        cls, levels: Mapping[str, tuple[str | int, ...]]
    ) -> Mapping[str, tuple[str | int, ...]]:
        values = [value for listed in levels.values() for value in listed]
        twice = sorted({str(value) for value in values if values.count(value) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands in two levels; each value belongs to one")
        return levels


class Population(Choices):
    """A part of the subjects that an analysis is about: those whose variable is one of some."""

    label: str
    variable: str
    is_: tuple[str | int, ...] = Field(alias="is", min_length=1)


class VariableChoice(Choices):
    """A variable in a table, with how it is shown."""

    name: str
    label: str | None = None
    show: Show = "auto"
    level: str | None = None
    labels: Mapping[str, str] = Field(default_factory=dict)
    digits: int | None = Field(None, ge=0, le=6)


def _as_choice(given: object) -> object:
    return {"name": given} if isinstance(given, str) else given


class _WithVariables(Choices):
    title: str
    by: str | None = None
    population: str | None = None
    overall: bool = True
    test: bool = True
    variables: tuple[VariableChoice, ...] = Field(min_length=1)

    @field_validator("variables", mode="before")
    @classmethod
    def _names_are_choices(cls, given: object) -> object:
        return [_as_choice(item) for item in given] if isinstance(given, list | tuple) else given


class Characteristics(_WithVariables):
    """A table of what the subjects were like, by group."""

    kind: Literal["characteristics"] = "characteristics"


class TransplantOutcomes(_WithVariables):
    """A table of what happened after transplant, each proportion with its base and interval."""

    kind: Literal["transplant"] = "transplant"


class _OverTime(Choices):
    title: str
    endpoint: str
    by: str | None = None
    population: str | None = None
    at: tuple[str, ...] = Field(min_length=1)
    unit: Literal["days", "months", "years"] = "years"
    until: str | None = None
    ci: Literal["log-log", "log", "plain"] = "log-log"
    level: float = Field(0.95, gt=0, lt=1)

    @field_validator("at")
    @classmethod
    def _are_durations(cls, at: tuple[str, ...]) -> tuple[str, ...]:
        for text in at:
            parse_duration(text)
        return at

    @field_validator("until")
    @classmethod
    def _is_duration(cls, until: str | None) -> str | None:
        if until is not None:
            parse_duration(until)
        return until

    @property
    def times(self) -> tuple[Duration, ...]:
        """The times asked for."""
        return tuple(parse_duration(text) for text in self.at)


class Survival(_OverTime):
    """A Kaplan–Meier curve with numbers at risk and the log-rank test between groups."""

    kind: Literal["survival"] = "survival"


class CumulativeIncidence(_OverTime):
    """The cumulative incidence of an event with its competing events (Aalen–Johansen)."""

    kind: Literal["cumulative_incidence"] = "cumulative_incidence"


Analysis = Annotated[
    Characteristics | TransplantOutcomes | Survival | CumulativeIncidence,
    Field(discriminator="kind"),
]


class Plan(Choices):
    """Everything a study decides: definitions, endpoints, groups and analyses."""

    study: StudyChoices
    records: RecordChoices = RecordChoices()
    definitions: Mapping[str, str] = Field(default_factory=dict)
    endpoints: Mapping[str, Endpoint] = Field(default_factory=dict)
    groups: Mapping[str, Group] = Field(default_factory=dict)
    populations: Mapping[str, Population] = Field(default_factory=dict)
    analyses: tuple[Analysis, ...] = ()

    @model_validator(mode="after")
    def _names_resolve(self) -> Plan:
        unknown: list[str] = []
        for number, analysis in enumerate(self.analyses, start=1):
            if analysis.by is not None and analysis.by not in self.groups:
                unknown.append(f"analysis {number} ({analysis.title}): no [groups.{analysis.by}]")
            if analysis.population is not None and analysis.population not in self.populations:
                unknown.append(f"analysis {number} ({analysis.title}): "
                               f"no [populations.{analysis.population}]")
            endpoint = getattr(analysis, "endpoint", None)
            if endpoint is not None and endpoint not in self.endpoints:
                unknown.append(f"analysis {number} ({analysis.title}): no [endpoints.{endpoint}]")
        if unknown:
            raise ValueError("; ".join(unknown))
        return self

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the plan with all its defaults spelled out."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


def read_plan(path: Path) -> Plan:
    """Return the plan written in a ``study.toml``.

    Raises :class:`PlanError` naming every key that is wrong, with its line, and
    :class:`~remission.errors.InputError` when the file cannot be read as TOML.
    """
    values, text = read_toml(path)
    return check_model(Plan, values, text, path, error=PlanError)
