"""Refractory disease: after second-line induction (Olaya), or as treatment failure."""

import pytest

from tests.spec.conftest import Spec

SUBJECT = """
    subject_id | site_id
    A          | 1
"""
EXPOSURE = """
    subject_id | cycle_no | segment_no | start_day | end_day
    A          | 1        | 1          | 0         | 27
"""
LINES = """
    subject_id | line_no | intent    | start_day | end_day
    A          | 1       | FRONTLINE | -400      | -200
    A          | 2       | SALVAGE   | -90       | -40
    A          | 3       | SALVAGE   | -35       | -10
"""


@pytest.mark.parametrize(("first", "second", "value"), [
    ("1.0", "0.001", "Y"),
    ("0.99", "30", "N"),
    ("", "1.0", "Y"),
    ("", "", None),
])
def test_blasts_by_flow_cytometry_after_the_second_line(
    spec: Spec, first: str, second: str, value: str | None
) -> None:
    spec("refractory", {"A": value}, subject=SUBJECT, exposure=EXPOSURE, treatment_line=LINES,
         assessment=f"""
             subject_id | assessment_no | day | specimen | mrd_method | mrd_percent | blast_percent
             A          | 1             | -41 | BM       | FCM        | 50          | 60
             A          | 2             | -40 | BM       | FCM        | {first}     | 8
             A          | 3             | -38 | BM       | IG_TR_PCR  | 40          | 8
             A          | 4             | -30 | BM       | FCM        | {second}    | 8
             A          | 5             | 1   | BM       | FCM        | 40          | 8
         """)


def test_without_a_marrow_the_last_episode_is_the_centre_s_word(spec: Spec) -> None:
    tables = {"subject": """
        subject_id | site_id
        A          | 1
        B          | 1
        C          | 1
        D          | 1
    """, "exposure": """
        subject_id | cycle_no | segment_no | start_day
        A          | 1        | 1          | 0
        B          | 1        | 1          | 0
        C          | 1        | 1          | 0
    """, "disease_episode": """
        subject_id | episode_no | phase             | start_day
        A          | 1          | RELAPSE           | -90
        A          | 2          | REFRACTORY        | -20
        B          | 1          | RELAPSE           | -90
        B          | 2          | REFRACTORY        | 20
        C          | 1          | RELAPSE           | -90
        D          | 1          | INITIAL_DIAGNOSIS | -90
    """, "treatment_line": """
        subject_id | line_no | intent  | start_day | end_day
        C          | 2       | SALVAGE | -80       | -50
    """}
    # C was given a second line, and nothing tells how it ended
    spec("refractory", {"A": "Y", "B": "N", "C": None, "D": None}, **tables)
    spec("refractory", {"A": "as recorded by the centre", "C": None}, part="how", **tables)


def test_a_salvage_line_begun_with_the_infusion_or_after_tells_nothing(spec: Spec) -> None:
    tables = {"subject": SUBJECT, "exposure": EXPOSURE, "disease_episode": """
        subject_id | episode_no | phase   | start_day
        A          | 1          | RELAPSE | -90
    """}
    lines = "subject_id | line_no | intent | start_day | end_day\nA | {}"
    for line, value in (("2 | SALVAGE | 0 | 30", "N"), ("2 | SALVAGE | 60 | 90", "N"),
                        ("2 | SALVAGE | -1 | 30", None), ("2 | SALVAGE | | 30", None)):
        spec("refractory", {"A": value}, treatment_line=lines.format(line), **tables)


def test_the_second_line_is_the_first_salvage_before_the_infusion(spec: Spec) -> None:
    spec("refractory", {"A": "Y"}, subject=SUBJECT, exposure=EXPOSURE, treatment_line="""
        subject_id | line_no | intent  | start_day | end_day
        A          | 1       | SALVAGE | 60        | 90
        A          | 2       | SALVAGE | -90       | -40
    """, assessment="""
        subject_id | assessment_no | day | specimen | mrd_method | mrd_percent
        A          | 1             | -40 | BM       | FCM        | 30
    """)


EPISODES = """
    subject_id | episode_no | phase             | start_day
    A          | 1          | INITIAL_DIAGNOSIS | -400
"""


@pytest.mark.parametrize(("end_of_induction", "time_point", "day", "value"), [
    ("12", "6", -316, "Y"),
    ("12", "6", -317, None),
    ("12", "4", -316, "N"),
    ("3", "30", -316, "N"),
])
def test_treatment_failure_is_no_remission_up_to_the_time_point(
    spec: Spec, end_of_induction: str, time_point: str, day: int, value: str | None
) -> None:
    spec("refractory", {"A": value}, criteria="pdl_2022", subject=SUBJECT, exposure=EXPOSURE,
         disease_episode=EPISODES, assessment=f"""
             subject_id | assessment_no | day   | specimen | blast_percent
             A          | 1             | -400  | BM       | 90
             A          | 2             | -367  | BM       | {end_of_induction}
             A          | 3             | {day} | BM       | {time_point}
         """)


def test_mrd_outweighs_morphology_at_the_time_point(spec: Spec) -> None:
    spec("refractory", {"A": "Y"}, criteria="pdl_2022", subject=SUBJECT, exposure=EXPOSURE,
         disease_episode=EPISODES, assessment="""
             subject_id | assessment_no | day  | specimen | blast_percent | mrd_percent
             A          | 1             | -310 | BM       | 2             | 1.0
             A          | 2             | -200 | BM       | 1             | 0.001
         """)


def test_the_first_episode_after_diagnosis_tells_what_no_marrow_does(spec: Spec) -> None:
    spec("refractory", {"A": "Y"}, criteria="pdl_2022", subject=SUBJECT, disease_episode="""
        subject_id | episode_no | phase             | start_day
        A          | 1          | INITIAL_DIAGNOSIS | -400
        A          | 2          | REFRACTORY        | -310
        A          | 3          | RELAPSE           | -100
    """)
    spec("refractory", {"A": "N"}, criteria="pdl_2022", subject=SUBJECT, disease_episode="""
        subject_id | episode_no | phase             | start_day
        A          | 1          | INITIAL_DIAGNOSIS | -400
        A          | 2          | RELAPSE           | -100
    """)
