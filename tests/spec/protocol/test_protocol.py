"""A child's doses against the schedule of a paper: missed, off, unplanned, and kept in all."""

import pytest

from tests.spec.conftest import Spec

GRAFT = """
    subject_id | transplant_no | day
    A          | 1             | 100
"""
CONDITIONING = """
    subject_id | dose_no | purpose      | drug             | dose | unit  | start_day | end_day
    A          | 1       | CONDITIONING | TBI              | 200  | cGy   | 93        | 95
    A          | 2       | CONDITIONING | Cyclophosphamide | 60   | mg/kg | 96        | 97
    A          | 3       | CONDITIONING | etoposide        | 1200 | mg/m2 | 98        |
"""


def test_conditioning_as_printed_is_kept_in_full(spec: Spec) -> None:
    spec("conditioning_adherence", {"A": 100}, transplant=GRAFT, drug_dose=CONDITIONING)
    for name in ("protocol_doses_missed", "protocol_doses_off_schedule",
                 "protocol_doses_unplanned"):
        spec(name, {"A": 0}, criteria="olaya_2025", transplant=GRAFT, drug_dose=CONDITIONING)


def test_what_was_not_recorded_at_all_is_unknown_not_missed(spec: Spec) -> None:
    spec("gvhd_prophylaxis_adherence", {"A": None}, transplant=GRAFT, drug_dose=CONDITIONING)
    spec("protocol_adherence", {"A": 100, "B": None}, criteria="olaya_2025", transplant=GRAFT,
         drug_dose=CONDITIONING)
    spec("protocol_doses_missed", {"A": None}, criteria="zhang_2025", transplant=GRAFT,
         drug_dose=CONDITIONING)


def test_a_dose_left_out_is_missed(spec: Spec) -> None:
    doses = """
        subject_id | dose_no | purpose      | drug             | dose | unit  | start_day | end_day
        A          | 1       | CONDITIONING | TBI              | 200  | cGy   | 93        | 95
        A          | 2       | CONDITIONING | cyclophosphamide | 60   | mg/kg | 96        |
        A          | 3       | CONDITIONING | etoposide        | 1200 | mg/m2 | 98        |
    """
    spec("protocol_doses_missed", {"A": 1}, criteria="olaya_2025", transplant=GRAFT,
         drug_dose=doses)
    spec("conditioning_adherence", {"A": pytest.approx(100 * 5 / 6)}, transplant=GRAFT,
         drug_dose=doses)


@pytest.mark.parametrize(("dose", "off"), [
    (1200, 0), (1080, 0), (1320, 0), (1079.9, 1), (1320.1, 1),
])
def test_ten_percent_from_the_dose_is_on_schedule(spec: Spec, dose: float, off: int) -> None:
    spec("protocol_doses_off_schedule", {"A": off}, criteria="olaya_2025", transplant=GRAFT,
         drug_dose=f"""
        subject_id | dose_no | purpose      | drug      | dose   | unit  | start_day
        A          | 1       | CONDITIONING | etoposide | {dose} | mg/m2 | 98
    """)


@pytest.mark.parametrize(("day", "off", "missed", "unplanned"), [
    (98, 0, 5, 0), (99, 1, 5, 0), (95, 1, 5, 0), (101, 1, 5, 0), (102, 0, 6, 1), (94, 0, 6, 1),
])
def test_three_days_from_its_day_a_dose_is_late_or_early_beyond_it_another(
    spec: Spec, day: int, off: int, missed: int, unplanned: int
) -> None:
    doses = f"""
        subject_id | dose_no | purpose      | drug      | dose | unit  | start_day
        A          | 1       | CONDITIONING | etoposide | 1200 | mg/m2 | {day}
    """
    for name, number in (("off_schedule", off), ("missed", missed), ("unplanned", unplanned)):
        spec(f"protocol_doses_{name}", {"A": number}, criteria="olaya_2025", transplant=GRAFT,
             drug_dose=doses)


def test_the_nearest_day_is_taken_and_each_only_once(spec: Spec) -> None:
    doses = """
        subject_id | dose_no | purpose      | drug             | dose | unit  | start_day | end_day
        A          | 1       | CONDITIONING | cyclophosphamide | 60   | mg/kg | 98        | 99
        B          | 1       | CONDITIONING | cyclophosphamide | 60   | mg/kg | 95        | 96
    """
    graft = """
        subject_id | transplant_no | day
        A          | 1             | 100
        B          | 1             | 100
    """
    # A: days 96 and 97 expected; 98 and 99 are both nearest to 97, which keeps 98: 96 is missed.
    spec("protocol_doses_off_schedule", {"A": 1, "B": 1}, criteria="olaya_2025", transplant=graft,
         drug_dose=doses)
    spec("protocol_doses_missed", {"A": 5, "B": 4}, criteria="olaya_2025", transplant=graft,
         drug_dose=doses)
    spec("protocol_doses_unplanned", {"A": 1, "B": 0}, criteria="olaya_2025", transplant=graft,
         drug_dose=doses)


