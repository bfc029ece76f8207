"""CDISC studies without a mapping: what is read, and what is told of what is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remission.errors import InputError
from remission.sources import cdisc_terms
from remission.sources.built_in import import_without_mapping
from remission.sources.cdisc_terms import TEST_CODES, day_of, short_name, study_day_of
from remission.sources.importing import Imported
from remission.sources.read_source import read_source
from tests.conftest import run

Study = Callable[..., Imported]
DM = """
    DOMAIN | USUBJID | RFSTDTC    | SITEID | AGE | AGEU  | SEX | ARM | DTHFL | RFPENDTC
    DM     | A       | 2020-03-10 | North  | 7   | YEARS | F   | X   |       | 2021-03-10
    DM     | B       | 2020-03-10 | North  | 80  | WEEKS | M   | X   | Y     | 2020-04-10
"""


def as_csv(table: str) -> str:
    lines = [line.strip() for line in table.strip().splitlines()]
    return "\n".join(",".join(cell.strip() for cell in line.split("|")) for line in lines) + "\n"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Import a study written in words: one table a file."""

    def imported(**tables: str) -> Imported:
        for name, table in {"dm": DM, **tables}.items():
            (tmp_path / f"{name}.csv").write_text(as_csv(table), encoding="utf-8")
        return import_without_mapping(read_source(tmp_path))

    return imported


def rows(imported: Imported, table: str, *columns: str) -> list[tuple[Any, ...]]:
    return imported.tables[table].select(columns).rows()


def told(imported: Imported, beginning: str) -> str:
    """Return the last line that begins so: what a file is stands before what was made of it."""
    return [line for line in imported.sniffed if line.startswith(beginning)][-1]


def test_subjects_and_what_is_known_of_them_last(study: Study) -> None:
    imported = study()
    assert rows(imported, "subject", "subject_id", "site_id", "sex", "arm", "index_year") == [
        ("A", "North", "F", "X", 2020), ("B", "North", "M", "X", 2020)]
    assert rows(imported, "subject", "age_at_index_days", "age_at_index_years_reported") == [
        (None, 7.0), (560, None)]
    assert rows(imported, "follow_up", "vital_status", "last_contact_day", "death_day") == [
        ("ALIVE", 365, None), ("DEAD", 31, None)]


def test_a_date_counts_from_the_reference_start_and_a_study_day_has_no_zero(
    study: Study
) -> None:
    imported = study(ae="""
        DOMAIN | USUBJID | AESEQ | AETERM | AESTDTC          | AESTDY | AEENDTC | AEENDY
        AE     | A       | 1     | Fever  | 2020-03-10T08:30 | 1      |         | -1
        AE     | A       | 2     | Rash   |                  | 2      | 2020    |
        AE     | A       | 3     | Pain   | 2020-03          |        |         |
    """)
    assert rows(imported, "adverse_event", "term", "start_day", "end_day") == [
        ("Fever", 0, -1), ("Rash", 1, None), ("Pain", None, None)]
    kept = imported.vault.filter(pl.col("date").str.len_chars() < len("2020-03-01")).select(
        "table", "column", "date").rows()
    assert kept == [("adverse_event", "start_day", "2020-03"), ("adverse_event", "end_day", "2020")]


def test_study_day_0_is_refused_with_its_row(study: Study) -> None:
    with pytest.raises(InputError, match=r"ae\.csv, row 2, column AESTDY: The study day is 0"):
        study(ae="DOMAIN|USUBJID|AESEQ|AETERM|AESTDY\nAE|A|1|Fever|0")


def test_a_date_that_is_not_iso_is_refused_with_its_row(study: Study) -> None:
    with pytest.raises(InputError, match=r"ae\.csv, row 2, column AESTDTC: '10MAR2020' is not"):
        study(ae="DOMAIN|USUBJID|AESEQ|AETERM|AESTDTC\nAE|A|1|Fever|10MAR2020")


def test_a_study_day_that_is_not_that_of_the_date_is_told(study: Study) -> None:
    imported = study(ae="DOMAIN|USUBJID|AESEQ|AETERM|AESTDTC|AESTDY\nAE|A|1|Fever|2020-03-11|7")
    assert rows(imported, "adverse_event", "start_day") == [(1,)]
    assert "in 1 row AESTDY is not the day of AESTDTC; the date is taken" in told(imported, "ae")


