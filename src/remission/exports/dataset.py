"""One data set to be written: its rows, and what each of its variables means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from remission.definitions.definition import Variable
from remission.records.column import Column

Kind = Literal["text", "integer", "number"]
_STORED: Mapping[Kind, type[pl.DataType]] = {
    "text": pl.String, "integer": pl.Int64, "number": pl.Float64}


@dataclass(frozen=True)
class Meaning:
    """What one variable of a data set is.

    ``name`` has at most eight capitals and digits, as SAS transport files ask; ``of`` names the
    column of the study or of the cohort it comes from; ``rule`` says how it came about.
    """

    name: str
    label: str
    kind: Kind = "text"
    unit: str | None = None
    codes: Mapping[str, str] = field(default_factory=dict)
    of: str = ""
    rule: str = ""
    chosen: str | None = None
    reference: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Dataset:
    """A named table: what one row is, its variables in order, and the rows.

    ``qualifiers`` say what the QNAM of a set of supplemental qualifiers mean.
    """

    name: str
    label: str
    row: str
    meanings: tuple[Meaning, ...]
    frame: pl.DataFrame
    qualifiers: tuple[Meaning, ...] = ()

    @property
    def named(self) -> str:
        """The name of its files, without ending."""
        return self.name.lower()


def dataset(
    name: str, label: str, row: str, meanings: Sequence[Meaning],
    rows: Iterable[Mapping[str, Any]],
) -> Dataset:
    """Return a data set of rows given by the names of its variables; others are not in it."""
    listed = list(rows)
    frame = pl.DataFrame({
        meaning.name: pl.Series(
            meaning.name, [_fit(given.get(meaning.name), meaning.kind) for given in listed],
            dtype=_STORED[meaning.kind])
        for meaning in meanings})
    return Dataset(name, label, row, tuple(meanings), frame)


def _fit(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    return as_text(value) if kind == "text" else int(value) if kind == "integer" else float(value)


def as_text(value: Any) -> str:
    """Return a value as text: a whole float without its point, else all digits it has."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def of_column(name: str, column: Column, table: str, rule: str = "As recorded.") -> Meaning:
    """Return the meaning of a variable that is a column of the study."""
    kinds: Mapping[str, Kind] = {"integer": "integer", "day": "integer", "number": "number"}
    codes = {} if column.name == "test" else column.codes
    return Meaning(name, column.meaning.rstrip("."), kinds.get(column.kind, "text"), column.unit,
                   codes, f"{table}.{column.name}", rule)


def of_variable(name: str, variable: Variable, stored: object) -> Meaning:
    """Return the meaning of a variable that is a column of the cohort, stored as a type."""
    kind: Kind = "text"
    if variable.kind in ("number", "day"):
        kind = "integer" if stored == pl.Int64 else "number"
    return Meaning(
        name, variable.label, kind, variable.unit, variable.levels,
        f"cohort.{variable.grain}.{variable.name}", variable.rule, variable.chosen,
        variable.reference, variable.evidence)
