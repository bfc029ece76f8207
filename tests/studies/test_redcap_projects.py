"""Real REDCap projects: every cell of the export is in a sheet, is a counted default, or a reason.

The 18 delimited projects are those of REDCapR's tests, the three XML files those of PyCap's, read
from ../shared/data beside the checkout. Here the exports are read a second time, by the standard
library alone, and every cell is looked for in what was imported.
"""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from remission.sources.importing import Imported, import_site
from remission.sources.mapping import read_mapping
from remission.sources.read_source import read_source
from remission.sources.redcap_dictionary import BOX, COMPLETE, choices_of
from remission.sources.sheet import Source
from remission.sources.write_import import write_import

PROJECTS = {
    "arm-multiple-delete": (300, 0, 0), "arm-single-longitudinal": (50, 0, 0),
    "blank-for-gray-status": (140, 8, 0), "checkboxes-1": (51, 14, 0),
    "clinical-trial-1": (6500, 0, 0), "dag": (15, 0, 0), "decimal-comma-and-dot": (36, 0, 0),
    "longitudinal": (439, 0, 0), "multilevel-model-1": (2920, 0, 0),
    "potentially-problematic-dictionary": (0, 0, 0), "potentially-problematic-values": (10, 0, 0),
    "repeating-instruments": (46, 0, 0), "repeating-instruments-sparse": (57, 0, 0),
    "russian": (1205, 0, 0), "simple": (120, 0, 0), "survey": (21, 5, 1),
    "validation-types-1": (5, 4, 0), "vignette-repeating": (95, 0, 0),
}
"""Cells that are not empty; of these the zeros of forms that nobody opened, and those that became
a reason (a survey begun and not sent in).

The cells were counted in each ``data.csv`` with the standard library's ``csv``. The zeros, form by
form: blank-for-gray-status, record 6, six boxes and its status, and one status of a form of five
empty fields; checkboxes-1, form_1 of four records, form_2 of record 4 with nine boxes; survey, two
forms of both records and one of record 2; validation-types-1, three boxes and the status.
"""


@pytest.fixture(scope="module")
def projects(shared_data: Path) -> Path:
    return shared_data / "redcap_redcapr"


def exported(folder: Path) -> list[list[str]]:
    with (folder / "data.csv").open(encoding="utf-8-sig", newline="") as file:
        return [[cell.strip() for cell in row] for row in csv.reader(file)]


def sheets_with(source: Source, column: str, row: int) -> Iterator[tuple[str | None, str | None]]:
    """Yield (cell, reason) of a column in each sheet that has this row of the file.

    The sheet of all records has a form's status too, of all its rows: only its identifiers count.
    """
    for name, sheet in source.sheets.items():
        is_status = name == "records" and column.endswith("_complete")
        if not is_status and column in sheet.cells.columns and row in sheet.row_numbers:
            at = sheet.row_numbers.index(row)
            told = sheet.blanks.get(column)
            yield sheet.columns[column][at], told[at] if told else None


def fate(source: Source, column: str, row: int, cell: str) -> str:
    """Return what became of one cell of the export."""
    found = list(sheets_with(source, column, row))
    if any(there in (cell, cell.replace(",", ".")) for there, _ in found):
        return "in a sheet"
    if any(there is None and reason is not None for there, reason in found):
        return "a reason"
    if cell == "0" and not found and ("___" in column or column.endswith("_complete")):
        return "a default"
    return f"lost: {column}, row {row}: {cell}"


@pytest.mark.parametrize("name", PROJECTS)
def test_no_cell_of_an_export_is_lost(projects: Path, name: str) -> None:
    source = read_source(projects / name)
    header, *rows = exported(projects / name) or [[]]
    header = ["row", *header[1:]] if header and not header[0] else header
    fates = Counter(
        fate(source, column, number, cell)
        for number, row in enumerate(rows, start=2)
        for column, cell in zip(header, row, strict=False) if cell)
    cells, defaults, with_reason = PROJECTS[name]
    assert fates == Counter({"in a sheet": cells - defaults - with_reason, "a default": defaults,
                             "a reason": with_reason}) + Counter()
    told = next((line for line in source.sniffed if line.startswith("Left out: ")), "Left out: 0")
    assert int(re.findall(r"\d+", told)[0]) == defaults


