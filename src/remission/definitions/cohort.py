"""Study + Plan → Cohort: a frame for each grain with every derived value, its rule and its rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from remission.definitions.beside import Beside
from remission.definitions.composed import components_of, described, faults, with_composed
from remission.definitions.criteria import criteria_sets
from remission.definitions.definition import (
    KEYS,
    ONE_A_SUBJECT,
    REGISTRY,
    REPORTED,
    TABLE_OF,
    Definition,
    Grain,
    Variable,
)
from remission.definitions.derived_values import TWO_ROWS, derived_values
from remission.definitions.endpoint_times import origins
from remission.definitions.endpoints import derive_endpoint, describe_endpoint
from remission.definitions.engines import each_derived, on_engine, to_polars
from remission.definitions.imputation import every_day, with_imputed_days, with_note
from remission.definitions.inputs import Lazy
from remission.definitions.recorded import RECORDED_TABLES, recorded_frame, recorded_variables
from remission.definitions.transplant import index_grafts
from remission.errors import PlanError, Problem, did_you_mean
from remission.plan import Plan
from remission.records.storage import Frame
from remission.records.study import Study

ENDPOINT = "endpoint_"
"""An endpoint of the plan gives the columns ``endpoint_<name>_time`` and so on."""


@dataclass(frozen=True)
class Cohort:
    """The subjects with every recorded and derived variable, and what each variable means.

    ``frames["subject"]`` has one row a subject (transplant values are those of the index graft,
    the first on or after day 0); the frame of another grain (``transplant``, ``cycle`` …) has one
    row for each of its keys. ``variables`` says, for each derived or recorded column, its label,
    rule and reference, and in which frame it stands (``grain``). ``imputed`` has one row a day
    that is known only in part and was filled as the plan says.
    """

    study: Study
    frames: Mapping[Grain, Frame]
    variables: Mapping[str, Variable]
    imputed: Frame

    @property
    def plan(self) -> Plan:
        """The plan the cohort was derived under."""
        return self.study.plan

    @property
    def subjects(self) -> Frame:
        """One row a subject."""
        return self.frames["subject"]

    @property
    def named(self) -> tuple[str, ...]:
        """The subject of each row of :attr:`subjects`, in order."""
        return self.study.subjects

    def column(self, name: str) -> list[Any]:
        """Return the values of a subject-level column, in the order of the subjects."""
        if name not in self._columns:
            self._columns[name] = self.subjects[name].to_list()
        return list(self._columns[name])

    def has(self, name: str) -> bool:
        """Return whether a subject-level column exists."""
        return name in self._names

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        """The columns that were asked for: those of groups and sources are, again and again."""
        return {}

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.subjects.columns)


@dataclass(frozen=True)
class CohortOfCycles(Cohort):
    """A cohort of which each row is a cycle, with the variables of its subject beside its own."""

    rows: Frame

    @property
    def subjects(self) -> Frame:
        """One row a cycle."""
        return self.rows

    @property
    def named(self) -> tuple[str, ...]:
        """The subject of each cycle."""
        return tuple(self.rows["subject_id"].to_list())


def by_cycle(cohort: Cohort) -> CohortOfCycles:
    """Return a cohort as one of its cycles; of a column that both have, the cycle's stands."""
    cycles = cohort.frames["cycle"] if "cycle" in cohort.frames else _rows_of("cycle", cohort.study)
    own = [name for name in cohort.subjects.columns if name not in cycles.columns]
    rows = cycles.join(cohort.subjects.select("subject_id", *own), on="subject_id", how="left")
    return CohortOfCycles(cohort.study, cohort.frames, cohort.variables, cohort.imputed,
                          rows.sort(*KEYS["cycle"]))


def derive_cohort(
    study: Study, *, only: Collection[str] | None = None, engine: str = "polars",
    beside: Beside | None = None,
) -> Cohort:
    """Return the cohort of a study under its plan.

    ``only`` names the definitions to derive (all when left out); recorded variables and the
    plan's endpoints are always there. ``engine`` runs the rules: polars, duckdb, pandas or spark;
    the answers are the same. ``beside`` is a process that derives some of ``only`` meanwhile, on
    polars. Raises :class:`PlanError` when ``only`` or the plan names a
    definition or a set that does not exist or the engine is not there, and ``ValueError`` for a
    table whose key names two rows.
    """
    _check_choices(study.plan)
    _check_names(only or ())
    study, imputed = with_imputed_days(study)
    if beside is not None and only is not None:
        beside.ask(study, [name for name in REGISTRY if name in only])
    with on_engine(study, engine) as placed:
        return _derive(study, placed, only, imputed, beside)


