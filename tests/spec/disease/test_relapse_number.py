"""Which relapse it is: relapses after remission count, treatment failure does not."""

from tests.spec.conftest import Spec

COUNTED = """
    subject_id | episode_no | phase             | start_day
    A          | 1          | INITIAL_DIAGNOSIS | -900
    A          | 2          | REFRACTORY        | -860
    A          | 3          | RELAPSE           | -300
    A          | 4          | RELAPSE           | 200
    B          | 1          | RELAPSE           | -10
    B          | 2          | RELAPSE           | -200
    B          | 3          | RELAPSE           |
"""


def test_relapses_count_and_treatment_failure_does_not(spec: Spec) -> None:
    spec("relapse_number", {("A", 1): None, ("A", 2): None, ("A", 3): 1, ("A", 4): 2},
         disease_episode=COUNTED)


def test_episodes_follow_their_days_or_else_their_numbers(spec: Spec) -> None:
    spec("relapse_number", {("B", 1): 1, ("B", 2): 2, ("B", 3): 3}, disease_episode=COUNTED)
    spec("relapse_number", {("B", 1): 2, ("B", 2): 1}, disease_episode="""
        subject_id | episode_no | phase   | start_day
        B          | 1          | RELAPSE | -10
        B          | 2          | RELAPSE | -200
    """)


EPISODES = """
    subject_id | episode_no | phase             | start_day
    A          | 1          | INITIAL_DIAGNOSIS | -900
    A          | 2          | RELAPSE           | -300
    A          | 3          | RELAPSE           | -100
"""


def test_a_relapse_that_no_remission_went_before_is_persistent_disease(spec: Spec) -> None:
    marrows = """
        subject_id | assessment_no | day  | specimen | blast_percent | mrd_percent
        A          | 1             | -860 | BM       | 12            |
        A          | 2             | -800 | BM       | 3             | 1.0
        A          | 3             | -200 | BM       | 20            | 0.9
        A          | 4             | -150 | BM       | 60            | 55
    """
    tables = {"disease_episode": EPISODES, "assessment": marrows}
    spec("relapse_number", {("A", 2): None, ("A", 3): 1}, **tables)
    spec("relapse_number", {("A", 2): None, ("A", 3): 1}, criteria="documented_remission", **tables)
    spec("relapse_number", {("A", 2): "everything examined since the episode before shows "
                                      "disease: not a relapse"}, part="note", **tables)


def test_examinations_count_only_between_the_episodes(spec: Spec) -> None:
    marrows = """
        subject_id | assessment_no | day  | specimen | blast_percent
        A          | 1             | -900 | BM       | 1
        A          | 2             | -500 | BM       | 50
        A          | 3             | -300 | BM       | 1
        A          | 4             | -500 | PB       | 1
    """
    spec("relapse_number", {("A", 2): None, ("A", 3): 1},
         disease_episode=EPISODES, assessment=marrows)


def test_disease_in_the_28_days_before_the_recorded_day_is_the_relapse_itself(spec: Spec) -> None:
    marrows = """
        subject_id | assessment_no | day  | specimen | blast_percent
        A          | 1             | -328 | BM       | 50
        A          | 2             | -129 | BM       | 50
    """
    spec("relapse_number", {("A", 2): 1, ("A", 3): None},
         disease_episode=EPISODES, assessment=marrows)


def test_without_a_record_of_remission_the_centre_s_word_stands_or_not(spec: Spec) -> None:
    line = """
        subject_id | line_no | intent  | end_day | blast_percent_after
        A          | 1       | SALVAGE | -150    | 4.9
    """
    tables = {"disease_episode": EPISODES, "treatment_line": line}
    spec("relapse_number", {("A", 2): 1, ("A", 3): 2}, criteria="recorded", **tables)
    spec("relapse_number", {("A", 2): None, ("A", 3): None}, criteria="documented_remission",
         **tables)
    spec("relapse_number", {
        ("A", 2): "no record shows a remission since the episode before",
        ("A", 3): "an earlier relapse is not known to have followed a remission"},
        criteria="documented_remission", part="note", **tables)


def test_a_line_or_a_transplant_documents_remission_too(spec: Spec) -> None:
    line = """
        subject_id | line_no | intent    | end_day | blast_percent_after
        A          | 1       | FRONTLINE | -500    | 5
    """
    graft = """
        subject_id | transplant_no | day  | status_at_transplant
        A          | 1             | -400 | CR1
        A          | 2             | -150 | ACTIVE
    """
    spec("relapse_number", {("A", 2): 1, ("A", 3): None}, criteria="documented_remission",
         disease_episode=EPISODES, treatment_line=line, transplant=graft)


def test_relapse_after_any_transplant_is_flagged(spec: Spec) -> None:
    episodes = """
        subject_id | episode_no | phase   | start_day
        A          | 1          | RELAPSE | -100
        A          | 2          | RELAPSE | 90
        A          | 3          | RELAPSE | 91
        B          | 1          | RELAPSE | 91
        C          | 1          | RELAPSE |
        D          | 1          | RELAPSE | 50
    """
    grafts = """
        subject_id | transplant_no | day
        A          | 1             | 90
        C          | 1             | 90
        D          | 1             |
        D          | 2             | 60
    """
    tables = {"disease_episode": episodes, "transplant": grafts}
    spec("post_transplant_relapse", {("A", 1): "N", ("A", 2): "N", ("A", 3): "Y", ("B", 1): "N",
                                     ("C", 1): None, ("D", 1): None}, **tables)
    spec("post_transplant_relapse", {("A", 2): None, ("A", 3): 1}, part="day", **tables)