@pytest.mark.parametrize("name", [name for name in PROJECTS if name != "russian"])
def test_every_record_of_an_export_is_a_record(projects: Path, name: str) -> None:
    rows = exported(projects / name)[1:]
    source = read_source(projects / name)
    records = source.sheets["records"]
    assert set(records.columns[records.cells.columns[0]]) == {row[0] for row in rows if row}


def xml_cells(path: Path) -> Counter[tuple[str, str, str, str]]:
    """Return (record, event, item, value) of everything that a project's XML file holds."""
    odm, own = "{http://www.cdisc.org/ns/odm/v1.3}", "{https://projectredcap.org}"
    found: Counter[tuple[str, str, str, str]] = Counter()
    for subject in ET.parse(path).getroot().iter(f"{odm}SubjectData"):
        events = subject.findall(f"{odm}StudyEventData")
        for event in events or [subject]:
            for item in event.iter():
                value = item.get("Value") or item.get(f"{own}DocName")
                if item.get("ItemOID") and value:
                    found[subject.attrib["SubjectKey"], event.get(f"{own}UniqueEventName", ""),
                          item.attrib["ItemOID"], value.strip()] += 1
    return found


XML_FILES = {"redcap_pycap/doctest_project.xml": (17, 0),
             "redcap_pycap/test_long_project.xml": (128, 1),
             "redcap_pycap/test_simple_project.xml": (35, 0),
             "redcap_redcapr/longitudinal/project.xml": (406, 0)}
"""Items with a value (counted with grep), and of these the zeros of forms that nobody opened."""


@pytest.mark.parametrize("name", XML_FILES)
def test_no_item_of_a_project_xml_is_lost(shared_data: Path, name: str) -> None:
    source = read_source(shared_data / name)
    record_id = source.sheets["records"].cells.columns[0]
    held: Counter[tuple[str, str, str, str]] = Counter()
    for sheet_name, sheet in source.sheets.items():
        for row in sheet.cells.iter_rows(named=True) if sheet_name != "records" else []:
            held.update((row[record_id], row["redcap_event_name"] or "", column, cell)
                        for column, cell in row.items() if cell is not None)
    items = xml_cells(shared_data / name)
    lost = {item: count for item, count in items.items()
            if held[item] < count and item[2] != record_id}
    defaults = sum(count for item, count in lost.items() if item[3] == "0" and (
        "___" in item[2] or item[2].endswith("_complete")))
    assert (items.total(), sum(lost.values())) == XML_FILES[name]
    assert sum(lost.values()) == defaults


def test_the_xml_of_a_project_gives_the_sheets_of_its_export(projects: Path) -> None:
    from_csv = read_source(projects / "longitudinal")
    from_xml = read_source(projects / "longitudinal" / "project.xml")
    assert list(from_csv.sheets) == list(from_xml.sheets)
    for name, sheet in from_csv.sheets.items():
        other = from_xml.sheets[name]
        assert sheet.cells.columns == other.cells.columns
        assert {name: field.choices for name, field in sheet.fields.items()} == {
            name: field.choices for name, field in other.fields.items()}
        assert [[spaced(cell) for cell in row] for row in sheet.cells.rows()] == [
            [spaced(cell) for cell in row] for row in other.cells.rows()], name


def spaced(cell: str | None) -> str | None:
    """XML has no line breaks in a value: they are spaces there."""
    return None if cell is None else " ".join(cell.split())


KEYS = {"redcap_event_name": "Event Name", "redcap_repeat_instrument": "Repeat Instrument",
        "redcap_repeat_instance": "Repeat Instance", "redcap_survey_identifier":
        "Survey Identifier", "redcap_data_access_group": "Data Access Group"}


