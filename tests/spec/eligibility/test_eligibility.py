"""Eligibility by the criteria of both papers, and each on its own. Definitions, section 12."""

import pytest

from tests.spec.conftest import Spec

EXPOSURE = """
    subject_id | cycle_no | segment_no | start_day | end_day
    A          | 1        | 1          | 0         | 27
"""


def relapse(*, marrow: str = "60", cns: str = "N", cd19: str = "POS") -> str:
    """Return a diagnosis and one relapse before blinatumomab."""
    return f"""
        subject_id|episode_no|phase|diagnosis|start_day|marrow_blast_percent|cns|testis|cd19
        A         |1         |INITIAL_DIAGNOSIS|B_ALL    |-900     |90          |N    |N|POS
        A         |2         |RELAPSE          |         |-30      |{marrow}    |{cns}|N|{cd19}
    """


@pytest.mark.parametrize(("child", "verdict", "note"), [
    ("6545 | KARNOFSKY | 90", "ELIGIBLE", None),  # 17 years 11 months
    ("6545 | KARNOFSKY | 80", "NOT_ELIGIBLE", "performance score too low"),
    ("240 | NA | ", "ELIGIBLE", "under 1 year: no performance scale applies"),  # 8 months
    ("6545 | KARNOFSKY | ", None, "no performance score of a scale for this age is recorded"),
    ("6939 | KARNOFSKY | 80", "NOT_ELIGIBLE",
     "older than the trial allows; performance score too low"),
])
def test_the_trial_of_olaya_by_age_and_performance(
    spec: Spec, child: str, verdict: str | None, note: str | None
) -> None:
    tables = {"exposure": EXPOSURE, "disease_episode": relapse(), "subject": f"""
        subject_id | site_id | sex | age_at_index_days | performance_scale | performance_score
        A          | 1       | M   | {child}
    """}
    spec("eligibility", {"A": verdict}, **tables)
    spec("eligibility", {"A": note}, part="note", **tables)


CHILD = """
    subject_id | site_id | sex | age_at_index_days | performance_scale | performance_score
    A          | 1       | M   | 3000              | LANSKY            | 90
"""


@pytest.mark.parametrize(("episodes", "verdict", "note"), [
    (relapse(marrow="60", cns="Y"), "ELIGIBLE", None),
    (relapse(marrow="1", cns="Y"), "NOT_ELIGIBLE", "isolated extramedullary relapse"),
    (relapse(marrow="5", cns="Y"), "ELIGIBLE", None),
    (relapse(marrow="", cns="Y"), None, "the site of the disease is not recorded"),
    (relapse(cd19=""), None, "CD19 is not recorded"),
    (relapse(cd19="NEG"), "NOT_ELIGIBLE", "no CD19 on the blasts"),
    (relapse(cd19="DIM"), "ELIGIBLE", None),
])
def test_the_trial_of_olaya_by_site_and_cd19(
    spec: Spec, episodes: str, verdict: str | None, note: str | None
) -> None:
    tables = {"subject": CHILD, "exposure": EXPOSURE, "disease_episode": episodes}
    spec("eligibility", {"A": verdict}, **tables)
    spec("eligibility", {"A": note}, part="note", **tables)


@pytest.mark.parametrize(("days", "decimal", "completed"), [
    ("6574", "MET", "MET"),          # 18 years 0 days
    ("6575", "MET", "MET"),          # can still be the birthday itself
    ("6576", "NOT_MET", "MET"),
    ("6757", "NOT_MET", "MET"),      # 18 years 6 months
    ("6938", "NOT_MET", "MET"),
    ("6939", "NOT_MET", "NOT_MET"),  # 19 years
    ("", None, None),
])
def test_eighteen_years_read_as_decimal_or_completed(
    spec: Spec, days: str, decimal: str | None, completed: str | None
) -> None:
    subject = f"""
        subject_id | site_id | age_at_index_days
        A          | 1       | {days}
    """
    spec("eligible_age", {"A": decimal}, criteria="zhang_2025", subject=subject)
    spec("eligible_age", {"A": completed}, criteria="zhang_2025_completed_years", subject=subject)
    spec("eligible_age", {"A": completed}, criteria="olaya_2025", subject=subject)


def test_age_is_that_of_the_first_infusion(spec: Spec) -> None:
    later = """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 400       | 427
        B          | 1        | 1          | 400       | 427
    """
    spec("eligible_age", {"A": "NOT_MET", "B": "NOT_MET"}, criteria="zhang_2025",
         exposure=later, subject="""
             subject_id | site_id | age_at_index_days | age_at_index_years_reported
             A          | 1       | 6400              |
             B          | 1       |                   | 17.5
         """)


