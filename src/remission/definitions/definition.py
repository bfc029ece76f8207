"""@definition: label, grain, needs, criteria and reference around one short rule."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import Any, Literal

import narwhals.stable.v2 as nw

from remission.definitions.chapters import CHAPTER_OF
from remission.definitions.criteria import Criteria, criteria_sets, default_set
from remission.errors import PlanError, Problem
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

RECORDED = "as recorded by the centre"
"""What ``how`` says where a code of the records stands for examinations that are not there."""

ITEM = "item"
"""The key column that names one of several values of one rule."""

YES_NO: Mapping[str, str] = MappingProxyType({"Y": "yes", "N": "no"})


@dataclass(frozen=True)
class Variable:
    """What a column of the cohort means: everything a reader may ask of a number made from it.

    ``levels`` maps code → label in the order they are shown (categories only). ``rule`` is the
    definition in words, ``reference`` its source, ``evidence`` the tags of that source.
    ``row_column`` is the cohort column that holds, for each subject, the deciding source row.
    ``besides`` says by which other rule some of the values came about. ``items`` names the columns
    of a rule with several values; the variable itself then has none.
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
    items: tuple[str, ...] = ()

    @property
    def rests_on_memory(self) -> bool:
        """Whether any part of its source is tagged ``M``: cited from memory."""
        return "M" in self.evidence.split()

    def described(self) -> dict[str, Any]:
        """Return what a file says of the variable beside its values."""
        return {
            "label": self.label, "kind": self.kind, "unit": self.unit, "grain": self.grain,
            "levels": dict(self.levels), "rule": self.rule, "set": self.chosen,
            "reference": self.reference, "evidence": self.evidence,
            "source_row_column": self.row_column,
        }


@dataclass(frozen=True)
class Item:
    """One of several values of one rule, such as a test at a visit: what it is, and its unit."""

    label: str
    unit: str | None = None


@dataclass(frozen=True)
class Definition:
    """A clinical notion: a rule from records to one value (and perhaps its day) a grain row.

    ``needs`` names the columns the rule may read (``table.column``, or ``laboratory.TEST`` for
    one test in its canonical unit; :func:`~remission.definitions.inputs.frame_for` says what
    columns of ``laboratory`` add); the rule gets one frame for each table, in that order, and
    nothing else. ``criteria`` names the notion whose chosen set is passed last. The plan chooses
    it under ``chosen_as`` (its name; one name for definitions that must not mix sets); where it
    chooses none there, its choice for the definition that this one ``follows`` holds. Tables that
    few studies have stand in ``if_any`` too: the rule gets None where there is none of it.

    The rule returns a lazy frame with the grain's key columns and ``value``; it may add ``day``,
    ``how`` (derived or reported), ``note`` (why unknown, or a caution) and ``source`` (the
    deciding row). A grain row it does not return is unknown.

    With ``items`` one rule gives several values a grain row: its frame has the column ``item``
    besides the keys, and each item becomes a column ``name_item`` of the cohort with a label of
    its own.
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
    follows: str = ""
    if_any: tuple[str, ...] = ()
    items: Mapping[str, Item] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that name one row of what the rule returns."""
        return (*KEYS[self.grain], ITEM) if self.items else KEYS[self.grain]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its values in the cohort: its own, or one for each item."""
        return tuple(f"{self.name}_{item}" for item in self.items) or (self.name,)

    @property
    def words(self) -> str:
        """The rule in one sentence: the first line of its docstring."""
        return (inspect.getdoc(self.rule) or "").split("\n", maxsplit=1)[0].rstrip(".")

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables the rule reads, in the order of ``needs``."""
        return tuple(dict.fromkeys(need.partition(".")[0] for need in self.needs))

    def chosen_criteria(self, plan: Plan) -> Criteria | None:
        """Return the criteria set the plan chooses, or the default one.

        Raises :class:`~remission.errors.PlanError` where there is no set of that name.
        """
        if self.criteria is None:
            return None
        followed = plan.definitions.get(self.follows, default_set(self.criteria))
        chosen, sets = plan.definitions.get(self.chosen_as, followed), criteria_sets(self.criteria)
        if chosen not in sets:
            raise PlanError(self._without_set(plan, chosen))
        return sets[chosen]

    def _without_set(self, plan: Plan, chosen: str) -> Problem:
        """Return the problem of a choice, mostly of the definition it follows, without a set."""
        topic, _, part = str(self.criteria).partition(".")
        return Problem(
            f"{plan.file}, [definitions]", f"{self.chosen_as} has no set {chosen!r}.",
            f"It follows the choice for {self.follows} where it is not chosen itself."
            if self.follows and self.chosen_as not in plan.definitions else "",
            f"Choose one of its own under {self.chosen_as} "
            f"({', '.join(map(repr, criteria_sets(str(self.criteria))))}), or add the set "
            f"[{part}.{chosen}] to definitions/criteria/{topic}.toml.")

    def inputs(self, study: Study) -> list[Any]:
        """Return one lazy frame for each table: keys, the needed columns and ``_source``.

        None stands for a table ``if_any`` names of which the study has no row.
        """
        from remission.definitions.inputs import frame_for

        return [None if table in self.if_any and not len(study.table(table))
                else frame_for(study, table, self.needs) for table in self.tables]

    def derive(self, study: Study) -> nw.LazyFrame[Any]:
        """Return what the rule makes of a study, lazily, with the criteria its plan chooses."""
        arguments: list[Any] = self.inputs(study)
        criteria = self.chosen_criteria(study.plan)
        if criteria is not None:
            arguments.append(criteria)
        if self.wants_plan:
            arguments.append(study.plan)
        found: nw.LazyFrame[Any] = self.rule(*arguments)
        return found


