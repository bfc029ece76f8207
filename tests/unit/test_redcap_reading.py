"""REDCap files as they come: recognised by what they hold, and refused with reasons."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from remission.errors import InputError
from remission.sources.read_source import read_source
from tests.conftest import run
from tests.unit.redcap_files import Entry, cells, dictionary_text, put, read, reasons

ID = ("record_id", "enrolment", "text", "Record ID")
SEX = ("sex", "enrolment", "radio", "Sex", "1, Male | 2, Female")
RACE = ("race", "enrolment", "checkbox", "Race <b>(all that apply)</b>", "1, One | -9, Two")
WEIGHT = ("weight", "visit_one", "text", "Weight")
HEIGHT = ("height", "visit_one", "text", "Weight")


def validated(name: str, validation: str, form: str = "enrolment") -> Entry:
    return {"field_name": name, "form_name": form, "field_type": "text", "field_label": name,
            "text_validation_type_or_show_slider_number": validation}


@pytest.mark.parametrize("labels", [True, False])
def test_a_folder_is_recognised_by_its_contents(tmp_path: Path, labels: bool) -> None:
    put(tmp_path, "record_id,sex\n1,2\n", ID, SEX)
    (tmp_path / "second.csv").write_text(dictionary_text(ID, SEX, labels=labels), encoding="utf-8")
    assert list(read_source(tmp_path).sheets) == ["records", "enrolment"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings_are_recognised_too(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes("record_id,sex\n1,2\n".encode(encoding))
    (tmp_path / "b.csv").write_bytes(dictionary_text(ID, SEX).encode(encoding))
    assert list(read_source(tmp_path).sheets) == ["records", "enrolment"]


def test_a_dictionary_in_the_folder_may_be_named_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "record_id,sex\n1,2\n", ID, SEX)
    monkeypatch.chdir(tmp_path)
    source = read_source(tmp_path, redcap_dictionary=Path("second.csv"))
    assert list(source.sheets) == ["records", "enrolment"]


def test_a_dictionary_may_be_given_beside_one_file(tmp_path: Path) -> None:
    put(tmp_path / "a", "record_id,sex\n1,2\n", ID, SEX)
    (tmp_path / "a" / "second.csv").rename(tmp_path / "dictionary.csv")
    export = tmp_path / "a" / "first.csv"
    assert list(read_source(export).sheets) == ["first"]
    source = read_source(export, redcap_dictionary=tmp_path / "dictionary.csv")
    assert list(source.sheets) == ["records", "enrolment"]
    assert [file.name for file in source.files] == ["first.csv", "dictionary.csv"]


def test_the_dictionary_may_be_a_project_xml(tmp_path: Path) -> None:
    (tmp_path / "project.xml").write_text(XML, encoding="utf-8")
    (tmp_path / "data.csv").write_text("record_id,sex,weight\n8,1,20\n", encoding="utf-8")
    source = read_source(tmp_path / "data.csv", redcap_dictionary=tmp_path / "project.xml")
    assert cells(source, "visit", "record_id", "weight") == [("8", "20")]


def test_an_export_without_its_dictionary_is_told_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("record_id,redcap_event_name\n1,start_arm_1\n", encoding="utf-8")
    assert any("--redcap-dictionary" in line for line in read_source(path).sniffed)


def test_other_files_of_the_folder_are_sheets_as_before(tmp_path: Path) -> None:
    source = read(tmp_path, "record_id,sex\n1,2\n", ID, SEX,
                  laboratory="record_id,test,value\n1,ANC,2\n")
    assert list(source.sheets) == ["records", "enrolment", "laboratory"]
    assert {file.name for file in source.files} == {"first.csv", "second.csv", "laboratory.csv"}


@pytest.mark.parametrize(("others", "problem"), [
    ({"third": dictionary_text(ID)}, "several REDCap dictionaries: second.csv, third.csv"),
    ({"third": "record_id,sex\n1,2\n"}, "several exports of the REDCap dictionary: first.csv"),
])
def test_what_is_there_twice_is_refused(
    tmp_path: Path, others: dict[str, str], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        read(tmp_path, "record_id,sex\n1,2\n", ID, SEX, **others)


@pytest.mark.parametrize(("data", "entries", "problem"), [
    ("a,b\n1,2\n", [ID, SEX], "no export of its records"),
    ("record_id,sex\n,2\n", [ID, SEX], "first.csv, row 2, column record_id: .*is empty"),
    ("record_id,sex\n1,2,3\n", [ID, SEX], "3 cells under 2 column names"),
    ("record_id,sex\n1,2\n", [ID, ID, SEX], "second.csv, row 3: The field 'record_id' stands tw"),
    ("record_id,sex\n1,2\n", [ID, ("x", "", "text", "X")], "row 3: This field has no name or no"),
    ("record_id\n1\n", [ID, ("x", "f", "checkbox", "X", "A-1, a | a.1, b")], "the same column"),
])
def test_what_cannot_be_read_says_where_and_why(
    tmp_path: Path, data: str, entries: list[Entry], problem: str
) -> None:
    with pytest.raises(InputError, match=problem) as error:
        read(tmp_path, data, *entries)
    assert all(problem.cure and problem.where for problem in error.value.problems)


def test_a_dictionary_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no REDCap data dictionary"):
        read_source(tmp_path / "a.csv", redcap_dictionary=tmp_path / "a.csv")
    with pytest.raises(InputError, match=r"gone\.csv: There is no such file"):
        read_source(tmp_path / "a.csv", redcap_dictionary=tmp_path / "gone.csv")
    (tmp_path / "d.csv").write_text(dictionary_text(ID), encoding="utf-8")
    with pytest.raises(InputError, match=r"no column 'record_id'.*not the EAV layout"):
        read_source(tmp_path / "a.csv", redcap_dictionary=tmp_path / "d.csv")


RAW = """record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,sex,race___1,\
race____9,enrolment_complete,weight,height,visit_one_complete
1,start_arm_1,,,2,1,0,2,,,
1,start_arm_1,visit_one,1,,,,,20,110,0
2,start_arm_1,,,,0,1,0,,,
"""
LABELLED = """Record ID,Event Name,Repeat Instrument,Repeat Instance,Sex,\
Race (all that apply) (choice=One),Race (all that apply) (choice=Two),Complete?,Weight,Weight,\
Complete?
1,Start (Arm 1: A),,,Female,Checked,Unchecked,Complete,,,
1,Start,Visit One,1,,,,,20,110,Incomplete
2,Start,,,,Unchecked,Checked,Incomplete,,,
"""
EVENTS = {"events": "event_name,arm_num,unique_event_name\nStart,1,start_arm_1\n",
          "arms": "arm_num,name\n1,A\n"}


def test_labels_are_brought_back_to_names_and_codes(tmp_path: Path) -> None:
    fields = [ID, SEX, RACE, WEIGHT, HEIGHT]
    raw = read(tmp_path / "raw", RAW, *fields, **EVENTS)
    labelled = read(tmp_path / "labels", LABELLED, *fields, **EVENTS)
    assert "column names raw, values raw" in raw.sniffed[0]
    assert "column names labels, values labels" in labelled.sniffed[0]
    assert list(raw.sheets) == list(labelled.sheets)
    for name, sheet in raw.sheets.items():
        assert labelled.sheets[name].cells.equals(sheet.cells), name
        assert labelled.sheets[name].fields == sheet.fields


def test_raw_names_over_labelled_values(tmp_path: Path) -> None:
    source = read(tmp_path, "record_id,sex\n1,Female\n2,Unknown\n", ID, SEX)
    assert "column names raw, values labels" in source.sniffed[0]
    assert cells(source, "enrolment", "sex") == [("2",), ("Unknown",)]
    assert "sex holds what is none of its choices: Unknown" in source.sniffed


def test_a_label_that_two_codes_share_stays_and_is_told(tmp_path: Path) -> None:
    twice = ("cause", "enrolment", "radio", "Cause", "1, Other | 2, Other | 3, Relapse")
    source = read(tmp_path, "Record ID,Cause\n1,Other\n2,Relapse\n", ID, twice)
    assert cells(source, "enrolment", "cause") == [("Other",), ("3",)]
    assert "cause holds what is none of its choices: Other" in source.sniffed


def test_equal_labels_whose_place_does_not_tell_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"column 2 \(Weight\): This label belongs to several "
                                         r"fields, .*: weight, height.*Export the raw data"):
        read(tmp_path, "Record ID,Weight\n1,20\n", ID, WEIGHT, HEIGHT)


def test_dates_written_anew_keep_the_layout_that_fits_all(tmp_path: Path) -> None:
    names = ("iso", "day_first", "unclear", "timed")
    fields = [validated(name, "date_dmy") for name in names[:3]] + [
        validated("timed", "datetime_seconds_mdy")]
    source = read(tmp_path, f"record_id,{','.join(names)}\n"
                            "1,2020-05-01,13/02/2020,01/02/2020,2020-05-01 10:00:00\n"
                            "2,2020-12-31,01/02/2020,02/01/2020,\n", ID, *fields)
    found = source.sheets["enrolment"].fields
    assert [found[name].date for name in names] == [
        "%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"]
    assert found["iso"].kind == "date"


def test_dates_of_another_order_are_told(tmp_path: Path) -> None:
    said = read(tmp_path, "record_id,a,b\n1,13/02/2020,soon\n", ID, validated("a", "date_ymd"),
                validated("b", "date_ymd")).sniffed
    assert "a: not all dates are written as REDCap exports them; they are read by the layout " \
           "%d/%m/%Y" in said
    assert "b: not all dates are written as REDCap exports them; they are read as YYYY-MM-DD, " \
           "and any other is refused" in said


def test_missing_data_codes_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    source = read(tmp_path, "record_id,note\n1,-99\n2,-98\n3,NA\n", ID,
                  ("note", "enrolment", "text", "Note"),
                  project='missing_data_codes\n"-99, Not asked | -98, Pending"\n')
    assert cells(source, "enrolment", "note") == [(None,), (None,), ("NA",)]
    assert reasons(source, "enrolment", "note") == ("NOT_ASKED", "PENDING", None)


def test_which_form_is_filled_in_which_event_tells_blank_from_elsewhere(tmp_path: Path) -> None:
    data = "record_id,redcap_event_name,sex,weight,milk\n1,a_arm_1,,20,\n1,b_arm_1,,21,\n"
    milk = ("milk", "visit_one", "yesno", "Milk", "", "[sex] = '2'")
    unknown = read(tmp_path / "unknown", data, ID, SEX, WEIGHT, milk)
    assert reasons(unknown, "visit_one", "milk") == (None, None)
    known = read(tmp_path / "known", data, ID, SEX, WEIGHT, milk,
                 forms="arm_num,unique_event_name,form\n1,a_arm_1,enrolment\n"
                       "1,a_arm_1,visit_one\n1,b_arm_1,visit_one\n")
    assert reasons(known, "visit_one", "milk") == ("NOT_APPLICABLE", None)


def test_the_command_line_says_what_was_not_used_in_few_lines(tmp_path: Path) -> None:
    put(tmp_path / "in", "record_id,sex,race___1,race____9,weight\n1,2,1,0,20\n2,1,0,1,21\n",
        ID, SEX, RACE, WEIGHT)
    (tmp_path / "m.toml").write_text(
        'site = "S"\nsubject_id = { field = "record_id" }\n[subject]\nsheet = "enrolment"\n'
        'sex = { field = "sex", codes = { 1 = "M", 2 = "F" } }\n', encoding="utf-8")
    done = run("import", tmp_path / "in", "--mapping", tmp_path / "m.toml",
               "--to", tmp_path / "out")
    said = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stderr
    assert "first.csv[records], rows 2, 3; first.csv[visit_one], rows 2, 3" in said
    assert "enrolment.race: no reason is given in the mapping" in said
    assert "2 more only repeat another column" in said


def test_what_the_dictionary_says_of_a_field(tmp_path: Path) -> None:
    name = {"field_name": "surname", "form_name": "enrolment", "field_type": "notes",
            "field_label": "Surname", "identifier": "y", "field_note": "as in the passport",
            "field_annotation": "@READONLY"}
    fields = read(tmp_path, "record_id,sex,surname,n\n1,2,X,1\n", ID, SEX, name,
                  validated("n", "integer")).sheets["enrolment"].fields
    assert (fields["surname"].kind, fields["surname"].identifier) == ("text", True)
    assert fields["surname"].note == "as in the passport · @READONLY"
    assert (fields["sex"].kind, dict(fields["sex"].choices), fields["sex"].form) == (
        "code", {"1": "Male", "2": "Female"}, "enrolment")
    assert fields["n"].kind == "number"
    assert fields["enrolment_complete"].choices["2"] == "Complete"


def test_columns_without_a_form_are_kept_and_told(tmp_path: Path) -> None:
    source = read(tmp_path, "record_id,sex,redcap_survey_identifier,sex_old\n1,2,,\n2,1,,9\n",
                  ID, SEX)
    assert cells(source, "not_in_dictionary", "record_id", "sex_old") == [("2", "9")]
    assert any("sheet not_in_dictionary: sex_old" in line for line in source.sniffed)


def test_forms_that_bear_the_names_of_our_sheets_keep_them(tmp_path: Path) -> None:
    source = read(tmp_path, "record_id,x\n1,2\n", ("record_id", "records", "text", "R"),
                  ("x", "records", "text", "X"))
    assert list(source.sheets) == ["redcap_records", "records"]


def test_surveys_that_were_begun_and_not_sent_in(tmp_path: Path) -> None:
    source = read(tmp_path, "record_id,enrolment_timestamp,sex\n1,[not completed],\n"
                            "2,2020-01-01 10:00:00,1\n", ID, SEX)
    assert cells(source, "enrolment", "enrolment_timestamp") == [(None,), ("2020-01-01 10:00:00",)]
    assert reasons(source, "enrolment", "enrolment_timestamp") == ("PENDING", None)


def test_a_project_without_records_has_its_columns(tmp_path: Path) -> None:
    source = read(tmp_path, "\n", ID, SEX)
    assert source.sheets["enrolment"].cells.height == 0
    assert "sex" in source.sheets["enrolment"].cells.columns
    assert "first.csv is empty: the project has no record yet" in source.sniffed


def test_groups_stand_in_every_sheet(tmp_path: Path) -> None:
    source = read(tmp_path, "record_id,redcap_data_access_group,sex\n1,north,2\n2,,1\n", ID, SEX)
    assert cells(source, "records", "record_id", "redcap_data_access_group") == [
        ("1", "north"), ("2", None)]
    assert cells(source, "enrolment", "redcap_data_access_group") == [("north",), (None,)]


XML = """<?xml version="1.0" encoding="UTF-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:redcap="https://projectredcap.org">
<Study OID="P"><GlobalVariables>
<redcap:MissingDataCodes>-99, Not done
-88, Unknown</redcap:MissingDataCodes>
<redcap:RepeatingInstrumentsAndEvents><redcap:RepeatingInstruments>
<redcap:RepeatingInstrument redcap:UniqueEventName="start_arm_1" redcap:RepeatInstrument="visit"/>
</redcap:RepeatingInstruments></redcap:RepeatingInstrumentsAndEvents></GlobalVariables>
<MetaDataVersion OID="M" redcap:RecordIdField="record_id">
<StudyEventDef OID="E" redcap:EventName="Start" redcap:UniqueEventName="start_arm_1"
 redcap:ArmNum="1" redcap:ArmName="A"/>
