"""remission dictionary: what is written, filled by a centre and read back is the same study."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from remission.records.dictionary import dictionary_markdown
from remission.records.json_schema import json_schema
from remission.records.labels import LANGUAGES, Language, label
from remission.records.redcap_dictionary import (
    COLUMNS,
    RECORD_ID,
    redcap_code,
    redcap_dictionary,
    redcap_field,
    redcap_instruments,
)
from remission.records.tables import ENTERED_TABLES, TABLES
from remission.sources.identity import identity_mapping, without_template_sheets
from remission.sources.importing import import_site
from remission.sources.read_source import read_source
from remission.sources.sheet import Sheet, Source
from remission.sources.template_workbook import write_workbook
from tests.conftest import run
from tests.unit.studies_made import (
    Rows,
    fill_workbook,
    frame_of,
    redcap_export,
    tables_of_study,
    write_redcap,
)

FIELDS = list(csv.DictReader(io.StringIO(redcap_dictionary())))


def assert_same_study(source: Source, tables: Rows) -> None:
    found = without_template_sheets(source)
    imported = import_site(found, identity_mapping(found)).tables
    for table in ENTERED_TABLES:
        wanted = frame_of(tables[table.name], table)
        if wanted.is_empty():
            assert table.name not in imported or imported[table.name].is_empty()
        else:
            given_back = imported[table.name].drop("_source").sort(list(table.key))
            assert given_back.equals(wanted), table.name


@pytest.fixture(scope="module")
def empty_workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "records.xlsx"
    write_workbook(path, language="zh")
    return path


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables=tables_of_study())
def test_a_filled_workbook_gives_the_same_study(empty_workbook: Path, tables: Rows) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "records.xlsx"
        path.write_bytes(empty_workbook.read_bytes())
        fill_workbook(path, tables)
        assert_same_study(read_source(path), tables)


def sheets_by_form(rows: list[dict[str, str]]) -> Source:
    """Return a block matrix as a reader of REDCap gives it: a sheet a form, boxes joined by |."""
    sheets = {}
    for table in ENTERED_TABLES:
        own = [row for row in rows if row[f"{table.name}_complete"]]
        fields = [field for field in FIELDS if field["Form Name"] == table.name
                  and field["Variable / Field Name"] != RECORD_ID]
        columns: dict[str, list[str | None]] = {
            name: [row.get(name) or None for row in own]
            for name in (RECORD_ID, "redcap_repeat_instrument", "redcap_repeat_instance")}
        for field in fields:
            name = field["Variable / Field Name"]
            if field["Field Type"] == "checkbox":
                codes = [choice.split(",")[0] for choice in field[
                    "Choices, Calculations, OR Slider Labels"].split(" | ")]
                columns[name] = ["|".join(code for code in codes if row.get(
                    f"{name}___{code.lower()}") == "1") or None for row in own]
            else:
                columns[name] = [row.get(name) or None for row in own]
        columns[f"{table.name}_complete"] = ["2"] * len(own)
        sheets[table.name] = Sheet(
            table.name, f"data.csv[{table.name}]",
            pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)),
            tuple(range(2, len(own) + 2)))
    return Source(sheets, (), ())


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables=tables_of_study())
def test_forms_of_redcap_with_our_dictionary_need_no_mapping(tables: Rows) -> None:
    assert_same_study(sheets_by_form(redcap_export(tables, FIELDS)), tables)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables=tables_of_study())
def test_a_redcap_export_with_our_dictionary_gives_the_same_study(tables: Rows) -> None:
    with TemporaryDirectory() as folder:
        write_redcap(Path(folder), redcap_dictionary(), tables)
        assert_same_study(read_source(Path(folder)), tables)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_redcap_dictionary_is_one_that_redcap_takes(language: Language) -> None:
    text = redcap_dictionary(language)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS and len(COLUMNS) == 18
    names = [row["Variable / Field Name"] for row in rows]
    assert names[0] == RECORD_ID
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*[a-z0-9]", name) and "__" not in name
               and len(name) <= 100 for name in names)
    assert {row["Form Name"] for row in rows} == {table.name for table in ENTERED_TABLES}
    for row in rows:
        choices = [choice.partition(", ") for choice in row[
            "Choices, Calculations, OR Slider Labels"].split(" | ") if choice]
        codes = [code for code, _, _ in choices]
        assert bool(choices) == (row["Field Type"] in ("radio", "dropdown", "checkbox"))
        assert all(re.fullmatch(r"[A-Za-z0-9_]+", code) and text for code, _, text in choices)
        assert len({code.lower() for code in codes}) == len(codes)


def test_branching_asks_for_fields_and_codes_that_are_there() -> None:
    by_name = {row["Variable / Field Name"]: row for row in FIELDS}
    branches = [row["Branching Logic (Show field only if...)"] for row in FIELDS]
    asked = [re.fullmatch(r"\[(\w+)\] (=|<>) '(\w+)'", logic) for logic in branches if logic]
    assert len(asked) >= 10
    for logic in asked:
        assert logic is not None
        choices = by_name[logic[1]]["Choices, Calculations, OR Slider Labels"]
        assert logic[3] in [choice.split(",")[0] for choice in choices.split(" | ")]


def test_every_column_has_its_field_and_dates_are_asked_as_dates() -> None:
    by_name = {row["Variable / Field Name"]: row for row in FIELDS}
    assert by_name["assessment_day"]["Text Validation Type OR Show Slider Number"] == "date_ymd"
    assert by_name["subject_birth_date"]["Identifier?"] == "y"
    assert by_name["transplant_tbi_gy"]["Field Note"] == "Gy"
    assert by_name["transplant_tbi_gy"]["Text Validation Max"] == "20"
    assert by_name["adverse_event_grade"]["Text Validation Min"] == "1"
    missing = [f"{table.name}.{column.name}" for table in ENTERED_TABLES
               for column in table.columns
               if redcap_field(table.name, column.name) not in by_name]
    counted = [line.split("\t")[0] + "." + line.rsplit(" ", 1)[1]
               for line in redcap_instruments().splitlines() if "instance is" in line]
    assert missing == counted


@pytest.mark.parametrize("table", ENTERED_TABLES, ids=lambda table: table.name)
def test_codes_stay_apart_when_redcap_writes_them(table: object) -> None:
    for column in TABLES[table.name].columns:  # type: ignore[attr-defined]  # parametrized over what has it
        assert len({redcap_code(code).casefold() for code in column.codes}) == len(column.codes)


def test_the_schema_has_a_definition_for_each_table() -> None:
    schema = json_schema("es")
    assert set(schema["$defs"]) == set(TABLES) == set(schema["properties"])
    assert all(part["items"] == {"$ref": f"#/$defs/{name}"}
               for name, part in schema["properties"].items())
    transplant = schema["$defs"]["transplant"]
    assert transplant["required"] == ["subject_id", "transplant_no"]
    assert transplant["properties"]["day"] == {
        "title": "Fecha del trasplante", "description": "days", "type": ["integer", "null"],
        "minimum": -40000, "maximum": 40000}
    donors = [choice.get("const") for choice in transplant["properties"]["donor"]["oneOf"]]
    assert donors == [*TABLES["transplant"].by_name["donor"].codes, None]
    assert transplant["properties"]["gvhd_prophylaxis"]["anyOf"][0]["uniqueItems"] is True


@pytest.mark.parametrize("language", ["es", "zh"])
def test_the_page_is_in_the_language_asked_for(language: Language) -> None:
    page = dictionary_markdown(language)
    for table in TABLES.values():
        for column in table.columns:
            assert label(table.name, column.name, language) in page
    assert "Day of the graft infusion" not in page


def test_the_command_writes_each_form(tmp_path: Path) -> None:
    done = run("dictionary", "--redcap", "--language", "es", "-o", tmp_path / "ours.csv")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "ours.csv").read_text("utf-8") == redcap_dictionary("es")
    assert (tmp_path / "ours-instruments.txt").read_text("utf-8") == redcap_instruments("es")
    shown = run("dictionary", "--json")
    assert json.loads(shown.stdout) == json_schema()
    done = run("dictionary", "--excel", "--language", "zh", "-o", tmp_path / "ours.xlsx")
    assert done.returncode == 0, done.stderr
    book = openpyxl.load_workbook(tmp_path / "ours.xlsx")
    assert "供者类型" in book["transplant"]["D1"].comment.text
    again = run("dictionary", "--markdown", "-o", tmp_path / "ours.xlsx")
    assert again.returncode == 2 and "There is something here already" in again.stderr
    assert "--redcap, --excel" in run("dictionary").stderr
    assert "Name the file" in run("dictionary", "--excel").stderr
    refused = run("dictionary", "--excel", "-o", tmp_path / "book.csv")
    assert refused.returncode == 2 and "ends in .xlsx" in refused.stderr
    assert not (tmp_path / "book.csv").exists()