@pytest.mark.parametrize(("end", "answer"), [("5", "NOT_MET"), ("6", "MET"), ("", None)])
def test_seven_days_of_blinatumomab(spec: Spec, end: str, answer: str | None) -> None:
    # the day of the start is the first day: stopped on its sixth day, and on its seventh
    spec("eligible_exposure", {"A": answer, "B": None}, subject="""
        subject_id | site_id
        A          | 1
        B          | 1
    """, exposure=f"""
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | {end}
    """)


@pytest.mark.parametrize(("infection", "organ", "survival", "answer"), [
    ("Y", "Y", "Y", "NOT_MET"), ("Y", "Y", "N", "MET"), ("N", "", "", "MET"), ("Y", "Y", "", None),
    ("Y", "U", "Y", None),
])
def test_the_first_exclusion_of_zhang_needs_all_three(
    spec: Spec, infection: str, organ: str, survival: str, answer: str | None
) -> None:
    spec("eligible_frailty", {"A": answer}, subject=f"""
        subject_id|site_id|severe_infection|organ_insufficiency|expected_survival_under_3_months
        A         |1      |{infection}     |{organ}            |{survival}
    """)


DIAGNOSES = """
    subject_id | episode_no | phase             | diagnosis | start_day
    A          | 1          | INITIAL_DIAGNOSIS | B_ALL     | -900
    B          | 1          | INITIAL_DIAGNOSIS | B_ALL     | -900
    C          | 1          | INITIAL_DIAGNOSIS | T_ALL     | -900
    D          | 1          | INITIAL_DIAGNOSIS | B_ALL     | -900
    E          | 1          | INITIAL_DIAGNOSIS | ALL       | -900
    F          | 1          | INITIAL_DIAGNOSIS | B_ALL     | -900
    F          | 2          | REFRACTORY        |           | -60
"""
REASONS = """
    subject_id | site_id | cohort           | severe_infection
    A          | 1       | CHEMO_INTOLERANT |
    B          | 1       | OTHER            | N
    C          | 1       | RR               |
    D          | 1       |                  |
    E          | 1       | RR               |
    F          | 1       |                  |
"""


def test_the_disease_of_each_trial(spec: Spec) -> None:
    tables = {"subject": REASONS, "disease_episode": DIAGNOSES}
    spec("eligible_disease", {"A": "NOT_MET", "B": "NOT_MET", "C": "NOT_MET", "D": None, "E": None,
                              "F": "MET"}, criteria="olaya_2025", **tables)
    spec("eligible_disease", {"A": "MET", "B": "NOT_MET", "C": "NOT_MET", "D": None, "E": None,
                              "F": "MET"}, criteria="zhang_2025", **tables)


def test_mrd_at_any_time_before_makes_a_child_eligible_for_zhang(spec: Spec) -> None:
    spec("eligible_disease", {"B": "MET", "D": None}, criteria="zhang_2025", subject=REASONS,
         disease_episode=DIAGNOSES, assessment="""
             subject_id | assessment_no | day  | specimen | mrd_percent | mrd_sign
             B          | 1             | -500 | BM       | 0.01        | =
             D          | 1             | -500 | BM       | 0.0099      | =
             D          | 2             | -400 | BM       | 0.05        | <
             D          | 3             | 1    | BM       | 2           | =
         """)


@pytest.mark.parametrize(("days", "verdict"), [("6574", "ELIGIBLE"), ("6757", "NOT_ELIGIBLE"),
                                               ("6939", "NOT_ELIGIBLE")])
def test_the_cohort_of_zhang(spec: Spec, days: str, verdict: str) -> None:
    spec("eligibility", {"A": verdict}, criteria="zhang_2025", exposure=EXPOSURE,
         disease_episode=relapse(), subject=f"""
             subject_id | site_id | age_at_index_days | severe_infection
             A          | 1       | {days}            | N
         """)


@pytest.mark.parametrize(("days", "verdict"), [("6757", "ELIGIBLE"), ("6939", "NOT_ELIGIBLE")])
def test_eighteen_and_a_half_years_are_eligible_for_zhang_in_completed_years(
    spec: Spec, days: str, verdict: str
) -> None:
    spec("eligibility", {"A": verdict}, criteria="zhang_2025_completed_years", exposure=EXPOSURE,
         disease_episode=relapse(), subject=f"""
             subject_id | site_id | age_at_index_days | severe_infection
             A          | 1       | {days}            | N
         """)


