"""Document → one self-contained html file that works offline, on paper and on a phone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from remission.analyses.results import Results
from remission.definitions.cohort import Cohort
from remission.records.checks import Query
from remission.report.drawn import DRAWN
from remission.report.explain import Explanation, explain, numbers_of
from remission.report.parts import Document
from remission.report.spans import Span, spans_of


def report_html(
    document: Document, cohort: Cohort, results: Results, queries: Sequence[Query],
    drawings: Mapping[str, str],
) -> str:
    """Return the page. ``drawings`` maps a figure's address to its SVG text."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    page = files("remission.report") / "page"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True)
    environment.filters["spans"] = lambda spans: Markup("".join(_span(span) for span in spans))
    environment.filters["cell"] = lambda cell: Markup(
        "".join(map(_span, spans_of(cell))))
    environment.filters["kind"] = lambda part: (
        "Figure" if isinstance(part, DRAWN) else type(part).__name__)
    template = environment.from_string((page / "report.html").read_text("utf-8"))
    explanations = {
        number.address: explain(number, cohort, results, queries)
        for number in numbers_of(document)
    }
    return template.render(
        document=document, people=cohort.plan.study.people,
        style=Markup((page / "report.css").read_text("utf-8")),
        script=Markup((page / "report.js").read_text("utf-8")),
        answers=Markup(_answers(explanations, cohort)),
        drawings={address: Markup(svg[svg.index("<svg"):]) for address, svg in drawings.items()},
    )


def _span(span: Span) -> str:
    if isinstance(span, str):
        return escape(span)
    # No button: a line of text cannot break within one, nor keep it beside what comes before.
    return (f'<span role="button" tabindex="0" class="number" id="{escape(span.address)}">'
            f"{escape(span.text)}</span>")


def _answers(explanations: Mapping[str, Explanation], cohort: Cohort) -> str:
    """Return the data of the panel as JSON: children once, rows once a column, rules once."""
    position = {subject: index for index, subject in enumerate(cohort.study.subjects)}
    rules: dict[tuple[str, str, str], int] = {}
    columns: dict[str, list[str | None]] = {}
    numbers: dict[str, Any] = {}
    for address, answer in explanations.items():
        rule = rules.setdefault((answer.rule, answer.reference, answer.evidence), len(rules))
        if answer.row_column not in columns:
            columns[answer.row_column] = _rows(cohort, answer.row_column)
        numbers[address] = {
            "h": answer.head, "p": answer.place, "s": list(answer.says), "r": rule,
            "t": list(answer.test), "i": [position[s] for s in answer.subjects if s in position],
            "c": answer.row_column, **({"w": list(answer.rows)} if answer.rows else {}),
        }
    names, packed = _packed(columns)
    text = json.dumps({
        "people": cohort.plan.study.people, "subjects": list(cohort.study.subjects),
        "files": names, "rows": packed,
        "rules": [list(rule) for rule in rules], "numbers": numbers,
    }, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _rows(cohort: Cohort, column: str) -> list[str | None]:
    return cohort.column(column) if cohort.has(column) else [None] * len(cohort.subjects)


def _packed(
    columns: Mapping[str, list[str | None]],
) -> tuple[list[str], dict[str, list[list[int] | None]]]:
    """Return (file names, column → [file index, row] of each subject)."""
    names: dict[str, int] = {}
    packed: dict[str, list[list[int] | None]] = {}
    for column, sources in columns.items():
        rows: list[list[int] | None] = []
        for source in sources:
            file, _, row = (source or "").rpartition(":")
            rows.append([names.setdefault(file, len(names)), int(row)] if file else None)
        packed[column] = rows
    return list(names), packed
