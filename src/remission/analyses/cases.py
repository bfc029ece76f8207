"""Single cases: each value as a result of its own, with the child behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from remission.analyses.coding import COUNTED
from remission.analyses.grouping import population_of
from remission.analyses.results import OUTSIDE, Base, Result
from remission.days import DAYS_PER_UNIT
from remission.definitions.cohort import Cohort
from remission.plan import Cases
from remission.plan.cases import Shown

COUNT = "shown"
"""The statistic of how many cases have a variable known."""


def analyse_cases(cohort: Cohort, plan: Cases, name: str) -> Iterator[Result]:
    """Yield the value of each variable of each case, ``group`` being ``case 1``, ``case 2`` …

    What is not known is a row without a value, with its reason.
    """
    population = population_of(cohort, plan)
    columns = {one.name: cohort.column(one.name) for one in plan.shown if cohort.has(one.name)}
    cases = [index for index in population.indices if any(
        columns[needed][index] is not None for needed in plan.needed if needed in columns)]
    named = cohort.study.subjects
    left = [named[index] for index in population.indices if index not in cases]
    rows = [Result(name, "subjects", "n", len(cases), unit=population.people,
                   subjects=tuple(named[index] for index in cases))]
    if left:
        rows.append(Result(
            name, "subjects", "n", len(left), group="", level=OUTSIDE, unit=population.people,
            note="nothing to show", subjects=tuple(left)))
    base = Base(len(cases), population.people)
    for one in plan.shown:
        known = [index for index in cases if columns.get(one.name, [None] * (index + 1))[index]
                 is not None]
        rows.append(Result(name, one.name, COUNT, len(known), unit=population.people, base=base,
                           subjects=tuple(named[index] for index in known)))
        rows += [_value(cohort, one, name, index, f"{plan.case_label} {number}")
                 for number, index in enumerate(cases, start=1)]
    yield from (replace(row, population=population.name) for row in rows)


def _value(cohort: Cohort, one: Shown, name: str, index: int, case: str) -> Result:
    variable = cohort.variables[one.name]
    value = cohort.column(one.name)[index] if cohort.has(one.name) else None
    note = cohort.column(f"{one.name}_note")[index] if cohort.has(f"{one.name}_note") else None
    unit = variable.unit or ""
    if value is not None and variable.kind in COUNTED:
        code = str(value)
        value = one.labels.get(code, variable.levels.get(code, code))
    elif value is not None and one.unit is not None:
        value = value * DAYS_PER_UNIT[unit.removesuffix("s")] / DAYS_PER_UNIT[
            one.unit.removesuffix("s")]
    return Result(name, one.name, "value", value, case, unit=one.unit or unit,
                  note=note or ("" if value is not None else "not known, or none"),
                  subjects=(cohort.study.subjects[index],))
