"""Whole numbers that meet linear rows, by OR-tools' CP-SAT: one worker, so always the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, TypeAlias

from remission.errors import InputError, Problem
from remission.reconstruct.counting import System

_WORK = 60.0
"""Deterministic units of work (about seconds) that one solution may take."""


def check_solver() -> None:
    """Refuse where OR-tools is not installed. Raises :class:`~remission.errors.InputError`."""
    if find_spec("ortools") is None:
        raise InputError(Problem(
            "remission reconstruct", "OR-tools is not installed.",
            "Counts that fit together are found by its constraint solver.",
            "Run: pip install 'remission[reconstruct]'"))


Sum: TypeAlias = tuple[Sequence[int], Sequence[int]]
"""Variables, and the sums that they may have."""
SumsTogether: TypeAlias = tuple[Sequence[Sequence[int]], Sequence[Sequence[int]]]
"""The variables of some sums, and what these may be together."""


def solved(
    system: System, sums: Iterable[Sum], *, wished: Sequence[Sum] = (),
    together: Iterable[SumsTogether] = (),
) -> list[int] | None:
    """Return the value of each variable, None where the ``sums`` cannot be, or those ``together``.

    As many of those ``wished`` are met as can be. Raises
    :class:`~remission.errors.InputError` where neither was shown within the work allowed.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    variables = [model.new_int_var(0, most, "") for most in system.most]
    for row in system.rows:
        model.add_linear_constraint(
            sum(times * variables[name] for name, times in row.terms), row.low, row.high)
    for names, counts in sums:
        model.add_linear_expression_in_domain(
            sum(variables[name] for name in names), cp_model.Domain.from_values(list(counts)))
    for parts, allowed in together:
        if not allowed:
            return None
        totals = [model.new_int_var(0, max(counts), "")
                  for counts in zip(*allowed, strict=True)]
        for total, names in zip(totals, parts, strict=True):
            model.add(total == sum(variables[name] for name in names))
        model.add_allowed_assignments(totals, allowed)
    met = []
    for names, counts in wished:
        met.append(model.new_bool_var(""))
        model.add_linear_expression_in_domain(
            sum(variables[name] for name in names), cp_model.Domain.from_values(list(counts)),
        ).only_enforce_if(met[-1])
    if met:
        model.maximize(sum(met))
    solver = _solver()
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return None
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise InputError(Problem(
            "remission reconstruct", "No records were found within the work allowed.",
            "Whether the numbers can hold together stays open.",
            "Bind fewer facts, or name those that most others depend on in core."))
    return [solver.value(variable) for variable in variables]


def fewest_hits(sets: Sequence[frozenset[str]], weights: Mapping[str, int]) -> frozenset[str]:
    """Return names of the least weight that have one of each set; none where there are no sets."""
    from ortools.sat.python import cp_model

    if not sets:
        return frozenset()
    model = cp_model.CpModel()
    names = sorted(set().union(*sets) & set(weights))
    chosen = {name: model.new_bool_var(name) for name in names}
    for one in sets:
        model.add_bool_or([chosen[name] for name in sorted(one) if name in chosen])
    # of equal weights the first names are taken, so that it is always the same
    model.minimize(sum((weights[name] * len(names) * 2 * len(names) + place) * chosen[name]
                       for place, name in enumerate(names)))
    solver = _solver()
    solver.solve(model)
    return frozenset(name for name in names if solver.value(chosen[name]))


def _solver() -> Any:
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = _WORK
    return solver
