"""Study → SDTM: one data set a domain, and its supplemental qualifiers.

Source: CDISC Study Data Tabulation Model Implementation Guide, version 3.4. A study holds no
dates, so that ``--DTC`` is absent; ``--DY`` counts from day 1 = the anchor, without a day 0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from remission.exports.dataset import Dataset, Meaning, as_text, dataset, of_column
from remission.exports.transport import LONGEST_LABEL, fitted
from remission.records.study import Study
from remission.sources import cdisc_terms as terms
from remission.sources.cdisc_layout import LAYOUTS, Layout, layouts_of

OURS = "REMISSION"
NO_DATES = ("A study holds whole days and no dates: --DTC variables are absent, and --DY counts "
            "from day 1, the subject's anchor (day -1 is the day before; there is no day 0).")
_DOMAINS: Mapping[str, tuple[str, str]] = {
    "DM": ("Demographics", "one row a subject"),
    "DS": ("Disposition", "one row a subject: what is known last"),
    "EX": ("Exposure", "one row a segment of constant rate"),
    "AE": ("Adverse Events", "one row an event"),
    "LB": ("Laboratory Test Results", "one row a value"),
    "VS": ("Vital Signs", "one row a weight or height"),
    "RS": ("Disease Response", "one row an examination"),
    "MH": ("Medical History", "one row a condition"),
    "CM": ("Concomitant Medications", "one row a drug dose or line of treatment"),
    "PR": ("Procedures", "one row a transplant, cell therapy or transfusion"),
    "CE": ("Clinical Events", "one row an episode of the disease or of GVHD"),
    "GF": ("Genomics Findings", "one row an alteration looked for"),
    "QS": ("Questionnaires", "one row a day of signs"),
}
_LABELS = {
    "STUDYID": "Study Identifier", "DOMAIN": "Domain Abbreviation",
    "USUBJID": "Unique Subject Identifier", "SUBJID": "Subject Identifier for the Study",
    "AGEU": "Age Units", "DTHFL": "Subject Death Flag",
    "SEQ": "Sequence Number", "CAT": "Category", "STDY": "Study Day of Start",
    "ENDY": "Study Day of End", "DY": "Study Day", "TRT": "Treatment", "ROUTE": "Route",
    "TERM": "Term", "TESTCD": "Short Name", "TEST": "Name", "ORRES": "Result as Written",
    "ORRESU": "Unit as Written", "ORNRLO": "Lower Limit as Written",
    "ORNRHI": "Upper Limit as Written", "STRESC": "Result as Text",
}
_SUPPLEMENT = (
    Meaning("STUDYID", "Study Identifier"), Meaning("RDOMAIN", "Related Domain Abbreviation"),
    Meaning("USUBJID", "Unique Subject Identifier"), Meaning("IDVAR", "Identifying Variable"),
    Meaning("IDVARVAL", "Identifying Variable Value"),
    Meaning("QNAM", "Qualifier Variable Name"), Meaning("QLABEL", "Qualifier Variable Label"),
    Meaning("QVAL", "Data Value"), Meaning("QORIG", "Origin"), Meaning("QEVAL", "Evaluator"),
)


def _word_of(words: Mapping[str, str]) -> Mapping[str, str]:
    """Return code → the first word for it."""
    found: dict[str, str] = {}
    for word, code in words.items():
        found.setdefault(code, word)
    return MappingProxyType(found)


_WORDS: Mapping[str, Mapping[str, str]] = {
    "AEACN": _word_of(terms.ACTION), "MHENRTPT": _word_of(terms.ONGOING),
    "EXDOSU": _word_of(terms.INFUSION_UNIT), "CMROUTE": _word_of(terms.ROUTE),
    "LBSPEC": _word_of(terms.SPECIMEN), "LBTESTCD": terms.TEST_CODES,
    "VSTESTCD": terms.TEST_CODES,
    "DSDECOD": {"DEAD": "DEATH", "LOST": terms.LOST[0], "ALIVE": "ALIVE AT LAST CONTACT"},
}


@dataclass(frozen=True)
class Place:
    """Where a row of a table stands in SDTM: its domain, day variable and ``--SEQ``."""

    domain: str
    variable: str
    number: int


@dataclass(frozen=True)
class Sdtm:
    """The data sets, and where each row of each table went: (table, key) → place."""

    datasets: tuple[Dataset, ...]
    places: Mapping[tuple[str, tuple[Any, ...]], Place]


def study_id(study: Study) -> str:
    """Return the identifier of a study: the first letters of its title."""
    return re.sub(r"[^A-Z0-9]+", "-", study.plan.study.title.upper())[:20].strip("-") or "STUDY"


def sdtm_of(study: Study) -> Sdtm:
    """Return the SDTM of a study: domains with rows, each with its supplemental qualifiers."""
    domains: dict[str, list[dict[str, Any]]] = {}
    supplements: dict[str, list[dict[str, Any]]] = {}
    meanings: dict[str, dict[str, Meaning]] = {}
    places: dict[tuple[str, tuple[Any, ...]], Place] = {}
    numbers: dict[str, Counter[str]] = {}
    deaths = _deaths(study)
    for layout in LAYOUTS:
        for row in _rows(study, layout):
            subject = row["subject_id"]
            made = _standard(layout, row, study)
            if layout.domain == "DM":
                made["DTHFL"] = deaths.get(subject)
                made["AGEU"] = None if row["age_at_index_days"] is None else "DAYS"
            count = numbers.setdefault(layout.domain, Counter())
            count[subject] += 1
            made[f"{layout.domain}SEQ"] = count[subject]
            domains.setdefault(layout.domain, []).append(made)
            places[layout.table.name, tuple(row[name] for name in layout.table.key)] = Place(
                layout.domain, _day_variable(layout), count[subject])
            supplements.setdefault(layout.domain, []).extend(_qualifiers(layout, row, made))
        if layout.domain in domains:
            known = meanings.setdefault(layout.domain, {})
            known |= {name: meaning for name, meaning in _meanings(layout).items()
                      if name not in known}
    datasets = [found for name, rows in domains.items()
                for found in _datasets(name, rows, meanings[name], supplements[name])]
    return Sdtm(tuple(datasets), MappingProxyType(places))


def _rows(study: Study, layout: Layout) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table that go into one domain, those of a subject in order of day."""
    order = {subject: position for position, subject in enumerate(study.subjects)}
    day = next(iter(layout.days), None)
    bodies = {"LB": False, "VS": True}
    rows = [row for row in study.table(layout.table.name).iter_rows(named=True)
            if layout.domain not in bodies
            or bodies[layout.domain] == (row["test"] in ("WEIGHT", "HEIGHT"))]

    def place(row: Mapping[str, Any]) -> tuple[int, bool, int]:
        at = row[day] if day else None
        return order[row["subject_id"]], at is None, at or 0

    yield from sorted(rows, key=place)


