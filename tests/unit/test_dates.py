"""Dates: what is known in part stays known in part; filled only on request; kept only moved."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remission.days import parse_partial_date
from remission.definitions.cohort import derive_cohort
from remission.definitions.imputation import IMPUTED
from remission.errors import InputError
from remission.sources.importing import Imported, import_site
from remission.sources.mapping import read_mapping
from remission.sources.read_source import read_source
from remission.sources.study_folder import read_study
from remission.sources.vault import KEY_FILE, MOST_SHIFTED, Vault
from remission.sources.write_import import write_import

MAPPING = """
site = "N"
subject_id = { field = "id" }
[anchor]
field = "start"
date = "%d/%m/%Y"
[subject]
age_at_index_days = { field = "birth", date = "%d/%m/%Y" }
index_year = { field = "start", date = "%d/%m/%Y" }
[follow_up]
vital_status = { field = "status" }
last_contact_day = { field = "seen", date = "%d/%m/%Y" }
death_day = { field = "died", date = "%d/%m/%Y", blank = "NOT_APPLICABLE" }
"""
HEAD = "id,start,birth,status,seen,died\n"


def imported(folder: Path, rows: str, mapping: str = MAPPING) -> Imported:
    """Return the import of rows under the header, with the vault of the folder's study."""
    folder.mkdir(exist_ok=True)
    (folder / "x.csv").write_text(HEAD + rows, encoding="utf-8")
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    return import_site(read_source(folder / "x.csv"), read_mapping(folder / "mapping.toml"),
                       vault=folder / "study" / "vault")


def written(folder: Path, found: Imported, plan: str) -> Path:
    """Write an import into the folder's study, and return it."""
    (folder / "study.toml").write_text(plan, encoding="utf-8")
    write_import(folder / "study", found, files=(), plan=folder / "study.toml")
    return folder / "study"


@pytest.mark.parametrize(("text", "layout", "known"), [
    ("2019", "%d/%m/%Y", "2019"), ("03/2019", "%d/%m/%Y", "2019-03"),
    ("2019-03", "%Y-%m-%d", "2019-03"), ("UNK/MAR/2019", "%d/%m/%Y", "2019-03"),
    ("UNK/MAR/2019", "%d/%b/%Y", "2019-03"), ("UN-UNK-2019", "%d-%b-%Y", "2019"),
    ("00/00/2019", "%d/%m/%Y", "2019"), ("12/UNK/2019", "%d/%m/%Y", "2019"),
    ("3/2019", "%m/%d/%Y", "2019-03"), ("UNMAR2019", "%d%b%Y", "2019-03"),
    ("Sept 2019", "%b %d, %Y", "2019-09"), ("201903", "%Y%m%d", "2019-03"),
    ("2019年3月", "%Y年%m月%d日", "2019-03"), ("2019-03", "%Y-%m-%d %H:%M", "2019-03"),
    ("13/2019", "%d/%m/%Y", None), ("31/02/2020", "%d/%m/%Y", None), ("03/19", "%d/%m/%y", None),
    ("UNK", "%d/%m/%Y", None), ("1200", "%d/%m/%Y", None), ("mañana/2019", "%d/%m/%Y", None),
])
def test_what_is_known_of_a_date(text: str, layout: str, known: str | None) -> None:
    found = parse_partial_date(text, layout)
    assert (None if found is None else str(found)) == known


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from(["%d/%m/%Y", "%Y-%m-%d"]))
def test_a_date_lies_between_the_bounds_of_its_month_and_its_year(day: date, layout: str) -> None:
    for partial in (day.strftime(layout.replace("%d/", "").replace("-%d", "")), str(day.year)):
        found = parse_partial_date(partial, layout)
        assert found is not None and found.earliest <= day <= found.latest


