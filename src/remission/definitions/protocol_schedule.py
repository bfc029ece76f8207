"""What a paper's schedule gives a child of a size, without records. For research only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from remission.definitions.calculator import STATEMENT, Line, check_size, chosen_set, is_met, line
from remission.definitions.criteria import Criteria, Threshold, criteria_sets
from remission.errors import InputError, Problem, did_you_mean

_BY_SIZE = {"mg/m2": "mg", "U/m2": "U", "mg/kg": "mg", "ug/kg": "µg", "cGy": "cGy"}


@dataclass(frozen=True)
class PlannedDose:
    """One drug of a schedule: days, the dose of a day as printed and for the child.

    ``days`` count as the block's origin says and are empty where the paper states none; ``dose``
    and ``amount`` (in ``unit``) are None where the paper states no dose or the size is not known.
    """

    drug: str
    days: tuple[int, ...]
    dose: float | None
    dose_unit: str | None
    amount: float | None
    unit: str | None
    notes: tuple[str, ...]
    source: str
    evidence: str

    @property
    def total(self) -> float | None:
        """The sum over all days; None where the dose or the days are not known."""
        if self.amount is None or not self.days:
            return None
        return self.amount * len(self.days)


@dataclass(frozen=True)
class PlannedBlock:
    """A block of a paper's schedule for a child; ``origin`` is what its days count from."""

    block: str
    paper: str
    origin: str
    doses: tuple[PlannedDose, ...]
    wording: Line
    statement: str = STATEMENT


def blocks_of(paper: str) -> tuple[str, ...]:
    """Return the blocks of a paper's schedule. Raises :class:`InputError` for another paper."""
    return tuple(chosen_set("protocol.schedule", paper, where="paper")["blocks"])


def planned_block(
    paper: str, block: str, *, weight_kg: float | None = None, surface: float | None = None,
) -> PlannedBlock:
    """Return a block of a paper's schedule for a child of a weight (kg) and body surface (m²).

    Doses that need a size which is not known stay unknown. Raises :class:`InputError` for a paper
    or block that does not exist and a weight that nobody has.
    """
    known = blocks_of(paper)
    if block not in known:
        raise InputError(Problem("block", f"{paper} has no block {block!r}.", "",
                                 did_you_mean(block, known)))
    check_size(weight_kg, None)
    chosen = criteria_sets(f"protocol.{block}")[paper]
    return PlannedBlock(
        block, paper, chosen["origin"],
        tuple(_planned(given, chosen, weight_kg, surface) for given in chosen["lines"]),
        line(chosen.wording, chosen))


def _planned(
    given: dict[str, Any], block: Criteria, weight_kg: float | None, surface: float | None
) -> PlannedDose:
    """Return one line of a block for a child, with what has to be said about it."""
    dose, printed = given.get("dose"), given.get("unit")
    is_donor = block.values.get("of") == "donor"
    amount = None if is_donor else _amount(dose, printed, weight_kg, surface)
    unit = None if printed is None else _BY_SIZE[printed]
    notes = ["given to the donor, by the donor's weight"] if is_donor else []
    if "dose_or" in given:
        notes.append(f"or {given['dose_or']:g} {printed}: printed or possible as well")
    if "flag_above" in given:
        most = Threshold(**given["flag_above"])
        flagged = dose if most.unit == printed else amount
        if flagged is not None and is_met(flagged, most):
            notes.append(f"above {most.value:g} {most.unit}, the usual most of a dose [M]")
    if printed == "cGy":
        notes.append("the total is not stated: the daily dose × the days is our reading")
    return PlannedDose(given["drug"], tuple(given.get("days", ())), dose, printed, amount, unit,
                       tuple(notes), block.source, block.evidence)


def _amount(
    dose: float | None, unit: str | None, weight_kg: float | None, surface: float | None
) -> float | None:
    """Return a printed dose for a child, in the unit of ``_BY_SIZE``; None where not known."""
    if dose is None or unit is None:
        return None
    size = {"m2": surface, "kg": weight_kg}.get(unit.rpartition("/")[2], 1.0)
    return None if size is None else dose * size
