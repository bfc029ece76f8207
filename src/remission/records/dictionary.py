"""The data dictionary as a page, written from the declared columns.

``python -m remission.records.dictionary FILE`` writes it; a test fails when the page is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from remission.records.checks import RULES
from remission.records.checks.values import fill
from remission.records.column import Column, Table
from remission.records.tables import CLINICAL_TABLES, SIDE_TABLES
from remission.units import TEST_UNITS

_KINDS = {
    "text": "text", "code": "code", "codes": "codes, joined by \\|", "integer": "whole number",
    "number": "number", "day": "study day",
}
_HEAD = """# Data dictionary

Generated from the declarations in `src/remission/records/`; do not edit by hand (`make docs`).

Every table begins with `subject_id`. Key columns are **bold**. A *study day* is a whole number of
days from the subject's anchor, which is day 0. An empty cell is null; why it is empty stands in
`null_reason`. Every row keeps where it came from in `_source` (`file:row`). `→` names the CDISC
SDTM domain. `subject` and `follow_up` are the core; every other table is optional.
"""


def dictionary_markdown() -> str:
    """Return the whole dictionary as Markdown."""
    parts = [_HEAD]
    parts.extend(_table(table) for table in (*CLINICAL_TABLES, *SIDE_TABLES))
    parts.append(_units())
    parts.append(_rules())
    return "\n".join(parts)


def _table(table: Table) -> str:
    domain = f" → {table.domain}" if table.domain else ""
    lines = [f"## {table.name}{domain}", "", table.meaning, "",
             "| column | type | unit | meaning | values |", "|---|---|---|---|---|"]
    lines.extend(_row(column, table) for column in table.columns)
    return "\n".join(lines) + "\n"


def _row(column: Column, table: Table) -> str:
    name = f"**{column.name}**" if column.name in table.key else f"`{column.name}`"
    unit = column.unit if column.unit and column.kind != "day" else ""
    return (f"| {name} | {_KINDS[column.kind]} | {unit} | {column.meaning} | "
            f"{_values(column)} |")


def _values(column: Column) -> str:
    if column.name == "test":
        return "see laboratory units"
    if column.codes:
        return "; ".join(f"`{code}` {label}" if label != code else f"`{code}`"
                         for code, label in column.codes.items())
    limits = [f"from {column.minimum:g}" if column.minimum is not None else "",
              f"to {column.maximum:g}" if column.maximum is not None else ""]
    return " ".join(part for part in limits if part)


def _units() -> str:
    lines = ["## Laboratory units", "",
             "The canonical unit stands first; the others are converted when read.", "",
             "| test | units |", "|---|---|"]
    lines.extend(f"| {test} | {', '.join(f'`{unit}`' for unit in units)} |"
                 for test, units in TEST_UNITS.items())
    return "\n".join(lines) + "\n"


def _rules() -> str:
    lines = ["## Rules", "", "Each broken rule is a query to the centre (`remission check`).", "",
             "| rule | why | what to do | source |", "|---|---|---|---|"]
    lines.extend(_rule_rows())
    return "\n".join(lines) + "\n"


def _rule_rows() -> Iterator[str]:
    for rule in RULES.values():
        source = "this page" if "data-dictionary" in rule.source else rule.source
        yield f"| `{rule.name}` | {fill(rule.why, {})} | {fill(rule.cure, {})} | {source} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(dictionary_markdown(), encoding="utf-8", newline="\n")
