"""Words of CDISC files beside our codes: tests, units, answers; read on the way in and out.

The words are those of CDISC controlled terminology where it has one; the rest are what sponsors
write. A word that is not here is listed and left empty, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from remission import units
from remission.records.column import Table
from remission.records.tables import TABLES

Words = Mapping[str, str]

SEX: Words = {"F": "F", "M": "M", "U": "U"}
YES_NO: Words = {"Y": "Y", "N": "N", "U": "U"}
RELATED: Words = {
    "Y": "Y", "N": "N", "U": "U", "RELATED": "Y", "PROBABLE": "Y", "POSSIBLE": "Y",
    "DEFINITE": "Y", "PROBABLY RELATED": "Y", "POSSIBLY RELATED": "Y", "DEFINITELY RELATED": "Y",
    "NONE": "N", "NOT RELATED": "N", "UNRELATED": "N", "REMOTE": "N", "UNLIKELY": "N",
    "UNLIKELY RELATED": "N", "DOUBTFUL": "N", "UNKNOWN": "U",
}
ACTION: Words = {
    "DOSE NOT CHANGED": "NONE", "DRUG INTERRUPTED": "INTERRUPTED",
    "DRUG WITHDRAWN": "DISCONTINUED", "DOSE CHANGED": "DOSE_CHANGED",
    "DOSE REDUCED": "DOSE_CHANGED", "DOSE INCREASED": "DOSE_CHANGED",
}
GRADE: Words = {str(grade): str(grade) for grade in range(1, 6)} | {
    f"GRADE {grade}": str(grade) for grade in range(1, 6)}
ONGOING: Words = {
    "ONGOING": "Y", "AFTER": "Y", "DURING": "Y", "COINCIDENT": "Y", "DURING/AFTER": "Y",
    "BEFORE": "N", "U": "U", "UNKNOWN": "U",
}
RESPONSE: Words = {
    "CR": "CR", "CRH": "CRH", "CRI": "CRI", "PR": "PR", "NR": "NR", "SD": "NR",
    "REFRACTORY DISEASE": "NR", "PD": "PD", "RELAPSE": "PD", "RELAPSED DISEASE": "PD", "NE": "NE",
}
SPECIMEN: Words = {
    "BLOOD": "BLOOD", "WHOLE BLOOD": "BLOOD", "SERUM": "SERUM", "BONE MARROW": "MARROW",
    "CEREBROSPINAL FLUID": "CSF", "CSF": "CSF",
}
MARROW_SPECIMEN: Words = {
    "BONE MARROW": "BM", "BLOOD": "PB", "PERIPHERAL BLOOD": "PB", "CEREBROSPINAL FLUID": "CSF",
}
ROUTE: Words = {
    "INTRAVENOUS": "IV", "INTRATHECAL": "IT", "ORAL": "PO", "SUBCUTANEOUS": "SC",
    "TOTAL BODY IRRADIATION": "TBI",
}
INFUSION_UNIT: Words = {
    "ug/m2/day": "ug/m2/d", "ug/m2/d": "ug/m2/d", "mcg/m2/day": "ug/m2/d", "ug/day": "ug/d",
    "ug/d": "ug/d", "mcg/day": "ug/d",
}
_AMOUNTS = {"ug/m2": "ug/m2/d", "mcg/m2": "ug/m2/d", "ug": "ug/d", "mcg": "ug/d"}
_A_DAY = {"QD", "CONTINUOUS", "Q24H", "PER DAY", "EVERY 24 HOURS"}
DOSE_UNIT: Words = {unit: unit for unit in TABLES["drug_dose"].by_name["unit"].codes}
LOST = ("LOST TO FOLLOW-UP", "LOST TO FOLLOW UP")
BLINATUMOMAB = re.compile(r"blinatumomab|blincyto|MT103|AMG 103", re.IGNORECASE)

OTHER_RESPONSE_CRITERIA = re.compile(
    r"RECIST|LUGANO|CHESON|IMWG|LYRIC|RANO|PCWG|iwCLL|GCIG|mRECIST|IRRC|PERCIST", re.IGNORECASE)
"""Criteria of other diseases: their CR is not that of a leukaemia."""

_WHOLE = re.compile(r"-?[0-9]{1,9}")
_GROUP_OF_TERM = (
    ("CRS", re.compile(r"cytokine release|cytokine storm", re.IGNORECASE)),
    ("ICANS", re.compile(r"effector cell.associated neurotox|^ICANS$", re.IGNORECASE)),
    ("TLS", re.compile(r"tumou?r lysis", re.IGNORECASE)),
    ("CYTOPENIA", re.compile(
        r"(neutrophil|platelet|lymphocyte|white blood cell).*decreas|neutropeni|thrombocytopeni|"
        r"leu[ck]openi|lymphopeni|pancytopeni|^an(a)?emia$", re.IGNORECASE)),
)
_GROUP_OF_SYSTEM = {
    "INFECTIONS AND INFESTATIONS": "INFECTION",
    "NERVOUS SYSTEM DISORDERS": "NEUROTOXICITY",
    "HEPATOBILIARY DISORDERS": "HEPATIC",
}


def group_of_event(term: str | None, system: str | None) -> str | None:
    """Return the group an adverse event is counted in: by its term, else its organ system."""
    for group, pattern in _GROUP_OF_TERM:
        if term and pattern.search(term):
            return group
    if system is None:
        return None
    return _GROUP_OF_SYSTEM.get(system.upper(), "OTHER")


def infusion_unit(written: str | None, frequency: str | None) -> str | None:
    """Return the unit of a continuous infusion: one of a day, or an amount that is given daily."""
    unit = (written or "").lower().replace("µ", "u")
    if frequency is not None and frequency.upper() in _A_DAY and unit in _AMOUNTS:
        return _AMOUNTS[unit]
    return INFUSION_UNIT.get(unit)


_STANDARD_TESTS = {
    "WBC": "WBC", "ANC": "NEUT", "ALC": "LYM", "PLT": "PLAT", "HGB": "HGB", "RBC": "RBC",
    "ALT": "ALT", "AST": "AST", "GGT": "GGT", "BILIRUBIN": "BILI", "CREATININE": "CREAT",
    "URATE": "URATE", "POTASSIUM": "K", "PHOSPHATE": "PHOS", "CALCIUM": "CA",
    "FIBRINOGEN": "FIBRINO", "CRP": "CRP", "FERRITIN": "FERRITIN", "IGG": "IGG", "IGA": "IGA",
    "IGM": "IGM", "CD3": "CD3", "CD4": "CD4", "CD8": "CD8", "CD19": "CD19",
    "CD3_PERCENT": "CD3LY", "CD4_PERCENT": "CD4LY", "CD8_PERCENT": "CD8LY",
    "CD19_PERCENT": "CD19LY", "WEIGHT": "WEIGHT", "HEIGHT": "HEIGHT",
}
_OF_SPINAL_FLUID = {"CSF_WBC": "WBC", "CSF_RBC": "RBC", "CSF_PROTEIN": "PROT",
                    "CSF_ALBUMIN": "ALB"}
_ALSO_WRITTEN = {"ANC": "ANC", "NEUTRO": "ANC", "ALC": "ALC", "PLT": "PLT", "HB": "HGB",
                 "BILIRUB": "BILIRUBIN", "SGPT": "ALT", "SGOT": "AST", "CREATIN": "CREATININE"}


def short_name(name: str, taken: frozenset[str] | set[str] = frozenset(), most: int = 8) -> str:
    """Return a name of at most eight capitals and digits that no other has taken.

    Vowels go first, then the end; where that is taken a number takes the last place.
    """
    plain = re.sub(r"[^A-Z0-9]", "", name.upper())
    if len(plain) > most:
        plain = plain[0] + re.sub(r"[AEIOU]", "", plain[1:])
    plain = plain[:most]
    if not plain[:1].isalpha():
        plain = f"V{plain}"[:most]
    chosen, number = plain, 1
    while chosen in taken:
        number += 1
        chosen = f"{plain[:most - len(str(number))]}{number}"
    return chosen


def _test_codes() -> dict[str, str]:
    codes = {**_STANDARD_TESTS, **_OF_SPINAL_FLUID}
    for test in units.TEST_UNITS:
        if test not in codes:
            codes[test] = short_name(test, set(codes.values()))
    return codes


TEST_CODES: Words = MappingProxyType(_test_codes())
"""Our test → LBTESTCD or VSTESTCD; those CDISC has no code for bear a short form of our own."""

_TEST_OF = {**_ALSO_WRITTEN, **{code: test for test, code in TEST_CODES.items()
                                if test not in _OF_SPINAL_FLUID}}
_TEST_OF_SPINAL_FLUID = {code: test for test, code in _OF_SPINAL_FLUID.items()}


def test_named(code: str, specimen: str | None) -> str | None:
    """Return our test for a code of a laboratory or vital-signs domain; None if there is none."""
    if specimen is not None and SPECIMEN.get(specimen.upper()) == "CSF":
        return _TEST_OF_SPINAL_FLUID.get(code.upper())
    return _TEST_OF.get(code.upper())


def specimen_of_test(test: str) -> str | None:
    """Return the specimen that parts a test of ours from another with the same code."""
    return "CEREBROSPINAL FLUID" if test in _OF_SPINAL_FLUID else None


_UNIT_WORDS = {
    "GI/L": "10*9/L", "10^9/L": "10*9/L", "THOU/UL": "10*3/uL", "10^3/UL": "10*3/uL",
    "TI/L": "10*12/L", "10^12/L": "10*12/L", "MIL/UL": "10*6/uL", "FRACTION": "fraction",
    "LB": "lb", "IU/L": "U/L", "MCG/L": "ug/L",
}


def unit_of(written: str) -> str:
    """Return a unit of a CDISC file as it is written here; an unknown one unchanged."""
    return units.spelled(_UNIT_WORDS.get(written.upper(), written))


def has_unit(test: str, written: str | None) -> bool:
    """Return whether a test of ours can have a unit as a CDISC file writes it."""
    return written is not None and units.ratio_to_canonical(test, unit_of(written)) is not None


def qualifier_names(table: Table) -> dict[str, str]:
    """Return column → QNAM: the name under which a supplemental qualifier carries it."""
    names: dict[str, str] = {}
    for column in table.columns:
        names[column.name] = short_name(column.name, set(names.values()))
    return names


def day_of(study_day: str) -> int | None:
    """Return the day from the anchor that a CDISC study day (``--DY``) is; None for day 0.

    Raises ``ValueError`` for a text that is no whole number.
    """
    number = whole_number(re.sub(r"\.0*$", "", study_day.strip()))
    if number is None:
        raise ValueError(f"{study_day!r} is no whole number")
    return None if number == 0 else number - 1 if number > 0 else number


def whole_number(text: str | None) -> int | None:
    """Return a text as a whole number; None where it is none."""
    return int(text) if text is not None and _WHOLE.fullmatch(text) else None


def study_day_of(day: int) -> int:
    """Return the CDISC study day of a day from the anchor: there is no day 0."""
    return day + 1 if day >= 0 else day