def _deaths(study: Study) -> dict[str, str]:
    rows = study.table("follow_up")
    return {subject: "Y" for subject, status in zip(
        rows["subject_id"].to_list(), rows["vital_status"].to_list(), strict=True)
        if status == "DEAD"}


def _day_variable(layout: Layout) -> str:
    return next((f"{layout.domain}{stem}" for stem in layout.days.values()), "")


def _standard(layout: Layout, row: Mapping[str, Any], study: Study) -> dict[str, Any]:
    """Return the variables of a row that the domain has names for."""
    made: dict[str, Any] = {
        "STUDYID": study_id(study), "DOMAIN": layout.domain, "USUBJID": row["subject_id"],
        **layout.topic}
    if layout.domain == "DM":
        made["SUBJID"] = row["subject_id"]
    if layout.category:
        made[f"{layout.domain}CAT"] = layout.category
    for column, variable in layout.standard.items():
        value = row[column]
        made[variable] = _WORDS.get(variable, {}).get(value, value)
    for column, stem in layout.days.items():
        day = row[column]
        made[f"{layout.domain}{stem}"] = None if day is None else terms.study_day_of(day)
    return made | _more(layout.domain, made, row)


def _more(domain: str, made: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables that say once more, in another form, what a column holds."""
    if domain in ("LB", "VS"):
        return _result(domain, made, row)
    if domain == "DS":
        said = made["DSDECOD"] or "UNKNOWN"
        day = row["death_day" if row["vital_status"] == "DEAD" else "last_contact_day"]
        return {"DSDECOD": said, "DSTERM": said,
                "DSSTDY": None if day is None else terms.study_day_of(day)}
    return {"RSORRES": made["RSSTRESC"]} if domain == "RS" else {}


def _result(domain: str, made: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a value of the laboratory also says as text."""
    sign = row["sign"] if row["sign"] in ("<", ">") else ""
    text = None if row["value"] is None else f"{sign}{row['value']!r}"
    return {
        f"{domain}TEST": row["test"], f"{domain}ORRES": text, f"{domain}STRESC": text,
        f"{domain}ORRESU": row["unit"], f"{domain}ORNRLO": _digits(row["lower_limit"]),
        f"{domain}ORNRHI": _digits(row["upper_limit"]),
        f"{domain}SPEC": made[f"{domain}SPEC"] or terms.specimen_of_test(row["test"]),
    }


def _digits(number: float | None) -> str | None:
    return None if number is None else repr(number)


def _qualifiers(
    layout: Layout, row: Mapping[str, Any], made: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield a supplemental qualifier for each value that no variable of the domain holds."""
    own = f"{layout.domain}SEQ"
    by_subject = layout.domain == "DM"
    for column, name in layout.qualifiers:
        value = row[column.name]
        if value is None:
            continue
        if column.kind == "day":
            value = terms.study_day_of(value)
        yield {
            "STUDYID": made["STUDYID"], "RDOMAIN": layout.domain, "USUBJID": row["subject_id"],
            "IDVAR": None if by_subject else own,
            "IDVARVAL": None if by_subject else str(made[own]), "QNAM": name,
            "QLABEL": fitted(column.meaning.rstrip("."), LONGEST_LABEL), "QVAL": as_text(value),
            "QORIG": "CRF", "QEVAL": OURS}


def _meanings(layout: Layout) -> dict[str, Meaning]:
    """Return what the variables of one table in its domain mean, in the order they stand."""
    domain, table = layout.domain, layout.table
    head = [Meaning(name, _LABELS[name]) for name in ("STUDYID", "DOMAIN", "USUBJID")]
    head.append(Meaning(f"{domain}SEQ", _LABELS["SEQ"], "integer"))
    if domain == "DM":
        head[3:] = [Meaning(name, _LABELS[name]) for name in ("SUBJID", "AGEU", "DTHFL")]
    if layout.category:
        head.append(Meaning(f"{domain}CAT", _LABELS["CAT"]))
    head.extend(Meaning(name, _LABELS.get(name[2:], name)) for name in layout.topic)
    for column, variable in layout.standard.items():
        meaning = of_column(variable, table.by_name[column], table.name)
        head.append(_as_words(meaning) if variable in _WORDS or variable == "AETOXGR"
                    else meaning)
    more = {"LB": ("TEST", "ORRES", "ORRESU", "ORNRLO", "ORNRHI", "STRESC"), "DS": ("TERM",),
            "RS": ("ORRES",)}
    more["VS"] = more["LB"]
    head.extend(Meaning(f"{domain}{name}", _LABELS[name]) for name in more.get(domain, ()))
    for column, stem in layout.days.items():
        rule = "Study day: the day from the anchor, plus 1 from the anchor on."
        if domain == "DS":
            rule = f"Of the death, else of the last contact. {rule}"
        meaning = of_column(f"{domain}{stem}", table.by_name[column], table.name, rule)
        head.append(meaning)
    return {meaning.name: meaning for meaning in head}


def _as_words(meaning: Meaning) -> Meaning:
    """Return the meaning of a variable whose codes are written in the words of CDISC."""
    words = _WORDS.get(meaning.name, {})
    codes = {words.get(code, code): label for code, label in meaning.codes.items()}
    return Meaning(meaning.name, meaning.label, "text", meaning.unit, codes, meaning.of,
                   meaning.rule)


def _datasets(
    name: str, rows: list[dict[str, Any]], meanings: Mapping[str, Meaning],
    qualifiers: list[dict[str, Any]],
) -> Iterator[Dataset]:
    label, row = _DOMAINS[name]
    yield dataset(name, label, row, list(meanings.values()), rows)
    if qualifiers:
        yield replace(dataset(
            f"SUPP{name}", f"Supplemental Qualifiers for {name}",
            "one row a value that the domain has no variable for", _SUPPLEMENT, qualifiers),
            qualifiers=_meanings_of_qualifiers(name, {row["QNAM"] for row in qualifiers}))


def _meanings_of_qualifiers(domain: str, used: set[str]) -> tuple[Meaning, ...]:
    """Return what each QNAM means; two tables of one domain may share one."""
    return tuple(of_column(name, column, layout.table.name)
                 for layout in layouts_of(domain) for column, name in layout.qualifiers
                 if name in used)
