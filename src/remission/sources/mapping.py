"""The mapping: one TOML a centre that says which of its columns is which of ours.

A block ``[table]`` (or ``[[table]]``, several) writes at most one row of that table for each
row of a sheet; inside it, ``column = { field = "...", codes = {...}, unit = "...", ... }``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from remission.errors import InputError, Problem, RemissionError, did_you_mean, place
from remission.records.column import Column, Table
from remission.records.tables import TABLES
from remission.toml import Choices, Location, Model, Unfit, check_model, line_of, read_toml

Reason = Literal["NOT_DONE", "UNKNOWN", "NOT_ASKED", "NOT_APPLICABLE", "BELOW_LOD", "PENDING"]
ANY = "*"
"""In ``codes``: any other value that is not empty."""


def _names_a_day(layout: str) -> str:
    """Refuse a layout that leaves the year, the month or the day open."""
    parts = {"year": ("%Y", "%y"), "month": ("%m", "%b", "%B"), "day": ("%d",)}
    missing = [part for part, codes in parts.items() if not any(code in layout for code in codes)]
    if layout != AUTO_LAYOUT and missing and "%j" not in layout:
        raise Unfit(f"is the layout {layout!r}, which has no {' and no '.join(missing)}",
                    "Write all three, for example date = \"%d/%m/%Y\".")
    return layout


def _not_empty(text: str) -> str:
    if not text.strip():
        raise Unfit("must not be empty", "Write the name of the centre, in quotes.")
    return text


AUTO_LAYOUT = "auto"
"""As a date layout: a whole number is already a study day, anything else is YYYY-MM-DD."""

Layout = Annotated[str, AfterValidator(_names_a_day)]


class Condition(Choices):
    """When a row or a value is taken: a field is (not) one of some values, or is given at all."""

    field: str
    is_: tuple[str, ...] | None = Field(default=None, alias="is")
    is_not: tuple[str, ...] | None = None
    given: bool | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        if sum(test is not None for test in (self.is_, self.is_not, self.given)) != 1:
            raise ValueError("give exactly one of is, is_not or given")
        return self


class Cell(Choices):
    """Where one value comes from: a field of the sheet, a constant, or the row's number.

    ``otherwise`` is another cell, taken where this one is empty. ``partial`` is off where a date
    without its day is a mistake.
    """

    field: str | None = None
    constant: str | int | float | None = None
    row: bool = False
    width: int = Field(default=0, ge=0, le=12)
    codes: Mapping[str, str | int | float] = Field(default_factory=dict)
    null: Mapping[str, Reason] = Field(default_factory=dict)
    blank: Reason = "UNKNOWN"
    unit: str | None = None
    date: Layout | None = None
    partial: bool = True
    when: Condition | None = None
    otherwise: Cell | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Cell:
        given = (self.field is not None) + (self.constant is not None) + self.row
        if given != 1:
            raise ValueError("give exactly one of field, constant or row = true")
        return self


class SubjectId(Cell):
    """The child's identifier; with ``pseudonym`` the study gets another, the vault keeps which.

    ``numbered`` counts the children in the order they come, ``keyed`` makes the identifier from the
    key of the vault. Names of files, sheets and unmapped columns then stay in the vault too.
    """

    pseudonym: Literal["numbered", "keyed"] | None = None
    prefix: str | None = Field(default=None, pattern=r"^[A-Za-z0-9]{1,12}$")

    @model_validator(mode="after")
    def _of_a_field(self) -> SubjectId:
        if self.pseudonym is not None and self.field is None:
            raise ValueError("give field, the column of the record number, with pseudonym")
        return self


class Bin(Choices):
    """A range of a number (first that fits wins) and what the repeating column holds for it."""

    below: float | None = None
    at_most: float | None = None
    is_: str = Field(alias="is")


class Redundant(Choices):
    """A source column that repeats others: compared at import, disagreements become queries."""

    field: str
    of: tuple[str, ...] = Field(min_length=1)
    sheet: str | None = None
    codes: Mapping[str, str] = Field(default_factory=dict)
    bins: tuple[Bin, ...] = ()
    same: str | None = None
    different: str | None = None
    says: str = ""


class Anchor(Choices):
    """Where each subject's day 0 stands as a calendar date."""

    field: str
    date: Layout
    sheet: str | None = None
    subject: str | None = None


class Dates(Choices):
    """Dates that stay dates: the text columns named (``table.column``), moved by the key."""

    keep: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """One block of the mapping: the rows it writes into one table."""

    table: Table
    sheet: str | None
    when: tuple[Condition, ...]
    cells: Mapping[str, Cell]
    line: int | None


@dataclass(frozen=True)
class SiteMapping:
    """A whole mapping: site, the subject's identifier, blocks, and what is left out and why."""

    path: Path
    site: str
    subject_id: SubjectId
    anchor: Anchor | None
    decimal: str | None
    blocks: tuple[Block, ...]
    redundant: tuple[Redundant, ...]
    unmapped: Mapping[str, str]
    keep: tuple[str, ...] = ()
    thousands: str | None = None
    identifying: tuple[str, ...] = ()


class _Rows(Choices):
    """The rows that a block reads: those of a sheet, under one condition or several."""

    sheet: str | None = None
    when: tuple[Condition, ...] = ()

    @field_validator("when", mode="before")
    @classmethod
    def _one_is_several(cls, given: object) -> object:
        return (given,) if isinstance(given, dict) else given


