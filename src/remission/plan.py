"""The plan of a study (``study.toml``): every choice that is made, explicit and checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails

from remission.days import Duration, parse_duration
from remission.errors import PlanError, did_you_mean
from remission.files import has_control_characters
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

_LONGEST_TITLE = 200
_ENDPOINT_LABELS = {
    "os": "Overall survival", "efs": "Event-free survival", "rfs": "Relapse-free survival",
    "lfs": "Leukaemia-free survival", "dfs": "Disease-free survival",
    "cir": "Relapse", "nrm": "Non-relapse mortality",
    "grfs": "GVHD-free, relapse-free survival",
}
"""What the field calls these endpoints; the label of a plan that gives none."""

_TITLES = {"characteristics": "Characteristics", "transplant": "Outcomes after transplant",
           "participant_flow": "Participant flow"}
_EVERYONE = ("All", "Overall")
"""Names of the column of everyone together; letter case tells them from ALL, the disease."""


def _without_control_characters(text: str) -> str:
    if has_control_characters(text):
        raise Unfit("holds a control character, which cannot be printed",
                    "Type the text again without it.")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise Unfit("must not be empty", "Write the words that name it, in quotes.")
    return text


def _not_too_long(text: str) -> str:
    if len(text) > _LONGEST_TITLE:
        raise Unfit(f"must have at most {_LONGEST_TITLE} characters, not {len(text)}",
                    "Shorten it; a longer explanation belongs in the subtitle or the paper.")
    return text


def _is_duration(text: str) -> str:
    parse_duration(text)
    return text


Text = Annotated[str, AfterValidator(_without_control_characters)]
Label = Annotated[Text, AfterValidator(_not_blank)]
Title = Annotated[Label, AfterValidator(_not_too_long)]
Time = Annotated[Text, AfterValidator(_is_duration)]
Value = Text | int
Origin = Literal["anchor", "transplant", "first_infusion", "diagnosis", "response"]
Event = Literal[
    "death", "relapse", "second_malignancy", "no_response", "death_without_relapse",
    "acute_gvhd_3_4", "chronic_gvhd_systemic", "chronic_gvhd_severe", "neutrophil_recovery",
    "platelet_recovery"]
Censor = Literal[
    "last_contact", "last_disease_evaluation", "transplant", "car_t", "next_therapy"]
ENDS_OF_FOLLOW_UP: tuple[Censor, ...] = ("last_contact", "last_disease_evaluation")
"""What ends the time of a child without an event; the other censorings cut events off too."""
AFTER_TRANSPLANT: tuple[Event, ...] = (
    "acute_gvhd_3_4", "chronic_gvhd_systemic", "chronic_gvhd_severe", "neutrophil_recovery",
    "platelet_recovery")
_IN_TIME = ("diagnosis", "first_infusion", "response", "transplant")
Show = Literal["auto", "n_percent", "median_range", "median_quartiles", "mean_sd"]
Language = Literal["en", "es", "zh"]
AbsentTable = Literal[
    "RELAPSE", "ACUTE_GVHD", "CHRONIC_GVHD", "ADVERSE_EVENT", "TRANSFUSION",
    "SECOND_MALIGNANCY"]


class StudyChoices(Choices):
    """What the study is; ``source`` says whose data they are, with their licence."""

    title: Title
    subtitle: Text = ""
    source: Text = ""
    anchor: Literal["first_infusion", "diagnosis", "transplant"] = "first_infusion"
    origin: Literal["patients", "simulated", "reconstructed"] = "patients"
    people: Literal["children", "patients"] = "children"
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
        refuse(_twice(words))
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


class VariableChoice(Choices):
    """A variable in a table, with how it is shown."""

    name: Label
    label: Label | None = None
    show: Show = "auto"
    level: Label | None = None
    labels: Mapping[Text, Label] = Field(default_factory=dict)
    digits: int | None = Field(None, ge=0, le=6)


def _as_choice(given: object) -> object:
    return {"name": given} if isinstance(given, str) else given


class _WithVariables(Choices):
    title: Title
    by: Label | None = None
    population: Label | None = None
    overall: bool = True
    test: bool = True
    variables: tuple[VariableChoice, ...] = Field(min_length=1)

    @field_validator("variables", mode="before")
    @classmethod
    def _names_are_choices(cls, given: object) -> object:
        return tuple(map(_as_choice, given)) if isinstance(given, list | tuple) else given

    @field_validator("variables")
    @classmethod
    def _each_once(cls, variables: tuple[VariableChoice, ...]) -> tuple[VariableChoice, ...]:
        refuse(_twice(variable.name for variable in variables))
        return variables


class Characteristics(_WithVariables):
    """A table of what the subjects were like, by group."""

    kind: Literal["characteristics"] = "characteristics"


class TransplantOutcomes(_WithVariables):
    """A table of what happened after transplant, each proportion with its base and interval."""

    kind: Literal["transplant"] = "transplant"


class _OverTime(Choices):
    title: Title
    endpoint: Label
    by: Label | None = None
    population: Label | None = None
    at: tuple[Time, ...] = Field(min_length=1)
    unit: Literal["days", "months", "years"] = "years"
    until: Time | None = None
    level: float = Field(0.95, gt=0, lt=1)

    @field_validator("at")
    @classmethod
    def _each_once(cls, at: tuple[str, ...]) -> tuple[str, ...]:
        days = [round(parse_duration(text).days, 6) for text in at]
        refuse(((number,), Unfit(f"is {text!r}, the same time as {at[days.index(day)]!r} before it",
                                 "Remove one of them."))
               for number, (text, day) in enumerate(zip(at, days, strict=True))
               if day in days[:number])
        return at

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
    def confidence(self) -> str:
        """The confidence level in words: ``95%``, ``97.5%``."""
        return f"{100 * self.level:.10g}%"

    @property
    def times(self) -> tuple[Duration, ...]:
        """The times asked for."""
        return tuple(parse_duration(text) for text in self.at)


class Survival(_OverTime):
    """A Kaplan–Meier curve with numbers at risk and the log-rank test between groups."""

    kind: Literal["survival"] = "survival"
    ci: Literal["log-log", "log", "plain"] = "log-log"


class CumulativeIncidence(_OverTime):
    """The cumulative incidence of an event with its competing events (Aalen–Johansen)."""

    kind: Literal["cumulative_incidence"] = "cumulative_incidence"


class ParticipantFlow(Choices):
    """Who was registered, treated, evaluable and analysed, step by step: a table that adds up."""

    kind: Literal["participant_flow"] = "participant_flow"
    title: Title

    @property
    def by(self) -> None:
        """A flow is not split by groups."""

    @property
    def population(self) -> None:
        """A flow begins with all children."""


Analysis = Annotated[
    Characteristics | TransplantOutcomes | Survival | CumulativeIncidence | ParticipantFlow,
    Field(discriminator="kind"),
]


class Plan(Choices):
    """Everything a study decides: definitions, endpoints, groups and analyses."""

    study: StudyChoices
    records: RecordChoices = RecordChoices()
    sites: Mapping[Label, SiteChoices] = Field(default_factory=dict)
    definitions: Mapping[Text, Text] = Field(default_factory=dict)
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
        given = _named(given)
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


def read_plan(path: Path) -> Plan:
    """Return the plan written in a ``study.toml``.

    Raises :class:`PlanError` naming every key that is wrong, with its line, and
    :class:`~remission.errors.InputError` when the file cannot be read as TOML.
    """
    values, text = read_toml(path)
    plan = check_model(Plan, values, text, path, error=PlanError)
    plan._file = str(path)
    return plan


def _named(given: Any) -> Any:
    """Return a plan as it is written, with the usual names where it gives none."""
    if not isinstance(given, dict):
        return given
    endpoints = {
        name: {"label": _ENDPOINT_LABELS.get(name, _in_words(name)), **endpoint}
        for name, endpoint in _tables(given, "endpoints").items()}
    groups, populations = (
        {name: {"label": name.replace("_", " "), **table}
         for name, table in _tables(given, key).items()} for key in ("groups", "populations"))
    named = {**given}
    for key, tables in (("endpoints", endpoints), ("groups", groups),
                        ("populations", populations)):
        if tables:
            named[key] = {**given[key], **tables}
    analyses = given.get("analyses")
    if isinstance(analyses, list | tuple):
        named["analyses"] = type(analyses)(
            {"title": title, **analysis} if isinstance(analysis, dict) and (
                title := _title(analysis, endpoints, groups)) else analysis
            for analysis in analyses)
    return named


def _tables(given: dict[str, Any], key: str) -> dict[str, dict[str, Any]]:
    """Return the tables under a key, without what has another shape."""
    found = given.get(key)
    return {name: table for name, table in found.items()
            if isinstance(name, str) and isinstance(table, dict)} if isinstance(found, dict) else {}


def _in_words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _title(
    analysis: dict[str, Any], endpoints: dict[str, Any], groups: dict[str, Any]
) -> str:
    """Return the title of an analysis that has none: what it shows, by which groups."""
    by = groups.get(str(analysis.get("by")), {}).get("label")
    endpoint = endpoints.get(str(analysis.get("endpoint")), {}).get("label")
    shown = _TITLES.get(str(analysis.get("kind")), endpoint)
    return f"{shown} by {by}" if shown and by and endpoint else str(shown or "")


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


def _twice(words: Iterable[str]) -> Iterator[tuple[Location, Unfit]]:
    """Yield every word that stands in its list already."""
    seen: set[str] = set()
    for number, word in enumerate(words):
        if word in seen:
            yield (number,), Unfit(f"is {word!r}, which stands there already",
                                   "Remove one of them.")
        seen.add(word)


def _contradictions(given: Any) -> Iterator[tuple[Location, Unfit]]:
    """Yield where the parts of a plan, as it is written, do not fit together.

    What is not of the right shape is passed over: it is told by itself.
    """
    if not isinstance(given, dict):
        return
    study = given.get("study")
    anchor = study.get("anchor", "first_infusion") if isinstance(study, dict) else "first_infusion"
    for name, endpoint in _tables(given, "endpoints").items():
        for key, unfit in _misfits_of_endpoint(endpoint, anchor):
            yield ("endpoints", name, key), unfit
    analyses = given.get("analyses")
    for number, analysis in enumerate(analyses if isinstance(analyses, list | tuple) else ()):
        if isinstance(analysis, dict):
            for key, unfit in _misfits(analysis, given):
                yield ("analyses", number, key), unfit


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
    if event == "no_response" and origin not in ("first_infusion", "diagnosis"):
        return Unfit("holds 'no_response', which is told before the origin",
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
    if analysis.get("kind") == "survival" and _has_competing(analysis.get("endpoint"), plan):
        yield "endpoint", Unfit(
            "has competing events, which a survival curve would count as the event",
            'Write kind = "cumulative_incidence", or move the competing events to events.')


def _has_competing(name: object, plan: dict[str, Any]) -> bool:
    endpoints = plan.get("endpoints")
    endpoint = endpoints.get(name) if isinstance(endpoints, dict) and isinstance(name, str) else {}
    return isinstance(endpoint, dict) and bool(endpoint.get("competing"))