def test_doses_of_one_day_are_added(spec: Spec) -> None:
    spec("conditioning_adherence", {"A": pytest.approx(100 / 6)}, transplant=GRAFT, drug_dose="""
        subject_id | dose_no | purpose      | drug | dose | unit | start_day
        A          | 1       | CONDITIONING | TBI  | 100  | cGy  | 93
        A          | 2       | CONDITIONING | TBI  | 100  | cGy  | 93
    """)


MG = """
    subject_id | dose_no | purpose      | drug             | dose | unit | start_day | end_day
    A          | 1       | CONDITIONING | TBI              | 200  | cGy  | 93        | 95
    A          | 2       | CONDITIONING | cyclophosphamide | 1500 | mg   | 96        | 97
    A          | 3       | CONDITIONING | etoposide        | 1140 | mg   | 98        |
"""


def sizes(weight: float, height: float, day: int = 90) -> str:
    """Return a weight (kg) and a height (cm) of A on a day."""
    return (f"subject_id | test | unit | sequence | day | value\nA | WEIGHT | kg | 1 | {day} | "
            f"{weight}\nA | HEIGHT | cm | 1 | {day} | {height}")


def test_doses_in_mg_are_compared_by_the_child_s_size(spec: Spec) -> None:
    # 25 kg and 129.96 cm are 0.95 m²: 60 mg/kg are 1500 mg, 1200 mg/m² are 1140 mg.
    spec("conditioning_adherence", {"A": 100}, transplant=GRAFT, drug_dose=MG,
         laboratory=sizes(25, 129.96))
    # Of a child of 30 kg, 1500 mg are 50 mg/kg: a sixth too little, twice.
    spec("protocol_doses_off_schedule", {"A": 2}, criteria="olaya_2025", transplant=GRAFT,
         drug_dose=MG, laboratory=sizes(30, 108.3))


@pytest.mark.parametrize(("day", "adherence"), [(96, 100), (68, 100), (67, None)])
def test_a_weight_is_read_for_thirty_days(
    spec: Spec, day: int, adherence: int | None
) -> None:
    # The last dose is of day 98: a weight of day 68 is 30 days old.
    spec("conditioning_adherence", {"A": adherence}, transplant=GRAFT, drug_dose=MG,
         laboratory=sizes(25, 129.96, day))


def test_without_a_size_a_dose_in_mg_cannot_be_compared(spec: Spec) -> None:
    spec("conditioning_adherence", {"A": None}, transplant=GRAFT, drug_dose=MG)
    spec("protocol_doses_missed", {"A": 0}, criteria="olaya_2025", transplant=GRAFT, drug_dose=MG)
    spec("conditioning_adherence", {"A": "a dose cannot be compared with the schedule"},
         part="note", transplant=GRAFT, drug_dose=MG)


@pytest.mark.parametrize(("formula", "off"), [
    ("mosteller", 0), ("haycock", 0), ("dubois", 1), ("gehan_george", 0)])
def test_the_formula_of_the_body_surface_is_the_plan_s(
    spec: Spec, formula: str, off: int
) -> None:
    # 463 mg in 65 cm and 7 kg: 1302, 1281, 1367 and 1241 mg/m² by the four formulas.
    spec("protocol_doses_off_schedule", {"A": off}, criteria="olaya_2025", transplant=GRAFT,
         definitions={"body_surface": formula}, laboratory=sizes(7, 65), drug_dose="""
        subject_id | dose_no | purpose      | drug      | dose | unit | start_day
        A          | 1       | CONDITIONING | etoposide | 463  | mg   | 98
    """)


