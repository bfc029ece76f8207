"""Variables taken as recorded: coded and numeric columns of the subject and the index graft.

They need no rule; the declared column says what they mean. ``U`` (asked, not known) is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

import narwhals.stable.v2 as nw

from remission.definitions.definition import Kind, Variable
from remission.definitions.inputs import Lazy
from remission.definitions.transplant import index_grafts
from remission.records.column import SOURCE, Column
from remission.records.study import Study
from remission.records.tables import TABLES

RECORDED_TABLES = ("subject", "transplant", "follow_up")
"""Tables with one row a subject, or of which one row (the index graft) is the subject's."""
_LEFT_OUT = {
    "subject_id", "site_id", "country", "index_event", "transplant_no",
    "death_day", "last_contact_day",  # endpoints and the definition of death carry these
}


def recorded_variables() -> Iterator[tuple[str, Column, Variable]]:
    """Yield (table, column, variable) of every column that can be analysed as it stands."""
    for table in RECORDED_TABLES:
        for column in TABLES[table].columns:
            if column.name in _LEFT_OUT or column.kind in ("text", "codes"):
                continue
            yield table, column, _variable(table, column)


def _variable(table: str, column: Column) -> Variable:
    kinds: dict[str, Kind] = {"code": "category", "integer": "number", "number": "number",
                              "day": "day"}
    name = f"{table}_day" if column.name == "day" else column.name
    levels = {code: label for code, label in column.codes.items() if code != "U"}
    is_yes_no = list(levels) == ["Y", "N"]
    return Variable(
        name=name, label=column.meaning.rstrip("."),
        kind="yes_no" if is_yes_no else kinds[column.kind],
        rule=f"As recorded by the centre: {column.meaning.rstrip('.')}", unit=column.unit,
        levels=levels,
        reference=f"As recorded by the centre ({table}.{column.name}).",
        row_column=f"_{table}_row",
    )


def recorded_frame(study: Study, table: str) -> Lazy:
    """Return ``subject_id``, the analysable columns and the row of one table, a row a subject."""
    frame = study.table(table).lazy()
    if table == "transplant":
        frame = frame.join(index_grafts(frame).select("subject_id", "transplant_no"),
                           on=["subject_id", "transplant_no"])
    columns = [
        _known(column).alias(variable.name)
        for where, column, variable in recorded_variables() if where == table
    ]
    return frame.select("subject_id", *columns, nw.col(SOURCE).alias(f"_{table}_row"))


def _known(column: Column) -> nw.Expr:
    """Return the column, null where it says 'asked, but unknown'."""
    if "U" not in column.codes:
        return nw.col(column.name)
    return nw.when(nw.col(column.name) != "U").then(nw.col(column.name))
