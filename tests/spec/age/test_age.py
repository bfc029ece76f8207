"""Age and its groups. Cuts: Olaya-Vargas 2025, Table 1; 10.0 in the middle. Definitions, 12."""

from tests.spec.conftest import Spec

SUBJECTS = """
    subject_id | site_id | age_at_index_days | age_at_index_years_reported
    infant     | 1       | 364               |
    one        | 1       | 365               |
    ten        | 1       | 3653              |
    over       | 1       | 3654              |
    reported   | 1       | 3652              | 10.0
    above      | 1       | 3689              | 10.1
    unknown    | 1       |                   |
"""


def test_the_groups_of_olaya(spec: Spec) -> None:
    # ceil(10 × 365.25) = 3653 is the last day that can be the tenth birthday.
    spec("age_group", {"infant": "UNDER_1", "one": "1_TO_10", "ten": "1_TO_10", "over": "OVER_10",
                       "reported": "1_TO_10", "above": "OVER_10", "unknown": None},
         criteria="olaya_2025", subject=SUBJECTS)


def test_ten_and_a_half_years_are_over_ten_unless_years_are_completed(spec: Spec) -> None:
    # floor(11 × 365.25) = 4017 is the first day that can be the eleventh birthday.
    children = """
        subject_id | site_id | age_at_index_days | age_at_index_years_reported
        A          | 1       |                   | 10.0
        B          | 1       |                   | 10.5
        C          | 1       | 3835              |
        D          | 1       | 4016              |
        E          | 1       | 4017              |
    """
    spec("age_group", {"A": "1_TO_10", "B": "OVER_10", "C": "OVER_10", "D": "OVER_10",
                       "E": "OVER_10"}, subject=children)
    spec("age_group", {"A": "1_TO_10", "B": "1_TO_10", "C": "1_TO_10", "D": "1_TO_10",
                       "E": "OVER_10"}, criteria="olaya_2025_completed_years", subject=children)


def test_the_groups_of_the_nci(spec: Spec) -> None:
    # floor(10 × 365.25) = 3652 is the first day that can be the tenth birthday.
    spec("age_group", {"infant": "UNDER_1", "one": "1_TO_9", "ten": "FROM_10", "over": "FROM_10",
                       "reported": "FROM_10", "unknown": None},
         criteria="nci_1996", subject=SUBJECTS)


def test_the_day_before_the_tenth_birthday(spec: Spec) -> None:
    spec("age_group", {"A": "1_TO_9"}, criteria="nci_1996", subject="""
        subject_id | site_id | age_at_index_days
        A          | 1       | 3651
    """)


def test_years_are_the_centre_s_own_where_it_gives_them(spec: Spec) -> None:
    spec("age_years", {"reported": 10.0, "ten": 3653 / 365.25, "unknown": None}, subject=SUBJECTS)
    spec("age_years", {"reported": "reported by the centre", "ten": "from days", "unknown": None},
         part="how", subject=SUBJECTS)


def test_months_are_completed(spec: Spec) -> None:
    # 72 months are 2191.5 days: the child of 2191 days has completed 71
    spec("age_months", {"A": 71, "B": 72, "C": 0}, subject="""
        subject_id | site_id | age_at_index_days
        A          | 1       | 2191
        B          | 1       | 2192
        C          | 1       | 30
    """)