def test_words_become_codes_and_others_are_told(study: Study) -> None:
    imported = study(ae="""
        DOMAIN | USUBJID | AEDECOD                   | AEBODSYS              | AETOXGR | AEREL
        AE     | A       | Cytokine release syndrome | Immune                | 3       | POSSIBLE
        AE     | A       | Cold          | Infections and infestations       | GRADE 1 | N
        AE     | A       | Sadness                   | Psychiatric disorders | 9       | MAYBE
    """)
    assert rows(imported, "adverse_event", "term", "group", "grade", "related") == [
        ("Cytokine release syndrome", "CRS", 3, "Y"), ("Cold", "INFECTION", 1, "N"),
        ("Sadness", "OTHER", None, None)]
    assert any("AEREL that stand for none of our codes are left empty: MAYBE 1" in line
               for line in imported.sniffed)
    assert any("AETOXGR that stand for none of our codes are left empty: 9 1" in line
               for line in imported.sniffed)


def test_an_end_that_is_not_there_yet_is_pending(study: Study) -> None:
    imported = study(ae="""
        DOMAIN | USUBJID | AESEQ | AETERM | AEENDY | AEOUT
        AE     | A       | 1     | Fever  | 3      | RECOVERED/RESOLVED
        AE     | A       | 2     | Rash   |        | NOT RECOVERED/NOT RESOLVED
        AE     | A       | 3     | Pain   |        | UNKNOWN
    """)
    reasons = imported.tables["null_reason"].select("key", "column", "reason").rows()
    assert [row for row in reasons if row[1] == "end_day"] == [
        ("A/2", "end_day", "PENDING"), ("A/3", "end_day", "UNKNOWN")]


def test_infusions_are_numbered_in_cycles(study: Study) -> None:
    """A pause of 7 days stays in the cycle, one of 8 begins the next."""
    imported = study(ex="""
        DOMAIN | USUBJID | EXTRT        | EXDOSE | EXDOSU    | EXDOSFRQ   | EXSTDY | EXENDY
        EX     | A       | BLINATUMOMAB | 5      | ug/m2/day |            | 1      | 7
        EX     | A       | BLINATUMOMAB | 15     | ug/m2     | CONTINUOUS | 15     | 28
        EX     | A       | Blincyto     | 15     | ug/m2/day |            | 37     | 60
        EX     | A       | PREDNISONE   | 60     | mg/m2     | QD         | -5     | -1
        EX     | B       | BLINATUMOMAB | 1      | drops     |            | 1      | 2
    """)
    assert rows(imported, "exposure", "cycle_no", "segment_no", "dose", "dose_unit",
                "start_day") == [
        (1, 1, 5.0, "ug/m2/d", 0), (1, 2, 15.0, "ug/m2/d", 14), (2, 1, 15.0, "ug/m2/d", 36),
        (1, 1, None, None, 0)]
    assert rows(imported, "drug_dose", "drug", "dose", "unit", "start_day") == [
        ("PREDNISONE", 60.0, "mg/m2", -5)]
    assert "are left empty: drops 1" in told(imported, "ex")


def test_a_cycle_that_the_file_names_is_taken(study: Study) -> None:
    imported = study(ex="""
        DOMAIN | USUBJID | EXTRT        | EXSTDY | EXENDY | EPOCH
        EX     | A       | BLINATUMOMAB | 1      | 28     | Treatment Cycle 2
    """)
    assert rows(imported, "exposure", "cycle_no", "segment_no") == [(2, 1)]


def test_laboratory_values_keep_the_unit_they_were_measured_in(study: Study) -> None:
    imported = study(lb="""
        DOMAIN | USUBJID | LBTESTCD | LBORRES | LBORRESU | LBSTRESC | LBSTRESN | LBSTRESU | LBDY
        LB     | A       | HGB      | 9.5     | g/dL     | 95       | 95       | g/L      | 1
        LB     | A       | BILI     | <0.2    | mg/dL    | <3.42    |          | umol/L   | 1
        LB     | A       | PLAT     | low     |          | 80       | 80       | 10^9/L   | 1
        LB     | A       | NEUT     | many    |          |          |          |          | 1
        LB     | A       | HCT      | 30      | %        | 30       | 30       | %        | 1
        LB     | A       | ALT      | 30      | U/L      | 30       | 30       | U/L      |
    """)
    assert rows(imported, "laboratory", "test", "value", "sign", "unit", "source_value") == [
        ("HGB", 95.0, None, "g/L", 9.5), ("BILIRUBIN", pytest.approx(3.42), "<", "umol/L", 0.2),
        ("PLT", 80.0, None, "10*9/L", None)]
    said = [line for line in imported.sniffed if line.startswith("lb.csv: 1 row set aside")]
    assert said == [
        "lb.csv: 1 row set aside: tests that no table here holds: HCT 1",
        "lb.csv: 1 row set aside: without a study day, which a laboratory value needs",
        "lb.csv: 1 row set aside: results that are no number: many 1"]


