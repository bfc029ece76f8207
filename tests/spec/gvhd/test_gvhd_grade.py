"""GVHD graded from organ stages. Vectors: the reference of definitions, section 8, boundaries."""

import pytest

from tests.spec.conftest import Spec

GRAFT = """
    subject_id | transplant_no | day
    A          | 1             | 50
"""
BILIRUBIN = {0: 1.0, 1: 2.5, 2: 4, 3: 10, 4: 16}
SKIN = {0: (0, "N"), 1: (10, "N"), 2: (30, "N"), 3: (60, "N"), 4: (60, "Y")}
STOOL = {0: (5, "N"), 1: (15, "N"), 2: (25, "N"), 3: (31, "N"), 4: (5, "Y")}


def organs(*rows: dict[str, object]) -> str:
    """Return organ rows of a child of 20 kg: without signs, but for what each row says."""
    none = {"weight_kg": 20, "skin_percent": 0, "bullae": "N", "bilirubin_mg_dl": 1,
            "upper_gi": "N", "stool_ml_kg": 0, "stool_episodes": "", "ileus_or_blood": "N"}
    lines = [" | ".join(map(str, ["A", row.get("day", 80),
                                  *(row.get(name, value) for name, value in none.items())]))
             for row in rows]
    return "\n".join([" | ".join(["subject_id", "day", *none]), *lines])


def staged(skin: int, liver: int, upper: int, lower: int) -> str:
    """Return an organ row that has these stages."""
    percent, bullae = SKIN[skin]
    stool, blood = STOOL[lower]
    return organs({"skin_percent": percent, "bullae": bullae, "bilirubin_mg_dl": BILIRUBIN[liver],
                   "upper_gi": "Y" if upper else "N", "stool_ml_kg": stool,
                   "ileus_or_blood": blood})


@pytest.mark.parametrize(("stages", "magic", "keystone"), [
    ((0, 0, 0, 0), "0", "0"), ((2, 0, 0, 0), "I", "I"), ((2, 1, 0, 0), "II", "II"),
    ((3, 0, 0, 0), "II", "II"), ((0, 0, 1, 0), "II", "II"), ((0, 0, 0, 2), "III", "III"),
    ((3, 3, 1, 3), "III", "III"), ((4, 0, 0, 0), "IV", "IV"), ((0, 4, 0, 0), "IV", "IV"),
    ((0, 0, 0, 4), "IV", "III"),
])
def test_stages_of_organs_make_the_grade(
    spec: Spec, stages: tuple[int, int, int, int], magic: str, keystone: str
) -> None:
    spec("acute_gvhd_grade", {"A": magic}, transplant=GRAFT, gvhd_organ=staged(*stages))
    spec("acute_gvhd_grade", {"A": keystone}, criteria="keystone_1995",
         transplant=GRAFT, gvhd_organ=staged(*stages))
    spec("acute_gvhd_grade", {"A": magic}, criteria="keystone_any_stage_4",
         transplant=GRAFT, gvhd_organ=staged(*stages))


@pytest.mark.parametrize(("bilirubin", "grade"), [
    (1.99, "0"), (2.0, "II"), (3.0, "II"), (3.01, "III"), (15.0, "III"), (15.01, "IV")])
def test_bilirubin_of_two_is_stage_one(spec: Spec, bilirubin: float, grade: str) -> None:
    spec("acute_gvhd_grade", {"A": grade}, transplant=GRAFT,
         gvhd_organ=organs({"bilirubin_mg_dl": bilirubin}))


@pytest.mark.parametrize(("percent", "grade"), [
    (0, "0"), (0.5, "I"), (24.9, "I"), (50, "I"), (50.1, "II")])
def test_skin_over_half_is_stage_three(spec: Spec, percent: float, grade: str) -> None:
    spec("acute_gvhd_grade", {"A": grade}, transplant=GRAFT,
         gvhd_organ=organs({"skin_percent": percent}))


@pytest.mark.parametrize(("weight", "volume", "grade"), [
    (20, 9.9, "0"), (20, 10, "II"), (20, 19.9, "II"), (20, 20, "III"),
    # 50.0 kg is a child: 600 mL are 12 mL/kg, stage 1 in both; 9.9 mL/kg is stage 0 in a child
    (50.0, 9.99, "0"), (50.1, 9.99, "II"), (60, 8, "0"), (60, 25.0, "III"), (60, 25.1, "III"),
    # of 62.5 kg, 8 mL/kg are 500 mL and 16 mL/kg are 1000 mL
    (62.5, 7.98, "0"), (62.5, 8, "II"), (62.5, 15.98, "II"), (62.5, 16, "III"),
    (50.0, 30.0, "III"), (50.0, 30.1, "III"),
    ("", 25, None), ("", 0, "0"),
])
def test_stool_counts_by_weight_in_a_child_and_by_volume_in_an_adult(
    spec: Spec, weight: object, volume: float, grade: str | None
) -> None:
    spec("acute_gvhd_grade", {"A": grade}, transplant=GRAFT,
         gvhd_organ=organs({"weight_kg": weight, "stool_ml_kg": volume}))


