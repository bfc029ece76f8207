"""Study + Plan → Cohort: a frame for each grain with every derived value, its rule and its rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions import (
    age,  # noqa: F401 - importing a notion declares its definitions
    cns_status,  # noqa: F401
    cycle_response,  # noqa: F401
    cytogenetics,  # noqa: F401
    delivered,  # noqa: F401
    disease_course,  # noqa: F401
    disease_status,  # noqa: F401
    eligibility,  # noqa: F401
    engraftment,  # noqa: F401
    exposure,  # noqa: F401
    gvhd,  # noqa: F401
    marrow_relapse,  # noqa: F401
    mrd,  # noqa: F401
    next_therapy,  # noqa: F401
    refractory,  # noqa: F401
    relapse,  # noqa: F401
    relapse_site,  # noqa: F401
    relapse_timing,  # noqa: F401
    responder,  # noqa: F401
    response,  # noqa: F401
    transplant,  # noqa: F401
    white_cells,  # noqa: F401
)
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
from remission.definitions.endpoints import derive_endpoint, describe_endpoint
from remission.definitions.inputs import Lazy
from remission.definitions.recorded import RECORDED_TABLES, recorded_frame, recorded_variables
from remission.definitions.transplant import index_grafts
from remission.errors import PlanError, Problem, did_you_mean
from remission.plan import Plan
from remission.records.storage import Frame
from remission.records.study import Study

PARTS = ("day", "how", "note", "source")
"""What stands beside a derived value, as ``name_day``, ``name_how`` and so on."""

ENDPOINT = "endpoint_"
ENDPOINT_PARTS = ("time", "status", "event", "note", "source")
"""An endpoint of the plan gives the columns ``endpoint_<name>_time`` and so on."""


@dataclass(frozen=True)
class Cohort:
    """The subjects with every recorded and derived variable, and what each variable means.

    ``frames["subject"]`` has one row a subject (transplant values are those of the index graft,
    the first on or after day 0); the frame of another grain (``transplant``, ``cycle`` …) has one
    row for each of its keys. ``variables`` says, for each derived or recorded column, its label,
    rule and reference, and in which frame it stands (``grain``).
    """

    study: Study
    frames: Mapping[str, Frame]
    variables: Mapping[str, Variable]

    @property
    def plan(self) -> Plan:
        """The plan the cohort was derived under."""
        return self.study.plan

    @property
    def subjects(self) -> Frame:
        """One row a subject."""
        return self.frames["subject"]

    def column(self, name: str) -> list[Any]:
        """Return the values of a subject-level column, in the order of the subjects."""
        return list(self.subjects[name].to_list())

    def has(self, name: str) -> bool:
        """Return whether a subject-level column exists."""
        return name in self.subjects.columns


def derive_cohort(study: Study, *, only: Collection[str] | None = None) -> Cohort:
    """Return the cohort of a study under its plan.

    ``only`` names the definitions to derive (all when left out); recorded variables and the
    plan's endpoints are always there. Raises :class:`PlanError` when the plan names a definition
    or a set that does not exist, and ``ValueError`` for a table whose key names two rows.
    """
    _check_choices(study.plan)
    variables = {variable.name: variable for _, _, variable in recorded_variables()}
    parts = [recorded_frame(study, table).collect() for table in RECORDED_TABLES]
    index = index_grafts(study.table("transplant").lazy()).select(*KEYS["transplant"]).collect()
    frames: dict[Grain, Frame] = {"transplant": _rows_of("transplant", study)}
    for definition in REGISTRY.values():
        described = _variables_of(definition, study.plan)
        if only is None or definition.name in only:
            derived = _derived(definition, study)
            described = _as_reported(described, definition, derived, study.plan)
            grain, keys = definition.grain, list(KEYS[definition.grain])
            if grain != "subject":
                rows = frames[grain] if grain in frames else _rows_of(grain, study)
                frames[grain] = rows.join(derived, on=keys, how="left")
            if grain == "transplant":
                derived = index.join(derived, on=keys, how="left").drop("transplant_no")
            if grain in ONE_A_SUBJECT:
                parts.append(derived)
        variables.update(described)
    for name, endpoint in study.plan.endpoints.items():
        columns = {part: f"{ENDPOINT}{name}_{part}" for part in ENDPOINT_PARTS}
        parts.append(derive_endpoint(study, endpoint).collect().rename(columns))
        variables[f"{ENDPOINT}{name}"] = describe_endpoint(f"{ENDPOINT}{name}", endpoint)
    subject = study.table("subject").select("subject_id")
    for part in parts:
        subject = subject.join(part, on="subject_id", how="left")
    if len(subject) != len(set(study.subjects)):
        raise ValueError("a table holds two rows for one key; read_study would have refused it")
    ordered: dict[str, Frame] = {"subject": _in_order(subject, study.subjects)}
    ordered.update((grain, rows.sort(*KEYS[grain])) for grain, rows in frames.items())
    return Cohort(study, MappingProxyType(ordered), MappingProxyType(variables))


def definitions_of(plan: Plan) -> list[str]:
    """Return the definitions that the plan's analyses use: in tables, as groups, as populations."""
    names: set[str] = set()
    for analysis in plan.analyses:
        names |= {choice.name for choice in getattr(analysis, "variables", ())}
        if analysis.by is not None:
            names.add(plan.groups[analysis.by].variable)
        if analysis.population is not None:
            names.add(plan.populations[analysis.population].variable)
    return [name for name in REGISTRY if name in names or f"{name}_day" in names]


