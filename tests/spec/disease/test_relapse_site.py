"""Where the relapse was, by the marrow's blasts and the other sites. Definitions, 1.3."""

from tests.spec.conftest import Spec

SUBJECTS = """
    subject_id | site_id | sex
    A          | 1       | M
    B          | 1       | F
"""


def test_blasts_part_isolated_and_combined_relapse(spec: Spec) -> None:
    spec("relapse_site", {
        ("A", 1): "ISOLATED_MARROW", ("A", 2): None, ("A", 3): "COMBINED",
        ("A", 4): "ISOLATED_CNS", ("A", 5): "COMBINED", ("A", 6): "ISOLATED_TESTIS",
        ("A", 7): None}, subject=SUBJECTS, disease_episode="""
            subject_id | episode_no | phase   | marrow_blast_percent | cns | testis
            A          | 1          | RELAPSE | 25.0                 | N   | N
            A          | 2          | RELAPSE | 24.9                 | N   | N
            A          | 3          | RELAPSE | 5.0                  | Y   | N
            A          | 4          | RELAPSE | 4.9                  | Y   | N
            A          | 5          | RELAPSE | 60                   | U   | Y
            A          | 6          | RELAPSE | 1                    |     | Y
            A          | 7          | RELAPSE | 60                   |     | N
        """)


def test_between_5_and_25_percent_the_consensus_decides(spec: Spec) -> None:
    episodes = """
        subject_id | episode_no | phase   | start_day | marrow_blast_percent | cns | testis
        A          | 2          | RELAPSE | 0         | 12                   | N   | N
    """
    marrows = """
        subject_id | assessment_no | day  | specimen | blast_percent | mrd_method | mrd_percent
        A          | 1             | -500 | BM       | 1             | FCM        | 0.001
        A          | 2             | {}   | BM       | 12            | FCM        | 14
    """
    spec("relapse_site", {("A", 2): "ISOLATED_MARROW"}, subject=SUBJECTS,
         disease_episode=episodes, assessment=marrows.format(-7))
    spec("relapse_site", {("A", 2): None}, subject=SUBJECTS,
         disease_episode=episodes, assessment=marrows.format(-8))
    spec("relapse_site", {("A", 2): "5 to under 25 % blasts and no other site: the consensus on "
                                    "marrow relapse does not settle it"},
         part="note", subject=SUBJECTS, disease_episode=episodes)


def test_a_testis_in_a_girl_says_nothing(spec: Spec) -> None:
    """The record contradicts itself: the sex or the site is wrong, and a query asks which."""
    tables = {"subject": SUBJECTS, "disease_episode": """
        subject_id|episode_no|phase  |marrow_blast_percent|cns|testis|other_site
        B         |1         |RELAPSE|60                  |N  |Y     |
        B         |2         |RELAPSE|1                   |N  |Y     |
        B         |3         |RELAPSE|1                   |N  |Y     |skin
        B         |4         |RELAPSE|60                  |Y  |Y     |
    """}
    spec("relapse_site", {("B", 1): None, ("B", 2): None, ("B", 3): "ISOLATED_OTHER",
                          ("B", 4): "COMBINED"}, **tables)
    spec("relapse_site", {("B", 1): "a testis is recorded as involved in a girl",
                          ("B", 2): "a testis is recorded as involved in a girl"},
         part="note", **tables)


def test_the_centre_s_word_on_the_marrow_stands_where_blasts_are_not_counted(spec: Spec) -> None:
    episodes = """
        subject_id|episode_no|phase  |marrow|marrow_blast_percent|cns|testis|other_site
        A         |1         |RELAPSE|Y     |                    |N  |N     |
        A         |2         |RELAPSE|N     |                    |Y  |Y     |
        A         |3         |RELAPSE|N     |                    |N  |N     |skin
        A         |4         |RELAPSE|U     |                    |Y  |N     |
        A         |5         |RELAPSE|N     |40                  |N  |N     |
        B         |1         |RELAPSE|Y     |                    |N  |      |
        B         |2         |RELAPSE|N     |                    |N  |      |
    """
    tables = {"subject": SUBJECTS, "disease_episode": episodes}
    spec("relapse_site", {
        ("A", 1): "ISOLATED_MARROW", ("A", 2): "SEVERAL_EXTRAMEDULLARY", ("A", 3): "ISOLATED_OTHER",
        ("A", 4): None, ("A", 5): "ISOLATED_MARROW", ("B", 1): "ISOLATED_MARROW",
        ("B", 2): None}, **tables)
    spec("relapse_site", {
        ("A", 1): None, ("A", 4): "whether the marrow was involved is not recorded",
        ("A", 5): "the centre recorded the marrow otherwise than its blasts say",
        ("B", 2): "no site is recorded as involved"}, part="note", **tables)


def test_the_first_relapse_after_day_0_has_a_site_and_a_cd19(spec: Spec) -> None:
    tables = {"disease_episode": """
        subject_id | episode_no | phase   | start_day | marrow | cns | testis | cd19
        A          | 1          | RELAPSE | -30       | Y      | N   | N      | POS
        A          | 2          | RELAPSE | 270       | Y      | N   | N      | NEG
        A          | 3          | RELAPSE | 400       | Y      | Y   | N      | POS
        B          | 1          | RELAPSE | 0         | Y      | N   | N      | POS
        C          | 1          | RELAPSE | 420       | N      | Y   | N      | U
    """, "subject": """
        subject_id | site_id | sex
        A          | 1       | F
        B          | 1       | F
        C          | 1       | M
    """}
    spec("first_relapse_site", {"A": "ISOLATED_MARROW", "C": "ISOLATED_CNS"}, **tables)
    spec("first_relapse_cd19", {"A": "NEG"}, **tables)


def test_a_relapse_without_its_day_may_have_been_the_first(spec: Spec) -> None:
    tables = {"subject": "subject_id | site_id | sex\nA | 1 | F\nB | 1 | F",
              "disease_episode": """
        subject_id | episode_no | phase   | start_day | marrow | cns | testis | cd19
        A          | 1          | RELAPSE |           | Y      | N   | N      | POS
        A          | 2          | RELAPSE | 270       | Y      | N   | N      | NEG
        B          | 1          | RELAPSE | 270       | Y      | N   | N      | NEG
        B          | 2          | RELAPSE |           | Y      | N   | N      | POS
    """}
    spec("first_relapse_site", {"A": None, "B": "ISOLATED_MARROW"}, **tables)
    spec("first_relapse_cd19", {"A": None, "B": "NEG"}, **tables)