def as_labels(folder: Path, to: Path) -> None:
    """Write the label export of a raw one, as REDCap would have."""
    dictionary = read_rows(folder / "dictionary.csv")
    fields = {row["Variable / Field Name"]: row for row in dictionary}
    choices = {name: {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
               .get(row["Field Type"], choices_of(row[
                   "Choices, Calculations, OR Slider Labels"])
                   if row["Field Type"] in ("radio", "dropdown", "checkbox") else {})
               for name, row in fields.items()}
    header, *rows = exported(folder)
    names, codes = [], []
    for column in header:
        field, _, code = column.partition("___")
        if column in KEYS:
            names.append(KEYS[column])
            codes.append({})
        elif column.endswith("_complete") and column not in fields:
            names.append("Complete?")
            codes.append(COMPLETE)
        elif column.endswith("_timestamp"):
            names.append("Survey Timestamp")
            codes.append({})
        else:
            label = fields[field]["Field Label"]
            of_code = {re.sub(r"[^a-z0-9]", "_", known.lower()): text
                       for known, text in choices[field].items()}
            names.append(f"{label} (choice={of_code[code]})" if code else label)
            codes.append(BOX if code else choices[field])
    to.mkdir()
    (to / "dictionary.csv").write_bytes((folder / "dictionary.csv").read_bytes())
    with (to / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([known.get(cell, cell) for cell, known in zip(row, codes, strict=True)]
                         for row in rows)


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", [name for name in PROJECTS if name not in (
    "russian", "potentially-problematic-dictionary")])
def test_a_label_export_gives_the_same_cells_as_the_raw_one(
    projects: Path, tmp_path: Path, name: str
) -> None:
    as_labels(projects / name, tmp_path / "labels")
    raw, labelled = read_source(projects / name), read_source(tmp_path / "labels")
    assert "column names labels" in labelled.sniffed[0] or name == "arm-multiple-delete"
    for sheet_name, sheet in raw.sheets.items():
        assert labelled.sheets[sheet_name].cells.equals(sheet.cells), sheet_name


SPARSE = """
site = "Sparse"
subject_id = { field = "record_id" }
[anchor]
sheet = "demographics"
field = "date_enrolled"
date = "%Y-%m-%d"
[[subject]]
sheet = "demographics"
sex = { field = "sex", codes = { 0 = "F", 1 = "M" } }
age_at_index_days = { field = "dob", date = "%Y-%m-%d" }
[[subject]]
sheet = "records"
when = { field = "demographics_complete", given = false }
[medical_history]
sheet = "bp"
condition = "blood pressure measured"
start_day = { field = "date_bp", date = "%Y-%m-%d" }
"""

LONGITUDINAL = """
site = "Long"
subject_id = { field = "study_id" }
[subject]
sheet = "demographics"
sex = { field = "sex", codes = { 0 = "F", 1 = "M" } }
[[laboratory]]
sheet = "demographics"
test = "WEIGHT"
day = 0
value = { field = "weight" }
unit = "kg"
[[laboratory]]
sheet = "baseline_data"
test = "CREATININE"
day = 0
value = { field = "creat_b" }
unit = "mg/dL"
[[laboratory]]
sheet = "visit_lab_data"
when = { field = "redcap_event_name", is = ["visit_1_arm_1"] }
test = "CREATININE"
day = 3
value = { field = "vld2" }
unit = "mg/dL"
[[laboratory]]
sheet = "visit_lab_data"
when = { field = "redcap_event_name", is = ["visit_2_arm_1"] }
test = "CREATININE"
day = 10
value = { field = "vld2" }
unit = "mg/dL"
"""

MAPPED = {
    "repeating-instruments-sparse": (SPARSE, {
        "demographics.record_id": "subject.subject_id",
        "bp.record_id": "medical_history.subject_id",
        "demographics.sex": "subject.sex", "demographics.dob": "subject.age_at_index_days",
        "bp.date_bp": "medical_history.start_day"}),
    "longitudinal": (LONGITUDINAL, {
        "demographics.study_id": "subject.subject_id", "demographics.sex": "subject.sex"}),
}


