"""remission init: a newcomer's folder can be filled in Excel and reported, dates and all."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import openpyxl
import pytest

from remission.errors import OutputError
from remission.plan import kinds_of_analysis, read_plan
from remission.records.tables import CLINICAL_TABLES, ENTERED_TABLES
from remission.sources.study_folder import read_study
from remission.sources.template import write_template
from remission.sources.template_guide import COLOURS, GUIDES
from tests.conftest import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_template(tmp_path / "study")
    return tmp_path / "study"


def test_the_plan_is_valid_as_it_stands_and_with_every_example_in_use(folder: Path) -> None:
    plan = folder / "study.toml"
    read_plan(plan)
    lines = plan.read_text(encoding="utf-8").splitlines()
    example = re.compile(r"# (\[+[\w.]+\]+|\]|\w+ = .*|    .*)$")
    opened = [line[2:] if example.match(line) else line for line in lines]
    plan.write_text("\n".join(opened), encoding="utf-8")
    used = read_plan(plan)
    assert {analysis.kind for analysis in used.analyses} == {
        "characteristics", "transplant", "survival", "cumulative_incidence", "toxicity", "cases"}
    assert set(used.definitions) == {"age_group", "neutrophil_recovery", "platelet_recovery"}


def test_every_table_has_an_empty_file_with_its_columns(folder: Path) -> None:
    for table in CLINICAL_TABLES:
        with (folder / "tables" / f"{table.name}.csv").open(encoding="utf-8") as file:
            rows = list(csv.reader(file))
        assert rows == [[column.name for column in table.columns]]


def test_the_guide_names_every_table_and_only_kinds_there_are(folder: Path) -> None:
    assert set(GUIDES) == {table.name for table in ENTERED_TABLES}
    named = {kind for guide in GUIDES.values() for kind in guide.kinds}
    assert named == set(kinds_of_analysis())
    plan = (folder / "study.toml").read_text(encoding="utf-8")
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for kind in kinds_of_analysis():
        assert kind in plan, kind
    for table in ENTERED_TABLES:
        assert f"`{table.name}`" in readme, table.name
    assert "<!--" not in readme


def test_what_must_be_filled_is_what_comes_first(folder: Path) -> None:
    first = [name for name, guide in GUIDES.items() if guide.step == 1]
    assert first == ["subject", "follow_up"]
    book = openpyxl.load_workbook(folder / "records.xlsx")
    assert book.sheetnames[:3] == ["READ ME", *first]
    said = {row[0]: row[2] for row in book["READ ME"].iter_rows(values_only=True)}
    assert said["follow_up"] == "1 fill first" and said["laboratory"] == "3 if you have it"
    colours = {book[name].sheet_properties.tabColor.rgb[2:] for name in first}
    assert colours == {COLOURS[1]}


def test_the_verb_says_what_to_do_next(tmp_path: Path) -> None:
    told = run("init", tmp_path / "study").stdout
    assert "subject and follow_up" in told
    for verb in ("map", "import", "check", "report"):
        assert f"remission {verb} " in told


def test_coded_columns_have_drop_downs(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "records.xlsx")
    sheet = book["subject"]
    heads = [cell.value for cell in sheet[1]]
    assert heads[2:4] == ["index_date", "birth_date"]
    lists = {str(v.sqref).split(":")[0].rstrip("2"): v.formula1
             for v in sheet.data_validations.dataValidation}
    column = sheet.cell(1, heads.index("sex") + 1).column_letter
    at = lists[column].split("!")[1].replace("$", "")
    codes = [cell.value for (cell,) in book["codes"][at]]
    assert codes == ["F", "M", "U"]
    assert book["codes"].sheet_state == "hidden"


def fill(folder: Path, sheet: str, *rows: dict[str, object]) -> None:
    book = openpyxl.load_workbook(folder / "records.xlsx")
    heads = [cell.value for cell in book[sheet][1]]
    for number, row in enumerate(rows, start=2):
        for name, value in row.items():
            book[sheet].cell(number, heads.index(name) + 1, value)
    book.save(folder / "records.xlsx")


def test_from_the_filled_workbook_to_the_report(folder: Path, tmp_path: Path) -> None:
    fill(folder, "subject", *({
        "subject_id": f"C{number}", "site_id": "1", "index_date": f"2021-03-0{number}",
        "birth_date": "2015-03-01", "sex": "F" if number % 2 else "M",
        "cohort": "RR" if number < 4 else "MRD_POS"} for number in range(1, 8)))
    fill(folder, "follow_up", *({
        "subject_id": f"C{number}", "vital_status": "DEAD" if number == 2 else "ALIVE",
        "last_contact_day": "2022-06-01" if number != 3 else 400,
        "death_day": "2022-06-01" if number == 2 else None} for number in range(1, 8)))
    done = run("import", folder / "records.xlsx", "--to", folder)
    assert done.returncode == 0, done.stderr
    study = read_study(folder)
    assert study.table("follow_up")["last_contact_day"].to_list()[:3] == [457, 456, 400]
    assert study.table("subject")["age_at_index_days"].to_list()[0] == 2192
    assert (folder / "vault" / "1.csv").exists()
    done = run("report", folder, "-o", tmp_path / "report")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "report" / "report.html").exists()


def test_dates_without_an_index_date_say_what_to_do(folder: Path) -> None:
    fill(folder, "subject", {"subject_id": "A", "site_id": "1"})
    fill(folder, "follow_up", {"subject_id": "A", "last_contact_day": "2022-06-01"})
    done = run("import", folder / "records.xlsx", "--to", folder)
    assert done.returncode == 2
    assert "subject A has no anchor date" in done.stderr
    assert "index_date" in done.stderr


def test_a_folder_in_use_is_not_overwritten(folder: Path) -> None:
    with pytest.raises(OutputError, match="There is something here already"):
        write_template(folder)