@pytest.mark.parametrize(("weight", "stools", "grade"), [
    (20, 3, "0"), (20, 4, "II"), (20, 6, "II"), (20, 7, "III"), (60, 2, "0"), (60, 3, "II"),
    (60, 4, "II"), (60, 5, "III"), (60, 8, "III"), (20, 10, "III"), (20, 11, "III"),
    ("", 4, "II"), ("", 3, None)])
def test_stools_are_counted_where_no_volume_is_measured(
    spec: Spec, weight: object, stools: int, grade: str | None
) -> None:
    spec("acute_gvhd_grade", {"A": grade}, transplant=GRAFT, gvhd_organ=organs(
        {"weight_kg": weight, "stool_ml_kg": "", "stool_episodes": stools}))


def test_an_organ_not_assessed_makes_the_grade_a_lower_bound(spec: Spec) -> None:
    skin_only = organs({"skin_percent": 30, "bilirubin_mg_dl": ""})
    spec("acute_gvhd_grade", {"A": "I"}, transplant=GRAFT, gvhd_organ=skin_only)
    spec("acute_gvhd_grade", {"A": "at least this: not every organ was assessed"}, part="note",
         transplant=GRAFT, gvhd_organ=skin_only)
    nothing = organs({"bilirubin_mg_dl": ""})
    spec("acute_gvhd_grade", {"A": None}, transplant=GRAFT, gvhd_organ=nothing)
    upper_missing = organs({"skin_percent": 60, "upper_gi": ""})
    spec("acute_gvhd_grade", {"A": "II"}, transplant=GRAFT, gvhd_organ=upper_missing)
    spec("acute_gvhd_grade", {"A": None}, part="note", transplant=GRAFT, gvhd_organ=upper_missing)


def test_the_worst_row_of_a_graft_counts_and_its_first_day(spec: Spec) -> None:
    two = """
        subject_id | transplant_no | day
        A          | 1             | 50
        A          | 2             | 200
    """
    rows = organs({"day": 49, "bilirubin_mg_dl": 20}, {"day": 70, "skin_percent": 60},
                  {"day": 80, "upper_gi": "Y"}, {"day": 200, "bilirubin_mg_dl": 4})
    spec("acute_gvhd_grade", {("A", 1): "II", ("A", 2): "III"}, transplant=two, gvhd_organ=rows)
    spec("acute_gvhd_grade", {("A", 1): 20, ("A", 2): 0}, part="day",
         transplant=two, gvhd_organ=rows)


def test_a_grade_that_is_not_known_has_no_day(spec: Spec) -> None:
    rows = """
        subject_id | gvhd_no | kind    | onset_day | max_grade | grading
        A          | 1       | ACUTE   | 80        | II        |
        A          | 2       | ACUTE   | 120       |           |
        A          | 3       | CHRONIC | 200       | MILD      |
        A          | 4       | CHRONIC | 210       | EXTENSIVE | SEATTLE
    """
    for name in ("acute_gvhd_grade", "chronic_gvhd_severity"):
        spec(name, {"A": (None, None, None)}, part=("value", "day", "how"), transplant=GRAFT,
             gvhd=rows)
        spec(name, {"A": "a grade is missing or of another grading system"}, part="note",
             transplant=GRAFT, gvhd=rows)


def test_without_organ_rows_the_centre_s_grade_stands(spec: Spec) -> None:
    rows = """
        subject_id | gvhd_no | kind    | onset_day | max_grade | grading
        A          | 1       | ACUTE   | 80        | I         |
        A          | 2       | ACUTE   | 120       | III       | GLUCKSBERG
        A          | 3       | CHRONIC | 200       | MODERATE  |
    """
    tables = {"transplant": GRAFT, "gvhd": rows}
    spec("acute_gvhd_grade", {"A": "III"}, **tables)
    spec("acute_gvhd_grade", {"A": 70}, part="day", **tables)
    spec("acute_gvhd_grade", {"A": "graded by the centre"}, part="how", **tables)
    spec("acute_gvhd_grade", {"A": "the centre graded by another system"}, part="note", **tables)
    spec("chronic_gvhd_severity", {"A": "MODERATE"}, **tables)


def test_a_grade_of_another_system_leaves_the_worst_open(spec: Spec) -> None:
    rows = """
        subject_id | gvhd_no | kind    | onset_day | max_grade
        A          | 1       | ACUTE   | 80        | II
        A          | 2       | ACUTE   | 90        |
        A          | 3       | CHRONIC | 200       | EXTENSIVE
    """
    spec("acute_gvhd_grade", {"A": None}, transplant=GRAFT, gvhd=rows)
    spec("chronic_gvhd_severity", {"A": None}, transplant=GRAFT, gvhd=rows)


def test_no_rows_are_none_only_where_the_child_was_asked(spec: Spec) -> None:
    asked = "subject_id | form | status\nA | ACUTE_GVHD | COMPLETE"
    spec("acute_gvhd_grade", {"A": "0"}, transplant=GRAFT, form_status=asked)
    spec("acute_gvhd_grade", {"A": None}, transplant=GRAFT)
    spec("chronic_gvhd_severity", {"A": "NONE"}, records={"absent_means_none": ["CHRONIC_GVHD"]},
         transplant=GRAFT)


