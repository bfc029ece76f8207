"""What centres have answered, kept in the study from run to run (``queries/answers.json``)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from remission.errors import OutputError, Problem
from remission.files import put_in_place, staging
from remission.records.checks import Query, State
from remission.records.checks.rule import STATES
from remission.report.answered import Line, Returned

ANSWERS = "answers.json"
QUERIES_FOLDER = "queries"
"""The folder of a study in which its queries and their answers are kept."""


@dataclass(frozen=True)
class Kept:
    """One query with what its centre answered; its texts are those of the sheet."""

    site: str
    line: Line
    state: State
    comment: str


@dataclass(frozen=True)
class Answers:
    """Everything that was answered: by the id of its query, and remarks by centre."""

    kept: Mapping[str, Kept]
    remarks: tuple[tuple[str, str], ...] = ()

    def of(self, query: Query) -> Query:
        """Return a query with its state and the centre's comment."""
        kept = self.kept.get(query.id)
        return query if kept is None else replace(query, state=kept.state, comment=kept.comment)


def read_answers(folder: Path) -> Answers:
    """Return the answers kept in a folder of queries; none where there is no file of them.

    Raises :class:`~remission.errors.OutputError` when the file was changed so that it cannot be
    read: confirmed queries would be asked again.
    """
    path = folder / ANSWERS
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        kept = {item["line"]["number"]: Kept(
            str(item["site"]), Line(**item["line"]), _state(item["state"]), str(item["comment"]))
            for item in written["answers"]}
        remarks = tuple((str(site), str(text)) for site, text in written["remarks"])
    except FileNotFoundError:
        return Answers({})
    except (ValueError, KeyError, TypeError, AttributeError):
        raise OutputError(Problem(
            str(path), "The answers that were kept cannot be read.",
            "The file was changed by hand or cut off; what was confirmed would be asked again.",
            "Restore it from a copy, or move it elsewhere and read the answered sheets again "
            "(--answers).")) from None
    return Answers(kept, remarks)


def _state(word: object) -> State:
    for state in STATES:
        if state == word:
            return state
    raise ValueError(f"{word!r} is no state of a query")


def write_answers(answers: Answers, folder: Path) -> None:
    """Keep the answers in a folder, whole or not at all; nothing answered leaves no file."""
    path = folder.resolve() / ANSWERS
    if not answers.kept and not answers.remarks and not path.exists():
        return
    document = {
        "written_by": "remission",
        "answers": [{"site": kept.site, "state": kept.state, "comment": kept.comment,
                     "line": asdict(kept.line)} for _, kept in sorted(answers.kept.items())],
        "remarks": [list(remark) for remark in answers.remarks],
    }
    text = json.dumps(document, ensure_ascii=False, indent=2)
    with staging(path) as scratch:
        staged = scratch / ANSWERS
        staged.write_text(f"{text}\n", encoding="utf-8", newline="\n")
        put_in_place([(staged, path)], scratch)


def merged(
    answers: Answers, returned: Sequence[Returned], site_of: Mapping[str, str]
) -> tuple[Answers, list[Problem]]:
    """Return the answers with those that came back, and what is to be told.

    ``site_of`` gives the centre of a file. Where files answer one query differently none of
    them counts.
    """
    kept, told = dict(answers.kept), [problem for one in returned for problem in one.told]
    answered: dict[str, list[tuple[str, State | None, str, Kept]]] = {}
    for one in returned:
        site = one.site or site_of.get(one.file, "")
        for answer in one.answers:
            before = kept.get(answer.line.number)
            state = answer.state or (before.state if before else "open")
            answered.setdefault(answer.line.number, []).append((
                answer.where, answer.state, answer.comment,
                Kept(site, answer.line, state, answer.comment)))
    for number, given in answered.items():
        states = {state for _, state, _, _ in given if state is not None}
        if len(states) > 1:
            told.append(Problem(
                " and ".join(where for where, *_ in given),
                f"Query {number} is answered in different ways.", "Only one can be true.",
                "None is taken; leave one answer and check again."))
            continue
        decided = next((entry for _, state, _, entry in given if state is not None), given[0][3])
        earlier = kept[number].comment if number in kept else ""
        kept[number] = replace(decided, comment=_together(
            [earlier, *(comment for _, _, comment, _ in given)]))
    remarks = [*answers.remarks, *(
        (one.site or site_of.get(one.file, ""), text) for one in returned for text in one.remarks)]
    return Answers(kept, tuple(dict.fromkeys(remarks))), told


def _together(comments: Iterable[str]) -> str:
    """Return comments without those that another one repeats; none is lost."""
    told: list[str] = []
    for comment in filter(None, comments):
        if not any(comment in earlier for earlier in told):
            told = [earlier for earlier in told if earlier not in comment] + [comment]
    return "\n".join(told)


def counts_of(queries: Iterable[Query]) -> dict[State, int]:
    """Return how many queries are in each state."""
    found = [query.state for query in queries]
    return {state: found.count(state) for state in STATES}
