"""Mappings: every wrong key, table, column and code is told together, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from remission.errors import InputError
from remission.sources.importing import Imported, import_site
from remission.sources.mapping import read_mapping
from remission.sources.read_source import read_source

HEAD = 'site = "1"\nsubject_id = { field = "id" }\n'


def imported(tmp_path: Path, mapping: str, **sheets: str) -> Imported:
    """Import sheets given as CSV text by a mapping given as TOML."""
    folder = tmp_path / "source"
    folder.mkdir()
    for name, text in sheets.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
    return import_site(read_source(folder), read_mapping(tmp_path / "mapping.toml"))


def problems_of(tmp_path: Path, mapping: str, **sheets: str) -> list[str]:
    """Return the problems of an import that must fail, as text."""
    with pytest.raises(InputError) as error:
        imported(tmp_path, mapping, **sheets)
    return [str(problem) for problem in error.value.problems]


def test_unknown_keys_tables_columns_and_codes_are_told_together(tmp_path: Path) -> None:
    found = problems_of(tmp_path, HEAD + """
[subject]
sx = { field = "s" }
sex = { field = "s", codes = { 1 = "X" } }
[subjects]
a = 1
[follow_up]
vital_status = { feld = "v" }
""", x="id,s,v\nA,1,2\n")
    text = "\n".join(found)
    assert "line 5" in text and "no column 'sx'" in text and "'sex'" in text
    assert "'X' is not a code of sex" in text
    assert "'subjects' is not known here" in text and "'subject'" in text
    assert "'follow_up.vital_status.feld' is not known here. Did you mean 'field'" in text


def test_types_and_shapes_are_told_in_words_on_their_line(tmp_path: Path) -> None:
    found = problems_of(tmp_path, HEAD + """
[subject]
sex = { field = 1, width = "3" }
country = true
[follow_up]
sheet = 5
when = { field = "v" }
[[assessment]]
day = { field = "d" }
[[assessment]]
when = [{ field = "v", is = ["1"] },
  { field = "v", is = "1" }]
specimen = { field = "s", blank = "unknown" }
""", x="id,s\nA,1\n")
    said = [problem.partition("mapping.toml, ")[2] for problem in found]
    assert said == [
        "line 5: 'subject.sex.field' must be text, not 1. Write field = \"1\".",
        "line 5: 'subject.sex.width' must be a whole number, not '3'. "
        "Write width = 3, without quotes.",
        "line 6: 'subject.country.constant' must be text or a number, not true. "
        "Write constant = \"true\".",
        "line 8: 'follow_up.sheet' must be text, not 5. Write sheet = \"5\".",
        "line 9: 'follow_up.when': give exactly one of is, is_not or given.",
        "line 14: In [[assessment]] 2, 'when 2.is' must be a list, not '1'. Write is = [\"1\"].",
        "line 15: In [[assessment]] 2, 'specimen.blank' must be one of 'NOT_DONE', 'UNKNOWN', "
        "'NOT_ASKED', 'NOT_APPLICABLE', 'BELOW_LOD' or 'PENDING', not 'unknown'. "
        "Did you mean 'UNKNOWN'?"]


def test_a_table_written_as_a_value_is_told(tmp_path: Path) -> None:
    found = problems_of(tmp_path, HEAD + "subject = 1\nfollow_up = [2]\nsbject = 3\n", x="id\nA\n")
    assert any("line 3: 'subject' must be a table, not 1. Write [subject]" in line
               for line in found)
    assert any("line 4: 'follow_up' must be a table, not 2." in line for line in found)
    assert any("line 5: The key 'sbject' is not known here. Did you mean 'subject'" in line
               for line in found)


def test_a_percentage_must_say_whether_it_is_a_fraction(tmp_path: Path) -> None:
    assert "0.01 may be one hundredth of a percent or one percent" in problems_of(
        tmp_path, HEAD + '[assessment]\nmrd_percent = { field = "m" }\n', x="id,m\nA,0.01\n")[0]


def test_fractions_become_percent_and_years_days(tmp_path: Path) -> None:
    tables = imported(tmp_path, HEAD + """
[subject]
age_at_index_days = { field = "y", unit = "years" }
[assessment]
mrd_percent = { field = "m", unit = "fraction" }
""", x="id,y,m\nA,2,0.0001\n").tables
    assert tables["assessment"]["mrd_percent"].to_list() == [0.01]
    assert tables["subject"]["age_at_index_days"].to_list() == [730]     # round(730.5), half even


def test_an_unknown_code_names_its_row_and_what_is_known(tmp_path: Path) -> None:
    found = problems_of(tmp_path, HEAD + '[subject]\nsex = { field = "s", codes = { 1 = "M" } }\n',
                        x="id,s\nA,1\nB,9\nC,9\n")
    assert found == [
        "x.csv, row 3, column s (and 1 more rows): The code '9' is not in the mapping of sex. "
        "Named codes: 1. Add it to codes with its meaning, or to null with the reason why it is "
        "missing."]


def test_null_words_keep_their_reason(tmp_path: Path) -> None:
    tables = imported(tmp_path, HEAD + """
