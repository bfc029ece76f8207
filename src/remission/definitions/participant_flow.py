"""Participant flow: who was registered, treated, evaluable, what followed, who is analysed.

Each node is split by one question into children that hold every subject of the node exactly once,
so that the numbers of a flow chart add up (STROBE, item 13: numbers at each stage).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.baseline import first_infusions
from remission.definitions.cohort import derive_definition
from remission.definitions.definition import REGISTRY
from remission.definitions.inputs import Lazy, frame_for
from remission.definitions.next_therapy import THERAPIES
from remission.definitions.response import REMISSIONS
from remission.records.once import one_run
from remission.records.study import Study

_EVALUABLE = {"EVALUABLE": "evaluable", "NO_MARROW": "no marrow in the window of the cycle",
              "NOT_KNOWN": "response not known"}
_RESPONSE = {"REMISSION": "remission", "NO_REMISSION": "no remission"}
QUESTIONS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "treated": {"TREATED": "given blinatumomab", "NOT_TREATED": "not given blinatumomab"},
    "cycle_1": {key: f"{label} after cycle 1" for key, label in _EVALUABLE.items()},
    "response_1": {key: f"{label} after cycle 1" for key, label in _RESPONSE.items()},
    "second_cycle": {"GIVEN": "second cycle", "NOT_GIVEN": "no second cycle"},
    "cycle_2": {key: f"{label} after cycle 2" for key, label in _EVALUABLE.items()},
    "response_2": {key: f"{label} after cycle 2" for key, label in _RESPONSE.items()},
    "therapy": {**THERAPIES, "NOT_KNOWN": "not known what followed"},
    "analysed": {"ANALYSED": "analysed", "NOT_FOLLOWED": "without follow-up"},
})
"""The questions in order, each with its answers; a question without an answer is passed over."""


_WHY = {"cycle_1": "why_cycle_1", "cycle_2": "why_cycle_2", "second_cycle": "why_second_cycle"}
"""Question → the column with the reason of an answer that leads out of the chart."""
_GOES_ON = ("EVALUABLE", "GIVEN")
_NO_REASON = "reason not recorded"


@dataclass(frozen=True)
class Node:
    """A box of the flow chart: the subjects in it, and the boxes they went on to.

    ``reasons`` say why they left the way through the chart, and how many for each.
    """

    code: str
    label: str
    subjects: tuple[str, ...]
    children: tuple[Node, ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many subjects are in the box."""
        return len(self.subjects)

    def walk(self, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
        """Yield (codes from the top, node) of this node and all below it, in reading order."""
        path = (*above, self.code)
        yield path, self
        for child in self.children:
            yield from child.walk(path)


def participant_flow(study: Study) -> Node:
    """Return the flow of a study: the node of all registered subjects, split step by step."""
    with one_run():
        steps = flow_steps(study).collect()
    answers = {row["subject_id"]: row for row in steps.iter_rows(named=True)}
    top = Node("REGISTERED", "registered", study.subjects)
    return _grow(top, answers, tuple(QUESTIONS))


def _grow(node: Node, answers: Mapping[str, Mapping[str, Any]], open_: tuple[str, ...]) -> Node:
    """Return the node with its children: the first question that anybody in it has answered."""
    for place, question in enumerate(open_):
        found = [answers[subject][question] for subject in node.subjects]
        if any(answer is not None for answer in found):
            labels: list[tuple[str | None, str]] = list(QUESTIONS[question].items())
            if None in found:
                labels.append((None, "not known"))
            children = tuple(
                _grow(_node(code, label, tuple(
                    subject for subject, answer in zip(node.subjects, found, strict=True)
                    if answer == code), answers, question), answers, open_[place + 1:])
                for code, label in labels)
            return replace(node, children=children)
    return node


def _node(
    code: str | None, label: str, subjects: tuple[str, ...],
    answers: Mapping[str, Mapping[str, Any]], question: str,
) -> Node:
    """Return a box with the reasons of those in it, where its answer is one that needs them."""
    why = _WHY.get(question)
    if why is None or code in _GOES_ON:
        return Node(code or "NOT_KNOWN", label, subjects)
    told = (answers[subject][why] for subject in subjects)
    reasons = Counter(reason for reason in told if reason is not None)
    return Node(code or "NOT_KNOWN", label, subjects,
                reasons=MappingProxyType(dict(sorted(reasons.items()))))


def flow_steps(study: Study) -> Lazy:
    """Return each subject's answer to every question: one row a subject, one column a question.

    Null where a question does not arise: nobody untreated has a response. Columns ``why_…`` hold
    the reasons.
    """
    subjects = frame_for(study, "subject", ("subject.subject_id",)).select("subject_id")
    exposure = frame_for(study, "exposure", ("exposure.start_day",))
    treated = exposure.select("subject_id").unique().with_columns(given=nw.lit(1))
    second = exposure.filter(nw.col("cycle_no") == 2).select("subject_id").unique().with_columns(
        second=nw.lit(1))
    therapy = derive_definition(study, "next_therapy").select(
        "subject_id", nw.col("value").alias("after"))
    joined = subjects
    for part in (treated, second, _response(study, 1), _response(study, 2), therapy,
                 _followed(study), _end_of_cycle_1(study)):
        joined = joined.join(part, on="subject_id", how="left")
    is_treated, has_second = nw.col("given") == 1, nw.col("second") == 1
    return joined.select(
        "subject_id",
        nw.when(is_treated).then(nw.lit("TREATED")).otherwise(nw.lit("NOT_TREATED"))
        .alias("treated"),
        *_cycle(1, is_treated),
        nw.when(is_treated & has_second).then(nw.lit("GIVEN")).when(is_treated).then(
            nw.lit("NOT_GIVEN")).alias("second_cycle"),
        *_cycle(2, is_treated & has_second),
        nw.when(is_treated).then(nw.coalesce("after", nw.lit("NOT_KNOWN"))).alias("therapy"),
        nw.when(is_treated & (nw.col("followed") == 1)).then(nw.lit("ANALYSED"))
        .when(is_treated).then(nw.lit("NOT_FOLLOWED")).alias("analysed"),
        "why_cycle_1", "why_cycle_2", nw.coalesce("why_second_cycle", nw.lit(_NO_REASON)))


def _cycle(number: int, applies: nw.Expr) -> tuple[nw.Expr, nw.Expr]:
    """Return whether a cycle was evaluable, and the response of an evaluable one."""
    value = nw.col(f"value_{number}")
    is_evaluable = ~value.is_null() & (value != "NE")
    in_remission = value.is_in(["MRD_CR", *REMISSIONS])
    return (
        nw.when(applies & is_evaluable).then(nw.lit("EVALUABLE"))
        .when(applies & (value == "NE")).then(nw.lit("NO_MARROW"))
        .when(applies).then(nw.lit("NOT_KNOWN")).alias(f"cycle_{number}"),
        nw.when(applies & is_evaluable & in_remission).then(nw.lit("REMISSION"))
        .when(applies & is_evaluable).then(nw.lit("NO_REMISSION")).alias(f"response_{number}"))


def _response(study: Study, number: int) -> Lazy:
    """Return ``subject_id, value_1, why_cycle_1`` (or 2): the response of one cycle, its note."""
    return derive_definition(study, "cycle_response").filter(
        nw.col("cycle_no") == number).select(
        "subject_id", nw.col("value").alias(f"value_{number}"),
        nw.col("note").alias(f"why_cycle_{number}"))


def _end_of_cycle_1(study: Study) -> Lazy:
    """Return ``subject_id, why_second_cycle``: how the first cycle ended, in words."""
    reason: nw.Expr = nw.lit(None, dtype=nw.String)
    for code, label in REGISTRY["early_stop_reason"].levels.items():
        words = "cycle 1 completed" if code == "NONE" else f"cycle 1 stopped: {label}"
        reason = nw.when(nw.col("value") == code).then(nw.lit(words)).otherwise(reason)
    return derive_definition(study, "early_stop_reason").filter(
        nw.col("cycle_no") == 1).select("subject_id", reason.alias("why_second_cycle"))


def _followed(study: Study) -> Lazy:
    """Return ``subject_id, followed`` = 1 of all whose vital status and its day are known."""
    needs = ("follow_up.vital_status", "follow_up.last_contact_day", "follow_up.death_day")
    end = nw.when(nw.col("vital_status") == "DEAD").then(
        nw.coalesce("death_day", "last_contact_day")).otherwise(nw.col("last_contact_day"))
    first = first_infusions(frame_for(study, "exposure", ("exposure.start_day",)))
    return frame_for(study, "follow_up", needs).join(
        first, on="subject_id", how="left").filter(
        ~nw.col("vital_status").is_null() & (end >= nw.coalesce("first_infusion", nw.lit(0))),
    ).select("subject_id", nw.lit(1).alias("followed"))
