"""When the first relapse came, and its risk: definitions, 1.3. Diagnosis, 2020-01-15, is day 0.

Frontline therapy ends on 2022-01-31 (day 747). Months are calendar months where the centre gives
them; days are compared with floor(18 × 30.4375) = 547 and floor(6 × 30.4375) = 182.
"""

import pytest

from tests.spec.conftest import Spec

SUBJECT = """
    subject_id | site_id | sex
    A          | 1       | M
"""
THERAPY = """
    subject_id | line_no | intent      | start_day | end_day
    A          | 1       | FRONTLINE   | 0         | 300
    A          | 2       | MAINTENANCE | 300       | 747
"""
EPISODES = """
    subject_id | episode_no | phase             | diagnosis | start_day | {2} | cns | testis
    A          | 1          | INITIAL_DIAGNOSIS | {0}       | 0         |     |     |
    A          | 2          | RELAPSE           |           | {1}
"""


def episodes_of(relapse: str, diagnosis: str = "B_ALL") -> str:
    """Return a diagnosis and a relapse with its day, blasts and sites."""
    return EPISODES.format(diagnosis, relapse, "marrow_blast_percent")


ISOLATED_MARROW, COMBINED, ISOLATED_CNS = ("80 | N | N", "80 | Y | N", "1 | Y | N")


@pytest.mark.parametrize(("relapse", "timing", "group", "is_high"), [
    (f"546 | {ISOLATED_MARROW}", "VERY_EARLY", "S4", "Y"),   # 2021-07-14
    (f"547 | {ISOLATED_MARROW}", "EARLY", "S3", "Y"),        # 2021-07-15
    (f"927 | {ISOLATED_MARROW}", "EARLY", "S3", "Y"),        # 2022-07-30
    (f"929 | {ISOLATED_MARROW}", "LATE", "S2", "N"),         # 2022-08-01
    (f"929 | {ISOLATED_CNS}", "LATE", "S1", "N"),
    (f"352 | {COMBINED}", "VERY_EARLY", "S4", "Y"),          # 2021-01-01
    (f"352 | {ISOLATED_CNS}", "VERY_EARLY", "S2", "N"),
    (f"800 | {COMBINED}", "EARLY", "S2", "N"),
    (f"800 | {ISOLATED_CNS}", "EARLY", "S2", "N"),
    (f"929 | {COMBINED}", "LATE", "S2", "N"),
])
def test_timing_and_group_of_a_b_lineage_relapse(
    spec: Spec, relapse: str, timing: str, group: str, is_high: str
) -> None:
    tables = {"subject": SUBJECT, "treatment_line": THERAPY,
              "disease_episode": episodes_of(relapse)}
    spec("relapse_timing", {("A", 2): timing}, **tables)
    spec("bfm_strategic_group", {("A", 2): group}, **tables)
    spec("high_risk_first_relapse", {"A": is_high}, **tables)


def test_calendar_months_decide_where_the_centre_gives_them(spec: Spec) -> None:
    # 2022-07-31, day 928, is six calendar months after 2022-01-31, in days only 181
    episodes = """
        subject_id | episode_no | phase             | start_day | {0}
        A          | 1          | INITIAL_DIAGNOSIS | 0         |    |
        A          | 2          | RELAPSE           | 928       | 30 | {1}
    """
    columns = "months_since_diagnosis_reported | months_since_frontline_end_reported"
    tables = {"subject": SUBJECT, "treatment_line": THERAPY}
    spec("relapse_timing", {("A", 2): "LATE"}, **tables,
         disease_episode=episodes.format(columns, 6))
    isolated = """
        subject_id|episode_no|phase|diagnosis|start_day|{}|marrow_blast_percent|cns|testis
        A         |1|INITIAL_DIAGNOSIS|B_ALL |0        |  | |                  |   |
        A         |2         |RELAPSE|       |928      |30|6|80                |N  |N
    """
    spec("bfm_strategic_group", {("A", 2): "S2"}, **tables,
         disease_episode=isolated.format(columns))
    spec("relapse_timing", {("A", 2): "EARLY"}, **tables,
         disease_episode=episodes.format(columns, 5.9))
    spec("relapse_timing", {("A", 2): "EARLY"}, **tables,
         disease_episode=episodes.format(columns, ""))
    spec("relapse_timing", {
        ("A", 2): "within days of the limit: calendar months may decide otherwise"}, part="note",
        **tables, disease_episode=episodes.format(columns, ""))


