"""The dose calculator. Vectors: the reference of definitions, sections 5 and 6 [C] unless said."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from remission.definitions.calculator import STATEMENT, body_surface, check_size
from remission.definitions.cell_dose import cd34_dose
from remission.definitions.criteria import criteria_sets
from remission.definitions.dosing import bags, cycle_dose, dexamethasone
from remission.definitions.restart import (
    Advice,
    after_crs,
    after_interruption,
    after_liver_tests,
    after_neurotoxicity,
    after_other_toxicity,
)
from remission.errors import InputError

SCHEDULES = sorted(criteria_sets("dosing.schedule"))


FORMULAS = ("mosteller", "haycock", "dubois", "gehan_george")


@pytest.mark.parametrize(("height", "weight", "surfaces"), [
    (65, 7.0, (0.3555, 0.3615, 0.3388, 0.3731)),
    (115, 20.0, (0.7993, 0.7971, 0.8004, 0.8149)),
    (140, 35.0, (1.1667, 1.1644, 1.1709, 1.1810)),
    (170, 75.0, (1.8819, 1.8947, 1.8636, 1.8975)),  # tests of admiral: 1.882 1.895 1.864 1.897
])
def test_body_surface_by_four_formulas(
    height: float, weight: float, surfaces: tuple[float, ...]
) -> None:
    found = tuple(round(body_surface(height, weight, formula=name), 4) for name in FORMULAS)
    assert found == surfaces
    assert body_surface(height, weight) == pytest.approx(surfaces[0], abs=5e-5)


@pytest.mark.parametrize(("height", "weight", "first", "later", "cycle_1"), [
    (115, 20.0, 3.997, 11.990, 279.8),
    (65, 7.0, 1.778, 5.333, 124.4),
    (160, 44.9, 7.063, 21.189, 494.4),
    (160, 45.0, 9, 28, 651),
])
def test_the_label_for_relapsed_disease(
    height: float, weight: float, first: float, later: float, cycle_1: float
) -> None:
    dose = cycle_dose("us_label_rr", weight_kg=weight, height_cm=height)
    # The reference gives three decimals, cut off: 21.1896 stands there as 21.189.
    assert [step.per_day for step in dose.steps] == pytest.approx([first, later], abs=1e-3)
    assert [(step.first_day, step.last_day) for step in dose.steps] == [(1, 7), (8, 28)]
    assert dose.total == pytest.approx(cycle_1, abs=0.05)


def test_later_cycles_have_no_step() -> None:
    later = cycle_dose("us_label_rr", weight_kg=20, height_cm=115, cycle=2)
    assert len(later.steps) == 1
    assert later.total == pytest.approx(335.7, abs=0.05)
    assert cycle_dose("us_label_rr", weight_kg=45, height_cm=160, cycle=2).total == 784


@pytest.mark.parametrize(("schedule", "cycle", "said"), [
    ("us_label_rr", 2, "Cycle 2 of at most 9: induction; then 14 days without infusion."),
    ("us_label_rr", 3, "Cycle 3 of at most 9: consolidation; then 14 days without infusion."),
    # 84-day cycles: 28 days of infusion and 56 without.
    ("us_label_rr", 6, "Cycle 6 of at most 9: continued therapy; then 56 days without infusion."),
    ("us_label_rr", 10, "The source names at most 9 cycles: cycle 10 is beyond them."),
    ("us_label_mrd", 1, "Cycle 1 of at most 4: induction; then 14 days without infusion."),
    ("us_label_mrd", 5, "The source names at most 4 cycles: cycle 5 is beyond them."),
    ("ema_rr", 5, "Cycle 5 of at most 5: consolidation; then 14 days without infusion."),
    ("ema_high_risk_first_relapse", 2, "The source names at most 1 cycle: cycle 2 is beyond them."),
])
def test_the_place_of_a_cycle_in_the_treatment(schedule: str, cycle: int, said: str) -> None:
    assert cycle_dose(schedule, cycle=cycle).cautions[0].text == said


@pytest.mark.parametrize(("schedule", "like"), [
    ("ema_rr", "us_label_rr"), ("ema_high_risk_first_relapse", "us_label_mrd"),
])
@pytest.mark.parametrize(("height", "weight"), [(115, 20.0), (160, 44.9), (160, 45.0)])
def test_the_european_doses_are_those_of_the_us_label(
    schedule: str, like: str, height: float, weight: float
) -> None:
    for cycle in (1, 2):
        european = cycle_dose(schedule, weight_kg=weight, height_cm=height, cycle=cycle)
        american = cycle_dose(like, weight_kg=weight, height_cm=height, cycle=cycle)
        assert european.total == american.total
        assert [(step.first_day, step.last_day, step.per_day) for step in european.steps] == [
            (step.first_day, step.last_day, step.per_day) for step in american.steps]


def test_the_european_premedication_is_two_doses_before_the_first_cycle() -> None:
    # 10 × 0.7993 = 8 mg and 5 × 0.7993 = 4 mg; none before the step, none on restart.
    first = cycle_dose("ema_rr", weight_kg=20, height_cm=115).premedication
    assert [line.text for line in first] == [
        "Dexamethasone 7.99 mg (10 mg/m², at most 20 mg) 6 to 12 hours before the first dose",
        "Dexamethasone 4 mg (5 mg/m²) within 30 minutes before the first dose"]
    later = cycle_dose("ema_rr", weight_kg=20, height_cm=115, cycle=2).premedication
    assert [line.text for line in later] == ["Dexamethasone: in cycle 1 only"]


def test_rates_an_hour() -> None:
    steps = cycle_dose("us_label_rr", weight_kg=20, height_cm=115).steps
    assert [step.per_hour for step in steps] == pytest.approx([0.1665, 0.4996], abs=5e-5)
    fixed = cycle_dose("us_label_rr", weight_kg=45, cycle=2).steps
    assert fixed[0].per_hour == pytest.approx(1.1667, abs=5e-5)


def test_the_jump_at_45_kg() -> None:
    below = cycle_dose("us_label_mrd", weight_kg=44.9, height_cm=160).steps[0].per_day
    above = cycle_dose("us_label_mrd", weight_kg=45.0, height_cm=160).steps[0].per_day
    assert below is not None and above is not None
    assert above / below == pytest.approx(1.32, abs=0.005)
    # A weight that arithmetic left a hair below 45 kg is 45 kg: relative tolerance 1e-9 [D].
    assert cycle_dose("us_label_mrd", weight_kg=45 * (1 - 1e-12)).steps[0].per_day == 28


@pytest.mark.parametrize(("surface", "low", "high"), [
    # Caps bind at 1.80 m² (5 to 9) and 1.867 m² (15 to 28); worked by hand beside them.
    (1.79, 8.95, 26.85), (1.80, 9, 27.0), (1.81, 9, 27.15), (1.86, 9, 27.9), (1.87, 9, 28),
])
def test_caps_bind(surface: float, low: float, high: float) -> None:
    weight = 44.0
    height = surface ** 2 * 3600 / weight  # 262 to 286 cm: only the cap is of interest here
    from remission.definitions.dosing import amount

    assert height > 220
    label = criteria_sets("dosing.schedule")["us_label_rr"]
    found = [amount(label[dose], label, weight, surface, unit="µg")[0] for dose in ("low", "high")]
    assert found == pytest.approx([low, high])


def test_without_a_weight_only_the_dose_for_each_m2_is_known() -> None:
    first, later = cycle_dose("us_label_rr"), cycle_dose("us_label_rr", cycle=2)
    assert first.total is None
    assert first.body_surface is None
    assert [step.per_day for step in first.steps] == [None, None]
    assert (first.total_per_m2, later.total_per_m2) == (350, 420)
    no_height = cycle_dose("us_label_rr", weight_kg=20)
    assert no_height.total is None
    assert bags(no_height) == ()


@pytest.mark.parametrize(("schedule", "after_14", "after_28"), [
    ("zhang_2025", 135, 345), ("zhang_2025_six_low_days", 150, 360),
    ("zhang_2025_days_1_to_7", 140, 350),
])
def test_the_readings_of_days_2_to_7(schedule: str, after_14: float, after_28: float) -> None:
    assert cycle_dose(schedule, days=14).total_per_m2 == after_14
    assert cycle_dose(schedule, days=28).total_per_m2 == after_28
    assert cycle_dose(schedule, days=14, cycle=2).total_per_m2 == 14 * 15


def test_a_day_without_infusion_has_no_dose() -> None:
    first = cycle_dose("zhang_2025", weight_kg=20, height_cm=115).steps[0]
    assert (first.first_day, first.last_day, first.days, first.per_day) == (1, 1, 0, 0)


def test_the_mexican_schedule_repeats_its_step_and_has_no_cap() -> None:
    for cycle in (1, 2):
        dose = cycle_dose("olaya_2025", weight_kg=75, height_cm=170, cycle=cycle)
        assert dose.total_per_m2 == 7 * 5 + 21 * 15
        # 15 µg/m² × 1.8819 m² = 28.23 µg, above the 28 µg of the label
        assert dose.steps[1].per_day == pytest.approx(28.23, abs=0.005)
    assert dose.premedication[0].text == "Dexamethasone: not stated"


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_line_has_a_source_and_evidence(schedule: str) -> None:
    dose = cycle_dose(schedule, weight_kg=20, height_cm=115)
    for said in (*dose.steps, *dose.premedication, *dose.cautions, *bags(dose),
                 dose.surface_line):
        assert said.source and said.evidence
    assert dose.statement == STATEMENT
    assert "Not for treating a child" in STATEMENT


def test_dexamethasone_of_the_label() -> None:
    # 5 mg/m² × 0.7993 m² = 4.0 mg; before the first dose, before the step, on restart.
    lines = cycle_dose("us_label_rr", weight_kg=20, height_cm=115).premedication
    assert [line.text.split(" (")[0] for line in lines] == ["Dexamethasone 4 mg"] * 3
    # No step in this schedule, so none before it.
    assert len(cycle_dose("us_label_mrd", weight_kg=20, height_cm=115).premedication) == 2
    later = cycle_dose("us_label_rr", weight_kg=20, height_cm=115, cycle=2).premedication
    assert [line.text for line in later] == ["Dexamethasone: in cycle 1 only"]


@pytest.mark.parametrize(("premedication", "surface", "given"), [
    # 10 × 0.8 = 8 mg and 5 × 0.8 = 4 mg; 10 × 2.1 = 21 mg is above the most, 5 × 2.1 = 10.5 mg
    ("ema_type", 0.8, ["8 mg", "4 mg"]), ("ema_type", 2.1, ["20 mg", "10.5 mg"]),
    ("us_label_adult", 0.8, ["20 mg"]),
])
def test_dexamethasone_of_other_labels(
    premedication: str, surface: float, given: list[str]
) -> None:
    chosen = criteria_sets("dosing.premedication")[premedication]
    lines = [dexamethasone(dose, chosen, surface, dose["when"]) for dose in chosen["doses"]]
    assert [" ".join(line.text.split()[1:3]) for line in lines] == given


@pytest.mark.parametrize(("hours", "rate", "volume", "drug", "number"), [
    # rate × hours; 28 µg a day / 24 × hours; 672 hours of infusion / hours, begun bags.
    (24, 10, 240, 28, 28), (48, 5, 240, 56, 14), (72, 1.8, 129.6, 84, 10),
    (96, 1.8, 172.8, 112, 7), (168, 0.6, 100.8, 196, 4),
])
def test_bags(hours: int, rate: float, volume: float, drug: float, number: int) -> None:
    found = {bag.hours: bag for bag in bags(cycle_dose("us_label_mrd", weight_kg=45))}[hours]
    assert (found.rate, found.number, found.allowed) == (rate, number, True)
    assert found.volume == pytest.approx(volume)
    assert found.drug == pytest.approx(drug)


@pytest.mark.parametrize(("weight", "allowed"), [(21.9, False), (22.0, True)])
def test_the_bag_of_seven_days_has_a_least_weight(weight: float, allowed: bool) -> None:
    made = bags(cycle_dose("us_label_mrd", weight_kg=weight, height_cm=115))
    week = next(bag for bag in made if bag.name == "days_7")
    assert week.allowed is allowed
    assert "M" in week.evidence.split()


@pytest.mark.parametrize(("weight", "height", "what", "cure"), [
    (20, 1.15, "A height of 1.15 cm does not occur.", "1.15 m is 115 cm"),
    (20, 1150, "A height of 1150 cm does not occur.", "1150 mm is 115 cm"),
    (20_000, 115, "A weight of 20000 kg does not occur.", "20000 g is 20 kg"),
    (-3, 115, "A weight of -3 kg does not occur.", "Give the weight in kg."),
    (0, 115, "A weight of 0 kg does not occur.", "Give the weight in kg."),
    (math.nan, 115, "A weight of nan kg does not occur.", "Give the weight in kg."),
    (math.inf, 115, "A weight of inf kg does not occur.", "Give the weight in kg."),
    (115, 60, "115 kg and 60 cm do not fit together.", "changed places"),
])
def test_impossible_sizes_are_refused(weight: float, height: float, what: str, cure: str) -> None:
    with pytest.raises(InputError) as refused:
        cycle_dose(weight_kg=weight, height_cm=height)
    (problem,) = refused.value.problems
    assert problem.what == what
    assert cure in problem.cure
    assert problem.why


def test_limits_of_sizes_are_allowed() -> None:
    check_size(1.5, 40)
    check_size(250, 220)
    check_size(None, None)
    for weight, height in ((1.49, None), (250.1, None), (None, 34.9), (None, 220.1)):
        with pytest.raises(InputError):
            check_size(weight, height)


def test_two_impossible_sizes_are_told_together() -> None:
    with pytest.raises(InputError) as refused:
        check_size(20_000, 1.15)
    assert [problem.where for problem in refused.value.problems] == ["weight", "height"]


@pytest.mark.parametrize(("call", "what", "cure"), [
    (lambda: cycle_dose("us_label"), "There is no 'us_label'.", "Did you mean"),
    (lambda: cycle_dose(formula="mostelle"), "There is no 'mostelle'.", "'mosteller'"),
    (lambda: cycle_dose(cycle=0), "There is no cycle 0.", "1 or more"),
    (lambda: cycle_dose("us_label_rr", days=14), "us_label_rr has no cycle of 14 days.", "28"),
    (lambda: cycle_dose("zhang_2025", days=13), "zhang_2025 has no cycle of 13 days.", "14 to 28"),
    (lambda: after_crs(5), "There is nothing to do for grade 5.", "1 to 4"),
    (lambda: after_interruption(-1, days_infused=3, cycle=1),
     "hours without infusion cannot be -1.", "0 or more"),
    (lambda: after_interruption(1, days_infused=3, cycle=0), "There is no cycle 0.", "1 or more"),
    (lambda: after_interruption(1, days_infused=28.5, cycle=1),
     "A cycle has no 28.5 days of infusion.", "28 at most"),
])
def test_what_does_not_exist_is_refused(
    call: Callable[[], object], what: str, cure: str
) -> None:
    with pytest.raises(InputError) as refused:
        call()
    assert refused.value.problems[0].what == what
    assert cure in refused.value.problems[0].cure


def test_an_interruption_of_seven_days_stays_in_the_cycle() -> None:
    after_five = after_interruption(5 * 24, days_infused=10, cycle=1)
    assert (after_five.action, after_five.remaining_days) == ("SAME_CYCLE", 18)
    assert after_interruption(7 * 24, days_infused=10, cycle=1).action == "SAME_CYCLE"
    longer = after_interruption(7 * 24 + 1, days_infused=10, cycle=1)
    assert (longer.action, longer.remaining_days) == ("NEW_CYCLE", None)
    assert after_interruption(24, days_infused=28, cycle=1).remaining_days == 0


def test_the_japanese_label_stops_after_fourteen_days() -> None:
    for hours, action in ((7 * 24, "SAME_CYCLE"), (14 * 24, "NEW_CYCLE"), (14 * 24 + 1, "STOP")):
        assert after_interruption(hours, days_infused=10, cycle=1,
                                  rule="japanese_label").action == action


@pytest.mark.parametrize(("hours", "cycle", "given"), [
    (3 + 59 / 60, 1, False), (4, 1, True), (4, 2, False),
])
def test_dexamethasone_before_a_restart(hours: float, cycle: int, *, given: bool) -> None:
    text = after_interruption(hours, days_infused=3, cycle=cycle).lines[1].text
    assert text.startswith("Dexamethasone 5 mg/m²") is given


def said(advice: Advice) -> str:
    """Return all lines of an advice, each of which must have its source."""
    assert all(line.source and line.evidence for line in advice.lines)
    assert advice.statement == STATEMENT
    return " ".join(line.text for line in advice.lines)


def test_cytokine_release() -> None:
    assert after_crs(2).action == "CONTINUE"
    assert after_crs(4).action == "STOP"
    held = after_crs(3, weight_kg=20)
    assert held.action == "HOLD"
    assert "Restart at 5 µg/m² (at most 9 µg) a day." in said(held)
    assert "Dexamethasone 5 mg/m² (at most 8 mg) every 8 hours" in said(held)
    assert "Back to the higher dose after 7 days." in said(held)
    heavy = said(after_crs(3, weight_kg=45))
    assert "Restart at 9 µg" in heavy and "Dexamethasone 8 mg" in heavy
    # 5 × 0.7993 m²: 3.997 µg a day and 4.00 mg
    sized = said(after_crs(3, weight_kg=20, surface=0.79931))
    assert "Restart at 3.997 µg" in sized and "Dexamethasone 3.997 mg" in sized
    assert "from 45 kg on" in said(after_crs(3))


def test_seizures_and_neurotoxicity() -> None:
    assert after_neurotoxicity(1).action == "CONTINUE"
    assert after_neurotoxicity(1, seizures=1).action == "HOLD"
    assert after_neurotoxicity(1, seizures=2).action == "STOP"
    assert after_neurotoxicity(4).action == "STOP"
    assert after_neurotoxicity(3, at_low_dose=True).action == "STOP"
    assert after_neurotoxicity(3, at_low_dose=False, days_to_resolve=7).action == "HOLD"
    assert after_neurotoxicity(3, at_low_dose=False, days_to_resolve=7.01).action == "STOP"


def test_what_is_not_known_stands_as_a_condition() -> None:
    text = said(after_neurotoxicity(3))
    assert "If it came at the low dose" in text and "If it takes more than 7 days" in text
    text = said(after_neurotoxicity(3, at_low_dose=False, days_to_resolve=5))
    assert "If it" not in text


def test_other_toxicity() -> None:
    assert after_other_toxicity(2).action == "CONTINUE"
    assert after_other_toxicity(3, days_to_resolve=14).action == "HOLD"
    assert after_other_toxicity(3, days_to_resolve=15).action == "STOP"
    assert after_other_toxicity(4).action == "CONSIDER_STOPPING"
    assert "more than 14 days" in said(after_other_toxicity(3))


@pytest.mark.parametrize(("transaminase", "bilirubin", "action"), [
    (5.0, 1.0, "CONTINUE"), (5.01, 1.0, "HOLD"), (1.0, 3.0, "CONTINUE"), (1.0, 3.01, "HOLD"),
    (5.01, None, "HOLD"), (5.0, None, "UNKNOWN"), (None, None, "UNKNOWN"),
])
def test_liver_tests(transaminase: float | None, bilirubin: float | None, action: str) -> None:
    found = after_liver_tests(transaminase=transaminase, bilirubin=bilirubin)
    assert found.action == action
    said(found)


def test_cd34_dose() -> None:
    dose = cd34_dose(850, 180, recipient_kg=25)
    assert dose.cells == 153e6
    assert dose.per_kg == pytest.approx(6.12e6)
    assert dose.lines[1].text.endswith("6.12 ×10⁶ CD34 cells/kg")


def test_cd34_dose_without_the_recipients_weight_is_unknown() -> None:
    dose = cd34_dose(850, 180, recipient_kg=None)
    assert dose.per_kg is None
    assert "unknown" in dose.lines[1].text


def test_cd34_dose_by_the_donors_weight_is_refused() -> None:
    with pytest.raises(InputError, match="A donor's weight") as refused:
        cd34_dose(850, 180, recipient_kg=25, donor_kg=80)
    assert "recipient" in refused.value.problems[0].cure
    with pytest.raises(InputError):
        cd34_dose(0, math.nan, recipient_kg=25)
    with pytest.raises(InputError):
        cd34_dose(850, 180, recipient_kg=2500)
