"""The flow of participants as a table: each box with its number, its parts and its reasons."""

from __future__ import annotations

from collections.abc import Iterator

from remission.analyses.participant_flow import FLOW, REASON, SITES
from remission.analyses.results import Result, Results
from remission.plan import ParticipantFlow
from remission.report.asking import Asking, Places
from remission.report.drawn import Flow, FlowBox
from remission.report.parts import Part
from remission.report.spans import Cell, Number, address
from remission.report.table_parts import Head, Row, Table

_INDENT = "\u2003"  # an em space, which html, Word and Excel all keep


def parts_of_participants(asking: Asking[ParticipantFlow], places: Places) -> Iterator[Part]:
    """Yield the table of a flow, and its chart."""
    yield table_of_participants(asking.rows, asking.analysis, places.table())
    number = places.figure()
    here = f"f{number}"
    boxes = asking.rows.select(variable=FLOW, statistic="n")
    held = [box for box in boxes if box.value] or [boxes[0]]
    place = {box.level: index for index, box in enumerate(held)}
    yield Flow(
        here, number, asking.analysis.title, "", tuple(
            FlowBox(_label(box).strip(), box.level.count("/"), _count(box, here),
                    place.get(box.level.rpartition("/")[0])) for box in held),
        (f"Each box counts {boxes[0].unit}; the boxes below it, one step further in, hold each of "
         "them once.",))


def table_of_participants(results: Results, analysis: ParticipantFlow, number: int) -> Table:
    """Return the table of a flow: boxes that hold nobody are left out and said to be."""
    here = f"t{number}"
    boxes = results.select(variable=FLOW, statistic="n")
    people = boxes[0].unit
    held = [box for box in boxes if box.value]
    rows = [Row(_label(box), (_count(box, here), _parts(box, boxes), _reasons(box, results, here)))
            for box in held or boxes[:1]]
    note = (f"Each row counts {people}; a row is the sum of the parts named beside it, which "
            "follow below it, one step further in.")
    if len(held) < len(boxes):
        note += " Boxes that hold nobody are left out."
    sites = results.one(variable=SITES)
    centres = Number(str(sites.value), address(here, SITES), (sites,))
    word = "centre" if sites.value == 1 else "centres"
    return Table(
        address=here, number=number, title=analysis.title, subtitle="",
        heads=(Head(people.capitalize()), Head("Parts"), Head("Reasons")), rows=tuple(rows),
        note=(f"{note} The {people} were registered by ", centres, f" {word}."))


def _label(box: Result) -> str:
    return _INDENT * box.level.count("/") + box.method.rpartition(" → ")[2]


def _count(box: Result, here: str) -> Number:
    return Number(f"{box.value}", address(here, box.level), (box,))


def _parts(box: Result, boxes: Results) -> Cell:
    """Return the numbers of the boxes below, as a sum; nothing for the last of a way."""
    below = [str(other.value) for other in boxes
             if other.level.rpartition("/")[0] == box.level and other.value]
    return " + ".join(below) if len(below) > 1 else ""


def _reasons(box: Result, results: Results, here: str) -> Cell:
    """Return why those in a box left the chart, each with its number."""
    found = results.select(variable=FLOW, statistic=REASON, level=box.level)
    if not found:
        return ""
    text = "; ".join(f"{row.note}: {row.value}" for row in found)
    return Number(text, address(here, box.level, REASON), (box, *found))
