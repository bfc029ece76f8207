"""LB and VS: the tests we hold, as measured, with the unit they were measured in."""

from __future__ import annotations

import re
from dataclasses import replace

from remission.sources import cdisc_terms as terms
from remission.sources.cdisc_cells import (
    Domain,
    Prepared,
    block,
    coded_cell,
    field_cell,
    with_own_qualifiers,
)
from remission.sources.cdisc_sheets import column, each, with_cells
from remission.sources.sheet import Sheet


def laboratory_values(domain: Domain) -> Prepared:
    """Return LB or VS: the tests we hold, as measured, with their unit; others are set aside."""
    sheet, preparation = domain.sheet, domain.preparation
    codes = domain.cells("TESTCD")
    found = each(sheet, lambda code, specimen: terms.test_named(code or "", specimen),
                 domain.name("TESTCD"), domain.name("SPEC"))
    sheet = with_cells(sheet, test=found)
    sheet = preparation.kept_by_word(
        sheet, codes, [test is not None for test in found], "tests that no table here holds")
    sheet = preparation.kept(
        sheet, [day is not None for day in column(sheet, domain.name("DTC"))],
        "without a study day, which a laboratory value needs")
    sheet = _with_results(replace(domain, sheet=sheet))
    is_read = [domain.has_ours or value is not None or done == "NOT DONE" for value, done in zip(
        sheet.columns["value"], column(sheet, domain.name("STAT")), strict=True)]
    sheet = preparation.kept_by_word(
        sheet, column(sheet, domain.name("ORRES")), is_read, "results that are no number")
    ready = block("laboratory", sheet, {
        "test": field_cell(sheet, "test"),
        "day": field_cell(sheet, domain.name("DTC"), date=True),
        **{name: field_cell(sheet, name) for name in _RESULT},
        "specimen": coded_cell(sheet, domain.name("SPEC"), terms.SPECIMEN, preparation),
    })
    return with_own_qualifiers(replace(domain, sheet=sheet), [ready])


_RESULT = ("value", "sign", "unit", "lower_limit", "upper_limit")
_MEASURED = re.compile(r"([<>])?=?\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")


def _with_results(domain: Domain) -> Sheet:
    """Return the sheet with value, sign, unit and limits of each result.

    The result as the laboratory gave it is taken where its unit is one of the test's, else the
    standard result; where neither is, the former with the unit as it stands.
    """
    names = ("test", *(domain.name(ending) for ending in (
        "ORRES", "ORRESU", "ORNRLO", "ORNRHI", "STRESC", "STRESN", "STRESU", "STNRLO", "STNRHI")))
    made = [_result(*cells) for cells in zip(
        *(column(domain.sheet, name) for name in names), strict=True)]
    reasons = tuple("NOT_DONE" if done == "NOT DONE" else None for done in domain.cells("STAT"))
    sheet = with_cells(domain.sheet, **{
        name: [result[position] for result in made] for position, name in enumerate(_RESULT)})
    return replace(sheet, blanks={**sheet.blanks, "value": reasons})


def _result(  # noqa: PLR0917 - the ten cells of one result
    test: str | None, given: str | None, given_unit: str | None, low: str | None,
    high: str | None, standard: str | None, number: str | None, unit: str | None,
    standard_low: str | None, standard_high: str | None,
) -> tuple[str | None, ...]:
    forms = [(_number(given), given_unit, low, high),
             (_number(standard) or _number(number), unit, standard_low, standard_high)]
    readable = [form for form in forms if form[0] is not None]
    fits = [form for form in readable if terms.has_unit(test or "", form[1])]
    measured, written, lower, upper = (fits or readable or forms)[0]
    sign, value = measured or (None, None)
    return (value, sign, terms.unit_of(written) if written else None,
            _plain_number(lower), _plain_number(upper))


def _number(text: str | None) -> tuple[str | None, str] | None:
    """Return (sign, number) of a result such as ``<0.2``; None where it is no number."""
    match = _MEASURED.fullmatch((text or "").strip())
    return (match.group(1), match.group(2)) if match else None


def _plain_number(text: str | None) -> str | None:
    found = _number(text)
    return found[1] if found else None