[follow_up]
last_contact_day = { field = "d", null = { 999 = "UNKNOWN" }, blank = "NOT_ASKED" }
[subject]
""", x="id,d\nA,999\nB,\nC,5\n").tables
    assert tables["follow_up"]["last_contact_day"].to_list() == [None, None, 5]
    reasons = tables["null_reason"].select("table", "key", "column", "reason").rows()
    assert reasons == [("follow_up", "A", "last_contact_day", "UNKNOWN"),
                       ("follow_up", "B", "last_contact_day", "NOT_ASKED")]


def test_blocks_write_rows_only_when_their_condition_holds(tmp_path: Path) -> None:
    tables = imported(tmp_path, HEAD + """
[subject]
[[disease_episode]]
phase = "INITIAL_DIAGNOSIS"
[[disease_episode]]
when = { field = "r", is = ["yes"] }
phase = "RELAPSE"
start_day = { field = "d", when = { field = "known", given = true } }
""", x="id,r,d,known\nA,yes,30,1\nB,no,40,1\nC,yes,50,\n").tables
    rows = tables["disease_episode"].select("subject_id", "episode_no", "phase", "start_day").rows()
    assert ("A", 2, "RELAPSE", 30) in rows
    assert ("C", 2, "RELAPSE", None) in rows       # the day does not apply: null
    assert len(rows) == 5


DATED = HEAD + """
[anchor]
field = "start"
date = "%d/%m/%Y"
[subject]
age_at_index_days = { field = "birth", date = "%d/%m/%Y" }
index_year = { field = "start", date = "%d/%m/%Y" }
[follow_up]
last_contact_day = { field = "seen", date = "%d/%m/%Y" }
"""


def test_dates_become_days_and_go_to_the_vault(tmp_path: Path) -> None:
    found = imported(tmp_path, DATED,
                     x="id,start,birth,seen\nA,01/03/2020,01/03/2010,29/02/2020\n")
    assert found.tables["subject"]["age_at_index_days"].to_list() == [3653]
    assert found.tables["subject"]["index_year"].to_list() == [2020]
    assert found.tables["follow_up"]["last_contact_day"].to_list() == [-1]
    assert set(found.vault["column"]) == {"anchor", "age_at_index_days", "last_contact_day"}


def test_bad_dates_and_missing_anchors_are_told(tmp_path: Path) -> None:
    found = problems_of(tmp_path, DATED, x="id,start,birth,seen\nA,31/02/2020,01/03/2010,x\n"
                                           "B,,01/03/2010,01/01/2021\n")
    text = "\n".join(found)
    assert "'31/02/2020' is not a date of the layout %d/%m/%Y" in text
    assert "'x' is not a date" in text
    assert "subject B has no anchor date" in text


def test_two_anchor_dates_of_one_child_are_told(tmp_path: Path) -> None:
    found = problems_of(tmp_path, DATED, x="id,start,birth,seen\nA,01/03/2020,01/03/2010,\n"
                                           "A,02/03/2020,01/03/2010,\n")
    assert any("has two anchor dates" in problem for problem in found)


def test_a_date_where_a_number_belongs(tmp_path: Path) -> None:
    found = problems_of(tmp_path, HEAD + '[follow_up]\nlast_contact_day = { field = "d" }\n',
                        x="id,d\nA,2021-03-04\n")
    assert "'2021-03-04' is a date, where last_contact_day holds a study day" in found[0]
    assert "[anchor]" in found[0]


@pytest.mark.parametrize(("cell", "what"), [
    ("abc", "'abc', not a number"), ("NaN", "Not-a-number is neither a value nor a reason"),
    ("1,5", "a comma where a point is expected"),
])
def test_what_is_not_a_number_says_what_to_do(tmp_path: Path, cell: str, what: str) -> None:
    found = problems_of(tmp_path, HEAD + '[transplant]\ncd34_1e6_kg = { field = "c" }\n',
                        x=f'id,c\nA,"{cell}"\n')
    assert what in found[0]


def test_missing_sheets_and_fields_are_told_together(tmp_path: Path) -> None:
    found = problems_of(tmp_path, HEAD + """
