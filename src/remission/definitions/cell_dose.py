"""The dose of CD34 cells of a graft, from the count of the product."""

from __future__ import annotations

from dataclasses import dataclass

from remission.definitions.calculator import STATEMENT, Line, check_size, line
from remission.definitions.criteria import criteria_sets
from remission.errors import Problem, raise_if_any

_UL_PER_ML = 1000


@dataclass(frozen=True)
class CellDose:
    """The viable CD34 cells of a product: all, and for each kg of the recipient (or unknown)."""

    cells: float
    per_kg: float | None
    lines: tuple[Line, ...]
    statement: str = STATEMENT


def cd34_dose(
    viable_per_ul: float, volume_ml: float, *, recipient_kg: float | None,
    donor_kg: float | None = None,
) -> CellDose:
    """Return the dose of CD34 cells: count (cells/µL) × volume (mL) × 1000 / recipient's kg.

    Without the recipient's weight the dose for each kg is unknown. Raises :class:`InputError`
    for a donor's weight, for counts and volumes that are not above 0, and for a weight that
    nobody has.
    """
    problems = [
        Problem(what, f"{what} cannot be {value:g}.", "A product holds cells in a volume.",
                "Give a number above 0.")
        for what, value in (("viable CD34 cells per µL", viable_per_ul), ("volume", volume_ml))
        if not 0 < value < float("inf")]
    if donor_kg is not None:
        problems.append(Problem(
            "donor weight", f"A donor's weight ({donor_kg:g} kg) was given.",
            "The dose of a graft is counted by the weight of the child who receives it.",
            "Give the weight of the recipient, and none of the donor."))
    raise_if_any(problems)
    check_size(recipient_kg, None)
    criteria = criteria_sets("dosing.cd34")["ishage"]
    cells = viable_per_ul * volume_ml * _UL_PER_ML
    counted = line(f"{viable_per_ul:g} cells/µL × {volume_ml:g} mL × 1000 = {cells:.4g} cells",
                   criteria)
    if recipient_kg is None:
        unknown = line("Dose for each kg: unknown, the recipient's weight is missing", criteria)
        return CellDose(cells, None, (counted, unknown))
    per_kg = cells / recipient_kg
    return CellDose(cells, per_kg, (counted, line(
        f"/ {recipient_kg:g} kg = {per_kg / 1e6:.3g} ×10⁶ CD34 cells/kg", criteria)))
