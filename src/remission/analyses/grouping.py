"""Groups of subjects, as the plan names them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from remission.analyses.results import OUTSIDE, Result
from remission.definitions.cohort import Cohort, CohortOfCycles
from remission.definitions.definition import ONE_A_SUBJECT, Grain
from remission.definitions.endpoint_times import origins
from remission.errors import Problem, did_you_mean
from remission.plan import Analysis


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
    """Return the population an analysis asks for; all subjects when it names none."""
    of_cycles = isinstance(cohort, CohortOfCycles)
    people = "cycles" if of_cycles else cohort.plan.study.people
    if analysis.population is None:
        return Population("all", people, list(range(len(cohort.subjects))))
    chosen = cohort.plan.populations[analysis.population]
    values = cohort.column(chosen.variable)
    indices = [index for index, value in enumerate(values) if value in chosen.is_]
    return Population(analysis.population, "cycles" if of_cycles else chosen.label, indices)


def grouping_of(cohort: Cohort, by: str, population: Population) -> Grouping:
    """Return the groups that the plan's ``[groups.<by>]`` makes of a population."""
    group, level_of = cohort.plan.groups[by], levels_of(cohort, by)
    members: dict[str, list[int]] = {label: [] for label in dict.fromkeys(level_of.values())}
    values = cohort.column(group.variable)
    outside = []
    for index in population.indices:
        label = None if values[index] is None else level_of.get(values[index])
        if label is None:
            outside.append(cohort.named[index])
        else:
            members[label].append(index)
    return Grouping(by, group.label, members, tuple(outside))


def levels_of(cohort: Cohort, by: str) -> dict[object, str]:
    """Return value → group of the plan's ``[groups.<by>]``, the variable's own without levels."""
    group = cohort.plan.groups[by]
    if not group.levels:
        return dict[object, str](cohort.variables[group.variable].levels.items())
    return {code: label for label, codes in group.levels.items() for code in codes}


def outside_groups(analysis: str, variable: str, grouping: Grouping, people: str) -> Result:
    """Return the row that counts who is in none of the groups, and why."""
    return Result(
        analysis, variable, "n", len(grouping.outside), group="", level=OUTSIDE, unit=people,
        note=f"{grouping.label} not known, not applicable, or in none of the groups",
        subjects=grouping.outside)


def known_later(
    cohort: Cohort, name: str, endpoint: str, indices: Iterable[int]
) -> list[int]:
    """Return for whom a variable came about after the time of an endpoint had begun."""
    day = f"{name}_day"
    if not cohort.has(day):
        return []
    study, days = cohort.study, cohort.column(day)
    begins = {row["subject_id"]: row["origin"] for row in origins(
        study, cohort.plan.endpoints[endpoint]).collect().iter_rows(named=True)}
    return [index for index in indices
            if days[index] is not None and begins.get(study.subjects[index]) is not None
            and days[index] > begins[study.subjects[index]]]


def unknown_values(
    cohort: Cohort, name: str, values: Iterable[object], where: str, *, has_levels: bool = True,
    grains: Collection[Grain] = ONE_A_SUBJECT,
) -> Iterator[Problem]:
    """Yield a problem for a variable that does not exist, or for values it cannot have.

    ``has_levels`` is false where the plan leaves the levels to the variable; ``grains`` are those
    that its values may be of.
    """
    variable = cohort.variables.get(name)
    if variable is None:
        yield Problem(where, f"There is no variable {name!r}.", "",
                      did_you_mean(name, cohort.variables))
        return
    if variable.items:
        yield Problem(where, f"{name} has several values.", "A table needs one of them.",
                      f"Choose among {', '.join(variable.items)}.")
    if variable.grain not in grains:
        yield Problem(where, f"{name} has a value for each {variable.grain.replace('_', ' ')}.",
                      "A table of subjects needs one value a subject.",
                      "Choose a variable of subjects or transplants.")
    if not variable.levels and not has_levels:
        yield Problem(where, f"{name} has no levels of its own.",
                      "It is a number; groups of numbers need to be named.",
                      'Write levels = { "10/10" = [10], "9/10" = [9] }, one entry a group.')
    for value in values:
        if variable.levels and value not in variable.levels:
            yield Problem(where, f"{value!r} is not a value of {name}.", "",
                          did_you_mean(str(value), variable.levels))