[subject]
sheet = "pateints"
[follow_up]
sheet = "patients"
last_contact_day = { field = "lastcontact" }
""", patients="id,last_contact\nA,3\n", other="id\nA\n")
    assert any("'pateints', which is not there. Did you mean 'patients'" in line for line in found)
    assert any("no column 'lastcontact'" in line and "'last_contact'" in line for line in found)


def test_unmapped_columns_are_listed_with_their_reason(tmp_path: Path) -> None:
    found = imported(tmp_path, HEAD + '[subject]\n[unmapped]\nnote = "free text"\n',
                     x="id,note,spare\nA,hello,1\n")
    assert found.unmapped == {"note": "free text", "spare": ""}


def test_source_rows_that_give_nothing_are_listed(tmp_path: Path) -> None:
    found = imported(tmp_path, HEAD + '[subject]\nwhen = { field = "ok", is = ["1"] }\n',
                     x="id,ok\nA,1\nB,0\n")
    assert found.rows_unused == ("x.csv, row 3",)


def test_repeated_columns_that_disagree_are_kept(tmp_path: Path) -> None:
    found = imported(tmp_path, HEAD + """
[subject]
[[redundant]]
field = "old"
of = ["age"]
bins = [{ below = 10, is = "0" }, { is = "1" }]
says = "1: ten and over"
""", x="id,age,old\nA,9.9,0\nB,10,0\nC,,1\n")
    rows = found.tables["source_disagreement"].rows()
    assert rows == [("B", "old = 0", "age = 10", "old = 1 (1: ten and over)", "x.csv:3")]


def test_a_date_layout_names_year_month_and_day(tmp_path: Path) -> None:
    (text,) = problems_of(tmp_path, HEAD + """
anchor = { field = "d", date = "%d/%m" }
[subject]
""", x="id,d\nA,30/12\n")
    assert "line 4" in text and "has no year" in text


def test_text_dates_are_read_by_their_layout_only(tmp_path: Path) -> None:
    found = problems_of(tmp_path, HEAD + """
anchor = { field = "d", date = "%Y-%d-%m" }
[subject]
""", x="id,d\nA,2020-01-31\nB,2020-31-01\n")
    assert len(found) == 1 and "'2020-01-31' is not a date of the layout %Y-%d-%m" in found[0]


def test_the_anchor_s_own_column_of_children_is_looked_for_and_padded(tmp_path: Path) -> None:
    mapping = """
site = "1"
subject_id = { field = "id", width = 3 }
anchor = { field = "d", date = "%Y-%m-%d", subject = "SUBJECT" }
[subject]
[follow_up]
last_contact_day = { field = "c", date = "%Y-%m-%d" }
"""
    (text,) = problems_of(tmp_path, mapping.replace("SUBJECT", "nope"),
                          x="id,c,d\n7,2020-02-01,2020-01-01\n")
    assert "no column 'nope'" in text and "[anchor] subject" in text
    again = tmp_path / "again"
    again.mkdir()
    tables = imported(again, mapping.replace("SUBJECT", "id"),
                      x="id,c,d\n7,2020-02-01,2020-01-01\n").tables
    assert tables["follow_up"].select("subject_id", "last_contact_day").rows() == [("007", 31)]


def test_points_between_thousands_are_asked_for(tmp_path: Path) -> None:
    mapping = HEAD + """
[subject]
[[laboratory]]
test = "WBC"
day = 0
unit = "/uL"
value = { field = "w" }
"""
    text = "\n".join(problems_of(tmp_path, mapping, x="id;w\nA;14.400\nB;4.500\n"))
    assert "'14.400'" in text and "may be decimal or part thousands" in text


def test_bins_are_compared_in_the_decimal_mark_of_the_file(tmp_path: Path) -> None:
    tables = imported(tmp_path, HEAD + """
[subject]
[[redundant]]
field = "group"
of = ["age"]
bins = [{ below = 11, is = "young" }, { is = "old" }]
""", x="id;age;group\nA;10,5;young\nB;12,5;old\n").tables
    assert len(tables["source_disagreement"]) == 0


def test_a_centre_has_a_name(tmp_path: Path) -> None:
    (text,) = problems_of(tmp_path, 'site = ""\nsubject_id = { field = "id" }\n[subject]\n',
                          x="id\nA\n")
    assert "line 1" in text and "must not be empty" in text


def test_several_codes_of_one_cell_are_turned_one_by_one(tmp_path: Path) -> None:
    mapping = HEAD + """
[subject]
[transplant]
day = { field = "d" }
gvhd_prophylaxis = { field = "p", codes = { 1 = "CSA", 2 = "MMF", 3 = "PTCY" } }
"""
    tables = imported(tmp_path, mapping, x="id,d,p\nA,0,1|3\nB,0,2\n").tables
    assert tables["transplant"]["gvhd_prophylaxis"].to_list() == ["CSA|PTCY", "MMF"]
    (tmp_path / "again").mkdir()
    (problem,) = problems_of(tmp_path / "again", mapping, x="id,d,p\nA,0,1|9\n")
    assert "The code '1|9' is not in the mapping of gvhd_prophylaxis" in problem