def test_a_partial_date_keeps_its_precision_and_its_row(tmp_path: Path) -> None:
    found = imported(tmp_path, "A,01/03/2020,2010,DEAD,01/05/2020,UNK/JUN/2020\n"
                               "B,01/03/2020,05/04/2011,ALIVE,2021,\n")
    tables = found.tables
    assert tables["follow_up"]["death_day"].to_list() == [None, None]
    assert tables["partial_date"].rows() == [
        ("subject", "A", "age_at_index_days", "Y", -3712, -3348, "x.csv:2"),
        ("follow_up", "A", "death_day", "M", 92, 121, "x.csv:2"),
        ("follow_up", "B", "last_contact_day", "Y", 306, 670, "x.csv:3")]
    reasons = tables["null_reason"].select("key", "column", "reason").rows()
    assert ("A", "death_day", "UNKNOWN") in reasons and (
        "B", "death_day", "NOT_APPLICABLE") in reasons
    kept = found.vault.filter(pl.col("column") == "death_day")["date"].to_list()
    assert kept == ["2020-06"]


def test_the_year_of_a_partial_date_is_its_year(tmp_path: Path) -> None:
    mapping = MAPPING.replace('index_year = { field = "start"', 'index_year = { field = "birth"')
    found = imported(tmp_path, "A,01/03/2020,03/2010,ALIVE,,\n", mapping)
    assert found.tables["subject"]["index_year"].to_list() == [2010]


def test_partial_dates_are_problems_where_they_cannot_stand(tmp_path: Path) -> None:
    laboratory = MAPPING + """
[laboratory]
test = "WBC"
day = { field = "seen", date = "%d/%m/%Y" }
"""
    with pytest.raises(InputError, match=r"without its day, which laboratory\.day needs"):
        imported(tmp_path, "A,01/03/2020,2010,ALIVE,05/2020,\n", laboratory)
    full = MAPPING.replace('field = "died", date', 'field = "died", partial = false, date')
    with pytest.raises(InputError, match="'06/2020' is not a date of the layout"):
        imported(tmp_path, "A,01/03/2020,2010,DEAD,01/05/2020,06/2020\n", full)
    with pytest.raises(InputError, match="Day 0 must be known to the day"):
        imported(tmp_path, "A,03/2020,2010,ALIVE,01/05/2020,\n")


PLAN = """
[study]
title = "T"
[records]
IMPUTE
[endpoints.os]
events = ["death"]
[[analyses]]
kind = "survival"
endpoint = "os"
at = ["1 year"]
[[analyses]]
kind = "characteristics"
title = "Age"
variables = ["age_years"]
"""
ROWS = "A,01/03/2020,2010,DEAD,01/05/2020,06/2020\nB,01/03/2020,05/04/2011,ALIVE,01/06/2021,\n"


def test_without_a_choice_of_the_plan_nothing_is_filled(tmp_path: Path) -> None:
    study = read_study(written(tmp_path, imported(tmp_path, ROWS), PLAN.replace("IMPUTE", "")))
    cohort = derive_cohort(study)
    assert len(cohort.imputed) == 0
    assert cohort.column("age_years")[0] is None
    assert cohort.column("endpoint_os_status")[0] is None
    assert cohort.column("endpoint_os_note")[0] == "death known without its day"


def test_the_plan_fills_the_middle_and_each_value_says_so(tmp_path: Path) -> None:
    chosen = PLAN.replace("IMPUTE", 'impute_partial_dates = "midpoint"')
    study = read_study(written(tmp_path, imported(tmp_path, ROWS), chosen))
    cohort = derive_cohort(study)
    # 15 June 2020 is 106 days after 1 March 2020; 1 July 2010 is 3531 days before it.
    assert cohort.column("endpoint_os_time") == [106, 457]
    assert cohort.column("endpoint_os_note") == [IMPUTED, None]
    assert cohort.column("age_years")[0] == pytest.approx(3531 / 365.25)
    assert cohort.column("age_years_note") == [IMPUTED, None]
    assert sorted(cohort.imputed["day"].to_list()) == [-3531, 106]
    assert study.table("follow_up")["death_day"].to_list() == [None, None], "records stay"