<FormDef OID="Form.enrolment" Name="Enrolment" redcap:FormName="enrolment">
<ItemGroupRef ItemGroupOID="g1"/></FormDef>
<FormDef OID="Form.visit" Name="Visit" redcap:FormName="visit">
<ItemGroupRef ItemGroupOID="g2"/></FormDef>
<ItemGroupDef OID="g1"><ItemRef ItemOID="record_id" redcap:Variable="record_id"/>
<ItemRef ItemOID="race___1" redcap:Variable="race"/>
<ItemRef ItemOID="race____9" redcap:Variable="race"/>
<ItemRef ItemOID="sex" redcap:Variable="sex"/>
<ItemRef ItemOID="enrolment_complete" redcap:Variable="enrolment_complete"/></ItemGroupDef>
<ItemGroupDef OID="g2"><ItemRef ItemOID="weight" redcap:Variable="weight"/></ItemGroupDef>
<ItemDef OID="record_id" redcap:Variable="record_id" redcap:FieldType="text">
<Question><TranslatedText>Record</TranslatedText></Question></ItemDef>
<ItemDef OID="race___1" redcap:Variable="race" redcap:FieldType="checkbox">
<Question><TranslatedText>Race</TranslatedText></Question>
<CodeListRef CodeListOID="c1"/></ItemDef>
<ItemDef OID="race____9" redcap:Variable="race" redcap:FieldType="checkbox"/>
<ItemDef OID="sex" redcap:Variable="sex" redcap:FieldType="select">
<CodeListRef CodeListOID="c2"/></ItemDef>
<ItemDef OID="enrolment_complete" redcap:Variable="enrolment_complete" redcap:FieldType="select"/>
<ItemDef OID="weight" redcap:Variable="weight" redcap:FieldType="text"
 redcap:TextValidationType="float"/>
