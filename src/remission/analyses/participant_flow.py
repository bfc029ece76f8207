"""Participant flow: the boxes of the chart as results, each beside the box it came from."""

from __future__ import annotations

from collections.abc import Iterator

from remission.analyses.results import Base, Result
from remission.definitions.cohort import Cohort
from remission.definitions.participant_flow import Node, participant_flow
from remission.errors import PlanError, Problem
from remission.plan import ParticipantFlow

FLOW, REASON, SITES = "flow", "reason", "sites"
"""What the rows are about, the statistic of a reason, and the row that counts the centres."""
STANDARD = "STROBE, item 13 (von Elm 2007, PLoS Med 4:e296, doi 10.1371/journal.pmed.0040296)"


def analyse_participants(
    cohort: Cohort, analysis: ParticipantFlow, name: str
) -> Iterator[Result]:
    """Yield the boxes in reading order: how many, of how many, and why they left the chart.

    ``level`` is the way to the box, ``method`` the same in words. A box that is split holds each of
    its children in one of the boxes below it, so that they add up.
    """
    del analysis  # a flow is about everyone and has no choices
    flow, people = participant_flow(cohort.study), cohort.plan.study.people
    label_of, count_of = {}, {}
    for path, node in flow.walk():
        label_of[path], count_of[path] = node.label, node.count
        way = " → ".join(label_of[path[:place]] for place in range(1, len(path) + 1))
        level, above = "/".join(path), path[:-1]
        base = Base(count_of[above], people) if above else None
        _check_sum(node, way)
        yield Result(name, FLOW, "n", node.count, level=level, unit=people, base=base, method=way,
                     subjects=node.subjects)
        for reason, count in node.reasons.items():
            yield Result(name, FLOW, REASON, count, level=level, unit=people,
                         base=Base(node.count, people), method=way, note=reason)
    sites = cohort.study.table("subject")["site_id"].n_unique()
    yield Result(name, SITES, "n", sites, unit="centres", base=Base(flow.count, people))


def _check_sum(node: Node, way: str) -> None:
    """Refuse a flow whose boxes do not add up, as a reader would."""
    below = sum(child.count for child in node.children)
    if node.children and below != node.count:
        raise PlanError(Problem(
            "participant flow", f"{way}: {node.count}, but the boxes below hold {below}.",
            "A flow that does not add up cannot be printed.", "Report this as a fault."))
