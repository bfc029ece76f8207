"""What remission dose prints: tables and lines at 80 columns, each with its numbered source."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

from remission.cli.console import out

if TYPE_CHECKING:
    from rich.table import Table

    from remission.definitions.calculator import Line
    from remission.definitions.dosing import CycleDose
    from remission.definitions.protocol_schedule import PlannedBlock

_WIDTH = 80
_ORIGINS = {
    "LINE": "the first day of the line, day 1", "FIRST_INFUSION": "the first infusion, day 1",
    "FIRST_DOSE": "the first dose, day 1", "TRANSPLANT": "the transplant, day 0",
    "CYCLE_END": "the last day of infusion of each cycle, day 0",
}


class Sources:
    """Numbers the sources in the order in which they are first cited."""

    def __init__(self) -> None:
        """Begin without any."""
        self._known: dict[str, int] = {}
        self._tags: set[str] = set()

    def cite(self, source: str, evidence: str) -> str:
        """Return ``[2] V2``: the number of the source and the evidence tags."""
        number = self._known.setdefault(source, len(self._known) + 1)
        self._tags.update(evidence.split())
        return f"[{number}] {evidence}"

    def show(self) -> None:
        """Print the list, and what the tags mean."""
        from remission.definitions.criteria import EVIDENCE

        _print("")
        for source, number in self._known.items():
            _print(f"[{number}] {source}", indent=4)
        _print("Evidence: " + "; ".join(
            f"{tag} {text}" for tag, text in EVIDENCE.items() if tag in self._tags) + ".")


def _print(text: str, *, indent: int = 0) -> None:
    """Print a paragraph at the width of a terminal; later lines are indented."""
    out().print(textwrap.fill(text, _WIDTH, subsequent_indent=" " * indent,
                              break_long_words=False))


def _table(*heads: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def show_dose(given: CycleDose) -> None:
    """Print the doses, bags, premedication and cautions of a cycle with their sources."""
    sources = Sources()
    size = ", ".join(f"{value:g} {unit}" for value, unit in (
        (given.weight_kg, "kg"), (given.height_cm, "cm")) if value is not None)
    _print(f"{given.title}, cycle {given.cycle}, {given.days} days"
           f"{', ' + size if size else ''}")
    surface = given.surface_line
    _print(f"{surface.text}  {sources.cite(surface.source, surface.evidence)}", indent=2)
    _print("")
    table = _table("Days", "µg/m²/day", "µg/day", "µg/h", "How", "Source")
    for step in given.steps:
        table.add_row(_span(step.first_day, step.last_day), f"{step.per_m2:g}",
                      _number(step.per_day, 3),
                      _number(step.per_hour, 4), step.basis,
                      sources.cite(step.source, step.evidence))
    out().print(table)
    total = "unknown" if given.total is None else f"{given.total:.1f} µg"
    _print(f"The cycle: {total}; {given.total_per_m2:g} µg/m² by the printed doses")
    _show_bags(given, sources)
    _print("")
    for said in (*given.premedication, *given.cautions):
        _print(f"- {said.text}  {sources.cite(said.source, said.evidence)}", indent=2)
    sources.show()
    show_statement(given.statement)


def _show_bags(given: CycleDose, sources: Sources) -> None:
    from remission.definitions.dosing import bags

    made = bags(given)
    if not made:
        return
    _print("")
    table = _table("Days", "Bag", "mL/h", "mL", "µg in it", "Bags", "Source")
    for bag in made:
        number = {True: str(bag.number), False: "too light", None: "weight?"}[bag.allowed]
        table.add_row(_span(bag.first_day, bag.last_day), f"{bag.hours} h", f"{bag.rate:g}",
                      f"{bag.volume:.1f}", _number(bag.drug, 3), number,
                      sources.cite(bag.source, bag.evidence))
    out().print(table)
    _print("Infused volume only, without what fills the line and without overfill.")


def show_lines(title: str, lines: Iterable[Line], statement: str) -> None:
    """Print a headline and lines with their sources."""
    sources = Sources()
    out().print(title, style="bold")
    for said in lines:
        _print(f"- {said.text}  {sources.cite(said.source, said.evidence)}", indent=2)
    sources.show()
    show_statement(statement)


def show_block(planned: PlannedBlock, sources: Sources) -> None:
    """Print one block of a paper: each drug with its days, dose, and dose for the child."""
    said = planned.wording
    _print(f"{planned.block}: {said.text}  {sources.cite(said.source, said.evidence)}", indent=2)
    _print(f"Days count from: {_ORIGINS[planned.origin]}", indent=2)
    table = _table("Drug", "Days", "As printed", "For the child")
    for given in planned.doses:
        printed = "–" if given.dose is None else f"{given.dose:g} {given.dose_unit}"
        amount = "unknown" if given.amount is None else _rounded(given.amount, given.unit)
        table.add_row(given.drug, _days(given.days), printed,
                      "–" if given.dose is None else amount)
    out().print(table)
    for given in planned.doses:
        for note in given.notes:
            _print(f"- {given.drug}: {note}", indent=2)
    _print("")


def _rounded(amount: float, unit: str | None) -> str:
    return f"{float(f'{amount:.4g}'):g} {unit}"


def _days(days: tuple[int, ...]) -> str:
    """Return ``1 to 4`` for days in a row, else the days one by one."""
    if not days:
        return "–"
    if len(days) > 2 and list(days) == list(range(days[0], days[-1] + 1)):
        return f"{days[0]} to {days[-1]}"
    return ", ".join(str(day) for day in days)


def show_statement(statement: str) -> None:
    """Print, in bold, what the numbers are not for."""
    out().print(f"\n{textwrap.fill(statement, _WIDTH)}", style="bold")


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _number(value: float | None, decimals: int) -> str:
    return "unknown" if value is None else f"{value:.{decimals}f}"
