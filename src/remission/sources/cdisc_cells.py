"""One CDISC domain in preparation, and the cells of the built-in mapping that read it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remission.records.tables import TABLES
from remission.sources.cdisc_layout import Layout, layouts_of
from remission.sources.cdisc_sheets import (
    Preparation,
    column,
    has_values,
    with_cells,
    words_of,
)
from remission.sources.cdisc_terms import day_of
from remission.sources.mapping import AUTO_LAYOUT, Block, Cell, Condition
from remission.sources.sheet import Sheet

Prepared = tuple[Sheet, list[Block]]
"""A sheet made ready and the blocks of the mapping that read it."""


@dataclass(frozen=True)
class Domain:
    """A sheet of one domain, with study days and qualifiers in place.

    ``prefix`` is the two letters its variables begin with; ``has_ours`` tells that its
    supplemental qualifiers were written by this program and hold columns of ours.
    """

    prefix: str
    sheet: Sheet
    has_ours: bool
    preparation: Preparation

    def name(self, ending: str) -> str:
        """Return a variable of the domain: ``STDTC`` in AE is ``AESTDTC``."""
        return f"{self.prefix}{ending}"

    def cells(self, ending: str) -> list[str | None]:
        """Return the cells of a variable; empty ones where it is not there."""
        return column(self.sheet, self.name(ending))


def field_cell(sheet: Sheet, *names: str, date: bool = False) -> Cell | None:
    """Return a cell of the first of some columns, else of the next where that is empty.

    A column of dates is read though it holds none: each cell then says that it is not known.
    """
    chosen: Cell | None = None
    for name in reversed(names):
        if has_values(sheet, name) or (date and name in sheet.columns):
            chosen = Cell(field=name, date=AUTO_LAYOUT if date else None, otherwise=chosen)
    return chosen


def coded_cell(
    sheet: Sheet, name: str, known: Mapping[str, str], preparation: Preparation,
    *, otherwise: Cell | None = None, among: Sheet | None = None,
) -> Cell | None:
    """Return a cell whose words become our codes; a word that is none is unknown, and told.

    ``among`` are the rows that the block reads, where these are not all.
    """
    if not has_values(sheet, name):
        return otherwise
    codes = words_of(among or sheet, name, known, preparation)
    unknown = {word for word in column(sheet, name) if word is not None and word not in codes}
    return Cell(field=name, codes=codes, null=dict.fromkeys(sorted(unknown), "UNKNOWN"),
                otherwise=otherwise)


def is_one_of(name: str, words: Sequence[str]) -> Condition:
    """Return the condition that a column holds one of some words."""
    return Condition.model_validate({"field": name, "is": list(words)})


def block(
    table: str, sheet: Sheet, cells: Mapping[str, Cell | None], *when: Condition
) -> Block:
    """Return a block of the mapping, without the columns that the sheet does not give."""
    given = {name: cell for name, cell in cells.items() if cell is not None}
    return Block(TABLES[table], sheet.name, when, given, None)


def with_own_qualifiers(domain: Domain, blocks: list[Block]) -> Prepared:
    """Return sheet and blocks with the columns that our own export put into ``SUPP--``."""
    if not domain.has_ours:
        return domain.sheet, blocks
    sheet = domain.sheet
    made = []
    for one in blocks:
        layout = next(found for found in layouts_of(domain.prefix) if found.table is one.table)
        sheet, cells = _own_cells(sheet, layout)
        made.append(Block(one.table, one.sheet, one.when, {**one.cells, **cells}, None))
    return sheet, made


def _own_cells(sheet: Sheet, layout: Layout) -> tuple[Sheet, dict[str, Cell]]:
    cells: dict[str, Cell] = {}
    for own, name in layout.qualifiers:
        field = f"SUPP{layout.domain}.{name}"
        if not has_values(sheet, field):
            continue
        if own.kind == "day":
            sheet = with_cells(sheet, **{f"{field} (day)": list(map(
                _own_day, sheet.columns[field]))})
            field = f"{field} (day)"
        cells[own.name] = Cell(field=field, unit="%" if own.is_percent else None)
    return sheet, cells


def _own_day(text: str | None) -> str | None:
    """Return a study day as the day from the anchor; what is none as it stands, to be refused."""
    try:
        day = None if text is None else day_of(text)
    except ValueError:
        return text
    return None if day is None else str(day)


_WHY_NOT = {
    r"STUDYID|DOMAIN|RDOMAIN": "names the study or the domain",
    r"(..)?SEQ|SUBJID|ASEQ": "a number of the row; USUBJID names the child",
    r"VISIT(NUM|DY)?|EPOCH|AVISITN?|TAETORD": "the planned visit; the day itself is read",
    r"(AE|MH|CM)(LLT|HLT|HLGT|PT|BDSY|SOC)(CD)?|AESOC|AEBODSYS|MHBODSYS":
        "another level of the dictionary",
    r"AESEV|ASEVN?": "a word of severity; it is no grade of CTCAE",
    r"AES(CAN|CONG|DISAB|DTH|HOSP|LIFE|OD|MIE)": "why an event is serious; AESER is read",
    r"AEOUT|(AE|CM)EN(RF|RTPT)": "read to tell why an end is open",
    r"SUPPAE\.AETRTEM|TRTEMFL": "follows from the start of the event and the first dose",
    r"RF.*DTC|DTH(DTC|FL)|DMD(TC|Y)": "day 0, death and the last contact are read from them",
    r"..(SPID|GRPID|LNKID|LNKGRP|REFID)": "the sponsor's own number",
    r"ARMCD|ACTARMCD|ACTARM|TRT01[PA]N?": "ARM is read",
    r"..(TEST|TESTCD|STRESC|STRESN|STRESU|ORRES|ORRESU|STNRLO|STNRHI|ORNRLO|ORNRHI)":
        "read as test, value, unit and limits",
    r"..(NRIND|BLFL)": "follows from the values",
    r"RSEVAL(ID)?|RSACPTFL|RSCAT|..(OCCUR|STAT|PRESP)": "read to choose the rows",
}
"""Variables of these domains (patterns) and why nothing reads them."""


def reason_of(variable: str) -> str:
    """Return why a variable of CDISC is not read."""
    return next((why for pattern, why in _WHY_NOT.items() if re.fullmatch(pattern, variable)),
                "no column of this data model holds it")
