"""ADSL: one row a subject: treatment, flags, last contact, and every variable of the cohort."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from remission.definitions.cohort import ENDPOINT, Cohort
from remission.definitions.definition import Variable
from remission.exports.dataset import Dataset, Meaning, dataset, of_column, of_variable
from remission.exports.sdtm import study_id
from remission.records.study import Study
from remission.records.tables import TABLES
from remission.sources.cdisc_terms import short_name, study_day_of

_SUBJECT, _FOLLOW_UP = TABLES["subject"].by_name, TABLES["follow_up"].by_name
_DAY = "The day from the anchor, plus 1 from the anchor on."
IDENTIFIERS = (
    Meaning("STUDYID", "Study Identifier"), Meaning("USUBJID", "Unique Subject Identifier"))
_STANDARD = (
    *IDENTIFIERS,
    Meaning("SUBJID", "Subject Identifier for the Study"),
    of_column("SITEID", _SUBJECT["site_id"], "subject"),
    of_column("COUNTRY", _SUBJECT["country"], "subject"),
    of_column("AGE", _SUBJECT["age_at_index_days"], "subject"),
    Meaning("AGEU", "Age Units"),
    of_column("SEX", _SUBJECT["sex"], "subject"),
    of_column("ARM", _SUBJECT["arm"], "subject"),
    Meaning("TRT01A", "Actual Treatment for Period 01", rule="Blinatumomab where any was given."),
    Meaning("TRTSDY", "Study Day of First Treatment", "integer", "days", of="exposure.start_day",
            rule=f"First day of exposure. {_DAY}"),
    Meaning("TRTEDY", "Study Day of Last Treatment", "integer", "days", of="exposure.end_day",
            rule=f"Last day of exposure, where every segment has its end. {_DAY}"),
    Meaning("TRTDURD", "Total Treatment Duration (Days)", "integer", "days", of="exposure",
            rule="TRTEDY - TRTSDY + 1 in days of the calendar: pauses are counted."),
    Meaning("FASFL", "Full Analysis Set Population Flag", codes={"Y": "yes"},
            rule="Every subject of the study."),
    Meaning("SAFFL", "Safety Population Flag", codes={"Y": "yes", "N": "no"}, of="exposure",
            rule="Y where there is any row of exposure."),
    Meaning("DTHFL", "Subject Death Flag", codes={"Y": "yes"}, of="follow_up.vital_status",
            rule="Y where the vital status is DEAD."),
    of_column("DTHADY", _FOLLOW_UP["death_day"], "follow_up", _DAY),
    of_column("LSTALVDY", _FOLLOW_UP["last_contact_day"], "follow_up", _DAY),
)
LEFT_OUT = ("Of each derived variable ADSL holds the value and its day; how it came about, notes "
            "and deciding rows stand in the Parquet files of the cohort (--parquet).")


def adsl(cohort: Cohort) -> Dataset:
    """Return ADSL: standard variables, then each recorded and derived variable of the cohort."""
    names = cohort_names(cohort)
    stored = cohort.subjects.to_native().schema
    meanings = [*_STANDARD, *(of_variable(name, variable, stored[variable.name])
                              for name, variable in names.items())]
    values = {name: cohort.subjects[variable.name].to_list() for name, variable in names.items()}
    standard = _standard_values(cohort.study)
    rows = [
        {**standard[subject], **{name: column[index] for name, column in values.items()}}
        for index, subject in enumerate(cohort.column("subject_id"))]
    return dataset("ADSL", "Subject-Level Analysis Dataset", "one row a subject", meanings, rows)


def cohort_names(cohort: Cohort) -> Mapping[str, Variable]:
    """Return name in ADSL → variable of the cohort; endpoints stand in ADTTE."""
    taken = {meaning.name for meaning in _STANDARD}
    found: dict[str, Variable] = {}
    already = {meaning.of.partition(".")[2] for meaning in _STANDARD if meaning.of}
    for column in cohort.subjects.columns:
        if column in cohort.variables and not column.startswith(ENDPOINT) and (
                column not in already):
            stem, _, part = column.rpartition("_")
            name = f"{short_name(stem, most=6)}DY" if part == "day" else short_name(column, taken)
            name = name if name not in taken else short_name(column, taken)
            taken.add(name)
            found[name] = cohort.variables[column]
    return found


def _standard_values(study: Study) -> Mapping[str, dict[str, Any]]:
    treated, followed = _treatments(study), dict(_followed(study))
    made: dict[str, dict[str, Any]] = {}
    for row in study.table("subject").iter_rows(named=True):
        subject = row["subject_id"]
        made[subject] = {
            "STUDYID": study_id(study), "USUBJID": subject, "SUBJID": subject,
            "SITEID": row["site_id"], "COUNTRY": row["country"], "SEX": row["sex"],
            "AGE": row["age_at_index_days"], "ARM": row["arm"],
            "AGEU": None if row["age_at_index_days"] is None else "DAYS", "FASFL": "Y",
            "SAFFL": "Y" if subject in treated else "N",
            "TRT01A": "Blinatumomab" if subject in treated else None,
            **_durations(*treated.get(subject, (None, None))), **followed.get(subject, {})}
    return made


def _treatments(study: Study) -> dict[str, tuple[int | None, int | None]]:
    """Return subject → (first day, last day) of blinatumomab; None where a row leaves it open."""
    days: dict[str, tuple[list[int | None], list[int | None]]] = {}
    for row in study.table("exposure").iter_rows(named=True):
        starts, ends = days.setdefault(row["subject_id"], ([], []))
        starts.append(row["start_day"])
        ends.append(row["end_day"])
    return {subject: (_whole(starts, min), _whole(ends, max))
            for subject, (starts, ends) in days.items()}


def _whole(days: list[int | None], which: Any) -> int | None:
    known = [day for day in days if day is not None]
    return int(which(known)) if known and len(known) == len(days) else None


def _durations(first: int | None, last: int | None) -> dict[str, Any]:
    return {
        "TRTSDY": None if first is None else study_day_of(first),
        "TRTEDY": None if last is None else study_day_of(last),
        "TRTDURD": None if first is None or last is None else last - first + 1}


def _followed(study: Study) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in study.table("follow_up").iter_rows(named=True):
        death, last = row["death_day"], row["last_contact_day"]
        yield row["subject_id"], {
            "DTHFL": "Y" if row["vital_status"] == "DEAD" else None,
            "DTHADY": None if death is None else study_day_of(death),
            "LSTALVDY": None if last is None else study_day_of(last)}
