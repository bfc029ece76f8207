"""remission dose: what a published schedule gives a child; restart rules; the dose of a graft."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remission.cli.console import print_json
from remission.cli.dose_shown import Sources, show_block, show_dose, show_lines, show_statement
from remission.cli.options import AsJson

if TYPE_CHECKING:
    from remission.definitions.restart import Advice

app = typer.Typer(
    help="The dose that a published schedule gives a child. For research, not for treatment.",
    context_settings={"help_option_names": ["-h", "--help"]},
)

Weight = Annotated[float | None, typer.Option("--weight", help="Weight in kg.")]
Height = Annotated[float | None, typer.Option("--height", help="Height in cm.")]
Formula = Annotated[str | None, typer.Option(
    "--formula", help="mosteller (default), haycock, dubois or gehan_george.")]


class Event(StrEnum):
    """What happened to the infusion or to the child."""

    interruption = "interruption"
    crs = "crs"
    neurotoxicity = "neurotoxicity"
    liver = "liver"
    other = "other"


@app.callback(invoke_without_command=True)
def dose(
    context: typer.Context,
    *,
    weight: Weight = None,
    height: Height = None,
    formula: Formula = None,
    schedule: Annotated[str | None, typer.Option(
        "--schedule", help="us_label_rr (default), us_label_mrd, ema_rr, "
        "ema_high_risk_first_relapse, zhang_2025 and its other readings, olaya_2025.")] = None,
    cycle: Annotated[int, typer.Option("--cycle", help="Number of the cycle.")] = 1,
    days: Annotated[int | None, typer.Option(
        "--days", help="Length of the cycle, where the schedule leaves it open.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show dose, rate, bags and dexamethasone of a cycle, each with its source."""
    if context.invoked_subcommand is not None:
        given_here = (weight, height, formula, schedule, days)
        _refuse_unread(context.invoked_subcommand, cycle != 1 or as_json or any(
            value is not None for value in given_here))
        return
    from remission.definitions.dosing import bags, cycle_dose

    given = cycle_dose(schedule, weight_kg=weight, height_cm=height, cycle=cycle, days=days,
                       formula=formula)
    if as_json:
        steps = [{**asdict(step), "per_hour": step.per_hour, "days": step.days}
                 for step in given.steps]
        print_json({**asdict(given), "steps": steps, "total": given.total,
                    "total_per_m2": given.total_per_m2,
                    "bags": [asdict(bag) for bag in bags(given)]})
        return
    show_dose(given)


@app.command("restart")
def restart(
    *,
    event: Annotated[Event, typer.Option("--event", help="What happened.")],
    grade: Annotated[int | None, typer.Option("--grade", help="CTCAE or ASTCT grade.")] = None,
    hours_off: Annotated[float | None, typer.Option(
        "--hours-off", help="Hours without infusion.")] = None,
    days_infused: Annotated[float | None, typer.Option(
        "--days-infused", help="Days of infusion before the interruption.")] = None,
    cycle: Annotated[int, typer.Option("--cycle", help="Number of the cycle.")] = 1,
    rule: Annotated[str | None, typer.Option(
        "--rule", help="us_label (default) or japanese_label, for an interruption.")] = None,
    seizures: Annotated[int, typer.Option("--seizures", help="Seizures so far.")] = 0,
    low_dose: Annotated[bool | None, typer.Option(
        "--at-low-dose/--at-high-dose", help="The dose at which it came.")] = None,
    resolved_after: Annotated[float | None, typer.Option(
        "--resolved-after", help="Days until grade 1 or below.")] = None,
    transaminase: Annotated[float | None, typer.Option(
        "--transaminase", help="AST or ALT, the higher, as a multiple of its upper limit.")] = None,
    bilirubin: Annotated[float | None, typer.Option(
        "--bilirubin", help="Bilirubin as a multiple of its upper limit.")] = None,
    weight: Weight = None,
    height: Height = None,
    formula: Formula = None,
    as_json: AsJson = False,
) -> None:
    """Show whether and how the infusion goes on after an event, by the label."""
    from remission.definitions import restart as rules

    size: dict[str, Any] = {"weight_kg": weight, "surface": _surface(weight, height, formula)}
    answers: dict[Event, Callable[[], Advice]] = {
        Event.interruption: lambda: rules.after_interruption(
            _needed(hours_off, "--hours-off"), cycle=cycle, rule=rule,
            days_infused=_needed(days_infused, "--days-infused")),
        Event.crs: lambda: rules.after_crs(_needed(grade, "--grade"), **size),
        Event.neurotoxicity: lambda: rules.after_neurotoxicity(
            _needed(grade, "--grade"), seizures=seizures, at_low_dose=low_dose,
            days_to_resolve=resolved_after, **size),
        Event.liver: lambda: rules.after_liver_tests(
            transaminase=transaminase, bilirubin=bilirubin),
        Event.other: lambda: rules.after_other_toxicity(
            _needed(grade, "--grade"), days_to_resolve=resolved_after, **size),
    }
    advice = answers[event]()
    if as_json:
        print_json(asdict(advice))
        return
    show_lines(advice.action.replace("_", " ").capitalize(), advice.lines, advice.statement)


