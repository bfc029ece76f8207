"""Groups of subjects, as the plan names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remission.analyses.results import ALL
from remission.definitions.cohort import Cohort
from remission.definitions.definition import Variable
from remission.errors import PlanError, Problem, did_you_mean
from remission.plan import Analysis, Group


@dataclass(frozen=True)
class Grouping:
    """Which subjects stand in which group; ``members`` holds row indices of the cohort.

    ``outside`` are the subjects whose value is in no level of the plan, or is not known.
    """

    name: str
    label: str
    members: dict[str, list[int]]
    outside: tuple[str, ...]

    @property
    def labels(self) -> list[str]:
        """The names of the groups, in the order of the plan."""
        return list(self.members)


@dataclass(frozen=True)
class Population:
    """The subjects an analysis is about: their row indices, and what they are called."""

    name: str
    people: str
    indices: list[int]


def population_of(cohort: Cohort, analysis: Analysis) -> Population:
    """Return the population an analysis asks for; all subjects when it names none.

    Raises :class:`~remission.errors.PlanError` when its variable or a value does not exist.
    """
    people = cohort.plan.study.people
    if analysis.population is None:
        return Population("all", people, list(range(len(cohort.subjects))))
    chosen = cohort.plan.populations[analysis.population]
    where = f"study.toml, [populations.{analysis.population}]"
    variable = _variable(cohort, chosen.variable, where)
    for code in chosen.is_:
        _check_value(variable, code, where)
    values = cohort.column(chosen.variable)
    indices = [index for index, value in enumerate(values) if value in chosen.is_]
    return Population(analysis.population, chosen.label, indices)


def grouping_of(cohort: Cohort, by: str, population: Population) -> Grouping:
    """Return the groups that the plan's ``[groups.<by>]`` makes of a population.

    Raises :class:`~remission.errors.PlanError` when the group's variable does not exist or a
    value is not one the variable can have.
    """
    group = cohort.plan.groups[by]
    level_of = dict(_level_of_value(cohort, group, f"study.toml, [groups.{by}]"))
    members: dict[str, list[int]] = {label: [] for label in dict.fromkeys(level_of.values())}
    values = cohort.column(group.variable)
    outside = []
    for index in population.indices:
        label = None if values[index] is None else level_of.get(values[index])
        if label is None:
            outside.append(cohort.study.subjects[index])
        else:
            members[label].append(index)
    return Grouping(by, group.label, members, tuple(outside))


def _level_of_value(cohort: Cohort, group: Group, where: str) -> Iterator[tuple[object, str]]:
    variable = _variable(cohort, group.variable, where)
    if not group.levels:
        yield from variable.levels.items()
        return
    for label, codes in group.levels.items():
        if label == ALL:
            raise PlanError(Problem(
                where, f"No group can be called {ALL!r}.",
                "It is the name of everyone together.", "Choose another name."))
        for code in codes:
            _check_value(variable, code, where)
            yield code, label


def _variable(cohort: Cohort, name: str, where: str) -> Variable:
    if name not in cohort.variables:
        raise PlanError(Problem(where, f"There is no variable {name!r}.", "",
                                did_you_mean(name, cohort.variables)))
    return cohort.variables[name]


def _check_value(variable: Variable, code: object, where: str) -> None:
    if variable.levels and code not in variable.levels:
        raise PlanError(Problem(where, f"{code!r} is not a value of {variable.name}.", "",
                                did_you_mean(str(code), variable.levels)))