def _derive(
    study: Study, placed: Study, only: Collection[str] | None, imputed: Frame,
    beside: Beside | None,
) -> Cohort:
    """Return the cohort of a study whose tables the rules read where they are placed."""
    recorded = {variable.name: variable for _, _, variable in recorded_variables()}
    derived_ones: dict[str, Variable] = {}
    ends: dict[str, Variable] = {}
    parts = [recorded_frame(study, table).collect() for table in RECORDED_TABLES]
    index = index_grafts(study.table("transplant").lazy()).select(*KEYS["transplant"]).collect()
    frames: dict[Grain, Frame] = {"transplant": _rows_of("transplant", study)}
    asked = [REGISTRY[name] for name in REGISTRY if only is None or name in only]

    def values_of(study: Study, definition: Definition) -> Frame:
        sent = None if beside is None else beside.taken(definition.name)
        return sent if sent is not None else derived_values(
            definition, study, spare_empty=only is None)

    found = {definition.name: values
             for definition, values in each_derived(placed, asked, values_of)}
    for definition in asked:
        derived = found.pop(definition.name)
        derived_ones |= _as_reported(
            _variables_of(definition, study.plan), definition, derived, study.plan)
        for name in definition.columns:
            derived = with_note(derived, name, imputed, definition.needs, value=name)
        grain, keys = definition.grain, list(KEYS[definition.grain])
        if grain != "subject":
            rows = frames[grain] if grain in frames else _rows_of(grain, study)
            frames[grain] = rows.join(derived, on=keys, how="left")
        if grain == "transplant":
            derived = index.join(derived, on=keys, how="left").drop("transplant_no")
        if grain in ONE_A_SUBJECT:
            parts.append(derived)
    for name, endpoint in study.plan.endpoints.items():
        derived = to_polars(derive_endpoint(placed, endpoint))
        column = f"{ENDPOINT}{name}"
        derived = derived.rename({part: f"{column}_{part}" for part in derived.columns
                                  if part != "subject_id"})
        since = to_polars(origins(placed, endpoint)) if len(imputed) else None
        parts.append(with_note(derived, column, imputed, every_day(), value=f"{column}_status",
                               since=since))
        ends[f"{ENDPOINT}{name}"] = describe_endpoint(f"{ENDPOINT}{name}", endpoint)
    subject = study.table("subject").select("subject_id")
    for part in parts:
        subject = subject.join(part, on="subject_id", how="left")
    if len(subject) != len(set(study.subjects)):
        raise ValueError(TWO_ROWS)
    ordered: dict[Grain, Frame] = {"subject": _in_order(subject, study.subjects)}
    ordered.update((grain, rows.sort(*KEYS[grain])) for grain, rows in frames.items())
    variables = _Variables(recorded, derived_ones, ends, study.plan)
    if not study.plan.variables:
        return Cohort(study, MappingProxyType(ordered), variables, imputed)
    problems = list(faults(study.plan, variables))
    if problems:
        raise PlanError(problems)
    ordered.setdefault("cycle", _rows_of("cycle", study).sort(*KEYS["cycle"]))
    ends |= {name: described(name, own) for name, own in study.plan.variables.items()}
    return Cohort(study, MappingProxyType(with_composed(ordered, study.plan)),
                  _Variables(recorded, derived_ones, ends, study.plan), imputed)