@app.command("protocol")
def protocol(
    *,
    paper: Annotated[str, typer.Option("--paper", help="zhang_2025 or olaya_2025.")],
    block: Annotated[str | None, typer.Option(
        "--block", help="One block of treatment; all without it.")] = None,
    weight: Weight = None,
    height: Height = None,
    formula: Formula = None,
    as_json: AsJson = False,
) -> None:
    """Show what a paper gave besides blinatumomab, for a child of a size."""
    from remission.definitions.protocol_schedule import blocks_of, planned_block

    surface = _surface(weight, height, formula)
    blocks = [planned_block(paper, name, weight_kg=weight, surface=surface)
              for name in ((block,) if block else blocks_of(paper))]
    if as_json:
        print_json([asdict(planned) for planned in blocks])
        return
    sources = Sources()
    for planned in blocks:
        show_block(planned, sources)
    sources.show()
    show_statement(blocks[0].statement)


@app.command("cd34")
def cd34(
    *,
    cells: Annotated[float, typer.Option("--cells", help="Viable CD34 cells per µL.")],
    volume: Annotated[float, typer.Option("--volume", help="Volume of the product in mL.")],
    weight: Annotated[float | None, typer.Option(
        "--weight", help="Weight of the recipient in kg.")] = None,
    donor_weight: Annotated[float | None, typer.Option(
        "--donor-weight", help="Refused: the dose is counted by the recipient.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the dose of CD34 cells of a graft for each kg of the recipient."""
    from remission.definitions.cell_dose import cd34_dose

    found = cd34_dose(cells, volume, recipient_kg=weight, donor_kg=donor_weight)
    if as_json:
        print_json(asdict(found))
        return
    show_lines("CD34 cells", found.lines, found.statement)


def _refuse_unread(command: str, is_given: bool) -> None:
    """Refuse options in front of a command that would not read them. Raises :class:`InputError`."""
    from remission.errors import InputError, Problem

    if is_given:
        raise InputError(Problem(
            f"remission dose {command}", f"Options stand in front of {command!r}.",
            "It would not read them.", f"Write them behind it: remission dose {command} …"))


def _surface(weight: float | None, height: float | None, formula: str | None) -> float | None:
    """Return the body surface where weight and height are given."""
    from remission.definitions.calculator import body_surface, check_size

    check_size(weight, height)
    if weight is None or height is None:
        return None
    return body_surface(height, weight, formula=formula)


def _needed(value: Any, option: str) -> Any:
    """Return an option that this event cannot do without. Raises what the house says of it."""
    from remission.errors import InputError, Problem

    if value is None:
        raise InputError(Problem(option, "This event needs it.",
                                 "Without it no rule can be chosen.", f"Give {option}."))
    return value