def test_the_time_from_diagnosis_outweighs_the_end_of_therapy(spec: Spec) -> None:
    # 16 months from diagnosis, 7 months off therapy
    spec("relapse_timing", {("A", 2): "VERY_EARLY"}, subject=SUBJECT, treatment_line="""
        subject_id | line_no | intent    | start_day | end_day
        A          | 1       | FRONTLINE | 0         | 270
    """, disease_episode="""
        subject_id | episode_no | phase             | start_day
        A          | 1          | INITIAL_DIAGNOSIS | 0
        A          | 2          | RELAPSE           | 487
    """)


@pytest.mark.parametrize(("relapse", "timing", "group"), [
    (f"500 | {ISOLATED_MARROW}", "VERY_EARLY", "S4"),
    (f"800 | {ISOLATED_MARROW}", None, None),
    (f"800 | {ISOLATED_CNS}", None, None),
    (f"800 | {COMBINED}", None, "S2"),
])
def test_without_the_end_of_frontline_therapy_nothing_is_guessed(
    spec: Spec, relapse: str, timing: str | None, group: str | None
) -> None:
    tables = {"subject": SUBJECT, "disease_episode": episodes_of(relapse)}
    open_line = """
        subject_id | line_no | intent    | start_day | end_day
        A          | 1       | FRONTLINE | 0         |
    """
    spec("relapse_timing", {("A", 2): timing}, **tables)
    spec("relapse_timing", {("A", 2): timing}, **tables, treatment_line=open_line)
    spec("bfm_strategic_group", {("A", 2): group}, **tables)


@pytest.mark.parametrize(("diagnosis", "relapse", "group"), [
    ("T_ALL", f"1200 | {ISOLATED_MARROW}", "S4"),
    ("T_ALL", f"1200 | {COMBINED}", "S4"),
    ("T_ALL", f"1200 | {ISOLATED_CNS}", "S1"),
    ("ALL", f"1200 | {ISOLATED_CNS}", "S1"),
    ("ALL", f"1200 | {ISOLATED_MARROW}", None),
    ("ALL", f"400 | {ISOLATED_MARROW}", "S4"),
])
def test_t_lineage_with_marrow_is_s4_at_any_time(
    spec: Spec, diagnosis: str, relapse: str, group: str | None
) -> None:
    spec("bfm_strategic_group", {("A", 2): group}, subject=SUBJECT, treatment_line=THERAPY,
         disease_episode=episodes_of(relapse, diagnosis))


@pytest.mark.parametrize(("diagnosis", "relapse", "timing", "is_high"), [
    ("B_ALL", f"1094 | {ISOLATED_MARROW}", "EARLY", "Y"),
    ("B_ALL", f"1095 | {ISOLATED_MARROW}", "LATE", "N"),
    ("B_ALL", f"546 | {ISOLATED_CNS}", "EARLY", "Y"),
    ("B_ALL", f"547 | {ISOLATED_CNS}", "LATE", "N"),
    ("T_ALL", f"2000 | {ISOLATED_CNS}", "LATE", "Y"),
    ("B_ALL", "700 | | | ", None, None),
    ("B_ALL", "1200 | | | ", "LATE", "N"),
    ("ALL", f"1200 | {ISOLATED_MARROW}", "LATE", None),
])
def test_the_oncology_group_counts_from_diagnosis_only(
    spec: Spec, diagnosis: str, relapse: str, timing: str | None, is_high: str | None
) -> None:
    tables = {"subject": SUBJECT, "disease_episode": episodes_of(relapse, diagnosis)}
    spec("relapse_timing", {("A", 2): timing}, criteria="cog", **tables)
    spec("high_risk_first_relapse", {"A": is_high}, criteria="cog", **tables)


def test_timing_is_that_of_the_first_relapse(spec: Spec) -> None:
    tables = {"subject": SUBJECT, "treatment_line": THERAPY, "disease_episode": """
        subject_id | episode_no | phase             | start_day
        A          | 1          | INITIAL_DIAGNOSIS | 0
        A          | 2          | RELAPSE           | 400
        A          | 3          | RELAPSE           | 1400
    """}
    spec("relapse_timing", {("A", 2): "VERY_EARLY", ("A", 3): None}, **tables)
    spec("relapse_timing", {("A", 3): "not the first relapse after a remission"},
         part="note", **tables)


def test_a_child_without_a_relapse_has_no_risk_of_relapse(spec: Spec) -> None:
    spec("high_risk_first_relapse", {"A": None}, subject=SUBJECT)
    spec("high_risk_first_relapse", {"A": "no relapse is recorded"}, part="note", subject=SUBJECT)
