"""The domains of SDTM that hold what happened: each made ready, with its blocks of the mapping."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from remission.sources import cdisc_terms as terms
from remission.sources.cdisc_cells import (
    Domain,
    Prepared,
    block,
    coded_cell,
    field_cell,
    is_one_of,
    with_own_qualifiers,
)
from remission.sources.cdisc_layout import layouts_of
from remission.sources.cdisc_sheets import column, each, has_values, rows_of, with_cells
from remission.sources.mapping import Cell
from remission.sources.sheet import Sheet

TABLE = "table"
"""Column that says into which table a row goes, where a domain feeds several."""


def happened(domain: Domain) -> Domain:
    """Return the domain without the rows that say something did not happen."""
    occurred, status = domain.cells("OCCUR"), domain.cells("STAT")
    keep = [occur != "N" and stat != "NOT DONE"
            for occur, stat in zip(occurred, status, strict=True)]
    return replace(domain, sheet=domain.preparation.kept(
        domain.sheet, keep, "they say that it did not happen or was not done"))


def adverse_events(domain: Domain) -> Prepared:
    """Return AE: one row an event; the group comes from its term or organ system."""
    domain = happened(domain)
    sheet, preparation = domain.sheet, domain.preparation
    term = "AEDECOD" if has_values(sheet, "AEDECOD") else "AETERM"
    system = "AEBODSYS" if has_values(sheet, "AEBODSYS") else "AESOC"
    sheet = with_cells(sheet, group=each(sheet, terms.group_of_event, term, system))
    if not domain.has_ours and has_values(sheet, "AETOXGR"):
        preparation.said.append(
            f"{sheet.file}: AETOXGR does not name its grading system; 'grading' is left empty")
    sheet = _with_open_ends(sheet)
    ready = block("adverse_event", sheet, {
        "term": field_cell(sheet, "AEDECOD", "AETERM"),
        "group": field_cell(sheet, "group"),
        "start_day": field_cell(sheet, "AESTDTC", date=True),
        "end_day": field_cell(sheet, "AEENDTC", date=True),
        "grade": coded_cell(sheet, "AETOXGR", terms.GRADE, preparation),
        "serious": coded_cell(sheet, "AESER", terms.YES_NO, preparation),
        "related": coded_cell(sheet, "AEREL", terms.RELATED, preparation),
        "action": coded_cell(sheet, "AEACN", terms.ACTION, preparation),
    })
    return with_own_qualifiers(replace(domain, sheet=sheet), [ready])


def _with_open_ends(sheet: Sheet) -> Sheet:
    """Return AE with the reason of each end that is not there: the event goes on."""
    goes_on = each(sheet, lambda outcome, relation, point: next(
        ("PENDING" for word in (outcome, relation, point) if word in (
            "NOT RECOVERED/NOT RESOLVED", "RECOVERING/RESOLVING", "AFTER", "ONGOING")), None),
        "AEOUT", "AEENRF", "AEENRTPT")
    return replace(sheet, blanks={**sheet.blanks, "AEENDTC": tuple(goes_on)})


def histories(domain: Domain) -> Prepared:
    """Return MH: one row a condition that the subject had."""
    domain = happened(domain)
    sheet, preparation = domain.sheet, domain.preparation
    period = coded_cell(sheet, "MHENRF", terms.ONGOING, preparation)
    ready = block("medical_history", sheet, {
        "condition": field_cell(sheet, "MHDECOD", "MHTERM"),
        "start_day": field_cell(sheet, "MHSTDTC", date=True),
        "ongoing": coded_cell(sheet, "MHENRTPT", terms.ONGOING, preparation, otherwise=period),
    })
    return with_own_qualifiers(domain, [ready])


def drugs_and_lines(domain: Domain) -> Prepared:
    """Return CM: other drugs, and the lines of treatment that our own export put there."""
    domain = _with_tables(happened(domain), lambda _: "drug_dose")
    sheet = domain.sheet
    own = rows_of(sheet, [table == "drug_dose" for table in sheet.columns[TABLE]])
    blocks = [block("drug_dose", sheet, drug_cells(domain, "DECOD", "TRT", among=own),
                    is_one_of(TABLE, ["drug_dose"]))]
    if "treatment_line" in sheet.columns[TABLE]:
        blocks.append(block("treatment_line", sheet, {
            "regimen": field_cell(sheet, "CMTRT"),
            "start_day": field_cell(sheet, "CMSTDTC", date=True),
            "end_day": field_cell(sheet, "CMENDTC", date=True),
        }, is_one_of(TABLE, ["treatment_line"])))
    return with_own_qualifiers(domain, blocks)


def drug_cells(
    domain: Domain, *names: str, among: Sheet | None = None
) -> dict[str, Cell | None]:
    """Return the cells of ``drug_dose`` in a domain; ``names`` end the variables of the drug.

    ``among`` are its rows, where the domain holds others too.
    """
    sheet, preparation = domain.sheet, domain.preparation
    return {
        "drug": field_cell(sheet, *(domain.name(name) for name in names)),
        "dose": field_cell(sheet, domain.name("DOSE")),
        "unit": coded_cell(sheet, domain.name("DOSU"), terms.DOSE_UNIT, preparation,
                           among=among),
        "route": coded_cell(sheet, domain.name("ROUTE"), terms.ROUTE, preparation,
                            among=among),
        "start_day": field_cell(sheet, domain.name("STDTC"), date=True),
        "end_day": field_cell(sheet, domain.name("ENDTC"), date=True),
    }


def _with_tables(domain: Domain, otherwise: Callable[[int], str | None]) -> Domain:
    """Return the domain with the table of each row: by our own category, else by a rule."""
    own = {layout.category: layout.table.name for layout in layouts_of(domain.prefix)}
    tables = [own.get(category or "") if domain.has_ours else otherwise(index)
              for index, category in enumerate(domain.cells("CAT"))]
    return replace(domain, sheet=with_cells(domain.sheet, **{TABLE: tables}))


_GRAFT = re.compile(
    r"stem cell transplant|(bone )?marrow transplant|cord blood transplant|\bH?SCT\b|\bBMT\b",
    re.IGNORECASE)
_KINDS_OF_CELLS = (
    ("CAR_T", re.compile(r"\bCAR.?T\b|chimeric antigen|tisagenlecleucel|brexucabtagene|"
                         r"obecabtagene", re.IGNORECASE)),
    ("DLI", re.compile(r"donor lymphocyte", re.IGNORECASE)),
)


def procedures(domain: Domain) -> Prepared:
    """Return PR: transplants and cell therapies, known by their names; others are set aside."""
    domain = happened(domain)
    named = each(domain.sheet, lambda first, second: first or second, "PRDECOD", "PRTRT")
    domain = _with_tables(domain, lambda index: _procedure_table(named[index] or ""))
    keep = [table is not None for table in domain.sheet.columns[TABLE]]
    sheet = domain.preparation.kept_by_word(
        domain.sheet, named, keep, "procedures that are no transplant and no cell therapy")
    sheet = with_cells(sheet, kind=each(sheet, lambda first, second: _kind_of_cells(
        first or second or ""), "PRDECOD", "PRTRT"))
    days = {"day": field_cell(sheet, "PRSTDTC", date=True)}
    blocks = [block(table, sheet, {**days, **more}, is_one_of(TABLE, [table])) for table, more in (
        ("transplant", {}), ("cell_therapy", {"kind": field_cell(sheet, "kind")}),
        ("transfusion", {})) if table in sheet.columns[TABLE]]
    return with_own_qualifiers(replace(domain, sheet=sheet), blocks)


def _procedure_table(named: str) -> str | None:
    if _kind_of_cells(named) is not None:
        return "cell_therapy"
    return "transplant" if _GRAFT.search(named) else None


def _kind_of_cells(named: str) -> str | None:
    return next((kind for kind, pattern in _KINDS_OF_CELLS if pattern.search(named)), None)


def disease_and_gvhd(domain: Domain) -> Prepared:
    """Return CE: relapses and graft-versus-host disease, known by their names."""
    domain = happened(domain)
    named = each(domain.sheet, lambda first, second: first or second, "CEDECOD", "CETERM")
    domain = _with_tables(domain, lambda index: (
        "gvhd" if re.search("graft.versus.host|gvhd", named[index] or "", re.IGNORECASE) else
        "disease_episode" if re.search("relapse", named[index] or "", re.IGNORECASE) else None))
    keep = [table is not None for table in domain.sheet.columns[TABLE]]
    sheet = domain.preparation.kept_by_word(
        domain.sheet, named, keep, "events that are no relapse and no graft-versus-host disease")
    phase = None if domain.has_ours else Cell(constant="RELAPSE")
    start = field_cell(sheet, "CESTDTC", date=True)
    blocks = [block(table, sheet, cells, is_one_of(TABLE, [table])) for table, cells in (
        ("disease_episode", {"phase": phase, "start_day": start}),
        ("gvhd", {"onset_day": start})) if table in sheet.columns[TABLE]]
    return with_own_qualifiers(replace(domain, sheet=sheet), blocks)


def findings_of_ours(domain: Domain) -> Prepared:
    """Return GF or QS as our own export wrote it; tests of other sponsors are set aside."""
    tests = domain.cells("TESTCD")
    if not domain.has_ours:
        sheet = domain.preparation.kept_by_word(
            domain.sheet, tests, [False] * len(tests), "tests that no table here holds")
        return sheet, []
    domain = _with_tables(domain, lambda _: None)
    if domain.prefix == "GF":
        domain = replace(domain, sheet=with_cells(
            domain.sheet, **{TABLE: ["genetics"] * len(tests)}))
    sheet = domain.sheet
    day = field_cell(sheet, domain.name("DTC"), date=True)
    blocks = [block(layout.table.name, sheet, {"day": day},
                    is_one_of(TABLE, [layout.table.name]))
              for layout in layouts_of(domain.prefix)
              if layout.table.name in sheet.columns[TABLE]]
    return with_own_qualifiers(domain, blocks)


def responses(domain: Domain) -> Prepared:
    """Return RS: the response as the investigator called it, under criteria of leukaemia."""
    domain = domain if domain.has_ours else happened(domain)
    sheet, preparation = domain.sheet, domain.preparation
    if not domain.has_ours:
        for name, why, keeps in _CHOSEN_RESPONSES:
            words = column(sheet, name)
            sheet = preparation.kept_by_word(sheet, words, [keeps(word) for word in words], why)
    response = "RSSTRESC" if has_values(sheet, "RSSTRESC") else "RSORRES"
    ready = block("assessment", sheet, {
        "day": field_cell(sheet, "RSDTC", date=True),
        "response_reported": coded_cell(sheet, response, terms.RESPONSE, preparation),
    })
    return with_own_qualifiers(replace(domain, sheet=sheet), [ready] if len(sheet.cells) else [])


_CHOSEN_RESPONSES: Sequence[tuple[str, str, Callable[[str | None], bool]]] = (
    ("RSCAT", "criteria of another disease",
     lambda word: word is None or terms.OTHER_RESPONSE_CRITERIA.search(word) is None),
    ("RSTESTCD", "no overall response", lambda word: word in (None, "OVRLRESP")),
    ("RSEVAL", "not the investigator's word", lambda word: word in (None, "INVESTIGATOR")),
)
