"""EX: the infusions of blinatumomab, numbered within cycles, and other drugs of a trial."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import date

from remission.sources import cdisc_terms as terms
from remission.sources.cdisc_cells import (
    Domain,
    Prepared,
    block,
    field_cell,
    is_one_of,
    with_own_qualifiers,
)
from remission.sources.cdisc_domains import TABLE, drug_cells, happened
from remission.sources.cdisc_sheets import (
    SUBJECT,
    Preparation,
    column,
    counted,
    each,
    rows_of,
    with_cells,
)
from remission.sources.mapping import Cell
from remission.sources.sheet import Sheet

DOSE, UNIT = "dose of the infusion", "unit of the infusion"


def exposures(domain: Domain) -> Prepared:
    """Return EX: blinatumomab as infusions; where the study gave none, its own treatment.

    Other drugs of EX go to ``drug_dose``. Segments are numbered within cycles; a cycle is the one
    the file names, else a new one begins after more than 7 days without treatment.
    """
    domain = happened(domain)
    sheet = domain.sheet
    is_ours = [terms.BLINATUMOMAB.search(drug or "") is not None for drug in domain.cells("TRT")]
    names_it = any(is_ours)
    if not names_it and is_ours:
        drugs = counted(Counter(drug or "(empty)" for drug in domain.cells("TRT")))
        domain.preparation.said.append(
            f"{sheet.file}: no blinatumomab; the study's own treatment is read as 'exposure' "
            f"without its dose, and as 'drug_dose' with it: {drugs}")
    sheet = with_cells(sheet, **{TABLE: [
        "exposure" if own or not names_it else "drug_dose" for own in is_ours]})
    sheet = _with_cycles(sheet)
    if names_it:
        sheet = _with_doses(sheet, is_ours, domain.preparation)
    infusions = block("exposure", sheet, {
        "cycle_no": Cell(field=CYCLE), "segment_no": Cell(field=SEGMENT),
        "dose": field_cell(sheet, DOSE), "dose_unit": field_cell(sheet, UNIT),
        "start_day": field_cell(sheet, "EXSTDTC", date=True),
        "end_day": field_cell(sheet, "EXENDTC", date=True),
    }, is_one_of(TABLE, ["exposure"]))
    domain = replace(domain, sheet=sheet)
    if all(is_ours):
        return with_own_qualifiers(domain, [infusions])
    others = block("drug_dose", sheet, drug_cells(
        domain, "TRT", among=rows_of(sheet, [not own for own in is_ours])),
        *([is_one_of(TABLE, ["drug_dose"])] if names_it else []))
    return sheet, [infusions, others]


def _with_doses(sheet: Sheet, is_ours: list[bool], preparation: Preparation) -> Sheet:
    """Return EX with dose and unit of the infusions; a dose of another unit is told and empty."""
    units = each(sheet, terms.infusion_unit, "EXDOSU", "EXDOSFRQ")
    written = column(sheet, "EXDOSU")
    unread = Counter(word or "" for word, unit, own in zip(written, units, is_ours, strict=True)
                     if own and unit is None and word is not None)
    if unread:
        preparation.said.append(
            f"{sheet.file}: doses of blinatumomab are read in micrograms a day, by body surface "
            f"or not; those of another EXDOSU are left empty: {counted(unread)}")
    doses = [dose if unit is not None or word is None else None for dose, unit, word in zip(
        column(sheet, "EXDOSE"), units, written, strict=True)]
    return with_cells(sheet, **{DOSE: doses, UNIT: units})


CYCLE, SEGMENT = "cycle", "segment"
_NEW_CYCLE_BEYOND = 7
"""Days without infusion after which a new cycle begins (the label's rule of interruptions:
``definitions/criteria/dosing.toml``, interruption.us_label); for files that name no cycle."""
_CYCLE_NAMED = re.compile(r"\bCYCLE\s*(\d+)", re.IGNORECASE)


def _with_cycles(sheet: Sheet) -> Sheet:
    """Return EX with the cycle of each row and its number within it."""
    cycles: list[str | None] = [None] * len(sheet.cells)
    segments: list[str | None] = [None] * len(sheet.cells)
    named = each(sheet, lambda *texts: next(
        (match.group(1) for text in texts if text and (match := _CYCLE_NAMED.search(text))), None),
        "EXCYCLE", "EPOCH", "VISIT")
    rows: dict[tuple[str, str], list[int]] = {}
    for index, (subject, table) in enumerate(zip(
            sheet.columns[SUBJECT], sheet.columns[TABLE], strict=True)):
        rows.setdefault((subject or "", table or ""), []).append(index)
    starts, ends = (list(map(_ordinal, column(sheet, name))) for name in ("EXSTDTC", "EXENDTC"))
    for of_subject in rows.values():
        ordered = sorted(of_subject, key=lambda index: (starts[index] is None, starts[index] or 0))
        cycle, last, numbers = 1, None, Counter[str]()
        for index in ordered:
            begins = starts[index]
            if last is not None and begins is not None and begins - last - 1 > _NEW_CYCLE_BEYOND:
                cycle += 1
            cycles[index] = named[index] or str(cycle)
            numbers[cycles[index] or ""] += 1
            segments[index] = str(numbers[cycles[index] or ""])
            last = max((day for day in (last, ends[index], begins) if day is not None),
                       default=None)
    return with_cells(sheet, **{CYCLE: cycles, SEGMENT: segments})


def _ordinal(cell: str | None) -> int | None:
    """Return a day as a number that can be subtracted: dates and study days are never mixed."""
    number = terms.whole_number(cell)
    if number is not None or cell is None:
        return number
    try:
        return date.fromisoformat(cell).toordinal()
    except ValueError:
        return None  # no date: refused with its row when it is read
