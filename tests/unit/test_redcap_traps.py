"""The traps of REDCap exports, each with the smallest export that shows it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from remission.errors import InputError
from remission.sources.importing import import_site
from remission.sources.mapping import read_mapping
from remission.sources.read_source import read_source
from remission.sources.redcap_api import read_api
from remission.sources.write_import import write_import
from tests.unit.redcap_files import cells, dictionary_text, put, read, reasons

ID = ("record_id", "enrolment", "text", "Record")
SEX = ("sex", "enrolment", "radio", "Sex", "1, Male | 2, Female")
RACE = ("race", "more", "checkbox", "Race", "1, One | 2, Two")
NOTE = ("note", "more", "text", "Note")


@pytest.mark.parametrize(("row", "is_started"), [
    ("1,1,0,0,,0", False), ("1,1,0,0,,", False), ("1,1,,,,", False),
    ("1,1,0,0,x,0", True), ("1,1,0,1,,0", True), ("1,1,0,0,,1", True), ("1,1,0,0,,2", True),
])
def test_zeros_of_boxes_and_status_do_not_start_a_form(
    tmp_path: Path, row: str, is_started: bool
) -> None:
    source = read(tmp_path, f"record_id,sex,race___1,race___2,note,more_complete\n{row}\n",
                  ID, SEX, RACE, NOTE)
    assert len(source.sheets["more"].cells) == is_started
    assert reasons(source, "records", "more_complete") == (
        (None,) if is_started else ("NOT_ASKED",))


def test_the_zeros_of_forms_never_opened_are_counted(tmp_path: Path) -> None:
    source = read(tmp_path, "record_id,sex,race___1,race___2,note,more_complete\n1,1,0,0,,0\n",
                  ID, SEX, RACE, NOTE)
    assert "Left out: 3 zeros of forms that nobody opened (unchecked boxes, status incomplete)" in (
        source.sniffed)


def test_a_record_whose_fields_are_all_empty_is_still_a_record(tmp_path: Path) -> None:
    source = read(tmp_path, "record_id,sex,enrolment_complete\n1,2,2\n2,,0\n3,1,0\n", ID, SEX)
    assert cells(source, "enrolment", "record_id") == [("1",), ("3",)]
    assert cells(source, "records", "record_id", "enrolment_complete") == [
        ("1", "2"), ("2", None), ("3", "0")]
    assert source.sheets["records"].where(1) == "first.csv[records], row 3"


def test_without_its_status_in_the_export_a_form_has_none_among_the_records(
    tmp_path: Path,
) -> None:
    source = read(tmp_path, "record_id,sex\n1,2\n", ID, SEX)
    assert source.sheets["records"].cells.columns == ["record_id"]


def test_codes_of_choices_come_from_the_dictionary_not_from_the_column(tmp_path: Path) -> None:
    odd = ("drug", "enrolment", "checkbox", "Drug", "0, None | -99, Unknown | A.b, Other")
    source = read(tmp_path, "record_id,drug___0,drug____99,drug___a_b\n1,1,0,0\n2,0,1,1\n3,0,0,0\n"
                            "4,1,0,1\n", ID, odd)
    assert cells(source, "enrolment", "record_id", "drug", "drug___0", "drug____99",
                 "drug___a_b") == [
        ("1", "0", "1", "0", "0"), ("2", "-99|A.b", "0", "1", "1"), ("4", "0|A.b", "1", "0", "1")]
    field = source.sheets["enrolment"].fields["drug"]
    assert (field.kind, dict(field.choices)) == (
        "checkbox", {"0": "None", "-99": "Unknown", "A.b": "Other"})
    assert source.sheets["enrolment"].fields["drug____99"].label == "Drug: Unknown"


def test_missing_data_codes_become_reasons_and_leave_yes_and_no_alone(tmp_path: Path) -> None:
    asked = ("tumour", "enrolment", "yesno", "Tumour")
    source = read(tmp_path, "record_id,tumour,enrolment_complete\n1,1,2\n2,NASK,2\n3,UNK,2\n4,,2\n",
                  ID, asked)
    assert cells(source, "enrolment", "tumour") == [("1",), (None,), (None,), (None,)]
    assert reasons(source, "enrolment", "tumour") == (None, "NOT_ASKED", "UNKNOWN", None)
    assert "Missing-data codes, assumed, as REDCap offers them: NASK (1), UNK (1)" in source.sniffed


def test_missing_data_codes_reach_the_table_of_reasons(tmp_path: Path) -> None:
    folder = put(tmp_path / "in", "record_id,sex\n1,1\n2,NA\n", ID, SEX)
    (tmp_path / "m.toml").write_text(
        'site = "S"\nsubject_id = { field = "record_id" }\n[subject]\nsheet = "enrolment"\n'
        'sex = { field = "sex", codes = { 1 = "M", 2 = "F" } }\n', encoding="utf-8")
    imported = import_site(read_source(folder), read_mapping(tmp_path / "m.toml"))
    assert imported.tables["subject"]["sex"].to_list() == ["M", None]
    assert imported.tables["null_reason"].select("key", "reason").rows() == [
        ("2", "NOT_APPLICABLE")]


def test_in_free_text_a_code_that_nobody_declared_is_a_text(tmp_path: Path) -> None:
    source = read(tmp_path, "record_id,initials\n1,NA\n", ID,
                  ("initials", "enrolment", "text", "Initials"))
    assert cells(source, "enrolment", "initials") == [("NA",)]


def test_na_in_a_file_that_r_wrote_is_empty_and_has_no_reason(tmp_path: Path) -> None:
    source = read(tmp_path, '"record_id","sex","enrolment_complete"\n"1",NA,"2"\n"2","1",NA\n',
                  ID, SEX)
    assert cells(source, "enrolment", "sex") == [(None,), ("1",)]
    assert reasons(source, "enrolment", "sex") == (None, None)
    assert any("as R writes it" in line for line in source.sniffed)


class _Batches:
    """A project of 150 records of which only the last has a repeated form."""

    def export_metadata(self) -> Any:
        fields = [("record_id", "enrolment", "text"), ("weight", "visit", "text")]
        return [dict(zip(("field_name", "form_name", "field_type", "field_label"),
                         (*entry, "L"), strict=True)) for entry in fields]

    def export_project_info(self) -> Any:
        return {"is_longitudinal": 0, "missing_data_codes": ""}

    def export_events(self) -> Any:
        return []

    export_arms = export_instruments = export_instrument_event_mappings = export_events

    def export_records(self, **options: Any) -> Any:
        asked = SimpleNamespace(**{"records": None, "fields": None, **options})
        if asked.fields:
            return [{"record_id": str(number)} for number in range(150)]
        rows: list[dict[str, Any]] = [{"record_id": name, "enrolment_complete": "2"}
                                      for name in asked.records]
        if "149" in asked.records:
            rows.append({"record_id": "149", "redcap_repeat_instrument": "visit",
                         "redcap_repeat_instance": 1, "weight": "20", "visit_complete": "2"})
        return rows


def test_columns_come_from_the_dictionary_where_a_batch_has_no_repeats() -> None:
    source = read_api(_Batches())
    assert len(source.sheets["records"].cells) == 150
    assert cells(source, "visit", "record_id", "redcap_repeat_instance", "weight") == [
        ("149", "1", "20")]


def test_the_key_has_four_parts_where_the_export_has_one(tmp_path: Path) -> None:
    source = read(tmp_path, "record_id,sex\n1,1\n", ID, SEX)
    assert source.sheets["enrolment"].cells.columns[:4] == [
        "record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"]
    assert reasons(source, "enrolment", "redcap_event_name") == ("NOT_APPLICABLE",)


def test_a_repeating_form_and_a_repeating_event_keep_apart(tmp_path: Path) -> None:
    source = read(
        tmp_path,
        "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sex,weight\n"
        "1,start_arm_1,,,1,\n1,start_arm_1,visit,1,,20\n1,start_arm_1,visit,2,,21\n"
        "1,cycle_arm_1,,1,,22\n1,cycle_arm_1,,2,,23\n",
        ID, SEX, ("weight", "visit", "text", "Weight"))
    assert cells(source, "visit", "redcap_event_name", "redcap_repeat_instrument",
                 "redcap_repeat_instance", "weight") == [
        ("start_arm_1", "visit", "1", "20"), ("start_arm_1", "visit", "2", "21"),
        ("cycle_arm_1", None, "1", "22"), ("cycle_arm_1", None, "2", "23")]
    assert "repeating: cycle_arm_1, visit" in source.sniffed[0]


def test_two_rows_with_the_same_key_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"first.csv, row 2: 2 rows have the same key \(1, visit"):
        read(tmp_path, "record_id,redcap_repeat_instrument,redcap_repeat_instance,weight\n"
                       "1,visit,1,20\n1,visit,1,21\n", ID, ("weight", "visit", "text", "Weight"))


def test_semicolons_decimal_commas_a_mark_and_foreign_letters(tmp_path: Path) -> None:
    weight = {"field_name": "weight", "form_name": "enrolment", "field_type": "text",
              "field_label": "Вес, 体重", "text_validation_type_or_show_slider_number": "number"}
    put(tmp_path, "", ID, weight)
    (tmp_path / "first.csv").write_bytes(
        "record_id;weight\n1;20,5\n2;1,125\n".encode("utf-8-sig"))
    (tmp_path / "second.csv").write_bytes(
        dictionary_text(ID, weight, delimiter=";").encode("utf-8-sig"))
    source = read_source(tmp_path)
    assert "utf-8 (its mark), semicolon, column names raw, values raw, 2 records in 2 rows" in (
        source.sniffed[0])
    sheet = source.sheets["enrolment"]
    assert sheet.decimal == ","
    assert sheet.fields["weight"].label == "Вес, 体重"
    assert cells(source, "enrolment", "weight") == [("20,5",), ("1,125",)]


def test_points_and_decimal_commas_in_one_form_become_points(tmp_path: Path) -> None:
    fields = [{"field_name": name, "form_name": "enrolment", "field_type": "text",
               "field_label": name, "text_validation_type_or_show_slider_number": kind}
              for name, kind in (("a", "number"), ("b", "number_comma_decimal"))]
    source = read(tmp_path, 'record_id,a,b\n1,1.54,"1,540"\n', ID, *fields)
    assert source.sheets["enrolment"].decimal == "."
    assert cells(source, "enrolment", "a", "b") == [("1.54", "1.540")]
    assert "enrolment: decimal commas are read as points in b" in source.sniffed


def test_a_changed_code_list_stops_the_next_import(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        'site = "S"\nsubject_id = { field = "record_id" }\n[subject]\nsheet = "enrolment"\n'
        'sex = { field = "sex", codes = { 1 = "M", 2 = "F" } }\n', encoding="utf-8")

    def bring(choices: str, *, accept: bool = False) -> None:
        source = read(tmp_path / "in", "record_id,sex\n1,1\n", ID, (*SEX[:4], choices))
        write_import(tmp_path / "study", import_site(source, read_mapping(tmp_path / "m.toml")),
                     files=source.files, plan=None, accept_dictionary=accept)

    bring("1, Male | 2, Female")
    bring("1, Male | 2, Female")
    with pytest.raises(InputError, match=r"enrolment, field sex: The dictionary changed since the "
                                         r"last import: code 1 was 'Male', is 'Female'; code 2 was "
                                         r"'Female', is 'Male'.*--accept-dictionary"):
        bring("1, Female | 2, Male")
    bring("1, Female | 2, Male", accept=True)
    bring("1, Female | 2, Male")