def test_organ_stages_decide_the_outcomes_and_disagreements_are_noted(spec: Spec) -> None:
    centre = "subject_id | gvhd_no | kind | onset_day | max_grade\nA | 1 | ACUTE | 75 | I"
    tables = {"transplant": GRAFT, "gvhd": centre, "gvhd_organ": staged(0, 2, 0, 0)}
    spec("acute_gvhd_2_4", {"A": "Y"}, **tables)
    spec("acute_gvhd_3_4", {"A": "Y"}, **tables)
    spec("acute_gvhd_3_4", {"A": 30}, part="day", **tables)
    spec("acute_gvhd_3_4", {"A": "derived from organ stages"}, part="how", **tables)
    spec("acute_gvhd_3_4", {"A": "the centre graded it otherwise"}, part="note", **tables)
    spec("acute_gvhd_3_4", {"A": "gvhd_organ:2"}, part="source", **tables)


def test_organ_stages_that_do_not_decide_leave_it_to_the_centre(spec: Spec) -> None:
    centre = "subject_id | gvhd_no | kind | onset_day | max_grade\nA | 1 | ACUTE | 75 | II"
    tables = {"transplant": GRAFT, "gvhd": centre,
              "gvhd_organ": organs({"skin_percent": 30, "bilirubin_mg_dl": ""})}
    spec("acute_gvhd_2_4", {"A": "Y"}, **tables)
    spec("acute_gvhd_2_4", {"A": "graded by the centre"}, part="how", **tables)
    alone = {"transplant": GRAFT, "gvhd_organ": tables["gvhd_organ"]}
    spec("acute_gvhd_2_4", {"A": None}, **alone)
    spec("acute_gvhd_2_4", {"A": "not every organ was assessed, and the centre's grade does not "
                                 "tell"}, part="note", **alone)


def test_organ_stages_exclude_the_outcome_where_all_were_assessed(spec: Spec) -> None:
    tables = {"transplant": GRAFT, "gvhd_organ": staged(2, 0, 0, 0)}
    spec("acute_gvhd_2_4", {"A": "N"}, **tables)
    spec("acute_gvhd_2_4", {"A": "derived from organ stages"}, part="how", **tables)


def scores(**given: object) -> str:
    """Return chronic scores of a day: 0 but for those given."""
    names = ["skin", "mouth", "eyes", "gi", "liver", "lungs", "joints", "genital"]
    cells = [str(given.get(name, 0)) for name in names]
    return f"subject_id | day | {' | '.join(names)}\nA | 250 | {' | '.join(cells)}"


@pytest.mark.parametrize(("given", "severity", "outcome"), [
    ({}, "NONE", "N"), ({"skin": 1, "mouth": 1}, "MILD", "N"),
    ({"skin": 1, "mouth": 1, "eyes": 1}, "MODERATE", "Y"), ({"eyes": 2}, "MODERATE", "Y"),
    ({"lungs": 1}, "MODERATE", "Y"), ({"lungs": 2}, "SEVERE", "Y"), ({"skin": 3}, "SEVERE", "Y"),
    ({"skin": 1, "lungs": ""}, "MILD", None), ({"lungs": ""}, None, None),
])
def test_global_severity_of_chronic_disease(
    spec: Spec, given: dict[str, object], severity: str | None, outcome: str | None
) -> None:
    spec("chronic_gvhd_severity", {"A": severity}, transplant=GRAFT, gvhd_organ=scores(**given))
    spec("chronic_gvhd_moderate_severe", {"A": outcome}, transplant=GRAFT,
         gvhd_organ=scores(**given))


def test_lungs_not_assessed_make_it_at_least_mild(spec: Spec) -> None:
    spec("chronic_gvhd_severity", {"A": "at least this: not every organ was assessed"},
         part="note", transplant=GRAFT, gvhd_organ=scores(skin=1, lungs=""))


def test_systemic_treatment_of_chronic_disease(spec: Spec) -> None:
    grafts = "\n".join(["subject_id | transplant_no | day",
                        *(f"{subject} | 1 | 50" for subject in "ABCDE")])
    rows = """
        subject_id | gvhd_no | kind    | onset_day | systemic_treatment
        A          | 1       | CHRONIC | 200       | N
        A          | 2       | CHRONIC | 300       | Y
        B          | 1       | CHRONIC | 200       | N
        C          | 1       | CHRONIC | 200       | U
        D          | 1       | ACUTE   | 80        | Y
    """
    told = {"absent_means_none": ["CHRONIC_GVHD"]}
    spec("chronic_gvhd_systemic", {"A": "Y", "B": "N", "C": None, "D": None, "E": None},
         transplant=grafts, gvhd=rows)
    spec("chronic_gvhd_systemic", {"D": "N", "E": "N"}, records=told,
         transplant=grafts, gvhd=rows)
    spec("chronic_gvhd_systemic", {"A": 250}, part="day", transplant=grafts, gvhd=rows)