<CodeList OID="c1" redcap:CheckboxChoices="1, One|-9, Two"/>
<CodeList OID="c2"><CodeListItem CodedValue="1"><Decode><TranslatedText>Male</TranslatedText>
</Decode></CodeListItem></CodeList>
</MetaDataVersion></Study>
<ClinicalData>
<SubjectData SubjectKey="7"><StudyEventData StudyEventRepeatKey="1"
 redcap:UniqueEventName="start_arm_1">
<FormData FormOID="Form.enrolment" FormRepeatKey="1"><ItemGroupData>
<ItemData ItemOID="record_id" Value="7"/><ItemData ItemOID="race____9" Value="1"/>
<ItemData ItemOID="sex" Value="-99"/><ItemData ItemOID="gone" Value="x"/></ItemGroupData></FormData>
<FormData FormOID="Form.visit" FormRepeatKey="1"><ItemGroupData>
<ItemData ItemOID="weight" Value="20.5"/></ItemGroupData></FormData>
</StudyEventData></SubjectData></ClinicalData></ODM>
"""


def test_a_project_as_xml(tmp_path: Path) -> None:
    path = tmp_path / "project.xml"
    path.write_text(XML, encoding="utf-8")
    source = read_source(path)
    assert list(source.sheets) == ["records", "enrolment", "visit", "not_in_dictionary"]
    assert cells(source, "enrolment", "record_id", "redcap_event_name", "race", "sex") == [
        ("7", "start_arm_1", "-9", None)]
    assert reasons(source, "enrolment", "sex") == ("NOT_DONE",)
    assert dict(source.sheets["enrolment"].fields["sex"].missing) == {
        "-99": "Not done", "-88": "Unknown"}
    assert cells(source, "visit", "redcap_repeat_instrument", "redcap_repeat_instance",
                 "weight") == [("visit", "1", "20.5")]
    line = XML[:XML.index('<FormData FormOID="Form.visit"')].count("\n") + 1
    assert source.sheets["visit"].where(0) == f"project.xml[visit], row {line}"
    assert cells(source, "not_in_dictionary", "gone") == [("x",)]
    assert "Missing-data codes, declared by the project: -99 (1)" in source.sniffed


def test_an_xml_project_gives_the_dictionary_of_an_export(tmp_path: Path) -> None:
    (tmp_path / "project.xml").write_text(XML, encoding="utf-8")
    (tmp_path / "data.csv").write_text("record_id,sex,weight\n8,1,-88\n", encoding="utf-8")
    source = read_source(tmp_path)
    assert cells(source, "records", "record_id") == [("8",)]
    assert reasons(source, "visit", "weight") == ("UNKNOWN",)
    assert any("project.xml: its settings are read, its records are not" in line
               for line in source.sniffed)


@pytest.mark.parametrize(("text", "problem"), [
    (XML[:900], "Not readable as XML"),
    ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + XML.split("?>")[1],
     "declares a document type"),
    ('<ODM xmlns:redcap="https://projectredcap.org"/>', "defines no field"),
])
def test_xml_that_is_cut_off_or_reaches_out_is_refused(
    tmp_path: Path, text: str, problem: str
) -> None:
    (tmp_path / "x.xml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        read_source(tmp_path / "x.xml")


def test_a_first_column_that_only_counts_is_called_row(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('"","a"\n"1","x"\n"2","y"\n', encoding="utf-8")
    assert read_source(tmp_path / "x.csv").sheets["x"].cells.equals(
        pl.DataFrame({"row": ["1", "2"], "a": ["x", "y"]}))
