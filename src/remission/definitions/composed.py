"""The plan's own variables, made of others in the cohort."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.definition import ONE_A_SUBJECT, YES_NO, Grain, Variable
from remission.errors import Problem, did_you_mean
from remission.plan import Composed, Plan
from remission.plan.composed import Cut
from remission.records.storage import Frame

UNDECIDED = "a variable that would decide is not known"
_KEY = "cycle_no"

Row = Mapping[str, Any]


def components_of(plan: Plan, names: set[str]) -> set[str]:
    """Return variables with those that the plan's own ones among them are made of."""
    found, open_ones = set(names), list(names)
    while open_ones:
        composed = plan.variables.get(open_ones.pop())
        for name in composed.columns if composed is not None else ():
            if name not in found:
                found.add(name)
                open_ones.append(name)
    return found


def described(name: str, composed: Composed) -> Variable:
    """Return what a variable of the plan means."""
    is_yes_no = set(composed.names) <= set(YES_NO)
    levels = dict(YES_NO) if is_yes_no else {level: level for level in composed.names}
    return Variable(
        name=name, label=composed.label, kind="yes_no" if is_yes_no else "category",
        rule="; ".join(composed.in_words()), reference="A choice of the plan.", levels=levels,
        grain=composed.grain, row_column="_subject_row")


def faults(plan: Plan, variables: Mapping[str, Variable]) -> Iterator[Problem]:
    """Yield names that are taken, variables that there are not, and values they cannot have."""
    for name, composed in plan.variables.items():
        where = f"{plan.file}, [variables.{name}]"
        if name in variables:
            yield Problem(where, f"{name!r} is a variable already.", "", "Choose another name.")
        before = list(plan.variables)[:list(plan.variables).index(name)]
        for part in composed.columns:
            if part not in before and part != _KEY:
                yield from _unfit(part, composed, variables, where)


def _unfit(
    name: str, composed: Composed, variables: Mapping[str, Variable], where: str
) -> Iterator[Problem]:
    variable = variables.get(name)
    if variable is None:
        yield Problem(where, f"There is no variable {name!r}.",
                      "It may name those of the plan that stand before it.",
                      did_you_mean(name, variables))
        return
    if variable.grain not in (*ONE_A_SUBJECT, "cycle"):
        yield Problem(where, f"{name} has a value for each {variable.grain.replace('_', ' ')}.",
                      "", "Choose a variable of subjects, transplants or cycles.")
    for conditions in composed.levels.values():
        for condition in conditions:
            asked = condition.get(name, ())
            if isinstance(asked, Cut) and asked.known is None and (
                    variable.kind not in ("number", "day")):
                yield Problem(where, f"{name} has levels and no stretches.", "",
                              f"Name its values: {', '.join(variable.levels)}.")
            for value in () if isinstance(asked, Cut) else asked:
                if variable.levels and value not in variable.levels:
                    yield Problem(where, f"{value!r} is not a value of {name}.", "",
                                  did_you_mean(str(value), variable.levels))


def with_composed(frames: dict[Grain, Frame], plan: Plan) -> dict[Grain, Frame]:
    """Return the frames with the plan's own variables: a column, and why one is not known."""
    for name, composed in plan.variables.items():
        if _has_all(frames, composed):
            own = frames[composed.grain]
            levels = _levels(frames, composed)
            notes = [UNDECIDED if level is None and undecided else None
                     for level, undecided in levels]
            found = nw.from_dict({name: [level for level, _ in levels], f"{name}_note": notes},
                                 {name: nw.String, f"{name}_note": nw.String},
                                 backend=own.implementation)
            frames[composed.grain] = nw.concat([own, found], how="horizontal")
    return frames


def _has_all(frames: Mapping[Grain, Frame], composed: Composed) -> bool:
    return set(composed.columns) <= {*frames["subject"].columns, *frames["cycle"].columns}


def _levels(
    frames: Mapping[Grain, Frame], composed: Composed
) -> list[tuple[str | None, bool]]:
    """Return the level of every row with whether it is undecided."""
    subjects = {row["subject_id"]: row for row in _rows(frames["subject"], composed)}
    if composed.grain == "cycle":
        return [_level([{**subjects[row["subject_id"]], **row}], composed)
                for row in _rows(frames["cycle"], composed)]
    of_cycles = set(composed.columns) - set(frames["subject"].columns)
    cycles: dict[str, list[Row]] = {}
    for row in _rows(frames["cycle"], composed) if of_cycles else ():
        cycles.setdefault(row["subject_id"], []).append(row)
    never = dict.fromkeys(of_cycles, _NEVER)
    return [_level([{**row, **cycle} for cycle in cycles.get(subject, [])] or [{**row, **never}],
                   composed)
            for subject, row in subjects.items()]


def _rows(frame: Frame, composed: Composed) -> Iterator[Row]:
    """Yield the rows of a frame with what the conditions ask for: cohorts are wide."""
    asked = [name for name in composed.columns if name in frame.columns and name != "subject_id"]
    return frame.select("subject_id", *asked).iter_rows(named=True)


_NEVER = object()
"""Stands for the value of a cycle where a subject was given none: it meets no condition."""


def _level(rows: Sequence[Row], composed: Composed) -> tuple[str | None, bool]:
    """Return the first level of which a row meets a condition, and whether one is undecided."""
    undecided = False
    for level, conditions in composed.levels.items():
        answers = [_meets(row, condition) for condition in conditions for row in rows]
        if True in answers:
            return (None, True) if undecided else (level, False)
        undecided |= None in answers
    return (None, True) if undecided else (composed.otherwise, False)


def _meets(row: Row, condition: Mapping[str, tuple[Any, ...] | Cut]) -> bool | None:
    """Return whether a row meets a condition; None where what is not known would decide."""
    answers = [_holds(row[name], asked) for name, asked in condition.items()]
    if False in answers:
        return False
    return None if None in answers else True


def _holds(value: Any, asked: tuple[Any, ...] | Cut) -> bool | None:
    if isinstance(asked, Cut) and asked.known is not None:
        return (value is not None and value is not _NEVER) is asked.known
    if value is _NEVER:
        return False
    if value is None:
        return None
    return asked.holds(float(value)) if isinstance(asked, Cut) else value in asked
