"""@definition: label, grain, needs, criteria and reference around one short rule."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from remission.definitions.criteria import Criteria, criteria_sets, default_set
from remission.plan import Plan
from remission.records.study import Study

Grain = Literal["subject", "cycle", "transplant", "disease_episode", "assessment"]
Kind = Literal["category", "yes_no", "number", "day"]
Rule = Callable[..., Any]

KEYS: Mapping[Grain, tuple[str, ...]] = MappingProxyType({
    "subject": ("subject_id",),
    "cycle": ("subject_id", "cycle_no"),
    "transplant": ("subject_id", "transplant_no"),
    "disease_episode": ("subject_id", "episode_no"),
    "assessment": ("subject_id", "assessment_no"),
})
"""The columns that name one row of a grain."""

TABLE_OF: Mapping[Grain, str] = MappingProxyType(
    {grain: "exposure" if grain == "cycle" else grain for grain in KEYS})
"""The table whose keys are the rows of a grain; several infusion segments make one cycle."""

ONE_A_SUBJECT: tuple[Grain, ...] = ("subject", "transplant")
"""Grains whose values are also the subject's: those of a transplant when it is the index graft."""

DERIVED, REPORTED = "derived from counts", "reported by the centre"
"""What ``how`` says of a value that has two possible origins."""

YES_NO: Mapping[str, str] = MappingProxyType({"Y": "yes", "N": "no"})


@dataclass(frozen=True)
class Variable:
    """What a column of the cohort means: everything a reader may ask of a number made from it.

    ``levels`` maps code → label in the order they are shown (categories only). ``rule`` is the
    definition in words, ``reference`` its source, ``evidence`` the tags of that source.
    ``row_column`` is the cohort column that holds, for each subject, the deciding source row.
    ``besides`` says by which other rule some of the values came about.
    """

    name: str
    label: str
    kind: Kind
    rule: str
    reference: str
    evidence: str = ""
    unit: str | None = None
    levels: Mapping[str, str] = field(default_factory=dict)
    chosen: str | None = None
    grain: Grain = "subject"
    row_column: str = ""
    besides: str = ""

    @property
    def rests_on_memory(self) -> bool:
        """Whether any part of its source is tagged ``M``: cited from memory."""
        return "M" in self.evidence.split()


@dataclass(frozen=True)
class Definition:
    """A clinical notion: a rule from records to one value (and perhaps its day) a grain row.

    ``needs`` names the columns the rule may read (``table.column``, or ``laboratory.TEST`` for
    one test in its canonical unit; :func:`~remission.definitions.inputs.frame_for` says what
    columns of ``laboratory`` add); the rule gets one frame for each table, in that order, and
    nothing else. ``criteria`` names the notion whose chosen set is passed last; the plan chooses
    it under ``chosen_as``, so that definitions that must not mix sets share one choice.

    The rule returns a lazy frame with the grain's key columns and ``value``; it may add ``day``,
    ``how`` (derived or reported), ``note`` (why unknown, or a caution) and ``source`` (the
    deciding row). A grain row it does not return is unknown.
    """

    name: str
    label: str
    grain: Grain
    kind: Kind
    needs: tuple[str, ...]
    rule: Rule
    criteria: str | None
    reference: str
    evidence: str
    unit: str | None
    levels: Mapping[str, str]
    day_label: str | None
    wants_plan: bool
    chosen_as: str

    @property
    def words(self) -> str:
        """The rule in one sentence: the first line of its docstring."""
        return (inspect.getdoc(self.rule) or "").split("\n", maxsplit=1)[0].rstrip(".")

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables the rule reads, in the order of ``needs``."""
        return tuple(dict.fromkeys(need.partition(".")[0] for need in self.needs))

    def chosen_criteria(self, plan: Plan) -> Criteria | None:
        """Return the criteria set the plan chooses, or the default one."""
        if self.criteria is None:
            return None
        name = plan.definitions.get(self.chosen_as, default_set(self.criteria))
        return criteria_sets(self.criteria)[name]

    def inputs(self, study: Study) -> list[Any]:
        """Return one lazy frame for each table: keys, the needed columns and ``_source``."""
        from remission.definitions.inputs import frame_for

        return [frame_for(study, table, self.needs) for table in self.tables]


REGISTRY: dict[str, Definition] = {}


def definition(
    *, label: str, grain: Grain, kind: Kind, needs: tuple[str, ...],
    criteria: str | None = None, reference: str = "", evidence: str = "",
    unit: str | None = None, levels: Mapping[str, str] | None = None,
    day_label: str | None = None, wants_plan: bool = False, chosen_as: str | None = None,
) -> Callable[[Rule], Rule]:
    """Declare a definition; its name is the rule's. ``reference`` is needed without criteria."""

    def declare(rule: Rule) -> Rule:
        chosen = YES_NO if kind == "yes_no" else (levels or {})
        if rule.__name__ in REGISTRY:
            raise ValueError(f"there are two definitions named {rule.__name__}")
        REGISTRY[rule.__name__] = Definition(
            rule.__name__, label, grain, kind, needs, rule, criteria, reference, evidence, unit,
            chosen, day_label, wants_plan, chosen_as or rule.__name__,
        )
        return rule

    return declare