def derive_definition(study: Study, name: str) -> Lazy:
    """Return one definition on its own: its keys, and ``value`` with the parts it gives.

    Raises ``KeyError`` for a name that is not a definition.
    """
    definition = REGISTRY[name]
    return _run(definition, study)


def _rows_of(grain: Grain, study: Study) -> Frame:
    """Return the keys of every row of a grain."""
    return study.table(TABLE_OF[grain]).select(*KEYS[grain]).unique()


def _derived(definition: Definition, study: Study) -> Frame:
    """Return a definition's keys and columns, named after it."""
    result = _run(definition, study).collect()
    given = result.columns
    renamed = {part: f"{definition.name}_{part}" for part in PARTS if part in given}
    return result.select(
        *KEYS[definition.grain], nw.col("value").alias(definition.name),
        *(nw.col(part).alias(name) for part, name in renamed.items()))


def _run(definition: Definition, study: Study) -> Lazy:
    """Run a rule on the frames it needs, with the criteria the plan chooses."""
    arguments: list[Any] = definition.inputs(study)
    criteria = definition.chosen_criteria(study.plan)
    if criteria is not None:
        arguments.append(criteria)
    if definition.wants_plan:
        arguments.append(study.plan)
    result: Lazy = definition.rule(*arguments)
    return result


def _variables_of(definition: Definition, plan: Plan) -> dict[str, Variable]:
    """Return the variable of a definition and, where it has one, of its day."""
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
    )
    found = {variable.name: variable}
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
            reference="As recorded by the centre; no daily counts to apply a published rule to.")
            for name, variable in described.items()}
    besides = f"without counts ({reported} transplants), as reported by the centre: {own}"
    if definition.grain != "transplant":
        besides = f"without measurements ({reported} values), as reported by the centre: {own}"
    return {name: replace(variable, besides=besides) for name, variable in described.items()}


def _check_choices(plan: Plan) -> None:
    """Refuse choices under ``[definitions]`` that name nothing, all together."""
    problems = [
        Problem(f"{plan.file}, [records.reported_as]", f"There is no definition {name!r}.", "",
                did_you_mean(name, REGISTRY))
        for name in plan.records.reported_as if name not in REGISTRY
    ]
    for name, chosen in plan.definitions.items():
        definition = REGISTRY.get(name)
        if definition is None:
            problems.append(Problem(
                f"{plan.file}, [definitions]", f"There is no definition {name!r}.", "",
                did_you_mean(name, [d.name for d in REGISTRY.values() if d.criteria])))
        elif definition.criteria is None:
            problems.append(Problem(
                f"{plan.file}, [definitions]", f"{name!r} has no sets to choose from.",
                "It is taken as recorded.", "Remove the line."))
        elif chosen not in criteria_sets(definition.criteria):
            problems.append(Problem(
                f"{plan.file}, [definitions]", f"{name} has no set {chosen!r}.", "",
                did_you_mean(chosen, criteria_sets(definition.criteria))))
    if problems:
        raise PlanError(problems)


def _in_order(frame: Frame, subjects: tuple[str, ...]) -> Frame:
    """Return the frame with its rows in the order of the subject table."""
    position = {subject: index for index, subject in enumerate(subjects)}
    order = [position[subject] for subject in frame["subject_id"].to_list()]
    rows = sorted(range(len(order)), key=order.__getitem__)
    return frame[rows]