def test_an_origin_that_is_filled_is_told_too(tmp_path: Path) -> None:
    mapping = MAPPING + """
[transplant]
day = { field = "died", date = "%d/%m/%Y" }
"""
    plan = PLAN.replace("IMPUTE", 'impute_partial_dates = "midpoint"').replace(
        'events = ["death"]', 'origin = "transplant"\nevents = ["death"]')
    rows = "A,01/03/2020,05/04/2011,ALIVE,01/06/2021,06/2020\n"
    found = imported(tmp_path, rows, mapping.replace("death_day", "second_malignancy_day"))
    cohort = derive_cohort(read_study(written(tmp_path, found, plan)))
    assert cohort.column("endpoint_os_note") == [IMPUTED]


@given(st.integers(1900, 2100), st.integers(1, 12))
def test_the_middle_is_the_15th_and_the_first_of_july(year: int, month: int) -> None:
    first = date(year, month, 1)
    last = (first + timedelta(31)).replace(day=1) - timedelta(1)
    for earliest, latest, middle in (
            (first, last, date(year, month, 14 if month == 2 else 15)),
            (date(year, 1, 1), date(year, 12, 31), date(year, 7, 1))):
        assert earliest + timedelta(((latest - earliest).days - 1) // 2) == middle


KEPT = MAPPING + """
[medical_history]
condition = { field = "seen", date = "%d/%m/%Y" }
[dates]
keep = ["medical_history.condition"]
"""


def test_a_kept_date_is_moved_by_the_key_alike_for_all_dates_of_a_child(tmp_path: Path) -> None:
    rows = "A,01/03/2020,,ALIVE,01/06/2020,\nA,01/03/2020,,ALIVE,11/06/2020,\n"
    rows += "B,01/03/2020,,ALIVE,01/06/2020,\n"
    found = imported(tmp_path, rows, KEPT)
    shown = [date.fromisoformat(text) for text in found.tables["medical_history"]["condition"]]
    assert shown[1] - shown[0] == timedelta(10)
    moved = [(day - date(2020, 6, 1)).days for day in (shown[0], shown[2])]
    assert all(abs(days) <= MOST_SHIFTED for days in moved)
    assert found.vault.filter(pl.col("column") == "condition")["date"].to_list() == [
        "2020-06-01", "2020-06-11", "2020-06-01"]


def test_the_key_stays_in_the_vault_and_serves_again(tmp_path: Path) -> None:
    rows = "A,01/03/2020,,ALIVE,01/06/2020,\n"
    first = imported(tmp_path, rows, KEPT)
    study = written(tmp_path, first, PLAN.replace("IMPUTE", ""))
    key = (study / "vault" / KEY_FILE).read_text(encoding="ascii")
    assert re.fullmatch("[0-9a-f]{64}", key)
    others = [path for path in study.rglob("*") if path.is_file() and path.name != KEY_FILE]
    assert not any(key.encode() in path.read_bytes() for path in others)
    again = imported(tmp_path, rows, KEPT)
    assert again.tables["medical_history"]["condition"].to_list() == (
        first.tables["medical_history"]["condition"].to_list())
    (study / "vault" / KEY_FILE).write_text("changed", encoding="ascii")
    with pytest.raises(InputError, match="The key of this study cannot be read"):
        imported(tmp_path, rows, KEPT)


@given(st.binary(min_size=32, max_size=32), st.text(min_size=1))
def test_dates_move_by_half_a_year_at_most(key: bytes, subject: str) -> None:
    vault = Vault(None, "N")
    vars(vault)["key"] = key
    assert -MOST_SHIFTED <= vault._shift(subject) <= MOST_SHIFTED


def test_text_takes_no_date_unless_it_is_kept_and_only_text_keeps_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"medical_history\.condition is text"):
        imported(tmp_path, "A,01/03/2020,,ALIVE,,\n", KEPT.partition("[dates]")[0])
    with pytest.raises(InputError, match=r"A date cannot be kept in 'follow_up\.death_day'"):
        imported(tmp_path, "A,01/03/2020,,ALIVE,,\n",
                 MAPPING + '[dates]\nkeep = ["follow_up.death_day"]\n')