def test_a_test_of_spinal_fluid_is_another_test() -> None:
    named = cdisc_terms.test_named
    assert (named("WBC", "BLOOD"), named("WBC", "CSF")) == ("WBC", "CSF_WBC")
    assert named("PROT", None) is None
    assert len(set(TEST_CODES.values())) == len(TEST_CODES) - 2, "WBC and RBC of two fluids"


def test_weight_and_height_come_from_vital_signs(study: Study) -> None:
    imported = study(vs="""
        DOMAIN | USUBJID | VSTESTCD | VSORRES | VSORRESU | VSDTC
        VS     | A       | WEIGHT   | 22.5    | kg       | 2020-03-12
        VS     | A       | PULSE    | 90      | /min     | 2020-03-12
    """)
    assert rows(imported, "laboratory", "test", "value", "day") == [("WEIGHT", 22.5, 2)]


def test_responses_of_leukaemia_by_the_investigator(study: Study) -> None:
    imported = study(rs="""
        DOMAIN | USUBJID | RSTESTCD | RSCAT | RSSTRESC | RSEVAL                | RSDY
        RS     | A       | OVRLRESP | NCCN  | CRh      | INVESTIGATOR          | 29
        RS     | A       | OVRLRESP | NCCN  | CR       | INDEPENDENT ASSESSOR  | 29
        RS     | B       | OVRLRESP | IMWG  | CR       | INVESTIGATOR          | 29
        RS     | B       | MRDRESP  | NCCN  | NEGATIVE | INVESTIGATOR          | 29
    """)
    assert rows(imported, "assessment", "subject_id", "day", "response_reported") == [
        ("A", 28, "CRH")]
    assert len([line for line in imported.sniffed if "rs.csv: 1 row set aside" in line]) == 3


def test_transplants_cells_and_relapses_are_known_by_their_names(study: Study) -> None:
    imported = study(
        pr="""
            DOMAIN | USUBJID | PRTRT                                | PRSTDY
            PR     | A       | Allogeneic Stem Cell Transplantation | 100
            PR     | A       | Tisagenlecleucel                     | 300
            PR     | A       | Lumbar puncture                      | 2
        """,
        ce="""
            DOMAIN | USUBJID | CETERM                     | CESTDY
            CE     | A       | Relapse                    | 200
            CE     | A       | Graft versus host disease  | 120
            CE     | A       | Fall                       | 1
        """)
    assert rows(imported, "transplant", "day") == [(99,)]
    assert rows(imported, "cell_therapy", "kind", "day") == [("CAR_T", 299)]
    assert rows(imported, "disease_episode", "phase", "start_day") == [("RELAPSE", 199)]
    assert rows(imported, "gvhd", "onset_day") == [(119,)]
    assert "Lumbar puncture 1" in told(imported, "pr") and "Fall 1" in told(imported, "ce")


def test_a_history_that_did_not_occur_is_none(study: Study) -> None:
    imported = study(mh="""
        DOMAIN | USUBJID | MHTERM | MHOCCUR | MHENRF | MHENRTPT
        MH     | A       | Asthma | Y       | AFTER  |
        MH     | A       | Gout   | N       |        |
        MH     | A       | Measles|         |        | BEFORE
    """)
    assert rows(imported, "medical_history", "condition", "ongoing") == [
        ("Asthma", "Y"), ("Measles", "N")]
    assert "1 row set aside: they say that it did not happen" in told(imported, "mh")


