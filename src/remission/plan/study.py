"""The plan of a study (``study.toml``): every choice that is made, explicit and checked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails

from remission.errors import PlanError, did_you_mean
from remission.plan.analyses import (
    Characteristics,
    CumulativeIncidence,
    Survival,
    TransplantOutcomes,
)
from remission.plan.before_after import BeforeAfter, ChangeBetweenGroups
from remission.plan.cases import Cases
from remission.plan.composed import Composed
from remission.plan.courses import MarrowCourse, Swimmer, Timeline
from remission.plan.participant_flow import ParticipantFlow
from remission.plan.response import Response
from remission.plan.risk_factors import RiskFactors
from remission.plan.time_dependent import TimeDependent
from remission.plan.toxicity import Toxicity
from remission.plan.usual_names import named, tables_under
from remission.plan.words import Label, Language, Name, Text, Title, Value, twice
from remission.toml import (
    Choices,
    Location,
    Unfit,
    check_model,
    details_of,
    read_toml,
    refuse,
    written_key,
)

_EVERYONE = ("All", "Overall")
"""Names of the column of everyone together; letter case tells them from ALL, the disease."""


Origin = Literal["anchor", "transplant", "first_infusion", "diagnosis", "response"]
Event = Literal[
    "death", "relapse", "second_malignancy", "no_response", "death_without_relapse",
    "acute_gvhd", "acute_gvhd_2_4", "acute_gvhd_3_4", "chronic_gvhd",
    "chronic_gvhd_moderate_severe", "chronic_gvhd_systemic", "chronic_gvhd_severe",
    "neutrophil_recovery", "platelet_recovery", "mrd_response"]
Censor = Literal[
    "last_contact", "last_disease_evaluation", "transplant", "car_t", "next_therapy"]
ENDS_OF_FOLLOW_UP: tuple[Censor, ...] = ("last_contact", "last_disease_evaluation")
"""What ends the time of a child without an event; the other censorings cut events off too."""
AFTER_TRANSPLANT: tuple[Event, ...] = (
    "acute_gvhd", "acute_gvhd_2_4", "acute_gvhd_3_4", "chronic_gvhd",
    "chronic_gvhd_moderate_severe", "chronic_gvhd_systemic", "chronic_gvhd_severe",
    "neutrophil_recovery", "platelet_recovery")
OF_TREATMENT: tuple[Event, ...] = ("no_response", "mrd_response")
"""What the marrows after the infusions tell: it comes after the first of them."""
_IN_TIME = ("diagnosis", "first_infusion", "response", "transplant")
AbsentTable = Literal[
    "RELAPSE", "ACUTE_GVHD", "CHRONIC_GVHD", "ADVERSE_EVENT", "TRANSFUSION",
    "SECOND_MALIGNANCY"]


class StudyChoices(Choices):
    """What the study is; ``source`` says whose data they are, with their licence.

    With ``shows_single_children`` false no figure draws the course of one child, for a report
    that goes to readers who must not tell who a child is.
    """

    title: Title
    subtitle: Text = ""
    source: Text = ""
    anchor: Literal["first_infusion", "diagnosis", "transplant"] = "first_infusion"
    origin: Literal["patients", "simulated", "reconstructed"] = "patients"
    people: Literal["children", "patients"] = "children"
    shows_single_children: bool = True
    significance: float = Field(0.05, gt=0, lt=1)


class RecordChoices(Choices):
    """How the records are read: what no row means, and the centres' own rules in words.

    ``reported_as`` says, for a definition whose values the centres reported themselves, by which
    rule they did: the report then prints that rule, and not the published one.
    ``impute_partial_dates`` fills days known only to their month or year; without it they stay
    unknown.
    """

    absent_means_none: tuple[AbsentTable, ...] = ()
    impute_partial_dates: Literal["midpoint"] | None = None
    reported_as: Mapping[Label, Label] = Field(default_factory=dict)


class SiteChoices(Choices):
    """What is particular to a centre: the language of what is sent to it."""

    language: Language = "en"


class Endpoint(Choices):
    """A time-to-event endpoint: first of the events, else censored; ties go to the earlier line.

    A child is censored at the first of ``censor``; a transplant, CAR-T cells or another treatment
    named there also cut off what came after them. ``entry`` is when a child came under
    observation, where that is later than the origin. ``no_response_at`` says when a missing
    response counts: at time zero, or on the day of the marrow that showed it.
    """

    label: Label
    origin: Origin = "anchor"
    entry: Literal["first_infusion", "transplant"] | None = None
    events: tuple[Event, ...] = Field(min_length=1)
    competing: tuple[Event, ...] = ()
    no_response_at: Literal["time_zero", "assessment"] = "time_zero"
    censor: tuple[Censor, ...] = Field(("last_contact",), min_length=1)

    @field_validator("events", "competing", "censor")
    @classmethod
    def _each_once(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        refuse(twice(words))
        return words

    @field_validator("competing")
    @classmethod
    def _not_both(cls, competing: tuple[Event, ...], info: ValidationInfo) -> tuple[Event, ...]:
        refuse(((number,), Unfit(f"is {event!r}, which cannot be both event and competing",
                                 "Remove it from events or from competing."))
               for number, event in enumerate(competing) if event in info.data.get("events", ()))
        return competing


class Group(Choices):
    """A grouping of the subjects: a variable, and which of its values form each named level."""

    variable: Label
    label: Label
    levels: Mapping[Label, Annotated[tuple[Value, ...], Field(min_length=1)]] = Field(
        default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _labels_are_levels(cls, given: object) -> object:
        """Read ``labels = { RR = "R/R" }`` as the level "R/R" of the one value RR."""
        if not isinstance(given, dict) or "levels" in given or not isinstance(
                labels := given.get("labels"), dict):
            return given
        levels: dict[object, list[object]] = {}
        for value, label in labels.items():
            levels.setdefault(label, []).append(value)
        return {**{key: given[key] for key in given if key != "labels"}, "levels": levels}

    @field_validator("levels")
    @classmethod
    def _are_apart(
        cls, levels: Mapping[str, tuple[Value, ...]]
    ) -> Mapping[str, tuple[Value, ...]]:
        everyone = (
            ((name,), Unfit("bears the name of everyone together", "Choose another name."))
            for name in levels if name in _EVERYONE)
        refuse([*everyone, *_in_two_levels(levels)])
        return levels


class Population(Choices):
    """A part of the subjects that an analysis is about: those whose variable is one of some."""

    label: Label
    variable: Label
    is_: tuple[Value, ...] = Field(alias="is", min_length=1)


Analysis = Annotated[
    Characteristics | TransplantOutcomes | Survival | CumulativeIncidence | RiskFactors
    | BeforeAfter | ChangeBetweenGroups | Toxicity | TimeDependent
    | Response | Swimmer | MarrowCourse | Timeline | ParticipantFlow | Cases,
    Field(discriminator="kind"),
]


class Plan(Choices):
    """Everything a study decides: definitions, endpoints, groups and analyses."""

    study: StudyChoices
    records: RecordChoices = RecordChoices()
    sites: Mapping[Label, SiteChoices] = Field(default_factory=dict)
    definitions: Mapping[Text, Text] = Field(default_factory=dict)
    variables: Mapping[Name, Composed] = Field(default_factory=dict)
    endpoints: Mapping[Label, Endpoint] = Field(default_factory=dict)
    groups: Mapping[Label, Group] = Field(default_factory=dict)
    populations: Mapping[Label, Population] = Field(default_factory=dict)
    analyses: tuple[Analysis, ...] = ()
    _file: str = PrivateAttr("study.toml")

    @property
    def file(self) -> str:
        """The file the plan was read from, for messages."""
        return self._file

    def origin_of(self, endpoint: Endpoint) -> str:
        """Return the origin of an endpoint, the anchor by its own name."""
        return self.study.anchor if endpoint.origin == "anchor" else endpoint.origin

    @model_validator(mode="wrap")
    @classmethod
    def _fits_together(cls, given: Any, handler: ModelWrapValidatorHandler[Plan]) -> Plan:
        """Tell what contradicts itself together with what is wrong by itself."""
        found: list[InitErrorDetails] = []
        given = named(given)
        try:
            plan = handler(given)
            given = plan.model_dump(by_alias=True)
        except ValidationError as invalid:
            found += [InitErrorDetails(type=detail["type"], loc=detail["loc"],
                                       input=detail["input"], ctx=detail.get("ctx", {}))
                      for detail in invalid.errors(include_url=False)]
        found += details_of(_contradictions(given))
        if found:
            raise ValidationError.from_exception_data(cls.__name__, found)
        return plan

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the plan with all its defaults spelled out."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


def kinds_of_analysis() -> tuple[str, ...]:
    """Return every kind of analysis that a plan may ask for."""
    models = get_args(get_args(Analysis)[0])
    return tuple(str(model.model_fields["kind"].default) for model in models)


def read_plan(path: Path) -> Plan:
    """Return the plan written in a ``study.toml``.

    Raises :class:`PlanError` naming every key that is wrong, with its line, and
    :class:`~remission.errors.InputError` when the file cannot be read as TOML.
    """
    values, text = read_toml(path)
    plan = check_model(Plan, values, text, path, error=PlanError)
    plan._file = str(path)
    return plan


def _in_two_levels(levels: Mapping[str, tuple[Value, ...]]) -> Iterator[tuple[Location, Unfit]]:
    """Yield every value that stands in a level already; 1 and "1" are one value."""
    level_of: dict[str, str] = {}
    for name, values in levels.items():
        for number, value in enumerate(values):
            if str(value) in level_of:
                yield (name, number), Unfit(
                    f"is {value!r}, which stands in {level_of[str(value)]!r} already",
                    "Each value belongs to one level; remove one of them.")
            level_of.setdefault(str(value), name)


def _contradictions(given: Any) -> Iterator[tuple[Location, Unfit]]:
    """Yield where the parts of a plan, as it is written, do not fit together.

    What is not of the right shape is passed over: it is told by itself.
    """
    if not isinstance(given, dict):
        return
    study = given.get("study")
    anchor = study.get("anchor", "first_infusion") if isinstance(study, dict) else "first_infusion"
    for name, endpoint in tables_under(given, "endpoints").items():
        for key, unfit in _misfits_of_endpoint(endpoint, anchor):
            yield ("endpoints", name, key), unfit
    analyses = given.get("analyses")
    seen: set[str] = set()
    for number, analysis in enumerate(analyses if isinstance(analyses, list | tuple) else ()):
        if isinstance(analysis, dict):
            for key, unfit in (*_misfits(analysis, given), *_taken(analysis, seen)):
                yield ("analyses", number, key), unfit


def _taken(analysis: dict[str, Any], seen: set[str]) -> Iterator[tuple[str, Unfit]]:
    """Yield a name that another analysis has, or that a kind or the queries have; keep it."""
    name = analysis.get("name")
    if not isinstance(name, str):
        return
    kind = next((kind for kind in kinds_of_analysis() if re.fullmatch(rf"{kind}(_\d+)?", name)), "")
    if name in seen or name == "queries" or kind:
        taken = f"the name of every {kind}" if kind else "taken already"
        yield "name", Unfit(f"is {name!r}, which is {taken}", "Choose another name.")
    seen.add(name)


def _misfits_of_endpoint(
    endpoint: dict[str, Any], anchor: object
) -> Iterator[tuple[str, Unfit]]:
    """Yield which keys of one endpoint contradict each other."""
    origin = endpoint.get("origin", "anchor")
    origin = anchor if origin == "anchor" else origin
    events, competing, censor = (
        _words(endpoint, key) for key in ("events", "competing", "censor"))
    for key, listed in (("events", events), ("competing", competing)):
        for event in listed:
            unfit = _misfit_of_event(event, origin, endpoint, [*events, *competing])
            if unfit is not None:
                yield key, unfit
    entry = endpoint.get("entry")
    if entry in _IN_TIME and origin in _IN_TIME and (
            _IN_TIME.index(entry) <= _IN_TIME.index(str(origin))):
        yield "entry", Unfit(f"is {entry!r}, which is not later than the origin {origin!r}",
                             "Remove it, or write an earlier origin.")
    if censor and not set(censor) & set(ENDS_OF_FOLLOW_UP):
        yield "censor", Unfit("does not say when a child without an event was last known",
                              'Add "last_contact" or "last_disease_evaluation".')
    if origin == "transplant" and "transplant" in censor:
        yield "censor", Unfit("ends the time at the transplant, which is its origin",
                              'Remove "transplant", or write an earlier origin.')


def _misfit_of_event(
    event: str, origin: object, endpoint: dict[str, Any], listed: list[str]
) -> Unfit | None:
    """Return why one event cannot stand beside the origin and the others, None if it can."""
    if event in AFTER_TRANSPLANT and origin != "transplant":
        return Unfit(f"holds {event!r}, which comes only after a transplant",
                     'Write origin = "transplant".')
    if event in OF_TREATMENT and origin not in ("first_infusion", "diagnosis"):
        return Unfit(f"holds {event!r}, which is told before the origin",
                     'Write origin = "first_infusion", or remove it.')
    at = endpoint.get("no_response_at", "time_zero")
    if event == "no_response" and at == "time_zero" and origin == "diagnosis":
        return Unfit("holds 'no_response' at time zero, but the diagnosis came before the drug",
                     'Write no_response_at = "assessment", or origin = "first_infusion".')
    if event == "death_without_relapse" and "death" in listed:
        return Unfit("holds 'death_without_relapse', which 'death' covers",
                     "Remove one of them.")
    if event == "death_without_relapse" and "relapse" not in listed:
        return Unfit("holds 'death_without_relapse', so a child who relapses must leave as such",
                     'Add "relapse" to events or to competing.')
    return None


def _words(endpoint: dict[str, Any], key: str) -> list[str]:
    """Return the words of a list, none where the key holds something else."""
    listed = endpoint.get(key)
    return [word for word in listed if isinstance(word, str)] if isinstance(
        listed, list | tuple) else []


def _misfits(analysis: dict[str, Any], plan: dict[str, Any]) -> Iterator[tuple[str, Unfit]]:
    """Yield which keys of one analysis ask for what the plan does not have."""
    for key, table in (("by", "groups"), ("population", "populations"), ("endpoint", "endpoints")):
        name, defined = analysis.get(key), plan.get(table, {})
        if isinstance(name, str) and isinstance(defined, dict) and name not in defined:
            wanted = f"[{table}.{written_key(name)}]"
            yield key, Unfit(f"is {name!r}, and there is no {wanted}",
                             did_you_mean(name, defined) if defined else f"Write {wanted}.")
    is_curve = analysis.get("kind") in ("survival", "time_dependent")
    if is_curve and _has_competing(analysis.get("endpoint"), plan):
        yield "endpoint", Unfit(
            "has competing events, which a survival curve would count as the event",
            'Write kind = "cumulative_incidence", or move the competing events to events.')


def _has_competing(name: object, plan: dict[str, Any]) -> bool:
    endpoints = plan.get("endpoints")
    endpoint = endpoints.get(name) if isinstance(endpoints, dict) and isinstance(name, str) else {}
    return isinstance(endpoint, dict) and bool(endpoint.get("competing"))
