"""SDTM: the domains of a study become sheets that a built-in mapping reads.

Source: CDISC Study Data Tabulation Model Implementation Guide, version 3.4 (variables, ``--DY``
without a day 0, supplemental qualifiers); RFPENDTC is there the last known date of contact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from remission.errors import Problem
from remission.sources.cdisc_cells import Domain, Prepared, reason_of
from remission.sources.cdisc_domains import (
    adverse_events,
    disease_and_gvhd,
    drugs_and_lines,
    findings_of_ours,
    histories,
    procedures,
    responses,
)
from remission.sources.cdisc_exposure import exposures
from remission.sources.cdisc_results import laboratory_values
from remission.sources.cdisc_sheets import (
    SUBJECT,
    Preparation,
    column,
    with_days,
    with_qualifiers,
    without_na,
)
from remission.sources.cdisc_subjects import (
    ANCHOR,
    anchors_of,
    failed_screening,
    subjects_and_follow_up,
)
from remission.sources.date_texts import ISO
from remission.sources.mapping import Anchor, Block, SiteMapping, SubjectId
from remission.sources.sheet import Sheet, Source

OURS = "REMISSION"
"""As QEVAL: a supplemental qualifier that this program wrote, with a column of ours."""

_READERS: Mapping[str, Callable[[Domain], Prepared]] = {
    "EX": exposures, "AE": adverse_events, "LB": laboratory_values, "VS": laboratory_values,
    "MH": histories, "CM": drugs_and_lines, "PR": procedures, "RS": responses,
    "CE": disease_and_gvhd, "GF": findings_of_ours, "QS": findings_of_ours,
}


@dataclass(frozen=True)
class CdiscSource:
    """Sheets that a built-in mapping reads, and the account of what was not taken."""

    source: Source
    mapping: SiteMapping
    preparation: Preparation


def is_sdtm(source: Source) -> bool:
    """Return whether the sheets are the domains of a study: one of them is DM."""
    return any(domain_of(sheet) == "DM" for sheet in source.sheets.values())


def domain_of(sheet: Sheet) -> str | None:
    """Return the domain of a sheet: what its only DOMAIN, or RDOMAIN, says; ``SUPPAE`` too."""
    for name, before in (("DOMAIN", ""), ("RDOMAIN", "SUPP")):
        words = {word for word in column(sheet, name) if word is not None}
        if len(words) == 1 and (name == "DOMAIN" or "QNAM" in sheet.columns):
            return before + words.pop().upper()
    return None


def sdtm_source(source: Source) -> CdiscSource:
    """Return the sheets of an SDTM study made ready, with the mapping that reads them."""
    preparation = Preparation()
    return prepared_source(
        source, [without_na(sheet, preparation) for sheet in source.sheets.values()], preparation)


def prepared_source(
    source: Source, sheets: Iterable[Sheet], preparation: Preparation, *, model: str = "SDTM"
) -> CdiscSource:
    """Return sheets, each a domain by its DOMAIN, made ready with the mapping that reads them."""
    sheets = list(sheets)
    subjects = [sheet for sheet in sheets if domain_of(sheet) == "DM"]
    if len(subjects) > 1:
        preparation.problems.append(Problem(
            " and ".join(sheet.file for sheet in subjects), "Both hold the domain DM.",
            "A study has one list of subjects.", "Leave only the files of one study there."))
    if SUBJECT not in subjects[0].columns:
        preparation.problems.append(Problem(
            subjects[0].file, f"There is no column {SUBJECT}.",
            "Every row of a study is joined to its subject by it.", "Export DM again, whole."))
        return CdiscSource(source, _mapping(model, [], subjects[0], {}, []), preparation)
    anchored = anchors_of(subjects[0])
    failed = failed_screening(subjects[0], anchored)
    by_domain: dict[str, list[Sheet]] = {}
    for sheet in sheets:
        if _is_read(sheet, preparation):
            by_domain.setdefault(domain_of(sheet) or "", []).append(
                _of_people(sheet, failed, preparation))
    ready = _prepared(by_domain, anchored, preparation)
    kept = {sheet.name: sheet for sheet, _ in ready}
    blocks = [block for _, of_sheet in ready for block in of_sheet]
    mapping = _mapping(model, blocks, subjects[0], anchored, kept.values())
    return CdiscSource(
        replace(source, sheets=kept, sniffed=(*source.sniffed, *preparation.said)), mapping,
        preparation)


def _is_read(sheet: Sheet, preparation: Preparation) -> bool:
    """Return whether a sheet is one of those read; if not, tell why."""
    domain = domain_of(sheet)
    if domain is not None and SUBJECT in sheet.columns and (
            domain in {"DM", "DS", *_READERS} or domain.startswith("SUPP")):
        return True
    why = "it has no DOMAIN and is no part of SDTM" if domain is None else (
        f"{domain} is about the trial, not about its subjects" if SUBJECT not in sheet.columns
        else f"the domain {domain} has no table here")
    preparation.set_aside(sheet.file, len(sheet.cells), why)
    return False


def _of_people(sheet: Sheet, failed: frozenset[str], preparation: Preparation) -> Sheet:
    keep = [subject not in failed for subject in sheet.columns[SUBJECT]]
    return preparation.kept(
        sheet, keep, f"of the {len(failed)} subjects who were screened and never in the study")


def _prepared(
    by_domain: Mapping[str, list[Sheet]], anchored: Mapping[str, str], preparation: Preparation
) -> list[Prepared]:
    joined = {
        name: [_domain(name, sheet, by_domain.get(f"SUPP{name}", []), anchored, preparation)
               for sheet in found]
        for name, found in by_domain.items() if not name.startswith("SUPP")}
    for name, found in by_domain.items():
        if name.startswith("SUPP") and name.removeprefix("SUPP") not in by_domain:
            for sheet in found:
                preparation.set_aside(sheet.file, len(sheet.cells),
                                      f"{name.removeprefix('SUPP')} is not there or not read")
    dispositions = [domain.sheet for domain in joined.get("DS", [])]
    ready = [subjects_and_follow_up(joined["DM"][0], dispositions, anchored)]
    for name, domains in joined.items():
        if name in _READERS:
            ready.extend(_READERS[name](domain) for domain in domains)
    return [(sheet, blocks if len(sheet.cells) else []) for sheet, blocks in ready]


def _domain(
    name: str, sheet: Sheet, supplements: list[Sheet], anchored: Mapping[str, str],
    preparation: Preparation,
) -> Domain:
    has_ours = any(OURS in column(supplement, "QEVAL") for supplement in supplements)
    sheet = with_qualifiers(sheet, name, supplements, preparation)
    if name != "DM":
        sheet = with_days(sheet, name, anchored, preparation)
    return Domain(name, sheet, has_ours, preparation)


def _mapping(
    model: str, blocks: list[Block], subjects: Sheet, anchored: Mapping[str, str],
    sheets: Iterable[Sheet],
) -> SiteMapping:
    study = next((text for text in column(subjects, "STUDYID") if text), subjects.name)
    return SiteMapping(
        path=Path(f"({model})"), site=study, subject_id=SubjectId(field=SUBJECT),
        anchor=Anchor(field=ANCHOR, date=ISO, sheet=subjects.name) if anchored else None,
        decimal=".", blocks=tuple(blocks), redundant=(),
        unmapped={f"{sheet.name}.{name}": reason_of(name)
                  for sheet in sheets for name in sheet.cells.columns},
    )
