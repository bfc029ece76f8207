"""For every sentence of every rule: the smallest study that breaks it, and its right neighbour.

``turn`` is the least change of those tables that makes them right: a text, and what replaces it.
"""

from __future__ import annotations

from dataclasses import dataclass

SUBJECT = """
    subject_id | site_id | sex | age_at_index_days
    A          | North   | F   | 2000
    B          | South   | M   | 3000
"""
FOLLOW_UP = """
    subject_id | vital_status | last_contact_day | death_day
    A          | DEAD         | 400              | 400
    B          | ALIVE        | 900              |
"""
GRAFT = """
    subject_id | transplant_no | day | hla_matched | hla_of
    A          | 1             | 90  | 10          | 10
"""
CLEAN = {
    "subject": SUBJECT, "follow_up": FOLLOW_UP, "transplant": GRAFT,
    "disease_episode": """
        subject_id | episode_no | phase             | start_day | diagnosis | marrow_blast_percent
        A          | 1          | INITIAL_DIAGNOSIS | -300      | B_ALL     | 87
        A          | 2          | RELAPSE           | 200       |           | 40
        B          | 1          | INITIAL_DIAGNOSIS | -200      | B_ALL     | 0.5
    """,
    "gvhd": """
        subject_id | gvhd_no | kind  | onset_day | max_grade
        A          | 1       | ACUTE | 120       | II
    """,
    "exposure": """
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 6
        A          | 1        | 2          | 6         | 27
    """,
    "assessment": """
        subject_id | assessment_no | day | specimen | blast_percent | response_reported
        A          | 1             | 28  | BM       | 4.9           | CR
    """,
    "laboratory": """
        subject_id | test        | day | sequence | value | unit
        A          | ANC         | 100 | 1        | 500   | 10*9/L
        A          | CD3_PERCENT | 20  | 1        | 70    | %
        A          | CD4_PERCENT | 20  | 1        | 40    | %
        A          | CD8_PERCENT | 20  | 1        | 40    | %
        A          | CD19_PERCENT | 20 | 1        | 20    | %
        A          | NK_PERCENT  | 20  | 1        | 5     | %
    """,
}
"""Sits on every boundary: 500 is allowed, 10 points are allowed, segments may touch."""


@dataclass(frozen=True)
class Case:
    """One way to break a rule, the sentence it must give, and the change that makes it right."""

    rule: str
    what: str
    turn: tuple[str, str]
    tables: dict[str, str]
    case: str = ""

    @property
    def right(self) -> dict[str, str]:
        """The tables of the neighbour that breaks nothing."""
        turned = {name: text.replace(*self.turn) for name, text in self.tables.items()}
        assert turned != self.tables, f"{self.rule}: nothing turned"
        return turned


def case(rule: str, what: str, turn: tuple[str, str], *, of: str = "", **tables: str) -> Case:
    """Return a case; ``of`` names the sentence where a rule has several."""
    return Case(rule, what, turn, tables, of)


_LAB = "subject_id | test | day | sequence | value | unit\n"
_MARROW = "subject_id | assessment_no | day | specimen | blast_percent"
_RECOVERY = "neutrophil_recovery_day_reported"
_PLATELETS = "platelet_recovery_day_reported"