def test_units_and_doses_by_the_other_size_are_converted_too(spec: Spec) -> None:
    # 0.8 m² and 20 kg: 2000 U/m² are 1600 U, 1.5 mg/m² are 0.06 mg/kg.
    doses = """
        subject_id | dose_no | purpose     | drug         | dose | unit  | start_day | line_no
        A          | 1       | REINDUCTION | pegaspargase | 1600 | U     | -35       | 2
        A          | 2       | REINDUCTION | pegaspargase | 1600 | U     | -15       | 2
        A          | 3       | REINDUCTION | vincristine  | 0.06 | mg/kg | -36       | 2
        A          | 4       | REINDUCTION | vincristine  | 1.2  | mg    | -29       | 2
        A          | 5       | REINDUCTION | daunorubicin | 20   | mg    | -36       | 2
        A          | 6       | REINDUCTION | daunorubicin | 20   | U     | -29       | 2
    """
    spec("protocol_doses_off_schedule", {"A": None}, treatment_line=LINE, drug_dose=doses,
         laboratory=sizes(20, 115.2, -40))
    known = doses.replace("| 20   | U  ", "| 20   | mg ")
    spec("protocol_doses_off_schedule", {"A": 0}, treatment_line=LINE, drug_dose=known,
         laboratory=sizes(20, 115.2, -40))
    # 36 doses are expected: 4 + 4 + 24 + 2 + 2; two of each of three drugs are on schedule.
    spec("reinduction_adherence", {"A": pytest.approx(100 * 6 / 36)}, treatment_line=LINE,
         drug_dose=known, laboratory=sizes(20, 115.2, -40))


def test_the_donor_s_doses_are_not_converted_by_the_child_s_weight(spec: Spec) -> None:
    spec("mobilisation_adherence", {"A": None}, laboratory=sizes(25, 129.96), drug_dose="""
        subject_id | dose_no | purpose      | drug  | dose | unit | start_day | end_day
        A          | 1       | MOBILISATION | G-CSF | 700  | ug   | 96        | 99
    """)


def test_each_block_has_its_own_adherence(spec: Spec) -> None:
    doses = """
        subject_id | dose_no | purpose       | drug          | dose | unit  | start_day | end_day
        A          | 1       | TKI           | dasatinib     | 80   | mg/m2 | 0         | 100
        A          | 2       | PREMEDICATION | dexamethasone | 5    | mg/m2 | 0         |
        A          | 3       | DEBULKING     | vincristine   | 1.5  | mg/m2 | -30       |
        A          | 4       | MOBILISATION  | G-CSF         | 10   | ug/kg | 96        | 99
    """
    for block, share in (("tki", 100), ("premedication", 100), ("debulking", 25),
                         ("mobilisation", 100), ("bridging", None)):
        spec(f"{block}_adherence", {"A": share}, drug_dose=doses)


def test_a_dose_that_cannot_be_compared_leaves_adherence_unknown(spec: Spec) -> None:
    doses = """
        subject_id | dose_no | purpose      | drug             | dose | unit  | start_day
        A          | 1       | CONDITIONING | cyclophosphamide | 1500 | mg    | 96
        B          | 1       | CONDITIONING | cyclophosphamide |      | mg/kg | 96
    """
    graft = """
        subject_id | transplant_no | day
        A          | 1             | 100
        B          | 1             | 100
    """
    spec("conditioning_adherence", {"A": None, "B": None}, transplant=graft, drug_dose=doses)
    spec("protocol_doses_off_schedule", {"A": None, "B": None}, criteria="olaya_2025",
         transplant=graft, drug_dose=doses)
    spec("protocol_doses_missed", {"A": 5, "B": 5}, criteria="olaya_2025", transplant=graft,
         drug_dose=doses)
    spec("conditioning_adherence", {"A": "a dose cannot be compared with the schedule"},
         part="note", transplant=graft, drug_dose=doses)


def test_a_dose_without_its_day_may_be_any_of_its_drug(spec: Spec) -> None:
    doses = """
        subject_id | dose_no | purpose      | drug             | dose | unit  | start_day | end_day
        A          | 1       | CONDITIONING | cyclophosphamide | 60   | mg/kg | 96        |
        A          | 2       | CONDITIONING | cyclophosphamide | 60   | mg/kg |           |
        B          | 1       | CONDITIONING | cyclophosphamide | 60   | mg/kg | 97        | 96
    """
    graft = """
        subject_id | transplant_no | day
        A          | 1             | 100
        B          | 1             | 100
    """
    for name in ("protocol_doses_missed", "protocol_doses_unplanned", "protocol_adherence"):
        spec(name, {"A": None, "B": None}, criteria="olaya_2025", transplant=graft,
             drug_dose=doses)
    spec("protocol_doses_missed", {"A": "whether a dose was given on its day cannot be told"},
         part="note", criteria="olaya_2025", transplant=graft, drug_dose=doses)


