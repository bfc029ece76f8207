"""What a mapping reads of a centre's files and what it leaves: for the person who corrects it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remission.records.tables import CLINICAL_TABLES
from remission.sources.drafting.draft import LIKELY, Draft
from remission.sources.importing import EMPTY_COLUMN, fields_used, unmapped_columns
from remission.sources.mapping import ANY, Block, Cell, SiteMapping
from remission.sources.sheet import Source


@dataclass(frozen=True)
class ReadColumn:
    """A column of the centre that is read, by what, and how many of its cells hold something."""

    sheet: str
    field: str
    by: tuple[str, ...]
    filled: int


@dataclass(frozen=True)
class UnnamedCodes:
    """Values that a mapping names neither as codes nor as null: the import would stop at them."""

    sheet: str
    field: str
    column: str
    values: Mapping[str, int]


@dataclass(frozen=True)
class Doubt:
    """A column that is read as one thing and looks like another."""

    sheet: str
    field: str
    read_as: str
    looks_like: str


@dataclass(frozen=True)
class Review:
    """Columns read and left, values not named, and what of the data model is covered.

    ``unmapped`` maps ``sheet.column`` to the reason given; ``covered`` holds ``table.column`` and
    ``laboratory.TEST``.
    """

    read: tuple[ReadColumn, ...]
    unmapped: Mapping[str, str]
    doubts: tuple[Doubt, ...]
    unnamed: tuple[UnnamedCodes, ...]
    covered: frozenset[str]
    cells: int
    cells_read: int

    @property
    def share_read(self) -> float:
        """The share of filled cells in columns that the mapping reads."""
        return self.cells_read / self.cells if self.cells else 0.0

    @property
    def not_covered(self) -> tuple[str, ...]:
        """The columns of the data model that nothing is written into, as ``table.column``."""
        columns = (f"{table.name}.{column.name}" for table in CLINICAL_TABLES
                   for column in table.columns if column.name not in table.key)
        return tuple(name for name in columns if name not in self.covered)


def review_mapping(source: Source, mapping: SiteMapping, draft: Draft) -> Review:
    """Return what a mapping reads and leaves; ``draft`` is what would be drafted today."""
    read = tuple(_read(source, mapping))
    sheets = source.sheets.values()
    return Review(
        read=read, unmapped=unmapped_columns(source, mapping),
        doubts=tuple(_doubts(source, mapping, draft)),
        unnamed=tuple(_unnamed(source, mapping)), covered=frozenset(_covered(source, mapping)),
        cells=sum(_filled(source, sheet.name, name) for sheet in sheets
                  for name in sheet.cells.columns),
        cells_read=sum(column.filled for column in read),
    )


def reasons_missing(review: Review) -> list[str]:
    """Return the columns that nothing reads and for which no reason is given."""
    return [name for name, reason in review.unmapped.items() if not reason]


def left_with_values(review: Review) -> dict[str, str]:
    """Return the columns that nothing reads, with their reasons, but for empty ones."""
    return {name: reason for name, reason in review.unmapped.items() if reason != EMPTY_COLUMN}


def _filled(source: Source, sheet: str, field: str) -> int:
    cells = source.sheets[sheet].cells
    return len(cells) - cells[field].null_count()


def _read(source: Source, mapping: SiteMapping) -> Iterator[ReadColumn]:
    uses: dict[tuple[str, str], list[str]] = {}
    for sheet, field, use in fields_used(mapping):
        name = sheet or source.only_sheet() or ""
        if name in source.sheets and field in source.sheets[name].columns:
            found = uses.setdefault((name, field), [])
            if use not in found:
                found.append(use)
    for sheet_name, found_sheet in source.sheets.items():
        for field in found_sheet.cells.columns:
            if by := uses.get((sheet_name, field)):
                yield ReadColumn(sheet_name, field, tuple(by), _filled(source, sheet_name, field))


def _own_cells(source: Source, mapping: SiteMapping) -> Iterator[tuple[str, Block, str, Cell]]:
    """Yield (sheet, block, column, cell) for every cell that reads a column which is there."""
    for block in mapping.blocks:
        sheet = block.sheet or source.only_sheet() or ""
        for column, cell in block.cells.items():
            if cell.field is not None and sheet in source.sheets and (
                    cell.field in source.sheets[sheet].columns):
                yield sheet, block, column, cell


def _unnamed(source: Source, mapping: SiteMapping) -> Iterator[UnnamedCodes]:
    for sheet, block, column, cell in _own_cells(source, mapping):
        declared = block.table.by_name[column]
        if ANY in cell.codes or not (cell.codes or declared.codes) or cell.when is not None:
            continue
        known = set(cell.codes) if cell.codes else set(declared.codes)
        counts: dict[str, int] = {}
        for value in source.sheets[sheet].columns[str(cell.field)]:
            is_named = value is None or value in cell.null or value in known or (
                declared.kind == "codes" and not cell.codes
                and {part.strip() for part in value.split("|")} <= known)
            if not is_named:
                counts[str(value)] = counts.get(str(value), 0) + 1
        if counts:
            yield UnnamedCodes(sheet, str(cell.field), f"{block.table.name}.{column}", counts)


def _covered(source: Source, mapping: SiteMapping) -> Iterator[str]:
    for block in mapping.blocks:
        for column, cell in block.cells.items():
            yield f"{block.table.name}.{column}"
            if block.table.name == "laboratory" and column == "test":
                if cell.constant is not None:
                    yield f"laboratory.{cell.constant}"
                yield from (f"laboratory.{test}" for test in cell.codes.values())
                if cell.field is not None and not cell.codes:
                    sheet = block.sheet or source.only_sheet() or ""
                    values = source.sheets[sheet].columns.get(cell.field, []) if (
                        sheet in source.sheets) else []
                    yield from (f"laboratory.{test}" for test in sorted(
                        {value for value in values if value}))


def _doubts(source: Source, mapping: SiteMapping, draft: Draft) -> Iterator[Doubt]:
    """Yield the columns whose draft is likely and names no column that the mapping writes."""
    written: dict[tuple[str, str], set[str]] = {}
    for sheet, block, column, cell in _own_cells(source, mapping):
        written.setdefault((sheet, str(cell.field)), set()).add(f"{block.table.name}.{column}")
    drafted: dict[tuple[str, str], set[str]] = {}
    for block_drafted, column, line in draft.lines:
        if line.field is not None and line.sure >= LIKELY:
            drafted.setdefault((block_drafted.sheet, line.field), set()).add(
                f"{block_drafted.table}.{column}")
    for place, as_written in written.items():
        likely = drafted.get(place, set())
        if likely and not likely & as_written:
            yield Doubt(*place, ", ".join(sorted(as_written)), ", ".join(sorted(likely)))
