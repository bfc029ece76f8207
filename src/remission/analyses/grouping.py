"""Groups of subjects, as the plan names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from remission.analyses.results import ALL
from remission.definitions.cohort import Cohort
from remission.errors import PlanError, Problem, did_you_mean
from remission.plan import Group


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


def everyone(cohort: Cohort) -> list[int]:
    """Return the row indices of all subjects."""
    return list(range(len(cohort.subjects)))


def grouping_of(cohort: Cohort, by: str) -> Grouping:
    """Return the groups that the plan's ``[groups.<by>]`` makes of the cohort.

    Raises :class:`~remission.errors.PlanError` when the group's variable does not exist or a
    value is not one the variable can have.
    """
    group = cohort.plan.groups[by]
    if group.variable not in cohort.variables:
        raise PlanError(Problem(
            f"study.toml, [groups.{by}]", f"There is no variable {group.variable!r}.", "",
            did_you_mean(group.variable, cohort.variables)))
    values = cohort.column(group.variable)
    level_of = dict(_level_of_value(cohort, group, by))
    members: dict[str, list[int]] = {label: [] for label in dict.fromkeys(level_of.values())}
    outside = []
    for index, value in enumerate(values):
        label = None if value is None else level_of.get(value)
        if label is None:
            outside.append(cohort.study.subjects[index])
        else:
            members[label].append(index)
    return Grouping(by, group.label, members, tuple(outside))


def _level_of_value(cohort: Cohort, group: Group, by: str) -> Iterator[tuple[object, str]]:
    variable = cohort.variables[group.variable]
    if not group.levels:
        yield from variable.levels.items()
        return
    for label, codes in group.levels.items():
        if label == ALL:
            raise PlanError(Problem(
                f"study.toml, [groups.{by}]", f"No group can be called {ALL!r}.",
                "It is the name of everyone together.", "Choose another name."))
        for code in codes:
            if variable.levels and code not in variable.levels:
                raise PlanError(Problem(
                    f"study.toml, [groups.{by}]",
                    f"{code!r} is not a value of {group.variable}.", "",
                    did_you_mean(str(code), variable.levels)))
            yield code, label