def test_without_the_day_it_counts_from_a_schedule_is_unknown(spec: Spec) -> None:
    spec("conditioning_adherence", {"A": None}, drug_dose=CONDITIONING)
    spec("protocol_doses_unplanned", {"A": None}, criteria="olaya_2025", drug_dose=CONDITIONING)
    spec("conditioning_adherence", {"A": None}, drug_dose=CONDITIONING, transplant="""
        subject_id | transplant_no | day
        A          | 1             |
    """)


def test_a_drug_that_no_schedule_names_is_unplanned(spec: Spec) -> None:
    doses = f"{CONDITIONING}    A | 4 | CONDITIONING | treosulfan | 14 | mg/m2 | 94 | 96\n"
    spec("protocol_doses_unplanned", {"A": 1}, criteria="olaya_2025", transplant=GRAFT,
         drug_dose=doses)
    spec("conditioning_adherence", {"A": 100}, transplant=GRAFT, drug_dose=doses)


def test_doses_of_another_graft_are_not_read(spec: Spec) -> None:
    grafts = """
        subject_id | transplant_no | day
        A          | 1             | -300
        A          | 2             | 100
        A          | 3             | 400
    """
    doses = f"""{CONDITIONING}
    A | 4 | CONDITIONING | etoposide | 1200 | mg/m2 | 370 |
    A | 5 | CONDITIONING | etoposide | 1200 | mg/m2 | 69  |
    """
    spec("protocol_doses_unplanned", {"A": 0}, criteria="olaya_2025", transplant=grafts,
         drug_dose=doses)


def test_doses_after_death_or_last_contact_are_not_expected(spec: Spec) -> None:
    doses = """
        subject_id | dose_no | purpose          | drug             | dose | unit  | start_day
        A          | 1       | GVHD_PROPHYLAXIS | cyclophosphamide | 60   | mg/kg | 103
        A          | 2       | GVHD_PROPHYLAXIS | tacrolimus       |      |       | 99
        A          | 3       | GVHD_PROPHYLAXIS | mmf              |      |       | 99
    """
    for last, adherence in ((103, 100), (104, 75)):
        spec("gvhd_prophylaxis_adherence", {"A": adherence}, transplant=GRAFT, drug_dose=doses,
             follow_up=f"""
            subject_id | vital_status | death_day | last_contact_day
            A          | DEAD         | {last}    | 500
        """)


def test_drugs_without_printed_doses_need_only_be_given(spec: Spec) -> None:
    doses = """
        subject_id | dose_no | purpose   | drug         | dose | unit  | start_day
        A          | 1       | DEBULKING | idarubicin   | 12   | mg/m2 | -30
        A          | 2       | DEBULKING | pegaspargase |      |       |
        A          | 3       | DEBULKING | vincristine  | 1.5  | mg/m2 | -30
    """
    spec("protocol_adherence", {"A": 75}, criteria="olaya_2025", drug_dose=doses)
    spec("protocol_doses_missed", {"A": 1}, criteria="olaya_2025", drug_dose=doses)
    spec("protocol_doses_unplanned", {"A": 0}, criteria="olaya_2025", drug_dose=doses)


LINE = """
    subject_id | line_no | intent  | start_day
    A          | 2       | SALVAGE | -40
"""


def test_reinduction_counts_from_day_1_of_its_line(spec: Spec) -> None:
    # Day 1 is study day -40, so day 5 is -36 and day 28 is -13. 36 doses are expected.
    doses = """
        subject_id | dose_no | purpose     | drug          | dose | unit  | start_day | end_day | line_no
        A          | 1       | REINDUCTION | dexamethasone | 6    | mg/m2 | -40       | -37     | 2
        A          | 2       | REINDUCTION | vincristine   | 1.5  | mg/m2 | -36       |         | 2
        A          | 3       | REINDUCTION | vincristine   | 1.5  | mg/m2 | -29       |         | 2
        A          | 4       | REINDUCTION | prednisone    | 45   | mg/m2 | -36       | -13     | 2
        A          | 5       | REINDUCTION | daunorubicin  | 25   | mg/m2 | -36       |         | 2
        A          | 6       | REINDUCTION | daunorubicin  | 20   | mg/m2 | -29       |         | 2
        A          | 7       | REINDUCTION | pegaspargase  | 2000 | U/m2  | -34       |         | 2
    """  # noqa: E501 - one line a row
    spec("protocol_doses_missed", {"A": 3}, treatment_line=LINE, drug_dose=doses)
    spec("protocol_doses_off_schedule", {"A": 2}, treatment_line=LINE, drug_dose=doses)
    spec("reinduction_adherence", {"A": pytest.approx(100 * 31 / 36)}, treatment_line=LINE,
         drug_dose=doses)