FRAIL = """
    subject_id|cohort|site_id|severe_infection|organ_insufficiency|expected_survival_under_3_months
    A         |CHEMO_INTOLERANT|1|Y           |Y                  |Y
"""


def test_a_frail_child_without_mrd_is_excluded_by_zhang(spec: Spec) -> None:
    spec("eligibility", {"A": "NOT_ELIGIBLE"}, criteria="zhang_2025", exposure=EXPOSURE,
         disease_episode=DIAGNOSES, subject=FRAIL)


@pytest.mark.parametrize(("days", "scale", "score", "answer"), [
    ("364", "LANSKY", "50", "NOT_APPLICABLE"), ("365", "LANSKY", "90", "MET"),
    ("3000", "LANSKY", "80", "NOT_MET"), ("3000", "LANSKY", "85", None),
    ("3000", "NA", "90", None), ("3000", "", "100", "MET"), ("", "LANSKY", "90", "MET"),
])
def test_performance_is_judged_in_steps_of_ten_from_one_year_on(
    spec: Spec, days: str, scale: str, score: str, answer: str | None
) -> None:
    spec("eligible_performance", {"A": answer}, subject=f"""
        subject_id | site_id | age_at_index_days | performance_scale | performance_score
        A          | 1       | {days}            | {scale}           | {score}
    """)


@pytest.mark.parametrize(("year", "value", "note"), [
    ("2020", "NOT_MET", "enrolled outside the period of the trial"),
    ("2021", None, "the year alone does not tell whether the day lies within"),
    ("2022", "MET", None), ("2023", "MET", None),
    ("2024", None, "the year alone does not tell whether the day lies within"),
    ("2025", "NOT_MET", "enrolled outside the period of the trial"),
    ("", None, "the year is not recorded"),
])
def test_the_period_of_enrolment_is_told_by_the_year(
    spec: Spec, year: str, value: str | None, note: str | None
) -> None:
    subject = f"subject_id | site_id | index_year\nA | 1 | {year}"
    spec("eligible_enrolment", {"A": value}, subject=subject)
    spec("eligible_enrolment", {"A": note}, part="note", subject=subject)


@pytest.mark.parametrize(("year", "started", "value"), [
    # Day 0 in 2020 and the first infusion 700 days later: December 2021 to December 2022.
    ("2020", 700, "MET"),
    # 609 days after 1 January 2020 is 1 September 2021; 608 days after is the day before.
    ("2020", 609, "MET"), ("2020", 608, None),
    # 547 days after 31 December 2022, 911 after 1 January, is 30 June 2024.
    ("2022", 547, "MET"), ("2022", 548, None), ("2022", 912, "NOT_MET"), ("2022", 911, None),
])
def test_the_first_infusion_is_the_day_of_enrolment(
    spec: Spec, year: str, started: int, value: str | None
) -> None:
    spec("eligible_enrolment", {"A": value},
         subject=f"subject_id | site_id | index_year\nA | 1 | {year}",
         exposure=f"subject_id | cycle_no | segment_no | start_day\nA | 1 | 1 | {started}")


@pytest.mark.parametrize(("days", "consent", "assent", "value"), [
    ("3000", "Y", "", "MET"), ("3286", "Y", "", "MET"), ("3287", "Y", "", None),
    ("3287", "Y", "Y", "MET"), ("3287", "Y", "N", "NOT_MET"), ("3000", "N", "", "NOT_MET"),
    ("3000", "", "", None), ("", "Y", "", None), ("", "Y", "Y", "MET"), ("3000", "U", "", None),
])
def test_from_nine_years_on_the_child_assents(
    spec: Spec, days: str, consent: str, assent: str, value: str | None
) -> None:
    # The ninth birthday can fall on day floor(9 × 365.25) = 3287.
    spec("eligible_consent", {"A": value}, subject=f"""
        subject_id | site_id | age_at_index_days | consent   | assent
        A          | 1       | {days}            | {consent} | {assent}
    """)


def test_consent_enters_the_verdict_only_where_the_plan_says_so(spec: Spec) -> None:
    tables = {"subject": CHILD, "exposure": EXPOSURE, "disease_episode": relapse()}
    spec("eligibility", {"A": "ELIGIBLE"}, **tables)
    spec("eligibility", {"A": None}, criteria="olaya_2025_with_consent", **tables)
    spec("eligibility", {"A": "consent, assent or the age that asks for it is not recorded"},
         criteria="olaya_2025_with_consent", part="note", **tables)
