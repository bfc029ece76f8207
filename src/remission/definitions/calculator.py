"""What the calculators share: lines with a source, choosing a set, thresholds, sizes of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from remission.definitions.criteria import Criteria, Threshold, criteria_sets, default_set
from remission.errors import InputError, Problem, did_you_mean, raise_if_any

STATEMENT = (
    "For research and for checking records. Not for treating a child: a dose is prescribed from "
    "the package insert in force, by those who treat the child.")


@dataclass(frozen=True)
class Line:
    """One statement of a calculator, with its source and evidence tags."""

    text: str
    source: str
    evidence: str


def line(text: str, criteria: Criteria) -> Line:
    """Return a statement that rests on a criteria set."""
    return Line(text, criteria.source, criteria.evidence)


def chosen_set(notion: str, name: str | None, *, where: str) -> Criteria:
    """Return a criteria set by name (the default without one).

    Raises :class:`InputError` for a name that is not a set; ``where`` tells where it was given.
    """
    sets = criteria_sets(notion)
    if name is None:
        return sets[default_set(notion)]
    if name not in sets:
        raise InputError(Problem(where, f"There is no {name!r}.", "", did_you_mean(name, sets)))
    return sets[name]


def meets(value: float, criteria: Criteria, key: str) -> bool:
    """Return whether a number meets a threshold of a criteria set."""
    return is_met(value, criteria.threshold(key))


def is_met(value: float, threshold: Threshold) -> bool:
    """Return whether a number meets a threshold, by the rule for columns."""
    return bool(threshold.met_by(cast("Any", value)))


_OTHER_UNITS = {"weight": (("g", 0.001),), "height": (("m", 100), ("mm", 0.1))}


def body_surface(height_cm: float, weight_kg: float, *, formula: str | None = None) -> float:
    """Return the body surface in m².

    ``formula``: ``mosteller`` (default), ``haycock``, ``dubois`` or ``gehan_george``. Raises
    :class:`InputError` for a formula that does not exist and a size that no person has.
    """
    chosen = chosen_set("dosing.body_surface", formula, where="formula")
    check_size(weight_kg, height_cm)
    return float(chosen["coefficient"] * height_cm ** chosen["height_power"]
                 * weight_kg ** chosen["weight_power"])


def check_size(weight_kg: float | None, height_cm: float | None) -> None:
    """Refuse, all together, weights and heights that no person has.

    Raises :class:`InputError`; what is not known (None) is not judged.
    """
    limits = criteria_sets("dosing.limits")["people"]
    given = {"weight": weight_kg, "height": height_cm}
    problems = [_impossible(what, value, limits[what]) for what, value in given.items()
                if value is not None and not _within(value, limits[what])]
    if not problems and weight_kg is not None and height_cm is not None:
        index = weight_kg / (height_cm / 100) ** 2
        if not _within(index, limits["mass_index"]):
            problems.append(Problem(
                "weight and height", f"{weight_kg:g} kg and {height_cm:g} cm do not fit together.",
                f"Weight / height² would be {index:.3g} kg/m²; no person has that.",
                "Check both; they may have changed places."))
    raise_if_any(problems)


def _within(value: float, limits: Mapping[str, Any]) -> bool:
    return bool(limits["lowest"] <= value <= limits["highest"])


def _impossible(what: str, value: float, limits: Mapping[str, Any]) -> Problem:
    """Say that nobody has such a size, and in which unit it may have been given."""
    unit = limits["unit"]
    cure = f"Give the {what} in {unit}"
    meant = [f"{value:g} {other} is {value * factor:g} {unit}"
             for other, factor in _OTHER_UNITS[what] if _within(value * factor, limits)]
    return Problem(
        what, f"A {what} of {value:g} {unit} does not occur.",
        f"It must lie between {limits['lowest']:g} and {limits['highest']:g} {unit}; "
        "every dose would be wrong.", f"{': '.join([cure, *meant])}.")
