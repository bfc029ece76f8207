"""ADAE and ADLB: adverse events with reported and derived grades; laboratory with its grades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import narwhals.stable.v2 as nw

from remission.definitions.baseline_samples import baseline_samples, with_baseline
from remission.definitions.cohort import Cohort
from remission.definitions.ctcae import TERMS, grade_samples
from remission.definitions.definition import REGISTRY
from remission.definitions.inputs import frame_for
from remission.exports.adam_subjects import IDENTIFIERS
from remission.exports.dataset import Dataset, Meaning, dataset, of_column
from remission.exports.sdtm import Sdtm, study_id
from remission.records.column import SOURCE
from remission.records.tables import TABLES
from remission.sources.cdisc_terms import TEST_CODES, study_day_of
from remission.units import canonical_unit

_EVENT = TABLES["adverse_event"].by_name
_GRADE_OF_GROUP = {
    "CRS": "crs_grade", "ICANS": "icans_grade", "INFECTION": "infection_ctcae_grade",
    "CYTOPENIA": "cytopenia_ctcae_grade", "NEUROTOXICITY": "neurotoxicity_ctcae_grade",
    "HEPATIC": "hepatic_ctcae_grade", "TLS": "tumour_lysis_ctcae_grade",
}
"""Group of events → the definition of its grade in a cycle."""


def _meanings_of_events(cohort: Cohort) -> tuple[Meaning, ...]:
    sets = "; ".join(f"{group}: {cohort.variables[name].rule}" for group, name in
                     _GRADE_OF_GROUP.items() if name in ("crs_grade", "icans_grade"))
    return (
        *IDENTIFIERS, Meaning("AESEQ", "Sequence Number", "integer"),
        of_column("AETERM", _EVENT["term"], "adverse_event"),
        of_column("AEGROUP", _EVENT["group"], "adverse_event"),
        of_column("ASTDY", _EVENT["start_day"], "adverse_event", "Without a day 0."),
        of_column("AENDY", _EVENT["end_day"], "adverse_event", "Without a day 0."),
        Meaning("TRTEMFL", "Treatment Emergent Analysis Flag", codes={"Y": "yes", "N": "no"},
                of="adverse_event.start_day",
                rule="Y from the day of the first infusion on; empty where either is unknown."),
        of_column("ATOXGR", _EVENT["grade"], "adverse_event", "As reported by the centre."),
        of_column("ATOXSYS", _EVENT["grading"], "adverse_event"),
        Meaning("ACYCLE", "Cycle", "integer", of="adverse_event.cycle_no",
                rule="As recorded, else the cycle in whose window of toxicity it began."),
        Meaning("DTOXGR", "Derived Grade of the Group in the Cycle", of="cohort.cycle",
                rule=f"The grade derived for the group of the event in its cycle. {sets}"),
        of_column("AESER", _EVENT["serious"], "adverse_event"),
        of_column("AEREL", _EVENT["related"], "adverse_event"),
        of_column("AEACN", _EVENT["action"], "adverse_event"),
        Meaning("SRCROW", "Row of the Centre's File"))


def adae(cohort: Cohort, sdtm: Sdtm) -> Dataset:
    """Return ADAE: every adverse event, its grade as reported and as derived for its cycle."""
    return dataset("ADAE", "Adverse Events Analysis Dataset", "one row an adverse event",
                   _meanings_of_events(cohort), _events(cohort, sdtm))


def _events(cohort: Cohort, sdtm: Sdtm) -> Iterator[dict[str, Any]]:
    first = first_infusions(cohort)
    windows, grades = _windows(cohort), _grades(cohort)
    for row in cohort.study.table("adverse_event").iter_rows(named=True):
        subject, start, end = row["subject_id"], row["start_day"], row["end_day"]
        treated = first.get(subject)
        is_known = start is not None and treated is not None
        cycle = row["cycle_no"] or _cycle_of(windows.get(subject, []), start)
        place = sdtm.places["adverse_event", (subject, row["event_no"])]
        yield {
            "STUDYID": study_id(cohort.study), "USUBJID": subject, "AESEQ": place.number,
            "AETERM": row["term"], "AEGROUP": row["group"],
            "ASTDY": None if start is None else study_day_of(start),
            "AENDY": None if end is None else study_day_of(end),
            "TRTEMFL": ("Y" if start >= treated else "N") if is_known else None,
            "ATOXGR": row["grade"], "ATOXSYS": row["grading"], "ACYCLE": cycle,
            "DTOXGR": grades.get((subject, cycle, row["group"])), "AESER": row["serious"],
            "AEREL": row["related"], "AEACN": row["action"], "SRCROW": row[SOURCE]}


def first_infusions(cohort: Cohort) -> dict[str, int]:
    """Return subject → day of the first infusion, where one is known."""
    found: dict[str, int] = {}
    for row in cohort.study.table("exposure").iter_rows(named=True):
        day = row["start_day"]
        if day is not None:
            found[row["subject_id"]] = min(day, found.get(row["subject_id"], day))
    return found


def _windows(cohort: Cohort) -> dict[str, list[tuple[int, int, int]]]:
    """Return subject → (cycle, first day, last day) of each window of toxicity."""
    starts: dict[tuple[str, int], int] = {}
    for row in cohort.study.table("exposure").iter_rows(named=True):
        key = row["subject_id"], row["cycle_no"]
        if row["start_day"] is not None:
            starts[key] = min(row["start_day"], starts.get(key, row["start_day"]))
    found: dict[str, list[tuple[int, int, int]]] = {}
    cycles = cohort.frames["cycle"]
    for row in cycles.iter_rows(named=True):
        start, last = starts.get((row["subject_id"], row["cycle_no"])), row["toxicity_window_end"]
        if start is not None and last is not None:
            found.setdefault(row["subject_id"], []).append((row["cycle_no"], start, int(last)))
    return found


def _cycle_of(windows: list[tuple[int, int, int]], day: int | None) -> int | None:
    return next((cycle for cycle, first, last in windows
                 if day is not None and first <= day <= last), None)


def _grades(cohort: Cohort) -> dict[tuple[str, int | None, str | None], str | None]:
    cycles = cohort.frames["cycle"]
    return {
        (row["subject_id"], row["cycle_no"], group): row[name]
        for row in cycles.iter_rows(named=True) for group, name in _GRADE_OF_GROUP.items()}


_LABORATORY = TABLES["laboratory"].by_name
_VALUES = (
    *IDENTIFIERS, Meaning("LBSEQ", "Sequence Number", "integer"),
    Meaning("PARAMCD", "Parameter Code"), Meaning("PARAM", "Parameter"),
    of_column("AVAL", _LABORATORY["value"], "laboratory"),
    of_column("AVALSGN", _LABORATORY["sign"], "laboratory"),
    of_column("AVALU", _LABORATORY["unit"], "laboratory"),
    of_column("ADY", _LABORATORY["day"], "laboratory", "Without a day 0."),
    Meaning("ABLFL", "Baseline Record Flag", codes={"Y": "yes"},
            rule="The last measured value up to the day of the first infusion; of several on "
                 "that day the first."),
    Meaning("BASE", "Baseline Value", "number", rule="AVAL of the row with ABLFL."),
    Meaning("CHG", "Change from Baseline", "number",
            rule="AVAL - BASE after the baseline; none for values that are only a limit."),
    of_column("ANRLO", _LABORATORY["lower_limit"], "laboratory"),
    of_column("ANRHI", _LABORATORY["upper_limit"], "laboratory"),
)


def adlb(cohort: Cohort, sdtm: Sdtm) -> Dataset:
    """Return ADLB: every laboratory value with baseline, change and CTCAE grade."""
    grades = (
        Meaning("ATOXGR", "Analysis Toxicity Grade", codes={}, of="laboratory",
                rule="CTCAE grade of the value alone; empty where it cannot be decided.",
                chosen=_ctcae(cohort)[0], reference=_ctcae(cohort)[1]),
        Meaning("ATOXTERM", "Term of CTCAE That Is Graded"),
        Meaning("SRCROW", "Row of the Centre's File"))
    return dataset("ADLB", "Laboratory Analysis Dataset", "one row a laboratory value",
                   (*_VALUES, *grades), _values(cohort, sdtm))


def _ctcae(cohort: Cohort) -> tuple[str | None, str]:
    """Return (version, source) of CTCAE that the plan chooses."""
    name = f"{next(iter(TERMS))}_grade"
    criteria = REGISTRY[name].chosen_criteria(cohort.plan)
    return (criteria.name, criteria.source) if criteria is not None else (None, "")


def _values(cohort: Cohort, sdtm: Sdtm) -> Iterator[dict[str, Any]]:
    baselines, grades = _graded(cohort)
    for row in cohort.study.table("laboratory").iter_rows(named=True):
        subject, test = row["subject_id"], row["test"]
        key = (subject, test, row["day"], row["sequence"])
        of_test = baselines.get((subject, test), {})
        is_baseline = key[2:] == (of_test.get("day"), of_test.get("sequence"))
        is_measured = row["value"] is not None and row["sign"] in (None, "=")
        is_later = (row["day"], row["sequence"]) > (
            of_test.get("day", row["day"]), of_test.get("sequence", row["sequence"]))
        base = of_test.get("value")
        term, grade = grades.get(key, (None, None))
        place = sdtm.places["laboratory", key]
        yield {
            "STUDYID": study_id(cohort.study), "USUBJID": subject, "LBSEQ": place.number,
            "PARAMCD": TEST_CODES[test], "PARAM": f"{test} ({canonical_unit(test)})",
            "AVAL": row["value"], "AVALSGN": row["sign"], "AVALU": row["unit"],
            "ADY": study_day_of(row["day"]), "ABLFL": "Y" if is_baseline else None, "BASE": base,
            "CHG": row["value"] - base if base is not None and is_measured and is_later else None,
            "ANRLO": row["lower_limit"], "ANRHI": row["upper_limit"], "ATOXGR": grade,
            "ATOXTERM": term, "SRCROW": row[SOURCE]}


Key = tuple[str, str, int, int]


def _graded(
    cohort: Cohort,
) -> tuple[Mapping[tuple[str, str], Mapping[str, Any]], Mapping[Key, tuple[str, str | None]]]:
    """Return the baseline of each subject and test, and term and grade of each value."""
    study = cohort.study
    tests = dict.fromkeys(study.table("laboratory")["test"].to_list())
    samples = frame_for(study, "laboratory", tuple(f"laboratory.{test}" for test in tests))
    first = first_infusions(cohort)
    windows = nw.from_dict(
        {"subject_id": list(first), "baseline_until": list(first.values())},
        schema={"subject_id": nw.String(), "baseline_until": nw.Int64()}, backend="polars").lazy()
    before = baseline_samples(samples, windows, "subject_id")
    baselines = {(row["subject_id"], row["test"]): row
                 for row in before.collect().iter_rows(named=True)}
    grades: dict[Key, tuple[str, str | None]] = {}
    for name, (test, label) in TERMS.items():
        criteria = REGISTRY[f"{name}_grade"].chosen_criteria(cohort.plan)
        if test not in tests or criteria is None or not criteria["steps"]:
            continue
        rows = with_baseline(
            samples.filter(nw.col("test") == test), before, "subject_id", itself=True)
        for row in grade_samples(rows, criteria).collect().iter_rows(named=True):
            key = (row["subject_id"], row["test"], row["day"], row["sequence"])
            is_known = row["least"] == row["most"]
            grades[key] = (label, str(row["least"]) if is_known else None)
    return baselines, grades
