"""Endpoints: the first event of the plan's list, else last contact, from the origin."""

from tests.spec.conftest import Spec

FOLLOW_UP = """
    subject_id | vital_status | last_contact_day | death_day
    A          | DEAD         | 300              | 300
    B          | ALIVE        | 500              |
    C          | DEAD         | 210              | 210
    D          | DEAD         | 90               |
    E          | ALIVE        |                  |
    F          | DEAD         | 60               | 60
"""
SUBJECTS = "\n".join(["subject_id | site_id", *(f"{subject} | 1" for subject in "ABCDEFG")])
EPISODES = """
    subject_id | episode_no | phase   | start_day
    A          | 1          | RELAPSE | 120
    C          | 1          | RELAPSE | 210
    F          | 1          | RELAPSE |
"""
RECORDS = {"subject": SUBJECTS, "follow_up": FOLLOW_UP, "disease_episode": EPISODES}
OUTCOME = ("time", "status", "event")
UNKNOWN = (None, None, None)


def test_overall_survival_from_the_anchor(spec: Spec) -> None:
    # The day of D's death is not known, E has no follow-up, and G has no row at all.
    spec("overall survival", {"A": (300, 1, "death"), "B": (500, 0, "last contact"),
                              "D": UNKNOWN, "E": UNKNOWN, "G": UNKNOWN},
         endpoint={"events": ["death"]}, part=OUTCOME, **RECORDS)


def test_first_event_and_ties_go_to_the_earlier_line(spec: Spec) -> None:
    # C relapsed and died on one day.
    spec("event-free survival", {"A": (120, 1, "relapse"), "C": (210, 1, "relapse")},
         endpoint={"events": ["relapse", "death"]}, part=OUTCOME, **RECORDS)
    spec("event-free survival", {"A": (120, 1, "relapse"), "C": (210, 1, "death")},
         endpoint={"events": ["death", "relapse"]}, part=OUTCOME, **RECORDS)


def test_a_competing_event_is_marked(spec: Spec) -> None:
    # The relapse of F is known without its day.
    spec("relapse", {"A": (120, 1, "relapse"), "C": (210, 1, "relapse"), "F": UNKNOWN},
         endpoint={"events": ["relapse"], "competing": ["death"]}, part=OUTCOME, **RECORDS)


def test_time_counts_from_the_transplant(spec: Spec) -> None:
    # The follow-up of C ends before its transplant; B was never transplanted.
    graft = """
        subject_id | transplant_no | day
        A          | 1             | 100
        C          | 1             | 230
    """
    spec("event-free survival", {"A": (20, 1, "relapse"), "B": UNKNOWN, "C": UNKNOWN},
         endpoint={"origin": "transplant", "events": ["relapse", "death"]}, part=OUTCOME,
         transplant=graft, **RECORDS)


def test_the_source_is_the_deciding_row(spec: Spec) -> None:
    spec("event-free survival",
         {"A": "disease_episode:2", "B": "follow_up:3", "F": "disease_episode:4"},
         endpoint={"events": ["relapse", "death"]}, part="source", **RECORDS)


def test_a_relapse_nobody_asked_about_is_not_absent(spec: Spec) -> None:
    # Also where death has its day, as for C. A form beats the plan's word.
    forms = """
        subject_id | form    | status
        A          | RELAPSE | COMPLETE
        B          | RELAPSE | NOT_COLLECTED
    """
    tables = {"subject": SUBJECTS, "follow_up": FOLLOW_UP, "form_status": forms}
    unasked = "relapse: not known to have been assessed"
    both = {"events": ["relapse", "death"]}
    spec("event-free survival", {"A": None, "B": unasked, "C": unasked}, endpoint=both,
         part="note", **tables)
    spec("event-free survival", {"B": unasked, "C": None}, endpoint=both, part="note",
         records={"absent_means_none": ["RELAPSE"]}, **tables)
    spec("overall survival", {"A": None, "B": None, "C": None, "D": "death known without its day",
                              "E": "no follow-up", "F": None, "G": "no follow-up"},
         endpoint={"events": ["death"]}, part="note", **tables)


def test_vital_status_must_be_known_for_a_child_without_an_event(spec: Spec) -> None:
    follow_up = """
        subject_id | vital_status | last_contact_day | death_day
        A          |              | 300              |
        B          | LOST         | 300              |
        C          | DEAD         | 40               | 40
    """
    graft = """
        subject_id | transplant_no | day
        A          | 1             | 10
        B          | 1             |
        C          | 1             | 41
    """
    tables = {"subject": SUBJECTS, "follow_up": follow_up, "transplant": graft}
    spec("overall survival", {"A": "vital status is not recorded", "B": None},
         endpoint={"events": ["death"]}, part="note", **tables)
    spec("overall survival",
         {"A": "vital status is not recorded", "B": "the day of the origin is not known",
          "C": "died before the origin"},
         endpoint={"events": ["death"], "origin": "transplant"}, part="note", **tables)


def test_a_relapse_on_the_day_of_the_origin_is_the_state_at_the_start(spec: Spec) -> None:
    # By its number the relapse of F without a day came later, that of C may have come first. D is
    # dead without the day: the order is not known.
    episodes = """
        subject_id | episode_no | phase   | start_day
        A          | 1          | RELAPSE | 0
        B          | 1          | RELAPSE | 1
        C          | 1          | RELAPSE |
        C          | 2          | RELAPSE | 9
        F          | 1          | RELAPSE | 9
        F          | 2          | RELAPSE |
    """
    spec("relapse", {"A": (300, 2, "death"), "B": (1, 1, "relapse"), "C": UNKNOWN,
                     "F": (9, 1, "relapse"), "D": UNKNOWN},
         endpoint={"events": ["relapse"], "competing": ["death"]}, part=OUTCOME,
         records={"absent_means_none": ["RELAPSE"]}, subject=SUBJECTS, follow_up=FOLLOW_UP,
         disease_episode=episodes)