def test_a_dose_without_its_line_has_no_day_1(spec: Spec) -> None:
    doses = """
        subject_id | dose_no | purpose     | drug          | dose | unit  | start_day | end_day
        A          | 1       | REINDUCTION | dexamethasone | 6    | mg/m2 | -40       | -37
    """
    spec("reinduction_adherence", {"A": None}, treatment_line=LINE, drug_dose=doses)


@pytest.mark.parametrize(("dose", "kept"), [(1000, 15), (300, 15), (600, 14)])
def test_either_printed_dose_of_cyclophosphamide_counts(
    spec: Spec, dose: int, kept: int
) -> None:
    spec("bridging_adherence", {"A": pytest.approx(100 * kept / 15)}, treatment_line=LINE,
         drug_dose=f"""
        subject_id | dose_no | purpose  | drug             | dose   | unit  | start_day | end_day | line_no
        A          | 1       | BRIDGING | cyclophosphamide | {dose} | mg/m2 | -40       |         | 2
        A          | 2       | BRIDGING | cytarabine       | 50     | mg/m2 | -40       | -34     | 2
        A          | 3       | BRIDGING | 6-Mercaptopurine | 40     | mg/m2 | -40       | -34     | 2
    """)  # noqa: E501 - one line a row


CYCLES = """
    subject_id | cycle_no | segment_no | start_day | end_day
    A          | 1        | 1          | 0         | 27
    A          | 2        | 1          | 42        | 69
"""


@pytest.mark.parametrize(("day", "adherence"), [
    (41, 50), (38, 50), (44, 50), (45, 0), (48, 0), (49, 0),
])
def test_intrathecal_therapy_two_weeks_after_each_cycle(
    spec: Spec, day: int, adherence: int
) -> None:
    # Due on days 27 + 14 = 41 and 69 + 14 = 83; within 3 days it is on time, within 7 late.
    doses = "\n".join(
        ["subject_id | dose_no | purpose | drug | start_day",
         *(f"A | {number} | INTRATHECAL | {drug} | {day}" for number, drug in enumerate(
             ("methotrexate", "cytarabine", "hydrocortisone"), start=1))])
    spec("intrathecal_adherence", {"A": adherence}, criteria="olaya_2025", exposure=CYCLES,
         drug_dose=doses)
    spec("protocol_doses_off_schedule", {"A": 3 if day in {45, 48} else 0},
         criteria="olaya_2025", exposure=CYCLES, drug_dose=doses)


def test_a_cycle_whose_end_is_open_leaves_intrathecal_therapy_unknown(spec: Spec) -> None:
    spec("intrathecal_adherence", {"A": None}, criteria="olaya_2025", drug_dose="""
        subject_id | dose_no | purpose     | drug         | start_day
        A          | 1       | INTRATHECAL | methotrexate | 41
    """, exposure="""
        subject_id | cycle_no | segment_no | start_day | end_day
        A          | 1        | 1          | 0         | 27
        A          | 2        | 1          | 42        |
    """)


def test_mobilisation_allows_both_readings_of_two_doses_on_day_4(spec: Spec) -> None:
    for fourth in (10, 20):
        spec("protocol_adherence", {"A": 100}, criteria="olaya_2025", drug_dose=f"""
            subject_id | dose_no | purpose      | drug  | dose     | unit  | start_day | end_day
            A          | 1       | MOBILISATION | G-CSF | 10       | ug/kg | 96        | 98
            A          | 2       | MOBILISATION | G-CSF | {fourth} | ug/kg | 99        |
        """)


def test_an_inhibitor_other_than_dasatinib_is_neither_missed_nor_unplanned(spec: Spec) -> None:
    doses = """
        subject_id | dose_no | purpose | drug      | dose | unit  | start_day | end_day
        A          | 1       | TKI     | imatinib  | 340  | mg/m2 | 0         | 200
        B          | 1       | TKI     | dasatinib | 80   | mg/m2 | 0         | 200
        C          | 1       | TKI     | dasatinib | 60   | mg/m2 | 0         | 200
    """
    spec("protocol_adherence", {"A": 100, "B": 100, "C": 0}, drug_dose=doses)
    spec("protocol_doses_unplanned", {"A": 0, "B": 0, "C": 0}, drug_dose=doses)
    spec("protocol_doses_missed", {"A": 0, "B": 0, "C": 0}, drug_dose=doses)
