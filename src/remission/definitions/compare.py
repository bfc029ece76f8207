"""Who changes under which published definition: a rule, each of its sets, the rows that decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from remission.definitions.cohort import derive_definition
from remission.definitions.criteria import Criteria, criteria_sets
from remission.definitions.definition import KEYS, REGISTRY, Definition
from remission.definitions.engines import on_engine, to_polars
from remission.definitions.imputation import with_imputed_days
from remission.errors import PlanError, Problem, did_you_mean
from remission.plan import Plan
from remission.records.study import Study

_ITEM = "item"
"""The column that tells apart several values of one rule, where a rule has it."""


@dataclass(frozen=True)
class Answer:
    """What one set says of one row: the value, its day, a note, and the row that decides."""

    value: Any = None
    day: Any = None
    note: str | None = None
    source: str | None = None

    @property
    def outcome(self) -> tuple[Any, Any]:
        """What is compared: the value and its day."""
        return self.value, self.day


@dataclass(frozen=True)
class Comparison:
    """One definition under each of its sets.

    ``keys`` names the columns of a key; ``answers`` maps each key to set → answer, for every key
    that any set has a row for.
    """

    definition: Definition
    sets: Mapping[str, Criteria]
    chosen: str
    keys: tuple[str, ...]
    answers: Mapping[tuple[Any, ...], Mapping[str, Answer]]

    @property
    def changed(self) -> dict[tuple[Any, ...], Mapping[str, Answer]]:
        """The keys whose value or day is not the same under every set."""
        return {key: under for key, under in self.answers.items()
                if len({answer.outcome for answer in under.values()}) > 1}

    def counts(self, name: str) -> Counter[Any]:
        """Return how often a set gives each value; ``None`` counts the unknown."""
        return Counter(under[name].value for under in self.answers.values())

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison for ``--json``: the sets, and every key that changes."""
        return {
            "definition": self.definition.name, "label": self.definition.label,
            "chosen": self.chosen, "compared": len(self.answers),
            "sets": {name: {
                "wording": each.wording, "source": each.source, "evidence": each.evidence,
                "values": {"unknown" if value is None else str(value): count for value, count
                           in sorted(self.counts(name).items(), key=str)},
            } for name, each in self.sets.items()},
            "changed": [
                {**dict(zip(self.keys, key, strict=True)),
                 "answers": {name: {"value": answer.value, "day": answer.day, "note": answer.note,
                                    "row": answer.source} for name, answer in under.items()}}
                for key, under in self.changed.items()],
        }


def compare_sets(study: Study, notion: str, *, engine: str = "polars") -> list[Comparison]:
    """Return the definitions of a notion under each of their sets.

    ``notion`` is a definition (``neutrophil_recovery``), or a file of criteria (``engraftment``)
    or a part of it (``engraftment.neutrophil``) for all definitions that read it. Raises
    :class:`PlanError` for a word that names none, or none with two sets.
    """
    definitions = _definitions_of(notion)
    study, _ = with_imputed_days(study)
    with on_engine(study, engine) as placed:
        return [_compared(definition, placed) for definition in definitions]


def _definitions_of(notion: str) -> list[Definition]:
    """Return the definitions with two sets or more that a notion names."""
    named = [each for each in REGISTRY.values() if each.name == notion
             or (each.criteria is not None
                 and notion in (each.criteria, each.criteria.partition(".")[0]))]
    several = [each for each in named
               if each.criteria is not None and len(criteria_sets(each.criteria)) > 1]
    if not several:
        comparable = [each.name for each in REGISTRY.values()
                      if each.criteria is not None and len(criteria_sets(each.criteria)) > 1]
        raise PlanError(Problem(
            "--compare", f"{notion!r} has no two sets to compare." if named
            else f"There is no definition {notion!r}.", "", did_you_mean(notion, comparable)))
    return several


def _compared(definition: Definition, study: Study) -> Comparison:
    assert definition.criteria is not None
    sets = criteria_sets(definition.criteria)
    found: dict[str, dict[tuple[Any, ...], Answer]] = {}
    keys = KEYS[definition.grain]
    for name in sets:
        rows = to_polars(derive_definition(_under(study, definition, name), definition.name))
        if _ITEM in rows.columns:
            keys = (*KEYS[definition.grain], _ITEM)
        found[name] = {
            tuple(row[key] for key in keys): Answer(
                row["value"], row.get("day"), row.get("note"), row.get("source"))
            for row in rows.sort(*keys).iter_rows(named=True)}
    every = dict.fromkeys(key for answers in found.values() for key in answers)
    chosen = definition.chosen_criteria(study.plan)
    assert chosen is not None
    return Comparison(definition, sets, chosen.name, keys, {
        key: {name: answers.get(key, Answer()) for name, answers in found.items()}
        for key in every})


def _under(study: Study, definition: Definition, name: str) -> Study:
    """Return the study under a plan that chooses one set of a definition."""
    chosen: Plan = study.plan.model_copy(
        update={"definitions": {**study.plan.definitions, definition.name: name}})
    return replace(study, plan=chosen)