class _Variables(Mapping[str, Variable]):
    """What every column means, also of definitions that were not derived.

    Those are described when one is asked for: a report needs a few of them, and all of them take
    longer than its derivations.
    """

    def __init__(
        self, recorded: dict[str, Variable], derived: dict[str, Variable],
        endpoints: dict[str, Variable], plan: Plan,
    ) -> None:
        self._known = {**recorded, **derived, **endpoints}
        self._recorded, self._endpoints, self._plan = recorded, endpoints, plan

    def __getitem__(self, name: str) -> Variable:
        if name in self._known:
            return self._known[name]
        for definition in REGISTRY.begun_by([name]):
            described = _variables_of(definition, self._plan)
            if name in described:
                return described[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    @cached_property
    def _all(self) -> dict[str, Variable]:
        found = dict(self._recorded)
        for definition in REGISTRY.values():
            found |= _variables_of(definition, self._plan)
        return {**found, **self._endpoints, **self._known}


def meanings(
    frame: Frame, described: Mapping[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return what each column of a frame means; a note or a row names the variable it is of."""
    meant: dict[str, dict[str, Any]] = {}
    for column in frame.columns:
        variable, _, part = column.rpartition("_")
        if column in described:
            meant[column] = described[column]
        elif variable in described:
            meant[column] = {"of": variable, "part": part}
    return meant


def definitions_of(plan: Plan) -> list[str]:
    """Return the definitions that the plan's analyses use: as variables, groups or populations."""
    names: set[str] = set()
    for analysis in plan.analyses:
        names |= set(analysis.columns)
        if analysis.by is not None:
            names.add(plan.groups[analysis.by].variable)
        if analysis.population is not None:
            names.add(plan.populations[analysis.population].variable)
    return [definition.name for definition in REGISTRY.naming(components_of(plan, names))]


def derive_definition(study: Study, name: str) -> Lazy:
    """Return one definition on its own: its keys, and ``value`` with the parts it gives.

    Raises ``KeyError`` for a name that is not a definition.
    """
    return REGISTRY[name].derive(study)


def _rows_of(grain: Grain, study: Study) -> Frame:
    """Return the keys of every row of a grain."""
    return study.table(TABLE_OF[grain]).select(*KEYS[grain]).unique()


def _variables_of(definition: Definition, plan: Plan) -> dict[str, Variable]:
    """Return the variable of a definition, of its items, and, where it has one, of its day."""
    criteria = definition.chosen_criteria(plan)
    rule, reference, chosen = definition.words, definition.reference, None
    evidence = definition.evidence
    levels = dict(definition.levels)
    if criteria is not None:
        rule, reference = f"{definition.words}: {criteria.wording}", criteria.source
        evidence, chosen = criteria.evidence, criteria.name
        if "levels" in criteria.values:
            levels = {level["code"]: level["label"] for level in criteria["levels"]}
    variable = Variable(
        name=definition.name, label=definition.label, kind=definition.kind, rule=rule,
        reference=reference, evidence=evidence, unit=definition.unit, levels=levels,
        chosen=chosen, grain=definition.grain, row_column=f"{definition.name}_source",
        items=definition.columns if definition.items else (),
    )
    found = {variable.name: variable}
    for name, item in zip(definition.columns, definition.items.values(), strict=False):
        found[name] = replace(variable, name=name, label=item.label, unit=item.unit,
                              row_column=f"{name}_source", items=())
    if definition.day_label is not None:
        name = f"{definition.name}_day"
        found[name] = Variable(
            name=name, label=definition.day_label, kind="day", rule=rule, reference=reference,
            evidence=evidence, unit="days", chosen=chosen, grain=definition.grain,
            row_column=f"{definition.name}_source")
    return found


def _as_reported(
    described: dict[str, Variable], definition: Definition, derived: Frame, plan: Plan
) -> dict[str, Variable]:
    """Return the variables with the rule that their values really follow.

    Values that the centres reported themselves follow the centres' rule: the published one is not
    claimed for them. Where only some are reported, both are named.
    """
    how = f"{definition.name}_how"
    if how not in derived.columns or definition.criteria is None:
        return described
    origins = [value for value in derived[how].to_list() if value is not None]
    reported = origins.count(REPORTED)
    if not reported:
        return described
    own = plan.records.reported_as.get(definition.name, "the centre's own rule, not recorded here")
    if reported == len(origins):
        return {name: replace(
            variable, rule=f"As reported by the centre: {own}", chosen=None, evidence="",
            reference="As recorded by the centre; nothing measured to apply a published rule to.")
            for name, variable in described.items()}
    rows = f"{definition.grain.replace('_', ' ')}s"
    besides = f"without measurements ({reported} {rows}), as reported by the centre: {own}"
    return {name: replace(variable, besides=besides) for name, variable in described.items()}


def _check_choices(plan: Plan) -> None:
    """Refuse choices under ``[definitions]`` that name nothing, all together."""
    problems = [
        Problem(f"{plan.file}, [records.reported_as]", f"There is no definition {name!r}.", "",
                did_you_mean(name, REGISTRY))
        for name in plan.records.reported_as if name not in REGISTRY
    ]
    for name, chosen in plan.definitions.items():
        notion = _notion_chosen_as(name)
        if notion is None:
            problems.append(_no_choice(plan, name))
        elif chosen not in criteria_sets(notion):
            problems.append(Problem(
                f"{plan.file}, [definitions]", f"{name} has no set {chosen!r}.", "",
                did_you_mean(chosen, criteria_sets(notion))))
    if problems:
        raise PlanError(problems)


def _notion_chosen_as(name: str) -> str | None:
    """Return the notion whose set a plan chooses under a name, None where there is no such choice.

    Most bear the name of a definition; only for the others are all definitions looked through.
    """
    own = REGISTRY.get(name)
    if own is not None and own.chosen_as == name:
        return own.criteria
    return next((each.criteria for each in REGISTRY.values()
                 if each.chosen_as == name and each.criteria is not None), None)


def _no_choice(plan: Plan, name: str) -> Problem:
    """Return why nothing can be chosen under a name."""
    where = f"{plan.file}, [definitions]"
    if name not in REGISTRY:
        choosable = {each.chosen_as for each in REGISTRY.values() if each.criteria is not None}
        return Problem(where, f"There is no definition {name!r}.", "",
                       did_you_mean(name, sorted(choosable)))
    if REGISTRY[name].criteria is None:
        return Problem(where, f"{name!r} has no sets to choose from.",
                       "It is taken as recorded.", "Remove the line.")
    return Problem(where, f"{name!r} has no set of its own to choose.",
                   "Definitions that belong together never mix sets.",
                   f"Write {REGISTRY[name].chosen_as} = "
                   f"{plan.definitions[name]!r} instead.")


def _check_names(names: Collection[str]) -> None:
    """Refuse definitions asked for by names that there are not, all together."""
    problems = [Problem("definitions", f"There is no definition {name!r}.", "",
                        did_you_mean(name, REGISTRY)) for name in names if name not in REGISTRY]
    if problems:
        raise PlanError(problems)


def _in_order(frame: Frame, subjects: tuple[str, ...]) -> Frame:
    """Return the frame with its rows in the order of the subject table."""
    position = {subject: index for index, subject in enumerate(subjects)}
    order = [position[subject] for subject in frame["subject_id"].to_list()]
    rows = sorted(range(len(order)), key=order.__getitem__)
    return frame[rows]