def test_qualifiers_join_their_row_and_strays_are_told(study: Study) -> None:
    imported = study(
        ae="DOMAIN|USUBJID|AESEQ|AETERM\nAE|A|1|Fever\nAE|A|2|Rash",
        suppae="""
            RDOMAIN | USUBJID | IDVAR | IDVARVAL | QNAM   | QVAL
            AE      | A       | AESEQ | 2.0      | CLOGIC | Y
            AE      | A       | AESEQ | 7        | CLOGIC | Y
        """)
    assert "ae.SUPPAE.CLOGIC" in imported.unmapped
    assert told(imported, "suppae") == (
        "suppae.csv: 1 row set aside: no row of ae.csv they belong to")


def test_two_values_of_one_qualifier_are_refused(study: Study) -> None:
    with pytest.raises(InputError, match=r"suppae\.csv, row 3, column QVAL: X has two values"):
        study(ae="DOMAIN|USUBJID|AESEQ|AETERM\nAE|A|1|Fever",
              suppae="RDOMAIN|USUBJID|IDVAR|IDVARVAL|QNAM|QVAL\n"
                     "AE|A|AESEQ|1|X|Y\nAE|A|AESEQ|1|X|N")


def test_screen_failures_are_set_aside_with_all_their_rows(study: Study) -> None:
    imported = study(
        dm="""
            DOMAIN | USUBJID | RFSTDTC    | SITEID | ARM
            DM     | A       | 2020-03-10 | North  | X
            DM     | Z       |            | North  | Screen Failure
            DM     | Y       |            | North  | X
        """,
        ae="DOMAIN|USUBJID|AESEQ|AETERM|AESTDTC\nAE|Z|1|Fever|2020-01-01\nAE|Y|1|Cough|2020-01-02")
    assert rows(imported, "subject", "subject_id") == [("A",), ("Y",)]
    assert rows(imported, "adverse_event", "subject_id", "start_day") == [("Y", None)]
    assert [line for line in imported.sniffed if "never in the study" in line] == [
        f"{name}.csv: 1 row set aside: of the 1 subjects who were screened and never in the study"
        for name in ("ae", "dm")]
    assert imported.vault.filter(pl.col("subject_id") == "Y")["date"].to_list() == ["2020-01-02"]


def test_adam_is_read_where_there_is_no_sdtm(tmp_path: Path) -> None:
    tables = {
        "adsl": """
            USUBJID | SITEID | TRTSDT     | AGE | SEX | DTHFL | DTHDT      | LSTALVDT
            A       | North  | 2020-03-10 | 7   | F   | Y     | 2020-04-10 | 2020-04-01
        """,
        "adae": """
            USUBJID | AETERM | ASTDT      | ASTDTF | ASTDY | AETOXGR
            A       | Fever  | 2020-03-11 |        | 2     | 2
            A       | Rash   | 2020-03-01 | D      | -9    | 1
        """,
        "adlb": """
            USUBJID | PARAMCD | PARAM            | AVAL | ADT        | ADY | DTYPE
            A       | HGB     | Haemoglobin (g/L)| 95   | 2020-03-10 | 1   |
            A       | HGB     | Haemoglobin (g/L)| 90   | 2020-03-10 | 1   | MINIMUM
        """,
        "adtte": "USUBJID|PARAMCD|AVAL\nA|OS|31",
    }
    for name, table in tables.items():
        (tmp_path / f"{name}.csv").write_text(as_csv(table), encoding="utf-8")
    imported = import_without_mapping(read_source(tmp_path))
    assert rows(imported, "follow_up", "vital_status", "death_day", "last_contact_day") == [
        ("DEAD", 31, 31)]
    assert rows(imported, "adverse_event", "term", "start_day", "grade") == [
        ("Fever", 1, 2), ("Rash", None, 1)]
    assert rows(imported, "laboratory", "test", "value", "unit", "day") == [
        ("HGB", 95.0, "g/L", 0)]
    assert sorted(line.partition(" set aside")[0] for line in imported.sniffed
                  if "set aside" in line) == ["adlb.csv: 1 row", "adtte.csv: 1 row"]
    assert "2020-03" in set(imported.vault["date"])


def test_names_of_columns_may_be_written_small(study: Study) -> None:
    imported = study(ae="domain|usubjid|aeseq|aeterm|aestdy\nAE|A|1|Fever|1")
    assert rows(imported, "adverse_event", "term", "start_day") == [("Fever", 0)]