CASES = [
    # Every table
    case("out_of_range", "transplant.cd34_1e6_kg is -3 10⁶/kg; expected 0 to 200.", ("-3", "0"),
         of="between", transplant="""
        subject_id | transplant_no | day | cd34_1e6_kg
        A          | 1             | 90  | -3
    """),
    case("out_of_range", "transfusion.units is -1; expected at least 0.", ("-1", "0"), of="least",
         transfusion="""
        subject_id | day | product | units
        B          | 9   | RBC     | -1
    """),
    case("out_of_range", "gvhd.onset_day is 40001 days; expected -40000 to 40000.",
         ("40001", "120"), of="between", gvhd="""
        subject_id | gvhd_no | kind  | onset_day | max_grade
        A          | 1       | ACUTE | 40001     | II
    """),
    case("percent_as_fraction",
         "All 3 values of assessment.blast_percent are at most 1: they look like fractions.",
         ("| 1\n", "| 1.5\n"), of="column", assessment="""
        subject_id | assessment_no | day | specimen | blast_percent
        A          | 1             | 1   | BM       | 0.63
        A          | 2             | 2   | BM       | 0.04
        A          | 3             | 3   | BM       | 1
    """),
    case("percent_as_fraction",
         "All 3 values of CD3_PERCENT are at most 0.7 %: they look like fractions.",
         ("0.7 ", "7 "), of="test", laboratory=_LAB + """
        A          | CD3_PERCENT | 20  | 1        | 0.7  | %
        A          | CD3_PERCENT | 21  | 1        | 0.6  | %
        A          | CD3_PERCENT | 22  | 1        | 0.5  | %
    """),
    case("recorded_twice", "gvhd holds rows that repeat another one of this child: 2.",
         ("2       | ACUTE | 120", "2       | ACUTE | 121"), gvhd="""
        subject_id | gvhd_no | kind  | onset_day | max_grade
        A          | 1       | ACUTE | 120       | II
        A          | 2       | ACUTE | 120       | II
    """),
    case("recorded_twice", "laboratory holds rows that repeat another one of this child: 6.",
         ("6 | 80", "6 | 81"), laboratory="".join([
             _LAB, *(f"A | HGB | 20 | {n} | 80 | g/L\n" for n in range(1, 7))])),
    case("rows_without_form", "RELAPSE was not collected, but disease_episode has a row.",
         ("NOT_COLLECTED", "COMPLETE"), form_status="""
        subject_id | form    | status
        A          | RELAPSE | NOT_COLLECTED
    """),
    case("dose_of_unknown_line", "A dose of Vincristine belongs to line 2, but no such line",
         ("| 2\n", "| 1\n"), treatment_line="""
        subject_id | line_no | intent
        A          | 1       | SALVAGE
    """, drug_dose="""
        subject_id | dose_no | drug        | line_no
        A          | 1       | Vincristine | 2
    """),
    case("repeated_column_disagrees", "old = 0, but age = 10: expected old = 1.",
         ("A          | old = 0 | age = 10 | old = 1", ""), source_disagreement="""
        subject_id | field   | of       | expected
        A          | old = 0 | age = 10 | old = 1
    """),
    # Who the children are
    case("identifiers_alike", "A and a differ only in how they are written.", ("a   ", "c   "),
         subject="""
        subject_id | site_id
        A          | North
        B          | South
        a          | North
    """),
    case("ages_disagree", "age_at_index_years_reported is 6.5, but age_at_index_days 2000 is 5.5",
         ("6.5", "6.4"), subject="""
        subject_id | site_id | age_at_index_days | age_at_index_years_reported
        A          | North   | 2000              | 6.5
        B          | South   | 3000              | 8
    """),
    case("performance_score_between_steps", "performance_score is 85.", ("85", "80"), subject="""
        subject_id | site_id | performance_score
        A          | North   | 85
        B          | South   | 90
    """),
    case("scale_against_age", "is KARNOFSKY, but the child is 16 years old", ("5843", "5844"),
         subject="""
        subject_id | site_id | age_at_index_days | performance_scale
        A          | North   | 5843              | KARNOFSKY
        B          | South   | 3000              | LANSKY
    """),
    # Time
    case("another_day_zero", "Day 0 of this child is DIAGNOSIS, but the plan's anchor is "
         "first_infusion.", ("DIAGNOSIS", "BLINATUMOMAB_START"), subject="""
        subject_id | site_id | index_event
        A          | North   | BLINATUMOMAB_START
        B          | South   | DIAGNOSIS
    """),
    case("anchor_off_day_zero", "Days count from BLINATUMOMAB_START, but the first one recorded "
         "(exposure.start_day) is day 1.", ("1         | 6", "0         | 6"), exposure="""
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 1         | 6
        A          | 1        | 2          | 6         | 27
    """),
    case("anchor_off_day_zero", "(transplant.day) is day -50.", ("| -3", "| 0"), transplant="""
        subject_id | transplant_no | day
        A          | 1             | -50
        A          | 2             | -3
    """, subject="""
        subject_id | site_id | index_event
        A          | North   | TRANSPLANT
        B          | South   |
    """, disease_episode="""
        subject_id | episode_no | phase | start_day
    """),
    case("after_death", "gvhd.onset_day is day 401, but the child died on day 400.",
         ("401", "400"), of="one", gvhd="""
        subject_id | gvhd_no | kind  | onset_day | max_grade
        A          | 1       | ACUTE | 401       | II
    """),
    case("after_death", "laboratory.day has 2 days after the death on day 400: 401 to 450.",
         ("401", "400"), of="several", laboratory=_LAB + """
        A | ANC | 401 | 1 | 3 | 10*9/L
        A | ANC | 450 | 1 | 3 | 10*9/L
    """),
    case("after_death", "follow_up.second_malignancy_day is day 401", ("401", "400"), of="one",
         follow_up="""
        subject_id | vital_status | last_contact_day | death_day | second_malignancy_day
        A          | DEAD         | 400              | 400       | 401
        B          | ALIVE        | 900              |           |
    """),
    case("after_last_contact", "transfusion.day is day 901, after the last contact on day 900.",
         ("901", "900"), of="one", transfusion="""
        subject_id | day | product
        B          | 901 | RBC
    """),
    case("after_last_contact", "transfusion.day has 2 days after the last contact on day 900: "
         "901 to 950.", ("901", "900"), of="several", transfusion="""
        subject_id | day | product
        B          | 901 | RBC
        B          | 950 | RBC
    """),
    case("before_birth", "but the child was 2000 days old on day 0", ("-2001", "-2000"), of="one",
         disease_episode="""
        subject_id | episode_no | phase             | start_day
        A          | 1          | INITIAL_DIAGNOSIS | -2001
    """),
    case("before_birth", "assessment.day has 2 days before birth (-2002 to -2001)",
         ("-2001", "-2000"), of="several", assessment="""
        subject_id | assessment_no | day   | specimen
        A          | 1             | -2002 | PB
        A          | 2             | -2001 | PB
    """),
    case("ends_before_start", "adverse_event ends on day 11 but starts on day 12.", ("12", "11"),
         adverse_event="""
        subject_id | event_no | start_day | end_day
        A          | 1        | 12        | 11
    """),
    case("numbers_out_of_order",
         "transplant: number 2 is on day 90, but number 1 is on day 120.", ("120", "90"),
         transplant="""
        subject_id | transplant_no | day
        A          | 1             | 120
        A          | 2             | 90
    """),
    case("event_without_day", "transplant 1 has no day (transplant.day), and why is not said.",
         ("A/2", "A/1"),
         transplant="""
        subject_id | transplant_no | donor
        A          | 1             | CORD
    """, null_reason="""
        table      | key | column | reason
        transplant | A/2 | day    | UNKNOWN
    """),
    case("event_without_day", "gvhd 5 has no day (gvhd.onset_day)", ("| 124 ", "|     "),
         gvhd="""
        subject_id | gvhd_no | kind    | onset_day | max_grade
        A          | 1       | ACUTE   | 121       | I
        A          | 2       | ACUTE   | 122       | I
        A          | 3       | ACUTE   | 123       | I
        A          | 4       | ACUTE   | 124       | I
        A          | 5       | CHRONIC |           | MILD
    """),
    *(case("partial_date_outside_life", what, turn, of=of, partial_date=f"""
        table       | key  | column   | precision | earliest_day | latest_day
        {row}
    """) for of, row, what, turn in [
        ("after_death", "gvhd | A/1 | onset_day | M | 401 | 430",
         "gvhd.onset_day lies between day 401 and day 430, but the child died on day 400.",
         ("401", "400")),
        ("after_contact", "transfusion | B/9/RBC | day | Y | 901 | 1200",
         "transfusion.day lies between day 901 and day 1200, after the last contact on day 900.",
         ("901", "900")),
        ("before_birth", "disease_episode | A/1 | start_day | M | -2040 | -2001",
         "disease_episode.start_day lies between day -2040 and day -2001, before birth on day "
         "-2000.", ("-2001", "-2000")),
    ]),
    case("event_without_day", "transplant 1 has no day", ("A/2", "A/1"), transplant="""
        subject_id | transplant_no | donor
        A          | 1             | CORD
    """, partial_date="""
        table      | key | column | precision | earliest_day | latest_day
        transplant | A/2 | day    | M         | 90           | 120
    """),
    # The end of follow-up
    case("no_follow_up", "The child has no follow_up row.", ("C ", "A "), follow_up="""
        subject_id | vital_status | last_contact_day
        B          | ALIVE        | 900
        C          | ALIVE        | 400
    """),
    case("follow_up_incomplete", "The child is dead but death_day is empty.", ("DEAD ", "ALIVE"),
         of="no_death", follow_up="""
        subject_id | vital_status | last_contact_day | death_day
        A          | DEAD         | 400              |
        B          | ALIVE        | 900              |
    """),
    *(case("follow_up_incomplete", what, turn, of=of, follow_up=f"""
        subject_id | vital_status | last_contact_day | death_day
        A          | {row}
        B          | ALIVE        | 900 |
    """) for of, row, what, turn in [
        ("no_status", "        | 500 |", "vital_status is empty.",
         ("        | 500", "LOST    | 500")),
        ("not_dead", "ALIVE   | 400 | 400", "death_day is 400, but vital_status is ALIVE.",
         ("ALIVE   |", "DEAD    |")),
        ("no_contact", "LOST    |     |", "last_contact_day is empty.",
         ("LOST    |    ", "LOST    | 400")),
        ("contact_after", "DEAD    | 401 | 400", "last_contact_day 401 is after death_day 400.",
         ("401", "400")),
        ("before", "ALIVE   | -1  |", "Follow-up ends before day 0 (on day -1).", ("-1 ", "400")),
    ]),
    case("cause_without_death", "A cause of death (RELAPSE) is given, but vital_status is ALIVE.",
         ("RELAPSE", ""), follow_up="""
        subject_id | vital_status | last_contact_day | death_day | cause_of_death
        A          | DEAD         | 400              | 400       | INFECTION
        B          | ALIVE        | 900              |           | RELAPSE
    """),
    case("grade_5_alive", "Sepsis has grade 5, but vital_status is ALIVE.", ("5", "4"),
         adverse_event="""
        subject_id | event_no | term   | grade | grading
        B          | 1        | Sepsis | 5     | CTCAE5
    """),
    case("grade_5_on_another_day",
         "Sepsis has grade 5 and ends on day 390, but the child died on day 400.", ("390", "400"),
         adverse_event="""
        subject_id | event_no | term   | grade | grading | end_day
        A          | 1        | Sepsis | 5     | CTCAE5  | 390
    """),
    *(case("death_without_grade_5", "The child died of INFECTION on day 57, within 30 days after "
           "the last infusion, but no adverse event has grade 5.", turn, follow_up="""
        subject_id | vital_status | last_contact_day | death_day | cause_of_death
        A          | DEAD         | 57               | 57        | INFECTION
        B          | ALIVE        | 900              |           |
    """, adverse_event="""
        subject_id | event_no | term   | grade | grading
        A          | 1        | Sepsis | 4     | CTCAE5
    """, form_status="""
        subject_id | form          | status
        A          | ADVERSE_EVENT | COMPLETE
    """) for turn in [("4     | CTCAE5", "5     | CTCAE5"), ("57", "58"),
                      ("COMPLETE", "NOT_COLLECTED")]),
    # Harm
    case("grade_without_system", "Sepsis has grade 3, but no grading.",
         ("3     |\n", "3     | CTCAE5\n"), adverse_event="""
        subject_id | event_no | term   | grade | grading
        A          | 1        | Sepsis | 3     |
        A          | 2        | Sepsis | 3     | CTCAE5
    """),
    case("grade_below_its_term", "Febrile neutropenia has grade 2; it begins at 3.",
         ("| 2     | CTCAE5", "| 3     | CTCAE5"), adverse_event="""
        subject_id | event_no | term                | grade | grading
        A          | 1        | Febrile neutropenia | 2     | CTCAE5
        A          | 2        | Nausea              | 1     | CTCAE5
    """),
    case("event_outside_its_cycle", "CRS belongs to cycle 2, but no such infusion is recorded.",
         ("| 2\n", "| 1\n"), of="unknown", adverse_event="""
        subject_id | event_no | group | start_day | cycle_no
        A          | 1        | CRS   | 3         | 2
    """),
    case("event_outside_its_cycle", "CRS of cycle 1 begins on day -1, before the cycle began on "
         "day 0.", ("-1 ", "0  "), of="before", adverse_event="""
        subject_id | event_no | group | start_day | cycle_no
        A          | 1        | CRS   | -1        | 1
    """),
    # Infusions
    case("cycle_without_start", "The first segment of cycle 1 has no start_day.",
         ("|           | 6", "| 0         | 6"), exposure="""
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          |           | 6
        A          | 1        | 2          | 6         | 27
        A          | 2        | 1          | 42        |
    """),
    case("infusions_overlap", "starts on day 6 (cycle 1, segment 2) overlaps with one that starts "
         "on day 0 and ends on day 7", ("| 7\n", "| 6\n"), exposure="""
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 7
        A          | 1        | 2          | 6         | 27
    """),
    case("segment_outside_its_cycle", "Segment 2 of cycle 1 starts on day 42, when cycle 2 has "
         "begun (on day 42).", ("| 42        | 50", "| 41        | 42"), exposure="""
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 27
        A          | 1        | 2          | 42        | 50
        A          | 2        | 1          | 42        | 69
    """),
    case("dose_not_above_zero", "Cycle 1, segment 1 has the dose 0.", ("| 0\n", "| 5\n"),
         exposure="""
        subject_id | cycle_no | segment_no | dose
        A          | 1        | 1          | 0
    """),
    case("cycle_numbers_skip", "The cycles are numbered 1 and 3.", ("3        |", "2        |"),
         exposure="""
        subject_id | cycle_no | segment_no
        A          | 1        | 1
        A          | 3        | 1
    """),
    case("segments_out_of_order",
         "Segment 2 of cycle 1 starts on day 0, the one before it on day 7.",
         ("| 0         | 6", "| 7         | 9"), exposure="""
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 7         | 27
        A          | 1        | 2          | 0         | 6
    """),
    case("dose_units_differ", "Cycle 1 has the units of dose ug/m2/d and ug/d.",
         ("| ug/d\n", "| ug/m2/d\n"), exposure="""
        subject_id | cycle_no | segment_no | dose | dose_unit
        A          | 1        | 1          | 5    | ug/m2/d
        A          | 1        | 2          | 28   | ug/d
    """),
    case("planned_days_differ", "Cycle 1 has the planned days 14 and 28.", ("14", "28"),
         exposure="""
        subject_id | cycle_no | segment_no | planned_days
        A          | 1        | 1          | 14
        A          | 1        | 2          | 28
    """),
    case("completed_but_short",
         "Cycle 1 is recorded as completed after 27 days; 28 were planned.", ("26", "27"),
         exposure="""
        subject_id | cycle_no | segment_no | start_day | end_day | planned_days | end_reason
        A          | 1        | 1          | 0         | 26      | 28           | COMPLETED
        B          | 1        | 1          | 0         | 27      | 28           | COMPLETED
    """),
    # The disease
    case("two_diagnoses", "2 initial diagnoses are recorded, on the days -300 and -10.",
         ("INITIAL_DIAGNOSIS | -10", "REFRACTORY        | -10"), disease_episode="""
        subject_id | episode_no | phase             | start_day
        A          | 1          | INITIAL_DIAGNOSIS | -300
        A          | 2          | INITIAL_DIAGNOSIS | -10
    """),
    case("relapse_before_diagnosis", "Relapse on day -10, diagnosis on day -10.",
         ("RELAPSE           | -10", "RELAPSE           | -9"), disease_episode="""
        subject_id | episode_no | phase             | start_day
        A          | 1          | INITIAL_DIAGNOSIS | -10
        A          | 2          | RELAPSE           | -10
    """),
    case("marrow_against_blasts", "marrow is N, but marrow_blast_percent is 5.",
         ("| 5\n", "| 4.9\n"), disease_episode="""
        subject_id | episode_no | phase   | start_day | marrow | marrow_blast_percent
        A          | 1          | RELAPSE | 200       | N      | 5
    """),
    case("months_against_days", "months_since_diagnosis_reported is 18, but the episode is 500 "
         "days after the diagnosis.", ("| 18", "| 17"), of="diagnosis", disease_episode="""
        subject_id | episode_no | phase             | start_day | months_since_diagnosis_reported
        A          | 1          | INITIAL_DIAGNOSIS | -300      |
        A          | 2          | RELAPSE           | 200       | 18
    """),
    case("months_against_days", "months_since_frontline_end_reported is 8, but the episode is "
         "200 days after the end of frontline therapy.", ("| 8\n", "| 7\n"), of="frontline",
         disease_episode="""
        subject_id | episode_no | phase   | start_day | months_since_frontline_end_reported
        A          | 1          | RELAPSE | 200       | 8
    """, treatment_line="""
        subject_id | line_no | intent    | end_day
        A          | 1       | FRONTLINE | 0
    """),
    case("testis_in_a_girl", "Testicular disease is recorded for a girl.",
         ("A          | 1          | RELAPSE", "B          | 1          | RELAPSE"),
         disease_episode="""
        subject_id | episode_no | phase   | start_day | testis
        A          | 1          | RELAPSE | 20        | Y
    """),
    case("relapse_of_non_malignant_disease", "whose disease is not malignant",
         ("NON_MALIGNANT", "AML"), disease_episode="""
        subject_id | episode_no | phase             | start_day | diagnosis
        A          | 1          | INITIAL_DIAGNOSIS | -20       | NON_MALIGNANT
        A          | 2          | RELAPSE           | 20        |
    """),
    case("first_remission_after_relapse", "The transplant of day 90 was in CR1, but a relapse is "
         "recorded on day 10, before it.", ("RELAPSE           | 10", "RELAPSE           | 90"),
         disease_episode="""
        subject_id | episode_no | phase             | start_day
        A          | 1          | INITIAL_DIAGNOSIS | -300
        A          | 2          | RELAPSE           | 10
    """, transplant="""
        subject_id | transplant_no | day | status_at_transplant
        A          | 1             | 90  | CR1
    """),
    # Remission
    case("relapse_without_remission", "Relapse on day 200, but the last marrow before it (day 28) "
         "was not in remission, and none since the last episode was.", ("| 5.0", "| 4.9"),
         assessment=f"{_MARROW}\n A | 1 | -299 | BM | 30\n A | 2 | 28 | BM | 5.0"),
    case("relapse_without_remission", "Relapse on day 200", ("-301", "29"),
         assessment=f"{_MARROW}\n A | 1 | -301 | BM | 0\n A | 2 | 28 | BM | 5.0"),
    case("relapse_without_remission", "Relapse on day 200",
         ("site_id | cohort\n A | North | RR", "site_id | cohort\n A | North | MRD_POS"),
         assessment=f"{_MARROW}\n A | 1 | 28 | BM | 5.0",
         subject="subject_id | site_id | cohort\n A | North | RR\n B | South |"),
    case("relapse_death_without_relapse", "Died of RELAPSE, but the disease was in remission on "
         "day 300", ("300 | BM | 2", "300 | BM | 12"), follow_up="""
        subject_id | vital_status | last_contact_day | death_day | cause_of_death
        A          | DEAD         | 400              | 400       | RELAPSE
        B          | ALIVE        | 900              |           |
    """, assessment=f"{_MARROW}\n A | 1 | 28 | BM | 3\n A | 2 | 300 | BM | 2"),
    case("remission_without_marrow", "CR on day 28 with 5 % blasts in the marrow.",
         ("5.0", "4.9"), of="blasts", assessment="""
        subject_id | assessment_no | day | specimen | blast_percent | response_reported
        A          | 1             | 28  | BM       | 5.0           | CR
    """),
    case("remission_without_marrow", "CRI on day 28 has no marrow result.", ("PB", "BM"),
         of="none", assessment="""
        subject_id | assessment_no | day | specimen | mrd_sign | response_reported
        A          | 1             | 28  | PB       | ND       | CRI
    """),
    case("remission_at_transplant_contradicted",
         "Transplant in CR1 on day 90, but the marrow of day 80 had 12 % blasts.", ("12", "4"),
         transplant="""
        subject_id | transplant_no | day | status_at_transplant
        A          | 1             | 90  | CR1
    """, assessment=f"{_MARROW}\n A | 1 | 20 | BM | 2\n A | 2 | 80 | BM | 12"),
    case("transplant_before_response", "The marrow before transplant is dated day 91, after the "
         "transplant on day 90.", ("91", "90"), of="timepoint", assessment="""
        subject_id | assessment_no | day | specimen | blast_percent | timepoint
        A          | 1             | 91  | BM       | 1             | PRE_TRANSPLANT
    """),
    case("transplant_before_response", "Transplant in CR1 on day 90, but since the disease of day "
         "-300 the first remission is recorded on day 120.", ("120", "89"), of="remission",
         transplant="""
        subject_id | transplant_no | day | status_at_transplant
        A          | 1             | 90  | CR1
    """, assessment=f"{_MARROW}\n A | 1 | 120 | BM | 2"),
    case("mrd_below_limit", "MRD 0.0009 % on day 20 is below the assay's limit 0.001 %.",
         ("0.0009", "0.001"), assessment="""
        subject_id | assessment_no | day | specimen | mrd_percent | mrd_sign | mrd_lod_percent
        A          | 1             | 20  | BM       | 0.0009      | =        | 0.001
    """),
    case("mrd_below_limit", "MRD 0.0009 % on day 20", ("0.0009      | ", "0.0009      | <"),
         assessment="""
        subject_id | assessment_no | day | specimen | mrd_percent | mrd_sign | mrd_lod_percent
        A          | 1             | 20  | BM       | 0.0009      |          | 0.001
    """),
    case("mrd_not_detected_with_value", "MRD on day 20 is not detected, but 0.02 % is given.",
         ("0.02 ", "0.01 "), assessment="""
        subject_id | assessment_no | day | specimen | mrd_percent | mrd_sign | mrd_lod_percent
        A          | 1             | 20  | BM       | 0.02        | ND       | 0.01
    """),
    # Laboratory
    case("impossible_value", "ANC is 500.1 10*9/L on day 20; above 500 10*9/L does not occur.",
         ("500.1", "500"), of="one", laboratory=_LAB + "A | ANC | 20 | 1 | 500.1 | 10*9/L"),
    case("impossible_value", "ANC is 600 to 1200 10*9/L in 2 rows; above 500",
         ("600", "6"), of="several",
         laboratory=_LAB + "A | ANC | 20 | 1 | 600 | 10*9/L\nA | ANC | 21 | 1 | 1200 | 10*9/L"),
    case("impossible_size", "HEIGHT is 1.15 cm on day 20; below 35 cm does not occur.",
         ("1.15", "115"), of="one",
         laboratory=_LAB + "A | HEIGHT | 20 | 1 | 1.15 | cm\nB | WEIGHT | 20 | 1 | 1.5 | kg"),
    case("impossible_size", "HGB is 8 to 12 g/L in 2 rows; below 20 g/L does not occur.",
         ("| 8 |", "| 80 |"), of="several",
         laboratory=_LAB + "A | HGB | 20 | 1 | 8 | g/L\nA | HGB | 21 | 1 | 12 | g/L"),
    case("negative_value", "CRP is -9 mg/L on day 20.", ("-9", "9"), of="one",
         laboratory=_LAB + "A | CRP | 20 | 1 | -9 | mg/L"),
    case("negative_value", "CRP is -99 to -9 mg/L in 2 rows.", ("-99", "99"), of="several",
         laboratory=_LAB + "A | CRP | 20 | 1 | -9 | mg/L\nA | CRP | 21 | 1 | -99 | mg/L"),
    case("percentage_out_of_range", "CHIMERISM_WB is 100.1 % on day 120.", ("100.1", "100"),
         of="one", laboratory=_LAB + "A | CHIMERISM_WB | 120 | 1 | 100.1 | %"),
    case("percentage_out_of_range", "CHIMERISM_WB is -1 to 101 % in 2 rows.", ("101", "99"),
         of="several", laboratory=_LAB
         + "A | CHIMERISM_WB | 120 | 1 | 101 | %\nA | CHIMERISM_WB | 121 | 1 | -1 | %"),
    case("value_below_limit", "IL6 is 2 pg/mL on day 20, below the limit of detection in its row.",
         ("|      | SERUM", "| <    | SERUM"), of="one", laboratory="""
        subject_id | test | day | sequence | value | unit  | lod | sign | specimen
        A          | IL6  | 20  | 1        | 2     | pg/mL | 2.5 |      | SERUM
    """),
    case("value_below_limit", "IL6 is 1 to 2 pg/mL in 2 rows, below the limit of detection in "
         "each.", ("| 2     |", "| 2.5   |"), of="several", laboratory="""
        subject_id | test | day | sequence | value | unit  | lod | sign | specimen
        A          | IL6  | 20  | 1        | 2     | pg/mL | 2.5 | =    | SERUM
        A          | IL6  | 21  | 1        | 1     | pg/mL | 2.5 | =    | SERUM
    """),
    case("cytokine_without_specimen", "Cytokine values without a specimen: 2.",
         ("|          |", "| SERUM    |"), laboratory="""
        subject_id | test | day | sequence | value | specimen | unit
        A          | IL6  | 20  | 1        | 5     |          | pg/mL
        A          | IL8  | 20  | 1        | 5     |          | pg/mL
    """),
    case("unknown_unit", "ANC has values without a unit: 1; it is measured in 10*9/L, 10*3/uL",
         ("| 3 |", "| 3 | 10*9/L"), of="none", laboratory=_LAB + "A | ANC | 20 | 1 | 3 |"),
    case("unknown_unit", "ANC has values in the unit 'g/L': 1; it is measured in", ("g/L", "/uL"),
         of="other", laboratory=_LAB + "A | ANC | 20 | 1 | 3 | g/L"),
    case("units_differ_within_day", "HGB on day 20 is given in g/dL and g/L.",
         ("2        | 80    | g/L  |", "2        | 80    | g/L  | g/dL"),
         laboratory="""
        subject_id | test | day | sequence | value | unit | source_unit
        A          | HGB  | 20  | 1        | 80    | g/L  | g/dL
        A          | HGB  | 20  | 2        | 80    | g/L  |
        A          | HGB  | 21  | 1        | 80    | g/L  |
    """),
    case("subsets_do_not_add_up", "differ from CD3 70 % by 11 points", ("| 41", "| 40"),
         laboratory=_LAB + "A | CD3_PERCENT | 20 | 1 | 70 | %\nA | CD4_PERCENT | 20 | 1 | 41 | %\n"
         "A | CD8_PERCENT | 20 | 1 | 40 | %"),
    case("subsets_do_not_add_up", "differ from CD3 57.61 % by 10.01 points",
         ("57.61", "57.6"), laboratory=_LAB + "A | CD3_PERCENT | 20 | 1 | 57.61 "
         "| %\nA | CD4_PERCENT | 20 | 1 | 21.33 | %\nA | CD8_PERCENT | 20 | 1 | 26.27 | %"),
    case("lymphocytes_do_not_add_up", "CD3 70 % + CD19 14 % + NK 10 % are 94 %.",
         ("| 14", "| 15"), laboratory=_LAB + "A | CD3_PERCENT | 20 | 1 | 70 | %\n"
         "A | CD19_PERCENT | 20 | 1 | 14 | %\nA | NK_PERCENT | 20 | 1 | 10 | %"),
    # The graft
    case("recovery_before_graft", f"{_RECOVERY} is day 90, the graft was given on day 90.",
         ("| 90  | 90", "| 90  | 91"), of="early",
         transplant=f"subject_id | transplant_no | day | {_RECOVERY}\nA | 1 | 90  | 90"),
    case("recovery_before_graft", f"{_PLATELETS} is day 89, the graft was given on day 90.",
         ("89", "99"), of="early_platelets",
         transplant=f"subject_id | transplant_no | day | {_PLATELETS}\nA | 1 | 90 | 89"),
    case("recovery_before_graft", "A day of recovery is reported (110), but the graft has no day.",
         ("|    | 110", "| 90 | 110"), of="no_graft_day",
         transplant=f"subject_id | transplant_no | day | {_RECOVERY}\nA | 1 |    | 110"),
    case("recovery_against_counts", f"transplant.{_RECOVERY} is day 110, but ANC is 0.4 10*9/L on "
         "that day.", ("0.4", "0.5"),
         transplant=f"subject_id | transplant_no | day | {_RECOVERY}\nA | 1 | 90 | 110",
         laboratory=_LAB + "A | ANC | 110 | 1 | 0.4 | 10*9/L"),
    case("recovered_against_day", f"platelet_recovered_reported is N, but {_PLATELETS} is 110.",
         ("| N |", "| Y |"), of="platelets", transplant="subject_id | transplant_no | day | "
         f"platelet_recovered_reported | {_PLATELETS}\nA | 1 | 90 | N | 110"),
    case("recovered_against_day", f"neutrophil_recovered_reported is N, but {_RECOVERY} is 110.",
         ("| N |", "| Y |"), of="neutrophils", transplant="subject_id | transplant_no | day | "
         f"neutrophil_recovered_reported | {_RECOVERY}\nA | 1 | 90 | N | 110"),
    case("counts_on_day_of_graft", "ANC has 3 values on the day of the graft (90).",
         ("90  | 3", "91  | 3"), laboratory="""
        subject_id | test | day | sequence | value | unit
        A          | ANC  | 90  | 1        | 3     | 10*9/L
        A          | ANC  | 90  | 2        | 1     | 10*9/L
        A          | ANC  | 90  | 3        | 0.1   | 10*9/L
    """),
    case("graft_is_missing", "CHIMERISM_WB is recorded on day 120, but no transplant.",
         ("B | CHIM", "A | CHIM"), of="none",
         laboratory=_LAB + "B | CHIMERISM_WB | 120 | 1 | 99 | %"),
    case("graft_is_missing", "DLI is recorded on day 89, before the graft of day 90.",
         ("89", "90"), of="before",
         cell_therapy="subject_id | therapy_no | kind | day\nA | 1 | DLI | 89"),
    case("gvhd_without_graft", "GVHD (ACUTE) is recorded, but no transplant.", ("B |", "A |"),
         of="gvhd", gvhd="subject_id | gvhd_no | kind | onset_day | max_grade\n"
         "B | 1 | ACUTE | 120 | II"),
    case("gvhd_without_graft", "Organ stages of GVHD are recorded on day 120, but no transplant.",
         ("B |", "A |"), of="organ", gvhd_organ="subject_id | day | skin_percent\nB | 120 | 20"),
    case("gvhd_before_graft", "GVHD (ACUTE) begins on day 89, the graft was given on day 90.",
         ("89", "90"), gvhd="""
        subject_id | gvhd_no | kind  | onset_day | max_grade
        A          | 1       | ACUTE | 89        | II
    """),
    case("gvhd_grade_of_other_kind", "GVHD (CHRONIC) has the grade II, which belongs to the other "
         "kind.", ("II", "MILD"), gvhd="""
        subject_id | gvhd_no | kind    | onset_day | max_grade
        A          | 1       | CHRONIC | 120       | II
    """),
    case("hla_matches_exceed", "11 of 10 HLA alleles match.", ("11", "10"), transplant="""
        subject_id | transplant_no | day | hla_matched | hla_of
        A          | 1             | 90  | 11          | 10
    """),
    case("cd34_dose_implausible", "The CD34⁺ dose is 0.09 ×10⁶/kg; a graft of PBSC holds 0.1 to "
         "60.", ("0.09", "0.1"), transplant="""
        subject_id | transplant_no | day | graft | cd34_1e6_kg
        A          | 1             | 90  | PBSC  | 0.09
    """),
]
