"""The plan of a study (``study.toml``): every choice that is made, explicit and checked."""

from remission.plan.analyses import (
    Asked,
    Characteristics,
    CumulativeIncidence,
    OfEndpoint,
    Survival,
    TransplantOutcomes,
    VariableChoice,
)
from remission.plan.before_after import BeforeAfter, ChangeBetweenGroups
from remission.plan.cases import Cases
from remission.plan.composed import Composed
from remission.plan.courses import MarrowCourse, Swimmer
from remission.plan.participant_flow import ParticipantFlow
from remission.plan.response import Response
from remission.plan.risk_factors import Factor, RiskFactors
from remission.plan.study import (
    AFTER_TRANSPLANT,
    ENDS_OF_FOLLOW_UP,
    AbsentTable,
    Analysis,
    Censor,
    Endpoint,
    Event,
    Group,
    Origin,
    Plan,
    Population,
    RecordChoices,
    SiteChoices,
    StudyChoices,
    kinds_of_analysis,
    read_plan,
)
from remission.plan.time_dependent import TimeDependent
from remission.plan.toxicity import Toxicity
from remission.plan.words import Label, Language, Text, Time, Title, Value

__all__ = [
    "AFTER_TRANSPLANT",
    "ENDS_OF_FOLLOW_UP",
    "AbsentTable",
    "Analysis",
    "Asked",
    "BeforeAfter",
    "Cases",
    "Censor",
    "ChangeBetweenGroups",
    "Characteristics",
    "Composed",
    "CumulativeIncidence",
    "Endpoint",
    "Event",
    "Factor",
    "Group",
    "Label",
    "Language",
    "MarrowCourse",
    "OfEndpoint",
    "Origin",
    "ParticipantFlow",
    "Plan",
    "Population",
    "RecordChoices",
    "Response",
    "RiskFactors",
    "SiteChoices",
    "StudyChoices",
    "Survival",
    "Swimmer",
    "Text",
    "Time",
    "TimeDependent",
    "Title",
    "Toxicity",
    "TransplantOutcomes",
    "Value",
    "VariableChoice",
    "kinds_of_analysis",
    "read_plan",
]