def test_the_command_line_imports_a_study_without_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "sdtm").mkdir()
    (tmp_path / "sdtm" / "dm.csv").write_text(as_csv(DM), encoding="utf-8")
    done = run("import", tmp_path / "sdtm", "--to", tmp_path / "study")
    assert done.returncode == 0, done.stderr
    assert "Rows written: subject 2, follow_up 2" in done.stdout
    checked = run("check", tmp_path / "study")
    assert "study.toml" not in checked.stderr, "a plan to begin with was written"


def test_dates_stay_in_the_vault(tmp_path: Path) -> None:
    (tmp_path / "sdtm").mkdir()
    tables = {"dm": DM, "ae": """
        DOMAIN | USUBJID | AESEQ | AETERM | AESTDTC    | AEENDTC
        AE     | A       | 1     | Fever  | 2020-03-11 | 2020-04
    """}
    for name, table in tables.items():
        (tmp_path / "sdtm" / f"{name}.csv").write_text(as_csv(table), encoding="utf-8")
    done = run("import", tmp_path / "sdtm", "--to", tmp_path / "study")
    assert done.returncode == 0, done.stderr
    vault = (tmp_path / "study" / "vault" / "dm.csv").read_text(encoding="utf-8")
    assert "A,adverse_event,end_day,ae.csv:2,2020-04\n" in vault
    for part in ("tables", "imports"):
        for path in (tmp_path / "study" / part).iterdir():
            assert "2020-" not in path.read_text(encoding="utf-8"), path.name
    assert "2020-" not in done.stdout + done.stderr


TEXTS = st.sampled_from([
    "", "NA", "0", "1", "-1", "1.0", "2.5", "²", "--3", "1e9", "99999999999999", "Y", "N", "U",
    "2020-03-10", "2020-03-10T08:00", "2020-13-45", "2020-02", "2020", "--02-03", "10MAR2020",
    "A", "B", "BLINATUMOMAB", "ug/m2/day", "<0.2", ">5", "mg/dL", "HGB", "YEARS", "CYCLE 2",
    "Screen Failure", "DEATH", "AESEQ", "REMISSION", "STRTDAY", "x" * 300])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_stands_in_the_cells_there_is_no_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name, columns in ANYTHING.items():
        lines = [data.draw(st.lists(TEXTS, min_size=len(columns), max_size=len(columns)))
                 for _ in range(3)]
        for line in lines:
            line[:2] = [name.upper() if not name.startswith("supp") else name[4:].upper(),
                        data.draw(st.sampled_from("AB"))]
        (folder / f"{name}.csv").write_text(
            "\n".join(",".join(cells) for cells in [columns, *lines]), encoding="utf-8")
    try:
        import_without_mapping(read_source(folder))
    except InputError as refused:
        assert refused.problems


ANYTHING = {
    "dm": ["DOMAIN", "USUBJID", "RFSTDTC", "AGE", "AGEU", "SEX", "ARM", "DTHFL", "DTHDTC",
           "RFPENDTC", "BRTHDTC"],
    "ds": ["DOMAIN", "USUBJID", "DSDECOD", "DSSTDTC", "DSSTDY"],
    "ae": ["DOMAIN", "USUBJID", "AESEQ", "AETERM", "AESTDTC", "AESTDY", "AEENDTC", "AETOXGR"],
    "suppae": ["RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QVAL", "QEVAL"],
    "ex": ["DOMAIN", "USUBJID", "EXTRT", "EXDOSE", "EXDOSU", "EXSTDTC", "EXENDY", "VISIT"],
    "lb": ["DOMAIN", "USUBJID", "LBTESTCD", "LBORRES", "LBORRESU", "LBSTRESN", "LBDY", "LBDTC"],
}


@given(st.integers(min_value=-40_000, max_value=40_000))
def test_study_days_go_there_and_back(day: int) -> None:
    written = study_day_of(day)
    assert written != 0
    assert day_of(str(written)) == day


@given(st.lists(st.text(max_size=30), max_size=30))
def test_short_names_fit_a_transport_file_and_are_never_twice(names: list[str]) -> None:
    taken: set[str] = set()
    for name in names:
        short = short_name(name, taken)
        assert short.isascii() and 1 <= len(short) <= 8 and short[0].isalpha()
        assert short == short.upper() and short not in taken
        taken.add(short)