class _Head(Choices):
    site: Annotated[str, AfterValidator(_not_empty)]
    subject_id: SubjectId
    anchor: Anchor | None = None
    identifying: tuple[str, ...] = ()
    decimal: Literal[".", ","] | None = None
    thousands: Literal[",", ".", " ", "'"] | None = None
    dates: Dates = Dates()
    redundant: tuple[Redundant, ...] = ()
    unmapped: Mapping[str, str] = Field(default_factory=dict)


def read_mapping(path: Path) -> SiteMapping:
    """Return the mapping written in a TOML file.

    Raises :class:`InputError` naming every key, table, column and code that does not exist.
    """
    values, text = read_toml(path)
    reader = _Reader(path, text)
    head = reader.checked(_Head, {k: v for k, v in values.items() if k not in TABLES}, ())
    blocks = [block for name in values if name in TABLES
              for block in reader.blocks(TABLES[name], values[name])]
    if head is not None:
        reader.problems.extend(_kept_dates(head.dates.keep, blocks, reader))
    if reader.problems or head is None:
        raise InputError(reader.problems)
    return SiteMapping(
        path=path, site=head.site, subject_id=head.subject_id, anchor=head.anchor,
        decimal=head.decimal, blocks=tuple(blocks), redundant=head.redundant,
        unmapped=head.unmapped, keep=head.dates.keep, thousands=head.thousands,
        identifying=head.identifying,
    )


@dataclass
class _Reader:
    """Reads the blocks of one file and keeps every problem, so that all are told together."""

    path: Path
    text: str
    problems: list[Problem] = dataclass_field(default_factory=list)

    def checked(self, model: type[Model], given: Any, at: Location) -> Model | None:
        """Return ``given`` as a model, or None after keeping what is wrong with it."""
        try:
            return check_model(model, given, self.text, self.path, at=at,
                               known=() if at else TABLES)
        except RemissionError as error:
            self.problems.extend(error.problems)
            return None

    def blocks(self, table: Table, given: Any) -> Iterable[Block]:
        """Yield the blocks of one table: one, or several where they are listed."""
        listed: list[tuple[Location, Any]] = [((table.name,), given)]
        if isinstance(given, list):
            listed = [((table.name, number), block) for number, block in enumerate(given)]
        for at, block in listed:
            if isinstance(block, dict):
                yield self.block(table, block, at)
            else:
                self.problems.append(Problem(
                    self.where(at), f"{table.name!r} must be a table, not {block!r}.", "",
                    f"Write [{table.name}], and below it a line for each column."))

    def block(self, table: Table, given: dict[str, Any], at: Location) -> Block:
        """Return one block; its unknown columns and wrong cells are kept as problems."""
        rows = self.checked(
            _Rows, {key: given[key] for key in _Rows.model_fields if key in given}, at) or _Rows()
        cells: dict[str, Cell] = {}
        for column, written in given.items():
            if column in _Rows.model_fields:
                continue
            cell = self.cell(table, column, written, (*at, column))
            if cell is not None:
                cells[column] = cell
        return Block(table, rows.sheet, rows.when, cells, line_of(self.text, at))

    def cell(self, table: Table, column: str, written: Any, at: Location) -> Cell | None:
        """Return one cell of a block; a bare value is a constant."""
        where = self.where(at)
        if column not in table.by_name:
            self.problems.append(Problem(
                where, f"{table.name} has no column {column!r}.", "",
                did_you_mean(column, table.by_name)))
            return None
        given = written if isinstance(written, dict) else {"constant": written}
        cell = self.checked(Cell, given, at)
        if cell is not None:
            self.problems.extend(_cell_problems(table.by_name[column], cell, where))
        return cell

    def where(self, at: Location) -> str:
        """Return the file and line of a key."""
        line = line_of(self.text, at)
        return place(str(self.path) if line is None else f"{self.path}, line {line}")


def _kept_dates(
    keep: tuple[str, ...], blocks: Iterable[Block], reader: _Reader
) -> Iterable[Problem]:
    """Yield a problem for each kept date that is no text column, and each date that is not kept."""
    where = reader.where(("dates", "keep"))
    texts = {f"{table.name}.{column.name}" for table in TABLES.values() for column in table.columns
             if column.kind == "text" and column.name not in table.key}
    for name in keep:
        if name not in texts:
            yield Problem(
                where, f"A date cannot be kept in {name!r}.",
                "A kept date is moved by a number of days that only the vault knows, and stands "
                "in a text column; day columns hold days from day 0 and need no date.",
                did_you_mean(name, texts))
    for block in blocks:
        for column, cell in block.cells.items():
            name = f"{block.table.name}.{column}"
            if cell.date is not None and block.table.by_name[column].kind == "text" and (
                    name not in keep):
                yield Problem(
                    place(str(reader.path)), f"{name} is text, and is given the layout of a date.",
                    "Study tables hold no calendar dates.",
                    f"Map it to a day column; or write [dates] with keep = [\"{name}\"], which "
                    "keeps the date moved by a number of days that only the vault knows.")


def _cell_problems(column: Column, cell: Cell, where: str) -> list[Problem]:
    problems = []
    if column.kind == "code":
        targets = [*cell.codes.values()] + ([cell.constant] if cell.constant is not None else [])
        problems = [
            Problem(where, f"{target!r} is not a code of {column.name}.", "",
                    did_you_mean(str(target), column.codes))
            for target in targets if str(target) not in column.codes
        ]
    if column.is_percent and cell.field is not None and cell.unit not in ("%", "fraction"):
        problems.append(Problem(
            where, f"{column.name} is mapped without saying whether it is percent or fraction.",
            "0.01 may be one hundredth of a percent or one percent.",
            'Write unit = "%" or unit = "fraction".',
        ))
    return problems