def brought(projects: Path, tmp_path: Path, name: str) -> tuple[Source, Imported, Path]:
    """Import a project with a mapping of the test into a study folder."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "mapping.toml").write_text(MAPPED[name][0], encoding="utf-8")
    (site / "study.toml").write_text('[study]\ntitle = "A study"\n', encoding="utf-8")
    source = read_source(projects / name)
    imported = import_site(source, read_mapping(site / "mapping.toml"))
    write_import(tmp_path / "study", imported, files=source.files, plan=site / "study.toml")
    return source, imported, tmp_path / "study"


@pytest.mark.parametrize("name", MAPPED)
def test_every_cell_is_in_a_table_a_reason_or_listed_as_unmapped(
    projects: Path, tmp_path: Path, name: str
) -> None:
    source, imported, folder = brought(projects, tmp_path, name)
    account = json.loads(next((folder / "imports").glob("*.json")).read_text(encoding="utf-8"))
    assert account["unmapped"] == imported.unmapped
    read_by_mapping = set(re.findall(r'field = "(\w+)"', MAPPED[name][0]))
    fates: Counter[str] = Counter()
    for sheet_name, sheet in source.sheets.items():
        for column, cells in sheet.columns.items():
            given = sum(cell is not None for cell in cells)
            is_listed = f"{sheet_name}.{column}" in imported.unmapped
            assert is_listed or column in read_by_mapping, f"{sheet_name}.{column} is lost"
            fates["listed as unmapped" if is_listed else "read by the mapping"] += given
    assert fates.total() == sum(
        cell is not None for sheet in source.sheets.values()
        for cells in sheet.columns.values() for cell in cells)
    assert fates == CELLS[name]


CELLS = {
    "repeating-instruments-sparse": {"read by the mapping": 31, "listed as unmapped": 38},
    "longitudinal": {"read by the mapping": 27, "listed as unmapped": 498},
}
"""Cells of all sheets; the keys of a row stand once in each sheet that has it.

Read of the first, by hand: of 5 rows of demographics 5 records, 2 sexes, 2 births, 4 enrolments; of
4 rows of bp the record and the date; of 5 records the identifier and whether demographics was
opened. Of the second: 3 x (record, sex, weight), 3 x (record, creatinine), 4 x (record, event,
creatinine).
"""


@pytest.mark.parametrize("name", MAPPED)
def test_what_a_mapping_reads_is_in_its_table_or_has_a_reason(
    projects: Path, tmp_path: Path, name: str
) -> None:
    source, imported, _ = brought(projects, tmp_path, name)
    reasons = Counter(imported.tables["null_reason"].select("table", "column").rows())
    for origin, target in MAPPED[name][1].items():
        sheet, column = origin.split(".")
        table, into = target.split(".")
        cells = source.sheets[sheet].columns[column]
        written = imported.tables[table][into]
        assert len(written) - written.null_count() == sum(cell is not None for cell in cells)
        assert reasons[table, into] == sum(cell is None for cell in cells)


def test_laboratory_values_of_visits_are_the_cells_of_their_form(
    projects: Path, tmp_path: Path
) -> None:
    source, imported, _ = brought(projects, tmp_path, "longitudinal")
    laboratory = imported.tables["laboratory"].select(
        "subject_id", as_given=pl.coalesce("source_value", "value"))
    expected = Counter(
        (study_id, float(cell)) for sheet, column, events in (
            ("demographics", "weight", None), ("baseline_data", "creat_b", None),
            ("visit_lab_data", "vld2", {"visit_1_arm_1", "visit_2_arm_1"}))
        for study_id, event, cell in source.sheets[sheet].cells.select(
            "study_id", "redcap_event_name", column).rows()
        if cell is not None and (events is None or event in events))
    assert Counter(laboratory.rows()) == expected