class _Registry(Mapping[str, Definition]):
    """Every definition by name, in the order of the chapters; loaded when it is asked for."""

    def __init__(self) -> None:
        self._declared: dict[str, Definition] = {}

    def __getitem__(self, name: str) -> Definition:
        if name not in self._declared and name in CHAPTER_OF:
            import_module(f"remission.definitions.{CHAPTER_OF[name]}")
        return self._declared[name]

    def __contains__(self, name: object) -> bool:
        return name in CHAPTER_OF or name in self._declared

    def __iter__(self) -> Iterator[str]:
        yield from CHAPTER_OF
        yield from [name for name in self._declared if name not in CHAPTER_OF]

    def __len__(self) -> int:
        return len(set(CHAPTER_OF).union(self._declared))

    def declare(self, definition: Definition) -> None:
        """Add a definition. Raises ``ValueError`` where there is one of its name."""
        if definition.name in self._declared:
            raise ValueError(f"there are two definitions named {definition.name}")
        self._declared[definition.name] = definition

    def naming(self, columns: Collection[str]) -> list[Definition]:
        """Return the definitions to which some of these columns of the cohort belong."""
        return [definition for definition in self.begun_by(columns)
                if f"{definition.name}_day" in columns
                or not set(columns).isdisjoint(definition.columns)]

    def begun_by(self, columns: Collection[str]) -> list[Definition]:
        """Return the definitions with whose names these columns begin; no other is loaded."""
        return [self[name] for name in self
                if any(f"{column}_".startswith(f"{name}_") for column in columns)]


REGISTRY = _Registry()


def definition(
    *, label: str, grain: Grain, kind: Kind, needs: tuple[str, ...],
    criteria: str | None = None, reference: str = "", evidence: str = "",
    unit: str | None = None, levels: Mapping[str, str] | None = None,
    day_label: str | None = None, wants_plan: bool = False, chosen_as: str | None = None,
    follows: str = "", if_any: tuple[str, ...] = (), items: Mapping[str, Item] | None = None,
) -> Callable[[Rule], Rule]:
    """Declare a definition; its name is the rule's. ``reference`` is needed without criteria."""

    def declare(rule: Rule) -> Rule:
        chosen = YES_NO if kind == "yes_no" else (levels or {})
        REGISTRY.declare(Definition(
            rule.__name__, label, grain, kind, needs, rule, criteria, reference, evidence, unit,
            chosen, day_label, wants_plan, chosen_as or rule.__name__, follows, if_any,
            MappingProxyType(dict(items or {})),
        ))
        return rule

    return declare
