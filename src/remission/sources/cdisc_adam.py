"""ADaM without SDTM: ADSL, ADAE and ADLB are read as the domains they were made from.

Source: CDISC Analysis Data Model Implementation Guide, version 1.3. Values that the trial derived
by its own rules (times to events, best responses, flags, imputed dates) are no records: they are
told and left out. Days count from TRTSDT, the first treatment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from remission.sources.cdisc_sdtm import CdiscSource, prepared_source
from remission.sources.cdisc_sheets import (
    SUBJECT,
    Preparation,
    column,
    each,
    has_values,
    with_cells,
    without,
    without_na,
)
from remission.sources.sheet import Sheet, Source

_SETS = ("adsl", "adae", "adlb")
_PRECISION = {"Y": None, "M": 4, "D": 7}
"""Imputation flag → letters of the ISO date that were not imputed."""
_UNIT = re.compile(r"\(([^()]+)\)\s*$")


def is_adam(source: Source) -> bool:
    """Return whether there is an ADSL among the sheets."""
    return any(_set_of(sheet) == "adsl" for sheet in source.sheets.values())


def adam_source(source: Source) -> CdiscSource:
    """Return the sheets of an ADaM study made ready, with the mapping that reads them."""
    preparation = Preparation()
    sheets = []
    for sheet in source.sheets.values():
        name = _set_of(sheet)
        if name is None:
            preparation.set_aside(
                sheet.file, len(sheet.cells), "of ADaM only ADSL, ADAE and ADLB are records; what "
                "a trial derived by its own rules is derived anew")
            continue
        sheets.append(_READERS[name](without_na(sheet, preparation), preparation))
    return prepared_source(source, sheets, preparation, model="ADaM")


def _set_of(sheet: Sheet) -> str | None:
    """Return which data set a sheet is, by the end of its name: ``adam_adsl`` is ``adsl``."""
    if SUBJECT not in sheet.columns:
        return None
    return next((name for name in _SETS if re.fullmatch(
        rf"(.*[^a-z])?{name}", sheet.name.lower())), None)


def _first(sheet: Sheet, *names: str) -> list[str | None]:
    """Return the first of some columns that is filled, row by row."""
    return each(sheet, lambda *cells: next((cell for cell in cells if cell), None), *names)


def _subjects(sheet: Sheet, _: Preparation) -> Sheet:
    """Return ADSL as DM: day 0 is the first treatment."""
    units = [unit or "YEARS" for unit in column(sheet, "AGEU")]
    made = with_cells(
        sheet, DOMAIN=["DM"] * len(sheet.cells), AGEU=units,
        RFSTDTC=_first(sheet, "TRTSDT", "TRTSDTM"),
        DTHDTC=_first(sheet, "DTHDT", "DTHDTC"),
        RFPENDTC=_first(sheet, "LSTALVDT", "RFPENDTC", "EOSDT", "RFENDT"),
        DTHFL=column(sheet, "DTHFL"), ARM=_first(sheet, "ARM", "TRT01P", "ACTARM"))
    return _without_empty(made, "DTHDTC", "RFPENDTC", "ARM")


def _without_empty(sheet: Sheet, *names: str) -> Sheet:
    return without(sheet, [name for name in names if not has_values(sheet, name)])


def _events(sheet: Sheet, preparation: Preparation) -> Sheet:
    """Return ADAE as AE, with the part of each imputed date that was known."""
    made = with_cells(sheet, DOMAIN=["AE"] * len(sheet.cells))
    for stem in ("ST", "EN"):
        date, day, flag = f"A{stem}DT", f"A{stem}DY", f"A{stem}DTF"
        imputed = sum(cell is not None for cell in column(sheet, flag))
        if imputed:
            preparation.said.append(
                f"{sheet.file}: {imputed} of {date} were imputed ({flag}); only the part that "
                "was known is read")
        known = each(sheet, _known_part, date, flag, f"AE{stem}DTC")
        days = each(sheet, lambda text, mark: None if mark else text, day, flag)
        made = without(
            with_cells(made, **{f"AE{stem}DTC": known, f"AE{stem}DY": days}), [date, day, flag])
        made = _without_empty(made, f"AE{stem}DTC", f"AE{stem}DY")
    return made


def _known_part(date: str | None, flag: str | None, written: str | None) -> str | None:
    """Return a date as collected, else the analysis date down to what was not imputed."""
    if written is not None or date is None:
        return written
    known = _PRECISION.get(flag) if flag else len(date)
    return date[:known] if known is not None else None


def _values(sheet: Sheet, preparation: Preparation) -> Sheet:
    """Return ADLB as LB: the analysis value with its unit, or the result it was made from."""
    sheet = preparation.kept(
        sheet, [kind is None for kind in column(sheet, "DTYPE")],
        "derived rows of the analysis (DTYPE)")
    units = each(sheet, lambda unit, words: unit or _unit_in(words), "AVALU", "PARAM")
    made = with_cells(
        sheet, DOMAIN=["LB"] * len(sheet.cells), LBDTC=_first(sheet, "ADT", "LBDTC"),
        LBDY=_first(sheet, "ADY", "LBDY"),
        LBTESTCD=_first(sheet, "LBTESTCD", "PARAMCD"), LBSTRESC=_first(sheet, "AVAL", "LBSTRESC"),
        LBSTRESU=_first(with_cells(sheet, unit=units), "unit", "LBSTRESU"),
        LBSTNRLO=_first(sheet, "ANRLO", "LBSTNRLO"), LBSTNRHI=_first(sheet, "ANRHI", "LBSTNRHI"))
    return without(made, ["ADT", "ADY", "AVAL", "AVALU", "ANRLO", "ANRHI", "PARAMCD"])


def _unit_in(words: str | None) -> str | None:
    """Return the unit at the end of a parameter: ``Haemoglobin (g/L)``."""
    match = _UNIT.search(words or "")
    return match.group(1) if match else None


_READERS: Mapping[str, Callable[[Sheet, Preparation], Sheet]] = {
    "adsl": _subjects, "adae": _events, "adlb": _values}
